/**
 * The torn tail: the write-ahead log of the embedded store, cut off at, or with a flipped bit in, every byte of its last commit. Whatever is left, the
 * store opens, and the commit is wholly there or wholly not; all before it is as it was.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogWriter } from '@enhanced-csp/engine/audit';
import type { Change } from '@enhanced-csp/platform';
import { maintenance, openStore } from '@enhanced-csp/storage';

const COLLECTIONS = [{ name: 'payloads', fields: { turn: 'integer' } }] as const;
const COMMITS = 12;
const STREAM = 'conversation.torn';
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const options = { collections: COLLECTIONS, now: Date.now };

export interface TornTail {
  /** Damaged copies that were opened. */
  readonly copies: number;
  /** With the last commit, and without it. */
  readonly whole: number;
  readonly absent: number;
  readonly wrong: readonly string[];
}

/** Tries every `stride`-th byte of the last commit, in copies under `folder`. */
export async function tearTail(folder: string, stride = 1): Promise<TornTail> {
  const source = join(folder, 'source');
  const { store, close } = openStore(source, options);
  const log = new LogWriter({ id: 'torn', sha256 });
  const roots: Uint8Array[] = [];
  let before = 0;
  for (let turn = 0; turn < COMMITS; turn++) {
    before = statSync(join(source, 'csp.db-wal')).size;
    await store.commit(commitOf(log, turn));
    roots.push(log.root());
  }
  const database = readFileSync(join(source, 'csp.db'));
  const wal = readFileSync(join(source, 'csp.db-wal'));
  if (before >= wal.length) throw new Error('the last commit has not made the write-ahead log longer');
  close();

  const { verifyEmbedded, embeddedFile } = await maintenance();
  const wrong: string[] = [];
  const found = { copies: 0, whole: 0, absent: 0 };
  const copy = join(folder, 'copy');
  const open = async (name: string, tail: Uint8Array): Promise<void> => {
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(copy);
    writeFileSync(join(copy, 'csp.db'), database);
    writeFileSync(join(copy, 'csp.db-wal'), tail);
    found.copies++;
    try {
      const turns = await turnsIn(copy, roots);
      if (turns === COMMITS) found.whole++;
      else if (turns === COMMITS - 1) found.absent++;
      else wrong.push(`${name}: ${turns} commits are left`);
      verifyEmbedded(embeddedFile(copy));
    } catch (error) {
      wrong.push(`${name}: ${(error as Error).message}`);
    }
  };
  for (let at = before; at <= wal.length; at += stride) {
    await open(`cut at ${at}`, wal.subarray(0, at));
    if (at === wal.length) continue;
    const flipped = Uint8Array.from(wal);
    flipped[at]! ^= 1 << (at % 8);
    await open(`flipped at ${at}`, flipped);
  }
  await open('whole', wal);
  if (found.whole === 0) wrong.push('the undamaged copy has no last commit');
  const control = await damagedLeafIsFound(source, copy, roots);
  if (!control) wrong.push('the checker did not find a damaged leaf');
  return { ...found, wrong };
}

function commitOf(log: LogWriter, turn: number): readonly Change[] {
  const at = new Date(turn).toISOString();
  const protocol = { name: 'torn', source: 'channel a\nP = a -> P', system: 'P', roles: ['a'] };
  const leaf =
    turn === 0
      ? log.append({ kind: 'opened', protocol }, at)
      : log.append({ kind: 'event', role: 'a', event: 'a' }, at);
  return [
    { change: 'append', stream: STREAM, entries: [leaf], at: turn },
    { change: 'put', collection: 'payloads', id: `p${turn}`, fields: { turn }, body: turn },
    // One record that every commit changes.
    { change: 'put', collection: 'payloads', id: 'last', fields: { turn }, body: turn },
  ];
}

/** How many commits are there, each of them whole and as it was written. */
async function turnsIn(folder: string, roots: readonly Uint8Array[]): Promise<number> {
  const { store, close } = openStore(folder, options);
  try {
    const leaves = await store.read(STREAM, { from: 0, limit: COMMITS + 1 });
    const log = new LogWriter({ id: 'torn', sha256 });
    for (const leaf of leaves) log.resume(leaf);
    const root = roots[leaves.length - 1];
    if (root === undefined || Buffer.compare(log.root(), root) !== 0)
      throw new Error('the leaves are not those that were written');
    const { records, total } = await store.find<number>('payloads', { orderBy: 'turn', limit: 99, offset: 0 });
    const turns = records.filter(({ id }) => id !== 'last').map(({ body }) => body);
    const last = records.find(({ id }) => id === 'last');
    const expected = Array.from({ length: leaves.length }, (_, turn) => turn);
    if (turns.join() !== expected.join() || last?.body !== leaves.length - 1 || total !== leaves.length + 1)
      throw new Error(`${leaves.length} leaves, the payloads ${turns}, the last one ${last?.body}`);
    return leaves.length;
  } finally {
    close();
  }
}

/** A checker that cannot find damage says nothing: a bit of a leaf is flipped where the database has no checksum. */
async function damagedLeafIsFound(source: string, copy: string, roots: readonly Uint8Array[]): Promise<boolean> {
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy);
  const file = join(copy, 'csp.db');
  copyFileSync(join(source, 'csp.db'), file);
  const bytes = readFileSync(file);
  const at = bytes.indexOf('"kind":"event"');
  bytes[at + 9]! ^= 1;
  writeFileSync(file, bytes);
  return turnsIn(copy, roots).then(
    () => false,
    (error: Error) => error.message.includes('not those that were written'),
  );
}
