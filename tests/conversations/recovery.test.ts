/** What happens when a write fails: nothing of it was acknowledged, and the next request finds everything as the store has it. */
import type { Store } from '@enhanced-csp/platform';
import { Fault } from '@enhanced-csp/platform';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newFolder, openPlatform, type TestPlatform } from './platform.ts';

const { folder, remove } = newFolder();
let platform: TestPlatform;
let broken = false;
/** Commits until it breaks by itself. */
let lasting = Number.POSITIVE_INFINITY;

/** What is committed is not answered. */
let unanswered = false;

/** A disk that is full as long as `broken` is set, and when `lasting` commits were made. */
function faulty(store: Store): Store {
  return {
    async commit(changes) {
      if (broken || lasting-- <= 0) throw new Fault('CSP-STO-005', 'unavailable', 'the disk is full');
      await store.commit(changes);
      if (unanswered) throw new Fault('CSP-STO-011', 'unavailable', 'the connection was lost');
    },
    get: (collection, id) => store.get(collection, id),
    find: (collection, query) => store.find(collection, query),
    read: (stream, range) => store.read(stream, range),
    length: (stream) => store.length(stream),
  };
}

beforeAll(async () => {
  platform = await openPlatform(folder, {}, faulty);
});
afterAll(async () => {
  await platform.stop();
  remove();
});

test('a conversation', async () => {
  const source =
    '--@ conversation PING roles a, b\ndatatype R = a | b\nchannel ping : R.R\nPING = ping.a.b -> ping.b.a -> PING\n';
  const { protocol_id } = await platform.run('protocols.define', { name: 'ping', source });
  await platform.run('protocols.verify', { protocol_id });
  const { conversation_id } = await platform.run('conversations.start', { protocol_id });
  const perform = (role: string, event: string) =>
    platform.run('conversations.attempt', { conversation_id, role, event });
  await perform('a', 'ping.a.b');
  broken = true;
  // The first moves the session on, the second is judged after it: both must be forgotten.
  const outcomes = await Promise.allSettled([perform('b', 'ping.b.a'), perform('a', 'ping.a.b')]);
  broken = false;
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await platform.run('conversations.get', { conversation_id })).toMatchObject({
    accepted: 1,
    expected: [{ event: 'ping.b.a', role: 'b' }],
  });
  expect(await perform('b', 'ping.b.a')).toMatchObject({ sequence: 2 });
  expect((await platform.run('conversations.trace', { conversation_id })).trace).toHaveLength(2);
});

test('what was written though nobody knew is told when the conversation is taken up', async () => {
  const [{ protocol_id }] = (await platform.run('protocols.list', { limit: 1 })).protocols;
  const { conversation_id } = await platform.run('conversations.start', { protocol_id });
  const perform = (role: string, event: string) =>
    platform.run('conversations.attempt', { conversation_id, role, event });
  const heard = platform.listen(`conversation.${conversation_id}`);
  await perform('a', 'ping.a.b');
  unanswered = true;
  await expect(perform('b', 'ping.b.a')).rejects.toBeInstanceOf(Fault);
  unanswered = false;
  await perform('a', 'ping.a.b');
  expect(heard.map(({ data }) => data)).toMatchObject([
    { sequence: 1, kind: 'event', event: 'ping.a.b' },
    { sequence: 2, kind: 'event', role: 'b', event: 'ping.b.a', conversation_id },
    { sequence: 3, kind: 'event', event: 'ping.a.b' },
  ]);
  expect(Object.keys(heard[1]!.data as object).sort()).toEqual(Object.keys(heard[0]!.data as object).sort());
});

test('a buffered channel: what could not be taken out is still in it', async () => {
  const { channel_id } = await platform.run('channels.create', { name: 'full', type: 'buffered' });
  const send = (data: number) => platform.run('channels.send', { channel_id, event: { data } });
  const receive = () => platform.run('channels.receive', { channel_id, timeout: 1 });
  await send(1);
  broken = true;
  await expect(receive()).rejects.toMatchObject({ code: 'CSP-STO-005' });
  await expect(send(2)).rejects.toBeInstanceOf(Fault);
  broken = false;
  expect(await receive()).toMatchObject({ sequence: 1, sent: 0, event: { data: 1 } });
  expect(await send(3)).toMatchObject({ sequence: 2 });
});

