/**
 * The store on a database server, with *group commit*: commits that come while the writer is free, or while it is busy, go together in one
 * transaction of two round trips: lock and read, then write and commit.
 *
 * Invariants:
 *   - one group at a time, in the order in which commits were asked for; a commit answers after the server's COMMIT;
 *   - the lock that makes this the only server is held by the very connection that writes: whoever lost the lock cannot write;
 *   - a group is tried again only when it is certain that it was not written: the token in the `writer` row tells.
 */
import { setTimeout as pause } from 'node:timers/promises';
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
  found,
  type PreparedChange,
  prepareChange,
  readQuery,
  refuseBadRange,
  saturated,
  stored,
  unknownCollection,
} from '../change.ts';
import type { SearchObserver } from '../slow-searches.ts';
import { columnOf, tableOf } from '../sql.ts';
import {
  type Connections,
  type Dialect,
  isLost,
  isStorable,
  KEY_MAX,
  type Row,
  type Session,
  type Statement,
  TEXT_MAX,
  VALUE_BYTES_MAX,
} from './dialect.ts';
import { decide, type Outcome, type RecordState, type State } from './group.ts';
import type { Replicas } from './replicas.ts';
import * as sql from './statements.ts';

const ATTEMPTS_MAX = 8;

interface Waiting {
  readonly changes: readonly PreparedChange[];
  readonly bytes: number;
  resolve(): void;
  reject(fault: unknown): void;
}

export interface RemoteFigures {
  readonly commits: number;
  readonly groups: number;
  /** Groups that were tried again: the database undid them, or the connection was lost before they were written. */
  readonly retries: number;
}

export interface RemoteStoreOptions {
  readonly collections: readonly Collection[];
  readonly queueMax: number;
  readonly queueBytesMax: number;
  readonly replicas?: Replicas | undefined;
  /** Told of every search. */
  readonly slow?: SearchObserver | undefined;
  /** Names groups; unlike any other one's. */
  token(): string;
}

export class RemoteStore implements Store {
  readonly #dialect: Dialect;
  readonly #connections: Connections;
  readonly #options: RemoteStoreOptions;
  readonly #collections: ReadonlyMap<string, Collection>;
  #writer: Session | undefined;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #writing: Promise<void> | undefined;
  #figures = { commits: 0, groups: 0, retries: 0 };
  #open = true;

  /** @param writer a session that holds the lock of the server. */
  constructor(dialect: Dialect, connections: Connections, writer: Session, options: RemoteStoreOptions) {
    this.#dialect = dialect;
    this.#connections = connections;
    this.#writer = writer;
    this.#options = options;
    this.#collections = new Map(options.collections.map((collection) => [collection.name, collection]));
  }

