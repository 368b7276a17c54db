/**
 * `P :[has trace]: <a, b>`: the process can perform the trace; in F and FD, it cannot refuse to.
 */
import { type EventId, TAU, TICK } from '../csp/index.ts';
import { LimitReached, type Limits, type Lts, normalizeLazily, REFUSED } from '../lts/index.ts';
import { loopAt } from './retrace.ts';
import { runAlong } from './run-along.ts';
import { initialsOf } from './search.ts';
import type { Counterexample, FailuresModel, Step, Verdict } from './verdict.ts';

/**
 * Whether `process` performs `trace` (visible events, possibly a final `TICK`).
 *
 * `T`: some run does. `F`: moreover the next event is never refused on the way: whatever the process settles on after each prefix includes it.
 * `FD`: moreover it diverges after no prefix. What happens after the whole trace is not asked.
 * The counterexample is `missing trace` (its event cannot follow its trace), `refusal` (F, FD) or `divergence` (FD).
 *
 * @example
 * hasTrace('F', compile(terms, terms.prefix(a, stop)), [a]).kind; // 'holds'
 */
export function hasTrace(model: FailuresModel, process: Lts, trace: readonly EventId[], limits: Limits = {}): Verdict {
  const lts = process.uncompressed ?? process;
  const effort = { states: 0, transitions: 0 };
  try {
    const form = normalizeLazily(lts, limits);
    let node = form.initial;
    for (const [position, event] of trace.entries()) {
      effort.states++;
      effort.transitions++;
      const done = trace.slice(0, position);
      const next = form.after(node, event);
      if (model === 'FD' && form.divergent(node)) {
        return { kind: 'fails', ...effort, counterexample: divergenceAfter(lts, done, limits) };
      }
      const refusing = form.acceptances(node).find((acceptance) => !acceptance.includes(event));
      if (next === REFUSED) {
        const steps = runAlong(lts, done, () => true)!;
        return { kind: 'fails', ...effort, counterexample: { kind: 'missing trace', trace: done, steps, event } };
      }
      if (model !== 'T' && refusing !== undefined) {
        return { kind: 'fails', ...effort, counterexample: refusalAfter(lts, done, event) };
      }
      node = next;
    }
    effort.states++;
    return { kind: 'holds', ...effort };
  } catch (fault) {
    if (fault instanceof LimitReached) return { kind: 'unknown', ...effort, spent: fault.spent };
    throw fault;
  }
}

function refusalAfter(lts: Lts, trace: readonly EventId[], event: EventId): Counterexample {
  let accepted: readonly EventId[] = [];
  const steps = runAlong(lts, trace, (found) => {
    const initials = initialsOf(found);
    accepted = initials.includes(TICK) ? [TICK] : initials;
    return (initials.includes(TICK) || !initials.includes(TAU)) && !accepted.includes(event);
  });
  if (steps === undefined) throw new Error('defect: an acceptance that no state has');
  return { kind: 'refusal', trace, steps, accepted, required: [[event]] };
}

/** Some state after the trace diverges: the run to it, and its loop, by a search that starts there. */
function divergenceAfter(lts: Lts, trace: readonly EventId[], limits: Limits): Counterexample {
  let loop: readonly Step[] = [];
  const steps = runAlong(lts, trace, (_, state) => {
    loop = loopAt(lts, state, limits) ?? [];
    return loop.length > 0;
  });
  if (steps === undefined) throw new Error('defect: a divergence that no state has');
  return { kind: 'divergence', trace, steps, loop };
}
