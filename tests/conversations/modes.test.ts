/** The modes of a conversation, and its silence: what is delivered, what the log says, and what an audit by the engine alone makes of it. */
import { openProtocol } from '@enhanced-csp/engine';
import { auditLog, readLog } from '@enhanced-csp/engine/audit';
import { ENVIRONMENT, Seeded } from '@enhanced-csp/engine/runtime';
import { type Clock, Fault, type Store } from '@enhanced-csp/platform';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { newFolder, openPlatform, sha256, type TestPlatform } from './platform.ts';

/** An answer is owed; whoever crashes is given up. */
const ASK = `--@ conversation ASK roles client, server
datatype Role = client | server
channel ask, answer : Role.Role
channel crash, giveup : Role
ASK = ask.client.server -> (answer.server.client -> ASK [] crash.server -> giveup.client -> SKIP)
`;

/** Time passes when it is told to. */
function manualClock(): Clock & { pass(milliseconds: number): void; readonly timers: number } {
  let now = Date.now();
  const timers = new Set<{ at: number; wake: () => void }>();
  return {
    now: () => now,
    monotonic: () => now,
    after(milliseconds, wake) {
      const timer = { at: now + milliseconds, wake };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(milliseconds) {
      now += milliseconds;
      for (const timer of [...timers])
        if (timer.at <= now) {
          timers.delete(timer);
          timer.wake();
        }
    },
    get timers() {
      return timers.size;
    },
  };
}

const { folder, remove } = newFolder();
const time = manualClock();
let platform: TestPlatform;
let protocol_id: string;
let full = false;
/** Streams that were read from. */
const reads: string[] = [];
const through = (store: Store): Store => ({
  commit: (changes) =>
    full ? Promise.reject(new Fault('CSP-STO-005', 'unavailable', 'the disk is full')) : store.commit(changes),
  get: (collection, id) => store.get(collection, id),
  find: (collection, query) => store.find(collection, query),
  read(stream, range) {
    reads.push(stream);
    return store.read(stream, range);
  },
  length: (stream) => store.length(stream),
});
const open = (): Promise<TestPlatform> => openPlatform(folder, {}, through, [], time);
beforeAll(async () => {
  platform = await openPlatform(folder);
  ({ protocol_id } = await platform.run('protocols.define', { name: 'ask', source: ASK }));
  expect(await platform.run('protocols.verify', { protocol_id })).toMatchObject({ status: 'verified' });
  await platform.stop();
  platform = await open();
});
afterAll(async () => {
  await platform.stop();
  remove();
});

const start = async (options: object): Promise<string> =>
  (await platform.run('conversations.start', { protocol_id, ...options })).conversation_id;
const perform = (conversation_id: string, role: string, event: string, payload?: unknown) =>
  platform.run('conversations.attempt', { conversation_id, role, event, ...(payload !== undefined && { payload }) });
const refused = (conversation_id: string, role: string, event: string) =>
  platform.fault('conversations.attempt', { conversation_id, role, event });
const kinds = async (conversation_id: string): Promise<string[]> =>
  (await platform.run('conversations.events', { conversation_id })).events.map(
    ({ kind, role, event }: { kind: string; role?: string; event?: string }) =>
      [kind, role, event].filter((word) => word !== undefined).join(' '),
  );

async function audit(conversation_id: string) {
  const { log } = await platform.run('conversations.log', { conversation_id });
  const read = readLog(new TextEncoder().encode(log), { sha256 });
  const opened = openProtocol({ ...read.protocol!, source: read.protocol!.source }, { file: 'log' });
  if (opened.kind !== 'open') throw new Error('the protocol of the log does not open');
  const { lts, roles } = opened.protocol;
  const report = auditLog(read, {
    sha256,
    behavior: { lts, performerOf: (event) => roles.performerOf(event) ?? ENVIRONMENT },
  });
  expect(report.integrity).toEqual({ kind: 'intact' });
  return report.conformance;
}

async function restart(): Promise<void> {
  await platform.stop();
  platform = await open();
}

describe('observe', () => {
  test('what is unlawful is delivered with its payload, told, counted, and an audit names it', async () => {
    const id = await start({ mode: 'observe' });
    const heard = platform.listen(`conversation.${id}`);
    expect(await perform(id, 'client', 'ask.client.server')).not.toHaveProperty('unlawful');
    expect(await perform(id, 'client', 'ask.client.server', 'again?')).toMatchObject({
      sequence: 2,
      status: 'running',
      unlawful: { reason: 'not now', expected: [] },
    });
    await perform(id, 'server', 'answer.server.client');
    expect(heard.map(({ data }) => (data as { kind: string }).kind)).toEqual(['event', 'unlawful', 'event']);
    expect(await platform.run('conversations.events', { conversation_id: id, from: 2, limit: 1 })).toMatchObject({
      events: [{ kind: 'unlawful', reason: 'not now', payload: 'again?' }],
    });
    expect(await platform.run('conversations.verdict', { conversation_id: id })).toMatchObject({
      verdict: 'deviating',
      accepted: 2,
      refused: 0,
      unlawful: 1,
    });
    const deviation = {
      kind: 'violated',
      accepted: 2,
      unlawful: 1,
      violation: { kind: 'delivered though unlawful', line: 3, role: 'client', event: 'ask.client.server' },
    };
    expect(await audit(id)).toMatchObject(deviation);
    await restart();
    expect(await platform.run('conversations.get', { conversation_id: id })).toMatchObject({
      mode: 'observe',
      unlawful: 1,
      accepted: 2,
    });
    expect(await perform(id, 'client', 'ask.client.server')).toMatchObject({ sequence: 4 });
    expect(await audit(id)).toMatchObject({ ...deviation, accepted: 3 });
  });

  test('one that everybody keeps to conforms', async () => {
    const id = await start({ mode: 'observe' });
    await perform(id, 'client', 'ask.client.server');
    expect(await audit(id)).toMatchObject({ kind: 'conforms', accepted: 1 });
    expect(await platform.run('conversations.verdict', { conversation_id: id })).toMatchObject({
      verdict: 'conforming',
      owing: [{ role: 'server', events: ['answer.server.client'] }],
    });
  });
});

describe('quarantine', () => {
  test('a fault is refused and the last act of its role; the crash is performed, and all of it survives a restart', async () => {
    const id = await start({ mode: 'quarantine' });
    await perform(id, 'client', 'ask.client.server');
    expect(await refused(id, 'server', 'ask.client.server')).toMatchObject({
      code: 'CSP-CNV-006',
      details: { reason: 'not yours', quarantined: true },
    });
    for (const again of [false, true]) {
      if (again) await restart();
      expect(await refused(id, 'server', 'answer.server.client')).toMatchObject({ details: { reason: 'crashed' } });
      expect(await platform.run('conversations.get', { conversation_id: id })).toMatchObject({
        status: 'running',
        expected: [{ event: 'giveup.client', role: 'client' }],
      });
    }
    expect(await perform(id, 'client', 'giveup.client')).toMatchObject({ status: 'terminated' });
    expect(await kinds(id)).toEqual([
      'opened',
      'event client ask.client.server',
      'refusal server ask.client.server',
      'quarantined server',
      'event server crash.server',
      'refusal server answer.server.client',
      'refusal server answer.server.client',
      'event client giveup.client',
      'closed',
    ]);
    expect(await audit(id)).toMatchObject({ kind: 'conforms', accepted: 3, refused: 3 });
  });

  test('without an event for it, the role is out and the protocol stays', async () => {
    const id = await start({ mode: 'quarantine' });
    expect(await refused(id, 'client', 'answer.server.client')).toMatchObject({
      details: { quarantined: true, possible: [] },
    });
    expect(await refused(id, 'client', 'ask.client.server')).toMatchObject({ details: { reason: 'crashed' } });
    await restart();
    expect(await refused(id, 'client', 'ask.client.server')).toMatchObject({ details: { reason: 'crashed' } });
    expect(await audit(id)).toMatchObject({ kind: 'conforms', accepted: 0, refused: 3 });
  });
});

describe('silence', () => {
  test('who should move is told, once; nothing else happens where it is only blocked', async () => {
    const id = await start({ patience_seconds: 10 });
    const heard = platform.listen(`conversation.${id}`);
    const silent = () => heard.filter(({ data }) => (data as { kind: string }).kind === 'silent');
    await perform(id, 'client', 'ask.client.server');
    time.pass(9000);
    expect(silent()).toEqual([]);
    time.pass(1000);
    expect(silent().map(({ data }) => data)).toMatchObject([
      {
        sequence: 2,
        owing: [{ role: 'server', events: ['answer.server.client'] }],
        message: 'server must accept answer.server.client',
      },
    ]);
    time.pass(60_000);
    expect(silent()).toHaveLength(1);
    expect(await kinds(id)).toHaveLength(2);
    await perform(id, 'server', 'answer.server.client');
    time.pass(10_000);
    expect(silent()).toHaveLength(2);
  });

  test('in quarantine the silent role is out, also when the platform was restarted meanwhile', async () => {
    const id = await start({ mode: 'quarantine', patience_seconds: 5 });
    await perform(id, 'client', 'ask.client.server');
    await restart();
    await vi.waitFor(() => expect(time.timers).toBe(2)); // This one and the one before are resumed in the background.
    time.pass(5000);
    // What the clock wakes is durable a little later.
    await vi.waitFor(async () => expect(await kinds(id)).toHaveLength(4));
    expect(await kinds(id)).toEqual([
      'opened',
      'event client ask.client.server',
      'quarantined server',
      'event server crash.server',
    ]);
    await restart();
    await perform(id, 'client', 'giveup.client');
    expect(await audit(id)).toMatchObject({ kind: 'conforms', accepted: 3 });
  });

  test('who is out already is not put in quarantine for being silent too', async () => {
    const id = await start({ mode: 'quarantine', patience_seconds: 5 });
    await refused(id, 'client', 'answer.server.client');
    const before = await kinds(id);
    const heard = platform.listen(`conversation.${id}`);
    time.pass(5000);
    await vi.waitFor(() => expect(heard.map(({ data }) => (data as { kind: string }).kind)).toEqual(['silent']));
    await restart();
    expect(await kinds(id)).toEqual(before);
    expect(await audit(id)).toMatchObject({ kind: 'conforms' });
  });

  test('attempts that are refused are no events: they put nothing off', async () => {
    const id = await start({ patience_seconds: 10 });
    const heard = platform.listen(`conversation.${id}`);
    const silent = () => heard.filter(({ data }) => (data as { kind: string }).kind === 'silent');
    await perform(id, 'client', 'ask.client.server');
    for (let second = 0; second < 9; second++) {
      await refused(id, 'client', 'ask.client.server');
      time.pass(1000);
    }
    expect(silent()).toEqual([]);
    time.pass(1000);
    expect(silent()).toHaveLength(1);
    await refused(id, 'client', 'ask.client.server');
    time.pass(10_000);
    expect(silent()).toHaveLength(1);
    await platform.run('conversations.stop', { conversation_id: id });
  });

  test('a quarantine that cannot be written is tried again, though nobody asks', async () => {
    const id = await start({ mode: 'quarantine', patience_seconds: 7 });
    await perform(id, 'client', 'ask.client.server');
    const heard = platform.listen(`conversation.${id}`);
    const told = () => heard.map(({ data }) => (data as { kind: string }).kind).filter((kind) => kind !== 'silent');
    full = true;
    time.pass(7000);
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    full = false;
    await vi.waitFor(() => {
      time.pass(7000);
      expect(told().slice(0, 2)).toEqual(['quarantined', 'event']);
    });
    expect((await kinds(id)).slice(2, 4)).toEqual(['quarantined server', 'event server crash.server']);
    expect(await audit(id)).toMatchObject({ kind: 'conforms' });
    await platform.run('conversations.stop', { conversation_id: id });
  });

  test('a stop that could not be written ends no waiting', async () => {
    const id = await start({ patience_seconds: 7 });
    const heard = platform.listen(`conversation.${id}`);
    full = true;
    expect(await platform.fault('conversations.stop', { conversation_id: id })).toMatchObject({ code: 'CSP-STO-005' });
    full = false;
    await vi.waitFor(() => {
      time.pass(7000);
      expect(heard.map(({ data }) => (data as { kind: string }).kind)).toEqual(['silent']);
    });
    await platform.run('conversations.stop', { conversation_id: id });
  });

  test('one that waits keeps no other in memory; one that is used stays', { timeout: 60_000 }, async () => {
    const waiting = await start({ patience_seconds: 86_400 });
    const [idle, used] = [await start({}), await start({})];
    const readBy = async (id: string) => {
      reads.length = 0;
      await platform.run('conversations.get', { conversation_id: id });
      return reads.includes(`conversation.${id}`);
    };
    for (let group = 0; group < 11; group++) {
      await Promise.all(Array.from({ length: 100 }, () => start({})));
      expect(await readBy(used)).toBe(false);
    }
    expect(await readBy(waiting)).toBe(false);
    expect(await readBy(idle)).toBe(true);
    await platform.run('conversations.stop', { conversation_id: waiting });
  });

  test('a conversation that is over waits for nobody', async () => {
    const before = time.timers;
    const id = await start({ patience_seconds: 5 });
    expect(time.timers).toBe(before + 1);
    await platform.run('conversations.stop', { conversation_id: id });
    expect(time.timers).toBe(before);
    await platform.stop();
    expect(time.timers).toBe(0);
    platform = await open();
  });

  test('patience has limits', async () => {
    for (const patience_seconds of [0, -1, 1e9, 'long']) await expect(start({ patience_seconds })).rejects.toThrow();
    await expect(start({ mode: 'ignore' })).rejects.toThrow();
  });
});

test('what chance attempts, through failed writes and restarts: an audit confirms the log', {
  timeout: 60_000,
}, async () => {
  const found = new Set<string>();
  for (let seed = 0; seed < 24; seed++) {
    const random = new Seeded(seed);
    const mode = random.pick(['observe', 'block', 'quarantine', 'quarantine']);
    const id = await start({ mode, patience_seconds: 5 });
    const words = ['nonsense', 'ask.client.server', 'answer.server.client', 'crash.server', 'crash.client'];
    const roles = ['client', 'server', ENVIRONMENT];
    const attempted = async (expected: readonly { role: string; event: string }[]) => {
      const lawful = random.chance(0.8) ? expected[0] : undefined;
      const { role, event } = lawful ?? { role: random.pick(roles), event: random.pick(words) };
      await perform(id, role, event, 'said').catch(({ code }) =>
        expect(['CSP-CNV-006', 'CSP-CNV-016', 'CSP-STO-005']).toContain(code),
      );
    };
    for (let step = 0; step < 12; step++) {
      const { expected } = await platform.run('conversations.get', { conversation_id: id });
      full = random.chance(0.1);
      const several = Array.from({ length: 1 + random.below(3) }, () => attempted(expected));
      if (random.chance(0.2)) time.pass(5000);
      await Promise.all(several);
      full = false;
      if (random.chance(0.03)) await restart();
    }
    if (random.chance(0.5))
      await platform.run('conversations.stop', { conversation_id: id }).catch(({ code }) => {
        expect(code).toBe('CSP-CNV-014'); // It has ended by itself.
      });
    await refused(id, 'server', 'nonsense').catch(() => expect(mode).toBe('observe'));
    const judged = await audit(id);
    const verdict = judged.kind === 'violated' ? judged.violation.kind : judged.kind;
    expect(mode === 'observe' && verdict === 'delivered though unlawful' ? 'conforms' : verdict, `seed ${seed}`).toBe(
      'conforms',
    );
    for (const kind of await kinds(id)) found.add(kind.split(' ')[0]!);
  }
  expect([...found].sort()).toEqual(['closed', 'event', 'opened', 'quarantined', 'refusal', 'unlawful']);
});
