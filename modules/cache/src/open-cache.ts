/** Memory, Redis and the way between them as one thing with one lifetime. */
import type { Cache, Clock, Log } from '@enhanced-csp/platform';
import { newHeard, type Source, TieredCache } from './tiered-cache.ts';

export interface OpenCacheOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly entriesMax: number;
  readonly bytesMax: number;
  /** Time of answers that name none. */
  readonly ttlMs: number;
  readonly redis?: {
    /** `redis://user:password@host:6379/0`, `rediss://` for TLS. */
    readonly url: string;
    readonly connections: number;
    readonly timeoutMs: number;
    readonly healthCheckMs: number;
    readonly retryOnTimeout: boolean;
    /** In front of all keys: installations that share a Redis have different ones. */
    readonly prefix: string;
    /** Known to the servers that share answers, and to nobody else. */
    readonly secret: Uint8Array;
  };
  readonly answered?: (source: Source) => void;
  readonly connected?: (connected: boolean) => void;
}

export interface OpenedCache {
  readonly cache: Cache;
  readonly figures: { readonly entries: number; readonly bytes: number };
  /** What is wrong with the shared part, in words; undefined: nothing, or there is none. */
  readonly trouble: string | undefined;
  close(): void;
}

/** Resolves when Redis was asked for once; one that is away is asked for again in the background. Loads the client only with `redis`. */
export async function openCache(options: OpenCacheOptions): Promise<OpenedCache> {
  const { clock, log, chance, redis, connected = () => {} } = options;
  const heard = newHeard();
  let cache: TieredCache | undefined;
  const shared =
    redis === undefined
      ? undefined
      : new (await import('./shared.ts')).Shared({
          ...redis,
          clock,
          log,
          chance,
          heard: (tags) => cache?.hear(tags),
          begun: () => cache?.forget(),
          changed: connected,
        });
  cache = new TieredCache({
    ...options,
    heard,
    secret: redis?.secret ?? new Uint8Array(),
    ...(shared === undefined ? {} : { shared }),
  });
  await shared?.start();
  const opened = cache;
  return {
    cache: opened,
    get figures() {
      return opened.figures;
    },
    get trouble() {
      return shared?.trouble;
    },
    close: () => shared?.close(),
  };
}
