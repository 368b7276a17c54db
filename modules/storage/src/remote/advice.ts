/** Advice for a database server: as for the embedded one, by its own plans. */
import type { Collection } from '@enhanced-csp/platform';
import { type AskedSearch, askSearches, type SearchKind } from '../advice.ts';
import type { Index, LoggedSearch } from '../slow-searches.ts';
import { columnOf, tableOf } from '../sql.ts';
import type { Dialect, Session } from './dialect.ts';
import { type RemoteOptions, withReader, withServer } from './open.ts';
import { RemoteStore } from './remote-store.ts';

/**
 * Asks the database, also while a server uses it. Changes nothing.
 *
 * @throws Fault `CSP-STO-012` when it cannot be reached.
 */
export function adviseRemote(
  url: string,
  kinds: readonly SearchKind[],
  logged: readonly LoggedSearch[],
  options: Pick<RemoteOptions, 'collections' | 'timeoutMs' | 'experimental'>,
): Promise<readonly AskedSearch[]> {
  return withReader(url, options, async (dialect, connections, session) => {
    const collections = await presentOf(dialect, session, options.collections);
    const bounds = { queueMax: 0, queueBytesMax: 0, token: () => '' };
    return askSearches(
      {
        collections,
        store: (slow) => new RemoteStore(dialect, connections, session, { collections, ...bounds, slow }),
        rows: async (text) => (await session.run([{ text, values: [] }]))[0] ?? [],
        columns: (table) => namesOf(session, dialect.columns, table),
        indices: (table) => namesOf(session, dialect.indices, table),
      },
      kinds,
      logged,
    );
  });
}

/**
 * Makes those that are missing, as the only server of the database, and returns them.
 *
 * @throws Fault `CSP-STO-006` when another server has it.
 */
export function indexRemote(
  url: string,
  indices: readonly Index[],
  options: Pick<RemoteOptions, 'collections' | 'now' | 'timeoutMs' | 'experimental'>,
): Promise<readonly Index[]> {
  return withServer(url, options, async (dialect, session) => {
    const missing: Index[] = [];
    for (const index of indices)
      if (!(await namesOf(session, dialect.indices, index.table)).has(index.name)) missing.push(index);
    for (const { statement } of missing) await session.run([{ text: statement, values: [] }]);
    for (const table of new Set(missing.map((index) => index.table)))
      await session.run([{ text: dialect.analyze(table), values: [] }]);
    return missing;
  });
}

async function presentOf(
  dialect: Dialect,
  session: Session,
  collections: readonly Collection[],
): Promise<readonly Collection[]> {
  const present: Collection[] = [];
  for (const collection of collections) {
    const columns = await namesOf(session, dialect.columns, tableOf(collection.name));
    if (columns.size > 0 && Object.keys(collection.fields).every((field) => columns.has(columnOf(field))))
      present.push(collection);
  }
  return present;
}

async function namesOf(session: Session, text: string, table: string): Promise<ReadonlySet<string>> {
  const [rows = []] = await session.run([{ text, values: [table] }]);
  return new Set(rows.map(({ name }) => String(name)));
}
