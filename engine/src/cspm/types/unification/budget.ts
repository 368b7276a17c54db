/** How deep types may nest and how long unifying them may take. */
import { Mismatch } from './mismatch.ts';

const DEPTH_MAX = 400;
const STEPS_MAX = 4_000_000;

export class Budget {
  #depth = 0;
  #steps = 0;

  /** One level deeper into a type; `leave` undoes it. Throws a `Mismatch` when that is too deep, or too much. */
  enter(): void {
    if (++this.#depth > DEPTH_MAX || ++this.#steps > STEPS_MAX) throw new Mismatch({ kind: 'too large' });
  }

  leave(): void {
    this.#depth--;
  }

  /** One step that goes no deeper. Throws a `Mismatch` when that is too much. */
  spend(): void {
    if (++this.#steps > STEPS_MAX) throw new Mismatch({ kind: 'too large' });
  }

  /** Out of all types, after a `Mismatch` was thrown inside them. */
  surface(): void {
    this.#depth = 0;
  }

  /** All steps again, for another group of declarations. */
  renew(): void {
    this.#steps = 0;
  }

  /** Whether this group of declarations has used up its steps: from now on everything in it is refused. */
  get exhausted(): boolean {
    return this.#steps > STEPS_MAX;
  }
}
