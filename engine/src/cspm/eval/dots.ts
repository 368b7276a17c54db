/**
 * The dot: how channels and datatype constructors take their fields.
 *
 * `c.x.y` puts fields onto `c` from left to right. A field that is itself a constructor takes the fields that follow until it is complete. A
 * complete field must be in the set it was declared with. Anything dotted onto what is complete, or is no constructor, makes a plain dot.
 */
import type { Span } from '../../csp/index.ts';
import { fault } from './codes.ts';
import { contains, isIncomplete, product } from './extent.ts';
import { print } from './print.ts';
import type { SetValue, Tagged, Value } from './value.ts';
import type { Values } from './values.ts';

/** `base.value`. */
export function dotted(values: Values, span: Span, base: Value, value: Value): Value {
  if (typeof value === 'object' && value.kind === 'dot') {
    let whole = base;
    for (const item of value.items) whole = dotOne(values, span, whole, item);
    return whole;
  }
  return dotOne(values, span, base, value);
}

function dotOne(values: Values, span: Span, base: Value, item: Value): Value {
  if (isIncomplete(base)) return withField(values, span, base, item);
  const items = typeof base === 'object' && base.kind === 'dot' ? base.items : [base];
  const last = items.at(-1);
  if (isIncomplete(last)) return values.dot([...items.slice(0, -1), withField(values, span, last, item)]);
  return values.dot([...items, item]);
}

/** `base.a.b.c`, left to right: one value is made for a run of plain fields, not one a field. */
export function dottedAll(values: Values, span: Span, base: Value, items: readonly Value[]): Value {
  let whole = base;
  for (let i = 0; i < items.length; i++) {
    const run = plainFields(values, span, whole, items, i);
    if (run === undefined) whole = dotted(values, span, whole, items[i]!);
    else {
      whole = run;
      i = items.length - 1;
    }
  }
  return whole;
}

/** All items from `from` on put onto `base` at once, when each is one whole field of it. */
function plainFields(
  values: Values,
  span: Span,
  base: Value,
  items: readonly Value[],
  from: number,
): Tagged | undefined {
  if (!isIncomplete(base) || isIncomplete(base.fields.at(-1))) return undefined;
  const declared = base.head.fields();
  if (base.fields.length + items.length - from > declared.length) return undefined;
  const fields = base.fields.slice();
  for (let i = from; i < items.length; i++) {
    const item = items[i]!;
    if (isIncomplete(item) || (typeof item === 'object' && item.kind === 'dot')) return undefined;
    if (!contains(values, declared[fields.length]!, item)) throw outside(span, base, fields.length, item);
    fields.push(item);
  }
  return values.tagged(base.head, fields);
}

/** An incomplete constructor with one more field. */
function withField(values: Values, span: Span, base: Tagged, item: Value): Tagged {
  const last = base.fields.at(-1);
  if (isIncomplete(last)) {
    const field = withField(values, span, last, item);
    return check(values, span, base, base.fields.length - 1, field, [...base.fields.slice(0, -1), field]);
  }
  return check(values, span, base, base.fields.length, item, [...base.fields, item]);
}

function check(values: Values, span: Span, base: Tagged, at: number, field: Value, fields: readonly Value[]): Tagged {
  const declared = base.head.fields()[at]!;
  const fits = isIncomplete(field) ? canComplete(declared, field) : contains(values, declared, field);
  if (!fits) throw outside(span, base, at, field);
  return values.tagged(base.head, fields);
}

function outside(span: Span, base: Tagged, at: number, field: Value): Error {
  const kind = base.head.isChannel ? 'channel' : 'constructor';
  const declared = print(base.head.fields()[at]!, 60);
  const message = `${print(field, 60)} is not a value of field ${at + 1} of ${kind} ${base.head.name}; it must be in ${declared}.`;
  return fault('outsideField', span, message);
}

/** Whether some completion of `field` could be in `declared`; cheap, and may say yes too often. */
function canComplete(declared: SetValue, field: Tagged): boolean {
  if (declared.kind === 'symbolic') return true;
  return declared.items.some((item) => typeof item === 'object' && item.kind === 'tagged' && item.head === field.head);
}

/**
 * The fields that a type expression after `channel c :` or a constructor stands for. A set of dots is split into its columns, and must be
 * all combinations of them.
 */
export function fieldsOfType(values: Values, span: Span, set: SetValue): readonly SetValue[] {
  if (set.kind === 'symbolic') return set.shape.of === 'dots' ? set.shape.factors : [set];
  const width = widthOf(set.items[0]);
  if (set.items.every((item) => widthOf(item) === 1)) return [set];
  const columns = Array.from({ length: width }, (_, column) =>
    values.set(set.items.map((item) => (typeof item === 'object' && item.kind === 'dot' ? item.items[column]! : item))),
  );
  if (set.items.some((item) => widthOf(item) !== width) || product(columns) !== set.items.length) {
    throw fault(
      'notRectangular',
      span,
      'A type of dotted values must be all combinations of its fields, as in {0..1}.Bool; this set leaves some out.',
    );
  }
  return columns;
}

function widthOf(value: Value | undefined): number {
  return typeof value === 'object' && value.kind === 'dot' ? value.items.length : 1;
}
