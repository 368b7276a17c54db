/**
 * What is in a set, and which values an incomplete constructor stands for. The two need each other: a datatype has the values of its constructors,
 * and what completes a constructor is in the sets of its fields.
 */

import type { Span } from '../../csp/index.ts';
import { ELEMENT_CALLS } from './budget.ts';
import { fault } from './codes.ts';
import type { Constructor } from './constructor.ts';
import { print } from './print.ts';
import type { SetValue, Tagged, Value } from './value.ts';
import { settle, type Values } from './values.ts';

/** Number of elements, `Infinity` when there is no end to them. */
export function cardinality(set: SetValue): number {
  if (set.kind === 'set') return set.items.length;
  const { shape } = set;
  switch (shape.of) {
    case 'integers':
    case 'processes':
    case 'from':
      return Number.POSITIVE_INFINITY;
    case 'characters':
      return 0x110000 - 0x800;
    case 'sequences':
      return cardinality(shape.over) === 0 ? 1 : Number.POSITIVE_INFINITY;
    case 'subsets':
      return 2 ** cardinality(shape.over);
    case 'maps':
      return (cardinality(shape.values) + 1) ** cardinality(shape.keys);
    case 'tuples':
    case 'dots':
      return product(shape.factors);
    case 'union':
      return shape.parts.reduce((sum, part) => sum + cardinality(part), 0);
    case 'productions':
      return countCompletions(shape.prefix);
    case 'datatype':
      return shape.datatype.constructors.reduce((sum, head) => sum + countValues(head), 0);
  }
}

/** Product of the sizes; an empty factor makes it empty even beside an infinite one. */
export function product(factors: readonly SetValue[]): number {
  let count = 1;
  for (const factor of factors) {
    const size = cardinality(factor);
    if (size === 0) return 0;
    count *= size;
  }
  return count;
}

const counting = new Set<Constructor>();

/** Number of complete values of one constructor. One that contains itself has no end. */
function countValues(head: Constructor): number {
  if (head.isOpen() || counting.has(head)) return Number.POSITIVE_INFINITY;
  counting.add(head);
  try {
    return product(head.fields());
  } finally {
    counting.delete(head);
  }
}

export function contains(values: Values, set: SetValue, item: Value): boolean {
  if (set.kind === 'set') return values.has(set, item);
  const { shape } = set;
  const value = settle(item);
  switch (shape.of) {
    case 'integers':
      return typeof value === 'number';
    case 'from':
      return typeof value === 'number' && value >= shape.low;
    case 'union':
      return shape.parts.some((part) => contains(values, part, value));
  }
  if (typeof value !== 'object') return false;
  switch (shape.of) {
    case 'processes':
      return value.kind === 'process';
    case 'characters':
      return value.kind === 'char';
    case 'sequences':
      return value.kind === 'sequence' && value.items.every((x) => contains(values, shape.over, x));
    case 'subsets':
      return value.kind === 'set' && value.items.every((x) => contains(values, shape.over, x));
    case 'maps':
      return (
        value.kind === 'map' &&
        [...value.entries].every(([k, v]) => contains(values, shape.keys, k) && contains(values, shape.values, v))
      );
    case 'datatype':
      return value.kind === 'tagged' && value.complete && value.head.datatype === shape.datatype;
    case 'productions':
      return value.kind === 'tagged' && value.complete && isCompletionOf(value, shape.prefix);
    case 'tuples':
      return value.kind === 'tuple' && containsEach(values, shape.factors, value.items);
    case 'dots':
      return value.kind === 'dot' && containsEach(values, shape.factors, value.items);
  }
}

function containsEach(values: Values, factors: readonly SetValue[], items: readonly Value[]): boolean {
  return items.length === factors.length && items.every((item, i) => contains(values, factors[i]!, item));
}

/** All elements; of a set that is written out, in order. */
export function elements(values: Values, span: Span, set: SetValue): readonly Value[] {
  if (set.kind === 'set') return set.items;
  const max = values.budget.limits.elementCountMax;
  const count = cardinality(set);
  if (count > max) {
    const size = count === Number.POSITIVE_INFINITY ? 'it is infinite' : `it has ${count}, and the bound is ${max}`;
    throw fault('setSize', span, `All elements of this set are needed here, and ${size}. Use a smaller set.`);
  }
  values.budget.step(span, count * ELEMENT_CALLS);
  const { shape } = set;
  switch (shape.of) {
    case 'sequences':
      return [values.emptySequence];
    case 'subsets': {
      let subsets: Value[][] = [[]];
      for (const item of elements(values, span, shape.over)) {
        subsets = subsets.flatMap((subset) => [subset, [...subset, item]]);
      }
      return subsets.map((subset) => values.set(subset));
    }
    case 'maps': {
      const range = elements(values, span, shape.values);
      let maps: [Value, Value][][] = [[]];
      for (const key of elements(values, span, shape.keys)) {
        maps = maps.flatMap((map) => [map, ...range.map((value): [Value, Value][] => [...map, [key, value]])]);
      }
      return maps.map((map) => values.map(map));
    }
    case 'tuples':
      return combinations(values, span, shape.factors).map((items) => values.tuple(items));
    case 'dots':
      return combinations(values, span, shape.factors).map((items) => values.dot(items));
    case 'union':
      return values.set(shape.parts.flatMap((part) => elements(values, span, part))).items;
    case 'productions':
      return completions(values, span, shape.prefix);
    case 'datatype':
      return shape.datatype.constructors.flatMap((head) =>
        combinations(values, span, head.fields()).map((fields) => values.tagged(head, fields)),
      );
    default:
      throw fault('setSize', span, 'The elements of this set cannot be written out. Use a smaller set.');
  }
}

