/** Two servers that share a real Redis, each over a connection of its own that the test breaks. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '@enhanced-csp/platform';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../tests/reference/seeded-random.ts';
import { type TcpProxy, tcpProxy } from '../../../tests/services/tcp-proxy.ts';
import { type OpenCacheOptions, type OpenedCache, openCache } from './open-cache.ts';
import type { Source } from './tiered-cache.ts';

/** What is drawn is the same in every run; what the clock does to it is not. */
const random = seededRandom(20_261_128);
const chance = (): number => random(2 ** 31) / 2 ** 31;

const REDIS = new URL(process.env.CSP_TEST_REDIS ?? 'redis://127.0.0.1:6379');
const CHECK_MS = 200;
const TIMEOUT_MS = 200;
/** Where nothing breaks, nothing is to time out, however busy the machine is. */
const PATIENT = { timeoutMs: 5000, healthCheckMs: 1000 };
/** What the documents promise: how long an invalidation may go unheard. */
const BOUND_MS = CHECK_MS + TIMEOUT_MS;

const clock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(milliseconds, wake) {
    const timer = setTimeout(wake, milliseconds);
    return () => clearTimeout(timer);
  },
};
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

interface Server extends OpenedCache {
  readonly proxy: TcpProxy;
  /** Where its answers came from since it was asked last. */
  sources(): Source[];
}

const opened: Server[] = [];
let prefix: string;
beforeEach(() => {
  prefix = `test-${randomUUID()}`;
});
afterEach(async () => {
  for (const { close, proxy } of opened.splice(0)) {
    close();
    await proxy.close();
  }
});

async function server(more: Partial<NonNullable<OpenCacheOptions['redis']>> = {}, target = REDIS): Promise<Server> {
  const proxy = await tcpProxy({ host: target.hostname, port: Number(target.port || 6379) });
  const answered: Source[] = [];
  const one = await openCache({
    clock,
    log: quiet,
    chance,
    entriesMax: 1000,
    bytesMax: 1e7,
    ttlMs: 60_000,
    answered: (source) => answered.push(source),
    redis: {
      url: `redis://127.0.0.1:${proxy.port}`,
      connections: 2,
      timeoutMs: TIMEOUT_MS,
      healthCheckMs: CHECK_MS,
      retryOnTimeout: false,
      prefix,
      secret: new Uint8Array(32).fill(1),
      ...more,
    },
  });
  const made: Server = {
    cache: one.cache,
    get figures() {
      return one.figures;
    },
    get trouble() {
      return one.trouble;
    },
    close: one.close,
    proxy,
    sources: () => answered.splice(0),
  };
  opened.push(made);
  return made;
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; !(await holds()); waited += 5) {
    if (waited > 15_000) throw new Error(`never: ${what}`);
    await pause(5);
  }
}

/** Made by one server, it comes to be in Redis a moment later. */
const shared = async (one: Server, key: string, tags: string[] = []) =>
  until(async () => {
    const probe = await server(PATIENT);
    await probe.cache.through(key, { tags, keep: () => false }, async () => null);
    const found = probe.sources()[0] === 'redis';
    probe.close();
    return found || one.trouble !== undefined;
  }, `${key} is shared`);

