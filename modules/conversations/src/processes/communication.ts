/** Which parts of a composition can communicate on a channel together. */
import type { Step } from './step.ts';
import { MESSAGE } from './steps.ts';

export interface Communication {
  /** Its number: each has one of its own. */
  readonly step: number;
  readonly channel: string;
  /** Then the channel is a name of the past. */
  readonly hidden: boolean;
  /** Indices of atomic parts. */
  readonly sender?: number;
  readonly receivers: readonly number[];
}

/** Those that can still be seen. */
export function channelsOf(communications: readonly Communication[]): string[] {
  return [...new Set(communications.flatMap(({ hidden, channel }) => (hidden ? [] : [channel])))];
}

/** Nobody outside takes part: it is hidden, or it has its sender and who receives. */
export function isAlone({ hidden, sender, receivers }: Communication): boolean {
  return hidden || (sender !== undefined && receivers.length > 0);
}

/** For people. */
export function nameOf({ channel, receivers, sender }: Communication): string {
  return sender === undefined && receivers.length === 0 ? 'the end of a part' : `${channel}.${MESSAGE}`;
}

export function stepOf(communication: Communication): Step {
  const { channel, hidden, sender, receivers } = communication;
  return {
    ...(!isAlone(communication) && { channel }),
    ...(!hidden && { shown: `${channel}.${MESSAGE}` }),
    ...(sender !== undefined && { sender }),
    receivers,
  };
}
