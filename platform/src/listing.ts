/**
 * Lists: one page of a collection, by `limit` and `offset`, or by a cursor that keeps its place while records come and go. An operation that lists
 * takes `listInput` and the fields it filters by, and answers `listOutput`.
 */
import { z } from 'zod';
import type { Between, Collection, Place, Store, Stored } from './capabilities.ts';
import { Fault } from './fault.ts';

const moment = z.iso.datetime({ offset: true });

export const listInput = {
  limit: z.int().min(1).max(1000).default(50),
  offset: z.int().min(0).default(0).describe('Counted from the beginning; not together with `after`.'),
  after: z
    .string()
    .min(1)
    .max(4000)
    .optional()
    .describe('`next_cursor` of the page before. Nothing is skipped or told twice, whatever comes and goes meanwhile.'),
};

/** For collections with the field `created_at`, a text as `toISOString` writes it. */
export const createdInput = {
  created_from: moment.optional().describe('Created at this moment or later.'),
  created_before: moment.optional().describe('Created before this moment.'),
};

export const listOutput = {
  total: z.int().describe('All that match the filters.'),
  limit: z.int(),
  offset: z.int(),
  next_cursor: z.string().optional().describe('Where the next page begins; absent on the last one.'),
};

/** Faults an operation that lists may end in. */
export const LIST_ERRORS = ['CSP-PLT-007'] as const;

export interface Listing {
  /** The id of the operation: a cursor of another one is refused. */
  readonly operation: string;
  readonly collection: Collection;
  /** Default `created`. */
  readonly orderBy?: 'created' | '-created';
}

export interface ListQuery {
  readonly limit: number;
  readonly offset: number;
  readonly after?: string | undefined;
  readonly created_from?: string | undefined;
  readonly created_before?: string | undefined;
  /** Fields of the collection: what they must be. */
  readonly [field: string]: unknown;
}

export interface ListPage {
  readonly total: number;
  readonly limit: number;
  readonly offset: number;
  readonly next_cursor?: string;
}

/**
 * Properties of the query that are fields of the collection are filters.
 *
 * ```ts
 * const { records, page } = await listPage<ProcessBody>(store, { operation: 'processes.list', collection: PROCESSES }, { status: 'running', limit: 50, offset: 0 });
 * ```
 * @throws Fault `CSP-PLT-007` for a cursor that is none of this list, of these filters.
 */
export async function listPage<Body>(
  store: Store,
  listing: Listing,
  query: ListQuery,
): Promise<{ readonly records: readonly Stored<Body>[]; readonly page: ListPage }> {
  const { limit, offset } = query;
  const { orderBy = 'created' } = listing;
  const where = filtersOf(listing.collection, query);
  const list = JSON.stringify([listing.operation, orderBy, where]);
  if (query.after !== undefined && offset > 0)
    throw refused('offset counts from the beginning: with after, leave it out.');
  const after = query.after === undefined ? undefined : placeIn(query.after, list);
  const { records, total, next } = await store.find<Body>(listing.collection.name, {
    where,
    orderBy,
    limit,
    offset,
    ...(after === undefined ? {} : { after }),
  });
  return {
    records,
    page: { total, limit, offset, ...(next === undefined ? {} : { next_cursor: cursorOf(list, next) }) },
  };
}

/** In the order of the declaration, so that the same filters are always the same text. */
function filtersOf({ fields }: Collection, query: ListQuery): Readonly<Record<string, string | number | Between>> {
  const { created_from: from, created_before: before } = query;
  const range = {
    ...(from === undefined ? {} : { from: new Date(from).toISOString() }),
    ...(before === undefined ? {} : { before: new Date(before).toISOString() }),
  };
  const equal = Object.keys(fields).flatMap((field) => {
    const value = query[field];
    return typeof value === 'string' || typeof value === 'number' ? [[field, value] as const] : [];
  });
  return { ...Object.fromEntries(equal), ...(from === undefined && before === undefined ? {} : { created_at: range }) };
}

/** Says where it belongs, so that one of another list is told from one of this. It guards nothing: who may list may begin anywhere. */
function cursorOf(list: string, { ordinal, value }: Place): string {
  const bytes = new TextEncoder().encode(JSON.stringify([list, ordinal, value]));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

function placeIn(cursor: string, list: string): Place {
  let read: unknown;
  try {
    const bytes = Uint8Array.from(atob(cursor.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
    read = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw refused('this is no cursor.');
  }
  const [of, ordinal, value] = Array.isArray(read) ? read : [];
  if (typeof of !== 'string' || !Number.isSafeInteger(ordinal) || ordinal < 0 || value !== null)
    throw refused('this is no cursor.');
  if (of !== list) throw refused('this cursor is of another list, or of other filters.');
  return { ordinal, value };
}

function refused(why: string): Fault {
  return new Fault('CSP-PLT-007', 'invalid', `after: ${why}`, {
    details: { errors: [{ pointer: '/after', in: 'query', detail: why }] },
  });
}
