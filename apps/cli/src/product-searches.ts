/**
 * The searches of the platform itself that the index of one field does not serve: lists by two filters, as their operations take them, and what modules
 * ask for on their own. Those of modules of others, and lists by three filters, are in the log when they are slow.
 */
import { DESCRIBED } from '@enhanced-csp/client/described';
import type { Collection } from '@enhanced-csp/platform';
import type { SearchKind } from '@enhanced-csp/storage';

/** Messages of a channel that is opened; samples of a tier that are shown, and that are old. */
const OF_MODULES: readonly SearchKind[] = [
  { collection: 'messages', equal: ['channel'], orderBy: 'sequence' },
  { collection: 'telemetry_samples', equal: ['tier'], orderBy: 'at' },
  { collection: 'telemetry_samples', equal: ['tier'], range: 'at', orderBy: 'at' },
];

export function productSearches(collections: readonly Collection[]): readonly SearchKind[] {
  const lists = Object.entries(DESCRIBED).flatMap(([id, { fields }]): readonly SearchKind[] => {
    const [name, verb] = id.split('.');
    const collection = collections.find((one) => one.name === name);
    if (verb !== 'list' || collection === undefined) return [];
    const given = fields.map((field) => field.name);
    // In the order a list puts its filters, which is that of the columns of an index.
    const equal = Object.keys(collection.fields).filter((field) => given.includes(field));
    const pairs = equal.flatMap((one, index) => equal.slice(index + 1).map((other) => [one, other]));
    return [
      ...pairs.map((pair) => ({ collection: collection.name, equal: pair })),
      ...(given.includes('created_from')
        ? equal.map((field) => ({ collection: collection.name, equal: [field], range: 'created_at' }))
        : []),
    ];
  });
  return [...lists, ...OF_MODULES];
}
