/** The states a process can reach and their steps, as plainly as possible: strings and maps. */
import { type EventId, type Process, type Terms, transitions } from '@enhanced-csp/engine/csp';

export interface Edge {
  readonly event: EventId;
  readonly to: string;
}

export interface Graph {
  readonly initial: string;
  readonly edges: ReadonlyMap<string, readonly Edge[]>;
}

/** More states than wanted: the process is left out of the comparison. */
export class TooLarge extends Error {}

export function explore(terms: Terms, process: Process, stateCountMax = 2_000): Graph {
  const key = (state: Process) => `#${state.id}`;
  const edges = new Map<string, readonly Edge[]>();
  const pending = [process];
  const found = new Set([key(process)]);
  for (let state = pending.pop(); state !== undefined; state = pending.pop()) {
    const steps = transitions(terms, state);
    edges.set(
      key(state),
      steps.map(({ event, target }) => ({ event, to: key(target) })),
    );
    for (const { target } of steps) {
      if (found.has(key(target))) continue;
      if (found.size === stateCountMax) throw new TooLarge(`more than ${stateCountMax} states`);
      found.add(key(target));
      pending.push(target);
    }
  }
  return { initial: key(process), edges };
}
