/**
 * One connection to one run of a Redis server: it begins when everything is agreed, and ends for good with the first thing that goes wrong.
 *
 * The client's own reconnecting is off: a command that was meant for one run of the server must never reach another, which may have started from
 * an older image of its data and know nothing of invalidations since. Keys carry the run's identifier for the same reason.
 */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';

/** A tag every answer has. */
export const EVERYTHING = '*';

/** Longer than any answer lives; a token that is gone makes answers unknown, never valid again. */
const TOKEN_LIFE_MS = 30 * 24 * 3_600_000;

export interface SessionOptions {
  readonly url: string;
  /** The one that listens, and one or more for commands. */
  readonly connections: number;
  readonly timeoutMs: number;
  readonly retryOnTimeout: boolean;
  readonly prefix: string;
  readonly monotonic: () => number;
  /** Called for each invalidation that is heard. */
  readonly heard: (tags: readonly string[]) => void;
  readonly ended: (cause: Error) => void;
}

export interface Read {
  readonly sealed: Uint8Array | undefined;
  /** Of `EVERYTHING` and the tags, in order; null: it has none. */
  readonly tokens: readonly (string | null)[];
}

export class Session {
  readonly #options: SessionOptions;
  readonly #commands: readonly Redis[];
  readonly #bus: Redis;
  #next = 0;
  #keys = '';
  /** The clock of Redis, and the local times between which it was read. */
  #clock = { redisMs: 0, asked: 0, answered: 0 };
  /** Every invalidation up to this moment has been heard. */
  #provenUntil = Number.NEGATIVE_INFINITY;
  #open = true;

  private constructor(options: SessionOptions, bus: Redis, commands: readonly Redis[]) {
    this.#options = options;
    this.#bus = bus;
    this.#commands = commands;
    for (const one of [bus, ...commands]) {
      one.on('error', () => {});
      one.on('end', () => this.end(new Error('the connection ended')));
    }
  }

  /** @throws when anything about it is not as it must be; nothing stays open then. */
  static async begin(options: SessionOptions): Promise<Session> {
    const { Redis } = await import('ioredis');
    const one = () =>
      new Redis(options.url, {
        lazyConnect: true,
        retryStrategy: () => null,
        enableOfflineQueue: false,
        enableReadyCheck: false,
        autoResubscribe: false,
        autoResendUnfulfilledCommands: false,
        maxRetriesPerRequest: 0,
        connectTimeout: options.timeoutMs,
        commandTimeout: options.timeoutMs,
      });
    const commands = Array.from({ length: Math.max(1, options.connections - 1) }, one);
    const session = new Session(options, one(), commands);
    try {
      await session.#begin();
      return session;
    } catch (cause) {
      session.end(cause as Error);
      throw cause;
    }
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get provenUntil(): number {
    return this.#open ? this.#provenUntil : Number.NEGATIVE_INFINITY;
  }

  /** No earlier than the clock of Redis stands now. */
  latestNow(): number {
    return this.#clock.redisMs + (this.#options.monotonic() - this.#clock.asked);
  }

  /** No later than the clock of Redis stood at a local moment. */
  earliestAt(monotonicMs: number): number {
    return this.#clock.redisMs + (monotonicMs - this.#clock.answered);
  }

  /** One round trip, one moment of Redis. */
  async read(key: string, tags: readonly string[]): Promise<Read> {
    const [sealed, ...tokens] = await this.#ask((redis) =>
      redis.mgetBuffer(this.#valueKey(key), ...[EVERYTHING, ...tags].map((tag) => this.#tagKey(tag))),
    );
    return { sealed: sealed ?? undefined, tokens: tokens.map((token) => token?.toString() ?? null) };
  }

  /** Tokens for the tags that have none. */
  async tokensOf(tags: readonly string[]): Promise<readonly string[]> {
    const names = [EVERYTHING, ...tags].map((tag) => this.#tagKey(tag));
    const answers = await this.#ask((redis) => {
      const pipeline = redis.pipeline();
      for (const name of names) pipeline.set(name, randomUUID(), 'PX', TOKEN_LIFE_MS, 'NX');
      return pipeline.mget(...names).exec();
    });
    const [fault, tokens] = answers?.at(-1) ?? [];
    if (fault) throw fault;
    return (tokens as (string | null)[]).map((token) => {
      if (token === null) throw new Error('Redis keeps nothing');
      return token;
    });
  }

