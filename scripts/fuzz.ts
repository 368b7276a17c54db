/**
 * The fast engine against the reference on random pairs of processes.
 *
 *   npm run fuzz -- --pairs 1e5 --seed 1
 *
 * Each pair has its own seed, printed when the engines differ: `--seed <that> --pairs 1` shows it again. `--size` bounds the operators of a process,
 * `--events` its alphabet. Exit code 1 on the first difference, after making the pair as small as it will go; 2 for a wrong option; 0 otherwise.
 */
import { parseArgs } from 'node:util';
import { type Comparison, compare } from '../tests/reference/compare.ts';
import { type Pair, randomPair } from '../tests/reference/random-pair.ts';
import { ALL_OPS } from '../tests/reference/random-recipe.ts';
import { EVENT_NAMES, showRecipe } from '../tests/reference/recipe.ts';
import { seededRandom } from '../tests/reference/seeded-random.ts';
import { shrink } from '../tests/reference/shrink.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '1e4' },
    seed: { type: 'string', default: '1' },
    size: { type: 'string', default: '9' },
    events: { type: 'string', default: '3' },
  },
});
const {
  pairs,
  seed: firstSeed,
  size,
  events,
} = {
  pairs: whole('pairs', 1, 2 ** 32),
  seed: whole('seed', 0, 2 ** 32),
  size: whole('size', 1, 100),
  events: whole('events', 1, EVENT_NAMES.length),
};

const start = Date.now();
const total = { pairs: 0, skipped: 0, holds: 0, fails: 0, states: 0 };
let reported = start;

for (let i = 0; i < pairs; i++) {
  const seed = firstSeed + i;
  const pair = randomPair(seededRandom(seed), { size, events, ops: ALL_OPS });
  const comparison = attempt(pair);
  if (comparison.differences.length > 0) {
    report(seed, pair);
    process.exit(1);
  }
  total.pairs++;
  total.holds += comparison.holds;
  total.fails += comparison.fails;
  total.states += comparison.states;
  if (comparison.states === 0) total.skipped++;
  if (Date.now() - reported > 5_000) {
    reported = Date.now();
    progress();
  }
}
progress();

/** A numeric option; `1e5` is a number. */
function whole(option: keyof typeof values, least: number, most: number): number {
  const value = Number(values[option]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  process.stderr.write(`--${option} takes a whole number from ${least} to ${most}, not '${values[option]}'\n`);
  process.exit(2);
}

function progress(): void {
  const seconds = (Date.now() - start) / 1_000;
  const rate = Math.round(total.pairs / seconds);
  process.stdout.write(
    `${total.pairs} pairs (${total.skipped} too large), ${total.holds} checks hold, ${total.fails} fail, ` +
      `${(total.states / 2 / (total.pairs - total.skipped)).toFixed(1)} states a process; no difference; ${rate} pairs/s\n`,
  );
}

/** A crash of either engine is a difference too. */
function attempt(pair: Pair): Comparison {
  try {
    return compare(pair);
  } catch (fault) {
    return { differences: [`crash: ${fault instanceof Error ? fault.stack : fault}`], holds: 0, fails: 0, states: 0 };
  }
}

function report(seed: number, pair: Pair): void {
  const [specification, implementation] = shrink(
    [pair.specification, pair.implementation],
    ([spec, impl]) => attempt({ specification: spec!, implementation: impl! }).differences.length > 0,
  );
  const least: Pair = { specification: specification!, implementation: implementation! };
  process.stdout.write(
    [
      `seed ${seed}: the engines differ`,
      `  SPEC = ${showRecipe(least.specification)}`,
      `  IMPL = ${showRecipe(least.implementation)}`,
      ...attempt(least).differences.map((difference) => `  ${difference}`),
      '',
    ].join('\n'),
  );
}