describe('shared through Redis', () => {
  test('made by one, found by the other, from memory the next time', async () => {
    const [a, b] = [await server(PATIENT), await server(PATIENT)];
    expect(await a.cache.through('k', { tags: ['t'] }, async () => ({ π: [1, null] }))).toEqual({ π: [1, null] });
    await shared(a, 'k', ['t']);
    const never = async () => Promise.reject(new Error('made twice'));
    expect(await b.cache.through('k', { tags: ['t'] }, never)).toEqual({ π: [1, null] });
    expect(await b.cache.through('k', { tags: ['t'] }, never)).toEqual({ π: [1, null] });
    expect([a.sources(), b.sources()]).toEqual([['made'], ['redis', 'memory']]);
    await b.cache.through('l', { level: 'L1' }, async () => 1);
    await a.cache.through('l', {}, async () => 2);
    expect(a.sources(), 'L1 is not shared').toEqual(['made']);
  });

  test('when an invalidation has resolved, the other one has it no more; other tags are as they were', async () => {
    const [a, b] = [await server(PATIENT), await server(PATIENT)];
    for (const one of [a, b])
      for (const key of ['x', 'y']) await one.cache.through(key, { tags: [key] }, async () => 'old');
    await a.cache.invalidate(['x']);
    await until(
      async () => (await b.cache.through('x', { tags: ['x'], ttlMs: 1 }, async () => 'new')) === 'new',
      'heard',
    );
    b.sources();
    expect(await b.cache.through('y', { tags: ['y'] }, async () => 'new')).toBe('old');
    expect(b.sources()).toEqual(['memory']);
  });

  test('what lies there is believed only from a server of the same secret, at the key it was made for', async () => {
    const [a, b] = [await server(PATIENT), await server({ ...PATIENT, secret: new Uint8Array(32).fill(2) })];
    await a.cache.through('verdict', {}, async () => 'fails');
    await shared(a, 'verdict');
    expect(await b.cache.through('verdict', {}, async () => 'own')).toBe('own');
    const redis = new Redis(REDIS.href);
    const [place] = (await redis.keys(`${prefix}:*value:verdict`)) as [string];
    const c = await server(PATIENT);
    await redis.set(place.replace(/verdict$/, 'other'), (await redis.getBuffer(place)) as Buffer);
    expect(await c.cache.through('other', {}, async () => 'own')).toBe('own');
    await redis.set(place, Buffer.from('{"value":"holds"} and more than thirty-two bytes'));
    expect(await c.cache.through('verdict', {}, async () => 'own')).toBe('own');
    await redis.quit();
  });

  test('tags that Redis has lost make answers unknown, not valid', async () => {
    const [a, b] = [await server(PATIENT), await server(PATIENT)];
    await a.cache.through('k', { tags: ['t'] }, async () => 'old');
    await shared(a, 'k', ['t']);
    await a.cache.invalidate(['t']);
    const redis = new Redis(REDIS.href);
    await redis.del(await redis.keys(`${prefix}:*tag:t`));
    expect(await b.cache.through('k', { tags: ['t'] }, async () => 'new')).toBe('new');
    await redis.quit();
  });

  test('an answer lives no longer for being shared', async () => {
    const [a, b] = [await server(PATIENT), await server(PATIENT)];
    const begun = performance.now();
    await a.cache.through('k', { ttlMs: 2000 }, async () => 'old');
    await shared(a, 'k');
    let last = begun;
    while ((await b.cache.through('k', { ttlMs: 2000, keep: () => false }, async () => 'new')) === 'old') {
      last = performance.now();
      await pause(2);
    }
    expect(last - begun).toBeLessThan(2000 + 2);
    expect(b.sources(), 'it was shared').toContain('redis');
  });

  test('as many connections as were asked for', async () => {
    await server({ ...PATIENT, connections: 5 });
    const redis = new Redis(REDIS.href);
    const before = ((await redis.client('LIST')) as string).split('\n').length;
    await server({ ...PATIENT, connections: 7 });
    const after = ((await redis.client('LIST')) as string).split('\n').length;
    expect(after - before).toBe(7);
    await redis.quit();
  });
});

describe('Redis is away', () => {
  test('from the beginning: answers are made, and shared when it comes', async () => {
    const a = await server();
    a.proxy.down();
    await until(() => a.trouble !== undefined, 'the end was noticed');
    expect(await a.cache.through('k', {}, async () => 1)).toBe(1);
    expect(a.trouble).toMatch(/is away since/);
    a.proxy.up();
    await until(() => a.trouble === undefined, 'it is back');
    await a.cache.through('k2', {}, async () => 2);
    await shared(a, 'k2');
  });

  const breaks: Record<string, (proxy: TcpProxy) => void> = {
    cut: (proxy) => proxy.down(),
    'half-closed': (proxy) => proxy.halfClose(),
    'silent both ways': (proxy) => proxy.silence('both'),
    'silent in its answers': (proxy) => proxy.silence('answers'),
    late: (proxy) => proxy.delay(10 * TIMEOUT_MS),
  };
  test.each(Object.keys(breaks))(
    '%s: slower by no more than the timeout, and what was invalidated meanwhile is not given',
    async (how) => {
      const [a, b] = [await server(PATIENT), await server()];
      expect(await b.cache.through('k', { tags: ['t'] }, async () => 'old')).toBe('old');
      (breaks[how] as (proxy: TcpProxy) => void)(b.proxy);
      await a.cache.invalidate(['t']);
      await pause(BOUND_MS + 5);
      const begun = performance.now();
      expect(await b.cache.through('k', { tags: ['t'] }, async () => 'new')).toBe('new');
      // Two questions may each run into it; one without an end would take for ever.
      expect(performance.now() - begun).toBeLessThan(9 * TIMEOUT_MS);
      b.proxy.up();
      b.proxy.delay(0);
      await until(() => b.trouble === undefined, 'it is back');
      await a.cache.through('k', { tags: ['t'] }, async () => 'newer');
      await shared(a, 'k', ['t']);
      expect(await b.cache.through('k', { tags: ['t'] }, async () => 'newest')).toMatch(/new/);
    },
  );

  test('an invalidation that cannot be told says so, holds here at once, and is told later', async () => {
    const [a, b] = [await server(PATIENT), await server()];
    const options = { tags: ['t'] };
    for (const one of [a, b]) await one.cache.through('k', options, async () => 'old');
    a.proxy.down();
    await expect(a.cache.invalidate(['t'])).rejects.toMatchObject({ code: 'CSP-CCH-001', kind: 'unavailable' });
    expect(await a.cache.through('k', options, async () => 'new')).toBe('new');
    expect(await b.cache.through('k', options, async () => 'new'), 'cannot know').toBe('old');
    a.proxy.up();
    await until(async () => (await b.cache.through('k', options, async () => 'new')) === 'new', 'it was told');
    expect(await a.cache.through('k', options, async () => 'newest'), 'not read back as it was').toBe('new');
  });

  test('a question that times out is asked again once, where that is asked for', async () => {
    const a = await server({ retryOnTimeout: true, connections: 3, healthCheckMs: 60_000 });
    // The first answer is late; what is asked when it was given up is answered at once.
    a.proxy.delay(3 * TIMEOUT_MS);
    setTimeout(() => a.proxy.delay(0), TIMEOUT_MS / 2);
    await a.cache.through('k', {}, async () => 1);
    expect(a.trouble).toBeUndefined();
  });
});

