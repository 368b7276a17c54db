/**
 * Pairs of recipes for refinement checks. Two unrelated processes differ at once, so most pairs are related: one is the other with a part exchanged, or both share
 * a choice; then the check has to go deep, and holds often enough.
 */
import { randomNetwork, randomRecipe, randomSwitching, type Shape } from './random-recipe.ts';
import type { Recipe } from './recipe.ts';
import type { Random } from './seeded-random.ts';
import { sizeOf } from './shrink.ts';

export interface Pair {
  readonly specification: Recipe;
  readonly implementation: Recipe;
}

export function randomPair(random: Random, shape: Shape): Pair {
  const kinds = [randomRecipe, randomNetwork, randomSwitching, randomRecipe] as const;
  const P = kinds[random(kinds.length)]!(random, shape);
  const Q = random(4) === 0 ? randomRecipe(random, shape) : exchange(random, P, shape);
  switch (random(3)) {
    case 0:
      return { specification: { op: 'internalChoice', args: [P, Q] }, implementation: P };
    case 1:
      return { specification: P, implementation: { op: 'externalChoice', args: [P, Q] } };
    default:
      return { specification: P, implementation: Q };
  }
}

/** The recipe with one of its parts, chosen evenly, replaced by a small random one. */
function exchange(random: Random, recipe: Recipe, shape: Shape): Recipe {
  const replace = (part: Recipe, at: number): Recipe => {
    if (at === 0) return randomRecipe(random, { ...shape, size: 3 });
    let from = 1;
    for (const [i, arg] of part.args.entries()) {
      const size = sizeOf(arg);
      if (at < from + size) return { ...part, args: part.args.with(i, replace(arg, at - from)) };
      from += size;
    }
    throw new RangeError(`the recipe has no part ${at}`);
  };
  return replace(recipe, random(sizeOf(recipe)));
}
