import { type Instance, type Law, type Model, OPERATORS } from '@enhanced-csp/engine/csp';
import { compile } from '@enhanced-csp/engine/lts';
import { refines } from '@enhanced-csp/engine/refine';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Behavior, behaviorOf } from '../reference/behavior.ts';
import { explore, TooLarge } from '../reference/graph.ts';
import { equivalent } from '../reference/refinement.ts';
import { type Draft, drafts, instantiate, showDraft } from './instance.ts';

const LAWS = Object.values(OPERATORS).flatMap((operator) => operator.laws);
const INSTANCES = 25;
/** Instances with a larger side are left out. */
const STATES = 200;
/** Tried before a law that must fail is said to hold after all. */
const REFUTATIONS = 3000;

/** Where the two sides of the law differ, by either engine; `too large` when the reference gives up on a side. */
function differs(law: Law, instance: Instance, models: readonly Model[]): string | undefined {
  const sides = [law.left(instance), law.right(instance)] as const;
  let behaviors: readonly [Behavior, Behavior];
  try {
    const [left, right] = sides.map((side) => behaviorOf(explore(instance.terms, side, STATES)));
    behaviors = [left!, right!];
  } catch (fault) {
    if (fault instanceof TooLarge) return 'too large';
    throw fault;
  }
  const [left, right] = [compile(instance.terms, sides[0]), compile(instance.terms, sides[1])];
  for (const model of models) {
    if (!equivalent(model, ...behaviors)) return `${model}, says the reference`;
    const both = [refines(model, left, right), refines(model, right, left)];
    if (both.some(({ kind }) => kind !== 'holds')) return `${model}, says the engine`;
  }
  return undefined;
}

function applies(law: Law, instance: Instance): boolean {
  return law.provided?.(instance) ?? true;
}

test('there are at least forty laws, each under its own name, and each claims something', () => {
  expect(LAWS.length).toBeGreaterThanOrEqual(40);
  expect(new Set(LAWS.map(({ name }) => name)).size).toBe(LAWS.length);
  for (const { name, models, failsIn = [] } of LAWS) {
    expect(models.length + failsIn.length, name).toBeGreaterThan(0);
    expect(
      models.filter((model) => failsIn.includes(model)),
      name,
    ).toEqual([]);
  }
});

describe('a law holds in its models', () => {
  test.each(LAWS.filter(({ models }) => models.length > 0))('$name: $equation', (law) => {
    fc.assert(
      fc.property(drafts, (draft) => {
        const instance = instantiate(draft);
        fc.pre(applies(law, instance));
        const difference = differs(law, instance, law.models);
        fc.pre(difference !== 'too large');
        expect(difference, showDraft(draft)).toBeUndefined();
      }),
      { seed: 7, numRuns: INSTANCES },
    );
  });
});

describe('and fails where it should', () => {
  const claims = LAWS.flatMap((law) => (law.failsIn ?? []).map((model) => ({ law, model, name: law.name })));
  const samples: readonly Draft[] = fc.sample(drafts, { seed: 11, numRuns: REFUTATIONS });
  test.each(claims)('$name in $model', ({ law, model }) => {
    const refuted = samples.some((draft) => {
      const instance = instantiate(draft);
      return applies(law, instance) && differs(law, instance, [model]) === `${model}, says the reference`;
    });
    expect(refuted).toBe(true);
  });
});

test('a false law is found out', () => {
  const wrong: Law = {
    name: 'wrong',
    equation: 'P ; Q = P',
    models: ['T'],
    left: ({ terms, P, Q }) => terms.sequential(P, Q),
    right: ({ P }) => P,
  };
  expect(() =>
    fc.assert(
      fc.property(drafts, (draft) => differs(wrong, instantiate(draft), ['T']) === undefined),
      { seed: 7, numRuns: INSTANCES },
    ),
  ).toThrow(/Property failed/);
});
