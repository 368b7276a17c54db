/** All SQL of the stores on servers. Tables as in the embedded store, and `writer`: one row that every group of commits locks first. */
import type { ReadQuery } from '../change.ts';
import { matching, matchingAfter } from '../condition.ts';
import { columnOf, tableOf } from '../sql.ts';
import { bytesOf, type Dialect, type Statement, type Value } from './dialect.ts';

export const BEGIN: Statement = { text: 'BEGIN', values: [] };
export const COMMIT: Statement = { text: 'COMMIT', values: [] };
export const ROLLBACK: Statement = { text: 'ROLLBACK', values: [] };

/** Locks the row of the writers until the transaction ends; its token names the last group that was written. */
export const WRITER_LOCK: Statement = { text: 'SELECT token FROM writer WHERE id = 1 FOR UPDATE', values: [] };
export const WRITER_READ: Statement = { text: 'SELECT token FROM writer WHERE id = 1', values: [] };

/** Rows in one insert: values of one statement are numbered with 16 bits. */
const ROWS_MAX = 500;
/** Bytes in one insert: well below what servers take in one packet. */
const BYTES_MAX = 4 * 1024 * 1024;

export function writerToken(dialect: Dialect, token: string): Statement {
  return { text: `UPDATE writer SET token = ${dialect.placeholder(1)} WHERE id = 1`, values: [token] };
}

export interface Migration {
  readonly name: string;
  /** Each can be run again when a step was interrupted. */
  statements(dialect: Dialect): readonly string[];
}

/** In order; what is released is never edited. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-streams',
    statements: ({ types, tableEnd }) => [
      `CREATE TABLE IF NOT EXISTS stream (name ${types.key} NOT NULL PRIMARY KEY, length BIGINT NOT NULL)${tableEnd}`,
      `CREATE TABLE IF NOT EXISTS entry (
        stream ${types.key} NOT NULL, sequence BIGINT NOT NULL, bytes ${types.bytes} NOT NULL, PRIMARY KEY (stream, sequence)
      )${tableEnd}`,
    ],
  },
];

/** While it is there, a copy into this database is not complete. */
const COPYING = 'copying';
export const COPYING_END: Statement = { text: `DROP TABLE ${COPYING}`, values: [] };

/** Its columns: none, when there is no such copy. */
export function copying(dialect: Dialect): Statement {
  return { text: dialect.columns, values: [COPYING] };
}

export function copyingBegin({ tableEnd }: Dialect, at: string): Statement {
  return { text: `CREATE TABLE ${COPYING} (started_at VARCHAR(32) DEFAULT '${at}')${tableEnd}`, values: [] };
}

