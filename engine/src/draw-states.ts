/** The transition system of a process as a picture: SVG, DOT or text. */
import { layeredLayout, type Point } from './layered-layout.ts';
import type { GraphEdge, GraphState, StateGraph } from './state-graph.ts';
import { escaped, LINE_HEIGHT, label, linesOf, px, svg, textWidth } from './svg.ts';

const RADIUS = 16;
const LABEL_LINES_MAX = 3;
/** Room above a state for an edge that comes back to it. */
const LOOP_HEIGHT = 22;

/** Counts of a graph, in words. */
export function statesInWords({ states, edges }: StateGraph): string {
  const count = (kind: GraphState['kind']): number => states.filter((state) => state.kind === kind).length;
  const arrows = edges.reduce((sum, { labels }) => sum + labels.length, 0);
  const parts = [`${states.length} states, ${arrows} transitions`];
  if (count('stuck') > 0) parts.push(`${count('stuck')} stuck`);
  if (count('terminated') > 0) parts.push(`${count('terminated')} terminated`);
  if (count('open') > 0) parts.push(`${count('open')} with steps that are not shown`);
  return parts.join(', ');
}

/**
 * The graph as SVG: states from left to right by their distance from the start, in red where nothing can happen, dashed where there is more.
 *
 * @example
 * statesAsSvg('CLOCK', stateGraph(terms, clock, 80));
 */
export function statesAsSvg(title: string, graph: StateGraph): string {
  const loops = new Map(graph.edges.flatMap((edge) => (edge.from === edge.to ? [[edge.from, edge] as const] : [])));
  const sizeOf = (lines: readonly string[]) => ({
    width: Math.max(...lines.map((line) => textWidth(line))) + 8,
    height: lines.length * LINE_HEIGHT,
  });
  const loopRoom = (state: number): { width: number; height: number } => {
    const loop = loops.get(state);
    if (loop === undefined) return { width: 0, height: 0 };
    const { width, height } = sizeOf(linesOf(loop.labels, LABEL_LINES_MAX));
    return { width, height: height + LOOP_HEIGHT };
  };
  const layout = layeredLayout(
    graph.states.map(({ depth }, i) => ({
      layer: depth,
      width: Math.max(2 * RADIUS, loopRoom(i).width),
      above: RADIUS + loopRoom(i).height,
      below: RADIUS,
    })),
    graph.edges.map(({ from, to, labels }) => ({ from, to, ...sizeOf(linesOf(labels, LABEL_LINES_MAX)) })),
  );
  const content = [
    ...graph.edges.map((edge, i) => {
      const { nodes, edges } = layout;
      const [from, to] = [nodes[edge.from]!, nodes[edge.to]!];
      const unseen = edge.labels.every((name) => name.startsWith('τ')) ? ' unseen' : '';
      const path = edge.from === edge.to ? loopAt(from) : pathThrough(from, edges[i]!.via, to);
      return `<path class="line${unseen}" marker-end="url(#head)" d="${path}"/>`;
    }),
    ...graph.edges.map((edge, i) => {
      const lines = linesOf(edge.labels, LABEL_LINES_MAX);
      const at = edge.from === edge.to ? aboveLoop(layout.nodes[edge.from]!, lines.length) : layout.edges[i]!.label;
      return label(lines, at.x, at.y, 'event', edge.labels.join(', '));
    }),
    `<path class="line" marker-end="url(#head)" d="M${px(layout.nodes[0]!.x - RADIUS - 22)} ${px(layout.nodes[0]!.y)} H${px(layout.nodes[0]!.x - RADIUS)}"/>`,
    ...graph.states.map((state, i) => drawState(state, i, layout.nodes[i]!)),
  ];
  return svg(layout, `The states of ${title}`, `${statesInWords(graph)}. ${asSentences(graph)}`, content);
}

