import { describe, expect, test } from 'vitest';
import { compare } from '../../../tests/reference/compare.ts';
import { randomPair } from '../../../tests/reference/random-pair.ts';
import { ALL_OPS, randomNetwork } from '../../../tests/reference/random-recipe.ts';
import { build, showRecipe } from '../../../tests/reference/recipe.ts';
import { seededRandom } from '../../../tests/reference/seeded-random.ts';
import { Alphabet, type EventId, eventSet, type Process, TAU, Terms } from '../csp/index.ts';
import { compile, HierarchicalLts, normalizeLazily } from '../lts/index.ts';
import { decide } from './decide.ts';
import { type Claim, deadlockFree, refines, replay, type Verdict } from './index.ts';
import { type Goal, search } from './search.ts';

test('networks that are compressed get the verdicts of the reference, and its shortest counterexamples', () => {
  const total = { holds: 0, fails: 0 };
  for (let seed = 1; seed <= 200; seed++) {
    const pair = randomPair(seededRandom(seed), { size: 10, events: 3, ops: ALL_OPS });
    const { differences, holds, fails } = compare(pair, {
      compiler: (terms, process) => compile(terms, process, { hierarchyMin: 2 }),
    });
    expect(
      differences,
      `seed ${seed}: ${showRecipe(pair.specification)} [= ${showRecipe(pair.implementation)}`,
    ).toEqual([]);
    total.holds += holds;
    total.fails += fails;
  }
  expect(total.holds).toBeGreaterThan(200);
  expect(total.fails).toBeGreaterThan(200);
});

describe('joined into one piece', () => {
  const patience = 0;

  test('the verdict is that of the network, and its counterexample a run of it', () => {
    const total = { holds: 0, fails: 0, networks: 0 };
    const kinds = new Set<string>();
    for (let seed = 1; seed <= 250; seed++) {
      const terms = new Terms(new Alphabet());
      const random = seededRandom(seed);
      const shape = { size: 12, events: 3, ops: ALL_OPS };
      const recipe = randomNetwork(random, shape);
      const process = build(terms, recipe);
      const specification = build(terms, randomNetwork(random, { ...shape, size: 5 }));
      const lts = compile(terms, process, { hierarchyMin: 2 });
      if (!(lts instanceof HierarchicalLts)) continue;
      total.networks++;
      const limits = { stateCountMax: 2000 };
      const check = (claim: Claim, goal: () => Goal): void => {
        const expected: Verdict = search(lts.plain, goal(), limits);
        const found = decide(lts, goal(), limits, patience);
        if (expected.kind === 'unknown' || found.kind === 'unknown') return;
        const words = `seed ${seed}: ${claim.check} ${claim.model} of ${showRecipe(recipe)}`;
        expect(found.kind, words).toBe(expected.kind);
        total[expected.kind]++;
        if (found.kind !== 'fails') return;
        kinds.add(`${claim.check} ${found.counterexample.kind}`);
        expect(replay(terms, claim, found.counterexample), words).toBe(true);
      };
      for (const model of ['T', 'F', 'FD'] as const) {
        check({ check: 'refinement', model, specification, implementation: process }, () => ({
          specification: normalizeLazily(compile(terms, specification, limits), limits),
          refusals: model !== 'T',
          divergence: model === 'FD',
        }));
      }
      for (const model of ['F', 'FD'] as const) {
        check({ check: 'deadlock free', model, process }, () => ({ deadlock: true, divergence: model === 'FD' }));
      }
      check({ check: 'divergence free', model: 'FD', process }, () => ({ divergence: true }));
    }
    expect(total.networks).toBeGreaterThan(50);
    expect(total.holds).toBeGreaterThan(100);
    expect(total.fails).toBeGreaterThan(100);
    expect([...kinds].sort()).toEqual([
      'deadlock free deadlock',
      'deadlock free divergence',
      'divergence free divergence',
      'refinement divergence',
      'refinement refusal',
      'refinement trace',
    ]);
  });
});

