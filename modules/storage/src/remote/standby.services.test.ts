/** A real standby of PostgreSQL, streaming from a primary of the test's own: paused and let go, it answers only what it has. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Collection } from '@enhanced-csp/platform';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort, type Provided, provide } from '../../../../scripts/services/provide.ts';
import { as, POSTGRES_BIN, program, SERVICES, type Service } from '../../../../scripts/services/services.ts';
import { openRemoteStore } from './open.ts';
import { ask } from './servers.fixture.ts';

const collections: readonly Collection[] = [{ name: 'notes', fields: {} }];
const postgres = SERVICES.find(({ name }) => name === 'PostgreSQL') as Service;
const folder = mkdtempSync(join(tmpdir(), 'csp-standby-'));
let primary: Provided;
let standby: ChildProcess;
let replica: string;

beforeAll(async () => {
  primary = await provide(postgres, { own: true });
  chmodSync(folder, 0o777);
  const data = join(folder, 'data');
  const copy = ['-d', primary.url, '-D', data, '-R', '-X', 'stream', '-c', 'fast', '--no-sync'];
  execFileSync(...as('postgres', [program('pg_basebackup', POSTGRES_BIN), ...copy]), { stdio: 'ignore' });
  const port = await freePort();
  const listen = ['-p', `${port}`, '-c', 'listen_addresses=127.0.0.1', '-k', folder];
  standby = spawn(...as('postgres', [program('postgres', POSTGRES_BIN), '-D', data, ...listen]), { stdio: 'ignore' });
  replica = postgres.url(port);
  for (let waited = 0; !(await postgres.answers(replica)); waited += 100) {
    if (waited > 20_000) throw new Error('the standby does not answer');
    await pause(100);
  }
}, 60_000);
afterAll(async () => {
  const ended = new Promise((resolve) => standby.once('exit', resolve));
  standby.kill('SIGTERM');
  await ended;
  await primary.end();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

test('under writes every answer has what was acknowledged, and the standby gives many of them', {
  timeout: 60_000,
}, async () => {
  const { store, replicas, close } = await openRemoteStore(primary.url, {
    collections,
    now: () => 0,
    replicas: [replica],
  });
  let written = 0;
  const ends = performance.now() + 4000;
  const writer = async () => {
    while (performance.now() < ends) {
      const next = written + 1;
      await store.commit([{ change: 'put', collection: 'notes', id: 'a', fields: {}, body: next }]);
      written = next;
      await pause(Math.random() * 100);
    }
  };
  const reader = async () => {
    while (performance.now() < ends) {
      const acknowledged = written;
      const read = (await store.get<number>('notes', 'a'))?.body ?? 0;
      expect(read).toBeGreaterThanOrEqual(acknowledged);
      await pause(Math.random() * 10);
    }
  };
  await Promise.all([writer(), reader(), reader()]);
  expect(replicas?.answered).toBeGreaterThan(20);

  // It stops following: what it does not have comes from the primary.
  await ask(replica, 'SELECT pg_wal_replay_pause()');
  await store.commit([{ change: 'put', collection: 'notes', id: 'a', fields: {}, body: -1 }]);
  const before = replicas?.answered;
  for (let read = 0; read < 5; read++) {
    expect((await store.get('notes', 'a'))?.body).toBe(-1);
    await pause(60);
  }
  expect(replicas?.answered).toBe(before);
  expect((await store.find('notes', { limit: 1, offset: 0, mayLag: true })).records[0]?.body).toBe(written);
  await ask(replica, 'SELECT pg_wal_replay_resume()');
  await expect
    .poll(async () => {
      expect((await store.get('notes', 'a'))?.body).toBe(-1);
      return replicas?.answered;
    })
    .toBeGreaterThan((before ?? 0) + 1);
  await close();
});
