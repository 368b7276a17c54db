/**
 * Capabilities: everything a module may ask the platform for. Modules never import each other; they meet here.
 */
import type { Catalog } from './catalog.ts';
import type { Metrics } from './metrics.ts';
import type { ModuleProtocol } from './protocol.ts';
import type { Tracer } from './tracing.ts';

/** Milliseconds. `now` is wall time for people and records, `monotonic` is for durations. */
export interface Clock {
  now(): number;
  monotonic(): number;
  /** Calls back once after `milliseconds`; the result cancels. */
  after(milliseconds: number, wake: () => void): () => void;
}

/** Unpredictable bytes; identifiers are made of them. */
export interface Random {
  bytes(count: number): Uint8Array;
  /** `proc_` and 26 characters of a ULID: sorts by time of creation. */
  id(prefix: string): string;
}

export interface Hash {
  sha256(bytes: Uint8Array): Uint8Array;
}

/** Signs with the key of this installation, Ed25519. */
export interface Signer {
  /** Name of the key in signed notes (C2SP). */
  readonly name: string;
  readonly publicKey: Uint8Array;
  sign(bytes: Uint8Array): Uint8Array;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

// ── Store ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A collection of records: JSON bodies with a few fields lifted out, so that they can be searched. A field that is declared later gets its value,
 * in the records there are, from the property of its name in their bodies.
 */
export interface Collection {
  readonly name: string;
  readonly fields: Readonly<Record<string, 'text' | 'integer'>>;
}

export interface Stored<Body = unknown> {
  readonly id: string;
  /** 1 for a new record, and one more for each change. */
  readonly version: number;
  readonly body: Body;
}

export type Change =
  | {
      readonly change: 'put';
      readonly collection: string;
      readonly id: string;
      readonly fields: Readonly<Record<string, string | number | null>>;
      readonly body: unknown;
      /** The version this change was made from; 0: must not exist. Otherwise the commit ends in a conflict, and nothing is written. */
      readonly ifVersion?: number;
    }
  | { readonly change: 'delete'; readonly collection: string; readonly id: string }
  | {
      readonly change: 'append';
      readonly stream: string;
      readonly entries: readonly Uint8Array[];
      /** The sequence number the first entry must get, counting from 0. Otherwise the commit ends in a conflict. */
      readonly at?: number;
    };

/** Values from `from` on, up to `before` without it. Records without a value are in no range. */
export interface Between {
  readonly from?: string | number;
  readonly before?: string | number;
}

/** Where a record stands in an order: its value in the field the order goes by, and its number in the order of creation. */
export interface Place {
  /** null: it has none, or the order goes by creation alone. */
  readonly value: string | number | null;
  readonly ordinal: number;
}

export interface Query {
  /** What a field must be, or the range it must be in. */
  readonly where?: Readonly<Record<string, string | number | Between>>;
  /** A field, or `created`; `-` in front: descending. Default `created`. */
  readonly orderBy?: string;
  /** Only what comes after this place in the order, whether or not a record still stands there. `offset` counts from it. */
  readonly after?: Place;
  readonly limit: number;
  readonly offset: number;
  /** The answer may be behind what was committed, by as much as the configuration allows replicas. Default: it is not. */
  readonly mayLag?: boolean;
}

export interface Found<Body = unknown> {
  readonly records: readonly Stored<Body>[];
  /** All that match `where`, on this page and on others. */
  readonly total: number;
  /** The place of the last record; absent when nothing comes after it. */
  readonly next?: Place;
}

/**
 * Durable records and append-only streams.
 *
 * `commit` is all or nothing and answers only when the changes survive `kill -9` and power loss. Commits of one turn of the event loop share
 * one transaction (*group commit*); a conflict fails only the commit that has it.
 */
export interface Store {
  commit(changes: readonly Change[]): Promise<void>;
  get<Body>(collection: string, id: string): Promise<Stored<Body> | undefined>;
  find<Body>(collection: string, query: Query): Promise<Found<Body>>;
  /** Entries `from` (inclusive) up to `limit` of them. */
  read(stream: string, range: { from: number; limit: number }): Promise<readonly Uint8Array[]>;
  length(stream: string): Promise<number>;
}

// ── Cache ───────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface CacheOptions<Value = unknown> {
  /** How old an answer may be, counted from when its making began. Default: `cache.ttl_seconds`. */
  readonly ttlMs?: number;
  /** For so long after that, the old answer is given at once while a new one is made. Default 0. */
  readonly staleMs?: number;
  /** `L1`: the memory of this server. `L2`: shared with other servers, when there is Redis. Default `both`. */
  readonly level?: 'L1' | 'L2' | 'both';
  /** What it was made from; see `invalidate`. */
  readonly tags?: readonly string[];
  /** Which answers are kept. Default: all of them; what throws is never kept. */
  readonly keep?: (value: Value) => boolean;
}

/**
 * Answers that were made before. It may forget at any time and then makes them anew: it is faster, never other.
 *
 * After `invalidate` has resolved, no server answers with what was made before it; one whose connection to the others is broken may do so for
 * `redis.health_check_interval` and `redis.timeout_seconds` together, and no longer.
 */
export interface Cache {
  /** The answer for `key`, made by `make` unless it is known. Those who ask at the same time share one making. JSON, and not to be changed. */
  through<Value>(key: string, options: CacheOptions<Value>, make: () => Promise<Value>): Promise<Value>;
  /**
   * To be called when what the answers with these tags were made from has changed.
   *
   * @throws Fault `unavailable` when the other servers cannot be told now. They are as soon as it is possible; until then they may answer with
   *   what they have, no longer than its time.
   */
  invalidate(tags: readonly string[]): Promise<void>;
}

// ── Notifications ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface Notification {
  readonly topic: string;
  /** Counts from 1 within a topic; a gap means something was missed. */
  readonly sequence: number;
  /** ISO 8601. */
  readonly at: string;
  readonly data: unknown;
}

/** Tells whoever listens. Kept for a while, so that a subscriber can resume; the truth is in the store. */
export interface Notifications {
  publish(topic: string, data: unknown): void;
  /** `since`: the last sequence number seen; what came after is delivered first, or `gap` says that some of it is gone. */
  subscribe(
    topic: string,
    since: number | undefined,
    listener: (notification: Notification) => void,
  ): { gap: boolean; unsubscribe(): void };
}

/** Everything there is to ask for. */
export interface Capabilities {
  readonly clock: Clock;
  readonly random: Random;
  readonly hash: Hash;
  readonly signer: Signer;
  readonly log: Log;
  readonly store: Store;
  readonly notifications: Notifications;
  /** Makes everything anew when no module provides one. */
  readonly cache: Cache;
  /** Made by `assemble` when the system brings none. */
  readonly metrics: Metrics;
  /** Collects nothing when the system brings none. */
  readonly tracer: Tracer;
  /** Monitors of the protocol that the module declares: each module has its own. */
  readonly protocol: ModuleProtocol;
  /** What the assembled modules offer; made by `assemble`. */
  readonly catalog: Catalog;
}

/** The names of all capabilities, for those who mistype one. */
export const CAPABILITIES: Readonly<Record<keyof Capabilities, true>> = {
  clock: true,
  random: true,
  hash: true,
  signer: true,
  log: true,
  store: true,
  notifications: true,
  cache: true,
  tracer: true,
  metrics: true,
  catalog: true,
  protocol: true,
};
