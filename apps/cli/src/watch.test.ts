/** Topics that are followed over connections that break, and over restarts of the server. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, startServer } from '@enhanced-csp/server';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { followTopics } from './actions/watch.ts';
import { clientOf } from './client.ts';
import { commandIn } from './command.fixture.ts';
import type { Told } from './topic-connection.ts';

const folder = mkdtempSync(join(tmpdir(), 'csp-watch-'));
afterAll(() => rmSync(folder, { recursive: true }));
let closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing) await close();
  closing = [];
});

async function platform(port = 0): Promise<RunningServer> {
  const server = await startServer({ folder, env: {}, flags: { port }, writeLog: () => {} });
  closing.push(() => server.stop());
  return server;
}

/** A server that keeps to the protocol of `/ws`, and does with its connections what a network may do. */
async function scripted(connected: (socket: WebSocket, request: Record<string, unknown>, count: number) => void) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  let count = 0;
  server.on('connection', (socket) =>
    socket.on('message', (bytes) => {
      const request = JSON.parse(String(bytes));
      if (request.action === 'subscribe') connected(socket, request, ++count);
    }),
  );
  closing.push(async () => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const subscribed = (run: string, gaps: string[] = []) =>
  JSON.stringify({ type: 'subscribed', run, accepted: ['t'], refused: [], gaps });
const event = (seq: number) => JSON.stringify({ type: 'event', channel: 't', seq, at: '', data: seq });

/** Until `count` are told. */
async function following(
  url: string,
  channels: string[],
  count: number,
  more: { since?: number; quietMs?: number } = {},
) {
  const told: Told[] = [];
  await followTopics(url, channels, { ...more, say() {}, tell: (one) => told.push(one) < count });
  return told.map(({ type, ...one }) => (type === 'event' ? (one as { seq: number }).seq : one));
}

const csp = commandIn({ XDG_CONFIG_HOME: join(folder, 'config') });

test('a lost connection goes on after the last event; another run of the server is a gap', async () => {
  const asked: unknown[] = [];
  const url = await scripted((socket, { since, run }, count) => {
    asked.push([since, run]);
    if (count === 1) {
      for (const text of [subscribed('run_1'), event(1), event(2)]) socket.send(text);
      socket.terminate();
    } else if (count === 2) {
      for (const text of [subscribed('run_1'), event(3)]) socket.send(text);
      socket.close(1001, 'restarting');
    } else for (const text of [subscribed('run_2', ['t']), event(1)]) socket.send(text);
  });
  expect(await following(url, ['t'], 5)).toEqual([1, 2, 3, { channel: 't', since: 3 }, 1]);
  expect(asked).toEqual([
    [undefined, undefined],
    [{ t: 2 }, 'run_1'],
    [{ t: 3 }, 'run_1'],
  ]);
});

test('what came while nobody listened, before the first event, is a gap without a number', async () => {
  const url = await scripted((socket, _, count) => {
    socket.send(subscribed('run_1'));
    if (count === 1) socket.terminate();
    else socket.send(event(9));
  });
  expect(await following(url, ['t'], 2)).toEqual([{ channel: 't' }, 9]);
});

test('a connection that is silent is given up', async () => {
  const url = await scripted((socket, _, count) => {
    if (count === 1) socket.send(subscribed('run_1'));
    else for (const text of [subscribed('run_1'), event(4)]) socket.send(text);
  });
  expect(await following(url, ['t'], 2, { quietMs: 50 })).toEqual([{ channel: 't' }, 4]);
});

test('over a restart of a real server: told of the gap, then of what is new', async () => {
  const first = await platform();
  const { url } = first;
  const create = (name: string) => clientOf(url).processes.create({ name, definition: { behavior: 'SKIP' } });
  const names: string[] = [];
  const said: string[] = [];
  let restarted: Promise<unknown> | undefined;
  const followed = followTopics(url, ['process_events'], {
    since: 0,
    say(text) {
      said.push(text);
      if (/again$/.test(text) && !/lost/.test(text)) void create('after');
    },
    tell(told) {
      if (told.type === 'gap') names.push('gap');
      else names.push((told.data as { name: string }).name);
      restarted ??= first.stop().then(() => platform(Number(new URL(url).port)));
      return names.at(-1) !== 'after';
    },
  });
  await create('before');
  await followed;
  await restarted;
  expect([...new Set(names)]).toEqual(['before', 'gap', 'after']);
  expect(said).toEqual([expect.stringContaining('is lost'), expect.stringContaining('again')]);
});

test('csp watch: lists topics, prints lines and NDJSON, ends after --count; what is wrong has its exit status', async () => {
  const { url } = await platform();
  const { channel_id } = await clientOf(url).channels.create({ name: 'c', type: 'buffered' });
  for (const type of ['a', 'b', 'c']) await clientOf(url).channels.send({ channel_id, event: { type } });
  const topic = `channel.${channel_id}`;
  expect((await csp('watch', '--list', '--url', url)).out).toMatch(/^channel\.\{channel_id\} +One channel: /m);
  const { out } = await csp('watch', topic, '--since', '1', '--count', '2', '--json', '--url', url);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { type: 'event', channel: topic, seq: 2, data: { type: 'b' } },
    { type: 'event', channel: topic, seq: 3, data: { type: 'c' } },
  ]);
  expect((await csp('watch', topic, '--since', '0', '--count', '1', '--url', url)).out).toMatch(
    new RegExp(`^2\\d{3}-\\S+ {2}${topic} {2}1 {2}\\{.*"type":"a".*\\}\n$`),
  );
  expect(await csp('watch', 'proces_events', '--url', url)).toMatchObject({
    exitCode: 3,
    err: expect.stringContaining('Did you mean process_events?'),
  });
  expect((await csp('watch', '--url', url)).exitCode).toBe(2);
  expect((await csp('watch', 't'.repeat(201), '--url', url)).exitCode).toBe(5);
  expect((await csp('watch', 'process_events', '--url', 'http://127.0.0.1:1')).exitCode).toBe(6);
});
