/** Laws of sets and sequences, against arrays and sets of the host. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expression, script } from './testing.ts';

const evaluation = script('reverse(<>) = <>\nreverse(<x>^xs) = reverse(xs)^<x>\n');
const evaluated = (source: string): string => evaluation.value(expression(source));
const SEED = { seed: 7, numRuns: 150 };

const numbers = fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 12 });
const written = (items: readonly number[]): string => items.map((n) => (n < 0 ? `(${n})` : `${n}`)).join(', ');
const set = (items: readonly number[]): string => `{${written(items)}}`;
const sequence = (items: readonly number[]): string => `<${written(items)}>`;
const printedSet = (items: Iterable<number>): string => `{${[...new Set(items)].sort((a, b) => a - b).join(', ')}}`;
const printedSequence = (items: readonly number[]): string => `<${items.join(', ')}>`;

describe('sets', () => {
  test('union, intersection, difference, membership, size', () => {
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: -9, max: 9 }), (xs, ys, n) => {
        const [a, b] = [new Set(xs), new Set(ys)];
        expect(evaluated(`union(${set(xs)}, ${set(ys)})`)).toBe(printedSet([...xs, ...ys]));
        expect(evaluated(`inter(${set(xs)}, ${set(ys)})`)).toBe(printedSet(xs.filter((x) => b.has(x))));
        expect(evaluated(`diff(${set(xs)}, ${set(ys)})`)).toBe(printedSet(xs.filter((x) => !b.has(x))));
        expect(evaluated(`member(${n}, ${set(xs)})`)).toBe(`${a.has(n)}`);
        expect(evaluated(`card(${set(xs)})`)).toBe(`${a.size}`);
        expect(evaluated(`${set(xs)} == ${set(ys)}`)).toBe(`${printedSet(a) === printedSet(b)}`);
        expect(evaluated(`${set(xs)} <= ${set(ys)}`)).toBe(`${xs.every((x) => b.has(x))}`);
        expect(evaluated(`{x + y | x <- ${set(xs)}, y <- ${set(ys)}, x < y}`)).toBe(
          printedSet(xs.flatMap((x) => ys.filter((y) => x < y).map((y) => x + y))),
        );
      }),
      SEED,
    );
  });

  test('the order in which a set is written is not part of it', () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(fc.integer({ min: 0, max: 50 }), { maxLength: 20 })
          .chain((xs) => fc.tuple(fc.constant(xs), fc.shuffledSubarray(xs, { minLength: xs.length }))),
        ([xs, shuffled]) => {
          expect(evaluated(`{{${xs.join(', ')}}} == {{${shuffled.join(', ')}}}`)).toBe('true');
        },
      ),
      SEED,
    );
  });

  test('a set of subsets has all of them, each once', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 6 }), (xs) => {
        expect(evaluated(`card(Set(${set(xs)}))`)).toBe(`${2 ** xs.length}`);
        expect(evaluated(`{x | x <- Set(${set(xs)}), not x <= ${set(xs)}}`)).toBe('{}');
      }),
      { ...SEED, numRuns: 40 },
    );
  });
});

describe('sequences', () => {
  test('concatenation, length, head, tail, elements, comprehension', () => {
    fc.assert(
      fc.property(numbers, numbers, (xs, ys) => {
        expect(evaluated(`${sequence(xs)} ^ ${sequence(ys)}`)).toBe(printedSequence([...xs, ...ys]));
        expect(evaluated(`#(${sequence(xs)} ^ ${sequence(ys)})`)).toBe(`${xs.length + ys.length}`);
        expect(evaluated(`set(${sequence(xs)})`)).toBe(printedSet(xs));
        expect(evaluated(`reverse(${sequence(xs)})`)).toBe(printedSequence([...xs].reverse()));
        expect(evaluated(`<x * 2 | x <- ${sequence(xs)}, x > 0>`)).toBe(
          printedSequence(xs.filter((x) => x > 0).map((x) => x * 2)),
        );
        if (xs.length > 0) {
          expect(evaluated(`<head(${sequence(xs)})> ^ tail(${sequence(xs)}) == ${sequence(xs)}`)).toBe('true');
        }
      }),
      SEED,
    );
  });
});

test('arithmetic: a == (a / b) * b + a % b, and the rest lies between 0 and b', () => {
  fc.assert(
    fc.property(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -20, max: 20 }), (a, b) => {
      fc.pre(b !== 0);
      const [x, y] = [`(${a})`, `(${b})`];
      const rest = Number(evaluated(`${x} % ${y}`));
      expect(evaluated(`(${x} / ${y}) * ${y} + ${x} % ${y}`)).toBe(`${a}`);
      expect(b > 0 ? rest >= 0 && rest < b : rest <= 0 && rest > b).toBe(true);
    }),
    SEED,
  );
});
