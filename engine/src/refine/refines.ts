/**
 * Refinement: every behavior of the implementation is one of the specification's.
 *
 * `T`: traces. `F`: traces and stable failures. `FD`: failures and divergences; below a divergence the specification allows everything.
 * `V`, `VD`, `R`, `RD`: see `fine-refinement.ts`.
 * The specification is normalized while the implementation is explored, as far as the implementation goes. Roscoe, Model-checking CSP (1994).
 */
import { HierarchicalLts, LimitReached, type Limits, type Lts, normalizeLazily, type Question } from '../lts/index.ts';
import type { Pruning } from './antichain.ts';
import { brief, decide, questionOf } from './decide.ts';
import { refinesFinely } from './fine-refinement.ts';
import type { Goal } from './search.ts';
import { isFine, type Model, type Verdict } from './verdict.ts';

/**
 * Whether `specification [model= implementation`. Both must have the same alphabet.
 *
 * The counterexample has a shortest visible trace: `trace` (an event too many), `refusal` (all but T), `revival` (V, R), or `divergence` (with D).
 * `pruning`: see `antichain.ts`; it changes how many pairs are visited, not the verdict and not the length of the counterexample.
 * `unknown` when a limit was reached; throws what evaluating the processes throws.
 *
 * @example
 * refines('F', compile(terms, specification), compile(terms, system)).kind; // 'holds'
 */
export function refines(
  model: Model,
  specification: Lts,
  implementation: Lts,
  limits: Limits & { readonly pruning?: Pruning } = {},
): Verdict {
  if (specification.alphabet !== implementation.alphabet)
    throw new RangeError('the two processes have different alphabets');
  if (isFine(model)) return refinesFinely(model, specification, implementation, limits);
  const goal: Goal = {
    refusals: model !== 'T',
    divergence: model === 'FD',
    ...(limits.pruning && { pruning: limits.pruning }),
  };
  const against = (form: Lts, within: Limits): Verdict => {
    try {
      return decide(implementation, { ...goal, specification: normalizeLazily(form, within) }, within);
    } catch (fault) {
      if (fault instanceof LimitReached) return { kind: 'unknown', states: 0, transitions: 0, spent: fault.spent };
      throw fault;
    }
  };
  if (!(specification instanceof HierarchicalLts)) return against(specification, limits);
  // A specification of many components only has to have the same failures: it is followed with each reduced, then with all of them joined.
  try {
    const question: Question = { ...questionOf(goal, specification.hasTaus), events: true };
    const hierarchy = specification.hierarchy(question);
    const briefly = brief(limits);
    const verdict = against(hierarchy.apart(), briefly.limits);
    if (verdict.kind !== 'unknown' || !briefly.isSpent()) return verdict;
    return against(hierarchy.joined(limits) ?? specification.plain, limits);
  } catch (fault) {
    if (fault instanceof LimitReached) return { kind: 'unknown', states: 0, transitions: 0, spent: fault.spent };
    throw fault;
  }
}
