/**
 * Sequence charts in text: lanes are the components of a network, rows are events, dots mark who took part.
 *
 * Who took part is read off the terms: of the operands of the outermost parallel operators, those that changed in the step. One that
 * performed an event and came back to the same term is not seen by this; it is then left without a dot, never given one wrongly.
 */
import { type EventId, type Process, type Terms, transitions } from './csp/index.ts';

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
  const path = pathOf(terms, process, events);
  const lanes = leaves(process).map((leaf) => ({ name: nameOf(leaf) }));
  const rows = events.map((event, i): Row => {
    const [before, after] = [leaves(path[i]!), leaves(path[i + 1]!)];
    const moved = before.flatMap((leaf, lane) => (after[lane] === leaf ? [] : [lane]));
    return { event: terms.alphabet.nameOf(event), participants: before.length === after.length ? moved : [] };
  });
  return { lanes, rows };
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

/** The terms a behavior passes through, one more than it has events. Depth first, since one event may lead to several terms. */
function pathOf(terms: Terms, process: Process, events: readonly EventId[]): Process[] {
  const dead = new Set<string>();
  const path: Process[] = [process];
  const choices: Iterator<Process>[] = [];
  while (path.length <= events.length) {
    const at = path.length - 1;
    choices[at] ??= targets(terms, path[at]!, events[at]!)[Symbol.iterator]();
    const next = choices[at].next();
    if (!next.done) {
      if (!dead.has(`${at + 1}:${next.value.id}`)) path.push(next.value);
      continue;
    }
    dead.add(`${at}:${path[at]!.id}`);
    choices.length = at;
    path.pop();
    if (path.length === 0) throw new RangeError('the process has no such behavior');
  }
  return path;
}

function targets(terms: Terms, process: Process, event: EventId): Process[] {
  return transitions(terms, process).flatMap((t) => (t.event === event ? [t.target] : []));
}

/** The operands of the outermost parallel operators, from left to right. */
function leaves(process: Process): Process[] {
  switch (process.kind) {
    case 'hide':
    case 'project':
    case 'rename':
    case 'compress':
    case 'prioritize':
    case 'partialPriority':
      return leaves(process.process);
    case 'interleave':
    case 'generalizedParallel':
      return process.components.flatMap(leaves);
    case 'alphabetizedParallel':
      return process.components.flatMap((component) => leaves(component.process));
    case 'call': {
      const body = process.unfold();
      const inner = body.kind === 'call' ? [] : leaves(body);
      return inner.length > 1 ? inner : [process];
    }
    default:
      return [process];
  }
}

function nameOf(leaf: Process): string {
  return leaf.kind === 'call' && leaf.name !== undefined ? leaf.name : leaf.kind;
}
