/**
 * The monitor: a normal form as a table, so that a message is checked by two array reads before it is delivered.
 *
 * Events that no node tells apart share one column (an *event class*), so the table has nodes × classes cells, not nodes × events.
 * Class 0 is never possible; it also holds every event the process has never heard of.
 * Tick leads to a node of its own: in a normal form the node after tick and a deadlock look alike, and only one of them is an end.
 */
import { type Alphabet, contains, type EventId, type EventSet, eventSet, NO_EVENTS, TICK } from '../csp/index.ts';
import { type NodeId, type NormalForm, REFUSED } from '../lts/index.ts';
import { someOf } from './in-words.ts';

export interface Monitor {
  readonly alphabet: Alphabet;
  readonly initial: NodeId;
  /** Bytes of the table. */
  readonly bytes: number;
  /** The node after `event` (`TICK` included), or `REFUSED` when no trace goes on with it. */
  step(node: NodeId, event: EventId): NodeId;
  /** The same by the event's name; a name that was never heard of is refused. */
  stepByName(node: NodeId, name: string): NodeId;
  /** Whether any trace of the process has the event: otherwise it is not a word of this conversation. */
  knows(event: EventId): boolean;
  /** Visible events possible now, in increasing order. */
  expected(node: NodeId): EventSet;
  /** Nothing but tick is possible, or tick was done. */
  terminated(node: NodeId): boolean;
  /**
   * The least sets of events (`TICK` included) of which the process settles on offering one, so that it may refuse all the rest. None: nothing is required,
   * or the normal form does not know.
   */
  acceptances(node: NodeId): readonly EventSet[];
  /** Why `event` is refused at `node`; undefined when it is not. */
  refusal(node: NodeId, event: EventId): Refusal | undefined;
}

export interface Refusal {
  readonly expected: EventSet;
  /** In words, for people. */
  readonly reason: string;
}

/**
 * The table form of a normal form.
 *
 * @example
 * const monitor = monitorOf(normalize(termLts(terms, process)));
 * const next = monitor.step(monitor.initial, alphabet.intern('offer.buyer.seller.3'));
 * if (next === REFUSED) throw new Error(monitor.refusal(monitor.initial, offer)?.reason);
 */
export function monitorOf(normalForm: NormalForm): Monitor {
  return new Table(normalForm);
}

class Table implements Monitor {
  readonly alphabet: Alphabet;
  readonly initial: NodeId;
  readonly #done: NodeId;
  readonly #classCount: number;
  /** Column of each event id. */
  readonly #classOf: Int32Array;
  /** Row-major: `node * classCount + class` holds the next node or `REFUSED`. */
  readonly #next: Int32Array;
  /** Visible initials of each node; the row of `done` is empty. */
  readonly #expected: EventSet[] = [];
  readonly #acceptances: (readonly EventSet[])[] = [];
  readonly #mayTick: Uint8Array;
  /** Names of the events of the process alone: a name of some other process is refused without looking at the table. */
  readonly #idOf = new Map<string, EventId>();

  constructor(normalForm: NormalForm) {
    this.alphabet = normalForm.alphabet;
    this.initial = normalForm.initial;
    this.#done = normalForm.nodeCount;
    this.#mayTick = new Uint8Array(this.#done + 1);

    const columns = columnsOf(normalForm, this.#done);
    const classOfColumn = new Map<string, number>();
    this.#classOf = new Int32Array(Math.max(TICK, ...columns.keys()) + 1);
    for (const [event, column] of columns) {
      const key = column.join(' ');
      const known = classOfColumn.get(key) ?? classOfColumn.size + 1;
      classOfColumn.set(key, known);
      this.#classOf[event] = known;
      if (event !== TICK) this.#idOf.set(this.alphabet.nameOf(event), event);
    }
    this.#classCount = classOfColumn.size + 1;
    this.#next = new Int32Array((this.#done + 1) * this.#classCount).fill(REFUSED);
    for (const [event, column] of columns)
      for (let i = 0; i < column.length; i += 2)
        this.#next[column[i]! * this.#classCount + this.#classOf[event]!] = column[i + 1]!;

    for (let node = 0; node < this.#done; node++) {
      const initials = normalForm.initials(node);
      this.#expected.push(eventSet(initials.filter((event) => event !== TICK)));
      this.#acceptances.push(normalForm.acceptances(node));
      if (contains(initials, TICK)) this.#mayTick[node] = 1;
    }
    this.#expected.push(NO_EVENTS);
  }

  get bytes(): number {
    return this.#next.byteLength + this.#classOf.byteLength;
  }

  step(node: NodeId, event: EventId): NodeId {
    const classOf = this.#classOf;
    if (event >= classOf.length) return REFUSED;
    return this.#next[node * this.#classCount + classOf[event]!]!;
  }

  stepByName(node: NodeId, name: string): NodeId {
    const event = this.#idOf.get(name);
    return event === undefined ? REFUSED : this.step(node, event);
  }

  knows(event: EventId): boolean {
    return event < this.#classOf.length && this.#classOf[event] !== 0;
  }

  expected(node: NodeId): EventSet {
    const expected = this.#expected[node];
    if (expected === undefined) throw new RangeError(`the monitor has no node ${node}`);
    return expected;
  }

  acceptances(node: NodeId): readonly EventSet[] {
    return this.#acceptances[node] ?? [];
  }

  terminated(node: NodeId): boolean {
    return node === this.#done || (this.#mayTick[node] === 1 && this.expected(node).length === 0);
  }

  refusal(node: NodeId, event: EventId): Refusal | undefined {
    if (this.step(node, event) !== REFUSED) return undefined;
    const expected = this.expected(node);
    const name = event < this.alphabet.size ? this.alphabet.nameOf(event) : `event ${event}`;
    if (!this.knows(event)) return { expected, reason: `${name} is in no trace of this process` };
    if (this.terminated(node)) return { expected, reason: `${name} comes after the end` };
    if (expected.length === 0) return { expected, reason: `${name} is not possible now, nor is anything else` };
    const names = expected.map((one) => this.alphabet.nameOf(one));
    return { expected, reason: `${name} is not possible now; expected ${someOf(names, 8)}` };
  }
}

/** For each event that is possible somewhere, its transitions as a flat list `node, next, node, next, …`. */
function columnsOf(normalForm: NormalForm, done: NodeId): Map<EventId, NodeId[]> {
  const columns = new Map<EventId, NodeId[]>();
  for (let node = 0; node < normalForm.nodeCount; node++)
    for (const event of normalForm.initials(node)) {
      let column = columns.get(event);
      if (column === undefined) columns.set(event, (column = []));
      column.push(node, event === TICK ? done : normalForm.after(node, event));
    }
  return columns;
}
