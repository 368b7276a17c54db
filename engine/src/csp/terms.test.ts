import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Alphabet, type EventId, eventSet } from './events.ts';
import type { Process } from './process.ts';
import { Terms } from './terms.ts';

function store() {
  const terms = new Terms(new Alphabet());
  const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [EventId, EventId, EventId];
  return { terms, a, b, c };
}

describe('two terms are equal exactly when they are the same object', () => {
  const { terms, a, b, c } = store();
  const P = terms.prefix(a, terms.stop);
  const Q = terms.prefix(b, terms.skip);
  const sets = [[], [a], [b], eventSet([a, b]), eventSet([a, c]), eventSet([a, b, c])];

  /** One term a row: rows differ, so the terms must. */
  const all = (): Process[] => [
    ...sets.flatMap((set) => [
      terms.chaos([...set]),
      terms.run([...set]),
      terms.hide(P, [...set]),
      terms.project(P, [...set]),
      terms.exception(P, [...set], Q),
      terms.generalizedParallel([P, Q], [...set]),
      terms.generalizedParallel([Q, P], [...set]),
      terms.synchronizingChoice([P, Q], [...set]),
      terms.synchronizingInterrupt(P, [...set], Q),
      terms.alphabetizedParallel([
        { process: P, alphabet: [...set] },
        { process: Q, alphabet: [a] },
      ]),
      terms.prioritize(P, [[...set], [c]]),
      terms.prioritize(P, [[c], [...set]]),
    ]),
    terms.rename(P, []),
    terms.rename(P, [[a, b]]),
    terms.rename(P, [[b, a]]),
    terms.rename(P, [
      [a, b],
      [a, c],
    ]),
    terms.externalChoice([P, Q]),
    terms.externalChoice([Q, P]),
    terms.internalChoice([P, Q]),
    terms.slidingChoice(P, Q),
    terms.interrupt(P, Q),
    terms.sequential(P, Q),
    terms.interleave([P, Q]),
    terms.interleave([P]),
    terms.partialPriority(P, []),
    terms.partialPriority(P, [[a, b]]),
    terms.partialPriority(P, [[b, a]]),
    terms.chase(P),
    terms.compress(P, 'normal'),
    terms.compress(P, 'sbisim'),
  ];

  test('equal content gives the same object', () => {
    const [once, again] = [all(), all()];
    for (const [i, term] of once.entries()) expect(again[i]).toBe(term);
  });

  test('different content gives different objects', () => {
    // The two priorities meet where the set is {c}; no such set is in the list, so every row is its own term.
    expect(new Set(all()).size).toBe(all().length);
  });
});

test('the order and the repetition of renaming pairs do not matter', () => {
  const { terms, a, b, c } = store();
  const P = terms.prefix(a, terms.stop);
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        [
          [a, b],
          [a, c],
          [b, c],
          [a, b],
        ] as [EventId, EventId][],
        { minLength: 4 },
      ),
      (pairs) =>
        terms.rename(P, pairs) ===
        terms.rename(P, [
          [a, b],
          [a, c],
          [b, c],
        ]),
    ),
    { seed: 1 },
  );
});

test('a term keeps its set when the caller goes on writing to his array', () => {
  const { terms, a, b } = store();
  const mine = [a];
  const hidden = terms.hide(terms.skip, mine);
  mine.push(b);
  expect(hidden).toMatchObject({ events: [a] });
  expect(terms.hide(terms.skip, [a])).toBe(hidden);
});

test('no branches and no components: the units', () => {
  const { terms } = store();
  expect(terms.externalChoice([])).toBe(terms.stop);
  expect(terms.prefixChoice([])).toBe(terms.stop);
  expect(terms.synchronizingChoice([], [])).toBe(terms.stop);
  expect(terms.interleave([])).toBe(terms.skip);
  expect(terms.generalizedParallel([], [])).toBe(terms.skip);
  expect(terms.alphabetizedParallel([])).toBe(terms.skip);
  expect(() => terms.internalChoice([])).toThrow(RangeError);
});

test('a call is one term a key, and its body is evaluated once', () => {
  const { terms, a } = store();
  let evaluated = 0;
  const clock: Process = terms.call('CLOCK', () => {
    evaluated++;
    return terms.prefix(a, clock);
  });
  expect(terms.call('CLOCK', () => terms.stop)).toBe(clock);
  if (clock.kind === 'call') expect(clock.unfold()).toBe(clock.unfold());
  expect(evaluated).toBe(1);
});