test('a rendezvous: neither side has communicated', async () => {
  const { channel_id } = await platform.run('channels.create', { name: 'meet' });
  broken = true;
  const both = await Promise.allSettled([
    platform.run('channels.send', { channel_id, event: { data: 1 }, timeout: 1 }),
    platform.run('channels.receive', { channel_id, timeout: 1 }),
  ]);
  broken = false;
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect((await platform.run('channels.get', { channel_id })).events).toBe(0);
});

test('a running process tries again, and does nothing twice', async () => {
  const definition = { inputs: ['taken'], outputs: ['given'], behavior: 'RECEIVE taken -> SEND given -> STOP' };
  const { process_id } = await platform.run('processes.create', { name: 'copy', definition });
  const { channels } = await platform.run('processes.start', { process_id });
  broken = true;
  const failed = platform.run('channels.send', { channel_id: channels.taken, event: { data: 1 }, timeout: 5 });
  await expect(failed).rejects.toBeInstanceOf(Fault);
  broken = false;
  await platform.run('channels.send', { channel_id: channels.taken, event: { data: 2 }, timeout: 5 });
  expect(await platform.run('channels.receive', { channel_id: channels.given, timeout: 5 })).toMatchObject({
    event: { data: 2 },
  });
  expect(await platform.run('processes.get', { process_id })).toMatchObject({ metadata: { events_processed: 2 } });
});

test('a process that cannot be stopped goes on, and can be stopped later', async () => {
  const definition = { inputs: ['letters'], outputs: [], behavior: 'letters?x -> PROCESS' };
  const { process_id } = await platform.run('processes.create', { name: 'reader', definition });
  const { channels } = await platform.run('processes.start', { process_id });
  const send = (data: number) =>
    platform.run('channels.send', { channel_id: channels.letters, event: { data }, timeout: 5 });
  await send(1);
  broken = true;
  await expect(platform.run('processes.stop', { process_id })).rejects.toMatchObject({ code: 'CSP-STO-005' });
  broken = false;
  expect(await platform.run('processes.get', { process_id })).toMatchObject({ status: 'running' });
  await send(2);
  const stopped = await platform.run('processes.stop', { process_id });
  expect(stopped).toMatchObject({ status: 'stopped', metadata: { events_processed: 2 } });
});

test('the end of a process is stored as soon as that is possible', async () => {
  const definition = { inputs: ['last'], outputs: [], behavior: 'RECEIVE last -> STOP' };
  const { process_id } = await platform.run('processes.create', { name: 'reader', definition });
  const { channels } = await platform.run('processes.start', { process_id });
  lasting = 1;
  await platform.run('channels.send', { channel_id: channels.last, event: { data: 1 }, timeout: 5 });
  await expect.poll(() => lasting, { timeout: 10_000 }).toBeLessThan(0);
  expect(await platform.fault('processes.stop', { process_id })).toMatchObject({
    code: 'CSP-CNV-009',
    details: { status: 'terminated' },
  });
  lasting = Number.POSITIVE_INFINITY;
  const state = () => platform.run('processes.get', { process_id });
  await expect
    .poll(state, { timeout: 10_000 })
    .toMatchObject({ status: 'terminated', metadata: { events_processed: 1 } });
});

test('what a composite does alone is tried again, and is not done twice', async () => {
  const part = async (from: string, to: string) => {
    const definition = { inputs: [from], outputs: [to], behavior: `RECEIVE ${from} -> SEND ${to} -> STOP` };
    return (await platform.run('processes.create', { name: 'copy', definition })).process_id;
  };
  const processes = [await part('begin', 'between'), await part('between', 'end')];
  const definition = { operator: 'parallel', processes };
  const { process_id } = await platform.run('processes.create', { name: 'pipe', type: 'composite', definition });
  const { channels } = await platform.run('processes.start', { process_id });
  // The communication with the sender is the last thing that is stored.
  lasting = 1;
  await platform.run('channels.send', { channel_id: channels.begin, event: { data: 1 }, timeout: 5 });
  while (lasting >= 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const state = await platform.run('processes.get', { process_id });
  expect(state).toMatchObject({ status: 'running', metadata: { events_processed: 1 } });
  lasting = Number.POSITIVE_INFINITY;
  expect(await platform.run('channels.receive', { channel_id: channels.end, timeout: 5 })).toMatchObject({
    event: { data: 1 },
  });
  const { trace } = await platform.run('processes.trace', { process_id });
  expect(trace.map(({ event }: { event: string }) => event)).toEqual([
    'begin.message',
    'between.message',
    'end.message',
  ]);
});
