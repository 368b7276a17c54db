/**
 * Pairs that need not be visited: of two nodes of a specification met with one state, the larger set of specification states forbids less.
 *
 * Whatever goes wrong from (s, U) goes wrong from (s, V) after the same events, if V is a subset of U. So a pair is left out when one with a smaller set is known, and
 * the shortest counterexamples stay as long as it is known from the same layer or an earlier one: after as many events, or fewer. A specification whose normal form explodes
 * need then not be made deterministic. Where its sets are single states nothing is ever left out, and looking costs time: so by default the looking begins
 * when the normal form has grown larger than the specification itself.
 *
 * Wang et al., More Anti-chain Based Refinement Checking (ICFEM 2012), as corrected by Laveaux, Groote and Willemse, Correct and Efficient Antichain
 * Algorithms for Refinement Checking (LMCS 17(1), 2021): a pair is entered when it is met, not when it is visited; it is looked up when it is met; and taus keep the set.
 */
import type { NodeId } from '../lts/index.ts';

/** Leave pairs out: never, always, or once the normal form explodes. */
export type Pruning = 'never' | 'always' | 'explosion';

export class Antichain {
  readonly #includes: (large: NodeId, small: NodeId) => boolean;
  /** By state: nodes and their layers in turn. None includes another of the same layer or a later one. */
  readonly #known: (number[] | undefined)[] = [];

  constructor(includes: (large: NodeId, small: NodeId) => boolean) {
    this.#includes = includes;
  }

  /** Whether a pair with a smaller node is known up to this layer; the pair itself does not count. */
  covers(state: number, node: NodeId, layer: number): boolean {
    const known = this.#known[state];
    if (known === undefined) return false;
    for (let i = 0; i < known.length; i += 2)
      if (known[i + 1]! <= layer && known[i] !== node && this.#includes(node, known[i]!)) return true;
    return false;
  }

  /** A pair that is going to be visited, in this layer. */
  add(state: number, node: NodeId, layer: number): void {
    const known = this.#known[state];
    if (known === undefined) {
      this.#known[state] = [node, layer];
      return;
    }
    let kept = 0;
    for (let i = 0; i < known.length; i += 2) {
      if (known[i + 1]! >= layer && this.#includes(known[i]!, node)) continue;
      known[kept++] = known[i]!;
      known[kept++] = known[i + 1]!;
    }
    known.length = kept;
    known.push(node, layer);
  }
}
