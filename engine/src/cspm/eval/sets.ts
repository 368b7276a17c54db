/**
 * Sets: membership, size, elements, and the operations of the language.
 *
 * A set that is finite and not too large is written out; any other stays symbolic, so that `Int` or a recursive datatype may be a field of a
 * channel or be asked for membership. Asking for all elements of an infinite set is a fault.
 */
import type { Span } from '../../csp/index.ts';
import { fault } from './codes.ts';
import { cardinality, contains, elements } from './extent.ts';
import { compare } from './order.ts';
import { elementsOf, type Stream } from './stream.ts';
import type { FiniteSet, Sequence, SetShape, SetValue, Value } from './value.ts';
import { settle, type Values } from './values.ts';

/** Up to this size a symbolic set is written out. */
const WRITTEN_OUT_MAX = 65_536;

/** The set of that shape: written out when it is small, symbolic otherwise. */
export function setOf(values: Values, span: Span, shape: SetShape): SetValue {
  const symbolic = values.symbolic(shape);
  if (shape.of === 'characters') return symbolic;
  return cardinality(symbolic) <= WRITTEN_OUT_MAX ? values.set(elements(values, span, symbolic)) : symbolic;
}

export function union(values: Values, span: Span, parts: readonly SetValue[]): SetValue {
  const written: Value[] = [];
  const symbolic: SetValue[] = [];
  for (const part of parts) {
    if (part.kind === 'set') written.push(...part.items);
    else if (part.shape.of === 'union') symbolic.push(...part.shape.parts);
    else symbolic.push(part);
  }
  if (symbolic.length === 0) return parts.length === 1 ? parts[0]! : values.set(written);
  const rest = written.filter((item) => !symbolic.some((part) => contains(values, part, item)));
  const all = [...new Set(rest.length === 0 ? symbolic : [...symbolic, values.set(rest)])];
  if (all.length === 1) return all[0]!;
  return setOf(values, span, { of: 'union', parts: all.sort((a, b) => a.id - b.id) });
}

export function intersection(values: Values, span: Span, a: SetValue, b: SetValue): SetValue {
  if (a.kind === 'set') return values.sortedSet(a.items.filter((item) => contains(values, b, item)));
  if (b.kind === 'set') return values.sortedSet(b.items.filter((item) => contains(values, a, item)));
  if (a === b) return a;
  const [x, y] = [a.shape, b.shape];
  if (x.of === 'from' && y.of === 'from') return values.symbolic({ of: 'from', low: Math.max(x.low, y.low) });
  if (x.of === 'integers' && y.of === 'from') return b;
  if (y.of === 'integers' && x.of === 'from') return a;
  const smaller = cardinality(a) <= cardinality(b) ? a : b;
  const other = smaller === a ? b : a;
  return values.set(elements(values, span, smaller).filter((item) => contains(values, other, item)));
}

export function difference(values: Values, span: Span, a: SetValue, b: SetValue): SetValue {
  if (a === b) return values.emptySet;
  if (a.kind === 'set') return values.sortedSet(a.items.filter((item) => !contains(values, b, item)));
  if (a.shape.of === 'from' && b.kind === 'symbolic' && b.shape.of === 'integers') return values.emptySet;
  if (a.shape.of === 'from' && b.kind === 'symbolic' && b.shape.of === 'from') {
    return integersBetween(values, span, a.shape.low, b.shape.low - 1);
  }
  if (b.kind === 'set' && !b.items.some((item) => contains(values, a, item))) return a;
  return values.set(elements(values, span, a).filter((item) => !contains(values, b, item)));
}

/** `{low..high}`; empty when `high` is below `low`. */
export function integersBetween(values: Values, span: Span, low: number, high: number): FiniteSet {
  const max = values.budget.limits.elementCountMax;
  const count = Math.max(0, high - low + 1);
  if (count > max)
    throw fault('setSize', span, `This range has ${count} elements; the bound is ${max}. Use a smaller one.`);
  return values.sortedSet(Array.from({ length: count }, (_, i) => low + i));
}

