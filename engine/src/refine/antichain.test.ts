/** Leaving pairs out changes no verdict and no shortest counterexample; and it decides what a normal form is too large for. */
import { describe, expect, test } from 'vitest';
import { randomPair } from '../../../tests/reference/random-pair.ts';
import { ALL_OPS } from '../../../tests/reference/random-recipe.ts';
import { build, showRecipe } from '../../../tests/reference/recipe.ts';
import { seededRandom } from '../../../tests/reference/seeded-random.ts';
import { Alphabet, type Process, Terms } from '../csp/index.ts';
import { compile, type Lts, Transitions, termLts } from '../lts/index.ts';
import { Antichain } from './antichain.ts';
import { refines, replay } from './index.ts';

/** Whether a process is small, so that a seed that makes a giant costs nothing. */
function isSmall(lts: Lts, stateCountMax: number): boolean {
  const steps = new Transitions();
  for (let state = 0; state < lts.stateCount; state++) {
    if (lts.stateCount > stateCountMax) return false;
    lts.successors(state as Lts['initial'], steps);
  }
  return true;
}

test('random pairs: with and without, in every model', () => {
  let fewer = 0;
  for (let seed = 1; seed <= 300; seed++) {
    const terms = new Terms(new Alphabet());
    const pair = randomPair(seededRandom(seed), { size: 12, events: 2, ops: ALL_OPS });
    const [specification, implementation] = [build(terms, pair.specification), build(terms, pair.implementation)];
    if (![specification, implementation].every((process) => isSmall(termLts(terms, process), 300))) continue;
    const [spec, impl] = [compile(terms, specification), compile(terms, implementation)];
    for (const model of ['T', 'F', 'FD'] as const) {
      const words = `seed ${seed}: ${showRecipe(pair.specification)} [${model}= ${showRecipe(pair.implementation)}`;
      const never = refines(model, spec, impl, { pruning: 'never' });
      const always = refines(model, spec, impl, { pruning: 'always' });
      expect(always.kind, words).toBe(never.kind);
      if (always.states < never.states) fewer++;
      if (never.kind !== 'fails' || always.kind !== 'fails') continue;
      expect(always.counterexample.trace.length, words).toBe(never.counterexample.trace.length);
      const claim = { check: 'refinement', model, specification, implementation } as const;
      expect(replay(terms, claim, always.counterexample), words).toBe(true);
    }
  }
  expect(fewer).toBeGreaterThan(5);
});

describe('the n-th event from the end is an a', () => {
  /** Its normal form has 2^(n+1) nodes: which of the last events were an a. */
  function family(n: number): { terms: Terms; ends: Process; all: Process; strict: Process } {
    const terms = new Terms(new Alphabet());
    const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [never, never, never];
    const either = (next: Process): Process =>
      terms.prefixChoice([
        { event: a, next },
        { event: b, next },
      ]);
    const after = (k: number): Process =>
      k === 0 ? terms.prefix(c, terms.stop) : terms.call(`AFTER ${k}`, () => either(after(k - 1)));
    const ends: Process = terms.call('ENDS', () =>
      terms.prefixChoice([
        { event: a, next: ends },
        { event: b, next: ends },
        { event: a, next: after(n) },
      ]),
    );
    const all: Process = terms.call('ALL', () => either(all));
    /** May do c at any time, which the specification allows after some traces only. */
    const strict: Process = terms.call('STRICT', () =>
      terms.prefixChoice([
        { event: a, next: strict },
        { event: b, next: strict },
        { event: c, next: terms.stop },
      ]),
    );
    return { terms, ends, all, strict };
  }

  const limits = { stateCountMax: 20_000 };

  test('n = 24: decided with an antichain, out of states without', () => {
    const { terms, ends, all } = family(24);
    const [spec, impl] = [compile(terms, ends), compile(terms, all)];
    expect(refines('T', spec, impl, { ...limits, pruning: 'never' }).kind).toBe('unknown');
    const always = refines('T', spec, impl, { ...limits, pruning: 'always' });
    expect(always.kind).toBe('holds');
    expect(always.states).toBeLessThan(10);
    // Unasked, as soon as there are more nodes than states.
    const unasked = refines('T', spec, impl, limits);
    expect(unasked.kind).toBe('holds');
    expect(unasked.states).toBeLessThan(300);
  });

  test.each(['never', 'always', 'explosion'] as const)('the shortest counterexample: c at once (%s)', (pruning) => {
    const { terms, ends, strict } = family(10);
    const verdict = refines('T', compile(terms, ends), compile(terms, strict), { ...limits, pruning });
    expect(verdict.kind === 'fails' && verdict.counterexample.trace).toEqual([]);
  });
});

test('of comparable sets the smaller is kept, unless it comes later', () => {
  const sets = [[1], [1, 2], [2, 3], [1, 2, 3]];
  const antichain = new Antichain((large, small) => sets[small]!.every((item) => sets[large]!.includes(item)));
  const covered = (layer: number) => [0, 1, 2, 3].filter((node) => antichain.covers(0, node, layer));
  antichain.add(0, 3, 0);
  expect(covered(0)).toEqual([]);
  antichain.add(0, 1, 1);
  antichain.add(0, 2, 1);
  expect(covered(0)).toEqual([]);
  expect(covered(1)).toEqual([3]);
  antichain.add(0, 0, 1);
  expect(covered(1)).toEqual([1, 3]);
  expect(antichain.covers(7, 3, 1)).toBe(false);
});

test('what is met after an event leaves out nothing that is met before it', () => {
  const terms = new Terms(new Alphabet());
  const [a, b] = ['a', 'b'].map((name) => terms.alphabet.intern(name)) as [never, never];
  const run = terms.run([a, b]);
  // After a the specification has stopped: {STOP} is in the set it began with.
  const specification = terms.internalChoice([terms.prefix(a, terms.stop), terms.stop]);
  const implementation = terms.slidingChoice(terms.prefix(a, run), run);
  const verdict = refines('T', termLts(terms, specification), termLts(terms, implementation), { pruning: 'always' });
  expect(verdict.kind === 'fails' && verdict.counterexample.trace).toEqual([]);
});
