/** What a running process does at one event of its table, and who in it takes part. */
import type { BehaviorTable } from '@enhanced-csp/engine/lts';
import type { Definition } from './script.ts';

export interface Step {
  /** Where it meets a partner outside. Absent: it is performed alone. */
  readonly channel?: string;
  /** As it stands in the trace. Absent: it is hidden. */
  readonly shown?: string;
  /** Index of the atomic part that sends. */
  readonly sender?: number;
  /** Indices of the atomic parts that receive. */
  readonly receivers: readonly number[];
}

/** By the name of the event in the table. */
export type Steps = Readonly<Record<string, Step>>;

/** An atomic process is the only part of itself, and meets a partner for each event. */
export function atomicSteps({ events }: BehaviorTable, { inputs }: Definition): Steps {
  return Object.fromEntries(
    events.map((shown): [string, Step] => {
      const [channel] = shown.split('.') as [string];
      return [
        shown,
        inputs.includes(channel) ? { channel, shown, receivers: [0] } : { channel, shown, sender: 0, receivers: [] },
      ];
    }),
  );
}
