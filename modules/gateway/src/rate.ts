/**
 * Rate limits by the generic cell rate algorithm (ITU-T I.371): for each key one number, the theoretical arrival time, and no timers.
 */
export interface Limit {
  /** 0: no limit. */
  readonly perMinute: number;
  /** Requests that may come at once after a pause. */
  readonly burst: number;
}

export type Admission =
  | { readonly admitted: true; readonly remaining: number }
  | { readonly admitted: false; readonly retryAfterMs: number };

/** At most this many keys are remembered; beyond, those that owe nothing are forgotten, and then the oldest. */
const KEY_COUNT_MAX = 10_000;

export class RateLimiter {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  readonly #arrivals = new Map<string, number>();
  readonly limit: Limit;

  constructor(limit: Limit) {
    this.limit = limit;
    this.#intervalMs = 60_000 / limit.perMinute;
    this.#toleranceMs = this.#intervalMs * limit.burst;
  }

  get keyCount(): number {
    return this.#arrivals.size;
  }

  /** `now` in milliseconds of a monotonic clock. */
  admit(key: string, now: number): Admission {
    const owed = Math.max((this.#arrivals.get(key) ?? now) - now, 0);
    const ahead = owed + this.#intervalMs;
    // Sums of times are inexact; a microsecond decides nothing.
    if (ahead > this.#toleranceMs + 0.001) return { admitted: false, retryAfterMs: ahead - this.#toleranceMs };
    this.#arrivals.set(key, now + ahead);
    if (this.#arrivals.size > KEY_COUNT_MAX) this.#forget(now);
    return { admitted: true, remaining: Math.max(0, Math.floor((this.#toleranceMs - ahead) / this.#intervalMs)) };
  }

  #forget(now: number): void {
    for (const [key, arrival] of this.#arrivals) if (arrival <= now) this.#arrivals.delete(key);
    for (const key of this.#arrivals.keys()) {
      if (this.#arrivals.size <= KEY_COUNT_MAX) return;
      this.#arrivals.delete(key);
    }
  }
}
