import { spawn } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Change, Collection } from '@enhanced-csp/platform';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { openStore } from './open-store.ts';

const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'csp-store-'));
  folders.push(made);
  return made;
}
afterAll(() => {
  for (const one of folders) rmSync(one, { recursive: true, force: true });
});

const COLLECTIONS: readonly Collection[] = [{ name: 'notes', fields: {} }];
const options = { collections: COLLECTIONS, now: () => Date.UTC(2026, 0, 1) };
const note = (id: string, body: unknown = 1) => ({ change: 'put', collection: 'notes', id, fields: {}, body }) as const;

describe('group commit', () => {
  test('commits of one turn of the event loop share one transaction', async () => {
    const { store, close } = openStore(folder(), options);
    await Promise.all(Array.from({ length: 100 }, (_, index) => store.commit([note(`n${index}`)])));
    expect(store.figures).toEqual({ commits: 100, groups: 1 });
    await store.commit([note('later')]);
    expect(store.figures).toEqual({ commits: 101, groups: 2 });
    close();
  });

  test('one that faults is left out alone, and the streams of its group go on without a gap', async () => {
    const where = folder();
    const { store, close } = openStore(where, options);
    const append = (text: string, at?: number) =>
      ({ change: 'append', stream: 's', entries: [Buffer.from(text)], ...(at !== undefined && { at }) }) as const;
    await store.commit([append('0')]);
    const outcomes = await Promise.allSettled([
      store.commit([append('1', 1), note('a')]),
      store.commit([append('lost'), { ...note('b'), ifVersion: 7 }]),
      store.commit([append('2', 2), note('a', 2)]),
      store.commit([append('late', 1)]),
      store.commit([{ ...append('new'), stream: 't' }]),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      ...['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'],
    ]);
    await store.commit([append('3', 3), { ...append('more', 1), stream: 't' }]);
    const texts = async (stream: string) =>
      (await store.read(stream, { from: 0, limit: 9 })).map((bytes) => Buffer.from(bytes).toString());
    expect(await texts('s')).toEqual(['0', '1', '2', '3']);
    expect(await texts('t')).toEqual(['new', 'more']);
    expect([await store.length('s'), await store.length('t')]).toEqual([4, 2]);
    expect(await store.get('notes', 'a')).toMatchObject({ version: 2, body: 2 });
    expect(await store.get('notes', 'b')).toBeUndefined();
    close();
    const again = openStore(where, options);
    expect(await again.store.length('s')).toBe(4);
    again.close();
  });

  test('a group leaves what its commits leave one after the other: records, versions, order', async () => {
    const collections: readonly Collection[] = [{ name: 'notes', fields: { size: 'integer' } }];
    const change = fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), size: fc.nat(3), kind: fc.nat(9) });
    interface Draft {
      readonly id: string;
      readonly size: number;
      readonly kind: number;
    }
    const changeOf = ({ id, size, kind }: Draft): Change =>
      kind === 0
        ? { change: 'delete', collection: 'notes', id }
        : { ...note(id, { size }), fields: { size }, ...(kind === 1 && { ifVersion: size }) };
    const commits = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(commits, async (drafts) => {
        const left: unknown[] = [];
        for (const together of [true, false]) {
          const { store, close } = openStore(folder(), { ...options, collections });
          const outcomes: boolean[] = [];
          const commit = (draft: readonly Draft[]) =>
            store.commit(draft.map(changeOf)).then(
              () => true,
              () => false,
            );
          if (together) outcomes.push(...(await Promise.all(drafts.map(commit))));
          else for (const draft of drafts) outcomes.push(await commit(draft));
          left.push({ outcomes, ...(await store.find('notes', { limit: 9, offset: 0 })) });
          close();
        }
        expect(left[0]).toEqual(left[1]);
      }),
      { seed: 12, numRuns: 60 },
    );
  });

  test('the queue is bounded: what is too much is refused, the rest is written', async () => {
    const { store, close } = openStore(folder(), { ...options, queueMax: 3 });
    const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((id) => store.commit([note(id)])));
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
    ]);
    expect(outcomes[3]).toMatchObject({ reason: { code: 'CSP-STO-004', kind: 'unavailable' } });
    await store.commit([note('d')]);
    expect((await store.find('notes', { limit: 9, offset: 0 })).total).toBe(4);
    close();
  });

  test('so are the bytes that wait, and a single large commit is still possible', async () => {
    const { store, close } = openStore(folder(), { ...options, queueBytesMax: 100 });
    const large = 'x'.repeat(200);
    const outcomes = await Promise.allSettled([store.commit([note('a', large)]), store.commit([note('b')])]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    close();
  });

  test('closing writes what waits, and then everything is refused', async () => {
    const where = folder();
    const { store, close } = openStore(where, options);
    const waiting = store.commit([note('last')]);
    close();
    await waiting;
    await expect(store.commit([note('too late')])).rejects.toMatchObject({ code: 'CSP-STO-009' });
    await expect(store.get('notes', 'last')).rejects.toMatchObject({ code: 'CSP-STO-009' });
    const again = openStore(where, options);
    expect((await again.store.get('notes', 'last'))?.body).toBe(1);
    again.close();
  });

  test('a database that cannot write fails the whole group, with the cause, and goes on when it can', async () => {
    const where = folder();
    const { store, close } = openStore(where, options);
    await store.commit([note('before')]);
    // A second connection holds the write lock, as a backup tool might.
    const other = new DatabaseSync(join(where, 'csp.db'));
    other.exec('BEGIN IMMEDIATE');
    const outcomes = await Promise.allSettled([store.commit([note('a')]), store.commit([note('b')])]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CSP-STO-005', kind: 'unavailable' } });
    other.exec('ROLLBACK');
    other.close();
    await store.commit([note('after')]);
    expect((await store.find('notes', { limit: 9, offset: 0 })).records.map(({ id }) => id)).toEqual([
      'before',
      'after',
    ]);
    close();
  });
});

