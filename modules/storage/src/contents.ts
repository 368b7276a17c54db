/** What a store holds, table by table, as rows that do not depend on the database: for copies and their comparison. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Collection, Fault } from '@enhanced-csp/platform';
import { columnOf, MIGRATIONS, tableOf } from './sql.ts';

export type Cell = string | number | Uint8Array | null;

export interface Table {
  readonly name: string;
  /** In the order of the cells of a row. */
  readonly columns: readonly string[];
  /** Columns of whole numbers. */
  readonly integers: readonly string[];
  /** Columns whose values are unique and order the rows. */
  readonly key: readonly string[];
}

export interface TableSummary {
  readonly table: string;
  readonly rows: number;
  /** SHA-256 over all rows in the order of their keys, hexadecimal. */
  readonly sha256: string;
}

export const STREAM_TABLE: Table = { name: 'stream', columns: ['name', 'length'], integers: ['length'], key: ['name'] };
export const ENTRY_TABLE: Table = {
  name: 'entry',
  columns: ['stream', 'sequence', 'bytes'],
  integers: ['sequence'],
  key: ['stream', 'sequence'],
};

export function recordTable({ name, fields }: Collection): Table {
  const columns = ['id', 'ordinal', 'version', 'body', ...Object.keys(fields).map(columnOf)];
  const integers = Object.entries(fields).flatMap(([field, type]) => (type === 'integer' ? [columnOf(field)] : []));
  return { name: tableOf(name), columns, integers: ['ordinal', 'version', ...integers], key: ['ordinal'] };
}

export function tablesOf(collections: readonly Collection[]): readonly Table[] {
  return [...collections.map(recordTable), STREAM_TABLE, ENTRY_TABLE];
}

export interface Tally {
  add(row: readonly Cell[]): void;
  summary(): TableSummary;
}

export function tally(table: Table): Tally {
  const hash = createHash('sha256');
  let rows = 0;
  return {
    add(row) {
      rows += 1;
      hash.update(
        JSON.stringify(row.map((cell) => (cell instanceof Uint8Array ? Buffer.from(cell).toString('hex') : cell))),
      );
    },
    summary: () => ({ table: table.name, rows, sha256: hash.digest('hex') }),
  };
}

/** An embedded database, opened for reading only. */
export interface EmbeddedContents {
  readonly collections: readonly Collection[];
  /** Names of the steps of the schema it has. */
  readonly steps: readonly string[];
  rows(table: Table): Iterable<readonly Cell[]>;
  count(table: Table): number;
  close(): void;
}

/** @throws Fault `CSP-STO-007` when it is damaged or foreign, `CSP-STO-016` when it is not there. */
export function readEmbedded(file: string): EmbeddedContents {
  if (!existsSync(file)) throw new Fault('CSP-STO-016', 'not found', `There is no database ${file}.`);
  let database: DatabaseSync | undefined;
  try {
    const opened = new DatabaseSync(file, { readOnly: true });
    database = opened;
    const steps = opened.prepare('SELECT name FROM migration ORDER BY position').all();
    const tables = opened.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB 'record_*' ORDER BY name",
    );
    const collections = tables.all().map((row) => {
      const columns = opened.prepare(`PRAGMA table_info(${String(row.name)})`).all();
      const fields = columns
        .filter(({ name }) => String(name).startsWith('field_'))
        .map(({ name, type }) => [String(name).slice(6), type === 'INTEGER' ? 'integer' : 'text'] as const);
      return { name: String(row.name).slice(7), fields: Object.fromEntries(fields) };
    });
    return {
      collections,
      steps: steps.map(({ name }) => String(name)),
      *rows(table) {
        const source =
          table === ENTRY_TABLE
            ? '(SELECT s.name AS stream, e.sequence, e.bytes FROM entry e JOIN stream s ON s.id = e.stream)'
            : table.name;
        const text = `SELECT ${table.columns.join(', ')} FROM ${source} ORDER BY ${table.key.join(', ')}`;
        for (const row of opened.prepare(text).iterate()) yield table.columns.map((column) => row[column] as Cell);
      },
      count: (table) => Number(opened.prepare(`SELECT count(*) AS total FROM ${table.name}`).get()?.total),
      close: () => opened.close(),
    };
  } catch (cause) {
    database?.close();
    throw cause instanceof Fault ? cause : unreadable(file, (cause as Error).message, cause);
  }
}

/** Records and streams of an embedded database, one after another. */
export function embeddedTables(contents: EmbeddedContents): {
  records(collection: string): Iterable<{ readonly id: string; readonly body: string }>;
  /** Streams whose name begins like this, each with all its entries. */
  entries(prefix: string): Iterable<readonly [stream: string, entries: readonly Uint8Array[]]>;
} {
  return {
    *records(name) {
      const collection = contents.collections.find((one) => one.name === name);
      if (collection === undefined) return;
      for (const [id, , , body] of contents.rows(recordTable(collection))) yield { id: String(id), body: String(body) };
    },
    *entries(prefix) {
      let stream: string | undefined;
      let entries: Uint8Array[] = [];
      for (const [name, , bytes] of contents.rows(ENTRY_TABLE)) {
        if (name !== stream) {
          if (stream?.startsWith(prefix)) yield [stream, entries];
          stream = String(name);
          entries = [];
        }
        if (String(name).startsWith(prefix)) entries.push(bytes as Uint8Array);
      }
      if (stream?.startsWith(prefix)) yield [stream, entries];
    },
  };
}

/**
 * Whether an embedded database is whole: the file itself, the steps of its schema, and each stream with as many entries as it says, without a gap.
 *
 * @throws Fault `CSP-STO-007` when it is not, `CSP-STO-008` when another version wrote it.
 */
export function verifyEmbedded(file: string): readonly TableSummary[] {
  const contents = readEmbedded(file);
  try {
    const known = MIGRATIONS.map(({ name }) => name);
    if (contents.steps.join() !== known.slice(0, contents.steps.length).join() || contents.steps.length === 0)
      throw new Fault('CSP-STO-008', 'conflict', `${file} has steps of the schema that are not of this version.`);
    refuseDamaged(file);
    const lengths = new Map([...contents.rows(STREAM_TABLE)].map(([name, length]) => [String(name), Number(length)]));
    const counts = new Map<string, number>();
    const summaries = tablesOf(contents.collections).map((table) => {
      const sum = tally(table);
      for (const row of contents.rows(table)) {
        sum.add(row);
        if (table !== ENTRY_TABLE) continue;
        const count = counts.get(String(row[0])) ?? 0;
        if (row[1] !== count) throw unreadable(file, `entry ${count} of stream ${row[0]} is missing`);
        counts.set(String(row[0]), count + 1);
      }
      return sum.summary();
    });
    for (const [name, length] of lengths)
      if ((counts.get(name) ?? 0) !== length)
        throw unreadable(file, `stream ${name} says ${length} entries and has ${counts.get(name) ?? 0}`);
    return summaries;
  } finally {
    contents.close();
  }
}

function refuseDamaged(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const found = database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
    if (found !== 'ok') throw unreadable(file, String(found));
  } finally {
    database.close();
  }
}

export function embeddedFile(folder: string): string {
  return join(folder, 'csp.db');
}

function unreadable(file: string, reason: string, cause?: unknown): Fault {
  return new Fault('CSP-STO-007', 'internal', `The database ${file} cannot be used: ${reason}. Nothing was changed.`, {
    details: { file },
    cause,
  });
}
