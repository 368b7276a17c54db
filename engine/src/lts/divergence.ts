/**
 * Divergence of single states: which states can do taus for ever.
 *
 * In a finite graph these are the states from which a cycle of taus can be reached. A depth-first search over taus answers for the states it
 * finishes: no cycle there. When it closes a cycle, or meets a state known to diverge, everything on its path diverges.
 */
import { TAU } from '../csp/index.ts';
import { type Lts, type StateId, Transitions } from './lts.ts';
import { grown, type Watch } from './watch.ts';

const UNKNOWN = 0;
const ON_PATH = 1;
const FINITE = 2;
const DIVERGES = 3;

export class Divergence {
  readonly #lts: Lts;
  readonly #watch: Watch;
  readonly #steps = new Transitions();
  #status = new Int32Array(64);

  constructor(lts: Lts, watch: Watch) {
    this.#lts = lts;
    this.#watch = watch;
  }

  /** Whether `root` can do taus for ever. Each state is searched once. */
  of(root: StateId): boolean {
    if (this.#statusOf(root) >= FINITE) return this.#status[root] === DIVERGES;
    const path: number[] = [root];
    const pending: number[][] = [this.#enter(root)];
    while (path.length > 0) {
      const target = pending.at(-1)!.pop();
      if (target === undefined) {
        this.#status[path.pop()!] = FINITE;
        pending.pop();
        continue;
      }
      const status = this.#statusOf(target);
      if (status === FINITE) continue;
      if (status === UNKNOWN) {
        path.push(target);
        pending.push(this.#enter(target));
        continue;
      }
      for (const state of path) this.#status[state] = DIVERGES;
      return true;
    }
    return false;
  }

  #statusOf(state: number): number {
    if (state >= this.#status.length) this.#status = grown(this.#status, state + 1);
    return this.#status[state]!;
  }

  #enter(state: number): number[] {
    this.#watch.check(this.#lts.stateCount, 0);
    this.#lts.successors(state as StateId, this.#steps);
    this.#status[state] = ON_PATH;
    const taus: number[] = [];
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      if (this.#steps.eventAt(i) === TAU) taus.push(this.#steps.targetAt(i));
    }
    return taus;
  }
}