/** All ways to take one element of each set, the last varying fastest. */
export function combinations(values: Values, span: Span, factors: readonly SetValue[]): Value[][] {
  let rows: Value[][] = [[]];
  for (const factor of factors) {
    const items = elements(values, span, factor);
    values.budget.step(span, rows.length * items.length * (ELEMENT_CALLS + (rows[0]?.length ?? 0)));
    rows = rows.flatMap((row) => items.map((item) => [...row, item]));
  }
  return rows;
}

export function isIncomplete(value: Value | undefined): value is Tagged {
  return typeof value === 'object' && value.kind === 'tagged' && !value.complete;
}

/** Whether `value` is `prefix` with more fields. */
export function isCompletionOf(value: Tagged, prefix: Tagged): boolean {
  return remainder(value, prefix) !== undefined;
}

/** What must be dotted onto `prefix` to give `value`; nothing when that cannot be. */
function remainder(value: Value, prefix: Tagged): readonly Value[] | undefined {
  if (typeof value !== 'object' || value.kind !== 'tagged') return undefined;
  if (value.head !== prefix.head || value.fields.length < prefix.fields.length) return undefined;
  const last = prefix.fields.length - 1;
  for (let i = 0; i < last; i++) if (value.fields[i] !== prefix.fields[i]) return undefined;
  if (last < 0) return value.fields;
  const rest = value.fields.slice(last + 1);
  if (value.fields[last] === prefix.fields[last]) return rest;
  const field = prefix.fields[last];
  if (!isIncomplete(field)) return undefined;
  const inner = remainder(value.fields[last]!, field);
  return inner === undefined ? undefined : [...inner, ...rest];
}

/** Number of values that complete `value`; 1 when it is complete. */
export function countCompletions(value: Tagged): number {
  if (value.complete) return 1;
  const declared = value.head.fields();
  const last = value.fields.at(-1);
  const rest = product(declared.slice(value.fields.length));
  if (rest === 0 || !isIncomplete(last)) return rest;
  const field = declared[value.fields.length - 1]!;
  if (isWholeDatatype(field)) return countCompletions(last) * rest;
  return field.kind === 'set' ? field.items.filter((item) => remainder(item, last) !== undefined).length * rest : rest;
}

/** All complete values that begin with `value`. */
export function completions(values: Values, span: Span, value: Tagged): Value[] {
  if (value.complete) return [value];
  return extensions(values, span, value).map((items) => extended(values, value, items));
}

/** All ways to complete `value`, each as the items to dot onto it. */
export function extensions(values: Values, span: Span, value: Tagged): (readonly Value[])[] {
  if (value.complete) return [[]];
  const count = countCompletions(value);
  const max = values.budget.limits.elementCountMax;
  if (count > max) {
    const size = count === Number.POSITIVE_INFINITY ? 'infinitely many' : `${count}`;
    throw fault(
      'setSize',
      span,
      `${print(value)} stands for ${size} values; the bound is ${max}. Give its fields smaller types, or write the values out.`,
    );
  }
  const declared = value.head.fields();
  const rest = combinations(values, span, declared.slice(value.fields.length));
  const last = value.fields.at(-1);
  if (!isIncomplete(last)) return rest;
  const field = declared[value.fields.length - 1]!;
  const inner = isWholeDatatype(field)
    ? extensions(values, span, last)
    : elements(values, span, field).flatMap((item) => {
        const items = remainder(item, last);
        return items === undefined ? [] : [items];
      });
  values.budget.step(span, inner.length * rest.length * (ELEMENT_CALLS + (rest[0]?.length ?? 0)));
  return inner.flatMap((items) => rest.map((row) => [...items, ...row]));
}

/** The values that one more field of an incomplete constructor may have. */
export function nextFields(values: Values, span: Span, value: Tagged): readonly Value[] {
  const declared = value.head.fields();
  const last = value.fields.at(-1);
  if (!isIncomplete(last)) return elements(values, span, declared[value.fields.length]!);
  const field = declared[value.fields.length - 1]!;
  if (isWholeDatatype(field)) return nextFields(values, span, last);
  const found = elements(values, span, field).flatMap((item) => remainder(item, last)?.slice(0, 1) ?? []);
  return [...new Set(found)];
}

/** `value` with fields that come from its declaration, so need no check. */
export function extended(values: Values, value: Tagged, items: readonly Value[]): Tagged {
  let whole = value;
  for (const item of items) whole = withCheckedField(values, whole, item);
  return whole;
}

function withCheckedField(values: Values, base: Tagged, item: Value): Tagged {
  const last = base.fields.at(-1);
  if (isIncomplete(last)) {
    return values.tagged(base.head, [...base.fields.slice(0, -1), withCheckedField(values, last, item)]);
  }
  return values.tagged(base.head, [...base.fields, item]);
}

function isWholeDatatype(set: SetValue): boolean {
  return set.kind === 'symbolic' && set.shape.of === 'datatype';
}
