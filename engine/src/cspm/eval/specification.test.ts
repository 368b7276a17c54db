/** Determinization and watchdogs, by what they are for: each claim is decided a second time by refinement on random processes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { recipes } from '../../../../tests/reference/arbitrary.ts';
import { build, eventsOf, type Op, type Recipe, showRecipe } from '../../../../tests/reference/recipe.ts';
import { eventSet, type Process, type Terms } from '../../csp/index.ts';
import { termLts } from '../../lts/index.ts';
import { deadlockFree, deterministic, refines } from '../../refine/index.ts';
import { DEFAULT_LIMITS } from './budget.ts';
import { Machine } from './machine.ts';
import { determinized, failureWatchdog, traceWatchdog } from './specification.ts';
import { codeOf, expression, script } from './testing.ts';

const HERE = { file: 'test', line: 1, column: 1, endLine: 1, endColumn: 1 };
const RUNS = 150;
const ALL: readonly Op[] = [
  'stop',
  'div',
  'chaos',
  'run',
  'variable',
  'mu',
  'prefix',
  'hide',
  'rename',
  'externalChoice',
  'internalChoice',
  'slidingChoice',
  'interrupt',
  'exception',
  'interleave',
  'generalizedParallel',
];
const shape = { size: 9, events: 2, ops: ALL };
const pairs = fc.tuple(recipes(shape), recipes(shape));

/** Does not terminate: nothing that runs beside a process can see that. */
function endless(terms: Terms, recipe: Recipe): Process {
  return terms.sequential(build(terms, recipe), terms.stop);
}

function store() {
  const machine = new Machine(DEFAULT_LIMITS);
  const { terms } = machine;
  const events = eventsOf(terms, 3);
  return { machine, terms, events, bark: terms.alphabet.intern('bark') };
}

describe('deter', () => {
  const both = { ...shape, ops: [...ALL, 'skip', 'sequential'] as const };

  test('has the traces of the process, and is deterministic but for its termination', () => {
    fc.assert(
      fc.property(recipes(both), (recipe) => {
        const { machine, terms } = store();
        const process = build(terms, recipe);
        const [P, D] = [process, determinized(machine, process, HERE)].map((p) => termLts(terms, p)) as [
          ReturnType<typeof termLts>,
          ReturnType<typeof termLts>,
        ];
        expect(refines('T', P, D).kind, showRecipe(recipe)).toBe('holds');
        expect(refines('T', D, P).kind, showRecipe(recipe)).toBe('holds');
        if (!JSON.stringify(recipe).includes('skip')) {
          expect(deterministic('FD', D).kind, showRecipe(recipe)).toBe('holds');
        }
      }),
      { seed: 3, numRuns: RUNS },
    );
  });

  test('changes nothing that is deterministic', () => {
    let changed = 0;
    fc.assert(
      fc.property(recipes(shape), (recipe) => {
        const { machine, terms } = store();
        const process = endless(terms, recipe);
        const [P, D] = [process, determinized(machine, process, HERE)].map((p) => termLts(terms, p)) as [
          ReturnType<typeof termLts>,
          ReturnType<typeof termLts>,
        ];
        const same = refines('FD', P, D).kind === 'holds' && refines('FD', D, P).kind === 'holds';
        if (!same) changed++;
        expect(same, showRecipe(recipe)).toBe(deterministic('FD', P).kind === 'holds');
      }),
      { seed: 5, numRuns: RUNS },
    );
    expect(changed).toBeGreaterThan(10);
  });

  test('an endless chain of taus is a fault, not an endless wait', () => {
    const evaluated = script('external deter\nchannel a\nP(n) = (a -> P(n+1)) \\ {a}\nD = deter(P(0))', {
      limits: { stepCountMax: 2_000 },
    });
    const determined = evaluated.process(expression('D'));
    expect(
      codeOf(() => termLts(evaluated.terms, determined).successors(0 as never, { clear() {}, push() {} } as never)),
    ).toBe('CSP-EVL-006');
  });
});

describe('watchdogs', () => {
  /** Whether the claim about the watched system agrees with refinement, on many pairs; how often the refinement held and failed. */
  function agree(model: 'T' | 'F', claim: (s: ReturnType<typeof store>, P: Process, Q: Process) => boolean) {
    const seen = { holds: 0, fails: 0 };
    const check = (specification: Recipe, implementation: Recipe): void => {
      const s = store();
      const [P, Q] = [specification, implementation].map((recipe) => endless(s.terms, recipe)) as [Process, Process];
      const { kind } = refines(model, termLts(s.terms, P), termLts(s.terms, Q));
      expect(claim(s, P, Q), `${showRecipe(specification)} [${model}= ${showRecipe(implementation)}`).toBe(
        kind === 'holds',
      );
      if (kind !== 'unknown') seen[kind]++;
    };
    fc.assert(
      fc.property(pairs, ([P, Q]) => {
        check(P, Q);
        check(P, P);
        check({ op: 'internalChoice', args: [P, Q] }, Q);
      }),
      { seed: 17, numRuns: RUNS },
    );
    expect(seen.holds).toBeGreaterThan(100);
    expect(seen.fails).toBeGreaterThan(30);
  }

  const silent = ({ terms, events }: ReturnType<typeof store>, system: Process): boolean =>
    refines('T', termLts(terms, terms.run(events)), termLts(terms, system)).kind === 'holds';

  test('the trace watchdog barks exactly at what is no trace of the specification', () => {
    agree('T', (s, P, Q) => {
      const dog = traceWatchdog(s.machine, { specification: P, events: s.events, bark: s.bark }, HERE);
      return silent(s, s.terms.generalizedParallel([Q, dog], s.events));
    });
  });

  test('the failure watchdog barks or deadlocks exactly at what is no failure of the specification', () => {
    agree('F', (s, P, Q) => {
      const dog = failureWatchdog(s.machine, { specification: P, events: s.events, bark: s.bark }, HERE);
      const system = s.terms.generalizedParallel([Q, dog], s.events);
      return silent(s, system) && deadlockFree('F', termLts(s.terms, system)).kind === 'holds';
    });
  });

  test('the alarm is no event that is watched', () => {
    const s = store();
    const watch = { specification: s.terms.stop, events: eventSet([...s.events, s.bark]), bark: s.bark };
    expect(codeOf(() => traceWatchdog(s.machine, watch, HERE))).toBe('CSP-EVL-021');
    expect(codeOf(() => failureWatchdog(s.machine, watch, HERE))).toBe('CSP-EVL-021');
  });
});
