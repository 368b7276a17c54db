import { expect, test } from 'vitest';
import { randomFrom } from './identifiers.ts';

test('a ULID is 48 bits of time and 80 of chance, in base 32 of Crockford', () => {
  // The example of the specification: time 1469918176385 is written 01ARYZ6S41.
  const random = randomFrom((count) => new Uint8Array(count), { now: () => 1469918176385 });
  expect(random.id('proc')).toBe('proc_01ARYZ6S410000000000000000');
  const most = randomFrom((count) => new Uint8Array(count).fill(0xff), { now: () => 2 ** 48 - 1 });
  expect(most.id('x'), 'the largest one of the specification').toBe('x_7ZZZZZZZZZZZZZZZZZZZZZZZZZ');
});

test('identifiers sort by creation: within a millisecond, when chance is used up, and when the clock is set back', () => {
  const times = [5, 5, 5, 9, 4, 4, 10];
  const random = randomFrom((count) => new Uint8Array(count).fill(0xff), { now: () => times.shift() ?? 11 });
  const ids = Array.from({ length: 12 }, () => random.id('p'));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
});
