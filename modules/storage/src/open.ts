/**
 * Opens the database file and brings its schema up to date: checks first, changes after, one transaction for all of it.
 */
import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Collection, Fault } from '@enhanced-csp/platform';
import * as sql from './sql.ts';
import { isDamaged } from './sqlite-error.ts';

/** Up to this size the whole file is checked at each start; beyond, only after a crash. The check reads about 500 MB/s. */
const CHECKED_ALWAYS_BYTES = 16 * 1024 * 1024;

/** @throws Fault `CSP-STO-003` for a bad declaration, `CSP-STO-007` for a damaged or foreign file, `CSP-STO-008` for another version's. */
export function openDatabase(
  file: string,
  options: {
    readonly collections: readonly Collection[];
    readonly now: () => number;
    readonly afterCrash: boolean;
  },
): DatabaseSync {
  for (const collection of options.collections) refuseBadNames(collection);
  const size = existsSync(file) ? statSync(file).size : 0;
  const database = new DatabaseSync(file);
  try {
    if (size > 0) refuseForeign(database, file, options.afterCrash || size <= CHECKED_ALWAYS_BYTES);
    for (const pragma of sql.PRAGMAS) database.exec(pragma);
    migrate(database, file, options);
    return database;
  } catch (cause) {
    database.close();
    throw isDamaged(cause) ? damaged(file, (cause as Error).message, cause) : cause;
  }
}

function refuseBadNames(collection: Collection): void {
  for (const name of [collection.name, ...Object.keys(collection.fields)])
    if (!sql.isName(name) || name === 'created')
      throw new Fault(
        'CSP-STO-003',
        'invalid',
        `'${name}' in collection ${collection.name} cannot name a collection or a field.`,
      );
}

function refuseForeign(database: DatabaseSync, file: string, whole: boolean): void {
  const id = database.prepare('PRAGMA application_id').get()?.application_id;
  if (id !== sql.APPLICATION_ID) throw damaged(file, 'it was not written by this program');
  if (!whole) return;
  const found = database.prepare('PRAGMA quick_check(1)').get()?.quick_check;
  if (found !== 'ok') throw damaged(file, String(found));
}

function damaged(file: string, reason: string, cause?: unknown): Fault {
  return new Fault('CSP-STO-007', 'internal', `The database ${file} cannot be used: ${reason}. Nothing was changed.`, {
    details: { file },
    cause,
  });
}

function migrate(
  database: DatabaseSync,
  file: string,
  options: { readonly collections: readonly Collection[]; readonly now: () => number },
): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    database.exec(`PRAGMA application_id = ${sql.APPLICATION_ID}`);
    database.exec(sql.MIGRATION_TABLE);
    applyMigrations(database, file, new Date(options.now()).toISOString());
    for (const collection of options.collections) reconcile(database, collection);
    database.exec('COMMIT');
  } catch (fault) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw fault;
  }
}

/** What was applied must be a beginning of what this version knows, with the same texts. */
function applyMigrations(database: DatabaseSync, file: string, at: string): void {
  const applied = database.prepare(sql.MIGRATIONS_APPLIED).all();
  for (const [position, row] of applied.entries()) {
    const known = sql.MIGRATIONS[position];
    if (known === undefined || known.name !== row.name || checksum(known) !== row.checksum)
      throw new Fault(
        'CSP-STO-008',
        'conflict',
        `The database ${file} has step ${position + 1} of its schema (${row.name}) from another version of this program.`,
        { details: { file, step: row.name } },
      );
  }
  const insert = database.prepare(sql.MIGRATION_INSERT);
  for (const [position, migration] of sql.MIGRATIONS.entries()) {
    if (position < applied.length) continue;
    for (const statement of migration.statements) database.exec(statement);
    insert.run(position, migration.name, checksum(migration), at);
  }
}

function checksum(migration: sql.Migration): string {
  return createHash('sha256').update(migration.statements.join(';\n')).digest('hex');
}

/** Collections grow with their declarations: a table or a column is added, none is taken away. */
function reconcile(database: DatabaseSync, collection: Collection): void {
  const info = database.prepare(`PRAGMA table_info(${sql.tableOf(collection.name)})`).all();
  const columns = new Set(info.map((column) => String(column.name)));
  for (const statement of sql.collectionStatements(collection, columns)) database.exec(statement);
}
