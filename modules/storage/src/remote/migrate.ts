/**
 * Brings the schema of a database server up to date. One session holds the row of the writers, so that of two that migrate one waits; the
 * steps run on another, each in a transaction where the database has that for its schema, each safe to repeat where it has not.
 */
import { createHash } from 'node:crypto';
import { type Collection, Fault } from '@enhanced-csp/platform';
import { columnOf, tableOf } from '../sql.ts';
import { type Dialect, isStorable, type Session, type Statement, TEXT_MAX } from './dialect.ts';
import * as sql from './statements.ts';

export interface MigrationStatus {
  readonly name: string;
  readonly applied: boolean;
}

/** @throws Fault `CSP-STO-008` when another version wrote the schema. */
export async function migrate(
  dialect: Dialect,
  sessions: { readonly lock: Session; readonly steps: Session },
  options: { readonly collections: readonly Collection[]; readonly now: () => number },
): Promise<void> {
  const { lock, steps } = sessions;
  await prepareFoundation(dialect, steps);
  await lock.run([sql.BEGIN, sql.WRITER_LOCK]);
  try {
    const applied = await appliedSteps(steps);
    const insert = `INSERT INTO migration (position, name, checksum, applied_at) VALUES (${[1, 2, 3, 4].map((position) => dialect.placeholder(position)).join(', ')})`;
    for (const [position, migration] of sql.MIGRATIONS.entries()) {
      if (position < applied.length) continue;
      const at = new Date(options.now()).toISOString();
      await change(dialect, steps, [
        ...migration.statements(dialect).map((text) => ({ text, values: [] })),
        { text: insert, values: [position, migration.name, checksum(dialect, migration), at] },
      ]);
    }
    refuseOther(dialect, await appliedSteps(steps));
    for (const collection of options.collections) {
      await reconcile(dialect, steps, collection);
    }
  } finally {
    await lock.run([sql.ROLLBACK]);
  }
}

/** Collections grow with their declarations: a table or a column is added, none is taken away. */
async function reconcile(dialect: Dialect, session: Session, { name, fields }: Collection): Promise<void> {
  const known = async (text: string) => {
    const [rows = []] = await session.run([{ text, values: [tableOf(name)] }]);
    return new Set(rows.map((row) => String(row.name)));
  };
  const columns = await known(dialect.columns);
  const indices = await known(dialect.indices);
  const missing = Object.entries(fields).filter(([field]) => !indices.has(sql.indexOf(name, field)));
  if (columns.size > 0 && missing.length === 0) return;
  await change(dialect, session, [
    ...(columns.size > 0 ? [] : [statement(sql.recordTable(dialect, name))]),
    ...missing
      .filter(([field]) => !columns.has(columnOf(field)))
      .map(([field, type]) => statement(sql.addField(dialect, name, field, type))),
  ]);
  for (const [field, type] of missing) {
    if (columns.size > 0) await fillField(dialect, session, name, field, type);
    await change(dialect, session, [statement(sql.addIndex(name, field))]);
  }
}

const FILLED_AT_ONCE = 200;

/** What the records there are have in a field that is new: the property of its name, where it is of the type. */
async function fillField(
  dialect: Dialect,
  session: Session,
  collection: string,
  field: string,
  type: 'text' | 'integer',
): Promise<void> {
  for (let after = 0; ; ) {
    const [rows = []] = await session.run([sql.bodies(dialect, collection, after, FILLED_AT_ONCE)]);
    const updates = rows.flatMap((row) => {
      const value: unknown = (JSON.parse(String(row.body)) as Record<string, unknown> | null)?.[field];
      const fits =
        type === 'text' ? typeof value === 'string' && isStorable(value, TEXT_MAX) : Number.isSafeInteger(value);
      return fits ? [sql.setField(dialect, collection, field, String(row.id), value as string | number)] : [];
    });
    if (updates.length > 0) await change(dialect, session, updates);
    if (rows.length < FILLED_AT_ONCE) return;
    after = Number(rows.at(-1)?.ordinal);
  }
}

function statement(text: string): Statement {
  return { text, values: [] };
}

/** What this version knows, and what the database has of it. Changes nothing. */
export async function migrationStatus(dialect: Dialect, session: Session): Promise<readonly MigrationStatus[]> {
  const [tables = []] = await session.run([{ text: dialect.columns, values: ['migration'] }]);
  const applied = tables.length === 0 ? [] : await appliedSteps(session);
  refuseOther(dialect, applied);
  return sql.MIGRATIONS.map(({ name }, position) => ({ name, applied: position < applied.length }));
}

/** Two that make the first table at once may hinder each other: the one that lost looks again. */
async function prepareFoundation(dialect: Dialect, session: Session): Promise<void> {
  const [columns = []] = await session.run([{ text: dialect.columns, values: ['writer'] }]);
  if (columns.length > 0) return;
  for (const text of sql.foundation(dialect)) await session.run([{ text, values: [] }]);
}

async function appliedSteps(session: Session): Promise<readonly { name: string; checksum: string }[]> {
  const [rows = []] = await session.run([sql.MIGRATIONS_APPLIED]);
  return rows.map((row) => ({ name: String(row.name), checksum: String(row.checksum) }));
}

function refuseOther(dialect: Dialect, applied: readonly { name: string; checksum: string }[]): void {
  for (const [position, row] of applied.entries()) {
    const known = sql.MIGRATIONS[position];
    if (known === undefined || known.name !== row.name || checksum(dialect, known) !== row.checksum)
      throw new Fault(
        'CSP-STO-008',
        'conflict',
        `The database has step ${position + 1} of its schema (${row.name}) from another version of this program.`,
        { details: { step: row.name } },
      );
  }
}

async function change(dialect: Dialect, session: Session, statements: readonly Statement[]): Promise<void> {
  if (!dialect.schemaInTransactions) {
    for (const statement of statements) await session.run([statement]);
    return;
  }
  try {
    await session.run([sql.BEGIN, ...statements, sql.COMMIT]);
  } catch (cause) {
    await session.run([sql.ROLLBACK]);
    throw cause;
  }
}

function checksum(dialect: Dialect, migration: sql.Migration): string {
  return createHash('sha256').update(migration.statements(dialect).join(';\n')).digest('hex');
}
