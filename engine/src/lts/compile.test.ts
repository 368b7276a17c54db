import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recipes } from '../../../tests/reference/arbitrary.ts';
import { ALL_OPS } from '../../../tests/reference/random-recipe.ts';
import { build, type Op } from '../../../tests/reference/recipe.ts';
import { Alphabet, type EventId, type Process, Terms } from '../csp/index.ts';
import { explicate, withTermination } from './component.ts';
import { fuse } from './fusion.ts';
import { compile, LimitReached, type Lts, Transitions, termLts } from './index.ts';
import { NarrowLts } from './narrow-lts.ts';
import { networkOf } from './network.ts';
import { programOf } from './program.ts';
import { bisimilar, type Explored, explore } from './testing.ts';
import { WideLts } from './wide-lts.ts';

const terms = new Terms(new Alphabet());
const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [EventId, EventId, EventId];

/** Nearly everything static: what `compile` is about. */
const STATIC: readonly Op[] = [
  ...([
    'stop',
    'skip',
    'prefix',
    'prefix',
    'externalChoice',
    'internalChoice',
    'mu',
    'variable',
    'sequential',
  ] as const),
  ...([
    'hide',
    'project',
    'rename',
    'interleave',
    'generalizedParallel',
    'alphabetizedParallel',
    'prioritize',
  ] as const),
];

for (const [name, ops, size] of [
  ['all operators', ALL_OPS, 12],
  ['static operators', STATIC, 18],
] as const) {
  test(`compiled and plain transition systems are bisimilar: ${name}`, () => {
    let networks = 0;
    fc.assert(
      fc.property(recipes({ size, events: 3, ops }), (recipe) => {
        const process = build(terms, recipe);
        const plain = explore(termLts(terms, process));
        if (plain === undefined) return;
        const lts = compile(terms, process);
        if (lts instanceof NarrowLts) networks++;
        const compiled = explore(lts);
        expect(compiled).toBeDefined();
        expect(bisimilar(plain, compiled!)).toBe(true);
        expect(compiled!.steps.length).toBeLessThanOrEqual(plain.steps.length);
      }),
      { seed: 3, numRuns: 1500 },
    );
    expect(networks).toBeGreaterThan(20);
  });
}

test('the witness can tell a difference: one step more, or stuck instead of terminated', () => {
  const graph = (process: Process): Explored => explore(termLts(terms, process))!;
  expect(bisimilar(graph(terms.prefix(a, terms.stop)), graph(terms.prefix(b, terms.stop)))).toBe(false);
  const [left, right] = [terms.prefix(a, terms.stop), terms.prefix(b, terms.stop)];
  const early = terms.internalChoice([terms.prefix(c, left), terms.prefix(c, right)]);
  const late = terms.prefix(c, terms.internalChoice([left, right]));
  expect(bisimilar(graph(early), graph(late))).toBe(false);
  const stuck = { steps: [[[1, 1]], []] as const, omegas: new Set<number>() };
  expect(bisimilar(graph(terms.skip), stuck)).toBe(false);
});

const SIDE_BY_SIDE = { hierarchyMin: Number.POSITIVE_INFINITY };

/** A cell that takes `n` steps around, alone. */
function counter(name: string, n: number): Process {
  const at = (i: number): Process =>
    terms.call(`${name} ${i}`, () => terms.prefix(terms.alphabet.intern(`${name}.${i}`), at((i + 1) % n)));
  return at(0);
}

function counted(name: string, n: number): EventId[] {
  return Array.from({ length: n }, (_, i) => terms.alphabet.intern(`${name}.${i}`));
}

test('interleaved counters: the product of their sizes, in one word, two and more', () => {
  const sizes = [
    [3, 5, 7],
    [2, 3, 4, 5, 6, 7],
  ];
  for (const [i, list] of sizes.entries()) {
    const lts = compile(terms, terms.interleave(list.map((n, k) => counter(`n${i}.${k}`, n))));
    expect(explore(lts, 10_000)!.steps.length).toBe(list.reduce((x, y) => x * y));
  }
  // Counters of 9 states need 4 bits each; all but two are held still.
  for (const [n, kernel] of [
    [12, NarrowLts],
    [40, WideLts],
  ] as const) {
    const many = Array.from({ length: n }, (_, k) => counter(`w${k}`, 9));
    const still = many.slice(2).flatMap((_, k) => counted(`w${k + 2}`, 9));
    const lts = compile(terms, terms.generalizedParallel([terms.interleave(many), terms.stop], still), SIDE_BY_SIDE);
    expect(lts).toBeInstanceOf(kernel);
    expect(explore(lts)!.steps.length).toBe(81);
  }
});

