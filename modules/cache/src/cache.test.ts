/** Memory alone: time, tags, and those who ask at once. Time is a number the test moves. */
import { type Cache, type Clock, cached, cacheOff } from '@enhanced-csp/platform';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { open, seal } from './envelope.ts';
import { Heard } from './heard.ts';
import { type Source, TieredCache } from './tiered-cache.ts';

let now: number;
let warned: unknown[];
let sources: Source[];
const clock: Clock = { now: () => now, monotonic: () => now, after: () => () => {} };
const cacheOf = (options: { entriesMax?: number; chance?: () => number; heard?: Heard; bytesMax?: number } = {}) =>
  new TieredCache({
    clock,
    log: { warn: (fields) => warned.push(fields) },
    entriesMax: 100,
    bytesMax: 1e6,
    ttlMs: 1000,
    chance: () => 0,
    secret: new Uint8Array(),
    answered: (source) => sources.push(source),
    ...options,
  });

let cache: TieredCache;
let made: number;
const make = async () => ({ number: ++made });
const ask = (options: Parameters<Cache['through']>[1] = {}, key = 'k') =>
  cache.through(key, options, make as () => Promise<unknown>);
const settle = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  now = 1000;
  made = 0;
  warned = [];
  sources = [];
  cache = cacheOf();
});

test('made once for those who ask at once, and for those who ask later', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, () => ask()));
  expect(new Set(answers)).toEqual(new Set([answers[0]]));
  now += 999;
  await ask();
  expect(made).toBe(1);
  now += 1;
  expect(await ask()).toEqual({ number: 2 });
  await ask({}, 'other');
  expect(made).toBe(3);
});

test('an answer is as old as its making, not as its end', async () => {
  let finish = (_: number) => {};
  const slow = cache.through('slow', { ttlMs: 100 }, () => new Promise<number>((resolve) => (finish = resolve)));
  await settle();
  now += 90;
  finish(1);
  expect(await slow).toBe(1);
  now += 9;
  expect(await cache.through('slow', { ttlMs: 100 }, async () => 2)).toBe(1);
  now += 1;
  expect(await cache.through('slow', { ttlMs: 100 }, async () => 2)).toBe(2);
});

test('who asks for a younger one gets a younger one', async () => {
  await ask({ ttlMs: 1000 });
  now += 150;
  expect(await ask({ ttlMs: 1000 })).toEqual({ number: 1 });
  expect(await ask({ ttlMs: 100, staleMs: 50 })).toEqual({ number: 2 });
  now += 120;
  expect(await ask({ ttlMs: 100, staleMs: 50 })).toEqual({ number: 2 });
  await settle();
  expect(made, 'renewed behind it').toBe(3);
  let finish = (_: number) => {};
  void cache.through('slow', { ttlMs: 1000 }, () => new Promise<number>((resolve) => (finish = resolve)));
  now += 200;
  expect(await cache.through('slow', { ttlMs: 100 }, async () => 2), 'not that of a making begun long before').toBe(2);
  finish(1);
});

test('times are shortened by up to a tenth, never lengthened', async () => {
  for (const [chance, kept, gone] of [
    [0, 999, 1000],
    [0.999, 900, 901],
  ] as const) {
    cache = cacheOf({ chance: () => chance });
    made = 0;
    await ask();
    now += kept;
    await ask();
    expect(made).toBe(1);
    now += gone - kept;
    await ask();
    expect(made).toBe(2);
  }
});

