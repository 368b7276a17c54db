/** Journals in a store: the fence, the marks, the audit leaves and the changes of a batch are one transaction. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Batch, type Entry, FencedError } from '@enhanced-csp/engine/durable';
import type { Change } from '@enhanced-csp/platform';
import { afterAll, expect, test } from 'vitest';
import { JOURNAL_COLLECTIONS, type JournalAudit, type JournalStore, openJournal } from './journal.ts';
import { openStore } from './open-store.ts';

const folder = mkdtempSync(join(tmpdir(), 'csp-journal-'));
const { store, close } = openStore(folder, { collections: JOURNAL_COLLECTIONS, now: () => 0 });
afterAll(() => {
  close();
  rmSync(folder, { recursive: true });
});

const sent = (value: number): Entry => ({ kind: 'buffered', channel: 'c', sender: ['outside 1', value], value });
const batch = (more: Partial<Batch>): Batch => ({ entries: [], marks: [], changes: [], ...more });
const note = (text: string) => ({ change: 'append', stream: 'notes', entries: [new TextEncoder().encode(text)] });
const all = async (journal: { read(from: number): AsyncIterable<Entry> }, from = 0) => {
  const entries: Entry[] = [];
  for await (const entry of journal.read(from)) entries.push(entry);
  return entries;
};

test('an older owner writes nothing, neither entry nor change nor mark', async () => {
  const old = await openJournal(store, 'a');
  await old.append(
    batch({ entries: [sent(1)], marks: ['one'], changes: [note('first')], head: { from: 1, ended: {} } }),
  );
  const next = await openJournal(store, 'a');
  expect([old.epoch, next.epoch, next.length, next.head.from]).toEqual([1, 2, 3, 1]);
  const late = batch({ entries: [sent(2)], marks: ['two'], changes: [note('late')], head: { from: 3, ended: {} } });
  await expect(old.append(late)).rejects.toThrow(FencedError);
  await expect(old.append(late)).rejects.toThrow(FencedError);
  expect(await store.length('notes')).toBe(1);
  expect([await next.seen('one'), await next.seen('two')]).toEqual([true, false]);
  expect(await all(next)).toEqual([{ kind: 'opened', epoch: 1 }, sent(1), { kind: 'opened', epoch: 2 }]);
  await next.append(late);
  expect((await all(next, 3)).length).toBe(1);
  expect((await openJournal(store, 'a')).head.from).toBe(3);
});

test('a mark is made once: a batch with one that is there is not written', async () => {
  const journal = await openJournal(store, 'b');
  await journal.append(batch({ entries: [sent(1)], marks: ['one'] }));
  await expect(journal.append(batch({ entries: [sent(2)], marks: ['one'] }))).rejects.toMatchObject({
    code: 'CSP-STO-001',
  });
  expect((await all(journal)).length).toBe(2);
  await expect(journal.seen('x'.repeat(191))).rejects.toMatchObject({ code: 'CSP-STO-003' });
  await expect(openJournal(store, '')).rejects.toMatchObject({ code: 'CSP-STO-003' });
});

test('owners that open at once are owners one after the other', async () => {
  const owners = await Promise.all([1, 2, 3, 4].map(() => openJournal(store, 'c')));
  expect(owners.map(({ epoch }) => epoch).sort()).toEqual([1, 2, 3, 4]);
  const written = await Promise.allSettled(
    owners.map((owner) => owner.append(batch({ entries: [sent(owner.epoch)] }))),
  );
  expect(written.filter(({ status }) => status === 'fulfilled').length).toBe(1);
  expect((await all(owners[0]!)).at(-1)).toEqual(sent(4));
});

test('a leaf for each event, in the same transaction, and on from where the log was', async () => {
  const audit: JournalAudit = {
    id: 'audit.d',
    protocol: { name: 'd', source: 'channel c\nP = c -> P', system: 'P', roles: ['outside'] },
    sha256: (bytes) => createHash('sha256').update(bytes).digest(),
    at: () => '2026-01-01T00:00:00.000Z',
    eventOf: (entry) => (entry.kind === 'buffered' ? { role: 'outside', event: 'c' } : undefined),
  };
  const first = await openJournal(store, 'd', { audit });
  await first.append(batch({ entries: [sent(1), sent(2)] }));
  const second = await openJournal(store, 'd', { audit });
  await expect(first.append(batch({ entries: [sent(3)] }))).rejects.toThrow(FencedError);
  await second.append(batch({ entries: [sent(4)] }));
  // The owner before writes once more while the log is read: the opening begins anew, with what was written.
  let reads = 0;
  const meddled: JournalStore = Object.assign(Object.create(store), {
    length: (stream: string) => store.length(stream),
    get: (collection: string, id: string) => store.get(collection, id),
    commit: (changes: readonly Change[]) => store.commit(changes),
    async read(stream: string, range: { from: number; limit: number }) {
      const found = await store.read(stream, range);
      if (++reads === 1) await second.append(batch({ entries: [sent(5)] }));
      return found;
    },
  });
  const third = await openJournal(meddled, 'd', { audit });
  await third.append(batch({ entries: [sent(6)] }));
  const leaves = (await store.read('audit.d', { from: 0, limit: 9 })).map((leaf) =>
    JSON.parse(new TextDecoder().decode(leaf)),
  );
  expect(leaves.map(({ kind, seq }) => `${seq} ${kind}`)).toEqual([
    '0 opened',
    '1 event',
    '2 event',
    '3 event',
    '4 event',
    '5 event',
  ]);
});
