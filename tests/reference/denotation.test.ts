/** The firing rules against the books' equations: two definitions of one meaning that share no line. */
import { Alphabet, type EventId, type EventSet, type Process, Terms, TICK } from '@enhanced-csp/engine/csp';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recipes } from './arbitrary.ts';
import { type Behavior, behaviorOf } from './behavior.ts';
import { type Denotation, Equations } from './denotation.ts';
import { explore } from './graph.ts';
import { FINITE } from './random-recipe.ts';
import { build, EVENT_NAMES, type Op, type Recipe, showRecipe } from './recipe.ts';
import { sizeOf } from './shrink.ts';

/** Trace, refused sets as bits (✓ is bit 0), and `!` where the process may diverge: one line a trace. */
type Meaning = ReadonlyMap<string, string>;

/** `P ; Q` hides P's tick, so that its traces of length n need P's of length n + 1: room for two of them. */
const SLACK = 2;

function byRules(terms: Terms, sigma: EventSet, process: Process, length: number): Meaning {
  const meaning = new Map<string, string>();
  const visit = (node: Behavior, trace: readonly EventId[]) => {
    const refused = new Set<number>();
    for (const accepted of node.acceptances) {
      for (let X = 0; X < 2 ** (sigma.length + 1); X++) {
        if ([TICK, ...sigma].every((event) => !(X & (1 << (event - TICK))) || !accepted.has(event))) refused.add(X);
      }
    }
    meaning.set(trace.join(' '), line(refused, node.divergent));
    if (trace.length < length) for (const event of node.initials) visit(node.after(event), [...trace, event]);
  };
  visit(behaviorOf(explore(terms, process)), []);
  return meaning;
}

function byEquations(denotation: Denotation, length: number): Meaning {
  const short = [...denotation].filter(([, { trace }]) => trace.length <= length);
  return new Map(short.map(([trace, { refusals, diverges }]) => [trace, line(refusals, diverges)]));
}

function line(refused: ReadonlySet<number>, diverges: boolean): string {
  return `${[...refused].sort((a, b) => a - b)}${diverges ? ' !' : ''}`;
}

function both(recipe: Recipe, length: number): [rules: object, equations: object] {
  const terms = new Terms(new Alphabet());
  const sigma = EVENT_NAMES.slice(0, 3).map((name) => terms.alphabet.intern(name));
  const process = build(terms, recipe);
  const sorted = (meaning: Meaning) =>
    Object.fromEntries([...meaning].sort(([one], [other]) => (one < other ? -1 : 1)));
  return [
    sorted(byRules(terms, sigma, process, length)),
    sorted(byEquations(new Equations(sigma).of(process, length + SLACK), length)),
  ];
}

function agree(recipe: Recipe, length: number): void {
  const [rules, equations] = both(recipe, length);
  expect(rules, showRecipe(recipe)).toEqual(equations);
}

describe('firing rules = equations', () => {
  test('on random finite processes, completely', () => {
    fc.assert(
      fc.property(recipes({ size: 9, events: 3, ops: FINITE }), (recipe) => agree(recipe, sizeOf(recipe) + 1)),
      { seed: 1, numRuns: 5000 },
    );
  });

  // Hiding shortens traces, so recursion under it is out of reach for a bound; the finite processes above cover it.
  const recursive: readonly Op[] = [
    'mu',
    'variable',
    'prefix',
    'skip',
    'stop',
    'run',
    'chaos',
    'externalChoice',
    'internalChoice',
    'slidingChoice',
    'interrupt',
    'exception',
    'sequential',
    'interleave',
    'generalizedParallel',
    'alphabetizedParallel',
    'synchronizingChoice',
    'synchronizingInterrupt',
    'rename',
  ];
  test('on random recursive processes, up to traces of four events', () => {
    fc.assert(
      fc.property(recipes({ size: 9, events: 2, ops: recursive }), (recipe) => {
        fc.pre(guarded(recipe) && sequentials(recipe) <= SLACK);
        agree(recipe, 4);
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  test.each<Op>(FINITE.filter((op) => !['stop', 'skip', 'div'].includes(op)))('%s, with little around it', (op) => {
    fc.assert(
      fc.property(
        recipes({ size: 6, events: 3, ops: ['stop', 'skip', 'div', 'prefix', 'internalChoice', op] }),
        (recipe) => agree(recipe, sizeOf(recipe) + 1),
      ),
      { seed: 3, numRuns: 100 },
    );
  });

  test('the comparison can fail', () => {
    const [, ofChoice] = both(
      {
        op: 'externalChoice',
        args: [
          { op: 'prefix', index: 0, args: [{ op: 'stop', args: [] }] },
          { op: 'stop', args: [] },
        ],
      },
      3,
    );
    const [ofInternal] = both(
      {
        op: 'internalChoice',
        args: [
          { op: 'prefix', index: 0, args: [{ op: 'stop', args: [] }] },
          { op: 'stop', args: [] },
        ],
      },
      3,
    );
    expect(ofInternal).not.toEqual(ofChoice);
  });
});

/** Whether each variable stands behind an event, so that the equations unfold finitely often. */
function guarded(recipe: Recipe, unguarded: readonly boolean[] = []): boolean {
  switch (recipe.op) {
    case 'variable':
      return unguarded.at(-1 - recipe.index!) !== true;
    case 'mu':
      return guarded(recipe.args[0]!, [...unguarded, true]);
    case 'prefix':
      return guarded(
        recipe.args[0]!,
        unguarded.map(() => false),
      );
    default:
      return recipe.args.every((arg) => guarded(arg, unguarded));
  }
}

function sequentials(recipe: Recipe): number {
  return recipe.args.reduce((count, arg) => count + sequentials(arg), recipe.op === 'sequential' ? 1 : 0);
}
