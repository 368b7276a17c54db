/** Deadlock, divergence and determinism by their definitions, with a shortest trace that refutes. */
import { type EventId, type Model, TICK } from '@enhanced-csp/engine/csp';
import type { Behavior } from './behavior.ts';
import type { Refutation } from './refinement.ts';

/** No failure (s, Σ ∪ {✓}) unless s ends in ✓; in FD no divergence either. */
export function deadlock(model: 'F' | 'FD', process: Behavior): readonly Refutation[] {
  return shortest(process, (node, trace) => {
    const kinds: Refutation['kind'][] = [];
    if (model === 'FD' && node.divergent) kinds.push('divergence');
    if (trace.at(-1) !== TICK && node.acceptances.some((accepted) => accepted.size === 0)) kinds.push('deadlock');
    return kinds;
  });
}

/** No trace after which the process may diverge. */
export function divergence(process: Behavior): readonly Refutation[] {
  return shortest(process, (node) => (node.divergent ? ['divergence'] : []));
}

/** No trace s and event a, tick included, with s^<a> a trace and (s, {a}) a failure; in FD no divergence either. */
export function nondeterminism(model: Exclude<Model, 'T'>, process: Behavior): readonly Refutation[] {
  return shortest(process, (node) => {
    const kinds: Refutation['kind'][] = [];
    if (model === 'FD' && node.divergent) kinds.push('divergence');
    if (node.initials.some((event) => node.acceptances.some((accepted) => !accepted.has(event)))) {
      kinds.push('nondeterminism');
    }
    return kinds;
  });
}

type Refutes = (node: Behavior, trace: readonly EventId[]) => readonly Refutation['kind'][];

/** A shortest trace of each kind that `refutes` finds, past divergences too. */
function shortest(process: Behavior, refutes: Refutes): readonly Refutation[] {
  const found = new Map<Refutation['kind'], Refutation>();
  const seen = new Set<string>();
  const pending: [Behavior, readonly EventId[]][] = [[process, []]];
  for (const [node, trace] of pending) {
    if (seen.has(node.key)) continue;
    seen.add(node.key);
    for (const kind of refutes(node, trace)) if (!found.has(kind)) found.set(kind, { kind, trace });
    for (const event of node.initials) pending.push([node.after(event), [...trace, event]]);
  }
  return [...found.values()];
}
