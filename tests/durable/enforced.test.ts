/** A network that is enforced, with its store: through every life the log passes the audit, which replays it against the specification itself. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditFile, openProtocol } from '@enhanced-csp/engine';
import { LogWriter, logFile } from '@enhanced-csp/engine/audit';
import { DurableNetwork, type Entry, type Journal } from '@enhanced-csp/engine/durable';
import { CSPEngine, Seeded, UnlawfulEventError } from '@enhanced-csp/engine/runtime';
import { JOURNAL_COLLECTIONS, type JournalStore, openJournal, openStore } from '@enhanced-csp/storage';
import { expect, test } from 'vitest';

const protocol = {
  name: 'turns',
  source: `datatype Role = left | right
channel ping : Role.Role
TURNS = ping.left.right -> ping.right.left -> TURNS
`,
  system: 'TURNS',
  roles: ['left', 'right'],
};
const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
/** The same for the monitor and for the audit. */
function eventOf(entry: Entry): { readonly role: string; readonly event: string } | undefined {
  if (entry.kind !== 'communicated' && entry.kind !== 'buffered') return undefined;
  return { role: String(entry.value).split('.')[1]!, event: String(entry.value) };
}

/** Both speak when they like, half of the time out of turn; the n-th batch is the last one of this life. */
async function live(store: JournalStore, seed: number, enforced: boolean, batches: number): Promise<number> {
  const opened = openProtocol(protocol, { file: 'turns.csp' });
  if (opened.kind === 'ill-formed') throw new Error('ill-formed');
  const audit = { id: 'audit', protocol, sha256, at: () => '2026-01-01T00:00:00.000Z', eventOf };
  const journal = await openJournal(store, 'turns', { audit });
  let refused = 0;
  let written = 0;
  const mortal: Journal = Object.assign(Object.create(journal) as Journal, {
    read: (from: number) => journal.read(from),
    seen: (mark: string) => journal.seen(mark),
    append(batch: Parameters<Journal['append']>[0]) {
      if (++written > batches) throw new Error('killed');
      return journal.append(batch);
    },
  });
  const engine = new CSPEngine({ open: true });
  const durable = await DurableNetwork.open(engine, mortal, {
    name: 'turns',
    ...(enforced && { monitor: opened.protocol.monitor, eventOf }),
  });
  const table = durable.channel<string>('table', { buffer: 1000 });
  for (const [role, other, salt] of [
    ['left', 'right', 1],
    ['right', 'left', 2],
  ] as const)
    durable.process(role, function* (self) {
      const random = new Seeded(seed + 1000 * salt);
      for (let i = 0; i < 40; i++) {
        if (random.below(3) === 0) continue;
        try {
          yield* self.send(table, `ping.${role}.${other}`);
        } catch (error) {
          if (!(error instanceof UnlawfulEventError)) throw error;
          refused++;
        }
        yield* self.effect(() => i);
      }
    });
  await engine.start().catch(() => {});
  for (let i = 0; i < 200; i++) await new Promise<void>((resolve) => setImmediate(resolve));
  return refused;
}

async function audited(store: JournalStore) {
  const log = new LogWriter({ id: 'audit', sha256 });
  const leaves = await store.read('audit', { from: 0, limit: 10_000 });
  for (const leaf of leaves) log.resume(leaf);
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const checkpoint = log.checkpoint({
    name: 'test',
    publicKey: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
    sign: (bytes) => sign(null, bytes, privateKey),
  });
  return { leaves: leaves.length, report: auditFile(logFile(leaves, checkpoint, sha256), { sha256 }) };
}

test.each([true, false])('enforced: %s', async (enforced) => {
  let refused = 0;
  let broken = 0;
  for (let seed = 0; seed < 5; seed++) {
    const folder = mkdtempSync(join(tmpdir(), 'csp-enforced-'));
    const { store, close } = openStore(folder, { collections: JOURNAL_COLLECTIONS, now: () => 0 });
    try {
      for (const batches of [1, 2, 3, 5, 8, 13, Number.POSITIVE_INFINITY])
        refused += await live(store, seed, enforced, batches);
      const { leaves, report } = await audited(store);
      expect(leaves).toBeGreaterThan(10);
      if (report.conformance.kind !== 'conforms') broken++;
      if (enforced) expect(report).toMatchObject({ passed: true, conformance: { kind: 'conforms' } });
    } finally {
      close();
      rmSync(folder, { recursive: true });
    }
  }
  // Positive control: without a monitor the same programs break the rule, and the audit finds it.
  expect({ refused: refused > 5, broken: broken > 0 }).toEqual({ refused: enforced, broken: !enforced });
});
