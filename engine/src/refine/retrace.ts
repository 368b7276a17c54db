/** A counterexample found in a compressed transition system, told as a run of the process itself. */
import { type EventId, TAU, TICK } from '../csp/index.ts';
import { LimitReached, type Limits, type Lts, type StateId, Transitions } from '../lts/index.ts';
import { runAlong } from './run-along.ts';
import { initialsOf, search } from './search.ts';
import type { Counterexample, Step } from './verdict.ts';

/** The counterexample with the same trace, and a run of `lts` that ends in what it claims. Throws `LimitReached`. */
export function retraced(lts: Lts, found: Counterexample, limits: Limits): Counterexample {
  switch (found.kind) {
    case 'trace': {
      const steps = runTo(lts, [...found.trace, found.event], limits, () => true);
      return { ...found, steps };
    }
    case 'refusal': {
      let accepted = found.accepted;
      const steps = runTo(lts, found.trace, limits, (next) => {
        const initials = initialsOf(next);
        if (initials.includes(TAU) && !initials.includes(TICK)) return false;
        accepted = initials.includes(TICK) ? [TICK] : initials;
        return accepted.every((event) => found.accepted.includes(event));
      });
      return { ...found, steps, accepted };
    }
    case 'deadlock': {
      const steps = runTo(lts, found.trace, limits, (next) => next.length === 0);
      return { ...found, steps };
    }
    case 'divergence': {
      let loop: readonly Step[] = [];
      const steps = runTo(lts, found.trace, limits, (_, state) => {
        loop = loopAt(lts, state, limits) ?? [];
        return loop.length > 0;
      });
      return { ...found, steps, loop };
    }
    default:
      return found;
  }
}

function runTo(
  lts: Lts,
  trace: readonly EventId[],
  limits: Limits,
  isFound: (steps: Transitions, state: StateId) => boolean,
): readonly Step[] {
  const steps = runAlong(lts, trace, isFound, limits);
  if (steps === undefined) throw new Error('defect: a compressed process does what the process does not');
  return steps;
}

/** A cycle of taus through `state` that is found at once; undefined if there is none, or only after some taus. */
export function loopAt(lts: Lts, state: StateId, limits: Limits): readonly Step[] | undefined {
  const found = divergenceOf(lts, state, limits);
  return found === undefined || found.steps.length > 0 ? undefined : found.loop;
}

/** Taus from `state` to a cycle of taus, and that cycle; undefined if there is none. */
export function divergenceOf(
  lts: Lts,
  state: StateId,
  limits: Limits,
): { readonly steps: readonly Step[]; readonly loop: readonly Step[] } | undefined {
  const verdict = search(tausFrom(lts, state), { divergence: true }, limits);
  if (verdict.kind === 'unknown') throw new LimitReached(verdict.spent);
  return verdict.kind === 'fails' && verdict.counterexample.kind === 'divergence' ? verdict.counterexample : undefined;
}

/** `lts` from another state on, without its visible events. */
function tausFrom(lts: Lts, initial: Lts['initial']): Lts {
  const all = new Transitions();
  return {
    alphabet: lts.alphabet,
    initial,
    get stateCount() {
      return lts.stateCount;
    },
    successors(state, into) {
      lts.successors(state, all);
      into.clear();
      for (let i = 0; i < all.length; i++) if (all.eventAt(i) === TAU) into.push(TAU, all.targetAt(i));
    },
    describe: (state) => lts.describe(state),
  };
}
