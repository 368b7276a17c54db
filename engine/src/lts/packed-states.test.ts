import { expect, test } from 'vitest';
import { PackedStates } from './packed-states.ts';
import { HIGH, LOW, NUMBER, Successors } from './successors.ts';

/** Reproducible numbers, each of so many bits. */
function* words(bitCount: number): Generator<number, never> {
  for (let n = 1; ; n++) {
    const mixed = Math.imul(n ^ (n >>> 11), 0x2c1b3c6d);
    yield bitCount === 32 ? mixed ^ (mixed >>> 15) : (mixed ^ (mixed >>> 15)) >>> (32 - bitCount);
  }
}

test.each([
  [1, 1],
  [1, 7],
  [1, 12],
  [1, 17],
  [1, 25],
  [1, 26],
  [1, 27],
  [1, 32],
  [2, 32],
] as const)(
  'states of %i words, %i bits of the first: numbered as by a map, in order of discovery',
  (width, bitCount) => {
    const states = new PackedStates(width, bitCount);
    const batch = new Successors();
    const numberOf = new Map<string, number>();
    const lows = words(bitCount);
    const highs = words(5);
    for (let round = 0; round < 100; round++) {
      const count = 1 + (round % 300);
      batch.reserve(count);
      const { rows, capacity } = batch;
      const expected: number[] = [];
      for (let i = 0; i < count; i++) {
        rows[LOW * capacity + i] = lows.next().value;
        // What is there of one word's states does not matter.
        rows[HIGH * capacity + i] = highs.next().value;
        const key = `${rows[LOW * capacity + i]} ${width === 2 ? rows[HIGH * capacity + i] : 0}`;
        expected.push(numberOf.get(key) ?? numberOf.size);
        numberOf.set(key, expected[i]!);
      }
      states.intern(batch, count);
      expect([...rows.subarray(NUMBER * capacity, NUMBER * capacity + count)]).toEqual(expected);
      expect(states.count).toBe(numberOf.size);
    }
    for (const [key, state] of numberOf) {
      expect(`${states.lowOf(state)} ${states.highOf(state)}`).toBe(key);
    }
  },
);

test('a table that is as full as can be still finds what was crowded out of its buckets', () => {
  // 26 bits leave two bits for the try, so a state may be in four buckets only; and these are all states with one low part.
  const states = new PackedStates(1, 26);
  const batch = new Successors();
  const all = Array.from({ length: 13_000 }, (_, i) => i << 12);
  batch.reserve(all.length);
  batch.rows.set(all, LOW * batch.capacity);
  for (let pass = 0; pass < 2; pass++) {
    states.intern(batch, all.length);
    const found = batch.rows.subarray(NUMBER * batch.capacity, NUMBER * batch.capacity + all.length);
    expect([...found]).toEqual(all.map((_, i) => i));
  }
});
