/**
 * The coarsest strong bisimulation of an explicit graph, by signatures.
 *
 * A state's signature is the set of its (event, block of target). When a block splits, its largest part keeps the block's number and only states
 * with a step into a smaller part are looked at again: a state changes its number at most log n times, so all signatures together cost
 * O(m log n). Blom, Orzan, Distributed branching bisimulation reduction (2009) for signatures; Hopcroft (1971) for the smaller half.
 */
import { IntSequences } from './int-sequences.ts';

/** A finite graph in compressed rows: the steps of `state` are at `offsets[state]` up to `offsets[state + 1]`. */
export interface Graph {
  readonly stateCount: number;
  readonly offsets: Int32Array;
  readonly events: Int32Array;
  readonly targets: Int32Array;
}

export interface Partition {
  readonly blockCount: number;
  /** Dense from 0, numbered in order of the first state of each block. */
  readonly blockOf: Int32Array;
}

/** The coarsest bisimulation that is finer than `labels` (equal labels: may be merged). */
export function bisimulation(graph: Graph, labels: Int32Array): Partition {
  const refinement = new Refinement(graph, labels);
  while (refinement.round());
  return numbered(refinement.blockOf);
}

class Refinement {
  readonly blockOf: Int32Array;
  readonly #graph: Graph;
  readonly #sourcesAt: Int32Array;
  readonly #sources: Int32Array;
  /** The states of block b are `members[first[b]]` up to `members[end[b]]`; `place` is the inverse of `members`. */
  readonly #members: Int32Array;
  readonly #place: Int32Array;
  readonly #first: number[] = [];
  readonly #end: number[] = [];
  readonly #isDirty: Uint8Array;
  #dirty: number[] = [];
  readonly #signatureOf: Int32Array;
  readonly #signatures = new IntSequences();

  constructor(graph: Graph, labels: Int32Array) {
    const n = graph.stateCount;
    this.#graph = graph;
    this.blockOf = new Int32Array(n);
    this.#signatureOf = new Int32Array(n);
    this.#isDirty = new Uint8Array(n).fill(1);
    this.#members = Int32Array.from({ length: n }, (_, i) => i).sort((a, b) => labels[a]! - labels[b]! || a - b);
    this.#place = new Int32Array(n);
    for (let i = 0; i < n; i++) {
      const state = this.#members[i]!;
      this.#place[state] = i;
      if (i === 0 || labels[state] !== labels[this.#members[i - 1]!]) {
        this.#first.push(i);
        this.#end.push(i);
      }
      this.#end[this.#end.length - 1] = i + 1;
      this.blockOf[state] = this.#first.length - 1;
      this.#dirty.push(i);
    }
    this.#sourcesAt = new Int32Array(n + 2);
    this.#sources = new Int32Array(graph.targets.length);
    this.#invert();
  }

  #invert(): void {
    const { stateCount, offsets, targets } = this.#graph;
    const at = this.#sourcesAt;
    for (let i = 0; i < offsets[stateCount]!; i++) at[targets[i]! + 2]!++;
    for (let i = 2; i < at.length; i++) at[i]! += at[i - 1]!;
    for (let state = 0; state < stateCount; state++) {
      for (let i = offsets[state]!; i < offsets[state + 1]!; i++) this.#sources[at[targets[i]! + 1]!++] = state;
    }
  }

  /** Splits every block that has dirty states by their signatures; whether there is more to do. */
  round(): boolean {
    const dirty = this.#dirty;
    this.#dirty = [];
    this.#signatures.clear();
    for (const state of dirty) this.#sign(state);
    dirty.sort((a, b) => this.blockOf[a]! - this.blockOf[b]! || this.#signatureOf[a]! - this.#signatureOf[b]! || a - b);
    for (const state of dirty) this.#isDirty[state] = 0;
    let from = 0;
    while (from < dirty.length) {
      const block = this.blockOf[dirty[from]!]!;
      let to = from + 1;
      while (to < dirty.length && this.blockOf[dirty[to]!] === block) to++;
      this.#split(block, dirty, from, to);
      from = to;
    }
    return this.#dirty.length > 0;
  }

  #buffer = new Int32Array(64);

  #sign(state: number): void {
    const { offsets, events, targets } = this.#graph;
    const start = offsets[state]!;
    const count = offsets[state + 1]! - start;
    const pairs: [number, number][] = [];
    for (let i = start; i < start + count; i++) pairs.push([events[i]!, this.blockOf[targets[i]!]!]);
    pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    if (this.#buffer.length < 2 * count) this.#buffer = new Int32Array(4 * count);
    let length = 0;
    for (const [event, block] of pairs) {
      if (length > 0 && this.#buffer[length - 2] === event && this.#buffer[length - 1] === block) continue;
      this.#buffer[length++] = event;
      this.#buffer[length++] = block;
    }
    this.#signatureOf[state] = this.#signatures.intern(this.#buffer, length);
  }

  /**
   * `dirty[from .. to)` are the dirty states of `block`, sorted by signature. Those that were not dirty form one group of their own: they
   * have no step into a part that moved, which every dirty state has.
   */
  #split(block: number, dirty: readonly number[], from: number, to: number): void {
    const first = this.#first[block]!;
    const end = this.#end[block]!;
    for (let i = from; i < to; i++) this.#swap(this.#place[dirty[i]!]!, first + i - from);
    const bounds = [first];
    for (let i = from + 1; i < to; i++) {
      if (this.#signatureOf[dirty[i]!] !== this.#signatureOf[dirty[i - 1]!]) bounds.push(first + i - from);
    }
    if (first + to - from < end) bounds.push(first + to - from);
    if (bounds.length === 1) return;
    bounds.push(end);
    let largest = 0;
    for (let g = 1; g + 1 < bounds.length; g++) {
      if (bounds[g + 1]! - bounds[g]! > bounds[largest + 1]! - bounds[largest]!) largest = g;
    }
    for (let g = 0; g + 1 < bounds.length; g++) {
      if (g !== largest) this.#moveOut(bounds[g]!, bounds[g + 1]!);
    }
    this.#first[block] = bounds[largest]!;
    this.#end[block] = bounds[largest + 1]!;
  }

  #moveOut(first: number, end: number): void {
    const block = this.#first.length;
    this.#first.push(first);
    this.#end.push(end);
    for (let i = first; i < end; i++) {
      const state = this.#members[i]!;
      this.blockOf[state] = block;
      for (let k = this.#sourcesAt[state]!; k < this.#sourcesAt[state + 1]!; k++) this.#touch(this.#sources[k]!);
    }
  }

  #touch(state: number): void {
    if (this.#isDirty[state] === 1) return;
    this.#isDirty[state] = 1;
    this.#dirty.push(state);
  }

  #swap(i: number, j: number): void {
    const a = this.#members[i]!;
    const b = this.#members[j]!;
    this.#members[i] = b;
    this.#members[j] = a;
    this.#place[b] = i;
    this.#place[a] = j;
  }
}

/** A partition from any numbers for its blocks. */
export function numbered(blocks: Int32Array): Partition {
  const number = new Map<number, number>();
  const blockOf = blocks.map((block) => {
    const known = number.get(block) ?? number.size;
    number.set(block, known);
    return known;
  });
  return { blockCount: number.size, blockOf };
}
