/**
 * The phi accrual detector against the facts that Apache Pekko's AccrualFailureDetectorSpec states of its own (Apache-2.0; numbers and scenarios only).
 *
 * Pekko approximates the normal distribution by a logistic curve (Bowling, Khasawneh, Kaewkuekool, Cho, A logistic approximation to the cumulative
 * normal distribution, JIEM 2(1), 2009), which is too steep in the tail: at ten deviations it says 38, where the normal distribution has 23.1. Up to
 * two deviations the two agree within the tolerance of that specification; behind it ours is the normal distribution, and suspects a little later.
 */
import { describe, expect, test } from 'vitest';
import { PhiAccrual, type PhiAccrualOptions, phiOf } from './phi-accrual.ts';

/** The curve of the paper: the second algorithm. */
function logistic(deviations: number): number {
  const e = Math.exp(-deviations * (1.5976 + 0.070566 * deviations ** 2));
  return deviations > 0 ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e));
}

describe('the distribution', () => {
  test.each([
    [0, 0, 10, 0.5],
    [6, 0, 10, 0.7257],
    [15, 0, 10, 0.9332],
    [20, 0, 10, 0.97725],
    [25, 0, 10, 0.99379],
    [35, 0, 10, 0.99977],
    [40, 0, 10, 0.99997],
    [22, 20, 3, 0.7475],
  ])('after %d ms, mean %d, deviation %d: %d', (silence, mean, deviation, expected) => {
    expect(Math.abs(1 - 10 ** -phiOf((silence - mean) / deviation) - expected)).toBeLessThan(0.001);
  });

  test.each([
    [0, 0.0],
    [500, 0.1],
    [1000, 0.3],
    [1200, 1.6],
    [1400, 4.7],
    [1600, 10.8],
    [1700, 15.3],
  ])('silence of %d ms at mean 1000, deviation 100: published %d', (silence, published) => {
    const deviations = (silence - 1000) / 100;
    expect(Math.abs(logistic(deviations) - published)).toBeLessThan(0.1);
    if (deviations <= 2) expect(Math.abs(phiOf(deviations) - published)).toBeLessThan(0.1);
    else expect(phiOf(deviations)).toBeLessThan(published);
  });

  test('the approximation is never the more patient one, and they part only in the tail', () => {
    expect(Math.abs(logistic(10) - 38)).toBeLessThan(1);
    expect(phiOf(10)).toBeCloseTo(23.118, 3);
    for (let x = -4; x <= 3; x += 0.05) expect(Math.abs(phiOf(x) - logistic(x))).toBeLessThan(0.1);
    for (let x = 3; x < 12; x += 0.05) expect(phiOf(x)).toBeLessThan(logistic(x));
  });
});

describe('the scenarios', () => {
  /** Steps of time: `beat` is a heartbeat, a number is what phi is to be about, a boolean whether the peer is available. */
  type Step = readonly [after: number, what: 'beat' | boolean | { readonly phi: number; readonly within: number }];
  const play = (options: Omit<PhiAccrualOptions, 'now'>, steps: readonly Step[]) => {
    let now = 0;
    const detector = new PhiAccrual({ now: () => now, ...options });
    for (const [at, [after, what]] of steps.entries()) {
      now += after;
      if (what === 'beat') detector.heartbeat();
      else if (typeof what === 'boolean') expect(detector.suspected, `step ${at}`).toBe(!what);
      else expect(Math.abs(detector.phi - what.phi), `step ${at}: ${detector.phi}`).toBeLessThanOrEqual(what.within);
    }
  };
  const beats = (count: number, every: number): Step[] => Array.from({ length: count }, () => [every, 'beat']);
  const pause = { pauseAcceptable: 3000 };

  test.each<[string, Omit<PhiAccrualOptions, 'now'>, readonly Step[]]>([
    ['no heartbeat', {}, [[0, { phi: 0, within: 0 }]]],
    [
      'one heartbeat: by the interval that is expected',
      {},
      [
        [0, 'beat'],
        [1000, { phi: 0.3, within: 0.2 }],
        [1000, { phi: 4.5, within: 0.3 }],
        [1000, { phi: 15.2, within: 0.1 }], // "Above 15".
      ],
    ],
    [
      'available after heartbeats',
      {},
      [
        [0, 'beat'],
        [1000, 'beat'],
        [100, 'beat'],
        [100, true],
      ],
    ],
    [
      'dead when they are missing',
      { threshold: 3 },
      [
        [0, 'beat'],
        [1000, 'beat'],
        [100, 'beat'],
        [100, true],
        [7000, false],
      ],
    ],
    [
      'available again, and dead again: an outage of five minutes is not learned',
      pause,
      [
        [0, 'beat'],
        ...beats(999, 1000),
        [300_000, false],
        [100, 'beat'],
        [900, true],
        [100, 'beat'],
        [7000, false],
        [100, 'beat'],
        [900, true],
        [100, 'beat'],
        [900, true],
      ],
    ],
    ['some may be missing', pause, [[0, 'beat'], ...beats(3, 1000), [4000, true], [1000, 'beat'], [1000, true]]],
    ['but not more', pause, [[0, 'beat'], ...beats(5, 1000), [500, true], [500, 'beat'], [5000, false]]],
    [
      'old intervals are forgotten: 100 ms apart as 500 ms apart',
      { windowSize: 3 },
      [
        [0, 'beat'],
        ...beats(3, 100),
        [100, { phi: Math.log10(2), within: 0.001 }],
        [600, 'beat'],
        ...beats(3, 500),
        [500, { phi: Math.log10(2), within: 0.001 }],
      ],
    ],
    [
      'mean 179 and variance 7584 of 100, 200, 125, 340 and 130: one deviation late',
      { windowSize: 5, deviationMin: 1 },
      [
        [0, 'beat'],
        [100, 'beat'],
        [200, 'beat'],
        [125, 'beat'],
        [340, 'beat'],
        [130, 'beat'],
        [179 + Math.sqrt(7584), { phi: 0.7995, within: 0.0001 }], // -log10 of 0.158655.
      ],
    ],
    [
      'the second heartbeat: above nothing',
      {},
      [
        [0, 'beat'],
        [100, { phi: 0.00007, within: 0.00007 }],
      ],
    ],
  ])('%s', (_, options, steps) => play(options, steps));
});
