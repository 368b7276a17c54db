import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recipes } from '../../../../tests/reference/arbitrary.ts';
import { behaviorOf } from '../../../../tests/reference/behavior.ts';
import { fineRefutations } from '../../../../tests/reference/fine-refinement.ts';
import { explore, TooLarge } from '../../../../tests/reference/graph.ts';
import { FINE_MODELS } from '../../../../tests/reference/observations.ts';
import { deadlock } from '../../../../tests/reference/properties.ts';
import { COMPOSITIONAL } from '../../../../tests/reference/random-recipe.ts';
import { build } from '../../../../tests/reference/recipe.ts';
import { refutations } from '../../../../tests/reference/refinement.ts';
import { Alphabet, type Compression, type EventId, type Process, TAU, Terms, TICK } from '../../csp/index.ts';
import { refines } from '../../refine/index.ts';
import { explicate } from '../component.ts';
import { compile, type Lts, Transitions, termLts } from '../index.ts';
import { compressed, keepsEveryModel } from './compressed.ts';

const COMPRESSIONS: readonly Compression[] = [
  'explicate',
  'sbisim',
  'tau_loop_factor',
  'diamond',
  'normal',
  'dbisim',
  'wbisim',
  'model_compress',
];

const terms = new Terms(new Alphabet());
const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [EventId, EventId, EventId];

/** A transition system as a term again, so that the reference engine, which reads terms, can judge it. */
function asTerm(lts: Lts, key: string): Process {
  const steps = new Transitions();
  const at = (state: number): Process =>
    terms.call(`${key} ${state}`, () => {
      lts.successors(state as Lts['initial'], steps);
      const visible: { event: EventId; next: Process }[] = [];
      const silent: Process[] = [];
      let ticks = false;
      for (let i = 0; i < steps.length; i++) {
        const event = steps.eventAt(i);
        if (event === TICK) ticks = true;
        else if (event === TAU) silent.push(at(steps.targetAt(i)));
        else visible.push({ event, next: at(steps.targetAt(i)) });
      }
      const offers = visible.length === 0 ? [] : [terms.prefixChoice(visible)];
      const stable = terms.externalChoice([...offers, ...(ticks ? [terms.skip] : [])]);
      const open = offers.length === 0 && !ticks ? terms.stop : stable;
      return silent.length === 0 ? open : terms.slidingChoice(open, terms.internalChoice(silent));
    });
  return at(lts.initial);
}

/** In words, the models in which two processes differ, by the reference engine; undefined when they are too large. With `fine`, V and R are models too. */
function differences(one: Process, other: Process, fine = false): string[] | undefined {
  try {
    const graphs = [explore(terms, one, fine ? 40 : 400), explore(terms, other, fine ? 120 : 1200)] as const;
    const [left, right] = [behaviorOf(graphs[0]), behaviorOf(graphs[1])];
    const found = (['T', 'F', 'FD'] as const).filter(
      (model) => refutations(model, left, right).length + refutations(model, right, left).length > 0,
    ) as string[];
    for (const model of ['F', 'FD'] as const) {
      if (deadlock(model, left).length > 0 !== deadlock(model, right).length > 0) found.push(`deadlock ${model}`);
    }
    if (!fine) return found;
    const [P, Q] = graphs;
    const differs = (model: (typeof FINE_MODELS)[number]) =>
      fineRefutations(model, P, Q, [a, b, c]).length + fineRefutations(model, Q, P, [a, b, c]).length > 0;
    return [...found, ...FINE_MODELS.filter(differs)];
  } catch (fault) {
    if (fault instanceof TooLarge) return undefined;
    throw fault;
  }
}

describe.each(COMPRESSIONS)('%s', (by) => {
  test(`changes nothing in ${keepsEveryModel(by) ? 'any model' : 'T, F and FD'}, alone or in a network`, () => {
    let compared = 0;
    fc.assert(
      fc.property(recipes({ size: 12, events: 3, ops: COMPOSITIONAL }), fc.boolean(), (recipe, alone) => {
        const process = build(terms, recipe);
        const context = (part: Process): Process => {
          const other = terms.prefix(
            a,
            terms.externalChoice([terms.prefix(b, terms.skip), terms.prefix(c, terms.stop)]),
          );
          return alone ? part : terms.hide(terms.generalizedParallel([part, other], [a, b]), [a]);
        };
        const fine = keepsEveryModel(by);
        const lts = compile(terms, context(terms.compress(process, by)));
        const found = differences(context(process), asTerm(lts, `${by} ${process.id} ${alone}`), fine);
        if (found === undefined) return;
        compared++;
        expect(found).toEqual([]);
      }),
      { seed: 11, numRuns: 250 },
    );
    expect(compared).toBeGreaterThan(150);
  });
});

