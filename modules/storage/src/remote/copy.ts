/** Copies the embedded store to a database server: one transaction, compared by counts and checksums before it is committed. */
import { Fault } from '@enhanced-csp/platform';
import { type Cell, embeddedFile, readEmbedded, type Table, type TableSummary, tablesOf, tally } from '../contents.ts';
import { lockFolder } from '../lock.ts';
import type { Dialect, Session } from './dialect.ts';
import { type RemoteOptions, withServer } from './open.ts';
import * as sql from './statements.ts';

const ROWS_READ = 500;

/**
 * @throws Fault `CSP-STO-006` when a server uses the folder or the database, `CSP-STO-014` when the database is not empty, `CSP-STO-015` when
 *   what arrived is not what was sent. The target is as it was then.
 */
export async function copyTo(
  folder: string,
  url: string,
  options: Pick<RemoteOptions, 'now' | 'timeoutMs' | 'experimental'>,
): Promise<readonly TableSummary[]> {
  readEmbedded(embeddedFile(folder)).close();
  const lock = lockFolder(folder);
  const source = readEmbedded(embeddedFile(folder));
  try {
    const tables = tablesOf(source.collections);
    return await withServer(url, { ...options, collections: source.collections }, async (dialect, session) => {
      await session.run([sql.BEGIN]);
      try {
        await refuseFilled(session, tables);
        const sent: TableSummary[] = [];
        for (const table of tables) sent.push(await send(dialect, session, table, source.rows(table)));
        const arrived: TableSummary[] = [];
        for (const table of tables) arrived.push(await summaryOf(dialect, session, table));
        for (const [index, summary] of sent.entries())
          if (JSON.stringify(arrived[index]) !== JSON.stringify(summary))
            throw new Fault(
              'CSP-STO-015',
              'internal',
              `${summary.table}: ${summary.rows} rows were sent and ${arrived[index]?.rows} arrived, or they differ. Nothing was changed.`,
              { details: { sent: summary, arrived: arrived[index] } },
            );
        await session.run([sql.COMMIT]);
        return sent;
      } catch (fault) {
        await session.run([sql.ROLLBACK]).catch(() => {});
        throw fault;
      }
    });
  } finally {
    source.close();
    lock.release();
  }
}

async function refuseFilled(session: Session, tables: readonly Table[]): Promise<void> {
  for (const { name } of tables) {
    const [rows] = await session.run([{ text: `SELECT count(*) AS total FROM ${name}`, values: [] }]);
    if (Number(rows?.[0]?.total) > 0)
      throw new Fault('CSP-STO-014', 'conflict', `The database is not empty: ${name} has ${rows?.[0]?.total} rows.`);
  }
}

async function send(
  dialect: Dialect,
  session: Session,
  table: Table,
  rows: Iterable<readonly Cell[]>,
): Promise<TableSummary> {
  const sum = tally(table);
  let part: (readonly Cell[])[] = [];
  const flush = async () => {
    if (part.length > 0) await session.run(sql.insert(dialect, table.name, table.columns, part));
    part = [];
  };
  for (const row of rows) {
    sum.add(row);
    part.push(row);
    if (part.length === ROWS_READ) await flush();
  }
  await flush();
  return sum.summary();
}

/** Reads page by page, each after the last key of the one before. */
export async function summaryOf(dialect: Dialect, session: Session, table: Table): Promise<TableSummary> {
  const sum = tally(table);
  const columns = table.columns.join(', ');
  const order = table.key.join(', ');
  let last: readonly Cell[] | undefined;
  for (;;) {
    const places = table.key.map((_, index) => dialect.placeholder(index + 1)).join(', ');
    const after = last === undefined ? '' : ` WHERE (${order}) > (${places})`;
    const [rows = []] = await session.run([
      { text: `SELECT ${columns} FROM ${table.name}${after} ORDER BY ${order} LIMIT ${ROWS_READ}`, values: last ?? [] },
    ]);
    const cells = rows.map((row) => table.columns.map((column) => cellOf(table, column, row[column])));
    for (const row of cells) sum.add(row);
    if (cells.length < ROWS_READ) return sum.summary();
    last = table.key.map((column) => cells.at(-1)?.[table.columns.indexOf(column)] as Cell);
  }
}

/** Numbers may come as text; whole ones only, so that nothing is lost. */
function cellOf(table: Table, column: string, value: unknown): Cell {
  if (value === null || value instanceof Uint8Array) return value;
  return table.integers.includes(column) ? Number(value) : String(value);
}
