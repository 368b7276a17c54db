/**
 * Joint steps: every participant performs the event, each in any of the ways it can.
 */
import type { EventId } from '../events.ts';
import type { Process, Transition } from '../process.ts';

/** All ways in which the `participants` (indices) perform `event` together: each a new list of components, the others unchanged. */
export function together(
  components: readonly Process[],
  steps: readonly (readonly Transition[])[],
  participants: Iterable<number>,
  event: EventId,
): readonly (readonly Process[])[] {
  let found = [[...components]];
  for (const i of participants) {
    const targets = steps[i]!.filter((step) => step.event === event).map((step) => step.target);
    // Nearly always there is one way: then no list is copied, and a thousand components cost a thousand steps.
    if (targets.length === 1) for (const next of found) next[i] = targets[0]!;
    else found = found.flatMap((next) => targets.map((target) => next.with(i, target)));
  }
  return found;
}
