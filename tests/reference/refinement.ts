/**
 * Refinement by its definition: every behavior of the implementation is one of the specification's.
 *
 *   T    traces(Impl) ⊆ traces(Spec)
 *   F    and failures(Impl) ⊆ failures(Spec), of stable states
 *   FD   divergences(Impl) ⊆ divergences(Spec) and failures⊥(Impl) ⊆ failures⊥(Spec), where after a divergence everything is possible
 *
 * Traces are tried in order of length, so the first that refutes is a shortest one.
 */
import type { EventId, Model } from '@enhanced-csp/engine/csp';
import type { Behavior } from './behavior.ts';

export interface Refutation {
  readonly kind: 'trace' | 'refusal' | 'revival' | 'divergence' | 'deadlock' | 'nondeterminism';
  readonly trace: readonly EventId[];
}

/** A shortest trace of each kind of refutation; empty when the refinement holds. */
export function refutations(model: Model, specification: Behavior, implementation: Behavior): readonly Refutation[] {
  const found = new Map<Refutation['kind'], Refutation>();
  const report = (kind: Refutation['kind'], trace: readonly EventId[]) => {
    if (!found.has(kind)) found.set(kind, { kind, trace });
  };
  const seen = new Set<string>();
  const pending: [Behavior, Behavior, readonly EventId[]][] = [[specification, implementation, []]];
  for (const [spec, impl, trace] of pending) {
    const pair = `${spec.key} / ${impl.key}`;
    if (seen.has(pair)) continue;
    seen.add(pair);
    if (model === 'FD') {
      if (spec.divergent) continue;
      if (impl.divergent) report('divergence', trace);
    }
    if (model !== 'T' && !refusalsIncluded(spec, impl)) report('refusal', trace);
    for (const event of impl.initials) {
      if (!spec.initials.includes(event)) report('trace', trace);
      else pending.push([spec.after(event), impl.after(event), [...trace, event]]);
    }
  }
  return [...found.values()];
}

export function refines(model: Model, specification: Behavior, implementation: Behavior): boolean {
  return refutations(model, specification, implementation).length === 0;
}

export function equivalent(model: Model, left: Behavior, right: Behavior): boolean {
  return refines(model, left, right) && refines(model, right, left);
}

/** Whatever the implementation may refuse the specification may refuse: each acceptance contains one of the specification's. */
function refusalsIncluded(spec: Behavior, impl: Behavior): boolean {
  return impl.acceptances.every((accepted) =>
    spec.acceptances.some((required) => [...required].every((event) => accepted.has(event))),
  );
}
