/**
 * Of the shortest counterexamples, the one whose trace comes first: what is told then depends on the behavior alone, and has small values where it can.
 *
 * Both processes are normalized, and traces of the known length are tried in order; a pair of nodes from which the rest of the length leads nowhere is tried once.
 * In V and R, where a trace alone is not the counterexample, the one that was found stays.
 */
import { type EventId, inEventOrder, TICK } from '../csp/index.ts';
import {
  isSubset,
  type Limits,
  type Lts,
  type NodeId,
  type NormalForm,
  normalizeLazily,
  REFUSED,
} from '../lts/index.ts';
import { nondeterminismAfter } from './deterministic.ts';
import { retraced } from './retrace.ts';
import type { Counterexample, FailuresModel } from './verdict.ts';

/** What was asked: a refinement of `specification` in `model`, or a property of `process` alone. */
export interface Asked {
  readonly model: FailuresModel;
  readonly specification?: Lts;
  readonly process: Lts;
}

/**
 * The counterexample of the same kind and length as `found` with the least trace in event order, then the least event, then the least acceptance.
 * Throws `LimitReached`.
 */
export function leastCounterexample(asked: Asked, found: Counterexample, limits: Limits): Counterexample {
  if (found.refused !== undefined || found.kind === 'revival' || found.kind === 'missing trace') return found;
  const process = asked.process.uncompressed ?? asked.process;
  const least = new Least(asked, found.kind, limits).first(found.trace.length);
  if (least === undefined) return found;
  if (least.kind === 'nondeterminism') return nondeterminismAfter(process, least.trace, least.event);
  return retraced(process, least, limits);
}

class Least {
  readonly #kind: Counterexample['kind'];
  readonly #strict: boolean;
  readonly #process: NormalForm;
  readonly #specification: NormalForm | undefined;
  readonly #inOrder: (one: EventId, other: EventId) => number;
  readonly #barren = new Set<string>();
  readonly #limits: Limits;

  constructor({ model, specification, process }: Asked, kind: Counterexample['kind'], limits: Limits) {
    this.#kind = kind;
    this.#strict = model === 'FD';
    this.#limits = limits;
    this.#process = normalizeLazily(process.uncompressed ?? process, limits);
    this.#specification = specification && normalizeLazily(specification, limits);
    const { alphabet } = process;
    this.#inOrder = (one, other) => inEventOrder(alphabet.nameOf(one), alphabet.nameOf(other));
  }

  first(length: number): Counterexample | undefined {
    return this.#from(this.#process.initial, this.#specification?.initial ?? 0, [], length);
  }

  #from(node: NodeId, allowed: NodeId, trace: readonly EventId[], left: number): Counterexample | undefined {
    const key = `${node} ${allowed} ${left}`;
    if (this.#barren.has(key)) return undefined;
    if (this.#strict && this.#specification?.divergent(allowed)) return undefined;
    if (left === 0) {
      const end = this.#end(node, allowed, trace);
      if (end !== undefined) return end;
    } else {
      for (const event of this.#sorted(this.#process.initials(node))) {
        const next = this.#specification?.after(allowed, event) ?? 0;
        if (next === REFUSED) continue;
        const found = this.#from(this.#process.after(node, event), next, [...trace, event], left - 1);
        if (found !== undefined) return found;
      }
    }
    this.#barren.add(key);
    return undefined;
  }

  /** What is wrong at the end of a trace; the run to it is not known yet. */
  #end(node: NodeId, allowed: NodeId, trace: readonly EventId[]): Counterexample | undefined {
    const kind = this.#kind;
    const process = this.#process;
    const acceptances = process.acceptances(node);
    const told = { trace, steps: [] };
    switch (kind) {
      case 'trace': {
        const event = this.#sorted(process.initials(node)).find(
          (e) => this.#specification!.after(allowed, e) === REFUSED,
        );
        return event === undefined ? undefined : { ...told, kind, event };
      }
      case 'refusal': {
        if (this.#specification === undefined) return undefined;
        const required = this.#specification.acceptances(allowed);
        const accepted = acceptances.find((set) => !required.some((least) => isSubset(least, set)));
        return accepted === undefined ? undefined : { ...told, kind, accepted, required };
      }
      case 'deadlock':
        return trace.at(-1) !== TICK && acceptances.some((set) => set.length === 0) ? { ...told, kind } : undefined;
      case 'divergence':
        return process.divergent(node) ? { ...told, kind, loop: [] } : undefined;
      case 'nondeterminism': {
        const event = this.#sorted(process.initials(node)).find((e) => acceptances.some((set) => !set.includes(e)));
        return event === undefined ? undefined : { ...told, kind, event };
      }
      default:
        return undefined;
    }
  }

  #sorted(events: readonly EventId[]): readonly EventId[] {
    if (this.#limits.stopped?.() === true) return [];
    return [...events].sort(this.#inOrder);
  }
}
