/** Functions whose answers are kept. */
import { canonical } from '@enhanced-csp/engine/canonical';
import type { Cache, CacheOptions } from './capabilities.ts';
import { Fault } from './fault.ts';

export interface CachedOptions<Arguments extends readonly unknown[], Value> {
  /** Seconds an answer may be old. Default: that of the cache. */
  readonly ttl?: number;
  /** Seconds after that in which the old answer is given while a new one is made. Default 0. */
  readonly stale?: number;
  /** `L1`: in memory. `L2`: shared with other servers through Redis. Default `both`. */
  readonly level?: CacheOptions['level'];
  /** Tells its answers from those of others. Default: the name of the function. */
  readonly name?: string;
  /** What its answers depend on. Default: the arguments, as JSON. */
  readonly key?: (...args: Arguments) => string;
  /** For `invalidate`. */
  readonly tags?: readonly string[] | ((...args: Arguments) => readonly string[]);
  readonly keep?: (value: Value) => boolean;
}

/**
 * The same function, with answers that are made once for the same arguments, and are not to be changed.
 *
 * ```ts
 * const capital = cached(cache, async function capital(country: string) { return ask(country); }, { ttl: 300, level: 'L1' });
 * await capital('Peru');
 * ```
 * @throws Fault `CSP-PLT-008` for a function without a name, and, when it is called, for arguments that are not JSON.
 */
export function cached<Arguments extends readonly unknown[], Value>(
  cache: Cache,
  work: (...args: Arguments) => Promise<Value>,
  options: CachedOptions<Arguments, Value> = {},
): (...args: Arguments) => Promise<Value> {
  const { ttl, stale, level, name = work.name, key, tags, keep } = options;
  if (name === '')
    throw new Fault(
      'CSP-PLT-008',
      'invalid',
      'A function without a name was to be cached: its answers would be anybody’s.',
    );
  return async (...args) =>
    cache.through(
      `${name}:${key === undefined ? textOf(name, args) : key(...args)}`,
      {
        ...(ttl === undefined ? {} : { ttlMs: ttl * 1000 }),
        ...(stale === undefined ? {} : { staleMs: stale * 1000 }),
        ...(level === undefined ? {} : { level }),
        ...(tags === undefined ? {} : { tags: typeof tags === 'function' ? tags(...args) : tags }),
        ...(keep === undefined ? {} : { keep }),
      },
      () => work(...args),
    );
}

function textOf(name: string, args: readonly unknown[]): string {
  try {
    return canonical(args);
  } catch (cause) {
    throw new Fault(
      'CSP-PLT-008',
      'invalid',
      `${name} was called with an argument that is not JSON: ${(cause as Error).message}`,
      { cause },
    );
  }
}

/** Keeps nothing: what a platform has when nothing provides a cache. */
export const cacheOff: Cache = {
  through: (_key, _options, make) => make(),
  invalidate: async () => {},
};
