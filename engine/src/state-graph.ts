/** The first states of a process as a graph of terms, breadth first, for drawing. */
import { labelOf } from './chart.ts';
import { type Process, TAU, type Terms, transitions } from './csp/index.ts';
import { networkOf, proofOf, termInWords } from './network.ts';

export interface StateGraph {
  readonly states: readonly GraphState[];
  /** Pairs of states with all events between them, in order of discovery. */
  readonly edges: readonly GraphEdge[];
}

export interface GraphState {
  /** The term in CSPM. */
  readonly text: string;
  /** Steps from the initial state. */
  readonly depth: number;
  /** `open`: its steps were not looked at, since there were enough states. */
  readonly kind: 'alive' | 'stuck' | 'terminated' | 'open';
}

export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  /** Event names; a tau with what it hides: `τ (offer.3)`. */
  readonly labels: readonly string[];
}

/**
 * At most `stateCountMax` states of `process`, the initial one first. Throws what evaluating the script throws.
 *
 * @example
 * stateGraph(terms, clock, 80).states.length; // 1
 */
export function stateGraph(terms: Terms, process: Process, stateCountMax: number): StateGraph {
  const { shape } = networkOf(process);
  const found = [process];
  const depths = [0];
  const numbers = new Map<Process, number>([[process, 0]]);
  const kinds: GraphState['kind'][] = [];
  const edges: { from: number; to: number; labels: string[] }[] = [];
  for (const [from, state] of found.entries()) {
    const steps = transitions(terms, state);
    const isNew = new Set(steps.map(({ target }) => target).filter((target) => !numbers.has(target)));
    if (found.length + isNew.size > stateCountMax) {
      kinds.push('open');
      continue;
    }
    kinds.push(steps.length > 0 ? 'alive' : state.kind === 'omega' ? 'terminated' : 'stuck');
    const leaving = new Map<number, string[]>();
    for (const { event, target } of steps) {
      let to = numbers.get(target);
      if (to === undefined) {
        to = found.push(target) - 1;
        numbers.set(target, to);
        depths.push(depths[from]! + 1);
      }
      const hidden = event === TAU ? proofOf(terms, shape, state, event, target)?.hidden : undefined;
      const label = labelOf({
        event: terms.alphabet.nameOf(event),
        ...(hidden !== undefined && { hidden: terms.alphabet.nameOf(hidden) }),
      });
      const labels = leaving.get(to) ?? [];
      leaving.set(to, labels);
      labels.push(label);
    }
    for (const [to, labels] of leaving) edges.push({ from, to, labels });
  }
  const states = found.map((state, i) => ({ text: termInWords(terms, state), depth: depths[i]!, kind: kinds[i]! }));
  return { states, edges };
}