describe('the file', () => {
  test('is opened with a flush for every commit', () => {
    const where = folder();
    openStore(where, options).close();
    const database = new DatabaseSync(join(where, 'csp.db'));
    expect(database.prepare('PRAGMA journal_mode').get()).toMatchObject({ journal_mode: 'wal' });
    database.close();
    // The flush itself is seen from outside by the count of fsync calls; here it is the setting: 2 is FULL.
    const { store, close } = openStore(where, options);
    expect(store.synchronous).toBe(2);
    close();
  });

  test('grows with its declarations and keeps what it has', async () => {
    const where = folder();
    const first = openStore(where, options);
    await first.store.commit([note('old')]);
    first.close();
    const grown = [
      { name: 'notes', fields: { color: 'text' } },
      { name: 'more', fields: {} },
    ] as const;
    const second = openStore(where, { ...options, collections: grown });
    await second.store.commit([{ change: 'put', collection: 'notes', id: 'new', fields: { color: 'red' }, body: 2 }]);
    expect(
      (await second.store.find('notes', { where: { color: 'red' }, limit: 9, offset: 0 })).records.map(({ id }) => id),
    ).toEqual(['new']);
    expect((await second.store.find('notes', { limit: 9, offset: 0 })).total).toBe(2);
    second.close();
    const back = openStore(where, options);
    expect((await back.store.find('notes', { limit: 9, offset: 0 })).total, 'an older declaration still reads it').toBe(
      2,
    );
    back.close();
  });

  test.each([
    [
      'text that is no database',
      (file: string) => writeFileSync(file, 'this is not a database, but it is long enough to look at\n'.repeat(100)),
    ],
    [
      'a database of another program',
      (file: string) => {
        const database = new DatabaseSync(file);
        database.exec('CREATE TABLE theirs (x)');
        database.close();
      },
    ],
    [
      'a page overwritten',
      (file: string) => {
        const size = statSync(file).size;
        const handle = openSync(file, 'r+');
        writeSync(handle, Buffer.alloc(4096, 0xab), 0, 4096, size - 4096);
        closeSync(handle);
      },
    ],
  ])('is refused, and not touched, when it is damaged: %s', async (_, damage) => {
    const where = folder();
    const file = join(where, 'csp.db');
    const { store, close } = openStore(where, options);
    await Promise.all(Array.from({ length: 200 }, (_, index) => store.commit([note(`n${index}`, 'x'.repeat(500))])));
    close();
    rmSync(`${file}-wal`, { force: true });
    if (_ !== 'a page overwritten') rmSync(file);
    damage(file);
    const before = readFileSync(file);
    expect(() => openStore(where, options)).toThrow(expect.objectContaining({ code: 'CSP-STO-007' }));
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(join(where, 'server.pid')), 'the folder is free again').toBe(false);
  });

  test('is refused when a newer version has changed its schema', () => {
    const where = folder();
    openStore(where, options).close();
    const database = new DatabaseSync(join(where, 'csp.db'));
    database.exec("INSERT INTO migration VALUES (99, '0099-from-the-future', 'abc', '2030-01-01')");
    database.close();
    expect(() => openStore(where, options)).toThrow(expect.objectContaining({ code: 'CSP-STO-008' }));
    const edited = new DatabaseSync(join(where, 'csp.db'));
    edited.exec("DELETE FROM migration WHERE position = 99; UPDATE migration SET checksum = 'edited'");
    edited.close();
    expect(() => openStore(where, options)).toThrow(expect.objectContaining({ code: 'CSP-STO-008' }));
  });

  test('a copy made while it is open, with its log, holds everything acknowledged', async () => {
    const where = folder();
    const { store, close } = openStore(where, options);
    await store.commit([note('here')]);
    const copy = folder();
    for (const name of ['csp.db', 'csp.db-wal']) copyFileSync(join(where, name), join(copy, name));
    close();
    const copied = openStore(copy, options);
    expect((await copied.store.get('notes', 'here'))?.body).toBe(1);
    copied.close();
  });
});

