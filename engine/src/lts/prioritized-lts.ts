/** A view on a transition system: `prioritise`, state by state. The rule is in `csp/operators/prioritize.ts`. */
import { type Alphabet, type EventId, type EventSet, TAU, TICK } from '../csp/index.ts';
import { type Lts, type StateId, Transitions } from './lts.ts';

/** An event that neither waits nor makes wait. */
const NO_LEVEL = -1;

export class PrioritizedLts implements Lts {
  readonly alphabet: Alphabet;
  readonly initial: StateId;
  readonly #inner: Lts;
  readonly #levelOf = new Map<EventId, number>();
  readonly #steps = new Transitions();

  constructor(inner: Lts, order: readonly EventSet[]) {
    this.alphabet = inner.alphabet;
    this.initial = inner.initial;
    this.#inner = inner;
    for (const [level, events] of [...order.entries()].reverse()) {
      for (const event of events) this.#levelOf.set(event, level);
    }
    this.#levelOf.set(TAU, 0).set(TICK, 0);
  }

  get stateCount(): number {
    return this.#inner.stateCount;
  }

  successors(state: StateId, into: Transitions): void {
    this.#inner.successors(state, this.#steps);
    let first = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#steps.length; i++) {
      const level = this.#level(this.#steps.eventAt(i));
      if (level !== NO_LEVEL && level < first) first = level;
    }
    into.clear();
    for (let i = 0; i < this.#steps.length; i++) {
      const event = this.#steps.eventAt(i);
      if (this.#level(event) <= first) into.push(event, this.#steps.targetAt(i));
    }
  }

  describe(state: StateId): string {
    return this.#inner.describe(state);
  }

  #level(event: EventId): number {
    return this.#levelOf.get(event) ?? NO_LEVEL;
  }
}
