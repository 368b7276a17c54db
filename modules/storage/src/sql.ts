/**
 * All SQL of the embedded store. A second database brings a file with the same names.
 *
 * Tables: one for each collection (`record_NAME`), `stream` and `entry` for the streams, `migration` for the history of the schema. Counters are
 * ours: `ordinal` is the order of creation in a collection, `length` the next sequence number of a stream.
 */
import type { Collection } from '@enhanced-csp/platform';

/** 'CSPS' as a number: marks the file as one of ours. */
export const APPLICATION_ID = 0x43535053;

export const PRAGMAS = [
  'PRAGMA journal_mode = WAL',
  // FULL: the log is flushed to the disk before a commit answers. Power loss loses nothing that was acknowledged.
  'PRAGMA synchronous = FULL',
  'PRAGMA foreign_keys = ON',
  'PRAGMA trusted_schema = OFF',
  'PRAGMA busy_timeout = 0',
];

export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

/** In order; never edited once released, since their checksums are in every database. */
export const MIGRATIONS: readonly Migration[] = [
  {
    name: '0001-streams',
    statements: [
      'CREATE TABLE stream (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, length INTEGER NOT NULL)',
      `CREATE TABLE entry (
        stream INTEGER NOT NULL REFERENCES stream (id), sequence INTEGER NOT NULL, bytes BLOB NOT NULL,
        PRIMARY KEY (stream, sequence)
      ) WITHOUT ROWID`,
    ],
  },
];

export const MIGRATION_TABLE = `CREATE TABLE IF NOT EXISTS migration (
  position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, checksum TEXT NOT NULL, applied_at TEXT NOT NULL
)`;

export const MIGRATIONS_APPLIED = 'SELECT name, checksum FROM migration ORDER BY position';
export const MIGRATION_INSERT = 'INSERT INTO migration (position, name, checksum, applied_at) VALUES (?, ?, ?, ?)';

export const STREAM_FIND = 'SELECT id, length FROM stream WHERE name = ?';
export const STREAM_INSERT =
  'INSERT INTO stream (id, name, length) SELECT coalesce(max(id), 0) + 1, ?, 0 FROM stream RETURNING id';
export const STREAM_GROW = 'UPDATE stream SET length = ? WHERE id = ?';
export const ENTRY_INSERT = 'INSERT INTO entry (stream, sequence, bytes) VALUES (?, ?, ?)';
export const ENTRY_READ = `SELECT bytes FROM entry WHERE stream = (SELECT id FROM stream WHERE name = ?) AND sequence >= ?
  ORDER BY sequence LIMIT ?`;

const NAME = /^[a-z][a-z0-9_]{0,47}$/;

/** Names go into statements as they are, so only these are let in. */
export function isName(name: string): boolean {
  return NAME.test(name);
}

const TYPES = { text: 'TEXT', integer: 'INTEGER' } as const;

export function tableOf(collection: string): string {
  return `record_${collection}`;
}

export function columnOf(field: string): string {
  return `field_${field}`;
}

/** Statements that make the table of a collection what its declaration says; `columns`: those it has now, empty when there is no table. */
export function collectionStatements(collection: Collection, columns: ReadonlySet<string>): readonly string[] {
  const table = tableOf(collection.name);
  const create =
    columns.size > 0
      ? []
      : [
          `CREATE TABLE ${table} (
            id TEXT PRIMARY KEY, ordinal INTEGER NOT NULL UNIQUE, version INTEGER NOT NULL, body TEXT NOT NULL
          ) WITHOUT ROWID`,
        ];
  const fields = Object.entries(collection.fields)
    .filter(([field]) => !columns.has(columnOf(field)))
    .flatMap(([field, type]) => [
      `ALTER TABLE ${table} ADD COLUMN ${columnOf(field)} ${TYPES[type]}`,
      ...(columns.size === 0 ? [] : [fillField(table, field, type)]),
      `CREATE INDEX ${table}_${field} ON ${table} (${columnOf(field)}, ordinal)`,
    ]);
  return [...create, ...fields];
}

/** What the records there are have in a field that is new: the property of its name, where it is of the type. */
function fillField(table: string, field: string, type: 'text' | 'integer'): string {
  const path = `'$.${field}'`;
  return `UPDATE ${table} SET ${columnOf(field)} = CASE json_type(body, ${path}) WHEN '${type}' THEN json_extract(body, ${path}) END`;
}

/** The statements of one collection. */
export function recordStatements(collection: Collection) {
  const table = tableOf(collection.name);
  const columns = Object.keys(collection.fields).map(columnOf);
  const set = columns.map((column) => `, ${column} = ?`).join('');
  return {
    version: `SELECT version FROM ${table} WHERE id = ?`,
    nextOrdinal: `SELECT coalesce(max(ordinal), 0) + 1 AS ordinal FROM ${table}`,
    insert: `INSERT INTO ${table} (id, ordinal, version, body${columns.map((column) => `, ${column}`).join('')})
      VALUES (?, ?, 1, ?${', ?'.repeat(columns.length)})`,
    upsert: `INSERT INTO ${table} (id, ordinal, version, body${columns.map((column) => `, ${column}`).join('')})
      VALUES (?, ?, ?, ?${', ?'.repeat(columns.length)}) ON CONFLICT (id) DO UPDATE
      SET version = version + excluded.version, body = excluded.body${columns.map((column) => `, ${column} = excluded.${column}`).join('')}`,
    /** Where its fields stay as they are, their indices are not touched. */
    rewrite: `UPDATE ${table} SET version = version + ?, body = ? WHERE id = ?${columns.map((column) => ` AND ${column} IS ?`).join('')}`,
    update: `UPDATE ${table} SET version = ?, body = ?${set} WHERE id = ?`,
    delete: `DELETE FROM ${table} WHERE id = ?`,
    get: `SELECT id, version, body FROM ${table} WHERE id = ?`,
  };
}

export function findRecords(
  collection: string,
  condition: string,
  order: { readonly field: string | undefined; readonly descending: boolean },
): string {
  const direction = order.descending ? 'DESC' : 'ASC';
  const column = order.field === undefined ? undefined : columnOf(order.field);
  const by = column === undefined ? '' : `${column} ${direction}, `;
  return `SELECT id, version, body, ordinal, ${column ?? 'NULL'} AS place FROM ${tableOf(collection)} ${condition}
    ORDER BY ${by}ordinal ${direction} LIMIT ? OFFSET ?`;
}

export function countRecords(collection: string, condition: string): string {
  return `SELECT count(*) AS total FROM ${tableOf(collection)} ${condition}`;
}
