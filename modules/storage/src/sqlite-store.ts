/**
 * The store on SQLite, with *group commit*: commits of one turn of the event loop share one transaction, and so one flush to the disk.
 *
 * Invariants:
 *   - a commit answers after COMMIT returned, that is after the log was flushed (`synchronous = FULL`);
 *   - one commit that faults is rolled back alone, and the others of its group stand: the group is then written anew, with a savepoint for each;
 *   - a group runs without a pause, so that no reader ever sees half of it.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import {
  type Change,
  type Collection,
  Fault,
  type Found,
  type Query,
  type Store,
  type Stored,
} from '@enhanced-csp/platform';
import {
  type Append,
  found,
  type PreparedChange,
  type Put,
  prepareChange,
  readQuery,
  refuseBadRange,
  refuseMisplaced,
  refuseStale,
  saturated,
  stored,
  unknownCollection,
} from './change.ts';
import { matching, matchingAfter } from './condition.ts';
import type { SearchObserver } from './slow-searches.ts';
import * as sql from './sql.ts';
import { isDamaged } from './sqlite-error.ts';

interface Waiting {
  readonly changes: readonly PreparedChange[];
  readonly bytes: number;
  resolve(): void;
  reject(fault: unknown): void;
}

interface Records {
  readonly collection: Collection;
  readonly version: StatementSync;
  readonly insert: StatementSync;
  readonly rewrite: StatementSync;
  readonly upsert: StatementSync;
  readonly update: StatementSync;
  readonly delete: StatementSync;
  readonly get: StatementSync;
  /** Searches that were made before, by their text. */
  readonly searches: Map<string, StatementSync>;
  nextOrdinal: number;
}

/** A stream as this store, its only writer, knows it. */
interface Head {
  readonly id: number;
  length: number;
}

/** Streams whose length is remembered. */
const HEADS_MAX = 10_000;

export interface GroupFigures {
  readonly commits: number;
  readonly groups: number;
}

