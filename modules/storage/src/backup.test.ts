/** Backups: whole while a server writes, verified before they are believed, put back only where nobody works. */
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Collection } from '@enhanced-csp/platform';
import { afterAll, expect, test } from 'vitest';
import { backupTo, restoreFrom } from './backup.ts';
import { readEmbedded, verifyEmbedded } from './contents.ts';
import { openStore } from './open-store.ts';

const root = mkdtempSync(join(tmpdir(), 'csp-backup-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const collections: readonly Collection[] = [{ name: 'notes', fields: { size: 'integer' } }];
const open = (folder: string) => openStore(folder, { collections, now: () => 0 });
const both = (number: number) =>
  [
    { change: 'put', collection: 'notes', id: `n${number}`, fields: { size: number }, body: { number } },
    { change: 'append', stream: 'log', entries: [new Uint8Array([number % 256])], at: number },
  ] as const;

test('a backup while the store writes is one moment of it, and can be put back', async () => {
  const folder = join(root, 'live');
  const { store, close } = open(folder);
  for (let number = 0; number < 300; number++) await store.commit(both(number));
  const file = join(root, 'live.db');
  const taken = backupTo(folder, file);
  for (let number = 300; number < 600; number++) await store.commit(both(number));
  const tables = Object.fromEntries((await taken).map(({ table, rows }) => [table, rows]));
  // Each commit wrote one of each: a moment has as many of both.
  expect(tables.record_notes).toBe(tables.entry);
  expect(tables.entry).toBeGreaterThanOrEqual(300);
  expect(() => restoreFrom(file, folder)).toThrow(expect.objectContaining({ code: 'CSP-STO-006' }));
  close();

  expect(restoreFrom(file, folder)).toEqual(await taken);
  const restored = open(folder);
  expect(await restored.store.length('log')).toBe(tables.entry);
  expect((await restored.store.get('notes', 'n299'))?.body).toEqual({ number: 299 });
  restored.close();
  expect(existsSync(join(folder, 'csp.db.replaced'))).toBe(true);
  expect(verifyEmbedded(join(folder, 'csp.db.replaced')).find(({ table }) => table === 'entry')?.rows).toBe(600);
  await expect(backupTo(folder, file)).rejects.toMatchObject({ code: 'CSP-STO-014' });
  await expect(backupTo(join(root, 'nothing'), join(root, 'x.db'))).rejects.toMatchObject({ code: 'CSP-STO-016' });
});

test('a backup that is not whole is refused, whatever is wrong with it, and nothing is changed', async () => {
  const folder = join(root, 'good');
  const { store, close } = open(folder);
  for (let number = 0; number < 50; number++) await store.commit(both(number));
  close();
  const good = join(root, 'good.db');
  const expected = await backupTo(folder, good);
  expect(verifyEmbedded(good)).toEqual(expected);
  const damages: Readonly<Record<string, (database: DatabaseSync) => void>> = {
    'an entry is missing': (database) => database.exec('DELETE FROM entry WHERE sequence = 20'),
    'the last entry is missing': (database) => database.exec('DELETE FROM entry WHERE sequence = 49'),
    'a step of another version': (database) => database.exec("UPDATE migration SET name = '0009-later'"),
  };
  for (const [name, damage] of Object.entries(damages)) {
    const file = join(root, `${name}.db`);
    copyFileSync(good, file);
    const database = new DatabaseSync(file);
    damage(database);
    database.close();
    expect(() => restoreFrom(file, folder), name).toThrow(/CSP|entr|version/);
  }
  const cut = join(root, 'cut.db');
  writeFileSync(cut, readFileSync(good).subarray(0, 12_000));
  expect(() => restoreFrom(cut, folder)).toThrow(expect.objectContaining({ code: 'CSP-STO-007' }));
  const changed = join(root, 'changed.db');
  copyFileSync(good, changed);
  const database = new DatabaseSync(changed);
  database.exec("UPDATE record_notes SET body = '0' WHERE id = 'n7'");
  database.close();
  expect(verifyEmbedded(changed)).not.toEqual(expected);
  expect(verifyEmbedded(join(folder, 'csp.db'))).toEqual(expected);
  expect(readEmbedded(good).collections).toEqual(collections);
});
