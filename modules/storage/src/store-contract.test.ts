/**
 * What every store must do, whatever database is under it: the same tests for each row of `DATABASES`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Change, Collection, Log, Place, Store } from '@enhanced-csp/platform';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AskedSearch, adviseEmbedded, indexEmbedded, type SearchKind } from './advice.ts';
import { openStore } from './open-store.ts';
import { adviseRemote, indexRemote } from './remote/advice.ts';
import { openRemoteStore } from './remote/open.ts';
import { ask, emptyDatabase, serversUnderTest } from './remote/servers.fixture.ts';
import { advisedIn } from './slow-searches.ts';

interface OpenedStore {
  readonly store: Store;
  close(): Promise<void>;
  /** Closes, lets somebody work, and opens again. */
  closed(work: () => Promise<unknown>): Promise<OpenedStore>;
  /** Closes and opens again, on the same data. */
  reopen(collections?: readonly Collection[]): Promise<OpenedStore>;
  /** Which indices it would want, asked beside the store. */
  advise(kinds: readonly SearchKind[], log?: string): Promise<readonly AskedSearch[]>;
  /** Makes those that are missing; the store is closed. */
  index(indices: readonly AskedSearch['index'][]): Promise<readonly AskedSearch['index'][]>;
  /** Asks the database itself, beside the store. */
  ask(statement: string): Promise<unknown>;
}

interface More {
  readonly log?: Pick<Log, 'warn' | 'info'>;
  readonly slowMs?: number;
}

const COLLECTIONS: readonly Collection[] = [
  { name: 'processes', fields: { status: 'text', size: 'integer' } },
  { name: 'notes', fields: {} },
];

const DATABASES: readonly { readonly name: string; open(more?: More): Promise<OpenedStore> }[] = [
  { name: 'SQLite', open: (more) => openSqlite(mkdtempSync(join(folder, 'data-')), more) },
  // Servers, for `scripts/test-services.ts`, which starts them and says where they are.
  ...serversUnderTest().map((url) => ({ name: new URL(url).protocol, open: (more?: More) => openServer(url, more) })),
];

