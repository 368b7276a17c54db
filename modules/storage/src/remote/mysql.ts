/** MariaDB and MySQL through `mysql2`. A batch is one packet of several statements. */
import type { ConnectionOptions, ResultSetHeader } from 'mysql2/promise';
import {
  bytesOf,
  type Connections,
  type ConnectOptions,
  type Dialect,
  type Row,
  type Session,
  type Statement,
  VALUE_BYTES_MAX,
} from './dialect.ts';

/** ER_LOCK_DEADLOCK, ER_LOCK_WAIT_TIMEOUT, ER_CHECKREAD */
const TRANSIENT = new Set([1213, 1205, 1020]);

/** Bytes decide, trailing spaces count, and quotes are escaped as the driver does it. */
const SESSION = [
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  'SET SESSION max_sort_length = 8192',
].join('; ');

export function mysqlDialect(collation: string): Dialect {
  return {
    name: 'MariaDB or MySQL',
    connect,
    placeholder: () => '?',
    upsert: (_, columns) =>
      `ON DUPLICATE KEY UPDATE ${columns.map((column) => `${column} = VALUES(${column})`).join(', ')}`,
    types: {
      key: `VARCHAR(255) CHARACTER SET utf8mb4 COLLATE ${collation}`,
      text: `VARCHAR(500) CHARACTER SET utf8mb4 COLLATE ${collation}`,
      body: `LONGTEXT CHARACTER SET utf8mb4 COLLATE ${collation}`,
      bytes: 'LONGBLOB',
    },
    direction: (descending) => (descending ? 'DESC' : 'ASC'),
    tableEnd: ' ENGINE = InnoDB',
    schemaInTransactions: false,
    columns:
      'SELECT column_name AS name FROM information_schema.columns WHERE table_schema = database() AND table_name = ?',
    shareServer: undefined,
    indexPrefix: '(150)',
    indices:
      'SELECT DISTINCT index_name AS name FROM information_schema.statistics WHERE table_schema = database() AND table_name = ?',
    analyze: (table) => `ANALYZE TABLE ${table}`,
    now: "SELECT timestampdiff(MICROSECOND, '1970-01-01', utc_timestamp(3)) DIV 1000 AS now",
    lockServer: "SELECT GET_LOCK(concat('csp:', left(sha2(database(), 256), 48)), 0) AS held",
    isTransient: (error) => TRANSIENT.has(Number((error as { errno?: unknown }).errno)),
  };
}

/** The collation that compares bytes and does not pad has another name on each of the two. */
export async function detectMysql(url: string, options: Parameters<Dialect['connect']>[1]): Promise<Dialect> {
  const connections = await connect(url, options);
  try {
    const session = await connections.writer();
    const [rows] = await session.run([{ text: 'SELECT version() AS version', values: [] }]);
    session.release();
    return mysqlDialect(/mariadb/i.test(String(rows?.[0]?.version)) ? 'utf8mb4_nopad_bin' : 'utf8mb4_0900_bin');
  } finally {
    await connections.close();
  }
}

async function connect(url: string, { pool: limits, timeoutMs }: ConnectOptions): Promise<Connections> {
  const mysql = await import('mysql2/promise');
  const options: ConnectionOptions = {
    uri: url.replace(/^mariadb:/, 'mysql:'),
    multipleStatements: true,
    charset: 'utf8mb4',
    supportBigNumbers: true,
    connectTimeout: timeoutMs,
  };
  const pool = mysql.createPool({
    ...options,
    connectionLimit: limits.size + limits.overflow,
    maxIdle: limits.size,
    idleTimeout: 1000,
  });
  /** Those that have their settings, and since when. */
  const prepared = new WeakMap<object, number>();
  return {
    async read() {
      const connection = await pool.getConnection();
      if (!prepared.has(connection.connection)) {
        try {
          await connection.query(SESSION);
        } catch (cause) {
          connection.destroy();
          throw cause;
        }
        prepared.set(connection.connection, performance.now());
      }
      const old = () => {
        const since = prepared.get(connection.connection) ?? 0;
        return limits.recycleMs > 0 && performance.now() - since >= limits.recycleMs;
      };
      return sessionOf(
        (text, values) => connection.query(text, values),
        (broken) => (broken || old() ? connection.destroy() : connection.release()),
      );
    },
    async writer() {
      const connection = await mysql.createConnection(options);
      connection.on('error', () => {});
      await connection.query(SESSION);
      return sessionOf(
        (text, values) => connection.query(text, values),
        (broken) => (broken ? connection.destroy() : connection.end().catch(() => {})),
      );
    },
    close: () => pool.end(),
  };
}

function sessionOf(
  query: (text: string, values: unknown[]) => Promise<[unknown, unknown]>,
  release: (broken: boolean) => void | Promise<void>,
): Session {
  return {
    async run(statements: readonly Statement[]) {
      const rows: (readonly Row[])[] = [];
      for (const packet of packetsOf(statements)) {
        const values = packet.flatMap((statement) => statement.values.map(parameter));
        try {
          const [result] = await query(packet.map(({ text }) => text).join('; '), values);
          const results = (packet.length === 1 ? [result] : result) as readonly (Row[] | ResultSetHeader)[];
          rows.push(...results.map((one) => (Array.isArray(one) ? one : [])));
        } catch (error) {
          // The driver adds the statement with all its values, which belong into no log.
          delete (error as { sql?: string }).sql;
          throw error;
        }
      }
      return rows;
    },
    release: (broken = false) => release(broken),
  };
}

/** Servers take 16 MiB in one packet unless told otherwise, and bytes are written as twice as many digits. */
function packetsOf(statements: readonly Statement[]): readonly (readonly Statement[])[] {
  const packets: Statement[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const statement of statements) {
    const size = bytesOf(statement.values);
    if (bytes + size > VALUE_BYTES_MAX) {
      packets.push([]);
      bytes = 0;
    }
    packets.at(-1)?.push(statement);
    bytes += size;
  }
  return packets;
}

function parameter(value: Statement['values'][number]): unknown {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : value;
}
