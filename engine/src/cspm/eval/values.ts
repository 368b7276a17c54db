/**
 * The store of values: every constructor, hash-consed. One store a script.
 *
 * Invariant: values inside a stored value are stored themselves (a stream is read to its end first), so a key never needs to look inside.
 */
import type { Process, Terms } from '../../csp/index.ts';
import type { Budget } from './budget.ts';
import type { Constructor } from './constructor.ts';
import { compare } from './order.ts';
import { Thunk } from './thunk.ts';
import type {
  Char,
  Dot,
  FiniteSet,
  MapValue,
  ProcessValue,
  Sequence,
  SetShape,
  Slot,
  SymbolicSet,
  Tagged,
  Tuple,
  Value,
} from './value.ts';

/** From here on a set keeps an index for membership. */
const INDEXED_FROM = 8;

export class Values {
  readonly budget: Budget;
  readonly #terms: Terms;
  readonly emptySet: FiniteSet;
  readonly emptySequence: Sequence;
  readonly emptyMap: MapValue;
  #nextId = 0;
  readonly #byKey = new Map<string, Value>();
  readonly #identities = new Map<string, number>();

  constructor(terms: Terms, budget: Budget) {
    this.#terms = terms;
    this.budget = budget;
    this.emptySet = this.set([]);
    this.emptySequence = this.sequence([]);
    this.emptyMap = this.map(new Map());
  }

  char(text: string): Char {
    return this.#intern(`c${text}`, (id): Char => ({ kind: 'char', id, text }));
  }

  /** The sequence of the characters of `text`. */
  string(text: string): Sequence {
    return this.sequence(Array.from(text, (c) => this.char(c)));
  }

  tuple(items: readonly Value[]): Tuple {
    const settled = items.map(settle);
    return this.#intern(`(${this.keysOf(settled)}`, (id): Tuple => ({ kind: 'tuple', id, items: settled }));
  }

  sequence(items: readonly Value[]): Sequence {
    const settled = items.map(settle);
    return this.#intern(`<${this.keysOf(settled)}`, (id): Sequence => ({ kind: 'sequence', id, items: settled }));
  }

  /** The set of the given values, in any order and with duplicates. */
  set(items: Iterable<Value>): FiniteSet {
    const unique = new Map<Value | string, Value>();
    for (const item of items) {
      const value = settle(item);
      unique.set(typeof value === 'object' && value.kind === 'function' ? this.keyOf(value) : value, value);
    }
    return this.sortedSet([...unique.values()].sort(compare));
  }

  /** The set of values that are already sorted and distinct. */
  sortedSet(items: readonly Value[]): FiniteSet {
    const make = (id: number): FiniteSet => ({ kind: 'set', id, items, index: undefined, events: undefined });
    return this.#intern(`{${isRange(items) ? `${items[0]}..${items.at(-1)}` : this.keysOf(items)}`, make);
  }

  symbolic(shape: SetShape): SymbolicSet {
    return this.#intern(this.#shapeKey(shape), (id): SymbolicSet => ({ kind: 'symbolic', id, shape }));
  }

  /** The dot of one or more values, none of which is a dot. */
  dot(items: readonly Value[]): Value {
    const settled = items.map(settle);
    if (settled.length === 1) return settled[0]!;
    return this.#intern(`.${this.keysOf(settled)}`, (id): Dot => ({ kind: 'dot', id, items: settled }));
  }

