/**
 * What compressions work on: an explicit graph whose labels say which states may not be taken for each other.
 *
 * A label tells what the steps of a state do not: that the process has terminated there, not stopped.
 */
import type { Graph, Partition } from '../bisimulation.ts';

/** State 0 is the initial one. */
export interface Labelled {
  readonly graph: Graph;
  readonly labels: Int32Array;
}

export interface Reduced extends Labelled {
  /** A state of the argument for each state: what it is described by. */
  readonly origin: Int32Array;
}

export type Reduction = (source: Labelled) => Reduced;

/** First `first`, then `second`. */
export function andThen(first: Reduction, second: Reduction): Reduction {
  return (source) => {
    const half = first(source);
    const whole = second(half);
    return { ...whole, origin: whole.origin.map((state) => half.origin[state]!) };
  };
}

/** A graph in the making, state by state: each row is sorted, and free of repetitions. */
export class Rows {
  readonly #offsets: number[] = [0];
  readonly #events: number[] = [];
  readonly #targets: number[] = [];
  #row: (readonly [event: number, target: number])[] = [];

  get stepCount(): number {
    return this.#events.length;
  }

  /** A step of the state being written. */
  add(event: number, target: number): void {
    this.#row.push([event, target]);
  }

  /** The state being written is complete; the next begins. */
  end(): void {
    const row = this.#row.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    for (const [i, [event, target]] of row.entries()) {
      if (i > 0 && row[i - 1]![0] === event && row[i - 1]![1] === target) continue;
      this.#events.push(event);
      this.#targets.push(target);
    }
    this.#offsets.push(this.#events.length);
    this.#row = [];
  }

  graph(): Graph {
    return {
      stateCount: this.#offsets.length - 1,
      offsets: Int32Array.from(this.#offsets),
      events: Int32Array.from(this.#events),
      targets: Int32Array.from(this.#targets),
    };
  }
}

/** One state a block, with the steps of all its members, as far as `keep` lets them; `finish` may add some. */
export function quotient(
  { graph, labels }: Labelled,
  { blockCount, blockOf }: Partition,
  keep: (from: number, event: number, to: number) => boolean = () => true,
  finish: (block: number, rows: Rows) => void = () => {},
): Reduced {
  const { starts, members } = membersOf(blockCount, blockOf);
  const rows = new Rows();
  const origin = new Int32Array(blockCount);
  for (let block = 0; block < blockCount; block++) {
    origin[block] = members[starts[block]!]!;
    for (let m = starts[block]!; m < starts[block + 1]!; m++) {
      const state = members[m]!;
      for (let i = graph.offsets[state]!; i < graph.offsets[state + 1]!; i++) {
        const [event, target] = [graph.events[i]!, blockOf[graph.targets[i]!]!];
        if (keep(block, event, target)) rows.add(event, target);
      }
    }
    finish(block, rows);
    rows.end();
  }
  return { graph: rows.graph(), labels: origin.map((state) => labels[state]!), origin };
}

/** The states of block b, in order: `members[starts[b]]` up to `members[starts[b + 1]]`. */
function membersOf(blockCount: number, blockOf: Int32Array): { starts: Int32Array; members: Int32Array } {
  const starts = new Int32Array(blockCount + 1);
  for (const block of blockOf) starts[block + 1]!++;
  for (let block = 0; block < blockCount; block++) starts[block + 1]! += starts[block]!;
  const at = starts.slice();
  const members = new Int32Array(blockOf.length);
  for (let state = 0; state < blockOf.length; state++) members[at[blockOf[state]!]!++] = state;
  return { starts, members };
}
