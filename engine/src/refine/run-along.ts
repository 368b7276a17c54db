/** A run of a transition system along a given trace, to a state that is looked for. */
import { type EventId, TAU } from '../csp/index.ts';
import { type Limits, type Lts, type StateId, Transitions, Watch } from '../lts/index.ts';
import type { Step } from './verdict.ts';

interface Place {
  readonly state: StateId;
  readonly position: number;
  readonly before: Place | undefined;
  readonly event: EventId;
}

/**
 * The first run, breadth first, that performs `trace` with any number of taus and ends in a state that `isFound` accepts; undefined if there is none.
 * `isFound` gets the steps of that state; `mayLeave`, if given, those of a state from which the event at `position` is to be performed. Throws `LimitReached`;
 * `limits.stateCountMax` bounds how far it looks.
 */
export function runAlong(
  lts: Lts,
  trace: readonly EventId[],
  isFound: (steps: Transitions, state: StateId) => boolean,
  limits: Limits = {},
  mayLeave: (steps: Transitions, position: number) => boolean = () => true,
): readonly Step[] | undefined {
  const watch = new Watch(limits, 'refine');
  const steps = new Transitions();
  const queue: Place[] = [];
  const seen = trace.concat(TAU).map(() => new Set<StateId>());
  const add = (place: Place): void => {
    if (seen[place.position]!.has(place.state)) return;
    seen[place.position]!.add(place.state);
    queue.push(place);
  };
  add({ state: lts.initial, position: 0, before: undefined, event: TAU });
  for (const [asked, place] of queue.entries()) {
    watch.check(asked, 0);
    lts.successors(place.state, steps);
    if (place.position === trace.length && isFound(steps, place.state)) return stepsTo(lts, place);
    const leaves = place.position < trace.length && mayLeave(steps, place.position);
    for (let i = 0; i < steps.length; i++) {
      const event = steps.eventAt(i);
      if (event === TAU) add({ state: steps.targetAt(i), position: place.position, before: place, event });
      else if (leaves && event === trace[place.position])
        add({ state: steps.targetAt(i), position: place.position + 1, before: place, event });
    }
  }
  return undefined;
}

/** A step that is put in words when they are asked for: a run may have thousands of states, and often nobody reads them. */
export function stepOf(lts: Lts, event: EventId, source: StateId, target: StateId): Step {
  let from: string | undefined;
  let to: string | undefined;
  return {
    event,
    get from() {
      return (from ??= lts.describe(source));
    },
    get to() {
      return (to ??= lts.describe(target));
    },
  };
}

function stepsTo(lts: Lts, last: Place): readonly Step[] {
  const steps: Step[] = [];
  for (let place = last; place.before !== undefined; place = place.before) {
    steps.push(stepOf(lts, place.event, place.before.state, place.state));
  }
  return steps.reverse();
}