export class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #records: ReadonlyMap<string, Records>;
  readonly #queueMax: number;
  readonly #queueBytesMax: number;
  readonly #streamFind: StatementSync;
  readonly #streamInsert: StatementSync;
  readonly #streamGrow: StatementSync;
  readonly #entryInsert: StatementSync;
  readonly #entryRead: StatementSync;
  readonly #heads = new Map<string, Head>();
  /** Streams that grew in this transaction; their lengths are written at its end, once. */
  readonly #grown = new Set<Head>();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #commits = 0;
  #groups = 0;
  #open = true;
  readonly #slow: SearchObserver | undefined;
  readonly #now: () => number;

  constructor(
    database: DatabaseSync,
    options: {
      readonly collections: readonly Collection[];
      /** Milliseconds since 1970. */
      readonly now: () => number;
      /** Commits that may wait for their group; beyond, `CSP-STO-004`. */
      readonly queueMax: number;
      /** Bytes of bodies and entries that may wait. */
      readonly queueBytesMax: number;
      /** Told of every search. */
      readonly slow?: SearchObserver | undefined;
    },
  ) {
    this.#database = database;
    this.#slow = options.slow;
    this.#now = options.now;
    this.#queueMax = options.queueMax;
    this.#queueBytesMax = options.queueBytesMax;
    this.#records = new Map(
      options.collections.map((collection) => [collection.name, prepareRecords(database, collection)]),
    );
    this.#streamFind = database.prepare(sql.STREAM_FIND);
    this.#streamInsert = database.prepare(sql.STREAM_INSERT);
    this.#streamGrow = database.prepare(sql.STREAM_GROW);
    this.#entryInsert = database.prepare(sql.ENTRY_INSERT);
    this.#entryRead = database.prepare(sql.ENTRY_READ);
  }

  /** Commits and the transactions they shared, since the store was opened. */
  get figures(): GroupFigures {
    return { commits: this.#commits, groups: this.#groups };
  }

  /** SQLite's setting for this connection: 2 is FULL, a flush for every commit. */
  get synchronous(): number {
    return Number(this.#database.prepare('PRAGMA synchronous').get()?.synchronous);
  }

  commit(changes: readonly Change[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#refuseClosed();
      const prepared = changes.map((change) => prepareChange(change, (name) => this.#recordsOf(name).collection));
      const bytes = prepared.reduce((sum, one) => sum + one.bytes, 0);
      if (
        this.#waiting.length >= this.#queueMax ||
        (this.#waiting.length > 0 && this.#waitingBytes + bytes > this.#queueBytesMax)
      )
        throw saturated(this.#waiting.length, this.#waitingBytes);
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ changes: prepared, bytes, resolve, reject });
      this.#waitingBytes += bytes;
    });
  }

  async get<Body>(collection: string, id: string): Promise<Stored<Body> | undefined> {
    this.#refuseClosed();
    const row = this.#reading(() => this.#recordsOf(collection).get.get(id));
    return row === undefined ? undefined : stored<Body>(row);
  }

  async find<Body>(collection: string, query: Query): Promise<Found<Body>> {
    this.#refuseClosed();
    const records = this.#recordsOf(collection);
    const read = readQuery(records.collection, query);
    const [all, page] = [matching(read, () => '?'), matchingAfter(read, () => '?')];
    const find = this.#search(records, sql.findRecords(collection, page.text, read.order));
    const count = this.#search(records, sql.countRecords(collection, all.text));
    const begun = performance.now();
    const values = [...page.values, query.limit + 1, query.offset];
    const answer = this.#reading(() =>
      found<Body>(find.all(...values), query.limit, Number(count.get(...all.values)?.total)),
    );
    void this.#slow?.seen({
      collection,
      query: read,
      statement: find.sourceSQL,
      milliseconds: performance.now() - begun,
      texts: [],
      plan: () =>
        this.#database
          .prepare(`EXPLAIN QUERY PLAN ${find.sourceSQL}`)
          .all(...values)
          .map(({ detail }) => String(detail)),
    });
    return answer;
  }

  async read(stream: string, range: { from: number; limit: number }): Promise<readonly Uint8Array[]> {
    this.#refuseClosed();
    refuseBadRange(range.from, range.limit);
    return this.#reading(() =>
      this.#entryRead.all(stream, range.from, range.limit).map((row) => row.bytes as Uint8Array),
    );
  }

  async length(stream: string): Promise<number> {
    this.#refuseClosed();
    return this.#reading(() => Number(this.#streamFind.get(stream)?.length ?? 0));
  }

  /** The clock of this machine, which has the database alone. */
  async now(): Promise<number> {
    return this.#now();
  }

  /** Writes what waits, then refuses everything. Safe to call twice. */
  close(): void {
    if (!this.#open) return;
    this.#flush();
    this.#open = false;
    this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    this.#database.close();
  }

  // ── Group commit ──────────────────────────────────────────────────────────────────────────────────────────────────

  #flush(): void {
    const group = this.#waiting;
    if (group.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    let faults: readonly (Fault | undefined)[] = [];
    try {
      faults = this.#transaction(group, false) ?? (this.#transaction(group, true) as readonly (Fault | undefined)[]);
    } catch (cause) {
      // A full disk and the like end the transaction: nothing of this group was written, and each of its commits is told so.
      this.#rollBack();
      const fault = this.#databaseFault(cause);
      for (const one of group) one.reject(fault);
      return;
    }
    this.#commits += faults.filter((fault) => fault === undefined).length;
    this.#groups += 1;
    for (const [index, one] of group.entries()) {
      if (faults[index] === undefined) one.resolve();
      else one.reject(faults[index]);
    }
  }

  /** The group as one transaction; what is wrong with a commit comes back in its place. Without savepoints: undefined when anything is, and nothing was written. */
  #transaction(group: readonly Waiting[], savepoints: boolean): readonly (Fault | undefined)[] | undefined {
    const faults: (Fault | undefined)[] = [];
    this.#database.exec('BEGIN IMMEDIATE');
    const merged = savepoints ? NOTHING_MERGED : mergedPuts(group);
    for (const one of group) {
      const fault = savepoints ? this.#writeApart(one) : this.#write(one, merged);
      if (fault !== undefined && !savepoints) {
        this.#rollBack();
        return undefined;
      }
      faults.push(fault);
    }
    this.#writeLengths();
    this.#database.exec('COMMIT');
    return faults;
  }

  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    this.#heads.clear();
    this.#grown.clear();
  }

  /** One commit inside the transaction of its group. What is wrong with this commit alone comes back; anything else is thrown. */
  #write(one: Waiting, merged: MergedPuts): Fault | undefined {
    try {
      for (const prepared of one.changes) this.#apply(prepared, merged);
      return undefined;
    } catch (fault) {
      if (fault instanceof Fault) return fault;
      throw fault;
    }
  }

  #writeApart(one: Waiting): Fault | undefined {
    this.#database.exec('SAVEPOINT one');
    const fault = this.#write(one, NOTHING_MERGED);
    if (fault === undefined) this.#writeLengths();
    else {
      this.#database.exec('ROLLBACK TO one');
      this.#heads.clear();
      this.#grown.clear();
    }
    this.#database.exec('RELEASE one');
    return fault;
  }

  #writeLengths(): void {
    for (const { id, length } of this.#grown) this.#streamGrow.run(length, id);
    this.#grown.clear();
  }

  #apply({ change, body }: PreparedChange, merged: MergedPuts): void {
    if (change.change === 'put') this.#put(change, body!, merged);
    else if (change.change === 'append') this.#append(change);
    else this.#recordsOf(change.collection).delete.run(change.id);
  }

  #put(change: Put, body: string, merged: MergedPuts): void {
    const records = this.#recordsOf(change.collection);
    const fieldsOf = (put: Put) => Object.keys(records.collection.fields).map((field) => put.fields[field] ?? null);
    if (change.ifVersion === undefined) {
      const all = merged.get(change);
      if (all === null) return;
      const { last, count } = all ?? { last: { change, body }, count: 1 };
      const fields = fieldsOf(last.change);
      // What is put again and again is mostly there already.
      if (count > 1 && records.rewrite.run(count, last.body, change.id, ...fields).changes === 1) return;
      records.upsert.run(change.id, records.nextOrdinal++, count, last.body, ...fields);
      return;
    }
    const fields = fieldsOf(change);
    const version = Number(records.version.get(change.id)?.version ?? 0);
    refuseStale(change, version);
    if (version > 0) records.update.run(version + 1, body, ...fields, change.id);
    else records.insert.run(change.id, records.nextOrdinal++, body, ...fields);
  }

  #append(change: Append): void {
    const head = this.#headOf(change.stream);
    refuseMisplaced(change, head.length);
    this.#grown.add(head);
    for (const entry of change.entries) this.#entryInsert.run(head.id, head.length++, entry);
  }

  #headOf(stream: string): Head {
    const known = this.#heads.get(stream);
    if (known !== undefined) return known;
    const row = this.#streamFind.get(stream);
    const head = { id: Number((row ?? this.#streamInsert.get(stream))?.id), length: Number(row?.length ?? 0) };
    if (this.#heads.size >= HEADS_MAX) this.#heads.delete(this.#heads.keys().next().value as string);
    this.#heads.set(stream, head);
    return head;
  }

  // ── Edges ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  #recordsOf(name: string): Records {
    const records = this.#records.get(name);
    if (records !== undefined) return records;
    throw unknownCollection(name, this.#records.keys());
  }

  #search({ searches }: Records, text: string): StatementSync {
    let statement = searches.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare(text);
      searches.set(text, statement);
    }
    return statement;
  }

  #refuseClosed(): void {
    if (!this.#open) throw new Fault('CSP-STO-009', 'unavailable', 'The store is closed.');
  }

  #reading<Result>(read: () => Result): Result {
    try {
      return read();
    } catch (cause) {
      throw this.#databaseFault(cause);
    }
  }

  #databaseFault(cause: unknown): Fault {
    if (cause instanceof Fault) return cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    return isDamaged(cause)
      ? new Fault('CSP-STO-007', 'internal', `The database is damaged: ${reason}.`, { cause })
      : new Fault(
          'CSP-STO-005',
          'unavailable',
          `The database could not do it: ${reason}. Nothing of this commit was written.`,
          { cause },
        );
  }
}

