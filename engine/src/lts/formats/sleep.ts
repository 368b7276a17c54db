/** Components that fall asleep and wake up: by extra steps, which whoever passes control on makes them take. */
import type { EventId } from '../../csp/index.ts';
import type { Component } from '../component.ts';
import { Rows } from '../compress/reduction.ts';

/** Where a cell, or the termination of a composition, is when its format is not there. */
export const ASLEEP = -1;

/** A step that a component is made to take: from wherever it is, or along with one of its own events, to a state. */
interface Extra {
  readonly event: EventId;
  readonly along: EventId | undefined;
  readonly to: number;
}

/** Extra steps are numbered from here on: no events of any alphabet. */
const EXTRA_MIN = 2 ** 29;

/** What is asked of one component besides its own events, each once. */
export class ExtraSteps {
  readonly #steps = new Map<string, Extra>();

  /** The event of the step that leads to `to`, along with the component's own event `along` if there is one. */
  eventOf(along: EventId | undefined, to: number): EventId {
    const key = `${along ?? ''} ${to}`;
    let known = this.#steps.get(key);
    if (known === undefined)
      this.#steps.set(key, (known = { event: (EXTRA_MIN + this.#steps.size) as EventId, along, to }));
    return known.event;
  }

  get all(): readonly Extra[] {
    return [...this.#steps.values()];
  }
}

/**
 * The component with a state `asleep`, if it has none and needs one, and with the `extra` steps. `start` becomes state 0. What has terminated as a whole, and
 * has no sleep of its own, sleeps where it begins.
 */
export function changeable(
  component: Component,
  asleep: number | undefined,
  start: number,
  extra: readonly Extra[],
): Component {
  const { graph, omega, describe } = component;
  const needsSleep = start === ASLEEP || extra.some(({ to }) => to === ASLEEP);
  const stateCount = graph.stateCount + (asleep === undefined && needsSleep ? 1 : 0);
  const sleep = asleep ?? graph.stateCount;
  const first = start === ASLEEP ? sleep : start;
  /** The first state and state 0 change places. */
  const place = (state: number): number => (state === first ? 0 : state === 0 ? first : state);
  const rows = new Rows();
  for (let at = 0; at < stateCount; at++) {
    const state = place(at);
    const events = new Set<number>();
    if (state < graph.stateCount) {
      for (let i = graph.offsets[state]!; i < graph.offsets[state + 1]!; i++) {
        events.add(graph.events[i]!);
        rows.add(graph.events[i]!, place(graph.targets[i]!));
      }
    }
    for (const { event, along, to } of extra)
      if (along === undefined || events.has(along)) rows.add(event, place(to === ASLEEP ? sleep : to));
    rows.end();
  }
  return {
    graph: rows.graph(),
    omega: omega === undefined ? undefined : place(omega),
    describe: (at) => (place(at) === sleep ? '' : describe(place(at))),
  };
}
