/** A store on a database server, from its URL. */
import { randomUUID } from 'node:crypto';
import { type Collection, Fault, type Log } from '@enhanced-csp/platform';
import { SlowSearches } from '../slow-searches.ts';
import { isName } from '../sql.ts';
import type { Connections, ConnectOptions, Dialect, Pool, Session } from './dialect.ts';
import { migrate, migrationStatus } from './migrate.ts';
import { lockServer, RemoteStore } from './remote-store.ts';
import { Replicas } from './replicas.ts';
import { copying, WRITER_READ } from './statements.ts';

export interface RemoteOptions {
  readonly collections: readonly Collection[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly queueMax?: number;
  readonly queueBytesMax?: number;
  /** Connections for reads, beside the one that writes. */
  readonly pool?: Partial<Pool>;
  /** URLs of servers that follow this one. */
  readonly replicas?: readonly string[];
  /** How far behind one may be for questions that allow it. */
  readonly replicaLagMaxMs?: number;
  readonly log?: Pick<Log, 'warn' | 'info'>;
  /** Searches that take longer are told in the log, with their plan. Default: none is. */
  readonly slowMs?: number;
  /** How long a connection may take. */
  readonly timeoutMs?: number;
  /** Lets in databases whose dialect is written, not executed. */
  readonly experimental?: boolean;
  /**
   * Other stores that share may use the database at the same time; no server may. For journals, whose owners fence each other: what a commit says
   * nothing about (`at`, `ifVersion`) is not protected. PostgreSQL alone.
   */
  readonly shared?: boolean;
}

/**
 * Opens the store, and makes the tables that are missing. `postgresql://user:password@host:5432/database`, `mysql://…`, `mariadb://…`.
 *
 * @throws Fault `CSP-STO-006` when another server has it, `-008` when another version wrote it, `-012` when it cannot be reached or used.
 */
export async function openRemoteStore(
  url: string,
  options: RemoteOptions,
): Promise<{
  readonly store: RemoteStore;
  readonly replicas: Replicas | undefined;
  readonly name: string;
  close(): Promise<void>;
}> {
  const { collections, now, queueMax = 10_000, queueBytesMax = 256 * 1024 * 1024 } = options;
  for (const { name, fields } of collections)
    for (const each of [name, ...Object.keys(fields)])
      if (!isName(each) || each === 'created')
        throw new Fault(
          'CSP-STO-003',
          'invalid',
          `'${each}' in collection ${name} cannot name a collection or a field.`,
        );
  const { dialect: found, connections } = await connect(url, options);
  if (found.notExecuted)
    options.log?.warn(
      { database: found.name },
      `the dialect for ${found.name} is written, not executed: no test has run against a server`,
    );
  let writer: Session | undefined;
  try {
    const dialect = options.shared === true ? sharing(found) : found;
    writer = await connections.writer();
    await lockServer(dialect, writer);
    const [marks = []] = await writer.run([copying(dialect)]);
    if (marks.length > 0)
      throw new Fault('CSP-STO-018', 'conflict', `A copy into the database ${placeOf(url)} is not complete.`);
    const steps = await connections.read();
    try {
      await migrate(dialect, { lock: writer, steps }, { collections, now });
    } finally {
      steps.release();
    }
    const replicas = await openReplicas(writer, options);
    const store = new RemoteStore(dialect, connections, writer, {
      collections,
      queueMax,
      queueBytesMax,
      replicas,
      slow: options.log && new SlowSearches({ slowMs: options.slowMs ?? 0, log: options.log, now }),
      token: randomUUID,
    });
    return { store, replicas, name: `${dialect.name} at ${placeOf(url)}`, close: () => store.close() };
  } catch (cause) {
    writer?.release(true);
    await connections.close().catch(() => {});
    throw cause instanceof Fault ? cause : unusable(url, cause);
  }
}

/** One that is away now may come later; one there is no store for is a mistake. */
async function openReplicas(writer: Session, options: RemoteOptions): Promise<Replicas | undefined> {
  const { replicas: urls = [], replicaLagMaxMs = 10_000, log } = options;
  if (urls.length === 0) return undefined;
  const [rows] = await writer.run([WRITER_READ]);
  const opened = await Promise.all(
    urls.map(async (url) => ({ name: placeOf(url), connections: await connectLater(url, options) })),
  );
  return new Replicas(opened, {
    token: String(rows?.[0]?.token),
    lagMaxMs: replicaLagMaxMs,
    ...(log === undefined ? {} : { log }),
  });
}

/** MariaDB and MySQL are told apart by asking, which a replica that is away cannot: it is asked when it is first read. */
async function connectLater(url: string, options: RemoteOptions): Promise<Connections> {
  let connected: Promise<Connections> | undefined;
  const connections = () => {
    connected ??= connect(url, options).then(
      (one) => one.connections,
      (cause: unknown) => {
        connected = undefined;
        // What is lost says so by the fault of the network, not by ours.
        throw (cause as Fault).cause ?? cause;
      },
    );
    return connected;
  };
  const read = async () => (await connections()).read();
  return { read, writer: read, close: async () => (await connected?.catch(() => undefined))?.close() };
}

/**
 * Works on a database whose schema is up to date, as its only server.
 *
 * @throws as `openRemoteStore`.
 */
export async function withServer<Result>(
  url: string,
  options: Pick<RemoteOptions, 'collections' | 'now' | 'timeoutMs' | 'experimental'>,
  work: (dialect: Dialect, session: Session) => Promise<Result>,
): Promise<Result> {
  const { dialect, connections } = await connect(url, options);
  let writer: Session | undefined;
  try {
    writer = await connections.writer();
    await lockServer(dialect, writer);
    const steps = await connections.read();
    try {
      await migrate(dialect, { lock: writer, steps }, options);
    } finally {
      await steps.release();
    }
    return await work(dialect, writer);
  } catch (cause) {
    throw cause instanceof Fault ? cause : unusable(url, cause);
  } finally {
    await writer?.release();
    await connections.close().catch(() => {});
  }
}

/** The steps of the schema, and which of them the database has. Changes nothing. */
export function remoteStatus(url: string, options: Pick<RemoteOptions, 'timeoutMs' | 'experimental'> = {}) {
  return withReader(url, options, (dialect, _, session) => migrationStatus(dialect, session));
}

/** Works on a database beside its server: reads only. */
export async function withReader<Result>(
  url: string,
  options: Pick<RemoteOptions, 'timeoutMs' | 'experimental'>,
  work: (dialect: Dialect, connections: Connections, session: Session) => Promise<Result>,
): Promise<Result> {
  const { dialect, connections } = await connect(url, options);
  try {
    const session = await connections.read();
    try {
      return await work(dialect, connections, session);
    } finally {
      session.release();
    }
  } catch (cause) {
    throw cause instanceof Fault ? cause : unusable(url, cause);
  } finally {
    await connections.close();
  }
}

/** The dialect with the lock of those who share in the place of that of a server. */
function sharing(dialect: Dialect): Dialect {
  const { name, shareServer } = dialect;
  if (shareServer === undefined)
    throw new Fault('CSP-STO-013', 'invalid', `${name} cannot be shared; use PostgreSQL, or one owner at a time.`);
  return { ...dialect, lockServer: shareServer };
}

const POOL: Pool = { size: 10, overflow: 10, timeoutMs: 30_000, recycleMs: 3_600_000 };

/** A connection that comes too late is given back. */
function soon(session: Promise<Session>, timeoutMs: number): Promise<Session> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(
        new Fault(
          'CSP-STO-017',
          'unavailable',
          `All connections to the database are in use, and none was free within ${timeoutMs / 1000} s.`,
        ),
      );
    }, timeoutMs);
    session.then(
      (one) => {
        clearTimeout(timer);
        if (late) void one.release();
        else resolve(one);
      },
      (cause: unknown) => {
        clearTimeout(timer);
        reject(cause);
      },
    );
  });
}

