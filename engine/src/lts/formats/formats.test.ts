/** Networks that take each other's place: the same as by the firing rules, in small components. */
import { describe, expect, test } from 'vitest';
import { ALL_OPS, randomSwitching, type Shape } from '../../../../tests/reference/random-recipe.ts';
import { build, showRecipe } from '../../../../tests/reference/recipe.ts';
import { seededRandom } from '../../../../tests/reference/seeded-random.ts';
import { Alphabet, type Process, Terms } from '../../csp/index.ts';
import { compile, termLts } from '../index.ts';
import { networkOf } from '../network.ts';
import { NotCompilable } from '../not-compilable.ts';
import { bisimilar, explore } from '../testing.ts';
import { switching } from './index.ts';

/** However small, what is a network becomes one. */
const ALWAYS = { wholeStateMax: 0 };

/** Whether `process` is compiled to formats. */
function switches(terms: Terms, process: Process): boolean {
  try {
    return switching(terms, process, networkOf(process).processes, ALWAYS) !== undefined;
  } catch (error) {
    if (error instanceof NotCompilable) return false;
    throw error;
  }
}

test.each<[string, Shape, number]>([
  ['small', { size: 6, events: 2, ops: ALL_OPS }, 250],
  ['larger', { size: 9, events: 3, ops: ALL_OPS }, 120],
])('%s random processes are bisimilar to their terms', (_, shape, count) => {
  let compiled = 0;
  for (let seed = 1; seed <= count; seed++) {
    const recipe = randomSwitching(seededRandom(seed), shape);
    const terms = new Terms(new Alphabet());
    const process = build(terms, recipe);
    const plain = explore(termLts(terms, process), 300);
    if (plain === undefined) continue;
    if (switches(terms, process)) compiled++;
    const found = explore(compile(terms, process, ALWAYS));
    expect(found !== undefined && bisimilar(plain, found), `seed ${seed}: ${showRecipe(recipe)}`).toBe(true);
  }
  expect(compiled).toBeGreaterThan(count / 4);
});

describe('states', () => {
  const terms = new Terms(new Alphabet());
  const event = (name: string) => terms.alphabet.intern(name);
  const [reset, go] = [event('reset'), event('go')];
  /** Counts to n and may then stop, or go on. */
  const counter = (i: number, n: number): Process => {
    const at = (k: number): Process =>
      terms.call(`COUNTER ${i} ${k} ${n}`, () =>
        k < n
          ? terms.prefix(event(`c.${i}.${k}`), at(k + 1))
          : terms.externalChoice([terms.prefix(event(`again.${i}`), at(0)), terms.skip]),
      );
    return at(0);
  };
  const network = (count: number): Process => terms.interleave(Array.from({ length: count }, (_, i) => counter(i, 4)));

  const N = network(4);
  const LOOP: Process = terms.call('LOOP', () => terms.interrupt(network(3), terms.prefix(reset, LOOP)));
  const TURNS: Process = terms.call('TURNS', () => terms.sequential(network(3), terms.prefix(go, TURNS)));
  test.each<[string, Process]>([
    ['P ; P', terms.sequential(N, N)],
    ['P [] go -> P', terms.externalChoice([N, terms.prefix(go, N)])],
    ['P [> P', terms.slidingChoice(N, N)],
    ['P [|c.0.1|> P', terms.exception(N, [event('c.0.1')], N)],
    ['P /\\ reset -> go -> STOP', terms.interrupt(N, terms.prefix(reset, terms.prefix(go, terms.stop)))],
    ['(P ; P) /\\ reset -> P', terms.interrupt(terms.sequential(network(3), network(3)), terms.prefix(reset, N))],
    ['a loop through an interrupt', LOOP],
    ['a loop through a sequence, beside another', terms.interleave([TURNS, terms.prefix(reset, terms.stop)])],
    ['hidden and renamed', terms.hide(terms.rename(terms.sequential(N, N), [[event('c.1.1'), go]]), [go])],
  ])('%s: as many as there are terms that differ, each once', (_, process) => {
    const plain = explore(termLts(terms, process), 30_000)!;
    const found = explore(compile(terms, process, ALWAYS), 30_000)!;
    expect(switches(terms, process)).toBe(true);
    expect(bisimilar(plain, found)).toBe(true);
    // Each format has terminated in a state of its own.
    expect(found.steps.length).toBeLessThanOrEqual(plain.steps.length + 1);
  });

  test('a recursion that nests is left to the terms', () => {
    const NEST: Process = terms.call('NEST', () =>
      terms.sequential(terms.interleave([terms.prefix(go, NEST), terms.prefix(reset, terms.skip)]), terms.skip),
    );
    expect(switches(terms, NEST)).toBe(false);
    expect(explore(compile(terms, NEST, ALWAYS), 100)).toBeUndefined();
  });

  test('what is small stays one component', () => {
    const small = terms.sequential(network(2), network(2));
    expect(switching(terms, small, [small], {})).toBeUndefined();
  });
});