function drawState({ text, kind }: GraphState, number: number, { x, y }: Point): string {
  const inner =
    kind === 'terminated' ? `<circle class="node terminated" cx="${px(x)}" cy="${px(y)}" r="${RADIUS - 4}"/>` : '';
  return (
    `<g><title>${escaped(`${number}: ${text}${kind === 'alive' ? '' : ` (${INWORDS[kind]})`}`)}</title>` +
    `<circle class="node ${kind}" cx="${px(x)}" cy="${px(y)}" r="${RADIUS}"/>${inner}<text x="${px(x)}" y="${px(y)}">${number}</text></g>`
  );
}

const INWORDS = { stuck: 'nothing can happen', terminated: 'has terminated', open: 'its steps are not shown' } as const;

function loopAt({ x, y }: Point): string {
  const top = y - RADIUS;
  return `M${px(x - 9)} ${px(top + 3)} C${px(x - 20)} ${px(top - 26)} ${px(x + 20)} ${px(top - 26)} ${px(x + 9)} ${px(top + 3)}`;
}

function aboveLoop({ x, y }: Point, lines: number): Point {
  return { x, y: y - RADIUS - LOOP_HEIGHT - (lines * LINE_HEIGHT) / 2 };
}

/** A smooth line from the edge of one circle to the edge of the other, level at every point it passes. Between states of one column it turns at its label. */
function pathThrough(from: Point, via: readonly Point[], to: Point): string {
  const start = { x: from.x + (to.x < from.x ? -RADIUS : RADIUS), y: from.y };
  const end = { x: to.x + (to.x > from.x ? -RADIUS : RADIUS), y: to.y };
  let path = `M${px(start.x)} ${px(start.y)}`;
  let last: Point = start;
  for (const point of [...via, end]) {
    const middle = (last.x + point.x) / 2;
    path += ` C${px(middle)} ${px(last.y)} ${px(middle)} ${px(point.y)} ${px(point.x)} ${px(point.y)}`;
    last = point;
  }
  return path;
}

/** Transitions named one by one in the description of a picture; a longer list helps nobody. */
const SENTENCES_MAX = 40;

function asSentences({ edges }: StateGraph): string {
  const said = edges
    .slice(0, SENTENCES_MAX)
    .map(({ from, to, labels }) => `From ${from} to ${to}: ${linesOf(labels, 6).join(', ')}.`);
  return said.join(' ') + (edges.length > SENTENCES_MAX ? ' And so on.' : '');
}

/** The graph in the language of Graphviz. */
export function statesAsDot(title: string, { states, edges }: StateGraph): string {
  const looks = {
    alive: '',
    stuck: ', color=red',
    terminated: ', shape=doublecircle',
    open: ', style=dashed',
  } as const;
  return [
    `digraph ${quoted(title)} {`,
    '  rankdir=LR; node [shape=circle]; edge [fontname="monospace"];',
    '  start [shape=point, label=""]; start -> 0;',
    ...states.map(({ text, kind }, i) => `  ${i} [label="${i}", tooltip=${quoted(text)}${looks[kind]}];`),
    ...edges.map(({ from, to, labels }) => `  ${from} -> ${to} [label=${quoted(labels.join('\n'))}];`),
    '}',
    '',
  ].join('\n');
}

/** The graph line by line: a state, what it is, and where its events lead. */
export function statesAsText(title: string, graph: StateGraph): string {
  const leaving = Map.groupBy(graph.edges, (edge: GraphEdge) => edge.from);
  return [
    `${title}: ${statesInWords(graph)}`,
    ...graph.states.flatMap(({ text, kind }, i) => [
      `${i}  ${text}${kind === 'alive' ? '' : `  (${INWORDS[kind]})`}`,
      ...(leaving.get(i) ?? []).flatMap(({ to, labels }) => labels.map((name) => `    ${name} → ${to}`)),
    ]),
    '',
  ].join('\n');
}

/** A string of the DOT language. */
export function quoted(text: string): string {
  return `"${text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n')}"`;
}
