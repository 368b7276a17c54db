/**
 * A search, in the smallest system that can answer; its counterexample is told in the process's own runs.
 *
 * A network of many components is first searched with each reduced by itself, then, when that takes long, with all of them joined into one. What is equal in the
 * model of the question has the same shortest violations. Only where a deadlock is asked for are the events out of sight; then, if there is one, the network
 * itself is searched for a while for a shortest way to it.
 */
import { TAU, TICK } from '../csp/index.ts';
import { HierarchicalLts, LimitReached, type Limits, type Lts, type Question, type Reduced } from '../lts/index.ts';
import { retraced } from './retrace.ts';
import { type Goal, search } from './search.ts';
import type { Counterexample, Verdict } from './verdict.ts';

/** Looks at the clock before the next, larger way is tried: some hundred thousand states and transitions. */
const PATIENCE = 16;

/** Searches `lts` for the first violation of `goal`. A limit reached is `unknown`. */
export function decide(lts: Lts, goal: Goal, limits: Limits, patience = PATIENCE): Verdict {
  if (lts instanceof HierarchicalLts) return decideLarge(lts, goal, limits, patience);
  const verdict = search(lts, goal, limits);
  if (lts.uncompressed === undefined) return verdict;
  const unbounded: Limits = limits.stopped === undefined ? {} : { stopped: limits.stopped };
  return told(verdict, (found) => retraced(lts.uncompressed!, found, unbounded));
}

/** Steps looked at to find a divergence again in the network itself. */
const RETRACED_MAX = 1_000_000;

/** What has to be kept of a process to reach `goal`. */
export function questionOf(goal: Goal, hasTaus: boolean): Question {
  const divergence = goal.divergence === true && hasTaus;
  return {
    refusals: goal.refusals === true || goal.deadlock === true,
    divergence,
    strict: divergence,
    events: goal.specification !== undefined || divergence || goal.deadlock !== true,
  };
}

function decideLarge(lts: HierarchicalLts, goal: Goal, limits: Limits, patience: number): Verdict {
  const question = questionOf(goal, lts.hasTaus);
  const asked: Goal = question.events ? goal : { ...goal, divergence: false };
  try {
    const hierarchy = lts.hierarchy(question);
    const apart = hierarchy.apart();
    const briefly = brief(limits, patience);
    let verdict = search(apart, asked, briefly.limits);
    let reduced: Reduced | undefined = apart;
    if (verdict.kind === 'unknown' && briefly.isSpent()) {
      reduced = hierarchy.joined(limits);
      if (reduced !== undefined) verdict = search(reduced, asked, limits);
    }
    if (reduced === undefined) return search(lts.plain, asked, limits);
    if (verdict.kind === 'fails' && !question.events) {
      const shortest = search(lts.plain, asked, brief(limits, patience).limits);
      if (shortest.kind === 'fails') return shortest;
    }
    return told(verdict, (found) => unfolded(lts, reduced, found, limits));
  } catch (fault) {
    if (fault instanceof LimitReached) return { kind: 'unknown', states: 0, transitions: 0, spent: fault.spent };
    throw fault;
  }
}

function unfolded(lts: HierarchicalLts, reduced: Reduced, found: Counterexample, limits: Limits): Counterexample {
  switch (found.kind) {
    case 'trace':
      return { ...found, steps: reduced.unfolded(found.steps, 'any') };
    case 'refusal':
      return { ...found, steps: reduced.unfolded(found.steps, found.accepted.includes(TICK) ? 'tick' : 'stable') };
    case 'deadlock': {
      const steps = reduced.unfolded(found.steps, 'stable');
      return { ...found, steps, trace: steps.map(({ event }) => event).filter((event) => event !== TAU) };
    }
    default:
      return retraced(lts.plain, found, { ...limits, stateCountMax: RETRACED_MAX });
  }
}

function told(verdict: Verdict, tell: (found: Counterexample) => Counterexample): Verdict {
  if (verdict.kind !== 'fails') return verdict;
  try {
    return { ...verdict, counterexample: tell(verdict.counterexample) };
  } catch (fault) {
    if (!(fault instanceof LimitReached)) throw fault;
    const { states, transitions } = verdict;
    return { kind: 'unknown', states, transitions, spent: fault.spent };
  }
}

/** The same limits for a short while. */
export function brief(limits: Limits, patience = PATIENCE): { readonly limits: Limits; isSpent(): boolean } {
  let looks = 0;
  let ended = false;
  const stopped = (): boolean => {
    ended ||= limits.stopped?.() === true;
    return ended || ++looks > patience;
  };
  return { limits: { ...limits, stopped }, isSpent: () => !ended };
}
