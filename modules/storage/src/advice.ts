/**
 * Which indices would serve a database: its searches are performed, as the store performs them, and their plans are read. The values searched for are
 * those of the oldest and the newest record, together and crosswise, so that some are found and some are not.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Between, Collection, Query, Store } from '@enhanced-csp/platform';
import { readEmbedded } from './contents.ts';
import { lockFolder } from './lock.ts';
import { openDatabase } from './open.ts';
import { type Index, indexFor, type LoggedSearch, type Search, type SearchObserver } from './slow-searches.ts';
import { columnOf, tableOf } from './sql.ts';
import { SqliteStore } from './sqlite-store.ts';

/** A kind of search: fields that must be equal to something, one that must be in a range, and what it is ordered by. */
export interface SearchKind {
  readonly collection: string;
  readonly equal: readonly string[];
  readonly range?: string;
  readonly orderBy?: string;
}

export interface AskedSearch {
  /** The one that would serve it. */
  readonly index: Index;
  /** The database has it. */
  readonly exists: boolean;
  /** The plan goes by it for some of the values asked for; for others another way may be shorter. */
  readonly used: boolean;
  readonly source: 'asked' | 'log';
  readonly search: string;
  /** The longest of those asked. */
  readonly milliseconds: number;
  readonly plan: readonly string[];
}

/** A database that is only read. */
export interface ReadDatabase {
  /** Those it has. */
  readonly collections: readonly Collection[];
  store(observer: SearchObserver): Pick<Store, 'find'>;
  rows(statement: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  columns(table: string): Promise<ReadonlySet<string>>;
  indices(table: string): Promise<ReadonlySet<string>>;
}

const PAGE = 50;

/** Only searches that the indices of single fields do not serve are answered for; of the same index, the longest. */
export async function askSearches(
  database: ReadDatabase,
  kinds: readonly SearchKind[],
  logged: readonly LoggedSearch[] = [],
): Promise<readonly AskedSearch[]> {
  const found: Omit<AskedSearch, 'exists'>[] = [];
  let last: Search | undefined;
  const store = database.store({
    seen(search) {
      last = search;
    },
  });
  const samples = new Map<string, readonly Sample[]>();
  for (const kind of kinds) {
    const collection = database.collections.find(({ name }) => name === kind.collection);
    const fields = [...kind.equal, kind.range, kind.orderBy].filter((field) => field !== undefined);
    if (collection === undefined || !fields.every((field) => Object.hasOwn(collection.fields, field))) continue;
    if (!samples.has(collection.name)) samples.set(collection.name, await samplesOf(database, collection));
    const searches: { search: string; milliseconds: number; plan: readonly string[] }[] = [];
    let index: Index | undefined;
    for (const query of queriesOf(kind, samples.get(collection.name) as readonly Sample[])) {
      await store.find(collection.name, query);
      index = last && indexFor(last);
      if (last === undefined || index === undefined) break;
      const { statement: search, milliseconds } = last;
      searches.push({ search, milliseconds, plan: await last.plan() });
    }
    if (index === undefined) continue;
    const { name } = index;
    const used = searches.some(({ plan }) => plan.some((line) => line.includes(name)));
    found.push({ index, used, source: 'asked', ...longestOf(searches) });
  }
  for (const { columns, ...one } of logged) {
    const has = await database.columns(one.index.table);
    if (columns.every((column) => has.has(column))) found.push({ ...one, used: false, source: 'log' });
  }

  const byIndex = Map.groupBy(found, ({ index }) => index.name);
  const answers = [...byIndex.values()].map(async (all): Promise<AskedSearch> => {
    const longest = longestOf(all);
    const exists = (await database.indices(longest.index.table)).has(longest.index.name);
    return { ...longest, exists };
  });
  return (await Promise.all(answers)).toSorted((left, right) => right.milliseconds - left.milliseconds);
}

function longestOf<One extends { readonly milliseconds: number }>(all: readonly One[]): One {
  return all.reduce((left, right) => (right.milliseconds > left.milliseconds ? right : left));
}

type Sample = Readonly<Record<string, string | number | null>>;

async function samplesOf(database: ReadDatabase, { name, fields }: Collection): Promise<readonly Sample[]> {
  const columns = Object.keys(fields);
  const ends = ['ASC', 'DESC'].map((direction) =>
    database.rows(
      `SELECT ${columns.map(columnOf).join(', ')} FROM ${tableOf(name)} ORDER BY ordinal ${direction} LIMIT 1`,
    ),
  );
  return (await Promise.all(ends)).flat().map((row) =>
    Object.fromEntries(
      columns.map((field) => {
        const value = row[columnOf(field)];
        // Servers may give numbers as text.
        return [field, value === null ? null : fields[field] === 'integer' ? Number(value) : String(value)];
      }),
    ),
  );
}

function queriesOf({ equal, range, orderBy }: SearchKind, samples: readonly Sample[]): readonly Query[] {
  let wheres: Record<string, string | number | Between>[] = [{}];
  for (const field of [...equal, ...(range === undefined ? [] : [range])]) {
    const values = [...new Set(samples.map((sample) => sample[field]))].filter((value) => value != null);
    wheres = wheres.flatMap((where) =>
      values.map((value) => ({ ...where, [field]: field === range ? { from: value } : value })),
    );
  }
  const order = orderBy === undefined ? {} : { orderBy };
  return samples.length === 0 ? [] : wheres.map((where) => ({ where, ...order, limit: PAGE, offset: 0 }));
}

// ── The embedded database ───────────────────────────────────────────────────────────────────────────────────────────

/**
 * Asks the embedded database, also while a server uses it. Changes nothing.
 *
 * ```ts
 * await adviseEmbedded('csp-data', [{ collection: 'processes', equal: ['status'], range: 'created_at' }]);
 * ```
 * @throws Fault `CSP-STO-016` when it is not there, `CSP-STO-007` when it is damaged or foreign.
 */
export async function adviseEmbedded(
  folder: string,
  kinds: readonly SearchKind[],
  logged: readonly LoggedSearch[] = [],
): Promise<readonly AskedSearch[]> {
  const file = join(folder, 'csp.db');
  const contents = readEmbedded(file);
  contents.close();
  const { collections } = contents;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const names = (text: string) => {
      const statement = database.prepare(text);
      return async (table: string) => new Set(statement.all(table).map(({ name }) => String(name)));
    };
    return await askSearches(
      {
        collections,
        store: (slow) => new SqliteStore(database, { collections, now: Date.now, queueMax: 0, queueBytesMax: 0, slow }),
        rows: async (statement) => database.prepare(statement).all(),
        columns: names('SELECT name FROM pragma_table_info(?)'),
        indices: names("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?"),
      },
      kinds,
      logged,
    );
  } finally {
    database.close();
  }
}

/**
 * Makes those that are missing, as the only one who uses the folder, and returns them.
 *
 * @throws Fault `CSP-STO-006` when a server has the folder.
 */
export function indexEmbedded(
  folder: string,
  indices: readonly Index[],
  options: { readonly collections: readonly Collection[]; readonly now: () => number },
): readonly Index[] {
  const lock = lockFolder(folder);
  try {
    const database = openDatabase(join(folder, 'csp.db'), { ...options, afterCrash: lock.afterCrash });
    try {
      const known = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?");
      const missing = indices.filter(({ name }) => known.get(name) === undefined);
      for (const { statement } of missing) database.exec(statement);
      for (const table of new Set(missing.map((index) => index.table))) database.exec(`ANALYZE ${table}`);
      return missing;
    } finally {
      database.close();
    }
  } finally {
    lock.release({ clean: !lock.afterCrash });
  }
}
