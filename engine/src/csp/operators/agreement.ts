/**
 * Joint steps: every participant performs the event, each in any of the ways it can.
 */
import type { EventId } from '../events.ts';
import type { Process, Transition } from '../process.ts';

/** All ways in which the `participants` (indices) perform `event` together: the new list of components, the others unchanged. */
export function* together(
  components: readonly Process[],
  steps: readonly (readonly Transition[])[],
  participants: readonly number[],
  event: EventId,
): Iterable<readonly Process[]> {
  const [first, ...others] = participants;
  if (first === undefined) {
    yield components;
    return;
  }
  for (const transition of steps[first]!) {
    if (transition.event !== event) continue;
    yield* together(components.with(first, transition.target), steps, others, event);
  }
}
