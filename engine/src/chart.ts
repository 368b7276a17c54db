/**
 * Sequence charts in text: lanes are the components of a network, rows are events, dots mark who took part.
 *
 * Who took part is proved by the firing rules (`network.ts`). Where a step has no such proof, its row has no dot; none is ever given wrongly.
 */
import type { EventId, Process, Terms } from './csp/index.ts';
import { nameOf, networkOf, proofOf } from './network.ts';
import type { ReportedCounterexample, ReportedStep } from './report.ts';
import { retrace } from './retrace.ts';

export interface Lane {
  readonly name: string;
}

export interface Row {
  readonly event: string;
  /** Indices of lanes, increasing. */
  readonly participants: readonly number[];
}

export interface Chart {
  readonly lanes: readonly Lane[];
  readonly rows: readonly Row[];
}

/**
 * The chart of a behavior of `process`, given as its events with taus. Throws when `process` has no such behavior.
 *
 * @example
 * drawChart(chartOf(terms, system, counterexample.steps.map((step) => step.event)));
 */
export function chartOf(terms: Terms, process: Process, events: readonly EventId[]): Chart {
  const path = retrace(
    terms,
    process,
    events.map((event) => ({ event })),
  );
  if (path === undefined) throw new RangeError('the process has no such behavior');
  const { shape, components } = networkOf(process);
  const name = (event: EventId): string => terms.alphabet.nameOf(event);
  const rows = events.map((event, i): Row => {
    const proof = proofOf(terms, shape, path[i]!, event, path[i + 1]!);
    const participants = (proof?.shares ?? []).map((share) => share.component).sort((a, b) => a - b);
    return {
      event: labelOf({ event: name(event), ...(proof?.hidden && { hidden: name(proof.hidden) }) }),
      participants,
    };
  });
  return { lanes: components.map((component) => ({ name: nameOf(terms, component) })), rows };
}

/**
 * The chart of a reported counterexample, its loop at the end; undefined when the report does not say who took part.
 *
 * @example
 * const [failed] = check(source, options).assertions;
 * const chart = failed?.counterexample && chartOfReport(failed.counterexample);
 */
export function chartOfReport(counterexample: ReportedCounterexample, steps = counterexample.steps): Chart | undefined {
  if (counterexample.components === undefined) return undefined;
  const all = steps === counterexample.steps ? [...steps, ...(counterexample.loop ?? [])] : steps;
  return {
    lanes: counterexample.components.map(({ name }) => ({ name })),
    rows: all.map((step) => ({ event: labelOf(step), participants: step.participants ?? [] })),
  };
}

/** The chart without the lanes that take part in nothing. */
export function withoutIdle({ lanes, rows }: Chart): Chart {
  const busy = [...new Set(rows.flatMap(({ participants }) => participants))].sort((a, b) => a - b);
  const laneOf = new Map(busy.map((lane, i) => [lane, i]));
  return {
    lanes: busy.map((lane) => lanes[lane]!),
    rows: rows.map(({ event, participants }) => ({
      event,
      participants: participants.map((lane) => laneOf.get(lane)!),
    })),
  };
}

/** A step in words: what a tau hides in parentheses. */
export function labelOf({ event, hidden }: Pick<ReportedStep, 'event' | 'hidden'>): string {
  return hidden === undefined ? event : `${event} (${hidden})`;
}

/** Columns a chart may take before its lanes are numbered and named in a legend. */
const COLUMNS_MAX = 80;

/** The chart as lines of text, for a terminal. */
export function drawChart({ lanes, rows }: Chart): string {
  const named = Math.max(6, ...lanes.map((lane) => lane.name.length + 2));
  const numbered = named * lanes.length > COLUMNS_MAX;
  const heads = lanes.map((lane, index) => (numbered ? `${index + 1}` : lane.name));
  const width = numbered ? Math.max(4, heads.at(-1)!.length + 2) : named;
  const lines = rows.map((row) => drawRow(row, lanes.length, width));
  const legend = numbered ? [lanes.map((lane, index) => `${index + 1} ${lane.name}`).join('  '), ''] : [];
  return [...legend, heads.map((head) => centered(head, width)).join(''), ...lines]
    .map((line) => line.trimEnd())
    .join('\n');
}

function drawRow({ event, participants }: Row, laneCount: number, width: number): string {
  const half = Math.floor((width - 1) / 2);
  const [first = -1, last = -1] = [participants[0], participants.at(-1)];
  const spans = (from: number, to: number): boolean => participants.length > 0 && first <= from && to <= last;
  const cells = Array.from({ length: laneCount }, (_, lane) => {
    const mark = participants.includes(lane) ? '●' : spans(lane, lane) ? '┼' : '│';
    const [left, right] = [spans(lane - 1, lane) ? '─' : ' ', spans(lane, lane + 1) ? '─' : ' '];
    return left.repeat(half) + mark + right.repeat(width - half - 1);
  });
  return `${cells.join('')}  ${event}`;
}

function centered(text: string, width: number): string {
  const left = Math.max(0, Math.floor((width - text.length) / 2));
  return text.padStart(left + text.length).padEnd(width);
}
