/** A value not yet asked for: evaluated at most once. */
import type { Span } from '../../csp/index.ts';
import { fault } from './codes.ts';
import type { Value } from './value.ts';

const WAITING = 0;
const RUNNING = 1;
const DONE = 2;

export class Thunk {
  readonly #span: Span;
  /** What is evaluated, in words: the name it is bound to, or `an argument`. */
  readonly #what: string;
  readonly #identity: (() => string) | undefined;
  /** How many thunks wait, one within the other, to evaluate this one. */
  readonly rank: number;
  #state = WAITING;
  #run: (() => Value) | undefined;
  #value: Value | undefined;

  /**
   * `identity` tells the thunk from others without evaluating it; absent, its value does.
   */
  constructor(span: Span, what: string, run: () => Value, identity?: () => string, rank = 0) {
    this.#span = span;
    this.#what = what;
    this.#run = run;
    this.#identity = identity;
    this.rank = rank;
  }

  get isDone(): boolean {
    return this.#state === DONE;
  }

  get identity(): (() => string) | undefined {
    return this.#identity;
  }

  force(): Value {
    if (this.#state === DONE) return this.#value!;
    if (this.#state === RUNNING) {
      throw fault(
        'dependsOnItself',
        this.#span,
        `The value of ${this.#what} depends on itself. Give the recursion a case that ends, or guard it by an event.`,
      );
    }
    this.#state = RUNNING;
    try {
      this.#value = this.#run!();
      this.#run = undefined;
      this.#state = DONE;
      return this.#value;
    } finally {
      if (this.#state === RUNNING) this.#state = WAITING;
    }
  }
}

/** The value a variable holds. */
export function force(slot: Value | Thunk): Value {
  return slot instanceof Thunk ? slot.force() : slot;
}
