/** V, VD, R and RD: two readings of the definitions, the hierarchy of the models, and the examples that tell them apart. */
import { Alphabet, type EventId, type Process, Terms } from '@enhanced-csp/engine/csp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recipes } from './arbitrary.ts';
import { behaviorOf } from './behavior.ts';
import { fineRefutations } from './fine-refinement.ts';
import { explore } from './graph.ts';
import { FINE_MODELS, type FineModel, included, observationsOf } from './observations.ts';
import { divergence } from './properties.ts';
import { randomPair } from './random-pair.ts';
import { ALL_OPS, FINITE } from './random-recipe.ts';
import { build, type Recipe, showRecipe } from './recipe.ts';
import { refines } from './refinement.ts';
import { seededRandom } from './seeded-random.ts';
import { sizeOf } from './shrink.ts';

const terms = new Terms(new Alphabet());
const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => terms.alphabet.intern(name)) as [
  EventId,
  EventId,
  EventId,
  EventId,
];

function holds(model: FineModel | 'T' | 'F' | 'FD', specification: Process, implementation: Process): boolean {
  const [spec, impl] = [explore(terms, specification, 200), explore(terms, implementation, 200)];
  return model === 'T' || model === 'F' || model === 'FD'
    ? refines(model, behaviorOf(spec), behaviorOf(impl))
    : fineRefutations(model, spec, impl, [a, b, c, d]).length === 0;
}

const equal = (model: FineModel | 'T' | 'F' | 'FD', P: Process, Q: Process): boolean =>
  holds(model, P, Q) && holds(model, Q, P);

test('sets of states after an observation = observations written down', () => {
  const seen = { holds: 0, fails: 0 };
  const shape = { size: 5, events: 2, ops: FINITE };
  const compare = (left: Recipe, right: Recipe) => {
    const [spec, impl] = [left, right].map((recipe) => explore(terms, build(terms, recipe), 200)) as [never, never];
    const length = Math.max(sizeOf(left), sizeOf(right));
    const [all, some] = [observationsOf(spec, [a, b], length), observationsOf(impl, [a, b], length)];
    for (const model of FINE_MODELS) {
      const expected = included(model, all, some);
      seen[expected ? 'holds' : 'fails']++;
      const found = fineRefutations(model, spec, impl, [a, b]).length === 0;
      expect(found, `${showRecipe(left)} [${model}= ${showRecipe(right)}`).toBe(expected);
    }
  };
  fc.assert(
    fc.property(recipes(shape), recipes(shape), (left, right) => {
      compare(left, right);
      compare({ op: 'internalChoice', args: [left, right] }, right);
      compare(right, { op: 'externalChoice', args: [left, right] });
    }),
    { seed: 31, numRuns: 150 },
  );
  expect(Math.min(seen.holds, seen.fails)).toBeGreaterThan(200);
});

test('what is finer implies what is coarser', () => {
  const implications = [
    ['R', 'V'],
    ['V', 'F'],
    ['F', 'T'],
    ['RD', 'VD'],
    ['VD', 'FD'],
  ] as const;
  const strict = new Map<string, number>();
  for (let seed = 1; seed <= 600; seed++) {
    const pair = randomPair(seededRandom(seed), { size: 7, events: 3, ops: ALL_OPS });
    const [P, Q] = [build(terms, pair.specification), build(terms, pair.implementation)];
    if ([P, Q].some((process) => sizeAbove(process, 20))) continue;
    const verdict = new Map(
      (['T', 'F', 'FD', ...FINE_MODELS] as const).map((model) => [model, holds(model, P, Q)] as const),
    );
    const words = () => `${showRecipe(pair.specification)} [= ${showRecipe(pair.implementation)}`;
    for (const [fine, coarse] of implications) {
      if (verdict.get(fine)) expect(verdict.get(coarse), `${fine} but not ${coarse}: ${words()}`).toBe(true);
      else if (verdict.get(coarse)) strict.set(fine, (strict.get(fine) ?? 0) + 1);
    }
    if ([P, Q].some((process) => divergence(behaviorOf(explore(terms, process, 20))).length > 0)) continue;
    for (const [withD, without] of [
      ['FD', 'F'],
      ['VD', 'V'],
      ['RD', 'R'],
    ] as const)
      expect(verdict.get(withD), `${withD}: ${words()}`).toBe(verdict.get(without));
  }
  // Each step of the hierarchy is a real one.
  expect([...strict.keys()].sort()).toEqual(['F', 'R', 'RD', 'V', 'VD']);
});

function sizeAbove(process: Process, most: number): boolean {
  try {
    explore(terms, process, most);
    return false;
  } catch {
    return true;
  }
}

describe('processes that only finer models tell apart', () => {
  const { stop, skip } = terms;
  const prefix = (event: EventId, next: Process = stop) => terms.prefix(event, next);

  test('equal in F, different in V: to be stuck or offer both, or to be stuck or offer one of them', () => {
    const both = terms.internalChoice([stop, terms.externalChoice([prefix(a), prefix(b)])]);
    const either = terms.internalChoice([stop, prefix(a), prefix(b)]);
    expect(equal('F', both, either)).toBe(true);
    expect(equal('FD', both, either)).toBe(true);
    expect(holds('V', either, both)).toBe(true);
    expect(holds('V', both, either)).toBe(false);
  });

  test('equal in V, different in R: what an earlier refusal says about later', () => {
    const one = terms.internalChoice([terms.externalChoice([prefix(a, prefix(b)), prefix(c)]), prefix(a, prefix(d))]);
    const other = terms.internalChoice([terms.externalChoice([prefix(a, prefix(d)), prefix(c)]), prefix(a, prefix(b))]);
    expect(equal('V', one, other)).toBe(true);
    expect(equal('VD', one, other)).toBe(true);
    for (const model of ['R', 'RD'] as const) {
      expect(holds(model, one, other)).toBe(false);
      expect(holds(model, other, one)).toBe(false);
    }
  });

  test('an event before and after settling: F does not tell, V does', () => {
    const unstable = terms.slidingChoice(prefix(a), stop);
    const settled = terms.internalChoice([prefix(a), stop]);
    expect(equal('F', unstable, settled)).toBe(true);
    expect(holds('V', settled, unstable)).toBe(true);
    expect(holds('V', unstable, settled)).toBe(false);
  });

  test('a choice with SKIP is a choice that slides to it, in every model', () => {
    const choice = terms.externalChoice([prefix(a), skip]);
    const sliding = terms.slidingChoice(prefix(a), skip);
    for (const model of ['T', 'F', 'FD', ...FINE_MODELS] as const)
      expect(equal(model, choice, sliding), model).toBe(true);
  });

  test('below a divergence everything is allowed, with D only', () => {
    const diverging = prefix(a, terms.div);
    const going = prefix(a, prefix(b));
    for (const model of ['VD', 'RD'] as const) {
      expect(holds(model, diverging, going), model).toBe(true);
      expect(holds(model, going, diverging), model).toBe(false);
    }
    expect(holds('R', diverging, going)).toBe(false);
    expect(holds('R', going, diverging)).toBe(true);
  });

  test('a divergence after one refusal allows nothing after another', () => {
    const specification = terms.internalChoice([
      terms.externalChoice([prefix(a, terms.div), prefix(c)]),
      prefix(a, prefix(b)),
    ]);
    const afterRefusal = prefix(a, prefix(d));
    expect(holds('VD', specification, afterRefusal)).toBe(true);
    expect(holds('RD', specification, afterRefusal)).toBe(false);
  });
});
