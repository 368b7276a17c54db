/**
 * `diamond`: what taus lead to is done at once, and of the stable states behind them only those that refuse most stay.
 *
 * A state gets every visible step that one of its tau-successors has. So of its taus only those are needed that lead to stable states, and of these only
 * the ones with least initials: another refuses no more, and what it can do is done already. A state from which a cycle of taus can be reached keeps a tau
 * to itself. T, F and FD stay as they are; what priority or `chase` sees does not.
 *
 * Roscoe et al., Hierarchical Compression for Model-Checking CSP (TACAS 1995), section 3.
 */
import { type EventSet, TAU } from '../../csp/index.ts';
import type { Graph } from '../bisimulation.ts';
import { isSubset } from '../normal-form.ts';
import { andThen, type Labelled, type Reduced, Rows } from './reduction.ts';
import { divergentStates, isStable, TauClosure } from './tau-closure.ts';
import { tauLoopFactor } from './tau-loop-factor.ts';

/** What of a process has to stay: traces always do. */
export interface Kept {
  readonly refusals: boolean;
  readonly divergence: boolean;
  /** Whether everything but divergence may go where there is one, as FD allows. */
  readonly strict: boolean;
}

export const KEEP_ALL: Kept = { refusals: true, divergence: true, strict: false };

export const diamond = diamondKeeping(KEEP_ALL);

export function diamondKeeping(kept: Kept): (source: Labelled) => Reduced {
  return andThen(tauLoopFactor, (source) => saturated(source, kept));
}

function saturated({ graph, labels }: Labelled, kept: Kept): Reduced {
  const closure = new TauClosure(graph);
  const divergent = divergentStates(graph);
  const numberOf = new Map<number, number>([[0, 0]]);
  const numbered = (state: number): number => {
    const known = numberOf.get(state) ?? numberOf.size;
    numberOf.set(state, known);
    return known;
  };
  const rows = new Rows();
  const origin: number[] = [];
  for (const [state, number] of numberOf) {
    origin.push(state);
    const reached = closure.of(state);
    const diverges = divergent[state] === 1;
    if (diverges && kept.strict) {
      rows.add(TAU, number);
      rows.end();
      continue;
    }
    for (const other of reached) {
      for (let i = graph.offsets[other]!; i < graph.offsets[other + 1]!; i++) {
        if (graph.events[i] !== TAU) rows.add(graph.events[i]!, numbered(graph.targets[i]!));
      }
    }
    if (kept.refusals && !isStable(graph, state)) {
      const settled = leastStable(graph, labels, reached);
      for (const other of settled) rows.add(TAU, numbered(other));
      if (kept.divergence ? diverges : settled.length === 0) rows.add(TAU, number);
    } else if (kept.divergence && diverges) rows.add(TAU, number);
    rows.end();
  }
  return {
    graph: rows.graph(),
    labels: Int32Array.from(origin, (state) => labels[state]!),
    origin: Int32Array.from(origin),
  };
}

/** The stable ones of `states` such that no other with the same label accepts less; of several that accept the same, the first. */
function leastStable(graph: Graph, labels: Int32Array, states: readonly number[]): readonly number[] {
  const stable = states
    .filter((state) => isStable(graph, state))
    .map((state) => ({ state, initials: initialsOf(graph, state) }))
    .sort((x, y) => x.initials.length - y.initials.length || x.state - y.state);
  const least: typeof stable = [];
  for (const one of stable) {
    const covered = least.some((o) => labels[o.state] === labels[one.state] && isSubset(o.initials, one.initials));
    if (!covered) least.push(one);
  }
  return least.map(({ state }) => state);
}

function initialsOf({ offsets, events }: Graph, state: number): EventSet {
  return [...new Set(events.subarray(offsets[state]!, offsets[state + 1]!))] as unknown as EventSet;
}
