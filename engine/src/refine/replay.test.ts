/** Counterexamples of random checks all replay; tampered ones do not. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recipes } from '../../../tests/reference/arbitrary.ts';
import { ALL_OPS } from '../../../tests/reference/random-recipe.ts';
import { build } from '../../../tests/reference/recipe.ts';
import { Alphabet, type EventId, type Process, TAU, Terms } from '../csp/index.ts';
import { compile, type Lts } from '../lts/index.ts';
import {
  type Claim,
  type Counterexample,
  deadlockFree,
  deterministic,
  divergenceFree,
  hasTrace,
  refines,
  replay,
  type Verdict,
} from './index.ts';

const terms = new Terms(new Alphabet());
const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [EventId, EventId, EventId];
const LIMITS = { stateCountMax: 5000 };

function* checks(specification: Process, process: Process, trace: readonly EventId[]): Iterable<[Verdict, Claim]> {
  const lts = compile(terms, process);
  for (const model of ['T', 'F', 'FD'] as const) {
    yield [
      refines(model, compile(terms, specification), lts, LIMITS),
      { check: 'refinement', model, specification, implementation: process },
    ];
    yield [hasTrace(model, lts, trace, LIMITS), { check: 'has trace', model, process, expected: trace }];
    if (model === 'T') continue;
    yield [deadlockFree(model, lts, LIMITS), { check: 'deadlock free', model, process }];
    yield [deterministic(model, lts, LIMITS), { check: 'deterministic', model, process }];
  }
  const [fineSpec, fine] = [specification, process].map((one) => compile(terms, one, { fine: true })) as [Lts, Lts];
  for (const model of ['V', 'VD', 'R', 'RD'] as const) {
    yield [
      refines(model, fineSpec, fine, LIMITS),
      { check: 'refinement', model, specification, implementation: process },
    ];
  }
  yield [divergenceFree(lts, LIMITS), { check: 'divergence free', model: 'FD', process }];
}

/** Lies about the same check: each must be noticed, whatever the process. */
function* tampered(found: Counterexample, claim: Claim): Iterable<Counterexample> {
  // What was refused on the way is needed, and is nothing that a coarser model could see.
  const { refused, ...without } = found;
  if (refused !== undefined) yield without as Counterexample;
  else if (found.trace.length > 0 && !claim.model.startsWith('R'))
    yield { ...found, refused: found.trace.map(() => []) };
  if (found.kind === 'revival') yield { ...found, accepted: found.accepted.filter((event) => event !== found.event) };
  yield { ...found, trace: [...found.trace, a] };
  yield { ...found, steps: [...found.steps, { event: a, from: '', to: '' }] };
  if (found.trace.length > 0) yield { ...found, trace: found.trace.slice(1) };
  if (found.kind === 'divergence') yield { ...found, loop: [] };
  if (found.kind === 'trace') yield { ...found, event: TAU };
}

test('every counterexample replays, and none that was tampered with', () => {
  const kinds = new Map<string, number>();
  const shape = { size: 9, events: 3, ops: ALL_OPS };
  fc.assert(
    fc.property(
      recipes(shape),
      recipes(shape),
      fc.array(fc.constantFrom(a, b, c), { maxLength: 3 }),
      (left, right, trace) => {
        for (const [verdict, claim] of checks(build(terms, left), build(terms, right), trace)) {
          if (verdict.kind !== 'fails') continue;
          const { counterexample } = verdict;
          for (const kind of [counterexample.kind, ...(counterexample.refused ? ['with refusals'] : [])])
            kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
          expect(replay(terms, claim, counterexample)).toBe(true);
          for (const lie of tampered(counterexample, claim)) expect(replay(terms, claim, lie)).toBe(false);
        }
      },
    ),
    { seed: 21, numRuns: 300 },
  );
  for (const kind of ['trace', 'refusal', 'revival', 'deadlock', 'divergence', 'nondeterminism', 'missing trace']) {
    expect(kinds.get(kind), kind).toBeGreaterThan(10);
  }
});

test('a refusal trace replays with what was refused before, and not without', () => {
  const { stop } = terms;
  const branch = (first: EventId, other: EventId): Process =>
    terms.internalChoice([
      terms.externalChoice([terms.prefix(a, terms.prefix(first, stop)), terms.prefix(c, stop)]),
      terms.prefix(a, terms.prefix(other, stop)),
    ]);
  const [specification, implementation] = [branch(b, c), branch(c, b)];
  const verdict = refines('R', compile(terms, specification), compile(terms, implementation));
  if (verdict.kind !== 'fails') throw new Error('a difference that R sees');
  const { counterexample: found } = verdict;
  expect(found).toMatchObject({ trace: [a], refused: [[c]] });
  const claim: Claim = { check: 'refinement', model: 'R', specification, implementation };
  expect(replay(terms, claim, found)).toBe(true);
  for (const refused of [[undefined], [[]], [[a]], [[b]], [[a, c]]])
    expect(replay(terms, claim, { ...found, refused: refused as never }), `${refused}`).toBe(
      refused[0]?.join() === 'b,c',
    );
  expect(replay(terms, { ...claim, model: 'V' }, found)).toBe(false);
});

test('a claim that holds is refuted by nothing', () => {
  const process = terms.prefix(a, terms.skip);
  const claim: Claim = { check: 'refinement', model: 'FD', specification: process, implementation: process };
  const step = { event: a, from: '', to: '' };
  expect(replay(terms, claim, { kind: 'trace', trace: [], steps: [step], event: a })).toBe(false);
  expect(replay(terms, claim, { kind: 'refusal', trace: [], steps: [], accepted: [a], required: [[b]] })).toBe(false);
  expect(replay(terms, claim, { kind: 'divergence', trace: [a], steps: [step], loop: [] })).toBe(false);
  const ended: Counterexample = { kind: 'deadlock', trace: [a], steps: [step] };
  expect(replay(terms, { check: 'deadlock free', model: 'F', process }, ended)).toBe(false);
  const chosen: Counterexample = { kind: 'nondeterminism', trace: [], steps: [], event: a };
  expect(replay(terms, { check: 'deterministic', model: 'F', process }, chosen)).toBe(false);
});
