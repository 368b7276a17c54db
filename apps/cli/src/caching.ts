/** The cache of a program that uses the library: in memory, and through Redis when it is enabled. */

import type { OpenedCache } from '@enhanced-csp/cache';
import { type Cache, type CachedOptions, type Clock, cached as cachedBy } from '@enhanced-csp/platform';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, wake) {
    const timer = setTimeout(wake, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export interface CachingOptions {
  /** `redis://host:6379/0`. Default: memory only. */
  readonly redisUrl?: string;
  /** Seconds an answer may be old that names no time of its own. Default 300. */
  readonly defaultTtl?: number;
  /** Shared by the programs that share answers: what others write into Redis is not believed then. */
  readonly secret?: string;
  /** In front of all keys in Redis. Default `csp`. */
  readonly prefix?: string;
  /** Answers kept in memory at most. Default 10 000. */
  readonly entries?: number;
}

let opened: Promise<OpenedCache> | undefined;

/**
 * Sets up the cache of this program anew. Without it there is one in memory. A Redis that is away makes it slower, not wrong.
 *
 * @example
 * await enableCaching({ redisUrl: 'redis://localhost:6379/0', defaultTtl: 300 });
 */
export async function enableCaching(options: CachingOptions = {}): Promise<void> {
  await disableCaching();
  opened = open(options);
  await opened;
}

/** Forgets all answers and ends the connections; the next question begins with an empty cache in memory. */
export async function disableCaching(): Promise<void> {
  const before = opened;
  opened = undefined;
  (await before)?.close();
}

/**
 * The same function, with answers that are made once for the same arguments. `ttl` in seconds; `level: 'L1'` keeps them in memory only, `'L2'` in Redis only.
 *
 * @example
 * const analysis = cached(async function analysis(text: string) { return text.length; }, { ttl: 300 });
 * await analysis('Hello');
 */
export function cached<Arguments extends readonly unknown[], Value>(
  work: (...args: Arguments) => Promise<Value>,
  options: CachedOptions<Arguments, Value> = {},
): (...args: Arguments) => Promise<Value> {
  return cachedBy(current, work, options);
}

/** Forgets the answers with these tags, here and, through Redis, elsewhere. */
export function invalidate(...tags: readonly string[]): Promise<void> {
  return current.invalidate(tags);
}

const current: Cache = {
  through: async (key, options, make) => (await (opened ??= open({}))).cache.through(key, options, make),
  invalidate: async (tags) => (await opened)?.cache.invalidate(tags),
};

async function open({
  redisUrl,
  defaultTtl = 300,
  secret = '',
  prefix = 'csp',
  entries = 10_000,
}: CachingOptions): Promise<OpenedCache> {
  const { openCache } = await import('@enhanced-csp/cache');
  return openCache({
    clock,
    log: quiet,
    chance: Math.random,
    entriesMax: entries,
    bytesMax: 64 * 1024 * 1024,
    ttlMs: defaultTtl * 1000,
    ...(redisUrl === undefined
      ? {}
      : {
          redis: {
            url: redisUrl,
            connections: 2,
            timeoutMs: 500,
            healthCheckMs: 2000,
            retryOnTimeout: true,
            prefix,
            secret: new TextEncoder().encode(secret),
          },
        }),
  });
}
