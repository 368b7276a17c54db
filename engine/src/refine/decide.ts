/** A search, with its counterexample told in the process's own runs. */
import { LimitReached, type Limits, type Lts } from '../lts/index.ts';
import { retraced } from './retrace.ts';
import { type Goal, search } from './search.ts';
import type { Verdict } from './verdict.ts';

/** Searches `lts` for the first violation of `goal`; where compressions were applied, it is retraced without them. A limit reached is `unknown`. */
export function decide(lts: Lts, goal: Goal, limits: Limits): Verdict {
  const verdict = search(lts, goal, limits);
  if (verdict.kind !== 'fails' || lts.uncompressed === undefined) return verdict;
  try {
    return { ...verdict, counterexample: retraced(lts.uncompressed, verdict.counterexample, limits) };
  } catch (fault) {
    if (!(fault instanceof LimitReached)) throw fault;
    const { states, transitions } = verdict;
    return { kind: 'unknown', states, transitions, spent: fault.spent };
  }
}
