/** A bounded run of `scripts/fuzz.ts`, and the proof that it would notice. */
import { type Process, TAU, type Terms, TICK } from '@enhanced-csp/engine/csp';
import { compile, type Lts, Transitions } from '@enhanced-csp/engine/lts';
import { describe, expect, test } from 'vitest';
import { compare } from './compare.ts';
import { randomPair } from './random-pair.ts';
import { ALL_OPS, COMPOSITIONAL } from './random-recipe.ts';
import { showRecipe } from './recipe.ts';
import { seededRandom } from './seeded-random.ts';
import { shrink, sizeOf } from './shrink.ts';

const SMALL = { size: 9, events: 3, ops: ALL_OPS };
const LARGE = { size: 16, events: 2, ops: COMPOSITIONAL };

test.each([
  { pairs: 1000, shape: SMALL, firstSeed: 1_000_000 },
  { pairs: 150, shape: LARGE, firstSeed: 2_000_000 },
])('$pairs pairs: both engines agree', ({ pairs, shape, firstSeed }) => {
  const total = { holds: 0, fails: 0 };
  for (let seed = firstSeed; seed < firstSeed + pairs; seed++) {
    const pair = randomPair(seededRandom(seed), shape);
    const { differences, holds, fails } = compare(pair);
    const words = () => `seed ${seed}: ${showRecipe(pair.specification)} [= ${showRecipe(pair.implementation)}`;
    expect(differences, differences.length > 0 ? words() : '').toEqual([]);
    total.holds += holds;
    total.fails += fails;
  }
  // Random processes that all hold, or all fail, would show nothing.
  expect(total.holds).toBeGreaterThan(pairs);
  expect(total.fails).toBeGreaterThan(pairs);
});

describe('a broken engine is noticed within a hundred pairs', () => {
  /** An engine that mistakes some transitions. */
  const broken =
    (mistake: (from: Transitions, into: Transitions) => void) =>
    (terms: Terms, process: Process): Lts => {
      const lts = compile(terms, process);
      const right = new Transitions();
      return {
        alphabet: lts.alphabet,
        initial: lts.initial,
        get stateCount() {
          return lts.stateCount;
        },
        successors(state, into) {
          lts.successors(state, right);
          into.clear();
          mistake(right, into);
        },
        describe: (state) => lts.describe(state),
      };
    };

  const copy = (from: Transitions, into: Transitions, keep: (i: number) => boolean) => {
    for (let i = 0; i < from.length; i++) if (keep(i)) into.push(from.eventAt(i), from.targetAt(i));
  };

  test.each<[string, (from: Transitions, into: Transitions) => void]>([
    [
      'forgets the last of several transitions',
      (from, into) => copy(from, into, (i) => i === 0 || i < from.length - 1),
    ],
    ['drops ticks', (from, into) => copy(from, into, (i) => from.eventAt(i) !== TICK)],
    [
      'prefers visible events to taus',
      (from, into) => {
        const visible = [...from.events.subarray(0, from.length)].some((event) => event !== TAU);
        copy(from, into, (i) => !visible || from.eventAt(i) !== TAU);
      },
    ],
  ])('%s', (_, mistake) => {
    const compiler = broken(mistake);
    const differs = (seed: number) =>
      compare(randomPair(seededRandom(seed), SMALL), { compiler }).differences.length > 0;
    const seed = Array.from({ length: 100 }, (_, i) => i + 1).find(differs);
    expect(seed).toBeDefined();

    const pair = randomPair(seededRandom(seed!), SMALL);
    const least = shrink(
      [pair.specification, pair.implementation],
      ([specification, implementation]) =>
        compare({ specification: specification!, implementation: implementation! }, { compiler }).differences.length >
        0,
    );
    expect(least.reduce((size, recipe) => size + sizeOf(recipe), 0)).toBeLessThanOrEqual(8);
  });
});

test('the same seed gives the same pair', () => {
  expect(randomPair(seededRandom(42), SMALL)).toEqual(randomPair(seededRandom(42), SMALL));
});
