/**
 * Capabilities: everything a module may ask the platform for. Modules never import each other; they meet here.
 */
import type { Catalog } from './catalog.ts';
import type { Metrics } from './metrics.ts';

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

/** A collection of records: JSON bodies with a few fields lifted out, so that they can be searched. */
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

export interface Query {
  readonly where?: Readonly<Record<string, string | number>>;
  /** A field, or `created`; `-` in front: descending. Default `created`. */
  readonly orderBy?: string;
  readonly limit: number;
  readonly offset: number;
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
  find<Body>(collection: string, query: Query): Promise<{ records: readonly Stored<Body>[]; total: number }>;
  /** Entries `from` (inclusive) up to `limit` of them. */
  read(stream: string, range: { from: number; limit: number }): Promise<readonly Uint8Array[]>;
  length(stream: string): Promise<number>;
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

export interface Capabilities {
  readonly clock: Clock;
  readonly random: Random;
  readonly hash: Hash;
  readonly signer: Signer;
  readonly log: Log;
  readonly store: Store;
  readonly notifications: Notifications;
  /** Made by `assemble` when the system brings none. */
  readonly metrics: Metrics;
  /** What the assembled modules offer; made by `assemble`. */
  readonly catalog: Catalog;
}
