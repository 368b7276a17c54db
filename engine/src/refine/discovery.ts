/**
 * Who met whom first, while states are visited in the order in which they became known: the parents of states in order never decrease, so
 * it is enough to note now and then how many states were known. The few visits around the one that is looked for are done again.
 */
import { grown, type Lts, type StateId, Transitions } from '../lts/index.ts';

/** Visits between two notes: what is done again to find one parent. */
const INTERVAL = 64;

export class Discovery {
  readonly #lts: Lts;
  /** How many states were known before visit `i * INTERVAL`. */
  #knownBefore = new Int32Array(64);
  #length = 0;

  constructor(lts: Lts) {
    this.#lts = lts;
  }

  /** To be called before each visit: states are visited in order from 0, and `known` is how many have been met. */
  beforeVisit(state: number, known: number): void {
    if (state % INTERVAL !== 0) return;
    const at = state / INTERVAL;
    if (at === this.#knownBefore.length) this.#knownBefore = grown(this.#knownBefore, at + 1);
    this.#knownBefore[at] = known;
    this.#length = at + 1;
  }

  /** The states by whose visits the states from `first` up to `end` were met; -1 for the initial state. */
  parentsOf(first: number, end: number): Int32Array<ArrayBuffer> {
    const parents = new Int32Array(end - first).fill(-1);
    const steps = new Transitions();
    const note = this.#noteBefore(first);
    let known = this.#knownBefore[note]!;
    for (let visit = note * INTERVAL; known < end; visit++) {
      this.#lts.successors(visit as StateId, steps);
      for (let i = 0; i < steps.length; i++) {
        if (steps.targetAt(i) !== known || known === end) continue;
        if (known >= first) parents[known - first] = visit;
        known++;
      }
    }
    return parents;
  }

  /** The last note of fewer states, or as many: the visit that met `state` is not before it. */
  #noteBefore(state: number): number {
    let low = 0;
    let high = this.#length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#knownBefore[middle]! <= state) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
