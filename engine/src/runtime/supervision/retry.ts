/**
 * Retry with decorrelated jitter: each pause is drawn between the base and three times the pause before, up to a cap, so that many who failed together
 * do not come back together.
 *
 * Brooker, Exponential Backoff and Jitter, AWS Architecture Blog, 2015.
 */
import type { Suspension } from '../operation.ts';
import type { Process } from '../process.ts';
import type { Seeded } from '../seeded.ts';

export interface RetryOptions {
  readonly random: Seeded;
  /** Tries, the first included. Absent: 5. */
  readonly triesMax?: number;
  /** Milliseconds. Absent: 100. */
  readonly baseMs?: number;
  /** Milliseconds. Absent: 10 000. */
  readonly capMs?: number;
  /** Whether trying again makes sense. Absent: always. */
  readonly retryable?: (error: unknown) => boolean;
}

/**
 * Performs `body` until it succeeds; the last error is thrown.
 *
 * @example
 * const answer = yield* retry(self, () => ask(question), { random });
 */
export function* retry<T>(
  self: Process<never>,
  body: (attempt: number) => Iterable<Suspension, T, unknown>,
  options: RetryOptions,
): Generator<Suspension, T, unknown> {
  const { random, triesMax = 5, baseMs = 100, capMs = 10_000, retryable = () => true } = options;
  if (!(Number.isSafeInteger(triesMax) && triesMax > 0)) throw new RangeError(`triesMax is from 1, not ${triesMax}`);
  if (!(baseMs > 0 && capMs >= baseMs))
    throw new RangeError(`pauses go from above 0 up, not from ${baseMs} to ${capMs} ms`);
  let pause = baseMs;
  for (let attempt = 1; ; attempt++) {
    try {
      return yield* body(attempt);
    } catch (error) {
      if (attempt >= triesMax || !retryable(error)) throw error;
    }
    pause = decorrelated(pause, { random, baseMs, capMs });
    yield* self.delay(pause);
  }
}

/** The pause after one of `before` milliseconds. */
export function decorrelated(
  before: number,
  { random, baseMs, capMs }: { readonly random: Seeded; readonly baseMs: number; readonly capMs: number },
): number {
  return Math.min(capMs, baseMs + (random.next() / 2 ** 32) * (before * 3 - baseMs));
}
