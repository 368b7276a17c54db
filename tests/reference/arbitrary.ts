/** Random recipes for fast-check, with the same generator and the same shrinking as the fuzz script. */
import fc from 'fast-check';
import { randomRecipe, type Shape } from './random-recipe.ts';
import type { Recipe } from './recipe.ts';
import { smaller } from './shrink.ts';

class RecipeArbitrary extends fc.Arbitrary<Recipe> {
  readonly #shape: Shape;

  constructor(shape: Shape) {
    super();
    this.#shape = shape;
  }

  override generate(random: fc.Random): fc.Value<Recipe> {
    return new fc.Value(
      randomRecipe((below) => random.nextInt(0, below - 1), this.#shape),
      undefined,
    );
  }

  override canShrinkWithoutContext(value: unknown): value is Recipe {
    return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
  }

  override shrink(recipe: Recipe): fc.Stream<fc.Value<Recipe>> {
    return fc.Stream.of(...smaller(recipe)).map((less) => new fc.Value(less, undefined));
  }
}

export function recipes(shape: Shape): fc.Arbitrary<Recipe> {
  return new RecipeArbitrary(shape);
}