/** The data both servers answer from: a number for each key, and when the invalidation of each change had resolved. */
test('at random: no answer is older than the promise, whatever happens to the connections', {
  timeout: 60_000,
}, async () => {
  const [a, b] = [await server(), await server()];
  const servers = [a, b];
  const keys = ['x', 'y', 'z'];
  const data = new Map(keys.map((key) => [key, 0]));
  const acknowledged = new Map(keys.map((key) => [key, [] as { version: number; at: number }[]]));
  const ends = performance.now() + 8000;
  let reads = 0;
  const found = new Map<Source, number>();
  const writer = async () => {
    while (performance.now() < ends) {
      await pause(chance() * 30);
      const key = keys[Math.floor(chance() * keys.length)] as string;
      const version = (data.get(key) as number) + 1;
      data.set(key, version);
      const one = servers[Math.floor(chance() * 2)] as Server;
      await one.cache.invalidate([key]).then(
        () => acknowledged.get(key)?.push({ version, at: performance.now() }),
        () => {},
      );
    }
  };
  const reader = async (one: Server) => {
    while (performance.now() < ends) {
      await pause(chance() * 5);
      const key = keys[Math.floor(chance() * keys.length)] as string;
      const asked = performance.now();
      const version = await one.cache.through(key, { tags: [key], ttlMs: 500, staleMs: 500 }, async () => {
        const read = data.get(key) as number;
        await pause(chance() * 10);
        return read;
      });
      reads += 1;
      const due = (acknowledged.get(key) ?? []).filter(({ at }) => at < asked - BOUND_MS);
      const newest = due.at(-1)?.version ?? 0;
      if (version < newest) throw new Error(`${key}: ${version} was answered, ${newest} was acknowledged long before`);
      for (const source of one.sources()) found.set(source, (found.get(source) ?? 0) + 1);
    }
  };
  const breaker = async () => {
    while (performance.now() < ends) {
      await pause(chance() * 300);
      const { proxy } = servers[Math.floor(chance() * 2)] as Server;
      const kind = Math.floor(chance() * 5);
      if (kind === 0) proxy.down();
      else if (kind === 1) proxy.halfClose();
      else if (kind === 2) proxy.silence('both');
      else if (kind === 3) proxy.silence('answers');
      else proxy.delay(chance() * 2 * TIMEOUT_MS);
      await pause(chance() * 300);
      proxy.up();
      proxy.delay(0);
    }
  };
  await Promise.all([writer(), ...servers.flatMap((one) => [reader(one), reader(one)]), breaker()]);
  // It says nothing unless it was used, and was in trouble.
  expect(reads).toBeGreaterThan(300);
  for (const source of ['memory', 'redis', 'made'] as const) expect(found.get(source) ?? 0, source).toBeGreaterThan(20);
});

describe('a Redis that starts again from an older image of its data', () => {
  const folder = mkdtempSync(join(tmpdir(), 'csp-redis-'));
  let child: ChildProcess;
  let port: number;
  const start = async () => {
    child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', ''], {
      stdio: 'ignore',
    });
    const redis = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null });
    redis.on('error', () => {});
    await until(async () => (await redis.ping()) === 'PONG', 'Redis has started');
    return redis;
  };
  beforeEach(async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => probe.once('listening', resolve));
    port = (probe.address() as { port: number }).port;
    await new Promise((resolve) => probe.close(resolve));
  });
  afterEach(() => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  test('knows nothing of what was invalidated since, and nothing of it is given', async () => {
    const redis = await start();
    const place = new URL(`redis://127.0.0.1:${port}`);
    const a = await server({}, place);
    const options = { tags: ['t'] };
    await a.cache.through('k', options, async () => 'old');
    await until(async () => (await redis.keys('*value:k')).length === 1, 'it is in Redis');
    await redis.save();
    await a.cache.invalidate(['t']);
    redis.disconnect();
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    const again = await start();
    expect((await again.keys('*value:k')).length, 'the old one is there').toBe(1);
    const b = await server({}, place);
    await until(() => a.trouble === undefined, 'it is back');
    expect(await a.cache.through('k', options, async () => 'new')).toBe('new');
    expect(await b.cache.through('k', options, async () => 'new')).toBe('new');
    again.disconnect();
  });
});
