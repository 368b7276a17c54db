/**
 * A component of a network: a process explored to an explicit graph and reduced to its strong-bisimulation quotient.
 *
 * Strong bisimulation keeps every model and every context, divergence and priority included. What has terminated stays apart from what is stuck.
 */
import { type EventId, TICK } from '../csp/index.ts';
import type { Graph } from './bisimulation.ts';
import type { Reduced } from './compress/reduction.ts';
import { sbisim } from './compress/sbisim.ts';
import { type Limits, type Lts, type StateId, Transitions } from './lts.ts';
import { Watch } from './watch.ts';

export interface Component {
  /** State 0 is the initial one; the steps of a state are sorted by event, then target, without duplicates. */
  readonly graph: Graph;
  /** The state after tick, if the component can terminate. */
  readonly omega: number | undefined;
  describe(state: number): string;
}

/** Explores all of `lts`. Throws `LimitReached`, and what `lts` throws. */
export function explicate(lts: Lts, limits: Limits): Component {
  const watch = new Watch(limits, 'compile');
  const steps = new Transitions();
  const offsets = [0];
  const events: number[] = [];
  const targets: number[] = [];
  const terminated: number[] = [];
  for (let state = 0; state < lts.stateCount; state++) {
    watch.check(lts.stateCount, events.length);
    lts.successors(state as StateId, steps);
    for (let i = 0; i < steps.length; i++) {
      events.push(steps.eventAt(i));
      targets.push(steps.targetAt(i));
      if (steps.eventAt(i) === TICK) terminated[steps.targetAt(i)] = 1;
    }
    offsets.push(events.length);
  }
  const stateCount = offsets.length - 1;
  const graph: Graph = {
    stateCount,
    offsets: Int32Array.from(offsets),
    events: Int32Array.from(events),
    targets: Int32Array.from(targets),
  };
  const labels = Int32Array.from({ length: stateCount }, (_, state) => terminated[state] ?? 0);
  return componentOf(sbisim({ graph, labels }), (state) => lts.describe(state as StateId));
}

/** A reduced graph as a component; `describe` knows the states it was made of. The label of termination is 1. */
export function componentOf({ graph, labels, origin }: Reduced, describe: (state: number) => string): Component {
  const omega = labels.indexOf(1);
  return { graph, omega: omega < 0 ? undefined : omega, describe: (state) => describe(origin[state]!) };
}

/**
 * What a component offers when it has terminated, seen by the parallel composition around it only: a loop, so that the joint tick can be a rule like any other.
 * Not an event of any alphabet.
 */
export const TERMINATED = -1 as EventId;

/** The component with the loop `TERMINATED` at its final state. */
export function withTermination(component: Component): Component {
  const { graph, omega } = component;
  if (omega === undefined) return component;
  const at = graph.offsets[omega]!;
  return {
    ...component,
    graph: {
      stateCount: graph.stateCount,
      offsets: graph.offsets.map((offset, state) => (state > omega ? offset + 1 : offset)),
      events: Int32Array.of(...graph.events.subarray(0, at), TERMINATED, ...graph.events.subarray(at)),
      targets: Int32Array.of(...graph.targets.subarray(0, at), omega, ...graph.targets.subarray(at)),
    },
  };
}

/** Whether a parallel composition has terminated as a whole: one step, tick, then terminated. */
export const TERMINATION: Component = withTermination({
  graph: { stateCount: 2, offsets: Int32Array.of(0, 1, 1), events: Int32Array.of(TICK), targets: Int32Array.of(1) },
  omega: 1,
  describe: (state) => (state === 0 ? '' : 'Ω'),
});
