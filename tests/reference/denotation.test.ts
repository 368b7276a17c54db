/** The firing rules against the books' equations: two definitions of one meaning that share no line. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recipes } from './arbitrary.ts';
import { meanings, SLACK } from './meaning.ts';
import { FINITE } from './random-recipe.ts';
import { type Op, type Recipe, showRecipe } from './recipe.ts';
import { sizeOf } from './shrink.ts';

function agree(recipe: Recipe, length: number): void {
  const [rules, equations] = meanings(recipe, length);
  expect(rules, showRecipe(recipe)).toEqual(equations);
}

describe('firing rules = equations', () => {
  test('on random finite processes, completely', () => {
    fc.assert(
      fc.property(recipes({ size: 9, events: 3, ops: FINITE }), (recipe) => agree(recipe, sizeOf(recipe) + 1)),
      { seed: 1, numRuns: 5000 },
    );
  });

  // Hiding shortens traces, so recursion under it is out of reach for a bound; the finite processes above cover it.
  const recursive: readonly Op[] = [
    'mu',
    'variable',
    'prefix',
    'skip',
    'stop',
    'run',
    'chaos',
    'externalChoice',
    'internalChoice',
    'slidingChoice',
    'interrupt',
    'exception',
    'sequential',
    'interleave',
    'generalizedParallel',
    'alphabetizedParallel',
    'synchronizingChoice',
    'synchronizingInterrupt',
    'rename',
  ];
  test('on random recursive processes, up to traces of four events', () => {
    fc.assert(
      fc.property(recipes({ size: 9, events: 2, ops: recursive }), (recipe) => {
        fc.pre(guarded(recipe) && sequentials(recipe) <= SLACK);
        agree(recipe, 4);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test.each<Op>(FINITE.filter((op) => !['stop', 'skip', 'div'].includes(op)))('%s, with little around it', (op) => {
    fc.assert(
      fc.property(
        recipes({ size: 6, events: 3, ops: ['stop', 'skip', 'div', 'prefix', 'internalChoice', op] }),
        (recipe) => agree(recipe, sizeOf(recipe) + 1),
      ),
      { seed: 3, numRuns: 100 },
    );
  });

  test('the comparison can fail', () => {
    const [, ofChoice] = meanings(
      {
        op: 'externalChoice',
        args: [
          { op: 'prefix', index: 0, args: [{ op: 'stop', args: [] }] },
          { op: 'stop', args: [] },
        ],
      },
      3,
    );
    const [ofInternal] = meanings(
      {
        op: 'internalChoice',
        args: [
          { op: 'prefix', index: 0, args: [{ op: 'stop', args: [] }] },
          { op: 'stop', args: [] },
        ],
      },
      3,
    );
    expect(ofInternal).not.toEqual(ofChoice);
  });
});

/** Whether each variable stands behind an event, so that the equations unfold finitely often. */
function guarded(recipe: Recipe, unguarded: readonly boolean[] = []): boolean {
  switch (recipe.op) {
    case 'variable':
      return unguarded.at(-1 - recipe.index!) !== true;
    case 'mu':
      return guarded(recipe.args[0]!, [...unguarded, true]);
    case 'prefix':
      return guarded(
        recipe.args[0]!,
        unguarded.map(() => false),
      );
    default:
      return recipe.args.every((arg) => guarded(arg, unguarded));
  }
}

function sequentials(recipe: Recipe): number {
  return recipe.args.reduce((count, arg) => count + sequentials(arg), recipe.op === 'sequential' ? 1 : 0);
}
