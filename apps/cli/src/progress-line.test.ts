import { expect, test } from 'vitest';
import { progressLines } from './progress-line.ts';

test('a line has phase, states, rate and memory; the rate is of the phase', () => {
  let time = 0;
  const line = progressLines(() => time);
  const at = (milliseconds: number, phase: 'compile' | 'refine', states: number, byteCount?: number) => {
    time = milliseconds;
    return line('P [T= Q', { phase, states, transitions: 0, ...(byteCount !== undefined && { byteCount }) });
  };
  expect(at(0, 'compile', 1000)).toBe('compile  1,000 states  P [T= Q');
  expect(at(50, 'compile', 2000)).toBeUndefined();
  expect(at(500, 'refine', 10_000, 64 * 2 ** 20)).toBe('refine  10,000 states  64 MB  P [T= Q');
  // 3,000,000 states in two seconds.
  expect(at(2500, 'refine', 3_010_000, 90 * 2 ** 20)).toBe('refine  3,010,000 states  1.5M/s  90 MB  P [T= Q');
});

test('the next assertion has a rate of its own', () => {
  let time = 0;
  const line = progressLines(() => time);
  line('first', { phase: 'refine', states: 1_000_000, transitions: 0 });
  time = 1000;
  line('second', { phase: 'refine', states: 1_000_000, transitions: 0 });
  time = 2000;
  expect(line('second', { phase: 'refine', states: 1_000_500, transitions: 0 })).toBe(
    'refine  1,000,500 states  500/s  second',
  );
});
