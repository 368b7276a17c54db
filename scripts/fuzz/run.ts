/** Pairs one after the other, each from a seed of its own, until the engines differ. */
import { compile } from '@enhanced-csp/engine/lts';
import { type Comparison, compare, type Options } from '../../tests/reference/compare.ts';
import { type Pair, randomPair } from '../../tests/reference/random-pair.ts';
import { ALL_OPS } from '../../tests/reference/random-recipe.ts';
import { showRecipe } from '../../tests/reference/recipe.ts';
import { seededRandom } from '../../tests/reference/seeded-random.ts';
import { shrink } from '../../tests/reference/shrink.ts';

export interface Job {
  /** Seeds `firstSeed`, `firstSeed + stride`, … */
  readonly firstSeed: number;
  readonly stride: number;
  readonly pairs: number;
  readonly size: number;
  readonly events: number;
  /** Processes with at most so many states are compared in V, VD, R and RD too. */
  readonly fine: number;
}

export interface Total {
  pairs: number;
  skipped: number;
  holds: number;
  fails: number;
  states: number;
}

/** Returns the difference in words, with the least pair that still has it; undefined when there is none. `onPair` hears of the totals after each pair. */
export function run(
  { firstSeed, stride, pairs, size, events, fine }: Job,
  onPair: (total: Total) => void,
): string | undefined {
  const total: Total = { pairs: 0, skipped: 0, holds: 0, fails: 0, states: 0 };
  for (let i = 0; i < pairs; i++) {
    const seed = firstSeed + i * stride;
    const pair = randomPair(seededRandom(seed), { size, events, ops: ALL_OPS });
    // Every second pair as it would be compiled; the others with every network in them split, however small.
    const options: Options = { fineStateCountMax: fine, ...(seed % 2 === 0 && { compiler: compile }) };
    const comparison = attempt(pair, options);
    if (comparison.differences.length > 0) return report(seed, pair, options);
    total.pairs++;
    total.holds += comparison.holds;
    total.fails += comparison.fails;
    total.states += comparison.states;
    if (comparison.states === 0) total.skipped++;
    onPair(total);
  }
  return undefined;
}

/** A crash of either engine is a difference too. */
function attempt(pair: Pair, options: Options): Comparison {
  try {
    return compare(pair, options);
  } catch (fault) {
    return { differences: [`crash: ${fault instanceof Error ? fault.stack : fault}`], holds: 0, fails: 0, states: 0 };
  }
}

function report(seed: number, pair: Pair, options: Options): string {
  const [specification, implementation] = shrink(
    [pair.specification, pair.implementation],
    ([spec, impl]) => attempt({ specification: spec!, implementation: impl! }, options).differences.length > 0,
  );
  const least: Pair = { specification: specification!, implementation: implementation! };
  return [
    `seed ${seed}: the engines differ`,
    `  SPEC = ${showRecipe(least.specification)}`,
    `  IMPL = ${showRecipe(least.implementation)}`,
    ...attempt(least, options).differences.map((difference) => `  ${difference}`),
    '',
  ].join('\n');
}
