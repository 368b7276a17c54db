/** Keeps an exploration within its limits: one call a state, nearly free. */
import { LimitReached, type Limits, type Progress } from './lts.ts';

/** How many states and transitions pass between two looks at the caller's clock: a state may have a million transitions. */
const INTERVAL = 16_384;

export class Watch {
  readonly #limits: Limits;
  readonly #phase: Progress['phase'];
  readonly #stateCountMax: number;
  #lookAt = INTERVAL;
  #spent = 0;

  constructor(limits: Limits, phase: Progress['phase']) {
    this.#limits = limits;
    this.#phase = phase;
    this.#stateCountMax = limits.stateCountMax ?? Number.POSITIVE_INFINITY;
    if (limits.stopped?.() === true) throw new LimitReached('time');
  }

  /** Throws `LimitReached` when `states` is too many or the caller wants to stop. */
  check(states: number, transitions: number): void {
    if (states > this.#stateCountMax) throw new LimitReached('states');
    if (states + transitions < this.#lookAt) return;
    this.#lookAt = states + transitions + INTERVAL;
    const byteCount = this.#limits.byteCount?.();
    this.#limits.onProgress?.({
      phase: this.#phase,
      states,
      transitions,
      ...(byteCount !== undefined && { byteCount }),
    });
    if (byteCount !== undefined && byteCount > (this.#limits.byteCountMax ?? Number.POSITIVE_INFINITY)) {
      throw new LimitReached('memory');
    }
    if (this.#limits.stopped?.() === true) throw new LimitReached('time');
  }

  /** Counts work that is done within one state, and throws when the caller wants to stop. */
  readonly spend = (units: number): void => {
    this.#spent += units;
    if (this.#spent < INTERVAL) return;
    this.#spent = 0;
    if (this.#limits.stopped?.() === true) throw new LimitReached('time');
  };
}

/** Allocates, and turns the engine's refusal into a limit: an exploration that does not fit is `unknown`, not a crash. */
export function allocate<T>(make: () => T): T {
  try {
    return make();
  } catch (fault) {
    if (fault instanceof RangeError) throw new LimitReached('memory');
    throw fault;
  }
}

/** From this many elements on arrays grow by a quarter instead of doubling: memory counts for more than the copying. */
const LARGE = 1 << 18;

function grownLength(length: number, needed: number): number {
  return Math.max(needed, length < LARGE ? length * 2 : length + (length >> 2));
}

/** A copy of `array` with room for at least `length`: growing by a factor, so that appending is linear overall. */
export function grown(array: Int32Array, length: number): Int32Array<ArrayBuffer> {
  return allocate(() => {
    const larger = new Int32Array(grownLength(array.length, length));
    larger.set(array);
    return larger;
  });
}

/** The same for bytes. */
export function grownBytes(array: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  return allocate(() => {
    const larger = new Uint8Array(grownLength(array.length, length));
    larger.set(array);
    return larger;
  });
}
