/**
 * What can be seen of a process in the models R and V, written down observation by observation: the definitions, tried out on every run.
 *
 * R, refusal testing: ⟨X0, a1, X1, …, an, Xn⟩, where before each event, and at the end, either the set X was seen to be refused by a stable state or nothing was
 * seen (•). V, stable revivals: traces, the traces after which nothing is possible, and (s, X, a): after s it refuses X, and then does a all the same.
 * A state that offers ✓ may turn stable with nothing else to offer, as in every model here: it can refuse all of Σ, and then only ✓ follows.
 *
 * Phillips, Refusal testing (1987); Mukkaram, A refusal testing model for CSP (1993); Roscoe, Revivals, stuckness and the hierarchy of CSP models (2009);
 * Understanding Concurrent Systems, chapters 11 and 12.
 */
import { type EventId, TAU, TICK } from '@enhanced-csp/engine/csp';
import type { Graph } from './graph.ts';

export type FineModel = 'V' | 'VD' | 'R' | 'RD';
export const FINE_MODELS: readonly FineModel[] = ['V', 'VD', 'R', 'RD'];

/** A set of events as bits, ✓ is bit 0; undefined is •. */
export type Seen = number | undefined;

export interface RefusalTrace {
  /** Before each event, and at the end: one more than events. */
  readonly seen: readonly Seen[];
  readonly events: readonly EventId[];
}

export interface Observations {
  readonly refusalTraces: ReadonlyMap<string, RefusalTrace>;
  /** Those, with • at the end, after which the process may do taus for ever. */
  readonly divergences: ReadonlySet<string>;
}

export const bit = (event: EventId): number => 1 << (event - TICK);

export function subsetsOf(sigma: readonly EventId[]): readonly number[] {
  const all = [TICK, ...sigma].reduce((set, event) => set | bit(event), 0);
  return Array.from({ length: all + 1 }, (_, X) => X).filter((X) => (X & ~all) === 0);
}

/** Whether a state can be seen to refuse all of X. */
export function refuses(graph: Graph, state: string, X: number): boolean {
  const events = graph.edges.get(state)!.map(({ event }) => event);
  if (events.includes(TICK)) return (X & bit(TICK)) === 0;
  return !events.includes(TAU) && !events.some((event) => X & bit(event));
}

/** What a state does after it was seen to refuse X. */
export function afterRefusing(graph: Graph, state: string, X: Seen): readonly { event: EventId; to: string }[] {
  const steps = graph.edges.get(state)!.filter(({ event }) => event !== TAU);
  if (X === undefined) return steps;
  if (!refuses(graph, state, X)) return [];
  const ticks = steps.filter(({ event }) => event === TICK);
  return ticks.length > 0 ? ticks : steps;
}

export function closureOf(graph: Graph, states: Iterable<string>): ReadonlySet<string> {
  const closed = new Set(states);
  for (const state of closed) for (const { event, to } of graph.edges.get(state)!) if (event === TAU) closed.add(to);
  return closed;
}

/** States that can do more taus in a row than there are states. */
export function diverges(graph: Graph, state: string): boolean {
  let reached = new Set([state]);
  for (let i = 0; i <= graph.edges.size && reached.size > 0; i++) {
    reached = new Set(
      [...reached].flatMap((one) => graph.edges.get(one)!.flatMap(({ event, to }) => (event === TAU ? [to] : []))),
    );
  }
  return reached.size > 0;
}

const text = ({ seen, events }: RefusalTrace): string =>
  seen.map((X, i) => `${X ?? '•'}${i < events.length ? ` ${events[i]} ` : ''}`).join('');

/** Every observation of at most `length` events. */
export function observationsOf(graph: Graph, sigma: readonly EventId[], length: number): Observations {
  const refusalTraces = new Map<string, RefusalTrace>();
  const divergences = new Set<string>();
  const visited = new Set<string>();
  const sets = subsetsOf(sigma);
  const walk = (start: string, seen: readonly Seen[], events: readonly EventId[]): void => {
    const place = `${start} ${text({ seen: [...seen, undefined], events })}`;
    if (visited.has(place)) return;
    visited.add(place);
    for (const state of closureOf(graph, [start])) {
      for (const X of [undefined, ...sets]) {
        if (X !== undefined && !refuses(graph, state, X)) continue;
        const found = { seen: [...seen, X], events };
        refusalTraces.set(text(found), found);
        if (events.length === length) continue;
        for (const { event, to } of afterRefusing(graph, state, X)) walk(to, found.seen, [...events, event]);
      }
      if (diverges(graph, state)) divergences.add(text({ seen: [...seen, undefined], events }));
    }
  };
  walk(graph.initial, [], []);
  return { refusalTraces, divergences };
}

/**
 * What the implementation shows and the specification does not, by number of events before it goes wrong: an observation that ends in an event goes wrong
 * before that event. With D below a divergence of the specification everything is allowed, and the implementation may diverge only where the specification may.
 */
export function excess(model: FineModel, specification: Observations, implementation: Observations): readonly number[] {
  const strict = model === 'VD' || model === 'RD';
  const excused = ({ seen, events }: RefusalTrace): boolean =>
    strict &&
    [...events.keys(), events.length].some((at) =>
      specification.divergences.has(text({ seen: [...seen.slice(0, at), undefined], events: events.slice(0, at) })),
    );
  return [...implementation.refusalTraces.values()].flatMap((found) => {
    if (isHidden(model, found) || excused(found)) return [];
    const { seen, events } = found;
    const isNew = !specification.refusalTraces.has(text(found));
    return [
      ...(isNew ? [seen.at(-1) === undefined ? events.length - 1 : events.length] : []),
      ...(strict && implementation.divergences.has(text(found)) ? [events.length] : []),
    ];
  });
}

/** Refinement by inclusion of what was written down. */
export function included(model: FineModel, specification: Observations, implementation: Observations): boolean {
  return excess(model, specification, implementation).length === 0;
}

/** V sees a refusal only where the run ends, or one event before its end. */
function isHidden(model: FineModel, { seen, events }: RefusalTrace): boolean {
  if (model === 'R' || model === 'RD') return false;
  const known = [...seen.entries()].filter(([, X]) => X !== undefined);
  const [place] = known;
  if (place === undefined) return false;
  const [at] = place;
  return known.length > 1 || (at !== events.length && !(at === events.length - 1 && events[at] !== TICK));
}
