/**
 * Refinement: every behavior of the implementation is one of the specification's.
 *
 * `T`: traces. `F`: traces and stable failures. `FD`: failures and divergences; below a divergence the specification allows everything.
 * The specification is normalized while the implementation is explored, as far as the implementation goes. Roscoe, Model-checking CSP (1994).
 */
import { LimitReached, type Limits, type Lts, type NormalForm, normalizeLazily } from '../lts/index.ts';
import { decide } from './decide.ts';
import type { Model, Verdict } from './verdict.ts';

/**
 * Whether `specification [model= implementation`. Both must have the same alphabet.
 *
 * The counterexample has a shortest visible trace: `trace` (an event too many), `refusal` (F, FD), or `divergence` (FD).
 * `unknown` when a limit was reached; throws what evaluating the processes throws.
 *
 * @example
 * refines('F', compile(terms, specification), compile(terms, system)).kind; // 'holds'
 */
export function refines(model: Model, specification: Lts, implementation: Lts, limits: Limits = {}): Verdict {
  if (specification.alphabet !== implementation.alphabet)
    throw new RangeError('the two processes have different alphabets');
  let normalForm: NormalForm;
  try {
    normalForm = normalizeLazily(specification, limits);
  } catch (fault) {
    if (fault instanceof LimitReached) return { kind: 'unknown', states: 0, transitions: 0, spent: fault.spent };
    throw fault;
  }
  const goal = { specification: normalForm, refusals: model !== 'T', divergence: model === 'FD' };
  return decide(implementation, goal, limits);
}
