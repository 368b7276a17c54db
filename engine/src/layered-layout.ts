/**
 * Layered drawing of a directed graph from left to right: nodes in columns by their distance from the start, labels of edges in columns between them,
 * so that no label covers another one.
 *
 * Order in a column by barycenters, heights by least squares under the order. Sugiyama, Tagawa, Toda, Methods for Visual Understanding of
 * Hierarchical System Structures (1981); the least squares by pooling adjacent violators.
 */
export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface LayeredNode {
  readonly layer: number;
  readonly width: number;
  /** Room above and below its center. */
  readonly above: number;
  readonly below: number;
}

export interface LayeredEdge extends Size {
  readonly from: number;
  readonly to: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout extends Size {
  readonly nodes: readonly Point[];
  /** Where the label of each edge stands, and the points the edge passes, ends excluded. An edge from a node to itself has no points. */
  readonly edges: readonly { readonly label: Point; readonly via: readonly Point[] }[];
}

const GAP_MIN = 26;
const GAP_MAX = 110;
const GAP_PER_RISE = 0.14;
const ROW_GAP = 14;
const SWEEPS = 12;

interface Slot extends Omit<LayeredNode, 'layer'> {
  readonly column: number;
  readonly neighbors: number[];
  y: number;
}

/** Coordinates of the centers of nodes and labels, all positive. The same graph always gets the same layout. */
export function layeredLayout(nodes: readonly LayeredNode[], edges: readonly LayeredEdge[]): Layout {
  const slots: Slot[] = nodes.map(({ layer, ...size }) => ({ ...size, column: 2 * layer, neighbors: [], y: 0 }));
  const chains = edges.map((edge) => chainOf(edge, slots, nodes));
  const columns: number[][] = [];
  for (const [i, slot] of slots.entries()) {
    columns[slot.column] ??= [];
    columns[slot.column]!.push(i);
  }
  for (let column = 0; column < columns.length; column++) columns[column] ??= [];
  order(columns, slots);
  settle(columns, slots);

  const bands = bandsOf(columns, slots);
  const top = Math.min(...slots.map(({ y, above }) => y - above));
  const pointOf = (index: number): Point => {
    const { column, y } = slots[index]!;
    return { x: (bands[column]!.left + bands[column]!.right) / 2, y: y - top };
  };
  // Level across a column, so that whatever goes up or down does so in the gaps, where no label is.
  const crossing = (index: number, rightwards: boolean): readonly Point[] => {
    const { left, right } = bands[slots[index]!.column]!;
    const { y } = pointOf(index);
    return rightwards ? [left, right].map((x) => ({ x, y })) : [right, left].map((x) => ({ x, y }));
  };
  return {
    width: bands.at(-1)!.right,
    height: Math.max(...slots.map(({ y, below }) => y + below)) - top,
    nodes: nodes.map((_, i) => pointOf(i)),
    edges: chains.map(({ label, via }, i) => {
      const [from, to] = [nodes[edges[i]!.from]!.layer, nodes[edges[i]!.to]!.layer];
      const [entry] = crossing(label, true);
      const points = from === to ? [entry!, pointOf(label), entry!] : via.flatMap((slot) => crossing(slot, from < to));
      return { label: pointOf(label), via: points };
    }),
  };
}

/** Where columns begin and end. The more an edge rises between two of them, the farther apart they are. */
function bandsOf(
  columns: readonly (readonly number[])[],
  slots: readonly Slot[],
): readonly { readonly left: number; readonly right: number }[] {
  let left = 0;
  return columns.map((column) => {
    const right = left + Math.max(0, ...column.map((index) => slots[index]!.width));
    const rises = column.flatMap((index) => {
      const { column: here, neighbors, y } = slots[index]!;
      return neighbors.flatMap((other) => (slots[other]!.column > here ? [Math.abs(slots[other]!.y - y)] : []));
    });
    const band = { left, right };
    left = right + Math.min(GAP_MAX, GAP_MIN + Math.max(0, ...rises) * GAP_PER_RISE);
    return band;
  });
}

/** Slots for the label of an edge and for the columns it crosses, from its start to its end. */
function chainOf(
  { from, to, width, height }: LayeredEdge,
  slots: Slot[],
  nodes: readonly LayeredNode[],
): { readonly label: number; readonly via: readonly number[] } {
  if (from === to) return { label: from, via: [] };
  const [start, end] = [2 * nodes[from]!.layer, 2 * nodes[to]!.layer];
  const columns: number[] = [];
  if (start === end) columns.push(start + 1);
  else for (let c = Math.min(start, end) + 1; c < Math.max(start, end); c++) columns.push(c);
  if (end < start) columns.reverse();
  const odd = columns.filter((column) => column % 2 === 1);
  const labelled = odd[Math.floor(odd.length / 2)]!;
  let label = -1;
  let previous = from;
  const via = columns.map((column) => {
    const [room, half] = column === labelled ? [width, height / 2] : [0, 3];
    const slot = slots.push({ width: room, above: half, below: half, column, neighbors: [previous], y: 0 }) - 1;
    slots[previous]!.neighbors.push(slot);
    previous = slot;
    if (column === labelled) label = slot;
    return slot;
  });
  slots[previous]!.neighbors.push(to);
  slots[to]!.neighbors.push(previous);
  return { label, via };
}

/** Sorts every column by the mean place of its neighbors in the columns beside it, to and fro. */
function order(columns: number[][], slots: readonly Slot[]): void {
  const place = new Float64Array(slots.length);
  const renumber = (column: readonly number[]) => {
    for (const [i, slot] of column.entries()) place[slot] = (i + 0.5) / column.length;
  };
  columns.forEach(renumber);
  const sweep = (column: number[], beside: (slot: Slot) => boolean) => {
    const wanted = new Map(
      column.map((index) => {
        const near = slots[index]!.neighbors.filter((other) => beside(slots[other]!));
        return [index, near.length === 0 ? place[index]! : mean(near.map((other) => place[other]!))];
      }),
    );
    column.sort((a, b) => wanted.get(a)! - wanted.get(b)! || place[a]! - place[b]!);
    renumber(column);
  };
  for (let round = 0; round < SWEEPS; round++) {
    for (const [c, column] of columns.entries()) sweep(column, (other) => other.column < c);
    for (const [c, column] of [...columns.entries()].reverse()) sweep(column, (other) => other.column > c);
  }
}

/** Heights: every slot as near to its neighbors as the order and the gaps allow. */
function settle(columns: readonly (readonly number[])[], slots: readonly Slot[]): void {
  for (const column of columns) {
    const wanted = column.map((_, i) => i * 60 - column.length * 30);
    spread(column, slots, wanted);
  }
  for (let round = 0; round < SWEEPS; round++) {
    const ordered = round % 2 === 0 ? columns : [...columns].reverse();
    for (const column of ordered) {
      const wanted = column.map((index) => {
        const { neighbors, y } = slots[index]!;
        return neighbors.length === 0 ? y : mean(neighbors.map((other) => slots[other]!.y));
      });
      spread(column, slots, wanted);
    }
  }
}

/** The heights nearest to `wanted` in which the slots of a column keep their order and do not touch. */
function spread(column: readonly number[], slots: readonly Slot[], wanted: readonly number[]): void {
  const offsets: number[] = [];
  let offset = 0;
  for (const [i, index] of column.entries()) {
    if (i > 0) offset += slots[column[i - 1]!]!.below + slots[index]!.above + ROW_GAP;
    offsets.push(offset);
  }
  const blocks: { sum: number; count: number }[] = [];
  for (const [i, y] of wanted.entries()) {
    let block = { sum: y - offsets[i]!, count: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.count > block.sum / block.count; last = blocks.at(-1)) {
      block = { sum: block.sum + last.sum, count: block.count + last.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  let i = 0;
  for (const { sum, count } of blocks)
    for (let k = 0; k < count; k++, i++) slots[column[i]!]!.y = sum / count + offsets[i]!;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