async function connect(
  url: string,
  options: Pick<RemoteOptions, 'pool' | 'timeoutMs' | 'experimental'>,
): Promise<{ readonly dialect: Dialect; readonly connections: Connections }> {
  const { timeoutMs = 5000, experimental = false } = options;
  const pool = { ...POOL, ...options.pool };
  try {
    const dialect = await dialectOf(url, { pool, timeoutMs, experimental });
    const connections = await dialect.connect(url, { pool, timeoutMs });
    return { dialect, connections: { ...connections, read: () => soon(connections.read(), pool.timeoutMs) } };
  } catch (cause) {
    throw cause instanceof Fault ? cause : unusable(url, cause);
  }
}

async function dialectOf(url: string, options: ConnectOptions & { readonly experimental: boolean }): Promise<Dialect> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'postgres':
    case 'postgresql':
      return (await import('./postgres.ts')).postgres;
    case 'mysql':
    case 'mariadb':
      return (await import('./mysql.ts')).detectMysql(url, options);
    case 'cockroachdb':
      if (options.experimental) return (await import('./cockroach.ts')).cockroach;
      throw new Fault(
        'CSP-STO-013',
        'invalid',
        'The dialect for CockroachDB is written, not executed: no test has run against a server. Set database.experimental to use it all the same.',
      );
    default:
      throw new Fault('CSP-STO-013', 'invalid', `There is no store for ${scheme ?? 'this URL'}.`);
  }
}

/** Host, port and database; never the user, the password or the parameters. */
function placeOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch {
    return 'the database';
  }
}

function unusable(url: string, cause: unknown): Fault {
  const reason = cause as { message?: string; code?: string };
  return new Fault(
    'CSP-STO-012',
    'unavailable',
    `The database ${placeOf(url)} cannot be used: ${reason.message || reason.code || String(cause)}.`,
    { cause },
  );
}
