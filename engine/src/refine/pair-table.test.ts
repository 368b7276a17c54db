import { expect, test } from 'vitest';
import { PairTable } from './pair-table.ts';

test('every pair has a number of its own, whatever slots collide, and keeps it', () => {
  const table = new PairTable();
  const numbers = new Map<string, number>();
  for (let round = 0; round < 2; round++) {
    for (let first = 0; first < 8; first++) {
      for (let second = 0; second < 1_000; second++) {
        const key = `${first} ${second}`;
        if (!numbers.has(key)) numbers.set(key, numbers.size);
        expect(table.intern(first, second)).toBe(numbers.get(key));
      }
    }
  }
  expect([table.firstAt(4_321), table.secondAt(4_321)]).toEqual([4, 321]);
});

test('a table that has outgrown doubling still finds its pairs, and ends', () => {
  const table = new PairTable();
  const count = 400_000;
  for (let i = 0; i < count; i++) table.intern(i >> 3, i & 7);
  const wrong = Array.from({ length: count }, (_, i) => i).filter((i) => table.intern(i >> 3, i & 7) !== i);
  expect(wrong).toEqual([]);
});
