/**
 * What databases on servers do differently, and nothing else: the statements are in `statements.ts`, the store above them is one.
 *
 * The SQL is the part PostgreSQL, MariaDB and MySQL share: no upsert beyond `upsert`, no `returning`, no JSON operators, no generated
 * keys, no partial indexes. Numbers may come back as text, bytes as a Buffer; both are read at one place.
 */
export type Value = string | number | Uint8Array | null;

export interface Statement {
  readonly text: string;
  readonly values: readonly Value[];
}

export type Row = Readonly<Record<string, unknown>>;

/** Bytes one value may have: below what every server takes in one packet. */
export const VALUE_BYTES_MAX = 6 * 1024 * 1024;

export function bytesOf(values: readonly Value[]): number {
  return values.reduce<number>(
    (sum, value) => sum + (typeof value === 'string' || value instanceof Uint8Array ? value.length : 8),
    0,
  );
}

/** Longest text that may be the id of a record or the name of a stream, and longest field. */
export const KEY_MAX = 255;
export const TEXT_MAX = 500;

/** Whether servers take a text as it is: they cut what is too long, and some take no NUL. */
export function isStorable(text: string, longest: number): boolean {
  return text.length <= longest && !text.includes('\0');
}

export interface Session {
  /** Sends all of them at once and waits for all: one round trip where the driver can. Rejects with the first that went wrong. */
  run(statements: readonly Statement[]): Promise<readonly (readonly Row[])[]>;
  /** Gives it back; `broken`: it is closed instead. */
  release(broken?: boolean): void | Promise<void>;
}

export interface Pool {
  /** Connections that are kept, and those beyond while all are in use. */
  readonly size: number;
  readonly overflow: number;
  /** How long a read may wait for one. */
  readonly timeoutMs: number;
  /** Age at which one is replaced; 0: never. */
  readonly recycleMs: number;
}

export interface ConnectOptions {
  readonly pool: Pool;
  /** How long a new connection may take. */
  readonly timeoutMs: number;
}

export interface Connections {
  /** From the pool, for reads. */
  read(): Promise<Session>;
  /** A connection of its own, for the writer: the lock of the server lives and dies with it. */
  writer(): Promise<Session>;
  close(): Promise<void>;
}

export interface Dialect {
  /** Written from documentation: no test has run it against a server. */
  readonly notExecuted?: true;
  readonly name: string;
  connect(url: string, options: ConnectOptions): Promise<Connections>;
  /** The placeholder of value number `position`, from 1. */
  placeholder(position: number): string;
  /** The end of an insert that replaces the row with the same key. */
  upsert(key: string, columns: readonly string[]): string;
  readonly types: {
    /** Compared byte by byte, up to 255 characters, may be a key. */
    readonly key: string;
    /** Compared byte by byte, up to 500 characters, so that every index takes it whole. */
    readonly text: string;
    readonly body: string;
    readonly bytes: string;
  };
  /** What follows a column in `ORDER BY`: nothing comes before everything, as SQLite has it. */
  direction(descending: boolean): string;
  readonly tableEnd: string;
  /** Changes of the schema are part of a transaction. */
  readonly schemaInTransactions: boolean;
  /** Columns `name` of the tables of this database that are named in the values. */
  readonly columns: string;
  /** What follows a text column in an index of several columns: keys are bounded. */
  readonly indexPrefix: string;
  /** Indices `name` of the table of this database that is named in the values. */
  readonly indices: string;
  /** Looks at the values of a table anew, so that its indices are used where they serve. */
  analyze(table: string): string;
  /** One row: `now`, in milliseconds since 1970, at the moment it is asked. */
  readonly now: string;
  /** Tries to take the lock of the server for this session: one row, `held` 1 or 0. undefined: the database has no such lock. */
  readonly lockServer: string | undefined;
  /** Tries to take a lock that those who share have together, and no server beside them. undefined: the database cannot be shared. */
  readonly shareServer: string | undefined;
  /** The transaction was undone and may be tried again as it is. */
  isTransient(error: unknown): boolean;
}

/** Node's codes for a connection that ended or never was, and the drivers' own words for it. */
const LOST =
  /^(?:ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|PROTOCOL_CONNECTION_LOST|57P0[123]|08\d{3})$/;

/** The connection is gone; whether what was last sent has happened is not known. */
export function isLost(error: unknown): boolean {
  const { code, message, fatal } = error as { code?: unknown; message?: unknown; fatal?: unknown };
  return (
    fatal === true ||
    (typeof code === 'string' && LOST.test(code)) ||
    (typeof message === 'string' &&
      /connection (?:terminated|is closed)|not queryable|closed state|timeout/i.test(message))
  );
}
