/** A view on a transition system: hiding and renaming, state by state. */
import { type Alphabet, type EventId, TAU, TICK } from '../csp/index.ts';
import { type Lts, type StateId, Transitions } from './lts.ts';

export class RelabelledLts implements Lts {
  readonly alphabet: Alphabet;
  readonly initial: StateId;
  readonly #inner: Lts;
  readonly #images: (event: EventId) => readonly EventId[];
  readonly #steps = new Transitions();

  /** `images` of each visible event; several offer a choice. Tau and tick stay. */
  constructor(inner: Lts, images: (event: EventId) => readonly EventId[]) {
    this.alphabet = inner.alphabet;
    this.initial = inner.initial;
    this.#inner = inner;
    this.#images = images;
  }

  get stateCount(): number {
    return this.#inner.stateCount;
  }

  successors(state: StateId, into: Transitions): void {
    this.#inner.successors(state, this.#steps);
    into.clear();
    for (let i = 0; i < this.#steps.length; i++) {
      const event = this.#steps.eventAt(i);
      const target = this.#steps.targetAt(i);
      if (event === TAU || event === TICK) into.push(event, target);
      else for (const image of this.#images(event)) into.push(image, target);
    }
    into.removeRepeated();
  }

  describe(state: StateId): string {
    return this.#inner.describe(state);
  }
}