describe('networks that cannot be explored side by side', () => {
  const N = 40;

  /** Each takes the left fork, then the right one; `mirrored` takes them in the other order. */
  function philosophers(terms: Terms, mirrored: number): Process {
    const event = (name: string, ...at: number[]): EventId => terms.alphabet.intern([name, ...at].join('.'));
    const next = (i: number): number => (i + 1) % N;
    const along = (events: readonly EventId[], end: Process): Process =>
      events.reduceRight<Process>((rest, e) => terms.prefix(e, rest), end);
    const seats = Array.from({ length: N }, (_, i) => i);
    const diners = seats.map((i): Process => {
      const [first, second] = i === mirrored ? [next(i), i] : [i, next(i)];
      const events = [
        event('takes', i, first),
        event('takes', i, second),
        event('puts', i, first),
        event('puts', i, second),
      ];
      const self: Process = terms.call(`diner ${i} ${mirrored}`, () => along(events, self));
      return self;
    });
    const forks = seats.map((j): Process => {
      const self: Process = terms.call(`fork ${j}`, () =>
        terms.externalChoice([j, (j + N - 1) % N].map((i) => along([event('takes', i, j), event('puts', i, j)], self))),
      );
      return self;
    });
    const shared = seats.flatMap((i) => [i, next(i)].flatMap((j) => [event('takes', i, j), event('puts', i, j)]));
    return terms.generalizedParallel([terms.interleave(diners), terms.interleave(forks)], eventSet(shared));
  }

  test('philosophers deadlock exactly when all are right-handed, each with one fork', () => {
    const terms = new Terms(new Alphabet());
    const table = philosophers(terms, -1);
    for (const model of ['F', 'FD'] as const) {
      const verdict = deadlockFree(model, compile(terms, table));
      if (verdict.kind !== 'fails') throw new Error(`expected to fail: ${verdict.kind}`);
      const { counterexample } = verdict;
      const left = counterexample.trace.filter((event) => terms.alphabet.nameOf(event).startsWith('takes')).length;
      expect(left - (counterexample.trace.length - left)).toBe(N);
      expect(replay(terms, { check: 'deadlock free', model, process: table }, counterexample)).toBe(true);
    }
    expect(deadlockFree('FD', compile(terms, philosophers(terms, 3))).kind).toBe('holds');
  });

  test("Milner's scheduler is its ring, as specification and as implementation", () => {
    const terms = new Terms(new Alphabet());
    const [a, b, c] = ['a', 'b', 'c'].map(
      (name) =>
        (i: number): EventId =>
          terms.alphabet.intern(`${name}.${i % N}`),
    ) as [(i: number) => EventId, (i: number) => EventId, (i: number) => EventId];
    const cell = (i: number): Process => terms.call(`cell ${i}`, () => terms.prefix(c(i), holding(i)));
    const holding = (i: number): Process =>
      terms.prefix(
        a(i),
        terms.externalChoice([
          terms.prefix(b(i), terms.prefix(c(i + 1), cell(i))),
          terms.prefix(c(i + 1), terms.prefix(b(i), cell(i))),
        ]),
      );
    const seats = Array.from({ length: N }, (_, i) => i);
    const scheduler = terms.hide(
      terms.alphabetizedParallel(
        seats.map((i) => ({
          process: i === 0 ? holding(0) : cell(i),
          alphabet: eventSet([a(i), b(i), c(i), c(i + 1)]),
        })),
      ),
      eventSet(seats.flatMap((i) => [b(i), c(i)])),
    );
    const ring = (i: number): Process => terms.call(`ring ${i % N}`, () => terms.prefix(a(i), ring(i + 1)));
    const [system, specification] = [compile(terms, scheduler), compile(terms, ring(0))];
    for (const model of ['T', 'F', 'FD'] as const) {
      expect(refines(model, specification, system).kind).toBe('holds');
      expect(refines(model, system, specification).kind).toBe('holds');
    }
    // Once around, then something else.
    const once = seats.reduceRight<Process>((rest, i) => terms.prefix(a(i), rest), ring(1));
    const verdict = refines('T', compile(terms, once), system);
    if (verdict.kind !== 'fails') throw new Error(`expected to fail: ${verdict.kind}`);
    expect(verdict.counterexample.trace).toEqual(seats.map(a));
    expect(verdict.counterexample.steps.filter(({ event }) => event !== TAU).length).toBe(N + 1);
    const claim = { check: 'refinement', model: 'T', specification: once, implementation: scheduler } as const;
    expect(replay(terms, claim, verdict.counterexample)).toBe(true);
  });

  test('side by side where that is asked for', () => {
    const terms = new Terms(new Alphabet());
    const table = philosophers(terms, -1);
    expect(compile(terms, table)).toBeInstanceOf(HierarchicalLts);
    const plain = compile(terms, table, { hierarchyMin: Number.POSITIVE_INFINITY });
    expect(plain).not.toBeInstanceOf(HierarchicalLts);
    expect(deadlockFree('F', plain, { stateCountMax: 1000 }).kind).toBe('unknown');
  });
});
