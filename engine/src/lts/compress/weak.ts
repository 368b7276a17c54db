/**
 * `wbisim` and `dbisim`: the quotients by weak and by delay bisimulation, both respecting divergence.
 *
 * A state does weakly what it does after taus, and for `wbisim` also before taus; strong bisimulation of these weak steps is the weak one of the steps. That a state
 * diverges is part of its label, so a stable state is never taken for one that diverges, and every model stays as it is.
 *
 * Milner, Communication and Concurrency (1989), chapter 5; van Glabbeek, The Linear Time - Branching Time Spectrum II (1993).
 */
import { TAU } from '../../csp/index.ts';
import { bisimulation, type Graph } from '../bisimulation.ts';
import { andThen, type Labelled, quotient, type Reduced, type Reduction, Rows } from './reduction.ts';
import { sbisim } from './sbisim.ts';
import { divergentStates, TauClosure } from './tau-closure.ts';
import { tauLoopFactor } from './tau-loop-factor.ts';

/** Weak steps can be as many as pairs of states: with more than this, only strongly bisimilar states are merged. */
const WEAK_STEP_COUNT_MAX = 1_000_000;

export const dbisim: Reduction = andThen(tauLoopFactor, (source) => byWeakSteps(source, false));
/** Delay bisimilar states are weakly bisimilar: what `dbisim` leaves is often so small that its weak steps are few. */
export const wbisim: Reduction = andThen(dbisim, (source) => byWeakSteps(source, true));

function byWeakSteps(source: Labelled, tausAfter: boolean): Reduced {
  const { graph } = source;
  const closure = new TauClosure(graph);
  const divergent = divergentStates(graph);
  const weak = weakSteps(graph, closure, tausAfter);
  if (weak === undefined) return sbisim(source);
  const labels = source.labels.map((label, state) => 2 * label + divergent[state]!);
  const partition = bisimulation(weak, labels);
  const diverges = new Uint8Array(partition.blockCount);
  for (const [state, block] of partition.blockOf.entries()) diverges[block] = divergent[state]!;
  return quotient(
    source,
    partition,
    (from, event, to) => event !== TAU || from !== to,
    (block, rows) => {
      if (diverges[block] === 1) rows.add(TAU, block);
    },
  );
}

function weakSteps(graph: Graph, closure: TauClosure, tausAfter: boolean): Graph | undefined {
  const rows = new Rows();
  for (let state = 0; state < graph.stateCount; state++) {
    const reached = closure.of(state);
    for (const other of reached) {
      rows.add(TAU, other);
      for (let i = graph.offsets[other]!; i < graph.offsets[other + 1]!; i++) {
        const event = graph.events[i]!;
        if (event === TAU) continue;
        const target = graph.targets[i]!;
        for (const end of tausAfter ? closure.of(target) : [target]) rows.add(event, end);
      }
    }
    rows.end();
    if (rows.stepCount > WEAK_STEP_COUNT_MAX) return undefined;
  }
  return rows.graph();
}
