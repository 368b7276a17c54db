/**
 * Two orders on values.
 *
 * `compare` is total: it puts the elements of a set into one order, so that equal sets are equal arrays.
 * `compareInScript` is what `<` means in a script: numbers and characters by size, tuples lexicographically, sequences by prefix, sets by
 * inclusion; some values are not comparable.
 */
import { kindOf, type Value, type ValueKind } from './value.ts';

const RANK: Record<ValueKind, number> = {
  number: 0,
  boolean: 1,
  char: 2,
  tagged: 3,
  dot: 4,
  tuple: 5,
  sequence: 6,
  stream: 6,
  set: 7,
  symbolic: 8,
  map: 9,
  function: 10,
  process: 11,
};

export function compare(a: Value, b: Value): number {
  if (a === b) return 0;
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const rank = RANK[kindOf(a)] - RANK[kindOf(b)];
  if (rank !== 0) return rank;
  if (typeof a === 'boolean' || typeof b === 'boolean') return Number(a) - Number(b);
  if (typeof a === 'number' || typeof b === 'number') return 0;
  switch (a.kind) {
    case 'char':
      return a.text < (b as typeof a).text ? -1 : 1;
    case 'tagged': {
      const other = b as typeof a;
      return a.head.order - other.head.order || compareItems(a.fields, other.fields);
    }
    case 'dot':
    case 'tuple':
    case 'set':
      return compareItems(a.items, (b as typeof a).items);
    case 'sequence':
    case 'stream':
      return compareItems(itemsOf(a), itemsOf(b));
    case 'map': {
      const other = b as typeof a;
      return (
        compareItems([...a.entries.keys()], [...other.entries.keys()]) ||
        compareItems([...a.entries.values()], [...other.entries.values()])
      );
    }
    case 'symbolic':
      return a.id - (b as typeof a).id;
    case 'process':
      return a.process.id - (b as typeof a).process.id;
    case 'function': {
      const [left, right] = [a.identity(), (b as typeof a).identity()];
      return left < right ? -1 : left > right ? 1 : 0;
    }
  }
}

function itemsOf(value: Value): readonly Value[] {
  if (typeof value === 'object' && value.kind === 'sequence') return value.items;
  if (typeof value === 'object' && value.kind === 'stream') return value.whole().items;
  return [];
}

function compareItems(a: readonly Value[], b: readonly Value[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const order = compare(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
