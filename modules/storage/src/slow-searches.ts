/**
 * Searches that take long are told in the log, each kind once in a while: the statement without its values, the plan of the database, and, where no
 * index there is serves it, the statement that makes one. Indices that people add are left as they are.
 */
import { createHash } from 'node:crypto';
import type { Log } from '@enhanced-csp/platform';
import type { ReadQuery } from './change.ts';
import { columnOf, tableOf } from './sql.ts';

const TOLD_AGAIN_MS = 10 * 60_000;
const KINDS_MAX = 1000;

export interface Search {
  readonly collection: string;
  readonly query: ReadQuery;
  readonly statement: string;
  readonly milliseconds: number;
  /** Lines of the plan, asked for only when it is told. */
  plan(): Promise<readonly string[]> | readonly string[];
  /** What follows a text column in an index of several, on databases that bound the length of a key. */
  readonly textPrefix?: string;
  readonly texts: readonly string[];
}

/** Is told of every search. */
export interface SearchObserver {
  seen(search: Search): unknown;
}

export class SlowSearches implements SearchObserver {
  readonly #options: { readonly slowMs: number; readonly log: Pick<Log, 'warn'>; readonly now: () => number };
  readonly #told = new Map<string, number>();

  /** @param options `slowMs`: 0, never. */
  constructor(options: { readonly slowMs: number; readonly log: Pick<Log, 'warn'>; readonly now: () => number }) {
    this.#options = options;
  }

  async seen(search: Search): Promise<void> {
    const { slowMs, log, now } = this.#options;
    const { statement, milliseconds, collection } = search;
    if (slowMs === 0 || milliseconds < slowMs) return;
    const last = this.#told.get(statement);
    if (last !== undefined && now() - last < TOLD_AGAIN_MS) return;
    if (this.#told.size >= KINDS_MAX) this.#told.clear();
    this.#told.set(statement, now());
    try {
      const plan = await search.plan();
      const index = indexFor(search);
      const advice =
        index !== undefined && !plan.some((line) => line.includes(index.name)) ? index.statement : undefined;
      log.warn(
        { collection, milliseconds: Math.round(milliseconds), statement, plan, ...(advice && { advice }) },
        'a search was slow',
      );
    } catch (cause) {
      log.warn(
        { collection, milliseconds: Math.round(milliseconds), statement, cause: String(cause) },
        'a search was slow',
      );
    }
  }
}

/** One index for what must be equal, then for the range or the order. undefined: those every field has serve it. */
export function indexFor({
  collection,
  query: { where, order },
  textPrefix = '',
  texts,
}: Pick<Search, 'collection' | 'query' | 'textPrefix' | 'texts'>): Index | undefined {
  const equal = where.filter(({ operator }) => operator === '=').map(({ field }) => field);
  const ranged = where.filter(({ operator }) => operator !== '=').map(({ field }) => field);
  const fields = [...new Set([...equal, ...(order.field === undefined ? ranged : [order.field])])];
  if (fields.length < 2) return undefined;
  const columns = fields.map((field) => `${columnOf(field)}${texts.includes(field) ? textPrefix : ''}`);
  return indexOn(tableOf(collection), [...columns, 'ordinal'].join(', '));
}

export interface Index {
  /** The same for the same columns. */
  readonly name: string;
  readonly table: string;
  readonly statement: string;
}

function indexOn(table: string, columns: string): Index {
  const name = `${table.slice(0, 40)}_by_${createHash('sha256').update(columns).digest('hex').slice(0, 8)}`;
  return { name, table, statement: `CREATE INDEX ${name} ON ${table} (${columns})` };
}

export interface LoggedSearch {
  readonly index: Index;
  /** Of the index, without `ordinal`. */
  readonly columns: readonly string[];
  readonly search: string;
  readonly milliseconds: number;
  readonly plan: readonly string[];
}

const ADVICE = /^CREATE INDEX \w+ ON (record_[a-z][a-z0-9_]*) \(((?:field_[a-z][a-z0-9_]*(?:\(\d+\))?, )+ordinal)\)$/;

/** The advice in lines of a log in JSON. A log is text that anyone may have written: what is not exactly what we advise is left out. */
export function advisedIn(log: string): readonly LoggedSearch[] {
  return log.split('\n').flatMap((line): LoggedSearch[] => {
    if (!line.includes('"advice"')) return [];
    let said: Readonly<Record<string, unknown>>;
    try {
      said = JSON.parse(line);
    } catch {
      return [];
    }
    const { advice, statement, milliseconds, plan } = said;
    const [, table, columns] = ADVICE.exec(String(advice)) ?? [];
    if (table === undefined || columns === undefined) return [];
    const index = indexOn(table, columns);
    if (index.statement !== advice) return [];
    return [
      {
        index,
        columns: [...columns.matchAll(/field_\w+/g)].map(([column]) => column),
        search: String(statement),
        milliseconds: Number(milliseconds),
        plan: Array.isArray(plan) ? plan.map(String) : [],
      },
    ];
  });
}
