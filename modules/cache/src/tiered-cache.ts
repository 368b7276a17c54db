/**
 * Memory before Redis before making. An answer carries the moment its making began, and everything is decided by that moment:
 *
 *   - it is old when its time, counted from there, is over;
 *   - it is invalid when one of its tags was invalidated after it, as far as this server has heard;
 *   - it is believed when this server surely has heard of everything up to `boundMs` ago, or when it is itself no older than that.
 *
 * So an invalidation that was acknowledged longer than `boundMs` ago is never ignored, whatever became of the connections.
 */
import { createHash } from 'node:crypto';
import type { Cache, CacheOptions, Clock, Log } from '@enhanced-csp/platform';
import { LRUCache } from 'lru-cache';
import { open, seal } from './envelope.ts';
import { Heard } from './heard.ts';
import { EVERYTHING } from './session.ts';
import type { Shared } from './shared.ts';

const TAGS_HEARD_MAX = 10_000;
const KEY_MAX = 200;
/** An answer larger than this is not written to Redis. */
const SHARED_BYTES_MAX = 8 * 1024 * 1024;
/** Times are shortened by up to this part, so that what was made together does not end together. */
const JITTER = 0.1;

/** What an answer is judged by. */
interface Begun {
  /** Monotonic milliseconds, and how far the counting of invalidations was. */
  readonly at: number;
  readonly count: number;
  readonly tags: readonly string[];
}

interface Kept extends Begun {
  readonly value: unknown;
  /** When its making began, wherever that was. What was found in Redis is good from when it was found, and old from when it was made. */
  readonly madeAt: number;
  readonly freshUntil: number;
  readonly until: number;
}

interface Making extends Begun {
  readonly answer: Promise<unknown>;
}

export type Source = 'memory' | 'stale' | 'redis' | 'made';

export interface TieredCacheOptions {
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn'>;
  readonly entriesMax: number;
  readonly bytesMax: number;
  readonly ttlMs: number;
  /** From 0 to 1. */
  readonly chance: () => number;
  readonly secret: Uint8Array;
  readonly heard?: Heard;
  /** Absent: one server alone. */
  readonly shared?: Shared;
  /** Told of every answer where it came from. */
  readonly answered?: (source: Source) => void;
}

export function newHeard(): Heard {
  return new Heard(TAGS_HEARD_MAX);
}

export class TieredCache implements Cache {
  readonly #options: TieredCacheOptions;
  readonly #kept: LRUCache<string, Kept>;
  readonly #making = new Map<string, Making>();
  readonly #heard: Heard;

  constructor(options: TieredCacheOptions) {
    this.#options = options;
    this.#heard = options.heard ?? newHeard();
    this.#kept = new LRUCache({ max: options.entriesMax, maxSize: options.bytesMax, maxEntrySize: options.bytesMax });
  }

  get figures(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#kept.size, bytes: this.#kept.calculatedSize };
  }

