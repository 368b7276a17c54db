/** What every store checks before a change waits: what is wrong with it is told at once, and to its caller only. */
import {
  type Change,
  type Collection,
  Fault,
  type Found,
  nearest,
  type Place,
  type Query,
  type Stored,
} from '@enhanced-csp/platform';

export type Put = Extract<Change, { change: 'put' }>;
export type Append = Extract<Change, { change: 'append' }>;

export interface PreparedChange {
  /** With its data copied: what the caller changes later is not written. */
  readonly change: Change;
  /** The body as text. */
  readonly body: string | undefined;
  readonly bytes: number;
}

/** @throws Fault `CSP-STO-003` */
export function prepareChange(change: Change, collectionOf: (name: string) => Collection): PreparedChange {
  switch (change.change) {
    case 'put': {
      const collection = collectionOf(change.collection);
      for (const [field, value] of Object.entries(change.fields)) {
        refuseUnknownField(collection, field);
        refuseWrongType(collection, field, value);
      }
      const body = JSON.stringify(change.body);
      if (body === undefined)
        throw new Fault('CSP-STO-003', 'invalid', `The body of ${change.collection} ${change.id} is not JSON.`);
      return { change: { ...change, fields: { ...change.fields }, body: undefined }, body, bytes: body.length };
    }
    case 'delete':
      collectionOf(change.collection);
      return { change, body: undefined, bytes: 0 };
    case 'append': {
      const entries = change.entries.map((entry) => Buffer.from(entry));
      const bytes = entries.reduce((sum, entry) => sum + entry.length, 0);
      return { change: { ...change, entries }, body: undefined, bytes };
    }
    default:
      return change satisfies never;
  }
}

export interface Order {
  /** undefined: the order of creation. */
  readonly field: string | undefined;
  readonly descending: boolean;
}

export interface Comparison {
  readonly field: string;
  readonly operator: '=' | '>=' | '<';
  readonly value: string | number;
}

export interface ReadQuery {
  readonly where: readonly Comparison[];
  readonly order: Order;
  readonly after: Place | undefined;
}

/** @throws Fault `CSP-STO-003` for a field, a value or a range there cannot be. */
export function readQuery(collection: Collection, query: Query): ReadQuery {
  refuseBadRange(query.offset, query.limit);
  const where = Object.entries(query.where ?? {}).flatMap(([field, wanted]): Comparison[] => {
    if (typeof wanted !== 'object') return [{ field, operator: '=', value: wanted }];
    const { from, before } = wanted;
    return [
      ...(from === undefined ? [] : [{ field, operator: '>=' as const, value: from }]),
      ...(before === undefined ? [] : [{ field, operator: '<' as const, value: before }]),
    ];
  });
  const descending = query.orderBy?.startsWith('-') ?? false;
  const orderBy = descending ? query.orderBy!.slice(1) : (query.orderBy ?? 'created');
  const field = orderBy === 'created' ? undefined : orderBy;
  for (const name of [...Object.keys(query.where ?? {}), ...(field === undefined ? [] : [field])])
    refuseUnknownField(collection, name);
  for (const { field, value } of where) refuseWrongType(collection, field, value);
  const { after } = query;
  if (after !== undefined) {
    refuseBadRange(after.ordinal, 0);
    if (field !== undefined) refuseWrongType(collection, field, after.value);
  }
  return { where, order: { field, descending }, after };
}

/** What was found, from one row more than was asked for: whether there is one tells whether the list goes on. `place`: the value of the order. */
export function found<Body>(rows: readonly Record<string, unknown>[], limit: number, total: number): Found<Body> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  const records = rows.slice(0, limit).map((row) => stored<Body>(row));
  if (last === undefined) return { records, total };
  return { records, total, next: { value: last.place as Place['value'], ordinal: Number(last.ordinal) } };
}

/** @throws Fault `CSP-STO-001` */
export function refuseStale(change: Put, version: number): void {
  if (change.ifVersion === undefined || change.ifVersion === version) return;
  throw new Fault(
    'CSP-STO-001',
    'conflict',
    version === 0
      ? `${change.collection} ${change.id} does not exist; the change was made from version ${change.ifVersion}.`
      : change.ifVersion === 0
        ? `${change.collection} ${change.id} exists already.`
        : `${change.collection} ${change.id} is at version ${version}; the change was made from version ${change.ifVersion}.`,
    { details: { collection: change.collection, id: change.id, version, expected: change.ifVersion } },
  );
}

/** @throws Fault `CSP-STO-002` */
export function refuseMisplaced(change: Append, length: number): void {
  if (change.at === undefined || change.at === length) return;
  throw new Fault(
    'CSP-STO-002',
    'conflict',
    `Stream ${change.stream} has ${length} entries; the append was made for ${change.at}.`,
    { details: { stream: change.stream, length, expected: change.at } },
  );
}

export function unknownCollection(name: string, known: Iterable<string>): Fault {
  const near = nearest(name, known);
  return new Fault('CSP-STO-003', 'invalid', `There is no collection ${name}.${near ? ` Did you mean ${near}?` : ''}`);
}

export function saturated(waiting: number, bytes: number): Fault {
  return new Fault(
    'CSP-STO-004',
    'unavailable',
    `${waiting} commits are waiting for the disk. Try again in a moment.`,
    { details: { waiting, bytes, retry_after_seconds: 1 } },
  );
}

export function stored<Body>(row: Record<string, unknown>): Stored<Body> {
  return { id: String(row.id), version: Number(row.version), body: JSON.parse(String(row.body)) as Body };
}

export function refuseBadRange(from: number, limit: number): void {
  for (const value of [from, limit])
    if (!Number.isSafeInteger(value) || value < 0)
      throw new Fault('CSP-STO-003', 'invalid', `A range counts in whole numbers from 0; got ${value}.`);
}

function refuseUnknownField(collection: Collection, field: string): void {
  if (Object.hasOwn(collection.fields, field)) return;
  const near = nearest(field, Object.keys(collection.fields));
  throw new Fault(
    'CSP-STO-003',
    'invalid',
    `Collection ${collection.name} has no field ${field}.${near ? ` Did you mean ${near}?` : ''}`,
  );
}

function refuseWrongType(collection: Collection, field: string, value: string | number | null): void {
  const type = collection.fields[field];
  const fits = value === null || (type === 'text' ? typeof value === 'string' : Number.isSafeInteger(value));
  if (!fits)
    throw new Fault('CSP-STO-003', 'invalid', `Field ${field} of ${collection.name} is ${type}; got ${typeof value}.`);
}
