/**
 * Normalization: tau-closure and subset construction, then the states that cannot be told apart are merged.
 *
 * A node is the set of states in which the process may be after some trace, closed under tau. What it may settle on:
 *   - a stable state that does not offer tick accepts exactly its initials;
 *   - a state that offers tick, stable or not, may terminate by itself, so it accepts {✓};
 *   - after tick nothing is accepted, and nothing is required: {}.
 * Only minimal acceptances are kept, since refusals are closed under subsets.
 *
 * Roscoe, Understanding Concurrent Systems, sections 8.4 and 16.1.
 */
import { type Alphabet, type EventId, type EventSet, TAU, TICK } from '../csp/index.ts';
import { bisimulation } from './bisimulation.ts';
import { Divergence } from './divergence.ts';
import { IntSequences } from './int-sequences.ts';
import { type Limits, type Lts, type StateId, Transitions } from './lts.ts';
import { isSubset, type NodeId, type NormalForm, REFUSED, type RefusalForm } from './normal-form.ts';
import { grown, Watch } from './watch.ts';

/**
 * The normal form of `lts`: every node explored, equivalent nodes merged, numbered breadth first from 0.
 *
 * Takes time and space exponential in the states at worst. Throws `LimitReached` at a limit (`stateCountMax` bounds nodes, and states of `lts`),
 * and what `lts` throws.
 *
 * @example
 * const specification = normalize(termLts(terms, process));
 * specification.after(specification.initial, a); // the node after a, or REFUSED
 */
export function normalize(lts: Lts, limits: Limits = {}): NormalForm {
  const lazy = new LazyNormalForm(lts, limits);
  const offsets = [0];
  const events: number[] = [];
  const targets: number[] = [];
  for (let node = 0; node < lazy.nodeCount; node++) {
    for (const event of lazy.initials(node)) {
      events.push(event);
      targets.push(lazy.after(node, event));
    }
    offsets.push(events.length);
  }
  return new MergedNormalForm(lazy, Int32Array.from(offsets), Int32Array.from(events), Int32Array.from(targets));
}

/**
 * The normal form made while it is asked about, nothing merged: for the specification of a refinement, of which often only a part is needed.
 * Any question may throw `LimitReached`. `nodeCount` is the number of nodes found so far.
 */
export function normalizeLazily(lts: Lts, limits: Limits = {}): RefusalForm {
  return new LazyNormalForm(lts, limits);
}

/** Fewer nodes are no explosion. */
const EXPLODED_MIN = 64;

/** A successor that was not asked for yet. */
const LATER = -2;

interface Node {
  readonly initials: EventSet;
  readonly acceptances: readonly EventSet[];
  /** The nodes after each of `initials`, or LATER. */
  readonly after: Int32Array;
  /** The targets of each of `initials`, before closure; dropped when `after` is known. */
  readonly targets: (Int32Array | undefined)[];
  /** `initials` as a table from `first`, when they are dense enough; -1 for gaps. */
  readonly index: Int32Array | undefined;
  readonly first: number;
}

interface Settled {
  readonly sets: readonly EventSet[];
  readonly setOf: Int32Array;
}

class LazyNormalForm implements RefusalForm {
  readonly alphabet: Alphabet;
  readonly initial: NodeId;
  readonly #lts: Lts;
  readonly #watch: Watch;
  readonly #divergence: Divergence;
  readonly #nodes: Node[] = [];
  readonly #divergent: (boolean | undefined)[] = [];
  /** Closed sets of states, sorted: the set of node i has number i. */
  readonly #sets = new IntSequences();
  readonly #steps = new Transitions();
  /** By node, where somebody asked what refuses what. */
  readonly #settledOf = new Map<NodeId, Settled>();
  /** States looked at, often again: what takes time. */
  #looked = 0;
  /** Stamp of the last closure that a state was put in. */
  #seen = new Int32Array(64);
  #stamp = 0;
  #closure = new Int32Array(64);

  constructor(lts: Lts, limits: Limits) {
    this.alphabet = lts.alphabet;
    this.#lts = lts;
    this.#watch = new Watch(limits, 'normalize');
    this.#divergence = new Divergence(lts, this.#watch);
    this.initial = this.#nodeOf(Int32Array.of(lts.initial));
  }

  get nodeCount(): number {
    return this.#nodes.length;
  }

  get hasExploded(): boolean {
    return this.#nodes.length > EXPLODED_MIN && this.#nodes.length > 2 * this.#lts.stateCount;
  }

  includes(large: NodeId, small: NodeId): boolean {
    return this.#sets.includes(large, small);
  }

  initials(node: NodeId): EventSet {
    return this.#nodes[node]!.initials;
  }