test('what throws is not kept, and tells all who asked; what is not worth keeping is not kept', async () => {
  let attempts = 0;
  const failing = async () => {
    attempts += 1;
    throw new Error('no');
  };
  const outcomes = await Promise.allSettled([cache.through('f', {}, failing), cache.through('f', {}, failing)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(attempts).toBe(1);
  expect(await cache.through('f', {}, async () => 1)).toBe(1);
  await ask({ keep: () => false }, 'unknown');
  await ask({ keep: () => false }, 'unknown');
  expect(made).toBe(2);
  for (let round = 0; round < 2; round++) await cache.through('nothing', {}, async () => void (made += 1));
  expect(made, 'undefined is an answer').toBe(3);
});

test('old while a new one is made; an error of the new one leaves the old one', async () => {
  const options = { ttlMs: 100, staleMs: 50 };
  await ask(options);
  now += 120;
  expect(await Promise.all([ask(options), ask(options)])).toEqual([{ number: 1 }, { number: 1 }]);
  await settle();
  expect(await ask(options)).toEqual({ number: 2 });
  expect(made).toBe(2);
  now += 120;
  const broken = cache.through('k', options, () => Promise.reject(new Error('no')));
  expect(await broken).toEqual({ number: 2 });
  await settle();
  expect(warned).toHaveLength(1);
  now += 40;
  expect(await ask(options)).toEqual({ number: 3 });
  expect(sources).toEqual(['made', 'stale', 'stale', 'made', 'memory', 'stale', 'made']);
});

test('invalidated by a tag: kept ones, old ones, and makings under way', async () => {
  const options = { tags: ['a', 'b'], staleMs: 1000 };
  await ask(options);
  await cache.invalidate(['c']);
  await ask(options);
  expect(made).toBe(1);
  await cache.invalidate(['b']);
  expect(await ask(options)).toEqual({ number: 2 });
  now += 1500;
  await cache.invalidate(['a']);
  expect(await ask(options), 'never given as the old one').toEqual({ number: 3 });

  let finish = (_: string) => {};
  const before = cache.through('k2', options, () => new Promise<string>((resolve) => (finish = resolve)));
  await settle();
  await cache.invalidate(['a']);
  const after = cache.through('k2', options, async () => 'after');
  expect(await after).toBe('after');
  finish('before');
  expect(await before, 'asked before it was invalidated').toBe('before');
  expect(await cache.through('k2', options, async () => 'again')).toBe('after');
});

test('an answer is shared, so nobody may change it', async () => {
  const answer = (await cache.through('shared', {}, async () => ({ list: [{ deep: 1 }] }))) as {
    list: { deep: number }[];
  };
  expect(() => {
    (answer.list[0] as { deep: number }).deep = 2;
  }).toThrow(TypeError);
});

test('memory is bounded by number and by size', async () => {
  for (let number = 0; number < 1000; number++) await ask({}, `k${number}`);
  expect(cache.figures.entries).toBe(100);
  cache = cacheOf({ bytesMax: 10_000 });
  await cache.through('large', {}, async () => 'x'.repeat(100_000));
  for (let number = 0; number < 50; number++) await cache.through(`s${number}`, {}, async () => 'x'.repeat(450));
  expect(cache.figures).toEqual({ entries: 9, bytes: 9 * (100 + 2 * 452) });
});

test('L2 without Redis is making: it is not kept in memory', async () => {
  await ask({ level: 'L2' });
  await ask({ level: 'L2' });
  expect(made).toBe(2);
});

describe('what was heard', () => {
  test('what is forgotten counts as invalidated', () => {
    const heard = new Heard(2);
    const start = heard.count;
    heard.tag('a');
    const afterA = heard.count;
    for (const tag of ['b', 'c', 'd']) heard.tag(tag);
    expect(heard.allows(start, ['a'])).toBe(false);
    expect(heard.allows(start, ['never named'])).toBe(false);
    expect(heard.allows(afterA, ['a']), 'b was forgotten after it').toBe(false);
    expect(heard.allows(heard.count, ['a', 'b', 'c', 'd'])).toBe(true);
    const before = heard.count;
    heard.everything();
    expect(heard.allows(before, [])).toBe(false);
    expect(heard.allows(heard.count, ['a'])).toBe(true);
  });

  test('random histories: never older than its time or its invalidation, by a list of all that happened', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('ask' as const), key: fc.constantFrom('x', 'y'), ttl: fc.constantFrom(5, 50) }),
      fc.record({ do: fc.constant('change' as const), tag: fc.constantFrom('x', 'y', 'z', 'w') }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (steps, chance) => {
          const one = cacheOf({ heard: new Heard(2), chance: () => chance });
          const changed = new Map<string, number>();
          let tick = 0;
          for (const each of steps) {
            tick += 1;
            if (each.do === 'wait') now += each.ms;
            else if (each.do === 'change') {
              await one.invalidate([each.tag]);
              changed.set(each.tag, tick);
            } else {
              const options = { ttlMs: each.ttl, tags: [each.key] };
              const answer = await one.through(each.key, options, async () => ({ at: now, tick, ttl: each.ttl }));
              expect(answer.tick).toBeGreaterThan((changed.get(each.key) ?? 0) - 1);
              expect(now - answer.at).toBeLessThan(Math.max(answer.ttl, 1));
            }
          }
        },
      ),
      { numRuns: 300, seed: 5 },
    );
  });
});