  /** A constructor with fields that the caller has checked. */
  tagged(head: Constructor, fields: readonly Value[]): Tagged {
    const settled = fields.map(settle);
    const last = settled.at(-1);
    const complete =
      settled.length === head.fields().length && (typeof last !== 'object' || last.kind !== 'tagged' || last.complete);
    return this.#intern(
      `@${head.order}:${this.keysOf(settled)}`,
      (id): Tagged => ({ kind: 'tagged', id, head, fields: settled, complete, event: undefined }),
    );
  }

  /** A later entry replaces an earlier one with the same key. */
  map(entries: Iterable<readonly [Value, Value]>): MapValue {
    const unique = new Map<Value, Value>();
    for (const [key, value] of entries) unique.set(settle(key), settle(value));
    const sorted = new Map([...unique].sort((a, b) => compare(a[0], b[0])));
    const key = `|${this.keysOf([...sorted.keys()])}|${this.keysOf([...sorted.values()])}`;
    return this.#intern(key, (id): MapValue => ({ kind: 'map', id, entries: sorted }));
  }

  process(process: Process): ProcessValue {
    return { kind: 'process', process, terms: this.#terms };
  }

  /** Whether `item` is in a set that is written out. */
  has(set: FiniteSet, item: Value): boolean {
    const value = settle(item);
    if (set.items.length < INDEXED_FROM) return set.items.includes(value);
    set.index ??= new Set(set.items);
    return set.index.has(value);
  }

  /** Text that is the same for two values exactly when they are equal. Reads a stream to its end. */
  keyOf(value: Value): string {
    if (typeof value === 'number') return `${value}`;
    if (typeof value === 'boolean') return value ? 't' : 'f';
    if (value.kind === 'stream') return `#${value.whole().id}`;
    if (value.kind === 'function') return `#${this.#identify(value.identity())}`;
    if (value.kind === 'process') return `p${value.process.id}`;
    return `#${value.id}`;
  }

  keysOf(values: readonly Value[]): string {
    let key = '';
    for (const value of values) key += `${this.keyOf(value)},`;
    return key;
  }

  /** What tells the content of a variable from others; a value not asked for yet may be told by where it comes from. */
  keyOfSlot(slot: Slot): string {
    if (!(slot instanceof Thunk)) return this.keyOf(slot);
    return slot.identity === undefined ? this.keyOf(slot.force()) : slot.identity();
  }

  #identify(identity: string): number {
    let id = this.#identities.get(identity);
    if (id === undefined) {
      id = this.#nextId++;
      this.#identities.set(identity, id);
    }
    return id;
  }

  #shapeKey(shape: SetShape): string {
    switch (shape.of) {
      case 'integers':
      case 'processes':
      case 'characters':
        return `s ${shape.of}`;
      case 'from':
        return `s from ${shape.low}`;
      case 'sequences':
      case 'subsets':
        return `s ${shape.of} ${shape.over.id}`;
      case 'maps':
        return `s maps ${shape.keys.id} ${shape.values.id}`;
      case 'datatype':
        return `s datatype ${shape.datatype.order}`;
      case 'productions':
        return `s productions ${shape.prefix.id}`;
      case 'tuples':
      case 'dots':
        return `s ${shape.of} ${shape.factors.map((s) => s.id)}`;
      case 'union':
        return `s union ${shape.parts.map((s) => s.id)}`;
    }
  }

  #intern<V extends Value>(key: string, make: (id: number) => V): V {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known as V;
    this.budget.value(key.length);
    const value = make(this.#nextId++);
    this.#byKey.set(key, value);
    return value;
  }
}

const valueOfProcess = new WeakMap<Process, ProcessValue>();

/** The one object that stands for the value: streams are read to their end. */
export function settle(value: Value): Value {
  if (typeof value !== 'object') return value;
  if (value.kind === 'stream') return value.whole();
  if (value.kind !== 'process') return value;
  const known = valueOfProcess.get(value.process);
  if (known !== undefined) return known;
  valueOfProcess.set(value.process, value);
  return value;
}

/** Equality as in a script. */
export function areEqual(values: Values, a: Value, b: Value): boolean {
  if (a === b) return true;
  const [left, right] = [settle(a), settle(b)];
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (left.kind === 'function' && right.kind === 'function') return values.keyOf(left) === values.keyOf(right);
  return false;
}

function isRange(items: readonly Value[]): boolean {
  const [first] = items;
  const last = items.at(-1);
  if (items.length < 3 || typeof first !== 'number' || typeof last !== 'number') return false;
  return last - first === items.length - 1;
}