  async write(key: string, sealed: Buffer, lifeMs: number): Promise<void> {
    if (lifeMs >= 1) await this.#ask((redis) => redis.set(this.#valueKey(key), sealed, 'PX', Math.floor(lifeMs)));
  }

  /** When it resolves, no answer with one of the tags is valid in Redis any more, and those who listen are being told. */
  async invalidate(tags: readonly string[]): Promise<void> {
    const answers = await this.#ask((redis) => {
      const transaction = redis.multi();
      for (const tag of tags) transaction.set(this.#tagKey(tag), randomUUID(), 'PX', TOKEN_LIFE_MS);
      return transaction.publish(this.#channel, JSON.stringify(tags)).exec();
    });
    if (answers === null) throw new Error('Redis did not do it');
    for (const [fault] of answers) if (fault) throw fault;
  }

  /** Proves that the connections carry, and reads the clock again. */
  async check(): Promise<void> {
    const asked = this.#options.monotonic();
    try {
      await this.#bus.ping();
      this.#provenUntil = asked;
      await Promise.all(this.#commands.slice(1).map((redis) => redis.ping()));
      await this.#readClock(this.#commands[0] as Redis);
    } catch (cause) {
      this.end(cause as Error);
      throw cause;
    }
  }

  end(cause: Error): void {
    if (!this.#open) return;
    this.#open = false;
    for (const one of [this.#bus, ...this.#commands]) one.disconnect();
    this.#options.ended(cause);
  }

  get #channel(): string {
    return `${this.#keys}invalidated`;
  }

  #valueKey(key: string): string {
    return `${this.#keys}value:${key}`;
  }

  #tagKey(tag: string): string {
    return `${this.#keys}tag:${tag}`;
  }

  async #begin(): Promise<void> {
    const { prefix } = this.#options;
    await Promise.all([this.#bus, ...this.#commands].map((one) => one.connect()));
    const runs = new Set(await Promise.all([this.#bus, ...this.#commands].map(runOf)));
    if (runs.size !== 1) throw new Error('its connections lead to different servers');
    this.#keys = `${prefix}:${[...runs][0]}:`;
    await this.#readClock(this.#commands[0] as Redis);
    this.#bus.on('message', (_channel, text: string) => this.#options.heard(JSON.parse(text) as string[]));
    const asked = this.#options.monotonic();
    await this.#bus.subscribe(this.#channel);
    this.#provenUntil = asked;
    if (!this.#open) throw new Error('the connection ended');
  }

  async #readClock(redis: Redis): Promise<void> {
    const asked = this.#options.monotonic();
    const [seconds, microseconds] = await redis.time();
    const redisMs = Number(seconds) * 1000 + Number(microseconds) / 1000;
    this.#clock = { redisMs, asked, answered: this.#options.monotonic() };
  }

  async #ask<Answer>(work: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    const { retryOnTimeout } = this.#options;
    for (let attempt = 1; ; attempt++) {
      if (!this.#open) throw new Error('the connection ended');
      const redis = this.#commands[this.#next++ % this.#commands.length] as Redis;
      try {
        return await work(redis);
      } catch (cause) {
        if (retryOnTimeout && attempt === 1 && /timed out/i.test((cause as Error).message)) continue;
        this.end(cause as Error);
        throw cause;
      }
    }
  }
}

/** The identifier of this run of the server. One that tells none is not used. */
async function runOf(redis: Redis): Promise<string> {
  const run = /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1];
  if (run === undefined) throw new Error('it does not tell its run_id');
  return run.slice(0, 16);
}
