/**
 * `normal`: the normal form, made a process again. Every trace leads to one state, and what may be refused after it to stable states behind taus.
 *
 * The smallest for many processes, and exponentially large for some; where it would be larger than it may, the process is left to `diamond` and `sbisim`.
 */
import { type Alphabet, TAU, TICK } from '../../csp/index.ts';
import { GraphLts } from '../graph-lts.ts';
import { LimitReached } from '../lts.ts';
import type { NodeId, NormalForm } from '../normal-form.ts';
import { normalize } from '../normalize.ts';
import { diamond } from './diamond.ts';
import { andThen, type Labelled, type Reduced, Rows } from './reduction.ts';
import { sbisim } from './sbisim.ts';

/** Nodes for each state of the process, at most. */
const GROWTH_MAX = 4;
const NODE_COUNT_MIN = 1000;

/** For processes whose only labels are those of termination. */
export function normal(source: Labelled, alphabet: Alphabet): Reduced {
  const nodeCountMax = Math.max(NODE_COUNT_MIN, GROWTH_MAX * source.graph.stateCount);
  const lts = new GraphLts(alphabet, { graph: source.graph, omega: undefined, describe: String });
  try {
    return asGraph(normalize(lts, { stateCountMax: nodeCountMax }));
  } catch (fault) {
    if (fault instanceof LimitReached) return andThen(diamond, sbisim)(source);
    throw fault;
  }
}

/** Nodes, then, if there is one, the state after tick, which the normal form does not tell from STOP, then the acceptances that are less than everything possible. */
function asGraph(form: NormalForm): Reduced {
  const omega = form.nodeCount;
  const ticks = Array.from({ length: omega }, (_, node) => form.initials(node)).some((set) => set.includes(TICK));
  const settledAt = ticks ? omega + 1 : omega;
  const settled: { readonly node: NodeId; readonly acceptance: readonly number[] }[] = [];
  const rows = new Rows();
  const step = (node: NodeId, event: number): void =>
    rows.add(event, event === TICK ? omega : form.after(node, event as never));
  for (let node = 0; node < form.nodeCount; node++) {
    const initials = form.initials(node);
    for (const event of initials) step(node, event);
    if (form.divergent(node)) rows.add(TAU, node);
    for (const acceptance of form.acceptances(node)) {
      if (acceptance.includes(TICK) || (acceptance.length === initials.length && !form.divergent(node))) continue;
      rows.add(TAU, settledAt + settled.push({ node, acceptance }) - 1);
    }
    rows.end();
  }
  if (ticks) rows.end();
  for (const { node, acceptance } of settled) {
    for (const event of acceptance) step(node, event);
    rows.end();
  }
  const graph = rows.graph();
  const labels = new Int32Array(graph.stateCount);
  if (ticks) labels[omega] = 1;
  return { graph, labels, origin: new Int32Array(graph.stateCount) };
}
