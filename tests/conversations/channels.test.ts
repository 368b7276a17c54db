import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newFolder, openPlatform, type TestPlatform } from './platform.ts';

const { folder, remove } = newFolder();
let platform: TestPlatform;
beforeAll(async () => {
  platform = await openPlatform(folder);
});
afterAll(async () => {
  await platform.stop();
  remove();
});

let count = 0;
const create = async (type = 'synchronous', buffer_size = 1000) =>
  (await platform.run('channels.create', { name: `c${++count}`, type, buffer_size })).channel_id as string;
const send = (channel_id: string, event: object, timeout = 5) =>
  platform.run('channels.send', { channel_id, event, timeout });
const receive = (channel_id: string, filter = {}, timeout = 5, receiver?: string) =>
  platform.run('channels.receive', { channel_id, filter, timeout, ...(receiver !== undefined && { receiver }) });

describe('the API reference', () => {
  test('create, send and receive, word for word', async () => {
    const { channel_id } = await platform.run('channels.create', {
      name: 'communication_channel',
      type: 'synchronous',
      buffer_size: 1000,
      security_level: 'high',
    });
    const event = { type: 'message', data: { content: 'Hello, World!' }, sender: 'proc_123456', priority: 'normal' };
    const [sent, received] = await Promise.all([
      platform.run('channels.send', { channel_id, event }),
      platform.run('channels.receive', {
        channel_id,
        receiver: 'proc_789012',
        timeout: 30,
        filter: { type: 'message' },
      }),
    ]);
    expect(sent).toMatchObject({ channel_id, sequence: 0, status: 'communicated' });
    expect(received).toMatchObject({ channel_id, sequence: 0, receiver: 'proc_789012', event });
    expect(await platform.fault('channels.create', { name: 'communication_channel' })).toMatchObject({
      code: 'CSP-CNV-010',
    });
  });
});

describe('synchronous', () => {
  test('a sender waits for a receiver, and gives up in time: then nothing was communicated', async () => {
    const channel = await create();
    await expect(send(channel, { data: 1 }, 0.02)).rejects.toMatchObject({ code: 'CSP-CNV-012' });
    await expect(receive(channel, {}, 0)).rejects.toMatchObject({ code: 'CSP-CNV-012' });
    const waiting = send(channel, { data: 2 });
    expect(await receive(channel)).toMatchObject({ event: { data: 2 } });
    await waiting;
    expect((await platform.run('channels.get', { channel_id: channel })).events).toBe(1);
  });

  test('buffer_size bounds the offers that wait', async () => {
    const channel = await create('synchronous', 2);
    const waiting = [send(channel, { data: 1 })];
    await waitUntil(channel, 1);
    waiting.push(send(channel, { data: 2 }));
    await waitUntil(channel, 2);
    await expect(send(channel, { data: 3 })).rejects.toMatchObject({ code: 'CSP-CNV-011', kind: 'too many' });
    expect((await receive(channel)).event.data).toBe(1);
    expect((await receive(channel)).event.data).toBe(2);
    await Promise.all(waiting);
  });

  test('a caller who goes away withdraws the offer', async () => {
    const channel = await create();
    const away = new AbortController();
    const waiting = platform.run('channels.send', { channel_id: channel, event: { data: 1 } }, away.signal);
    await new Promise((resolve) => setTimeout(resolve, 5));
    away.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CSP-CNV-012' });
    expect((await platform.run('channels.get', { channel_id: channel })).waiting_senders).toBe(0);
  });
});

describe('buffered', () => {
  test('filters by type, priority and sender; high before normal, then in order', async () => {
    const channel = await create('buffered');
    await send(channel, { type: 'a', data: 1, sender: 'x' });
    await send(channel, { type: 'b', data: 2, sender: 'y' });
    await send(channel, { type: 'a', data: 3, sender: 'y', priority: 'high' });
    await send(channel, { type: 'a', data: 4, sender: 'x' });
    expect((await receive(channel, { type: 'b' })).event.data).toBe(2);
    expect((await receive(channel)).event.data).toBe(3);
    expect((await receive(channel, { sender: 'x', type: 'a' })).event.data).toBe(1);
    await expect(receive(channel, { priority: 'high' }, 0)).rejects.toMatchObject({ code: 'CSP-CNV-012' });
    expect((await receive(channel, { priority: 'normal' })).event.data).toBe(4);
  });

  test('full: buffered refuses, dropping loses the new, sliding loses the old', async () => {
    const [buffered, dropping, sliding] = [
      await create('buffered', 2),
      await create('dropping', 2),
      await create('sliding', 2),
    ];
    for (const channel of [buffered, dropping, sliding]) for (const data of [1, 2]) await send(channel, { data });
    await expect(send(buffered, { data: 3 })).rejects.toMatchObject({ code: 'CSP-CNV-011' });
    await send(dropping, { data: 3 });
    await send(sliding, { data: 3 });
    const two = async (channel: string) => [(await receive(channel)).event.data, (await receive(channel)).event.data];
    expect(await two(buffered)).toEqual([1, 2]);
    expect(await two(dropping)).toEqual([1, 2]);
    expect(await two(sliding)).toEqual([2, 3]);
  });

  test('each event is delivered once, whoever comes', async () => {
    const channel = await create('buffered');
    const receivers = Array.from({ length: 40 }, () => receive(channel));
    await Promise.all(Array.from({ length: 40 }, (_, data) => send(channel, { data })));
    const received = (await Promise.all(receivers)).map(({ event }) => event.data as number);
    expect(received.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
  });

  test('what was sent and not received is there after a restart', async () => {
    const channel = await create('buffered');
    for (const data of [1, 2, 3]) await send(channel, { data });
    await receive(channel);
    await platform.stop();
    platform = await openPlatform(folder);
    expect((await platform.run('channels.get', { channel_id: channel })).buffered).toBe(2);
    expect((await receive(channel)).event.data).toBe(2);
    expect(await receive(channel)).toMatchObject({ sequence: 5, sent: 2, event: { data: 3 } });
  });
});

test('a channel that holds something is not deleted', async () => {
  const channel = await create('buffered');
  await send(channel, { data: 1 });
  expect(await platform.fault('channels.delete', { channel_id: channel })).toMatchObject({ code: 'CSP-CNV-018' });
  await receive(channel);
  expect(await platform.run('channels.delete', { channel_id: channel })).toEqual({
    channel_id: channel,
    deleted: true,
  });
  expect(await platform.fault('channels.get', { channel_id: channel })).toMatchObject({ code: 'CSP-CNV-004' });
});

test('data is not in the journal, so that it can be erased', async () => {
  const channel = await create('buffered');
  const heard = platform.listen(`channel.${channel}`);
  await send(channel, { data: 'secret' });
  expect(heard).toHaveLength(1);
  expect(JSON.stringify(heard)).not.toContain('secret');
});

async function waitUntil(channel_id: string, senders: number): Promise<void> {
  while ((await platform.run('channels.get', { channel_id })).waiting_senders < senders)
    await new Promise(setImmediate);
}
