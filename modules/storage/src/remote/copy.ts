/**
 * Copies the embedded store to a database server. Parts are committed one by one, in the order of their keys, so that a copy that was interrupted goes
 * on where it was; until counts and checksums of every table have been compared, the table `copying` keeps servers away from the target.
 */
import { Fault } from '@enhanced-csp/platform';
import { type Cell, embeddedFile, readEmbedded, type Table, type TableSummary, tablesOf, tally } from '../contents.ts';
import { lockFolder } from '../lock.ts';
import type { Dialect, Session } from './dialect.ts';
import { type RemoteOptions, withServer } from './open.ts';
import * as sql from './statements.ts';

const ROWS_READ = 500;

export interface CopyProgress {
  readonly step: 'sent' | 'compared';
  readonly table: string;
  /** Rows of this table so far, and all of them. */
  readonly rows: number;
  readonly total: number;
}

/**
 * @throws Fault `CSP-STO-006` when a server uses the folder or the database, `CSP-STO-014` when the database is not empty, `CSP-STO-015` when
 *   what arrived is not what was sent: the target is empty then. After any other fault it can be called again, and goes on.
 */
export async function copyTo(
  folder: string,
  url: string,
  options: Pick<RemoteOptions, 'now' | 'timeoutMs' | 'experimental'> & {
    readonly progress?: (progress: CopyProgress) => void;
  },
): Promise<readonly TableSummary[]> {
  readEmbedded(embeddedFile(folder)).close();
  const lock = lockFolder(folder);
  const source = readEmbedded(embeddedFile(folder));
  const { progress = () => {} } = options;
  try {
    const tables = tablesOf(source.collections);
    return await withServer(url, { ...options, collections: source.collections }, async (dialect, session) => {
      await begin(dialect, session, tables, new Date(options.now()).toISOString());
      const sent: TableSummary[] = [];
      for (const table of tables) {
        const total = source.count(table);
        const told = (rows: number) => progress({ step: 'sent', table: table.name, rows, total });
        sent.push(await send(dialect, session, table, source.rows(table), told));
      }
      for (const [index, table] of tables.entries()) {
        const { rows: total } = sent[index] as TableSummary;
        const told = (rows: number) => progress({ step: 'compared', table: table.name, rows, total });
        const arrived = await summaryOf(dialect, session, table, told);
        if (JSON.stringify(arrived) === JSON.stringify(sent[index])) continue;
        for (const { name } of tables) await session.run([{ text: `DELETE FROM ${name}`, values: [] }]);
        await session.run([sql.COPYING_END]);
        throw new Fault(
          'CSP-STO-015',
          'internal',
          `${table.name}: ${total} rows were sent and ${arrived.rows} arrived, or they differ. Nothing of it was kept.`,
          { details: { sent: sent[index], arrived } },
        );
      }
      await session.run([sql.COPYING_END]);
      return sent;
    });
  } finally {
    source.close();
    lock.release();
  }
}

/** A target is empty, or is that of a copy that was interrupted. */
async function begin(dialect: Dialect, session: Session, tables: readonly Table[], at: string): Promise<void> {
  const [marks = []] = await session.run([sql.copying(dialect)]);
  if (marks.length > 0) return;
  for (const { name } of tables) {
    const rows = await countOf(session, name);
    if (rows > 0) throw new Fault('CSP-STO-014', 'conflict', `The database is not empty: ${name} has ${rows} rows.`);
  }
  await session.run([sql.copyingBegin(dialect, at)]);
}

async function countOf(session: Session, table: string): Promise<number> {
  const [rows] = await session.run([{ text: `SELECT count(*) AS total FROM ${table}`, values: [] }]);
  return Number(rows?.[0]?.total);
}

async function send(
  dialect: Dialect,
  session: Session,
  table: Table,
  rows: Iterable<readonly Cell[]>,
  told: (rows: number) => void,
): Promise<TableSummary> {
  const sum = tally(table);
  const there = await countOf(session, table.name);
  let seen = 0;
  let part: (readonly Cell[])[] = [];
  const flush = async () => {
    if (part.length > 0)
      await session.run([sql.BEGIN, ...sql.insert(dialect, table.name, table.columns, part), sql.COMMIT]);
    part = [];
    told(seen);
  };
  for (const row of rows) {
    sum.add(row);
    seen += 1;
    // What is there is a beginning: parts were committed in this order.
    if (seen <= there) continue;
    part.push(row);
    if (part.length === ROWS_READ) await flush();
  }
  await flush();
  return sum.summary();
}

/** Reads page by page, each after the last key of the one before. */
async function summaryOf(
  dialect: Dialect,
  session: Session,
  table: Table,
  told: (rows: number) => void,
): Promise<TableSummary> {
  const sum = tally(table);
  let seen = 0;
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
    seen += cells.length;
    told(seen);
    if (cells.length < ROWS_READ) return sum.summary();
    last = table.key.map((column) => cells.at(-1)?.[table.columns.indexOf(column)] as Cell);
  }
}

/** Numbers may come as text; whole ones only, so that nothing is lost. */
function cellOf(table: Table, column: string, value: unknown): Cell {
  if (value === null || value instanceof Uint8Array) return value;
  return table.integers.includes(column) ? Number(value) : String(value);
}
