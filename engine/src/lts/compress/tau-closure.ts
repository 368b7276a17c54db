/** Where taus lead in a graph whose only cycles of taus are loops, as `tau_loop_factor` leaves it. */
import { TAU } from '../../csp/index.ts';
import type { Graph } from '../bisimulation.ts';

export class TauClosure {
  readonly #graph: Graph;
  /** Stamp of the last closure that a state was put in. */
  readonly #seen: Int32Array;
  #stamp = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#seen = new Int32Array(graph.stateCount);
  }

  /** The states that `state` can become by taus, itself first. */
  of(state: number): readonly number[] {
    const { offsets, events, targets } = this.#graph;
    const stamp = ++this.#stamp;
    const closure = [state];
    this.#seen[state] = stamp;
    for (const from of closure) {
      for (let i = offsets[from]!; i < offsets[from + 1]!; i++) {
        const target = targets[i]!;
        if (events[i] !== TAU || this.#seen[target] === stamp) continue;
        this.#seen[target] = stamp;
        closure.push(target);
      }
    }
    return closure;
  }
}

/** Whether a state has no tau. */
export function isStable({ offsets, events }: Graph, state: number): boolean {
  for (let i = offsets[state]!; i < offsets[state + 1]!; i++) if (events[i] === TAU) return false;
  return true;
}

/** Which states can reach a tau to itself by taus: those that diverge. */
export function divergentStates({ stateCount, offsets, events, targets }: Graph): Uint8Array {
  const sources = Array.from({ length: stateCount }, (): number[] => []);
  const found: number[] = [];
  const divergent = new Uint8Array(stateCount);
  for (let state = 0; state < stateCount; state++) {
    for (let i = offsets[state]!; i < offsets[state + 1]!; i++) {
      if (events[i] !== TAU) continue;
      if (targets[i] !== state) sources[targets[i]!]!.push(state);
      else {
        divergent[state] = 1;
        found.push(state);
      }
    }
  }
  for (const state of found) {
    for (const source of sources[state]!) {
      if (divergent[source] === 1) continue;
      divergent[source] = 1;
      found.push(source);
    }
  }
  return divergent;
}
