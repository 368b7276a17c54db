/**
 * The circuit breaker: after a number of failures in a row it refuses at once, for a time; then it lets one trial through, which decides.
 *
 * Nygard, Release It!, chapter "Stability Patterns".
 */
import type { Suspension } from '../operation.ts';

/** Refused without a try. */
export class CircuitOpenError extends Error {
  readonly retryAfterMs: number;
  constructor(retryAfterMs: number) {
    super(`too many failures in a row: nothing is tried for ${retryAfterMs} ms more`);
    this.name = 'CircuitOpenError';
    this.retryAfterMs = retryAfterMs;
  }
}

export interface CircuitBreakerOptions {
  /** Milliseconds on the clock of the network. */
  readonly now: () => number;
  /** Failures in a row that open it. Absent: 5. */
  readonly failuresMax?: number;
  /** Milliseconds it stays open. Absent: 10 000. */
  readonly openMs?: number;
}

/**
 * @example
 * const breaker = new CircuitBreaker({ now: () => network.now() });
 * const answer = yield* breaker.run(() => ask(question));
 */
export class CircuitBreaker {
  readonly #now: () => number;
  readonly #failuresMax: number;
  readonly #openMs: number;
  #failures = 0;
  #openUntil: number | null = null;
  #trial = false;
  /** Counts openings, so that what began before the last one cannot close it. */
  #epoch = 0;

  constructor(options: CircuitBreakerOptions) {
    const { failuresMax = 5, openMs = 10_000 } = options;
    if (!(Number.isSafeInteger(failuresMax) && failuresMax > 0))
      throw new RangeError(`failuresMax is a number from 1, not ${failuresMax}`);
    if (!(openMs > 0)) throw new RangeError(`openMs is in milliseconds above 0, not ${openMs}`);
    this.#now = options.now;
    this.#failuresMax = failuresMax;
    this.#openMs = openMs;
  }

  get status(): 'closed' | 'open' | 'half open' {
    if (this.#openUntil === null) return 'closed';
    return this.#now() < this.#openUntil ? 'open' : 'half open';
  }

  /** @throws CircuitOpenError, and what `body` throws */
  *run<T>(body: () => Iterable<Suspension, T, unknown>): Generator<Suspension, T, unknown> {
    const left = (this.#openUntil ?? 0) - this.#now();
    const halfOpen = this.status === 'half open';
    if (this.status === 'open' || (halfOpen && this.#trial)) throw new CircuitOpenError(Math.max(0, left));
    if (halfOpen) this.#trial = true;
    const epoch = this.#epoch;
    let outcome: 'succeeded' | 'failed' | 'given up' = 'given up';
    try {
      const result = yield* body();
      outcome = 'succeeded';
      return result;
    } catch (error) {
      outcome = 'failed';
      throw error;
    } finally {
      // A trial that was cancelled has decided nothing: the next one may.
      if (halfOpen) this.#trial = false;
      if (epoch === this.#epoch) this.#count(outcome, halfOpen);
    }
  }

  #count(outcome: 'succeeded' | 'failed' | 'given up', trial: boolean): void {
    if (outcome === 'given up') return;
    if (outcome === 'succeeded') {
      this.#failures = 0;
      this.#openUntil = null;
      return;
    }
    this.#failures++;
    if (!trial && this.#failures < this.#failuresMax) return;
    this.#failures = 0;
    this.#openUntil = this.#now() + this.#openMs;
    this.#epoch++;
  }
}
