/** Connections as they were asked for, and replicas that answer only for what they have. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Collection } from '@enhanced-csp/platform';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tcpProxy } from '../../../../tests/services/tcp-proxy.ts';
import { openRemoteStore } from './open.ts';
import { ask, emptyDatabase, serversUnderTest } from './servers.fixture.ts';

const collections: readonly Collection[] = [{ name: 'notes', fields: { kind: 'text' } }];
const options = { collections, now: () => 0 };
const note = (id: string, body: unknown = 1) => ({ change: 'put', collection: 'notes', id, fields: {}, body }) as const;

describe.each(serversUnderTest())('%s', (server) => {
  const isPostgres = server.startsWith('postgres');
  let url: string;
  let drop: () => Promise<void>;
  beforeEach(async () => {
    ({ url, drop } = await emptyDatabase(server));
  });
  afterEach(() => drop());

  const connected = async () => {
    const name = new URL(url).pathname.slice(1);
    const list = isPostgres
      ? `SELECT pid AS id FROM pg_stat_activity WHERE datname = '${name}'`
      : `SELECT id FROM information_schema.processlist WHERE db = '${name}'`;
    return (await ask(server, list)).map(({ id }) => Number(id));
  };
  /** Holds the table, so that every read waits, until it is let go. */
  const holdReads = async () => {
    const { default: pg } = await import('pg');
    const { default: mysql } = await import('mysql2/promise');
    if (isPostgres) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query('BEGIN; LOCK TABLE record_notes IN ACCESS EXCLUSIVE MODE');
      return async () => {
        await client.query('ROLLBACK');
        await client.end();
      };
    }
    const connection = await mysql.createConnection(url.replace(/^mariadb:/, 'mysql:'));
    await connection.query('LOCK TABLES record_notes WRITE');
    return async () => {
      await connection.query('UNLOCK TABLES');
      await connection.end();
    };
  };

  test('a kept size, an overflow that goes again, and a wait that ends', async () => {
    const pool = { size: 2, overflow: 3, timeoutMs: 2000, recycleMs: 0 };
    const { store, close } = await openRemoteStore(url, { ...options, pool });
    await store.commit([note('a')]);
    const release = await holdReads();
    const reads = Array.from({ length: 7 }, () => store.get('notes', 'a'));
    const outcomes = Promise.allSettled(reads);
    // The one that writes, and the one that holds.
    await expect.poll(async () => (await connected()).length, { timeout: 1900 }).toBe(2 + 3 + 2);
    await pause(2100);
    await release();
    const settled = await outcomes;
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    for (const one of settled)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'CSP-STO-017', kind: 'unavailable' });
    await expect.poll(async () => (await connected()).length, { timeout: 5000 }).toBeLessThanOrEqual(2 + 1);
    expect((await store.get('notes', 'a'))?.body).toBe(1);
    await close();
  });

  test('a connection that is old is replaced', async () => {
    const pool = { size: 1, overflow: 0, timeoutMs: 1000, recycleMs: 1000 };
    const { store, close } = await openRemoteStore(url, { ...options, pool });
    await store.get('notes', 'a');
    const before = await connected();
    await store.get('notes', 'a');
    expect(await connected()).toEqual(before);
    await pause(1100);
    for (let read = 0; read < 2; read++) await store.get('notes', 'a');
    await pause(50);
    const after = await connected();
    expect(after.filter((id) => !before.includes(id))).toHaveLength(1);
    await close();
  });

  describe('a replica', () => {
    let copy: { readonly url: string; drop(): Promise<void> };
    beforeEach(async () => {
      // A server that follows, played by the test: a database with the same tables, which gets what the test gives it.
      copy = await emptyDatabase(server);
      await (await openRemoteStore(copy.url, options)).close();
      await ask(
        copy.url,
        "INSERT INTO record_notes (id, ordinal, version, body) VALUES ('a', 1, 1, '\"of the replica\"')",
      );
    });
    afterEach(() => copy.drop());
    const follow = async () => {
      const [{ token }] = (await ask(url, 'SELECT token FROM writer')) as [{ token: string }];
      await ask(copy.url, `UPDATE writer SET token = '${token}'`);
    };
    const body = async (get: Promise<unknown>) => ((await get) as { body: unknown }).body;

    test('answers when it has every group that was acknowledged, and not before', async () => {
      const { store, replicas, close } = await openRemoteStore(url, { ...options, replicas: [copy.url] });
      await store.commit([note('a', 'of the primary')]);
      expect(await body(store.get('notes', 'a'))).toBe('of the primary');
      await follow();
      await pause(60);
      expect(await body(store.get('notes', 'a'))).toBe('of the replica');
      await store.commit([note('b')]);
      expect(await body(store.get('notes', 'a')), 'who wrote reads what was written').toBe('of the primary');
      expect(replicas?.answered).toBe(1);
      await close();
    });

    test('what may be behind is answered from behind, as far as is allowed', async () => {
      const { store, close } = await openRemoteStore(url, { ...options, replicas: [copy.url], replicaLagMaxMs: 2000 });
      await store.commit([note('a', 'of the primary')]);
      await follow();
      await store.commit([note('b')]);
      const first = async (mayLag: boolean) =>
        (await store.find('notes', { limit: 1, offset: 0, mayLag })).records[0]?.body;
      expect(await first(true)).toBe('of the replica');
      expect(await first(false)).toBe('of the primary');
      await pause(2050);
      expect(await first(true)).toBe('of the primary');
      await close();
    });

    test.each(['down', 'silent'])('%s: left out, and asked again later', { timeout: 20_000 }, async (how) => {
      const { hostname, port } = new URL(copy.url);
      const proxy = await tcpProxy({ host: hostname, port: Number(port || (isPostgres ? 5432 : 3306)) });
      const through = new URL(copy.url);
      through.port = String(proxy.port);
      const warned: object[] = [];
      const log = { warn: (fields: object) => void warned.push(fields), info() {} };
      const { store, replicas, close } = await openRemoteStore(url, { ...options, log, replicas: [through.href] });
      await store.commit([note('a', 'of the primary')]);
      await follow();
      expect(await body(store.get('notes', 'a'))).toBe('of the replica');
      if (how === 'down') proxy.down();
      else proxy.silence('both');
      for (let read = 0; read < 3; read++) expect(await body(store.get('notes', 'a'))).toBe('of the primary');
      expect(replicas?.health).toContain('away: ');
      expect(warned).toHaveLength(1);
      expect(JSON.stringify(warned)).not.toContain('@');
      proxy.up();
      await pause(5100);
      expect(await body(store.get('notes', 'a'))).toBe('of the replica');
      expect(replicas?.health).not.toContain('away');
      await close();
      await proxy.close();
    });

    test('that is away from the beginning does not hinder the start', async () => {
      const { store, close } = await openRemoteStore(url, {
        ...options,
        replicas: [`${new URL(url).protocol}//x@127.0.0.1:1/none`],
      });
      await store.commit([note('a', 'of the primary')]);
      expect(await body(store.get('notes', 'a'))).toBe('of the primary');
      await close();
    });
  });
});
