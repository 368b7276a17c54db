/** From the embedded store to a server, with everything in it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Collection } from '@enhanced-csp/platform';
import { afterAll, expect, test } from 'vitest';
import { tcpProxy } from '../../../../tests/services/tcp-proxy.ts';
import { embeddedFile, verifyEmbedded } from '../contents.ts';
import { openStore } from '../open-store.ts';
import { type CopyProgress, copyTo } from './copy.ts';
import { openRemoteStore } from './open.ts';
import { ask, emptyDatabase, serversUnderTest } from './servers.fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'csp-copy-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const collections: readonly Collection[] = [{ name: 'notes', fields: { size: 'integer', kind: 'text' } }];
const options = { collections, now: () => 0 };

test.each(serversUnderTest())('%s: what arrives is what was there', async (server) => {
  const folder = mkdtempSync(join(root, 'data-'));
  const { store, close } = openStore(folder, options);
  for (let number = 0; number < 1200; number++)
    await store.commit([
      {
        change: 'put',
        collection: 'notes',
        id: `n${(number * 7919) % 1200}`,
        fields: { size: number % 3 === 0 ? null : number * 2 ** 40, kind: 'π it’s' },
        body: { number, text: "it's \\ \u0000 💬" },
      },
      { change: 'append', stream: `s${number % 5}`, entries: [new Uint8Array([number, 0, 255]), new Uint8Array()] },
    ]);
  const { url, drop } = await emptyDatabase(server);
  await expect(copyTo(folder, url, options)).rejects.toMatchObject({ code: 'CSP-STO-006' });
  close();

  // Interrupted in the middle: no server takes half of it, and the next copy goes on.
  const { hostname, port, protocol } = new URL(server);
  const proxy = await tcpProxy({ host: hostname, port: Number(port || (protocol === 'postgresql:' ? 5432 : 3306)) });
  const through = new URL(url);
  through.port = String(proxy.port);
  const interrupted = copyTo(folder, through.href, {
    ...options,
    progress: ({ table, rows }) => {
      if (table === 'record_notes' && rows >= 1000) proxy.down();
    },
  });
  await expect(interrupted).rejects.toMatchObject({ kind: 'unavailable' });
  await proxy.close();
  await expect(openRemoteStore(url, options)).rejects.toMatchObject({ code: 'CSP-STO-018' });
  const progress: CopyProgress[] = [];
  const sent = await copyTo(folder, url, { ...options, progress: (one) => progress.push(one) });
  // Only the rest was sent.
  expect(progress.filter(({ step, table }) => step === 'sent' && table === 'record_notes')).toEqual([
    { step: 'sent', table: 'record_notes', rows: 1200, total: 1200 },
  ]);
  expect(progress.at(-1)).toEqual({ step: 'compared', table: 'entry', rows: 2400, total: 2400 });
  expect(sent).toEqual(verifyEmbedded(embeddedFile(folder)));
  expect(sent.map(({ table, rows }) => [table, rows])).toEqual([
    ['record_notes', 1200],
    ['stream', 5],
    ['entry', 2400],
  ]);
  const copy = await openRemoteStore(url, options);
  const original = openStore(folder, options);
  for (const orderBy of ['created', '-size', 'kind'])
    expect(await copy.store.find('notes', { orderBy, limit: 2000, offset: 0 })).toEqual(
      await original.store.find('notes', { orderBy, limit: 2000, offset: 0 }),
    );
  for (const stream of ['s0', 's4'])
    expect((await copy.store.read(stream, { from: 0, limit: 999 })).map((entry) => [...entry])).toEqual(
      (await original.store.read(stream, { from: 0, limit: 999 })).map((entry) => [...entry]),
    );
  original.close();
  await copy.close();
  await expect(copyTo(folder, url, options)).rejects.toMatchObject({ code: 'CSP-STO-014' });

  // A server that changes what it is given is found out, and nothing of it stays.
  const other = await emptyDatabase(server);
  await (await openRemoteStore(other.url, options)).close();
  await ask(
    other.url,
    ...(server.startsWith('postgres')
      ? [
          'CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.version := NEW.version + 1; RETURN NEW; END $$',
          'CREATE TRIGGER spoil BEFORE INSERT ON record_notes FOR EACH ROW EXECUTE FUNCTION spoil()',
        ]
      : ['CREATE TRIGGER spoil BEFORE INSERT ON record_notes FOR EACH ROW SET NEW.version = NEW.version + 1']),
  );
  await expect(copyTo(folder, other.url, options)).rejects.toMatchObject({ code: 'CSP-STO-015' });
  expect((await ask(other.url, 'SELECT count(*) AS total FROM record_notes'))[0]).toMatchObject({
    total: server.startsWith('postgres') ? '0' : 0,
  });
  await drop();
  await other.drop();
});