test('wide and narrow kernels agree: the same network, made wide by components that stand still', () => {
  const still = Array.from({ length: 30 }, (_, k) => counter(`s${k}`, 9));
  const events = still.flatMap((_, k) => counted(`s${k}`, 9));
  let compared = 0;
  fc.assert(
    fc.property(recipes({ size: 16, events: 3, ops: STATIC }), (recipe) => {
      const process = build(terms, recipe);
      const narrow = compile(terms, process);
      if (!(narrow instanceof NarrowLts)) return;
      const wide = compile(
        terms,
        terms.generalizedParallel([terms.interleave([process, ...still]), terms.stop], events),
        SIDE_BY_SIDE,
      );
      expect(wide).toBeInstanceOf(WideLts);
      const [one, other] = [explore(narrow), explore(wide)];
      if (one === undefined || [...one.omegas].length > 0) return;
      compared++;
      expect(bisimilar(one, other!)).toBe(true);
    }),
    { seed: 5, numRuns: 100 },
  );
  expect(compared).toBeGreaterThan(10);
});

test('k parties agree, and each in every way it can', () => {
  const ways = (n: number, tag: string): Process =>
    terms.prefixChoice(
      Array.from({ length: n }, (_, i) => ({
        event: a,
        next: terms.prefix(terms.alphabet.intern(`${tag}${i}`), terms.stop),
      })),
    );
  const together = terms.generalizedParallel([ways(2, 'x'), ways(3, 'y'), ways(4, 'z')], [a]);
  const steps = new Transitions();
  const lts = compile(terms, together);
  lts.successors(lts.initial, steps);
  expect(steps.length).toBe(24);
  expect(bisimilar(explore(termLts(terms, together))!, explore(lts)!)).toBe(true);
});

test('a component that is endless by itself is explored as far as its context lets it', () => {
  const up = (n: number): Process => terms.call(`endless ${n}`, () => terms.prefix(a, up(n + 1)));
  const bounded = terms.generalizedParallel([up(0), terms.prefix(a, terms.prefix(a, terms.stop))], [a]);
  expect(explore(compile(terms, bounded, { stateCountMax: 1000 }))!.steps.length).toBe(3);
});

test('what cannot be evaluated counts only where it is reached', () => {
  const broken = terms.call('broken', () => {
    throw new Error('no such value');
  });
  const risky = terms.prefixChoice([
    { event: a, next: broken },
    { event: b, next: terms.stop },
  ]);
  const avoided = compile(terms, terms.generalizedParallel([risky, terms.prefix(b, terms.stop)], [a, b]));
  expect(explore(avoided)!.steps.length).toBe(2);
  const met = compile(terms, terms.generalizedParallel([risky, terms.prefix(a, terms.stop)], [a, b]));
  expect(() => explore(met)).toThrow('no such value');
});

test('asked to stop, compiling stops', () => {
  const process = terms.interleave([counter('p', 3), counter('q', 3)]);
  expect(() => compile(terms, process, { stopped: () => true })).toThrow(LimitReached);
});

test('recursion through a parallel composition is left to the terms', () => {
  const grow = terms.call('grow', () => terms.interleave([terms.prefix(a, terms.stop), terms.prefix(b, grow)]));
  const steps = new Transitions();
  const lts = compile(terms, grow, { stateCountMax: 1000 });
  lts.successors(lts.initial, steps);
  expect(steps.length).toBe(2);
});

test('fusion changes how states are packed, not which there are', () => {
  const part = recipes({
    size: 9,
    events: 3,
    ops: ['stop', 'skip', 'prefix', 'externalChoice', 'mu', 'variable', 'interleave'],
  });
  let fusions = 0;
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 3, maxLength: 4 }),
      fc.constantFrom([a], [a, b], [a, b, c]),
      (parts, events) => {
        const [first, second, ...others] = parts.map((recipe) => build(terms, recipe));
        const inner = terms.generalizedParallel([first!, second!], [a, b]);
        const network = networkOf(terms.hide(terms.generalizedParallel([inner, ...others], events), [a]));
        const components = network.processes.map((process) => withTermination(explicate(termLts(terms, process), {})));
        const plain = network.rules(components);
        const fused = fuse(plain);
        if (fused.components.length < plain.components.length) fusions++;
        const lts = ({ components, rules }: typeof plain): Lts =>
          new WideLts(terms.alphabet, programOf(components, rules));
        const [one, other] = [explore(lts(plain)), explore(lts(fused))];
        expect(other?.steps.length).toBe(one?.steps.length);
        expect(other?.steps.flat().length).toBe(one?.steps.flat().length);
        if (one !== undefined) expect(bisimilar(one, other!)).toBe(true);
      },
    ),
    { seed: 9, numRuns: 300 },
  );
  expect(fusions).toBeGreaterThan(100);
});
