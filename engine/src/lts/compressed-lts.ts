/** A transition system in which compressions were applied, with the one in which they were not. */
import type { Alphabet } from '../csp/index.ts';
import type { Lts, StateId, Transitions } from './lts.ts';

export class CompressedLts implements Lts {
  readonly alphabet: Alphabet;
  readonly initial: StateId;
  readonly keepsEveryModel: boolean;
  readonly #inner: Lts;
  readonly #make: () => Lts;
  #uncompressed: Lts | undefined;

  /** `make` is called when somebody asks for the uncompressed system, and not more than once. */
  constructor(inner: Lts, make: () => Lts, keepsEveryModel: boolean) {
    this.alphabet = inner.alphabet;
    this.initial = inner.initial;
    this.#inner = inner;
    this.#make = make;
    this.keepsEveryModel = keepsEveryModel;
  }

  get stateCount(): number {
    return this.#inner.stateCount;
  }

  get uncompressed(): Lts {
    return (this.#uncompressed ??= this.#make());
  }

  successors(state: StateId, into: Transitions): void {
    this.#inner.successors(state, into);
  }

  describe(state: StateId): string {
    return this.#inner.describe(state);
  }
}