describe('the lock', () => {
  test('a second server on one folder is refused, with the PID of the first', () => {
    const where = folder();
    const first = openStore(where, options);
    expect(() => openStore(where, options)).toThrow(
      expect.objectContaining({ code: 'CSP-STO-006', details: { folder: where, pid: process.pid } }),
    );
    first.close();
    openStore(where, options).close();
  });

  test('the PID of another process is named; when that is killed, the folder can be taken', async () => {
    const where = folder();
    const writer = startWriter(where);
    await writer.acknowledged(1);
    expect(() => openStore(where, options)).toThrow(
      expect.objectContaining({ details: { folder: where, pid: writer.pid } }),
    );
    await writer.kill();
    const after = openStore(where, options);
    expect(after.afterCrash).toBe(true);
    after.close();
    const next = openStore(where, options);
    expect(next.afterCrash).toBe(false);
    next.close();
  });

  test('a PID file that was left behind, even with the PID of a living process, does not lock', () => {
    const where = folder();
    writeFileSync(join(where, 'server.pid'), '1\n');
    const { afterCrash, close } = openStore(where, options);
    expect(afterCrash).toBe(true);
    close();
  });

  test('a folder that cannot be made is refused with the reason', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    expect(() => openStore(join(file, 'below'), options)).toThrow(expect.objectContaining({ code: 'CSP-STO-010' }));
  });
});

describe('kill -9', () => {
  test('what was acknowledged is there, whole and once, and no commit is half written', async () => {
    for (let round = 0; round < 5; round++) {
      const where = folder();
      const writer = startWriter(where);
      await writer.acknowledged(20 + round * 13);
      const acknowledged = await writer.kill();
      const { store, close } = openStore(where, options);
      const entries = (await store.read('numbers', { from: 0, limit: 1_000_000 })).map((entry) =>
        Number(new TextDecoder().decode(entry)),
      );
      const { total } = await store.find('notes', { limit: 1, offset: 0 });
      close();
      const present = new Set(entries);
      expect(present.size, 'none twice').toBe(entries.length);
      for (const number of acknowledged) expect(present.has(number), `${number} was acknowledged`).toBe(true);
      expect(total, 'each commit writes one entry and one record').toBe(entries.length);
    }
  });
});

/** A process that commits numbers as fast as it can, and prints each one when its commit was acknowledged. */
function startWriter(where: string) {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'kill.writer.ts'), where], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const complete = () =>
    text
      .slice(0, text.lastIndexOf('\n') + 1)
      .split('\n')
      .filter(Boolean)
      .map(Number);
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    pid: child.pid,
    async acknowledged(count: number) {
      while (complete().length < count) await new Promise((resolve) => setTimeout(resolve, 2));
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
      return complete();
    },
  };
}
