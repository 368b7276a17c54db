/**
 * One measurement of hierarchical compression in a process of its own, for `bench/check.ts`; prints JSON.
 *
 *   node bench/check-networks.ts philosophers|milner N
 */
import { readFileSync } from 'node:fs';
import { load } from '../engine/src/load.ts';
import { compile } from '../engine/src/lts/index.ts';
import { deadlockFree, refines, replay } from '../engine/src/refine/index.ts';

export interface Decided {
  /** Of CPU, from source to verdicts, counterexamples replayed. */
  readonly milliseconds: number;
  /** States looked at. */
  readonly states: number;
  /** Visible events of the counterexample, if there is one. */
  readonly trace: number | undefined;
}

const [what, n] = process.argv.slice(2);
const model = readFileSync(new URL(`../models/bench/${what}.csp`, import.meta.url), 'utf8');
const { evaluation, diagnostics } = load(model.replace(/^N = \d+$/m, `N = ${n}`), { file: `${what}.csp` });
if (evaluation === undefined) throw new Error(JSON.stringify(diagnostics));
const { terms, assertions } = evaluation;
console.log(JSON.stringify(what === 'milner' ? milner() : philosophers()));

/** That they deadlock, and how: the replay by the firing rules is counted. */
function philosophers(): Decided {
  const [plain] = assertions;
  if (plain?.form !== 'property') throw new Error('the model has other assertions');
  const table = plain.process();
  const verdict = deadlockFree('F', compile(terms, table));
  if (verdict.kind !== 'fails') throw new Error(`expected to fail: ${verdict.kind}`);
  const claim = { check: 'deadlock free', model: 'F', process: table } as const;
  if (!replay(terms, claim, verdict.counterexample)) throw new Error('the counterexample does not replay');
  return decided(verdict.states, verdict.counterexample.trace.length);
}

/** That the scheduler equals its ring, in FD both ways. */
function milner(): Decided {
  let states = 0;
  for (const assertion of assertions.slice(0, 2)) {
    if (assertion.form !== 'refinement') throw new Error('the model has other assertions');
    const verdict = refines(
      'FD',
      compile(terms, assertion.specification()),
      compile(terms, assertion.implementation()),
    );
    if (verdict.kind !== 'holds') throw new Error(`expected to hold: ${verdict.kind}`);
    states += verdict.states;
  }
  return decided(states, undefined);
}

function decided(states: number, trace: number | undefined): Decided {
  const { user, system } = process.cpuUsage();
  return { milliseconds: (user + system) / 1000, states, trace };
}
