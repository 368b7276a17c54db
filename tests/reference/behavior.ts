/**
 * What a process may do after a trace: the subset construction.
 *
 * A node is the set of all states that some trace leads to, closed under tau.
 * Roscoe, Understanding Concurrent Systems, sections 9.1 and 11.1: a state that offers tick can refuse all of Σ, stable or not; otherwise only stable states refuse.
 */
import { type EventId, TAU, TICK } from '@enhanced-csp/engine/csp';
import type { Graph } from './graph.ts';

export interface Behavior {
  /** Identifies the node: equal sets of states have equal keys. */
  readonly key: string;
  /** Events possible next, tick included, in increasing order. */
  readonly initials: readonly EventId[];
  /** The sets of events, tick included, that the process may settle on: their complements are the maximal refusals. */
  readonly acceptances: readonly ReadonlySet<EventId>[];
  readonly divergent: boolean;
  after(event: EventId): Behavior;
}

export function behaviorOf(graph: Graph): Behavior {
  const divergent = divergentStates(graph);
  const known = new Map<string, Behavior>();
  const nodeOf = (states: Iterable<string>): Behavior => {
    const closed = tauClosure(graph, states);
    const key = [...closed].sort().join(' ');
    const old = known.get(key);
    if (old !== undefined) return old;
    const edges = [...closed].flatMap((state) => graph.edges.get(state)!);
    const initials = [...new Set(edges.map(({ event }) => event))].filter((event) => event !== TAU);
    const node: Behavior = {
      key,
      initials: initials.sort((a, b) => a - b),
      acceptances: [...closed].flatMap((state) => acceptancesOf(graph, state)),
      divergent: [...closed].some((state) => divergent.has(state)),
      after: (event) => nodeOf(edges.filter((edge) => edge.event === event).map(({ to }) => to)),
    };
    known.set(key, node);
    return node;
  };
  return nodeOf([graph.initial]);
}

function acceptancesOf(graph: Graph, state: string): ReadonlySet<EventId>[] {
  const offered = new Set(graph.edges.get(state)!.map(({ event }) => event));
  if (offered.has(TICK)) return [new Set([TICK])];
  return offered.has(TAU) ? [] : [offered];
}

function tauClosure(graph: Graph, states: Iterable<string>): Set<string> {
  const closed = new Set(states);
  // A set iterates over what is added to it meanwhile.
  for (const state of closed) {
    for (const { event, to } of graph.edges.get(state)!) if (event === TAU) closed.add(to);
  }
  return closed;
}

/** States from which taus can go on for ever: in a finite graph, what is left after removing, again and again, states whose taus all lead to removed ones. */
function divergentStates(graph: Graph): Set<string> {
  const left = new Set(graph.edges.keys());
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const state of left) {
      const goesOn = graph.edges.get(state)!.some(({ event, to }) => event === TAU && left.has(to));
      if (!goesOn) left.delete(state);
    }
  }
  return left;
}
