/** Every program in all its interleavings: see README.md. */
import { load } from '@enhanced-csp/engine';
import { TICK } from '@enhanced-csp/engine/csp';
import { compile, Transitions } from '@enhanced-csp/engine/lts';
import { deadlockFree } from '@enhanced-csp/engine/refine';
import { explore, replay } from '@enhanced-csp/engine/runtime';
import { describe, expect, test } from 'vitest';
import { AGREEMENTS } from './agreements.ts';
import { BUFFERS } from './buffers.ts';
import { CHOICES, DEFECTS } from './choices.ts';
import type { Program } from './program.ts';
import { RENDEZVOUS } from './rendezvous.ts';

const PROGRAMS: readonly Program[] = [...RENDEZVOUS, ...BUFFERS, ...CHOICES, ...DEFECTS, ...AGREEMENTS];

const exploration = (program: Program) =>
  explore(program.system, { schedules: 'all', choices: program.fair === true ? 'fair' : 'any', schedulesMax: 300_000 });

test('there are at least forty, each with a name of its own', () => {
  expect(new Set(PROGRAMS.map((program) => program.name)).size).toBe(PROGRAMS.length);
  expect(PROGRAMS.length).toBeGreaterThanOrEqual(40);
});

describe('every interleaving', () => {
  test.each(PROGRAMS.map((program) => [program.name, program] as const))('%s', (_, program) => {
    const { complete, outcomes } = exploration(program);
    expect(complete).toBe(true);
    const ends = outcomes.map(({ kind, observed }) => `${kind} ${JSON.stringify(observed)}`);
    expect([...new Set(ends)].sort()).toEqual([...program.ends].sort());
    for (const outcome of outcomes) {
      const again = replay(program.system, outcome.token, { choices: program.fair === true ? 'fair' : 'any' });
      expect([again.kind, again.observed]).toEqual([outcome.kind, outcome.observed]);
    }
  });
});

describe('the static prediction', () => {
  const modelled = PROGRAMS.filter((program) => program.model !== undefined);

  test('is made for many of them', () => {
    expect(modelled.length).toBeGreaterThanOrEqual(15);
  });

  test.each(modelled.map((program) => [program.name, program] as const))('%s', (_, program) => {
    const predicted = predict(program.model!);
    const kinds = new Set(exploration(program).outcomes.map((outcome) => outcome.kind));
    expect({ deadlock: kinds.has('deadlock'), termination: kinds.has('terminated') }).toEqual(predicted);
  });
});

/** Whether SYSTEM may deadlock, by the checker; whether it may terminate, by looking at every state. */
function predict(model: string): { deadlock: boolean; termination: boolean } {
  const { diagnostics, evaluation } = load(`${model}\nassert SYSTEM :[deadlock free [F]]`, { file: 'model.csp' });
  const assertion = evaluation?.assertions[0];
  if (evaluation === undefined || assertion?.form !== 'property') throw new Error(JSON.stringify(diagnostics));
  const lts = compile(evaluation.terms, assertion.process());
  const verdict = deadlockFree('F', lts);
  if (verdict.kind === 'unknown') throw new Error('too large');
  const into = new Transitions();
  const reached = new Set([lts.initial]);
  let termination = false;
  for (const state of reached) {
    lts.successors(state, into);
    for (let i = 0; i < into.length; i++) {
      if (into.eventAt(i) === TICK) termination = true;
      else reached.add(into.targetAt(i));
    }
  }
  return { deadlock: verdict.kind === 'fails', termination };
}