/** What must be there before there is anything to lock. */
export function foundation({ types, tableEnd, upsert }: Dialect): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS writer (id INTEGER NOT NULL PRIMARY KEY, token VARCHAR(64) NOT NULL)${tableEnd}`,
    `CREATE TABLE IF NOT EXISTS migration (
      position INTEGER NOT NULL PRIMARY KEY, name ${types.key} NOT NULL, checksum VARCHAR(64) NOT NULL, applied_at VARCHAR(32) NOT NULL
    )${tableEnd}`,
    `INSERT INTO writer (id, token) VALUES (1, '') ${upsert('id', ['id'])}`,
  ];
}

export const MIGRATIONS_APPLIED: Statement = {
  text: 'SELECT name, checksum FROM migration ORDER BY position',
  values: [],
};

/** Makes the table of a collection. */
export function recordTable({ types, tableEnd }: Dialect, collection: string): string {
  return `CREATE TABLE IF NOT EXISTS ${tableOf(collection)} (
    id ${types.key} NOT NULL PRIMARY KEY, ordinal BIGINT NOT NULL UNIQUE, version BIGINT NOT NULL, body ${types.body} NOT NULL
  )${tableEnd}`;
}

export function addField({ types }: Dialect, collection: string, field: string, type: 'text' | 'integer'): string {
  return `ALTER TABLE ${tableOf(collection)} ADD COLUMN ${columnOf(field)} ${type === 'integer' ? 'BIGINT' : types.text}`;
}

export function indexOf(collection: string, field: string): string {
  return `${tableOf(collection)}_${field}`;
}

/** The last thing a field gets: where it is, the field is whole. */
export function addIndex(collection: string, field: string): string {
  return `CREATE INDEX ${indexOf(collection, field)} ON ${tableOf(collection)} (${columnOf(field)}, ordinal)`;
}

/** Records after one of them, in the order of creation: for those who go through all of them. */
export function bodies(dialect: Dialect, collection: string, after: number, limit: number): Statement {
  return {
    text: `SELECT id, ordinal, body FROM ${tableOf(collection)} WHERE ordinal > ${dialect.placeholder(1)} ORDER BY ordinal LIMIT ${dialect.placeholder(2)}`,
    values: [after, limit],
  };
}

export function setField(dialect: Dialect, collection: string, field: string, id: string, value: Value): Statement {
  return {
    text: `UPDATE ${tableOf(collection)} SET ${columnOf(field)} = ${dialect.placeholder(1)} WHERE id = ${dialect.placeholder(2)}`,
    values: [value, id],
  };
}

export function versions(dialect: Dialect, collection: string, ids: readonly string[]): Statement {
  const list = ids.map((_, index) => dialect.placeholder(index + 1)).join(', ');
  return { text: `SELECT id, version, ordinal FROM ${tableOf(collection)} WHERE id IN (${list})`, values: ids };
}

export function lastOrdinal(collection: string): Statement {
  return { text: `SELECT coalesce(max(ordinal), 0) AS ordinal FROM ${tableOf(collection)}`, values: [] };
}

export function lengths(dialect: Dialect, streams: readonly string[]): Statement {
  const list = streams.map((_, index) => dialect.placeholder(index + 1)).join(', ');
  return { text: `SELECT name, length FROM stream WHERE name IN (${list})`, values: streams };
}

export function remove(dialect: Dialect, collection: string, ids: readonly string[]): Statement {
  const list = ids.map((_, index) => dialect.placeholder(index + 1)).join(', ');
  return { text: `DELETE FROM ${tableOf(collection)} WHERE id IN (${list})`, values: ids };
}

/** Inserts rows, as many statements as their number and size ask for. `key`: replaces those that are there. */
export function insert(
  dialect: Dialect,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
  key?: string,
): readonly Statement[] {
  const statements: Statement[] = [];
  let part: (readonly Value[])[] = [];
  let bytes = 0;
  const flush = () => {
    if (part.length === 0) return;
    let position = 0;
    const places = part.map((row) => `(${row.map(() => dialect.placeholder(++position)).join(', ')})`).join(', ');
    const end =
      key === undefined
        ? ''
        : ` ${dialect.upsert(
            key,
            columns.filter((column) => column !== key),
          )}`;
    statements.push({
      text: `INSERT INTO ${table} (${columns.join(', ')}) VALUES ${places}${end}`,
      values: part.flat(),
    });
    part = [];
    bytes = 0;
  };
  for (const row of rows) {
    const size = bytesOf(row);
    if (part.length >= ROWS_MAX || (part.length > 0 && bytes + size > BYTES_MAX)) flush();
    part.push(row);
    bytes += size;
  }
  flush();
  return statements;
}

export function get(dialect: Dialect, collection: string, id: string): Statement {
  return {
    text: `SELECT id, version, body FROM ${tableOf(collection)} WHERE id = ${dialect.placeholder(1)}`,
    values: [id],
  };
}

export function find(
  dialect: Dialect,
  collection: string,
  query: ReadQuery,
  range: { readonly limit: number; readonly offset: number },
): readonly [find: Statement, count: Statement] {
  const table = tableOf(collection);
  const { field, descending } = query.order;
  const all = matching(query, dialect.placeholder);
  const page = matchingAfter(query, dialect.placeholder);
  const column = field === undefined ? undefined : columnOf(field);
  const by = column === undefined ? '' : `${column} ${dialect.direction(descending)}, `;
  const [limit, offset] = [1, 2].map((more) => dialect.placeholder(page.values.length + more));
  return [
    {
      text: `SELECT id, version, body, ordinal, ${column ?? 'NULL'} AS place FROM ${table} ${page.text}
        ORDER BY ${by}ordinal ${descending ? 'DESC' : 'ASC'} LIMIT ${limit} OFFSET ${offset}`,
      values: [...page.values, range.limit + 1, range.offset],
    },
    { text: `SELECT count(*) AS total FROM ${table} ${all.text}`, values: all.values },
  ];
}

export function read(dialect: Dialect, stream: string, range: { from: number; limit: number }): Statement {
  const [name, from, limit] = [1, 2, 3].map((position) => dialect.placeholder(position));
  return {
    text: `SELECT bytes FROM entry WHERE stream = ${name} AND sequence >= ${from} ORDER BY sequence LIMIT ${limit}`,
    values: [stream, range.from, range.limit],
  };
}