const folder = mkdtempSync(join(tmpdir(), 'csp-contract-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function openSqlite(where: string, more: More = {}, collections = COLLECTIONS): Promise<OpenedStore> {
  const { store, close } = openStore(where, { ...more, collections, now: () => Date.UTC(2026, 0, 1) });
  return {
    store,
    async close() {
      close();
    },
    async closed(work) {
      close();
      await work();
      return openSqlite(where, more, collections);
    },
    async reopen(declared) {
      close();
      return openSqlite(where, more, declared);
    },
    advise: (kinds, log = '') => adviseEmbedded(where, kinds, advisedIn(log)),
    index: async (indices) => indexEmbedded(where, indices, { collections, now: () => Date.UTC(2026, 0, 1) }),
    async ask(statement) {
      const database = new DatabaseSync(join(where, 'csp.db'));
      database.exec(statement);
      database.close();
    },
  };
}

async function openServer(server: string, more: More = {}): Promise<OpenedStore> {
  const { url, drop } = await emptyDatabase(server);
  const open = async (collections = COLLECTIONS): Promise<OpenedStore> => {
    const { store, close } = await openRemoteStore(url, {
      ...more,
      collections,
      now: () => Date.UTC(2026, 0, 1),
    });
    return {
      store,
      async close() {
        await close();
        await drop();
      },
      async closed(work) {
        await close();
        await work();
        return open(collections);
      },
      async reopen(declared) {
        await close();
        return open(declared);
      },
      advise: (kinds, log = '') => adviseRemote(url, kinds, advisedIn(log), { collections }),
      index: (indices) => indexRemote(url, indices, { collections, now: () => Date.UTC(2026, 0, 1) }),
      ask: (statement) => ask(url, statement),
    };
  };
  return open();
}

const bytes = (text: string) => new TextEncoder().encode(text);
const put = (id: string, body: unknown, more: { status?: string; size?: number; ifVersion?: number } = {}): Change => ({
  change: 'put',
  collection: 'processes',
  id,
  fields: { status: more.status ?? 'created', size: more.size ?? null },
  body,
  ...(more.ifVersion === undefined ? {} : { ifVersion: more.ifVersion }),
});

for (const { name, open } of DATABASES)
  describe(`${name} is a store`, () => {
    let opened: OpenedStore;
    let store: Store;
    beforeEach(async () => {
      opened = await open();
      store = opened.store;
    });
    afterEach(() => opened.close());

    test('a record comes back as it was put, with a version that counts its changes', async () => {
      const body = { name: 'π "quoted" \u0000 \n', nested: [1, null, { deep: true }], number: 0.1 };
      await store.commit([put('a', body)]);
      expect(await store.get('processes', 'a')).toEqual({ id: 'a', version: 1, body });
      await store.commit([put('a', { changed: true })]);
      expect(await store.get('processes', 'a')).toEqual({ id: 'a', version: 2, body: { changed: true } });
      expect(await store.get('processes', 'b')).toBeUndefined();
      await store.commit([{ change: 'delete', collection: 'processes', id: 'a' }]);
      expect(await store.get('processes', 'a')).toBeUndefined();
    });

    test('a change from an old version is a conflict, and nothing of its commit is written', async () => {
      await store.commit([put('a', 1, { ifVersion: 0 })]);
      await expect(store.commit([put('a', 2, { ifVersion: 0 })])).rejects.toMatchObject({ kind: 'conflict' });
      await store.commit([put('a', 2, { ifVersion: 1 })]);
      const stale = store.commit([
        put('b', 'new'),
        { change: 'append', stream: 's', entries: [bytes('x')] },
        put('a', 3, { ifVersion: 1 }),
      ]);
      await expect(stale).rejects.toMatchObject({ kind: 'conflict' });
      expect((await store.get('processes', 'a'))?.body).toBe(2);
      expect(await store.get('processes', 'b')).toBeUndefined();
      expect(await store.length('s')).toBe(0);
      await expect(store.commit([put('missing', 1, { ifVersion: 4 })])).rejects.toMatchObject({ kind: 'conflict' });
    });

    test('of commits at the same time one wins, and a conflict fails only its own', async () => {
      const outcomes = await Promise.allSettled([
        store.commit([put('a', 'first', { ifVersion: 0 })]),
        store.commit([put('a', 'second', { ifVersion: 0 }), put('c', 'with the loser')]),
        store.commit([put('b', 'third', { ifVersion: 0 })]),
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect((await store.get('processes', 'a'))?.body).toBe('first');
      expect((await store.get('processes', 'b'))?.body).toBe('third');
      expect(await store.get('processes', 'c')).toBeUndefined();
    });

    test('of many puts of a record at the same time the last one stands, and is found by its fields', async () => {
      const together = (...statuses: string[]) =>
        Promise.all(statuses.map((status, at) => store.commit([put('a', `${at}: ${status}`, { status })])));
      const found = async (status: string) =>
        (await store.find('processes', { where: { status }, limit: 9, offset: 0 })).records;
      await together('created', 'running', 'running');
      expect(await found('running')).toEqual([{ id: 'a', version: 3, body: '2: running' }]);
      await together('running', 'running');
      expect(await found('running')).toEqual([{ id: 'a', version: 5, body: '1: running' }]);
      await together('running', 'stopped');
      expect(await found('running')).toEqual([]);
      expect(await found('stopped')).toEqual([{ id: 'a', version: 7, body: '1: stopped' }]);
    });

    test('a stream numbers its entries from 0 without gaps', async () => {
      await store.commit([{ change: 'append', stream: 'log', entries: [bytes('zero'), bytes('one')], at: 0 }]);
      await store.commit([{ change: 'append', stream: 'log', entries: [bytes('two')], at: 2 }]);
      await expect(
        store.commit([{ change: 'append', stream: 'log', entries: [bytes('late')], at: 2 }]),
      ).rejects.toMatchObject({ kind: 'conflict' });
      await store.commit([{ change: 'append', stream: 'other', entries: [bytes('else')] }]);
      expect(await store.length('log')).toBe(3);
      const text = (entries: readonly Uint8Array[]) => entries.map((entry) => new TextDecoder().decode(entry));
      expect(text(await store.read('log', { from: 0, limit: 10 }))).toEqual(['zero', 'one', 'two']);
      expect(text(await store.read('log', { from: 1, limit: 1 }))).toEqual(['one']);
      expect(await store.read('log', { from: 3, limit: 10 })).toEqual([]);
      expect(await store.length('never')).toBe(0);
      expect(await store.read('never', { from: 0, limit: 1 })).toEqual([]);
    });

    test('what the caller changes after commit was called is not written', async () => {
      const body = { value: 1 };
      const entry = bytes('before');
      const committed = store.commit([put('a', body), { change: 'append', stream: 's', entries: [entry] }]);
      body.value = 2;
      entry.fill(0);
      await committed;
      expect((await store.get('processes', 'a'))?.body).toEqual({ value: 1 });
      expect(await store.read('s', { from: 0, limit: 1 })).toEqual([bytes('before')]);
    });

    test('find filters, orders and pages, and counts all that match', async () => {
      const sizes = [30, 10, 20, 10];
      for (const [index, size] of sizes.entries())
        await store.commit([put(`p${index}`, index, { status: index === 0 ? 'stopped' : 'running', size })]);
      const ids = async (query: Parameters<Store['find']>[1]) =>
        (await store.find('processes', query)).records.map(({ id }) => id);
      expect(await ids({ limit: 10, offset: 0 })).toEqual(['p0', 'p1', 'p2', 'p3']);
      expect(await ids({ limit: 2, offset: 1, orderBy: '-created' })).toEqual(['p2', 'p1']);
      expect(await ids({ limit: 10, offset: 0, orderBy: 'size' })).toEqual(['p1', 'p3', 'p2', 'p0']);
      expect(await ids({ limit: 10, offset: 0, orderBy: '-size', where: { status: 'running' } })).toEqual([
        'p2',
        'p3',
        'p1',
      ]);
      expect((await store.find('processes', { limit: 1, offset: 0, where: { status: 'running' } })).total).toBe(3);
      expect(await ids({ limit: 10, offset: 0, where: { status: "'; DROP TABLE x; --" } })).toEqual([]);
      await store.commit([put('p1', 'again', { status: 'running', size: 99 })]);
      expect(await ids({ limit: 10, offset: 0 }), 'a change does not move a record').toEqual(['p0', 'p1', 'p2', 'p3']);
    });

    test('a range of a field: from, inclusive, and before, exclusive; what has no value is in none', async () => {
      for (const [index, size] of [5, undefined, 7, 6, 5].entries())
        await store.commit([put(`p${index}`, 0, size === undefined ? {} : { size })]);
      const ids = async (size: { from?: number; before?: number }) =>
        (await store.find('processes', { where: { size }, limit: 9, offset: 0 })).records.map(({ id }) => id);
      expect(await ids({ from: 5, before: 7 })).toEqual(['p0', 'p3', 'p4']);
      expect(await ids({ from: 6 })).toEqual(['p2', 'p3']);
      expect(await ids({ before: 6 })).toEqual(['p0', 'p4']);
      expect(await ids({})).toEqual(['p0', 'p1', 'p2', 'p3', 'p4']);
      await expect(
        store.find('processes', { where: { size: { from: 'five' } }, limit: 1, offset: 0 }),
      ).rejects.toMatchObject({ code: 'CSP-STO-003' });
    });

    const orders = ['created', '-created', 'size', '-size', 'status', '-status'];
    test.each(orders)('from place to place, by %s: what a sorted array gives, each record once', async (orderBy) => {
      const sizes = [3, null, 1, 3, null, 2, 1, 3, 9_007_199_254_740_991, -4];
      const statuses = ['b', 'a', 'π', 'b', '', 'B', 'a', 'Z', 'b', 'a'];
      const rows = sizes.map((size, index) => ({ id: `p${index}`, size, status: statuses[index] as string }));
      await store.commit(rows.map(({ id, size, status }) => put(id, 0, { status, ...(size !== null && { size }) })));
      const field = orderBy.replace('-', '');
      const bytewise = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));
      const compare = (one: (typeof rows)[number], other: (typeof rows)[number]) =>
        field === 'status'
          ? bytewise(one.status, other.status)
          : field === 'size'
            ? (one.size ?? Number.NEGATIVE_INFINITY) - (other.size ?? Number.NEGATIVE_INFINITY) || 0
            : 0;
      const sorted = rows
        .map((row, index) => ({ row, index }))
        .sort((one, other) => (compare(one.row, other.row) || one.index - other.index) * (orderBy[0] === '-' ? -1 : 1))
        .map(({ row }) => row.id);
      for (const limit of [1, 3, 10]) {
        const seen: string[] = [];
        let after: Place | undefined;
        do {
          const page = await store.find('processes', { orderBy, limit, offset: 0, ...(after && { after }) });
          expect(page.total).toBe(rows.length);
          seen.push(...page.records.map(({ id }) => id));
          after = page.next;
        } while (after !== undefined);
        expect(seen, `pages of ${limit}`).toEqual(sorted);
      }
    });

    test('a place holds while records come and go before and after it', async () => {
      const page = (after?: Place) =>
        store.find('processes', {
          orderBy: '-created',
          where: { status: 'created' },
          limit: 2,
          offset: 0,
          ...(after && { after }),
        });
      await store.commit(Array.from({ length: 6 }, (_, index) => put(`p${index}`, index)));
      const first = await page();
      expect(first.records.map(({ id }) => id)).toEqual(['p5', 'p4']);
      // The record the place was taken from is gone, one before it is new, and one after it is gone.
      await store.commit([
        put('p6', 6),
        { change: 'delete', collection: 'processes', id: 'p4' },
        { change: 'delete', collection: 'processes', id: 'p2' },
      ]);
      const second = await page(first.next);
      expect(second.records.map(({ id }) => id)).toEqual(['p3', 'p1']);
      const third = await page(second.next);
      expect(third.records.map(({ id }) => id)).toEqual(['p0']);
      expect(third.next).toBeUndefined();
      expect((await store.find('processes', { limit: 5, offset: 0 })).next, 'exactly all').toBeUndefined();
    });

    test('a field that is declared later is filled from the bodies', async () => {
      const bodies = [{ owner: 'ann' }, { owner: 7 }, {}, ['owner'], { owner: 'bob', age: 3 }];
      await store.commit(
        bodies.map((body, index) => ({ change: 'put', collection: 'notes', id: `n${index}`, fields: {}, body })),
      );
      opened = await opened.reopen([
        ...COLLECTIONS.filter(({ name }) => name !== 'notes'),
        { name: 'notes', fields: { owner: 'text', age: 'integer' } },
      ]);
      store = opened.store;
      const ids = async (where: Record<string, string | number | { from: string }>) =>
        (await store.find('notes', { where, limit: 9, offset: 0 })).records.map(({ id }) => id);
      expect(await ids({ owner: 'ann' })).toEqual(['n0']);
      expect(await ids({ owner: { from: '' } })).toEqual(['n0', 'n4']);
      expect(await ids({ age: 3 })).toEqual(['n4']);
    });

    test('what is not declared is refused, with the nearest name', async () => {
      const wrong: readonly [() => Promise<unknown>, RegExp][] = [
        [() => store.get('proceses', 'a'), /Did you mean processes/],
        [() => store.find('processes', { where: { state: 'x' }, limit: 1, offset: 0 }), /no field state/],
        [() => store.find('processes', { orderBy: '-statu', limit: 1, offset: 0 }), /Did you mean status/],
        [() => store.find('processes', { limit: -1, offset: 0 }), /whole numbers/],
        [
          () => store.commit([{ change: 'put', collection: 'processes', id: 'a', fields: { size: 'big' }, body: 1 }]),
          /size of processes is integer/,
        ],
        [
          () => store.commit([{ change: 'put', collection: 'processes', id: 'a', fields: {}, body: undefined }]),
          /not JSON/,
        ],
        [() => store.commit([{ change: 'delete', collection: 'nothing', id: 'a' }]), /no collection nothing/],
      ];
      for (const [attempt, message] of wrong) {
        await expect(attempt()).rejects.toThrow(message);
        await expect(attempt()).rejects.toMatchObject({ kind: 'invalid' });
      }
    });

    test('everything is there after it was closed and opened again, in the same order', async () => {
      await store.commit([put('b', 1), put('a', 2), { change: 'append', stream: 's', entries: [bytes('x')] }]);
      opened = await opened.reopen();
      store = opened.store;
      await store.commit([put('0', 3), { change: 'append', stream: 's', entries: [bytes('y')], at: 1 }]);
      expect((await store.find('processes', { limit: 9, offset: 0 })).records.map(({ id }) => id)).toEqual([
        'b',
        'a',
        '0',
      ]);
      expect(await store.length('s')).toBe(2);
    });

    test('behaves as a map and arrays do, on random histories', async () => {
      const change = fc.oneof(
        fc.record({
          kind: fc.constant('put' as const),
          id: fc.constantFrom('r1', 'r2', 'r3'),
          from: fc.option(fc.nat(3)),
          value: fc.integer(),
        }),
        fc.record({ kind: fc.constant('delete' as const), id: fc.constantFrom('r1', 'r2', 'r3') }),
        fc.record({
          kind: fc.constant('append' as const),
          stream: fc.constantFrom('t1', 't2'),
          at: fc.option(fc.nat(4)),
          value: fc.nat(255),
        }),
      );
      type Step = typeof change extends fc.Arbitrary<infer Value> ? Value : never;
      // The model: plain values, copied for each commit and kept only when all of its changes fit.
      let records = new Map<string, { version: number; value: number }>();
      let streams = new Map<string, number[]>();
      const applied = (steps: readonly Step[]) => {
        const nextRecords = new Map(records);
        const nextStreams = new Map([...streams].map(([key, entries]) => [key, [...entries]]));
        for (const step of steps) {
          if (step.kind === 'delete') nextRecords.delete(step.id);
          else if (step.kind === 'put') {
            const version = nextRecords.get(step.id)?.version ?? 0;
            if (step.from !== null && step.from !== version) return false;
            nextRecords.set(step.id, { version: version + 1, value: step.value });
          } else {
            const entries = nextStreams.get(step.stream) ?? [];
            if (step.at !== null && step.at !== entries.length) return false;
            nextStreams.set(step.stream, [...entries, step.value]);
          }
        }
        [records, streams] = [nextRecords, nextStreams];
        return true;
      };
      const changeOf = (step: Step): Change =>
        step.kind === 'delete'
          ? { change: 'delete', collection: 'notes', id: step.id }
          : step.kind === 'put'
            ? {
                change: 'put',
                collection: 'notes',
                id: step.id,
                fields: {},
                body: step.value,
                ...(step.from === null ? {} : { ifVersion: step.from }),
              }
            : {
                change: 'append',
                stream: step.stream,
                entries: [new Uint8Array([step.value])],
                ...(step.at === null ? {} : { at: step.at }),
              };

      // Groups of commits at the same time: they are applied in the order in which they were asked for.
      const groups = fc.array(
        fc.array(fc.array(change, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 }),
        { maxLength: 6 },
      );
      await fc.assert(
        fc.asyncProperty(groups, async (history) => {
          for (const group of history) {
            const outcomes = await Promise.allSettled(group.map((steps) => store.commit(steps.map(changeOf))));
            expect(outcomes.map(({ status }) => status)).toEqual(
              group.map((steps) => (applied(steps) ? 'fulfilled' : 'rejected')),
            );
          }
          for (const id of ['r1', 'r2', 'r3']) {
            const expected = records.get(id);
            expect(await store.get('notes', id)).toEqual(
              expected && { id, version: expected.version, body: expected.value },
            );
          }
          for (const stream of ['t1', 't2'])
            expect((await store.read(stream, { from: 0, limit: 1000 })).map((entry) => entry[0])).toEqual(
              streams.get(stream) ?? [],
            );
        }),
        { numRuns: 40, seed: 7 },
      );
    });
  });

for (const { name, open } of DATABASES)
  test(`${name}: a slow search is told with its plan, and the index it advises is used`, async () => {
    const told: { statement: string; plan: string[]; advice?: string }[] = [];
    let opened = await open({ log: { warn: (fields) => told.push(fields as never), info() {} }, slowMs: 1e-6 });
    await opened.store.commit(
      Array.from({ length: 5000 }, (_, index) => put(`p${index}`, 0, { status: `s${index % 50}`, size: index % 40 })),
    );
    const search = () =>
      opened.store.find('processes', {
        where: { status: 's7', size: { from: 30 } },
        orderBy: 'size',
        limit: 5,
        offset: 0,
      });
    const found = await search();
    await expect.poll(() => told.length).toBe(1);
    expect(told[0]).toMatchObject({ collection: 'processes', statement: expect.stringContaining('field_status =') });
    expect(told[0]?.statement).not.toContain('s7');
    const advice = told[0]?.advice as string;
    expect(advice).toMatch(
      /^CREATE INDEX record_processes_by_\w{8} ON record_processes \(field_status(\(150\))?, field_size, ordinal\)$/,
    );
    await opened.ask(advice);
    await opened.ask(
      name === 'SQLite'
        ? 'ANALYZE'
        : name.startsWith('postgres')
          ? 'ANALYZE record_processes'
          : 'ANALYZE TABLE record_processes',
    );
    // Opened again, it is told again: by the plan that is used now, and without advice.
    opened = await opened.reopen();
    expect(await search()).toEqual(found);
    await expect.poll(() => told.length).toBe(2);
    expect(told[1]?.plan.join()).toContain(advice.split(' ')[2]);
    expect(told[1]).not.toHaveProperty('advice');
    await opened.close();
  });

for (const { name, open } of DATABASES)
  test(`${name}: what its searches want is asked while it is used, made once, and used then`, async () => {
    let opened = await open();
    const kinds: SearchKind[] = [
      { collection: 'processes', equal: ['status'], range: 'size', orderBy: 'size' },
      { collection: 'processes', equal: ['status'] },
      { collection: 'notes', equal: [], orderBy: 'size' },
      { collection: 'elsewhere', equal: ['status', 'size'] },
    ];
    expect(await opened.advise(kinds)).toEqual([]);
    await opened.store.commit(
      Array.from({ length: 5000 }, (_, index) => put(`p${index}`, 0, { status: `s${index % 50}`, size: index % 40 })),
    );
    const [asked, ...more] = await opened.advise(kinds);
    expect(more).toEqual([]);
    expect(asked).toMatchObject({
      index: { statement: expect.stringMatching(/^CREATE INDEX record_processes_by_\w{8} ON record_processes \(/) },
      exists: false,
      used: false,
      source: 'asked',
      search: expect.stringContaining('field_size >='),
    });
    expect([asked!.plan.length, asked!.milliseconds].every((one) => one > 0)).toBe(true);
    // No server beside it while the schema changes.
    await expect(opened.index([asked!.index])).rejects.toMatchObject({ code: 'CSP-STO-006' });

    const line = (advice: string) => JSON.stringify({ advice, statement: 'SELECT', milliseconds: 1e6, plan: ['a'] });
    const statement = asked!.index.statement;
    const log = [
      'no JSON "advice"',
      line(statement),
      line(statement.replace('_by_', '_by_0')),
      line('DROP TABLE entry'),
    ];
    expect(await opened.advise([], log.join('\n'))).toMatchObject([
      { index: asked!.index, source: 'log', milliseconds: 1e6, plan: ['a'] },
    ]);
    const other = line(statement.replaceAll('record_processes', 'record_elsewhere'));
    expect(await opened.advise([], other)).toEqual([]);

    opened = await opened.closed(() =>
      opened.index([asked!.index]).then((made) => expect(made).toEqual([asked!.index])),
    );
    expect(await opened.advise(kinds)).toMatchObject([{ index: asked!.index, exists: true, used: true }]);
    opened = await opened.closed(() => opened.index([asked!.index]).then((made) => expect(made).toEqual([])));
    await opened.close();
  });
