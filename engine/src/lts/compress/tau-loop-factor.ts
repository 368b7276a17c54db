/**
 * `tau_loop_factor`: states on a common cycle of taus become one, which keeps a tau to itself.
 *
 * Each of them can become any other unseen, and none is stable, so every model stays as it is: the tau that is left is the divergence.
 * Roscoe et al., Hierarchical Compression for Model-Checking CSP (TACAS 1995), section 3.
 */
import { TAU } from '../../csp/index.ts';
import { type Graph, numbered } from '../bisimulation.ts';
import { type Labelled, quotient, type Reduced } from './reduction.ts';

export function tauLoopFactor(source: Labelled): Reduced {
  return quotient(source, numbered(tauComponents(source.graph)));
}

/** The strongly connected components of the taus, by Tarjan's algorithm without recursion: a number for each state, in no special order. */
function tauComponents({ stateCount, offsets, events, targets }: Graph): Int32Array {
  const componentOf = new Int32Array(stateCount).fill(-1);
  const order = new Int32Array(stateCount).fill(-1);
  const low = new Int32Array(stateCount);
  const at = offsets.slice();
  const open: number[] = [];
  const path: number[] = [];
  let visited = 0;
  let components = 0;
  for (let root = 0; root < stateCount; root++) {
    if (order[root] !== -1) continue;
    path.push(root);
    while (path.length > 0) {
      const state = path.at(-1)!;
      if (order[state] === -1) {
        order[state] = low[state] = visited++;
        open.push(state);
      }
      let entered = false;
      while (at[state]! < offsets[state + 1]! && !entered) {
        const i = at[state]!++;
        if (events[i] !== TAU) continue;
        const target = targets[i]!;
        if (order[target] === -1) {
          path.push(target);
          entered = true;
        } else if (componentOf[target] === -1) low[state] = Math.min(low[state]!, order[target]!);
      }
      if (entered) continue;
      path.pop();
      const parent = path.at(-1);
      if (parent !== undefined) low[parent] = Math.min(low[parent]!, low[state]!);
      if (low[state] !== order[state]) continue;
      for (let member = -1; member !== state; ) {
        member = open.pop()!;
        componentOf[member] = components;
      }
      components++;
    }
  }
  return componentOf;
}
