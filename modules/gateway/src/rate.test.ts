import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RateLimiter } from './rate.ts';

test('the first of a burst of one is admitted at any time of the clock', () => {
  for (const now of [0, 0.1, 1234.567891, 98765.4321, 1e9 + 1 / 3])
    expect(new RateLimiter({ perMinute: 1, burst: 1 }).admit('a', now).admitted).toBe(true);
});

test('in any stretch of time no more is admitted than the burst and the rate allow, and no less when it is asked for', () => {
  const gaps = fc.array(fc.double({ min: 0, max: 3000, noNaN: true }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 8 }), (waits, perMinute, burst) => {
      const limiter = new RateLimiter({ perMinute, burst });
      const interval = 60_000 / perMinute;
      // A bucket of tokens is the same law in other words (and another algorithm).
      let [now, tokens] = [1000, burst];
      for (const wait of waits) {
        now += wait;
        tokens = Math.min(burst, tokens + wait / interval);
        const admission = limiter.admit('a', now);
        // Where the two algorithms round differently, neither is wrong.
        if (Math.abs(tokens - 1) > 1e-6) expect(admission.admitted).toBe(tokens > 1);
        if (admission.admitted) tokens -= 1;
        else expect(admission.retryAfterMs).toBeCloseTo((1 - tokens) * interval, 3);
      }
    }),
    { numRuns: 300, seed: 31 },
  );
});

test('keys are apart, and what is remembered is bounded', () => {
  const limiter = new RateLimiter({ perMinute: 60, burst: 1 });
  expect(limiter.admit('a', 0).admitted).toBe(true);
  expect(limiter.admit('b', 0).admitted).toBe(true);
  expect(limiter.admit('a', 0).admitted).toBe(false);
  for (let key = 0; key < 30_000; key++) limiter.admit(`key ${key}`, 0);
  expect(limiter.keyCount).toBeLessThanOrEqual(10_000);
});