test('the witness tells when something is lost: a refusal, a divergence, that it has terminated', () => {
  const offer = terms.externalChoice([terms.prefix(a, terms.stop), terms.prefix(b, terms.stop)]);
  const choice = terms.internalChoice([terms.prefix(a, terms.stop), terms.prefix(b, terms.stop)]);
  expect(differences(offer, asTerm(termLts(terms, choice), 'choice'))).toEqual(['F', 'FD']);
  expect(differences(terms.stop, asTerm(termLts(terms, terms.div), 'div'))).toContain('FD');
  expect(differences(terms.skip, asTerm(termLts(terms, terms.stop), 'stop'))).toContain('deadlock F');
});

test.each(COMPRESSIONS.filter((by) => !keepsEveryModel(by)))(
  '%s loses what V and R see, so they go without it',
  (by) => {
    const stable = terms.internalChoice([
      terms.prefix(a, terms.stop),
      terms.externalChoice([terms.prefix(a, terms.stop), terms.prefix(b, terms.stop)]),
    ]);
    const process = terms.compress(stable, by);
    const lost = differences(stable, asTerm(compile(terms, process), `lost ${by}`), true);
    expect(lost).toEqual([...FINE_MODELS]);
    const kept = differences(stable, asTerm(compile(terms, process, { fine: true }), `kept ${by}`), true);
    expect(kept).toEqual([]);
    // Whoever compiles without thinking of the model gets no wrong verdict, and neither does what is compressed inside of something else.
    for (const reduced of [process, terms.compress(terms.interleave([process, terms.skip]), 'sbisim')]) {
      const whole = reduced === process ? stable : terms.interleave([stable, terms.skip]);
      for (const model of FINE_MODELS)
        for (const hierarchyMin of [1, Number.POSITIVE_INFINITY]) {
          const specification = compile(terms, reduced, { hierarchyMin });
          expect(refines(model, specification, compile(terms, whole)).kind, model).toBe('holds');
        }
    }
  },
);

/** How many states are left of `process`. */
function sizeOf(process: Process, by: Compression): number {
  const component = explicate(termLts(terms, process), {});
  return compressed(component, by, terms.alphabet).graph.stateCount;
}

test('each makes smaller what it is there for', () => {
  const ring = (i: number): Process =>
    terms.call(`ring ${i}`, () =>
      terms.prefixChoice([
        { event: c, next: ring((i + 1) % 5) },
        { event: i === 0 ? a : b, next: terms.stop },
      ]),
    );
  const loop = terms.hide(ring(0), [c]);
  expect(sizeOf(loop, 'sbisim')).toBe(6);
  for (const by of ['tau_loop_factor', 'diamond', 'normal', 'dbisim', 'wbisim'] as const)
    expect(sizeOf(loop, by)).toBe(2);

  const delayed = terms.hide(terms.prefix(c, terms.prefix(c, terms.prefix(a, terms.stop))), [c]);
  expect(sizeOf(delayed, 'tau_loop_factor')).toBe(4);
  for (const by of ['normal', 'dbisim', 'wbisim'] as const) expect(sizeOf(delayed, by)).toBe(2);
  // Diamond keeps the tau before the stable state: two of the four.
  expect(sizeOf(delayed, 'diamond')).toBe(3);

  const twice = terms.internalChoice([
    terms.prefix(a, terms.prefix(b, terms.stop)),
    terms.prefix(a, terms.prefix(c, terms.stop)),
  ]);
  expect(sizeOf(twice, 'normal')).toBeLessThan(sizeOf(twice, 'wbisim'));
});

test('priority sees the process itself, whatever compression is around it', () => {
  const process = terms.hide(terms.prefix(c, terms.prefix(a, terms.stop)), [c]);
  const open = terms.slidingChoice(terms.prefix(b, terms.stop), process);
  for (const by of COMPRESSIONS) {
    const lts = compile(terms, terms.prioritize(terms.compress(open, by), [[], [a, b]]));
    expect(differences(terms.prioritize(open, [[], [a, b]]), asTerm(lts, `priority ${by}`))).toEqual([]);
  }
});