/** For the first of several puts of one record in a group, the last of them and how many they are; null for the others, which need not be written. */
type MergedPuts = ReadonlyMap<
  Put,
  { readonly last: { readonly change: Put; readonly body: string }; count: number } | null
>;

const NOTHING_MERGED: MergedPuts = new Map();

/**
 * A record that many commits of a group put is written once: as the last of them has it, with a version for each, in the place of the first. Records that
 * are deleted, or put on a condition, are left as they are.
 */
function mergedPuts(group: readonly Waiting[]): MergedPuts {
  if (group.length === 1) return NOTHING_MERGED;
  const puts = new Map<string, Map<string, { readonly change: Put; readonly body: string }[] | null>>();
  for (const { changes } of group)
    for (const { change, body } of changes) {
      if (change.change === 'append') continue;
      const { collection, id } = change;
      let same = puts.get(collection);
      if (same === undefined) puts.set(collection, (same = new Map()));
      const known = same.get(id);
      if (change.change === 'delete' || change.ifVersion !== undefined) same.set(id, null);
      else if (known === undefined) same.set(id, [{ change, body: body! }]);
      else known?.push({ change, body: body! });
    }
  const merged = new Map<Put, { last: { change: Put; body: string }; count: number } | null>();
  for (const records of puts.values())
    for (const same of records.values()) {
      if (same === null || same.length === 1) continue;
      for (const { change } of same) merged.set(change, null);
      merged.set(same[0]!.change, { last: same.at(-1)!, count: same.length });
    }
  return merged;
}

function prepareRecords(database: DatabaseSync, collection: Collection): Records {
  const statements = sql.recordStatements(collection);
  return {
    collection,
    version: database.prepare(statements.version),
    insert: database.prepare(statements.insert),
    rewrite: database.prepare(statements.rewrite),
    upsert: database.prepare(statements.upsert),
    update: database.prepare(statements.update),
    delete: database.prepare(statements.delete),
    get: database.prepare(statements.get),
    searches: new Map(),
    nextOrdinal: Number(database.prepare(statements.nextOrdinal).get()?.ordinal),
  };
}