describe('a function that is cached', () => {
  test('by its arguments as JSON, or by its key; tags by the arguments', async () => {
    const calls: unknown[] = [];
    const work = async (country: string, more: { a: number; b?: number }) => {
      calls.push([country, more]);
      return `${country} ${more.a}`;
    };
    const known = cached(cache, work, { ttl: 1, tags: (country) => [country] });
    expect(await known('Peru', { a: 1, b: 2 })).toBe('Peru 1');
    expect(await known('Peru', { b: 2, a: 1 })).toBe('Peru 1');
    expect(await known('Peru', { a: 2 })).toBe('Peru 2');
    expect(calls).toHaveLength(2);
    await cache.invalidate(['Peru']);
    await known('Peru', { a: 2 });
    expect(calls).toHaveLength(3);
    const named = cached(cache, work, { name: 'named', key: (country) => country });
    await named('Chile', { a: 1 });
    expect(await named('Chile', { a: 2 })).toBe('Chile 1');
    now += 1000;
    await known('Peru', { a: 2 });
    expect(calls).toHaveLength(5);
  });

  test('no name, or arguments that are not JSON: refused', async () => {
    expect(() => cached(cache, async () => 1)).toThrow(expect.objectContaining({ code: 'CSP-PLT-008' }));
    const known = cached(cache, async (_: unknown) => 1, { name: 'f' });
    await expect(known(() => {})).rejects.toMatchObject({ code: 'CSP-PLT-008', kind: 'invalid' });
  });

  test('without a cache it is the function', async () => {
    const known = cached(cacheOff, make, { name: 'f' });
    await known();
    expect(await known()).toEqual({ number: 2 });
    await cacheOff.invalidate(['x']);
  });
});

test('an envelope with any byte changed, of another key or under another secret is none', () => {
  const secret = new Uint8Array(32).fill(7);
  const envelope = { key: 'k', value: { verdict: 'fails' }, tokens: ['t'], made: 0, fresh: 1, until: 2 };
  const sealed = seal(envelope, secret, 1000) as Buffer;
  expect(open(sealed, 'k', secret)).toEqual(envelope);
  expect(open(sealed, 'other', secret)).toBeUndefined();
  expect(open(sealed, 'k', new Uint8Array(32))).toBeUndefined();
  for (let index = 0; index < sealed.length; index++) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] as number) ^ 1;
    expect(open(changed, 'k', secret), `byte ${index}`).toBeUndefined();
    expect(open(sealed.subarray(0, index), 'k', secret), `cut at ${index}`).toBeUndefined();
  }
  expect(seal({ ...envelope, value: 'x'.repeat(1000) }, secret, 1000)).toBeUndefined();
  expect(seal({ ...envelope, value: 1n }, secret, 1000)).toBeUndefined();
});
