/** Smaller recipes: parts in place of the whole, fewer events, simpler leaves. */
import { ARITY, MANY, type Recipe, SKIP, STOP } from './recipe.ts';

/** The recipes one step smaller than `recipe`, the smallest first. */
export function* smaller(recipe: Recipe): Iterable<Recipe> {
  if (recipe.op === 'stop') return;
  yield STOP;
  if (recipe.op === 'skip') return;
  yield SKIP;
  if (ARITY[recipe.op] > 0) yield* recipe.args;
  if (MANY.has(recipe.op) && recipe.args.length > 1) {
    for (const i of recipe.args.keys()) yield { ...recipe, args: recipe.args.toSpliced(i, 1), ...without(recipe, i) };
  }
  for (const [i, arg] of recipe.args.entries()) {
    for (const less of smaller(arg)) yield { ...recipe, args: recipe.args.with(i, less) };
  }
  if (recipe.mask) for (const mask of fewer(recipe.mask)) yield { ...recipe, mask };
  for (const [i, mask] of (recipe.masks ?? []).entries()) {
    for (const less of fewer(mask)) yield { ...recipe, masks: recipe.masks!.with(i, less) };
  }
  if (recipe.pairs && recipe.pairs.length > 1) {
    for (const i of recipe.pairs.keys()) yield { ...recipe, pairs: recipe.pairs.toSpliced(i, 1) };
  }
}

/** The alphabets that are left when one component goes. */
function without(recipe: Recipe, index: number): Partial<Recipe> {
  return recipe.masks === undefined ? {} : { masks: recipe.masks.toSpliced(index, 1) };
}

function* fewer(mask: number): Iterable<number> {
  for (let bit = 1; bit <= mask; bit <<= 1) if (mask & bit) yield mask & ~bit;
}

/** Number of operators. */
export function sizeOf(recipe: Recipe): number {
  return recipe.args.reduce((size, arg) => size + sizeOf(arg), 1);
}

/** Makes the recipes smaller, one at a time, for as long as they still fail. */
export function shrink(recipes: readonly Recipe[], fails: (recipes: readonly Recipe[]) => boolean): readonly Recipe[] {
  let least = recipes;
  for (let progress = true; progress; ) {
    progress = false;
    search: for (const [i, recipe] of least.entries()) {
      for (const less of smaller(recipe)) {
        const candidate = least.with(i, less);
        if (!fails(candidate)) continue;
        least = candidate;
        progress = true;
        break search;
      }
    }
  }
  return least;
}