export function areEqualSets(values: Values, span: Span, a: SetValue, b: SetValue): boolean {
  if (a === b) return true;
  if (a.kind === 'set' && b.kind === 'set') return false;
  const size = cardinality(a);
  if (size === Number.POSITIVE_INFINITY || cardinality(b) === Number.POSITIVE_INFINITY) return false;
  return values.set(elements(values, span, a)) === values.set(elements(values, span, b));
}

/** What `<` means on sets: -1 for a proper subset, 0 for equal, 1 for a proper superset, nothing when neither. */
export function compareByInclusion(values: Values, span: Span, a: SetValue, b: SetValue): number | undefined {
  if (areEqualSets(values, span, a, b)) return 0;
  if (isSubset(values, span, a, b)) return -1;
  if (isSubset(values, span, b, a)) return 1;
  return undefined;
}

function isSubset(values: Values, span: Span, a: SetValue, b: SetValue): boolean {
  if (cardinality(a) === Number.POSITIVE_INFINITY) {
    const whole = b.kind === 'symbolic' ? b.shape : undefined;
    const part = a.kind === 'symbolic' ? a.shape : undefined;
    if (part?.of === 'from') return whole?.of === 'integers' || (whole?.of === 'from' && whole.low <= part.low);
    if (part?.of === 'sequences' && whole?.of === 'sequences') return isSubset(values, span, part.over, whole.over);
    return false;
  }
  return elements(values, span, a).every((item) => contains(values, b, item));
}

/** `<` and its like: -1, 0, 1, or nothing when the two are not comparable. */
export function compareInScript(values: Values, span: Span, a: Value, b: Value): number | undefined {
  const [x, y] = [settle(a), settle(b)];
  if (typeof x === 'number' && typeof y === 'number') return Math.sign(x - y);
  if (typeof x === 'object' && typeof y === 'object') {
    if (x.kind === 'char' && y.kind === 'char') return Math.sign(compare(x, y));
    if (x.kind === 'tuple' && y.kind === 'tuple') return compareTuples(values, span, x.items, y.items);
    if ((x.kind === 'set' || x.kind === 'symbolic') && (y.kind === 'set' || y.kind === 'symbolic')) {
      return compareByInclusion(values, span, x, y);
    }
    if (x.kind === 'sequence' && y.kind === 'sequence') {
      const shared = Math.min(x.items.length, y.items.length);
      for (let i = 0; i < shared; i++) if (x.items[i] !== y.items[i]) return undefined;
      return Math.sign(x.items.length - y.items.length);
    }
    if (x.kind === 'map' && y.kind === 'map') return compareMaps(values, span, x.entries, y.entries);
  }
  if (typeof x === 'boolean' && typeof y === 'boolean') return Number(x) - Number(y);
  return x === y ? 0 : undefined;
}

function compareTuples(values: Values, span: Span, a: readonly Value[], b: readonly Value[]): number | undefined {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareInScript(values, span, a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

function compareMaps(
  values: Values,
  span: Span,
  a: ReadonlyMap<Value, Value>,
  b: ReadonlyMap<Value, Value>,
): number | undefined {
  const isBelow = (x: ReadonlyMap<Value, Value>, y: ReadonlyMap<Value, Value>): boolean =>
    [...x].every(([key, value]) => {
      const other = y.get(key);
      if (other === undefined) return false;
      const order = compareInScript(values, span, value, other);
      return order === 0 || order === -1;
    });
  const [below, above] = [isBelow(a, b), isBelow(b, a)];
  if (below && above) return 0;
  return below ? -1 : above ? 1 : undefined;
}

/** The elements of a sequence that is needed as a whole. */
export function itemsOf(value: Sequence | Stream): readonly Value[] {
  return value.kind === 'stream' ? value.whole().items : value.items;
}

/** The elements a generator runs over: of a set in order, of a sequence one by one. */
export function rangeOf(values: Values, span: Span, value: Value): Iterable<Value> {
  if (typeof value === 'object') {
    if (value.kind === 'set') return value.items;
    if (value.kind === 'symbolic') return elements(values, span, value);
    if (value.kind === 'sequence') return value.items;
    if (value.kind === 'stream') return elementsOf(value);
  }
  throw fault('wrongSort', span, 'A set or a sequence is expected after `<-` or `:`.');
}
