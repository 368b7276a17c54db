/**
 * From a run of pieces back to a run of the components in them.
 *
 * A piece only kept the traces and failures of what it was made of, so its trace is searched for again in the graph from before its reduction: a run with that trace, any
 * taus between, and an end of the kind that is asked for. Its steps tell the traces of the children, and so on down. No search is larger than one piece.
 */
import { type EventId, TAU } from '../../csp/index.ts';
import type { Graph } from '../bisimulation.ts';
import type { Part } from '../network.ts';
import type { Piece } from './piece.ts';

/** A component performs an event and is in state `target`. */
export interface Move extends Part {
  readonly target: number;
}

/** What moves together. */
export type Firing = readonly Move[];

/** How a run has to end: anyhow; stable, offering exactly `offered`; or able to perform `event`. */
export type Ending =
  | { readonly kind: 'any' }
  | { readonly kind: 'stable'; readonly offered: readonly number[] }
  | { readonly kind: 'offers'; readonly event: EventId };

export const ANYHOW: Ending = { kind: 'any' };

/** A run of a piece along a trace of n labels. */
export interface Run {
  /** Taus before each label, and after the last: n + 1 lists. */
  readonly between: readonly (readonly Firing[])[];
  /** What the components do for each label. */
  readonly at: readonly Firing[];
}

/** One step of several pieces together: which of them, by which of their labels. */
export interface Item {
  readonly parts: readonly Part[];
  /** Whether it is a tau of the whole. */
  readonly silent: boolean;
}

/** Finds the run of `piece` with that trace and end. */
export function unfold(piece: Piece, trace: readonly EventId[], ending: Ending): Run {
  const { steps, end } = pathAlong(piece, trace, ending);
  const { children, whole, ways, wayOf } = piece;
  if (typeof children === 'number') {
    return runOf(
      steps.map((step) => ({
        silent: whole.events[step] === TAU,
        before: [],
        firing: ways[wayOf[step]!]!.parts.map(({ event }) => ({
          component: children,
          event,
          target: whole.targets[step]!,
        })),
      })),
    );
  }
  const items = steps.map((step) => ({ parts: ways[wayOf[step]!]!.parts, silent: whole.events[step] === TAU }));
  return unfoldTogether(children, items, (child) => endingOf(piece, end, ending, child));
}

/** The run of several pieces that take the steps `items` together. */
export function unfoldTogether(
  pieces: readonly Piece[],
  items: readonly Item[],
  endingOf: (piece: number) => Ending,
): Run {
  const traces = pieces.map((): EventId[] => []);
  for (const { parts } of items) {
    for (const { component, event } of parts) if (event !== TAU) traces[component]!.push(event);
  }
  const runs = pieces.map((piece, i) => unfold(piece, traces[i]!, endingOf(i)));
  const done = pieces.map(() => 0);
  const found: Found[] = [];
  for (const { parts, silent } of items) {
    const visible = parts.filter(({ event }) => event !== TAU);
    if (visible.length === 0) continue;
    const before: Firing[] = [];
    const firing: Move[] = [];
    for (const { component } of visible) {
      const at = done[component]!++;
      before.push(...runs[component]!.between[at]!);
      firing.push(...runs[component]!.at[at]!);
    }
    found.push({ silent, before, firing });
  }
  const { between, at } = runOf(found);
  const after = runs.flatMap((run) => run.between.at(-1)!);
  return { between: between.with(-1, [...between.at(-1)!, ...after]), at };
}

interface Found {
  readonly silent: boolean;
  readonly before: readonly Firing[];
  readonly firing: Firing;
}

function runOf(found: readonly Found[]): Run {
  const between: Firing[][] = [[]];
  const at: Firing[] = [];
  for (const { silent, before, firing } of found) {
    between.at(-1)!.push(...before);
    if (silent) between.at(-1)!.push(firing);
    else {
      at.push(firing);
      between.push([]);
    }
  }
  return { between, at };
}

/** What the end of a run of a piece asks of the end of its child's. */
function endingOf(piece: Piece, end: number, ending: Ending, child: number): Ending {
  const { whole, ways, wayOf } = piece;
  if (ending.kind === 'any') return ending;
  if (ending.kind === 'offers') {
    for (let i = whole.offsets[end]!; i < whole.offsets[end + 1]!; i++) {
      if (whole.events[i] !== ending.event) continue;
      const part = ways[wayOf[i]!]!.parts.find(({ component }) => component === child);
      return part === undefined ? ANYHOW : { kind: 'offers', event: part.event };
    }
    throw new Error('defect: an end that does not offer what it was chosen for');
  }
  const pieces = piece.children as readonly Piece[];
  return { kind: 'stable', offered: initialsOf(pieces[child]!.graph, piece.pairs![2 * end + child]!) };
}

/** The steps of a run of `piece.whole` along `trace`, breadth first, and where it ends. */
function pathAlong(piece: Piece, trace: readonly EventId[], ending: Ending): { steps: number[]; end: number } {
  const { whole } = piece;
  const width = trace.length + 1;
  const before = new Map<number, { from: number; step: number } | undefined>([[0, undefined]]);
  for (const place of before.keys()) {
    const [state, position] = [Math.floor(place / width), place % width];
    if (position === trace.length && ends(whole, state, ending)) {
      const steps: number[] = [];
      for (let at = before.get(place); at !== undefined; at = before.get(at.from)) steps.push(at.step);
      return { steps: steps.reverse(), end: state };
    }
    for (let i = whole.offsets[state]!; i < whole.offsets[state + 1]!; i++) {
      const event = whole.events[i]!;
      const next = event === TAU ? position : event === trace[position] ? position + 1 : -1;
      if (next < 0) continue;
      const target = whole.targets[i]! * width + next;
      if (!before.has(target)) before.set(target, { from: place, step: i });
    }
  }
  throw new Error('defect: a piece does what its parts do not');
}

function ends(graph: Graph, state: number, ending: Ending): boolean {
  if (ending.kind === 'any') return true;
  const initials = initialsOf(graph, state);
  if (ending.kind === 'offers') return initials.includes(ending.event);
  return initials.length === ending.offered.length && initials.every((event) => ending.offered.includes(event));
}

/** Without repetitions. */
export function initialsOf({ offsets, events }: Graph, state: number): readonly number[] {
  return [...new Set(events.subarray(offsets[state]!, offsets[state + 1]!))];
}
