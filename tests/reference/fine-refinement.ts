/**
 * Refinement in V, VD, R and RD without a bound on the length: sets of states after an observation, every refusal set tried one by one.
 * Kinds of refutations as the checker names them; the shortest of each kind.
 */
import { type EventId, TAU, TICK } from '@enhanced-csp/engine/csp';
import type { Graph } from './graph.ts';
import { afterRefusing, closureOf, diverges, type FineModel, refuses, type Seen, subsetsOf } from './observations.ts';
import type { Refutation } from './refinement.ts';

type States = ReadonlySet<string>;

export function fineRefutations(
  model: FineModel,
  specification: Graph,
  implementation: Graph,
  sigma: readonly EventId[],
): readonly Refutation[] {
  const strict = model === 'VD' || model === 'RD';
  const remembers = model === 'R' || model === 'RD';
  const sets = subsetsOf(sigma);
  const found = new Map<Refutation['kind'], Refutation>();
  const report = (kind: Refutation['kind'], trace: readonly EventId[]) => {
    if (!found.has(kind)) found.set(kind, { kind, trace });
  };
  const known = new Set<string>();
  const pending: [States, States, readonly EventId[]][] = [];
  const add = (spec: States, impl: States, trace: readonly EventId[]) => {
    const key = `${[...spec].sort()} / ${[...impl].sort()}`;
    if (known.has(key)) return;
    known.add(key);
    pending.push([spec, impl, trace]);
  };
  add(closureOf(specification, [specification.initial]), closureOf(implementation, [implementation.initial]), []);
  for (const [spec, impl, trace] of pending) {
    if (strict) {
      if (some(spec, (state) => diverges(specification, state))) continue;
      if (some(impl, (state) => diverges(implementation, state))) report('divergence', trace);
    }
    for (const X of sets) {
      const refusedBy = (graph: Graph, states: States) => some(states, (state) => refuses(graph, state, X));
      if (refusedBy(implementation, impl) && !refusedBy(specification, spec)) report('refusal', trace);
    }
    for (const event of [TICK, ...sigma]) {
      const all = after(specification, spec, undefined, event);
      for (const X of [undefined, ...sets]) {
        const next = after(implementation, impl, X, event);
        if (next.size === 0) continue;
        const allowed = after(specification, spec, X, event);
        if (all.size === 0) report('trace', trace);
        else if (allowed.size === 0) report('revival', trace);
        else if (remembers || X === undefined) add(allowed, next, [...trace, event]);
      }
    }
  }
  return [...found.values()];
}

function after(graph: Graph, states: States, X: Seen, event: EventId): States {
  if (event === TAU) throw new RangeError('a tau is not seen');
  const targets = [...states].flatMap((state) => afterRefusing(graph, state, X).filter((step) => step.event === event));
  return closureOf(
    graph,
    targets.map(({ to }) => to),
  );
}

function some(states: States, holds: (state: string) => boolean): boolean {
  return [...states].some(holds);
}
