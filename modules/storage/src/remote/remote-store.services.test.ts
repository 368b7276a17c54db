/** What only a server can show: one writer, groups, transactions that are undone by others, connections that break. */
import type { Collection } from '@enhanced-csp/platform';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TcpProxy, tcpProxy } from '../../../../tests/services/tcp-proxy.ts';
import { openRemoteStore, remoteStatus } from './open.ts';
import { ask, emptyDatabase, serversUnderTest } from './servers.fixture.ts';

const COLLECTIONS: readonly Collection[] = [{ name: 'notes', fields: { kind: 'text' } }];
const options = { collections: COLLECTIONS, now: () => Date.UTC(2026, 0, 1) };
const note = (id: string, body: unknown = 1) => ({ change: 'put', collection: 'notes', id, fields: {}, body }) as const;
const bytes = (text: string) => new TextEncoder().encode(text);

test('there are servers to test', () => {
  expect(serversUnderTest().length).toBeGreaterThanOrEqual(2);
});

describe.each(serversUnderTest())('%s', (server) => {
  let url: string;
  let drop: () => Promise<void>;
  beforeEach(async () => {
    ({ url, drop } = await emptyDatabase(server));
  });
  afterEach(() => drop());

  test('commits of one turn share one transaction', async () => {
    const { store, close } = await openRemoteStore(url, options);
    await Promise.all(Array.from({ length: 2000 }, (_, index) => store.commit([note(`n${index}`)])));
    expect(store.figures).toEqual({ commits: 2000, groups: 1, retries: 0 });
    expect((await store.find('notes', { limit: 2, offset: 1998 })).records.map(({ id }) => id)).toEqual([
      'n1998',
      'n1999',
    ]);
    await close();
  });

  test('a second server is refused; the next one after it has the data', async () => {
    const first = await openRemoteStore(url, options);
    await first.store.commit([note('a')]);
    await expect(openRemoteStore(url, options)).rejects.toMatchObject({ code: 'CSP-STO-006' });
    await first.close();
    await expect(first.store.get('notes', 'a')).rejects.toMatchObject({ code: 'CSP-STO-009' });
    const next = await openRemoteStore(url, options);
    expect((await next.store.get('notes', 'a'))?.body).toBe(1);
    await next.close();
  });

  test('a transaction that another one undid is tried again, and is written once', async () => {
    const { store, close } = await openRemoteStore(url, options);
    await store.commit([note('a'), note('heavy')]);
    // The other one locks the record, waits until the store waits for it, and then wants what the store has: one of the two must give way.
    const other = await deadlock(url);
    const committed = store.commit([note('a', 'changed'), { change: 'append', stream: 's', entries: [bytes('x')] }]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await other.close();
    await committed;
    expect(store.figures.retries).toBeGreaterThanOrEqual(1);
    expect(await store.get('notes', 'a')).toMatchObject({ body: 'changed' });
    expect(await store.length('s')).toBe(1);
    await close();
  });

  if (server.startsWith('postgres'))
    describe('PostgreSQL, as its database is set', () => {
      const other = async (...statements: string[]) => {
        const { default: pg } = await import('pg');
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        for (const statement of statements) await client.query(statement);
        return {
          async end(...last: string[]) {
            for (const statement of last) await client.query(statement);
            await client.end();
          },
        };
      };
      const set = (setting: string) => ask(url, `ALTER DATABASE ${new URL(url).pathname.slice(1)} SET ${setting}`);

      test('serializable: what could not be ordered is tried again, and written once', async () => {
        await set("default_transaction_isolation = 'serializable'");
        const { store, close } = await openRemoteStore(url, options);
        await store.commit([note('a', 0)]);
        const one = await other('BEGIN', "UPDATE record_notes SET version = version WHERE id = 'a'");
        const committed = store.commit([
          { ...note('a', 'second'), ifVersion: 1 },
          { change: 'append', stream: 's', entries: [bytes('x')], at: 0 },
        ]);
        await new Promise((resolve) => setTimeout(resolve, 200));
        expect(await store.length('s')).toBe(0);
        await one.end('COMMIT');
        await committed;
        expect(store.figures.retries).toBeGreaterThanOrEqual(1);
        expect(await store.get('notes', 'a')).toEqual({ id: 'a', version: 2, body: 'second' });
        expect(await store.length('s')).toBe(1);
        await close();
      });

      test('a lock that is not let go: tried a few times, then told, and nothing was written', async () => {
        const { store: before, close: closeBefore } = await openRemoteStore(url, options);
        await before.commit([note('a', 0)]);
        await closeBefore();
        await set("lock_timeout = '20ms'");
        const { store, close } = await openRemoteStore(url, options);
        const one = await other('BEGIN', 'SELECT token FROM writer WHERE id = 1 FOR UPDATE');
        const begun = performance.now();
        await expect(store.commit([note('a', 1)])).rejects.toMatchObject({ code: 'CSP-STO-005', kind: 'unavailable' });
        expect(performance.now() - begun).toBeLessThan(10_000);
        expect(store.figures.retries).toBe(7);
        await one.end('ROLLBACK');
        await store.commit([note('b', 2)]);
        expect(await store.get('notes', 'a')).toEqual({ id: 'a', version: 1, body: 0 });
        await close();
      });
    });

  describe('a connection that breaks', () => {
    let proxy: TcpProxy;
    let through: string;
    beforeEach(async () => {
      const { hostname, port, protocol } = new URL(server);
      proxy = await tcpProxy({ host: hostname, port: Number(port || (protocol === 'postgresql:' ? 5432 : 3306)) });
      const proxied = new URL(url);
      proxied.port = String(proxy.port);
      through = proxied.href;
    });
    afterEach(() => proxy.close());

    test.each(['before', 'after'] as const)('%s the server has read COMMIT: written once', async (when) => {
      const { store, close } = await openRemoteStore(through, options);
      await store.commit([note('a', 0)]);
      proxy.cutWhen((sent) => sent.includes('COMMIT'), when);
      await store.commit([
        { ...note('a', 'second'), ifVersion: 1 },
        { change: 'append', stream: 's', entries: [bytes('x')], at: 0 },
      ]);
      expect(await store.get('notes', 'a')).toEqual({ id: 'a', version: 2, body: 'second' });
      expect(await store.length('s')).toBe(1);
      // Known to be written: not tried again. Known not to be: tried again.
      expect(store.figures.retries).toBe(when === 'after' ? 0 : 1);
      await close();
    });

    test('a server that is away for a while: what was asked for in between is told or done, and the store lives on', async () => {
      const { store, close } = await openRemoteStore(through, options);
      proxy.down();
      await expect(store.get('notes', 'a')).rejects.toMatchObject({ kind: 'unavailable' });
      const committed = store.commit([note('late')]);
      setTimeout(() => proxy.up(), 200);
      await committed;
      expect((await store.get('notes', 'late'))?.body).toBe(1);
      await close();
    });

    test('nobody there: said with the place, without the password', async () => {
      proxy.down();
      const secret = through.replace('@', ':s3cret@');
      const refused = await openRemoteStore(secret, { ...options, timeoutMs: 500 }).catch((fault: Error) => fault);
      expect(refused).toMatchObject({ code: 'CSP-STO-012', kind: 'unavailable' });
      expect((refused as Error).message).toContain('127.0.0.1');
      expect((refused as Error).message).not.toContain('s3cret');
    });
  });

  test('the schema: none, made, grown by a declaration, refused when another version wrote it', async () => {
    expect(await remoteStatus(url)).toEqual([{ name: '0001-streams', applied: false }]);
    const first = await openRemoteStore(url, options);
    await first.store.commit([note('old')]);
    await first.close();
    expect(await remoteStatus(url)).toEqual([{ name: '0001-streams', applied: true }]);
    const grown = [{ name: 'notes', fields: { kind: 'text', size: 'integer' } }] as const;
    const second = await openRemoteStore(url, { ...options, collections: grown });
    await second.store.commit([{ ...note('new'), fields: { size: 3 } }]);
    expect((await second.store.find('notes', { where: { size: 3 }, limit: 9, offset: 0 })).total).toBe(1);
    expect((await second.store.find('notes', { orderBy: 'size', limit: 9, offset: 0 })).records[0]?.id).toBe('old');
    await second.close();
    await ask(url, "UPDATE migration SET checksum = 'other'");
    await expect(openRemoteStore(url, options)).rejects.toMatchObject({ code: 'CSP-STO-008' });
    await expect(remoteStatus(url)).rejects.toMatchObject({ code: 'CSP-STO-008' });
  });

  test('ids are compared byte by byte, and what a server would cut is refused', async () => {
    const { store, close } = await openRemoteStore(url, options);
    const ids = ['a', 'A', 'a ', 'ä', "it's", '\\', '💬'];
    await store.commit(ids.map((id) => note(id, id)));
    for (const id of ids) expect((await store.get('notes', id))?.body).toBe(id);
    await expect(store.commit([note('x'.repeat(256))])).rejects.toMatchObject({ code: 'CSP-STO-003' });
    await expect(store.commit([note('nul\0')])).rejects.toMatchObject({ code: 'CSP-STO-003' });
    const large = new Uint8Array(3_000_000).map((_, index) => index);
    await store.commit([{ change: 'append', stream: 'large', entries: [large, large, large] }]);
    expect(Buffer.compare((await store.read('large', { from: 2, limit: 1 }))[0]!, large)).toBe(0);
    await close();
  });
});

test('a database nobody has tested is refused by name unless asked for', async () => {
  const open = openRemoteStore('cockroachdb://127.0.0.1:1/x', options);
  await expect(open).rejects.toMatchObject({ code: 'CSP-STO-013' });
  const asked = openRemoteStore('cockroachdb://127.0.0.1:1/x', { ...options, experimental: true });
  await expect(asked).rejects.toMatchObject({ code: 'CSP-STO-012' });
});

/** A transaction beside the store that holds record `a` and, on `close`, asks for the row of the writers. */
async function deadlock(url: string): Promise<{ close(): Promise<void> }> {
  const heavy = Array.from({ length: 20 }, () => "UPDATE record_notes SET version = version WHERE id = 'heavy'");
  const hold = ['BEGIN', ...heavy, "SELECT id FROM record_notes WHERE id = 'a' FOR UPDATE"];
  const clash = 'SELECT token FROM writer WHERE id = 1 FOR UPDATE';
  if (url.startsWith('postgres')) {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    // The store is the one that finds the circle: it looks first.
    await client.query("SET deadlock_timeout = '10s'");
    for (const statement of hold) await client.query(statement);
    return {
      async close() {
        await client.query(clash);
        await client.query('ROLLBACK');
        await client.end();
      },
    };
  }
  const mysql = await import('mysql2/promise');
  const connection = await mysql.createConnection(url.replace(/^mariadb:/, 'mysql:'));
  await connection.query('BEGIN');
  // InnoDB undoes the transaction that changed less.
  await connection.query(
    `INSERT INTO entry (stream, sequence, bytes) VALUES ${Array.from({ length: 50 }, (_, index) => `('ballast', ${index}, '')`).join()}`,
  );
  await connection.query("SELECT id FROM record_notes WHERE id = 'a' FOR UPDATE");
  return {
    async close() {
      await connection.query(clash);
      await connection.query('ROLLBACK');
      await connection.end();
    },
  };
}
