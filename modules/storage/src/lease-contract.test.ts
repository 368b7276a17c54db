/** What a lease must do on every database: the same tests for each. Time is that of the database, which on SQLite is that of this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, type Entry, FencedError, type Journal } from '@enhanced-csp/engine/durable';
import type { Fault } from '@enhanced-csp/platform';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { JOURNAL_COLLECTIONS, type JournalStore, openJournal } from './journal.ts';
import { openStore } from './open-store.ts';
import { openRemoteStore } from './remote/open.ts';
import { emptyDatabase, serversUnderTest } from './remote/servers.fixture.ts';

interface Opened {
  readonly store: JournalStore;
  close(): Promise<void>;
}

const options = { collections: JOURNAL_COLLECTIONS, now: Date.now };

const DATABASES: readonly { readonly name: string; open(): Promise<Opened> }[] = [
  {
    name: 'SQLite',
    async open() {
      const folder = mkdtempSync(join(tmpdir(), 'csp-lease-'));
      const { store, close } = openStore(folder, options);
      return {
        store,
        async close() {
          close();
          rmSync(folder, { recursive: true });
        },
      };
    },
  },
  // Servers, for `scripts/test-services.ts`, which starts them and says where they are.
  ...serversUnderTest().map((server) => ({
    name: new URL(server).protocol,
    async open() {
      const { url, drop } = await emptyDatabase(server);
      const { store, close } = await openRemoteStore(url, options);
      return {
        store,
        async close() {
          await close();
          await drop();
        },
      };
    },
  })),
];

const HOUR = 3_600_000;
const lease = (holder: string, milliseconds = HOUR) => ({ lease: { holder, milliseconds } });
const batch = (...values: number[]): Batch => ({
  entries: values.map((value): Entry => ({ kind: 'buffered', channel: 'c', sender: ['outside 1', value], value })),
  marks: [],
  changes: [],
});

async function valuesIn(journal: Journal): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const entry of journal.read(0))
    values.push(entry.kind === 'opened' ? `owner ${entry.epoch}` : entry.kind === 'buffered' && entry.value);
  return values;
}

afterEach(() => void vi.restoreAllMocks());

describe.each(DATABASES)('$name', ({ name: database, open }) => {
  let store: JournalStore;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ store, close } = await open());
  });
  afterAll(() => close());

  const recordOf = async (name: string) =>
    (await store.get<{ lease?: { holder: string; until: number } }>('journals', name))!;
  /** The clock that tells when a renewal is due, not that by which a lease is judged. */
  const later = (milliseconds: number) => {
    const { now } = performance;
    vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + milliseconds);
  };

  test('while it lasts, another one is told who and for how long, and changes nothing', async () => {
    const owner = await openJournal(store, 'held', lease('first'));
    for (const more of [lease('second'), {}]) {
      const fault = (await openJournal(store, 'held', more).catch((fault: unknown) => fault)) as Fault;
      expect(fault).toMatchObject({
        code: 'CSP-STO-019',
        kind: 'conflict',
        details: { journal: 'held', holder: 'first' },
      });
      const { leftMs } = fault.details as { leftMs: number };
      expect(leftMs).toBeGreaterThan(HOUR - 600_000);
      expect(leftMs).toBeLessThanOrEqual(HOUR);
      expect(fault.message).toContain('held by first, for another 3');
    }
    await owner.append(batch(1));
    expect(await valuesIn(owner)).toEqual(['owner 1', 1]);
  });

  test('taken over: the one before writes nothing any more, and is told, even when it has nothing to write', async () => {
    const old = await openJournal(store, 'taken', lease('first'));
    await old.append(batch(1));
    const next = await openJournal(store, 'taken', { ...lease('second'), takeOver: true });
    expect([old.epoch, next.epoch]).toEqual([1, 2]);
    later(HOUR);
    await expect(old.renew()).rejects.toThrow(FencedError);
    expect(await old.fenced).toBeInstanceOf(FencedError);
    await expect(old.append(batch(2))).rejects.toThrow(FencedError);
    await expect(old.release()).resolves.toBeUndefined();
    expect((await recordOf('taken')).body.lease?.holder).toBe('second');
    await next.append(batch(2));
    expect(await valuesIn(next)).toEqual(['owner 1', 1, 'owner 2', 2]);
  });

  test('run out: the next one need not ask, and not before', async () => {
    const before = await store.now();
    const old = await openJournal(store, 'over', lease('first', 40));
    let next: Awaited<ReturnType<typeof openJournal>> | undefined;
    while (next === undefined)
      next = await openJournal(store, 'over', lease('second')).catch((fault: Fault) => {
        expect(fault.code).toBe('CSP-STO-019');
        return undefined;
      });
    expect((await store.now()) - before).toBeGreaterThanOrEqual(40);
    expect(next.epoch).toBe(2);
    await expect(old.append(batch(1))).rejects.toThrow(FencedError);
    expect(await valuesIn(next)).toEqual(['owner 1', 'owner 2']);
  });

  test('run out, and nobody came: the owner writes on, and holds it again', async () => {
    const owner = await openJournal(store, 'alone', lease('first', 1));
    const { until } = (await recordOf('alone')).body.lease!;
    while ((await store.now()) <= until);
    later(1);
    await owner.append(batch(1));
    expect((await recordOf('alone')).body.lease!.until).toBeGreaterThan(until);
    expect(await valuesIn(owner)).toEqual(['owner 1', 1]);
  });

  test('writes renew it, and so does a timer, when it is due; with the head there is', async () => {
    const owner = await openJournal(store, 'renewed', lease('first'));
    await owner.append({ ...batch(1), head: { from: 1, ended: { done: { result: 7 } } } });
    const before = await recordOf('renewed');
    await owner.append(batch(2));
    await owner.renew();
    expect(await recordOf('renewed')).toEqual(before);
    later(HOUR / 2);
    while ((await store.now()) <= before.body.lease!.until - HOUR);
    await owner.append(batch(3));
    const written = await recordOf('renewed');
    expect(written.body.lease!.until).toBeGreaterThan(before.body.lease!.until);
    expect(written).toMatchObject({
      version: before.version + 1,
      body: { from: 1, ended: { done: { result: 7 } }, epoch: 1 },
    });
    vi.restoreAllMocks();
    later(HOUR);
    // One at a time, in order: neither takes the other's place for a newer owner's.
    await Promise.all([owner.renew(), owner.append(batch(4)), owner.renew(), owner.append(batch(5))]);
    expect(await recordOf('renewed')).toMatchObject({ version: written.version + 1, body: { from: 1 } });
    expect(await valuesIn(owner)).toEqual(['owner 1', 1, 2, 3, 4, 5]);
  });

  test('an owner whose write has failed writes no more, and lets its lease run out', async () => {
    const owner = await openJournal(store, 'failed', lease('first'));
    await owner.append({ ...batch(1), marks: ['one'] });
    await expect(owner.append({ ...batch(2), marks: ['one'] })).rejects.toMatchObject({ code: 'CSP-STO-001' });
    const before = await recordOf('failed');
    later(HOUR);
    await owner.renew();
    expect(await recordOf('failed')).toEqual(before);
  });

  test('given up, or never had: the newest is the owner', async () => {
    const first = await openJournal(store, 'free', lease('first'));
    await first.release();
    later(HOUR);
    await first.append(batch(1)); // It is the owner still, without a lease.
    const second = await openJournal(store, 'free');
    await expect(first.append(batch(2))).rejects.toThrow(FencedError);
    const third = await openJournal(store, 'free');
    await expect(second.append(batch(2))).rejects.toThrow(FencedError);
    await third.append(batch(2));
    await second.release();
    expect(await valuesIn(third)).toEqual(['owner 1', 1, 'owner 2', 'owner 3', 2]);
    // Nor does an owner without a lease inherit one.
    await openJournal(store, 'free', lease('fourth'));
    await openJournal(store, 'free', { takeOver: true });
    expect((await openJournal(store, 'free')).epoch).toBe(6);
  });

  test('of those who come at once when it has run out, one is the owner', async () => {
    const old = await openJournal(store, 'race', lease('first', 1));
    const { until } = (await recordOf('race')).body.lease!;
    while ((await store.now()) <= until);
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map((n) => openJournal(store, 'race', lease(`next ${n}`))));
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => reason.code)).toEqual(['CSP-STO-019', 'CSP-STO-019', 'CSP-STO-019']);
    await expect(old.append(batch(1))).rejects.toThrow(FencedError);
  });

  test('renewed while another one looks at it: it is not taken', async () => {
    const owner = await openJournal(store, 'meddled', lease('first', 1));
    const { until } = (await recordOf('meddled')).body.lease!;
    while ((await store.now()) <= until);
    let asked = 0;
    // Between its reading and its writing the owner comes back, for longer.
    const meddled: JournalStore = {
      commit: (changes) => store.commit(changes),
      get: (collection, id) => store.get(collection, id),
      find: (collection, query) => store.find(collection, query),
      read: (stream, range) => store.read(stream, range),
      length: (stream) => store.length(stream),
      async now() {
        const now = await store.now();
        if (++asked === 1) {
          later(1);
          await owner.renew();
        }
        return now;
      },
    };
    const reopening = openJournal(meddled, 'meddled', lease('second', 1));
    // It read again, and saw the renewed lease run out: or was refused. Whoever writes now is one.
    const [opened] = await Promise.allSettled([reopening]);
    expect(asked).toBe(2);
    const written = await Promise.allSettled([
      owner.append(batch(1)),
      opened!.status === 'fulfilled' ? opened!.value.append(batch(1)) : Promise.reject(new Error('refused')),
    ]);
    expect(written.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  });

  test('a lease has a length', async () => {
    for (const milliseconds of [0, -1, Number.NaN, Number.POSITIVE_INFINITY])
      await expect(openJournal(store, 'bad', lease('first', milliseconds))).rejects.toMatchObject({
        code: 'CSP-STO-003',
      });
  });

  if (database !== 'SQLite')
    test('the clocks of those who open are not asked', async () => {
      const owner = await openJournal(store, 'clock', lease('first'));
      const { now } = Date;
      vi.spyOn(Date, 'now').mockImplementation(() => now() + 24 * HOUR);
      await expect(openJournal(store, 'clock', lease('second'))).rejects.toMatchObject({ code: 'CSP-STO-019' });
      later(HOUR);
      await owner.renew();
      expect((await recordOf('clock')).body.lease!.until).toBeLessThan(now() + 2 * HOUR);
    });
});