  acceptances(node: NodeId): readonly EventSet[] {
    return this.#nodes[node]!.acceptances;
  }

  /** Found out when asked: only FD asks. */
  divergent(node: NodeId): boolean {
    let divergent = this.#divergent[node];
    if (divergent === undefined) {
      const states = this.#sets.view(node).slice();
      divergent = states.some((state) => this.#divergence.of(state as StateId));
      this.#divergent[node] = divergent;
    }
    return divergent;
  }

  after(node: NodeId, event: EventId): NodeId {
    const from = this.#nodes[node]!;
    const at = indexOf(from, event);
    if (at < 0) return REFUSED;
    const known = from.after[at]!;
    if (known !== LATER) return known;
    const found = this.#nodeOf(from.targets[at]!);
    from.after[at] = found;
    from.targets[at] = undefined;
    return found;
  }

  refusing(node: NodeId, refused: EventSet): NodeId {
    const { sets, setOf } = this.#settled(node);
    const unwanted = new Set(refused);
    const isLeft = sets.map((set) => !set.some((event) => unwanted.has(event)));
    const left = this.#sets.view(node).filter((_, i) => isLeft[setOf[i]!] === true);
    if (left.length === 0) return REFUSED;
    // Stable states are their own closure, and a part of a sorted set is sorted.
    const id = this.#sets.intern(left, left.length);
    if (id === this.#nodes.length) this.#nodes.push(this.#describe(id, left.length));
    return id;
  }

  /** What the states of a node settle on: the sets, and the number of its set for each state, or -1. */
  #settled(node: NodeId): Settled {
    const known = this.#settledOf.get(node);
    if (known !== undefined) return known;
    const states = this.#sets.view(node).slice();
    const numberOf = new Map<string, number>();
    const sets: EventSet[] = [];
    const setOf = states.map((state) => {
      this.#watch.check(this.#lts.stateCount, ++this.#looked);
      this.#lts.successors(state as StateId, this.#steps);
      const initials = [...new Set(this.#steps.events.subarray(0, this.#steps.length))].sort((a, b) => a - b);
      if (initials[0] === TAU || initials[0] === TICK) return -1;
      const text = initials.join();
      const number = numberOf.get(text) ?? sets.push(initials as readonly number[] as EventSet) - 1;
      numberOf.set(text, number);
      return number;
    });
    const settled = { sets, setOf };
    this.#settledOf.set(node, settled);
    return settled;
  }

  acceptancesWith(node: NodeId, event: EventId): readonly EventSet[] {
    const accepted = new Acceptances();
    for (const state of this.#sets.view(node).slice()) {
      this.#lts.successors(state as StateId, this.#steps);
      if (this.#steps.events.subarray(0, this.#steps.length).includes(event)) accepted.add(this.#steps);
    }
    return accepted.minimal().filter((acceptance) => acceptance.includes(event));
  }

  #nodeOf(targets: Int32Array): NodeId {
    const size = this.#close(targets);
    const id = this.#sets.intern(this.#closure, size);
    if (id === this.#nodes.length) this.#nodes.push(this.#describe(id, size));
    return id;
  }

  /** Leaves the tau-closure of `targets`, sorted, in `#closure`; its size. */
  #close(targets: Int32Array): number {
    this.#stamp++;
    let size = 0;
    for (const state of targets) size = this.#add(state, size);
    for (let i = 0; i < size; i++) {
      this.#watch.check(this.#lts.stateCount, ++this.#looked);
      this.#lts.successors(this.#closure[i] as StateId, this.#steps);
      this.#watch.spend(1 + this.#steps.length);
      for (let k = 0; k < this.#steps.length; k++) {
        if (this.#steps.eventAt(k) === TAU) size = this.#add(this.#steps.targetAt(k), size);
      }
    }
    this.#closure.subarray(0, size).sort();
    return size;
  }

  #add(state: number, size: number): number {
    if (state >= this.#seen.length) this.#seen = grown(this.#seen, state + 1);
    if (this.#seen[state] === this.#stamp) return size;
    this.#seen[state] = this.#stamp;
    if (size === this.#closure.length) this.#closure = grown(this.#closure, size + 1);
    this.#closure[size] = state;
    return size + 1;
  }

  #describe(id: number, size: number): Node {
    this.#watch.check(this.#nodes.length + 1, 0);
    const states = this.#sets.view(id).slice(0, size);
    const targetsOf = new Map<EventId, number[]>();
    const accepted = new Acceptances();
    for (const state of states) {
      this.#lts.successors(state as StateId, this.#steps);
      this.#watch.spend(1 + this.#steps.length);
      accepted.add(this.#steps);
      for (let k = 0; k < this.#steps.length; k++) {
        const event = this.#steps.eventAt(k);
        if (event === TAU) continue;
        const targets = targetsOf.get(event);
        if (targets === undefined) targetsOf.set(event, [this.#steps.targetAt(k)]);
        else targets.push(this.#steps.targetAt(k));
      }
    }
    const initials = [...targetsOf.keys()].sort((a, b) => a - b);
    return {
      initials,
      acceptances: accepted.minimal(),
      after: new Int32Array(initials.length).fill(LATER),
      targets: initials.map((event) => Int32Array.from(targetsOf.get(event)!)),
      ...indexed(initials),
    };
  }
}

/** Sets of events that single states accept; `minimal` keeps those that contain no other. */
class Acceptances {
  readonly #sets = new Map<string, EventSet>();

  add(steps: Transitions): void {
    const offered = new Set<EventId>();
    for (let k = 0; k < steps.length; k++) offered.add(steps.eventAt(k));
    if (offered.has(TICK)) this.#keep([TICK]);
    else if (!offered.has(TAU)) this.#keep([...offered].sort((a, b) => a - b));
  }

  #keep(set: EventSet): void {
    this.#sets.set(set.join(), set);
  }

  minimal(): readonly EventSet[] {
    const bySize = [...this.#sets.values()].sort((a, b) => a.length - b.length || compare(a, b));
    const kept: EventSet[] = [];
    for (const set of bySize) if (!kept.some((smaller) => isSubset(smaller, set))) kept.push(set);
    return kept;
  }
}

function compare(a: EventSet, b: EventSet): number {
  const at = a.findIndex((event, i) => event !== b[i]);
  return at < 0 ? 0 : a[at]! - b[at]!;
}

function indexed(initials: EventSet): Pick<Node, 'index' | 'first'> {
  const first = initials[0] ?? 0;
  const width = initials.length === 0 ? 0 : initials.at(-1)! - first + 1;
  if (width > 8 * initials.length + 64) return { index: undefined, first };
  const index = new Int32Array(width).fill(-1);
  for (const [i, event] of initials.entries()) index[event - first] = i;
  return { index, first };
}

function indexOf(node: Node, event: EventId): number {
  const { index, initials } = node;
  if (index !== undefined) {
    const at = event - node.first;
    return at < 0 || at >= index.length ? -1 : index[at]!;
  }
  let low = 0;
  let high = initials.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = initials[middle]!;
    if (found === event) return middle;
    if (found < event) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** The merged table: one row of successors a node, in the order of its initials. */
class MergedNormalForm implements NormalForm {
  readonly alphabet: Alphabet;
  readonly initial: NodeId = 0;
  readonly nodeCount: number;
  readonly #nodes: readonly Node[];
  readonly #divergent: readonly boolean[];

  constructor(lazy: LazyNormalForm, offsets: Int32Array, events: Int32Array, targets: Int32Array) {
    this.alphabet = lazy.alphabet;
    const labels = new Map<string, number>();
    const labelOf = new Int32Array(lazy.nodeCount);
    for (let node = 0; node < lazy.nodeCount; node++) {
      const text = `${lazy.divergent(node)} ${lazy.acceptances(node).join(' | ')} of ${lazy.acceptances(node).length}`;
      const label = labels.get(text) ?? labels.size;
      labels.set(text, label);
      labelOf[node] = label;
    }
    const graph = { stateCount: lazy.nodeCount, offsets, events, targets };
    const { blockCount, blockOf } = bisimulation(graph, labelOf);
    const nodes: Node[] = [];
    const divergent: boolean[] = [];
    // Nodes were found breadth first and blocks are numbered by their first node, so block 0 is the initial one.
    for (let node = 0; node < lazy.nodeCount; node++) {
      if (blockOf[node] !== nodes.length) continue;
      const initials = lazy.initials(node);
      divergent.push(lazy.divergent(node));
      nodes.push({
        initials,
        acceptances: lazy.acceptances(node),
        after: targets.slice(offsets[node]!, offsets[node + 1]!).map((target) => blockOf[target]!),
        targets: [],
        ...indexed(initials),
      });
    }
    this.nodeCount = blockCount;
    this.#nodes = nodes;
    this.#divergent = divergent;
  }

  initials(node: NodeId): EventSet {
    return this.#nodes[node]!.initials;
  }

  acceptances(node: NodeId): readonly EventSet[] {
    return this.#nodes[node]!.acceptances;
  }

  divergent(node: NodeId): boolean {
    return this.#divergent[node]!;
  }

  after(node: NodeId, event: EventId): NodeId {
    const at = indexOf(this.#nodes[node]!, event);
    return at < 0 ? REFUSED : this.#nodes[node]!.after[at]!;
  }
}
