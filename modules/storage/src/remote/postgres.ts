/** PostgreSQL through `pg`. Groups go as pipelined batches: all statements are sent before the first answer is read. */
import type { Client } from 'pg';
import type { Connections, ConnectOptions, Dialect, Row, Session, Statement } from './dialect.ts';

/** serialization_failure, deadlock_detected, lock_not_available; https://www.postgresql.org/docs/current/errcodes-appendix.html */
const TRANSIENT = new Set(['40001', '40P01', '55P03']);
/** What follows an error inside a transaction: says nothing of its own. */
const ABORTED = '25P02';

/** 'CSPS' as a number, as in the files of the embedded store. */
const LOCK = 0x43535053;
const SHARER_PAUSE_MS = 2000;

export const postgres: Dialect = {
  name: 'PostgreSQL',
  connect,
  placeholder: (position) => `$${position}`,
  upsert: (key, columns) =>
    `ON CONFLICT (${key}) DO UPDATE SET ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}`,
  types: { key: 'VARCHAR(255) COLLATE "C"', text: 'VARCHAR(500) COLLATE "C"', body: 'TEXT', bytes: 'BYTEA' },
  direction: (descending) => (descending ? 'DESC NULLS LAST' : 'ASC NULLS FIRST'),
  tableEnd: '',
  schemaInTransactions: true,
  columns:
    'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1',
  indexPrefix: '',
  indices: 'SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema() AND tablename = $1',
  analyze: (table) => `ANALYZE ${table}`,
  now: 'SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now',
  lockServer: `SELECT CASE WHEN pg_try_advisory_lock(${LOCK}) THEN 1 ELSE 0 END AS held`,
  // Who is paused in the middle of a transaction must not hold up the others: its session is ended.
  shareServer: `SELECT set_config('idle_in_transaction_session_timeout', '${SHARER_PAUSE_MS}', false),
    CASE WHEN pg_try_advisory_lock_shared(${LOCK}) THEN 1 ELSE 0 END AS held`,
  isTransient: (error) => TRANSIENT.has(String((error as { code?: unknown }).code)),
};

async function connect(url: string, { pool: limits, timeoutMs }: ConnectOptions): Promise<Connections> {
  const { default: pg } = await import('pg');
  const options = {
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    application_name: 'csp',
    pipeline: true,
  };
  const pool = new pg.Pool({
    ...options,
    // Of a connection, not of the wait for one.
    Client: class extends pg.Client {
      constructor(config?: object) {
        super({ ...config, connectionTimeoutMillis: timeoutMs });
      }
    },
    connectionTimeoutMillis: 0,
    max: limits.size + limits.overflow,
    idleTimeoutMillis: 30_000,
    maxLifetimeSeconds: Math.ceil(limits.recycleMs / 1000),
  });
  // An idle connection that ends is replaced by the next one that is asked for.
  pool.on('error', () => {});
  // One that ends while it is used fails its queries; that is where it is seen to.
  pool.on('connect', (client) => client.on('error', () => {}));
  return {
    async read() {
      const client = await pool.connect();
      const surplus = () => pool.totalCount > limits.size && pool.waitingCount === 0;
      return sessionOf(client, (broken) => client.release(broken || surplus()));
    },
    async writer() {
      const client = new pg.Client(options);
      client.on('error', () => {});
      await client.connect();
      return sessionOf(client, () => client.end().catch(() => {}));
    },
    close: () => pool.end(),
  };
}

function sessionOf(client: Pick<Client, 'query'>, release: (broken: boolean) => void | Promise<void>): Session {
  return {
    async run(statements: readonly Statement[]) {
      const outcomes = await Promise.allSettled(
        statements.map(({ text, values }) => client.query<Row & Record<string, unknown>>(text, values.map(parameter))),
      );
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
      const cause = failed.find(({ reason }) => (reason as { code?: string }).code !== ABORTED) ?? failed[0];
      if (cause !== undefined) throw cause.reason;
      return outcomes.map((outcome) => (outcome as PromiseFulfilledResult<{ rows: Row[] }>).value.rows);
    },
    release: (broken = false) => release(broken),
  };
}

function parameter(value: Statement['values'][number]): string | number | Buffer | null {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