  async through<Value>(key: string, options: CacheOptions<Value>, make: () => Promise<Value>): Promise<Value> {
    const kept = options.level === 'L2' ? undefined : this.#kept.get(key);
    const now = this.#options.clock.monotonic();
    const age = kept !== undefined && this.#isGood(kept, now) ? this.#ageOf(kept, now, options) : 'over';
    if (kept !== undefined && age !== 'over') {
      if (age === 'fresh') return this.#answer('memory', kept.value as Value);
      if (this.#joinable(key, options, now) === undefined)
        this.#make(key, options, make, { renew: true }).catch((cause: unknown) =>
          this.#options.log.warn({ key, cause: String(cause) }, 'an answer could not be renewed'),
        );
      return this.#answer('stale', kept.value as Value);
    }
    return (this.#joinable(key, options, now) as Promise<Value> | undefined) ?? this.#make(key, options, make);
  }

  async invalidate(tags: readonly string[]): Promise<void> {
    this.hear(tags);
    await this.#options.shared?.invalidate(tags);
    // What was read from Redis between the two was valid there, and is not any more.
    this.hear(tags);
  }

  /** What another server has invalidated. */
  hear(tags: readonly string[]): void {
    for (const tag of tags) {
      if (tag === EVERYTHING) this.#heard.everything();
      else this.#heard.tag(tag);
    }
  }

  /** Every answer there is now is unknown from here on. */
  forget(): void {
    this.#heard.everything();
    this.#kept.clear();
  }

  // ── Making ────────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A making that is under way, if whoever comes now may have its answer. */
  #joinable(
    key: string,
    { ttlMs = this.#options.ttlMs }: CacheOptions<never>,
    now: number,
  ): Promise<unknown> | undefined {
    const making = this.#making.get(key);
    if (making === undefined || now - making.at >= ttlMs || !this.#isGood(making, now)) return undefined;
    return making.answer;
  }

  #make<Value>(
    key: string,
    options: CacheOptions<Value>,
    make: () => Promise<Value>,
    how: { readonly renew?: boolean } = {},
  ): Promise<Value> {
    const tags = [...new Set(options.tags)].sort();
    const begun = { at: this.#options.clock.monotonic(), count: this.#heard.count, tags };
    const answer = this.#find(key, options, make, begun, how.renew === true);
    const making: Making = { ...begun, answer };
    this.#making.set(key, making);
    const done = () => {
      if (this.#making.get(key) === making) this.#making.delete(key);
    };
    answer.then(done, done);
    return answer;
  }

  async #find<Value>(
    key: string,
    options: CacheOptions<Value>,
    make: () => Promise<Value>,
    begun: Begun,
    renew: boolean,
  ): Promise<Value> {
    const { ttlMs = this.#options.ttlMs, staleMs = 0, level, keep } = options;
    const found = level === 'L1' ? undefined : await this.#read(key, options, begun, renew);
    if (found?.kept !== undefined) {
      if (level !== 'L2') this.#keep(key, found.kept);
      return this.#answer('redis', found.kept.value as Value);
    }
    // The reading of the tokens comes before the making, and the making is what its time is counted from.
    const at = this.#options.clock.monotonic();
    const value = await make();
    if (keep === undefined || keep(value)) {
      const freshUntil = at + ttlMs * (1 - JITTER * this.#options.chance());
      const kept: Kept = { ...begun, at, madeAt: at, value: frozen(value), freshUntil, until: freshUntil + staleMs };
      if (level !== 'L2') this.#keep(key, kept);
      if (found !== undefined) this.#write(key, kept, found.tokens);
    }
    return this.#answer('made', value);
  }

  /** undefined: Redis cannot be asked now. */
  async #read(
    key: string,
    options: CacheOptions<never>,
    begun: Begun,
    renew: boolean,
  ): Promise<{ readonly kept?: Kept; readonly tokens: readonly string[] } | undefined> {
    const session = this.#options.shared?.session;
    if (session === undefined) return undefined;
    const short = shortened(key);
    try {
      const { sealed, tokens } = await session.read(short, begun.tags);
      const envelope = sealed === undefined ? undefined : open(sealed, key, this.#options.secret);
      if (envelope !== undefined && sameTokens(envelope.tokens, tokens)) {
        const redisNow = session.latestNow();
        const now = this.#options.clock.monotonic();
        const here = (moment: number) => now + (moment - redisNow);
        const [madeAt, freshUntil, until] = [here(envelope.made), here(envelope.fresh), here(envelope.until)];
        const kept: Kept = { ...begun, value: frozen(envelope.value), madeAt, freshUntil, until };
        const age = this.#ageOf(kept, now, options);
        // Kept in memory, an old one is renewed by the next who asks; from Redis alone it would be by nobody.
        if (age === 'fresh' || (age === 'stale' && !renew && options.level !== 'L2')) return { kept, tokens: [] };
      }
      const known = tokens.every((token) => token !== null);
      return { tokens: known ? (tokens as readonly string[]) : await session.tokensOf(begun.tags) };
    } catch {
      // The session has ended and says so itself; the answer is made anew.
      return undefined;
    }
  }

  #write(key: string, { value, at, freshUntil, until }: Kept, tokens: readonly string[]): void {
    const session = this.#options.shared?.session;
    if (session === undefined) return;
    const made = session.earliestAt(at);
    const [fresh, end] = [made + (freshUntil - at), made + (until - at)];
    const sealed = seal({ key, value, tokens, made, fresh, until: end }, this.#options.secret, SHARED_BYTES_MAX);
    if (sealed === undefined) return;
    session.write(shortened(key), sealed, end - session.latestNow()).catch(() => {});
  }

  #keep(key: string, kept: Kept): void {
    // One that took long does not replace what was begun after it.
    if (!this.#heard.allows(kept.count, kept.tags) || (this.#kept.peek(key)?.at ?? 0) > kept.at) return;
    this.#kept.set(key, kept, { size: sizeOf(kept.value) });
  }

  /** By the time it was made for, and by the time whoever asks now asks for. */
  #ageOf(
    { madeAt, freshUntil, until }: Kept,
    now: number,
    { ttlMs = this.#options.ttlMs, staleMs = 0 }: CacheOptions<never>,
  ): 'fresh' | 'stale' | 'over' {
    if (now < freshUntil && now - madeAt < ttlMs) return 'fresh';
    return now < until && now - madeAt < ttlMs + staleMs ? 'stale' : 'over';
  }

  #isGood({ at, count, tags }: Begun, now: number): boolean {
    if (!this.#heard.allows(count, tags)) return false;
    const { shared } = this.#options;
    if (shared === undefined) return true;
    return (
      now - at <= shared.boundMs || now - (shared.session?.provenUntil ?? Number.NEGATIVE_INFINITY) <= shared.boundMs
    );
  }

  #answer<Value>(source: Source, value: Value): Value {
    this.#options.answered?.(source);
    return value;
  }
}

function sameTokens(one: readonly string[], other: readonly (string | null)[]): boolean {
  return one.length === other.length && one.every((token, index) => token === other[index]);
}

function shortened(key: string): string {
  return key.length <= KEY_MAX ? key : createHash('sha256').update(key).digest('hex');
}

/** Bytes, roughly: of its text as JSON. */
function sizeOf(value: unknown): number {
  try {
    return 100 + 2 * (JSON.stringify(value)?.length ?? 0);
  } catch {
    return 1000;
  }
}

/** Shared by all who ask: nobody may change it for the others. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || ArrayBuffer.isView(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) frozen(inner);
  return value;
}