  get figures(): RemoteFigures {
    return { ...this.#figures };
  }

  async commit(changes: readonly Change[]): Promise<void> {
    this.#refuseClosed();
    const prepared = changes.map((change) => {
      refuseUnstorable(change);
      const one = prepareChange(change, (name) => this.#collectionOf(name));
      refuseOversized(one);
      return one;
    });
    const bytes = prepared.reduce((sum, one) => sum + one.bytes, 0);
    const { queueMax, queueBytesMax } = this.#options;
    if (this.#waiting.length >= queueMax || (this.#waiting.length > 0 && this.#waitingBytes + bytes > queueBytesMax))
      throw saturated(this.#waiting.length, this.#waitingBytes);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ changes: prepared, bytes, resolve, reject });
      this.#waitingBytes += bytes;
      this.#writing ??= new Promise<void>((turn) => setImmediate(turn)).then(() => this.#writeAll());
    });
  }

  async get<Body>(collection: string, id: string): Promise<Stored<Body> | undefined> {
    this.#refuseClosed();
    this.#collectionOf(collection);
    const [rows] = await this.#reading([sql.get(this.#dialect, collection, id)]);
    return rows?.[0] === undefined ? undefined : stored<Body>(rows[0]);
  }

  async find<Body>(collection: string, query: Query): Promise<Found<Body>> {
    this.#refuseClosed();
    const declared = this.#collectionOf(collection);
    const read = readQuery(declared, query);
    const statements = sql.find(this.#dialect, collection, read, query);
    const begun = performance.now();
    const [rows = [], count] = await this.#reading(statements, query.mayLag);
    void this.#options.slow?.seen({
      collection,
      query: read,
      statement: statements[0].text,
      milliseconds: performance.now() - begun,
      texts: Object.keys(declared.fields).filter((name) => declared.fields[name] === 'text'),
      textPrefix: this.#dialect.indexPrefix,
      plan: async () => {
        const [plan = []] = await this.#reading([{ ...statements[0], text: `EXPLAIN ${statements[0].text}` }]);
        return plan.map((row) => Object.values(row).join(' '));
      },
    });
    const { field } = read.order;
    const isNumber = field !== undefined && declared.fields[field] === 'integer';
    const placed = isNumber
      ? rows.map((row) => ({ ...row, place: row.place === null ? null : Number(row.place) }))
      : rows;
    return found<Body>(placed, query.limit, Number(count?.[0]?.total));
  }

  async read(stream: string, range: { from: number; limit: number }): Promise<readonly Uint8Array[]> {
    this.#refuseClosed();
    refuseBadRange(range.from, range.limit);
    const [rows = []] = await this.#reading([sql.read(this.#dialect, stream, range)]);
    return rows.map((row) => new Uint8Array(row.bytes as Uint8Array));
  }

  async length(stream: string): Promise<number> {
    this.#refuseClosed();
    const [rows] = await this.#reading([sql.lengths(this.#dialect, [stream])]);
    return Number(rows?.[0]?.length ?? 0);
  }

  /** The clock of the server that is written to, never of a replica. */
  async now(): Promise<number> {
    this.#refuseClosed();
    const [rows] = await this.#asking([{ text: this.#dialect.now, values: [] }]);
    return Math.floor(Number(rows?.[0]?.now));
  }

  /** Writes what waits, then refuses everything. Safe to call twice. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#writing;
    await this.#writer?.release();
    this.#writer = undefined;
    await this.#connections.close();
    await this.#options.replicas?.close();
  }

  // ── Group commit ──────────────────────────────────────────────────────────────────────────────────────────────────

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      this.#waitingBytes = 0;
      try {
        const { faults } = await this.#writeGroup(group.map(({ changes }) => changes));
        this.#figures.commits += faults.filter((fault) => fault === undefined).length;
        this.#figures.groups += 1;
        for (const [index, one] of group.entries()) {
          if (faults[index] === undefined) one.resolve();
          else one.reject(faults[index]);
        }
      } catch (fault) {
        for (const one of group) one.reject(fault);
      }
    }
    this.#writing = undefined;
  }

  async #writeGroup(commits: readonly (readonly PreparedChange[])[]): Promise<Outcome> {
    const { replicas } = this.#options;
    const token = this.#options.token();
    let before: string | undefined;
    for (let attempt = 1; ; attempt++) {
      // Whether COMMIT was sent; when it was and no answer came, only the token tells what happened.
      let sent: Outcome | undefined;
      try {
        this.#writer ??= await this.#reconnect();
        const state = await this.#lock(this.#writer, commits);
        before = state.token;
        const outcome = decide(commits, state);
        sent = outcome;
        replicas?.writing(token);
        await this.#writer.run([...this.#statements(outcome), sql.writerToken(this.#dialect, token), sql.COMMIT]);
        replicas?.wrote(token);
        return outcome;
      } catch (cause) {
        if (cause instanceof Fault) throw cause;
        const lost = isLost(cause);
        await this.#undo(lost);
        if (lost && sent !== undefined) {
          const now = await this.#tokenAfterLoss(cause);
          if (now === token) {
            replicas?.wrote(token);
            return sent;
          }
          if (now !== before)
            throw new Fault(
              'CSP-STO-011',
              'unavailable',
              'The connection to the database was lost while it wrote, and another server has written since: whether this commit was written is not known.',
              { cause },
            );
        }
        replicas?.notWritten(token);
        if (!(lost || this.#dialect.isTransient(cause)) || attempt >= ATTEMPTS_MAX) throw databaseFault(cause);
        this.#figures.retries += 1;
        await pause(pauseMs(attempt));
      }
    }
  }

  async #lock(
    writer: Session,
    commits: readonly (readonly PreparedChange[])[],
  ): Promise<State & { readonly token: string }> {
    const ids = new Map<string, Set<string>>();
    const streams = new Set<string>();
    for (const { change } of commits.flat()) {
      if (change.change === 'append') streams.add(change.stream);
      else ids.set(change.collection, (ids.get(change.collection) ?? new Set()).add(change.id));
    }
    const named = [...ids];
    const results = await writer.run([
      sql.BEGIN,
      sql.WRITER_LOCK,
      ...named.flatMap(([collection, those]) => [
        sql.versions(this.#dialect, collection, [...those]),
        sql.lastOrdinal(collection),
      ]),
      ...(streams.size === 0 ? [] : [sql.lengths(this.#dialect, [...streams])]),
    ]);
    const records = new Map<string, ReadonlyMap<string, RecordState>>();
    const lastOrdinals = new Map<string, number>();
    for (const [index, [collection]] of named.entries()) {
      records.set(collection, new Map((results[2 + 2 * index] ?? []).map((row) => [String(row.id), stateOf(row)])));
      lastOrdinals.set(collection, Number(results[3 + 2 * index]?.[0]?.ordinal));
    }
    const found = streams.size === 0 ? [] : (results.at(-1) ?? []);
    return {
      token: String(results[1]?.[0]?.token),
      records,
      lastOrdinals,
      lengths: new Map(found.map((row) => [String(row.name), Number(row.length)])),
    };
  }

  #statements({ puts, deletes, appends }: Outcome): readonly Statement[] {
    const dialect = this.#dialect;
    return [
      ...[...deletes].map(([collection, ids]) => sql.remove(dialect, collection, ids)),
      ...[...puts].flatMap(([collection, rows]) => {
        const fields = Object.keys(this.#collectionOf(collection).fields);
        return sql.insert(
          dialect,
          tableOf(collection),
          ['id', 'ordinal', 'version', 'body', ...fields.map(columnOf)],
          [...rows].map(([id, { ordinal, version, put }]) => [
            id,
            ordinal,
            version,
            put.body,
            ...fields.map((field) => put.fields[field] ?? null),
          ]),
          'id',
        );
      }),
      ...sql.insert(
        dialect,
        'stream',
        ['name', 'length'],
        [...appends].map(([name, { from, entries }]) => [name, from + entries.length]),
        'name',
      ),
      ...sql.insert(
        dialect,
        'entry',
        ['stream', 'sequence', 'bytes'],
        [...appends].flatMap(([name, { from, entries }]) => entries.map((entry, index) => [name, from + index, entry])),
      ),
    ];
  }

  async #undo(lost: boolean): Promise<void> {
    const writer = this.#writer;
    if (writer === undefined) return;
    try {
      if (!lost) {
        await writer.run([sql.ROLLBACK]);
        return;
      }
    } catch {
      // A connection that cannot even roll back is closed; the server undoes its transaction.
    }
    this.#writer = undefined;
    writer.release(true);
  }

  async #tokenAfterLoss(cause: unknown): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#writer ??= await this.#reconnect();
        // Locked, so that a transaction of the lost connection that still runs is waited for.
        const [, rows] = await this.#writer.run([sql.BEGIN, sql.WRITER_LOCK, sql.COMMIT]);
        return String(rows?.[0]?.token);
      } catch (fault) {
        await this.#undo(true);
        if (attempt >= ATTEMPTS_MAX)
          throw new Fault(
            'CSP-STO-011',
            'unavailable',
            'The connection to the database was lost while it wrote and did not come back: whether this commit was written is not known.',
            { cause: fault instanceof Fault ? fault : cause },
          );
        await pause(pauseMs(attempt));
      }
    }
  }

  async #reconnect(): Promise<Session> {
    const writer = await this.#connections.writer();
    try {
      await lockServer(this.#dialect, writer);
      return writer;
    } catch (fault) {
      writer.release(true);
      throw fault;
    }
  }

  // ── Edges ─────────────────────────────────────────────────────────────────────────────────────────────────────────

  async #reading(statements: readonly Statement[], mayLag = false): Promise<readonly (readonly Row[])[]> {
    const copied = await this.#options.replicas?.read(statements, mayLag);
    return copied ?? this.#asking(statements);
  }

  async #asking(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    for (let attempt = 1; ; attempt++) {
      let session: Session | undefined;
      try {
        session = await this.#connections.read();
        const results = await session.run(statements);
        session.release();
        return results;
      } catch (cause) {
        if (cause instanceof Fault) throw cause;
        session?.release(isLost(cause));
        // Asking twice changes nothing; an idle connection the server has closed is found out only by using it.
        if (attempt < 3 && (isLost(cause) || this.#dialect.isTransient(cause))) continue;
        throw databaseFault(cause);
      }
    }
  }

  #collectionOf(name: string): Collection {
    const collection = this.#collections.get(name);
    if (collection === undefined) throw unknownCollection(name, this.#collections.keys());
    return collection;
  }

  #refuseClosed(): void {
    if (!this.#open) throw new Fault('CSP-STO-009', 'unavailable', 'The store is closed.');
  }
}

/** Longer from time to time, 10 ms to about a second, and never the same for two that hindered each other. */
function pauseMs(attempt: number): number {
  return 10 * 2 ** (attempt - 1) * (0.5 + Math.random());
}

/**
 * Waits a moment for a lock that is held: a server that was killed, or whose connection was cut, is forgotten by the database a little later.
 *
 * @throws Fault `CSP-STO-006` when another server has it.
 */
export async function lockServer(dialect: Dialect, session: Session): Promise<void> {
  if (dialect.lockServer === undefined) return;
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
    const [rows] = await session.run([{ text: dialect.lockServer, values: [] }]);
    if (Number(rows?.[0]?.held) === 1) return;
    if (attempt < ATTEMPTS_MAX) await pause(pauseMs(attempt));
  }
  throw new Fault('CSP-STO-006', 'conflict', 'Another server uses this database. Stop it, or choose another database.');
}

export function databaseFault(cause: unknown): Fault {
  if (cause instanceof Fault) return cause;
  const reason = cause instanceof Error ? cause.message || String((cause as { code?: unknown }).code) : String(cause);
  return new Fault(
    'CSP-STO-005',
    'unavailable',
    `The database could not do it: ${reason}. Nothing of this commit was written.`,
    { cause },
  );
}

function stateOf(row: Row): RecordState {
  return { version: Number(row.version), ordinal: Number(row.ordinal) };
}

function refuseOversized({ change, body }: PreparedChange): void {
  const largest =
    change.change === 'append' ? Math.max(0, ...change.entries.map(({ length }) => length)) : (body?.length ?? 0);
  if (largest > VALUE_BYTES_MAX)
    throw new Fault('CSP-STO-003', 'invalid', `A record or entry may have ${VALUE_BYTES_MAX} bytes; got ${largest}.`);
}

/** Texts that servers would cut, refuse in the middle of a group, or not take at all. */
function refuseUnstorable(change: Change): void {
  const refuse = (what: string, text: string, longest: number) => {
    if (!isStorable(text, longest))
      throw new Fault(
        'CSP-STO-003',
        'invalid',
        `${what} may have ${longest} characters, none of them NUL; got ${text.length}.`,
      );
  };
  if (change.change === 'append') refuse('The name of a stream', change.stream, KEY_MAX);
  else refuse(`The id of a record of ${change.collection}`, change.id, KEY_MAX);
  if (change.change === 'put')
    for (const [field, value] of Object.entries(change.fields))
      if (typeof value === 'string') refuse(`Field ${field} of ${change.collection}`, value, TEXT_MAX);
}
