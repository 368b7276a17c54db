import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  assemble,
  type Module,
  metricsInMemory,
  type Notifications,
  notificationsInMemory,
  type Platform,
  randomFrom,
} from '@enhanced-csp/platform';
import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';
import { z } from 'zod';
import { clock, demo, memoryStore, sha256, silent } from './demo.fixture.ts';
import { gateway } from './module.ts';

let platform: Platform | undefined;
afterEach(() => platform?.stop());

async function serve(
  config: Record<string, unknown> = {},
  broken: (notifications: Notifications) => Notifications = (same) => same,
  errors: object[] = [],
) {
  const rows = demo();
  const module: Module = {
    name: 'demo',
    needs: [],
    config: z.object({}),
    errors: {},
    start: async () => ({ ...rows, stop: async () => {} }),
  };
  const notifications = broken(notificationsInMemory({ clock }));
  const metrics = metricsInMemory();
  platform = await assemble(
    [module, gateway],
    { gateway: config },
    {
      clock,
      random: randomFrom((count) => crypto.getRandomValues(new Uint8Array(count)), clock),
      log: { ...silent, error: (fields, message) => void errors.push({ ...fields, message }) },
      metrics,
      hash: sha256,
      store: memoryStore(),
      notifications,
    },
  );
  const url = platform.urls.gateway as string;
  return { platform, url, ws: `${url.replace('http', 'ws')}/ws`, notifications, rows, metrics };
}

/** A foreign client (Node's own) with its frames as they come. */
async function client(url: string) {
  const socket = new globalThis.WebSocket(url);
  const frames: Record<string, unknown>[] = [];
  let wake = () => {};
  socket.addEventListener('message', ({ data }) => {
    frames.push(JSON.parse(String(data)));
    wake();
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener('close', resolve));
  return {
    socket,
    frames,
    closed,
    say: (frame: object) => socket.send(JSON.stringify(frame)),
    async until(count: number) {
      while (frames.length < count)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
  };
}

test('subscribe as in the source, hear, go away, come back and resume without loss', async () => {
  const { ws, notifications } = await serve();
  const first = await client(ws);
  first.say({ action: 'subscribe', channels: ['process_events'] });
  await first.until(1);
  notifications.publish('process_events', { number: 1 });
  notifications.publish('process_events', { number: 2 });
  await first.until(3);
  const run = first.frames[0]?.run;
  first.socket.close();
  await first.closed;
  for (let number = 3; number <= 200; number++) notifications.publish('process_events', { number });
  const second = await client(ws);
  second.say({ action: 'subscribe', channels: ['process_events'], since: 2, run });
  await second.until(199);
  expect(second.frames[0]).toMatchObject({ type: 'subscribed', gaps: [] });
  expect(second.frames.slice(1).map(({ seq }) => seq)).toEqual(Array.from({ length: 198 }, (_, index) => index + 3));
  second.socket.close();
});

test('a client that does not answer pings is dropped; one that does stays', async () => {
  const { ws } = await serve({ pingMs: 30, pongMs: 60 });
  const lively = await client(ws);
  const dead = new WebSocket(ws, { autoPong: false });
  const [code] = await once(dead, 'close');
  expect(code, 'cut without a word').toBe(1006);
  lively.say({ action: 'ping' });
  await lively.until(1);
  expect(lively.frames[0]).toMatchObject({ type: 'pong' });
  lively.socket.close();
});

test('frames that are too large close the connection with 1009, and only that one', async () => {
  const { ws } = await serve();
  const [large, other] = [await client(ws), await client(ws)];
  large.socket.send('x'.repeat(2 * 1024 * 1024));
  expect((await large.closed).code).toBe(1009);
  other.say({ action: 'ping' });
  await other.until(1);
  expect(other.frames[0]).toMatchObject({ type: 'pong' });
  other.socket.close();
});

test('pages of other sites, other paths and bytes that are no WebSocket are refused', async () => {
  const { ws, url } = await serve();
  const refusal = async (address: string, headers: Record<string, string>) => {
    const socket = new WebSocket(address, { headers });
    const [, response] = await once(socket, 'unexpected-response');
    socket.on('error', () => {});
    socket.terminate();
    expect(response.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    return response.statusCode;
  };
  expect(await refusal(ws, { origin: 'https://evil.example' })).toBe(403);
  expect(await refusal(ws, { host: 'evil.example' })).toBe(403);
  expect(await refusal(ws.replace('/ws', '/elsewhere'), {})).toBe(404);
  const { port } = new URL(url);
  const raw = connect(Number(port), '127.0.0.1');
  raw.write(
    'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: short\r\n\r\n',
  );
  const [answer] = await once(raw, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 400 /);
  raw.destroy();
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test('a client that resets the connection on which it is refused does no harm', async () => {
  const { url } = await serve();
  for (let one = 0; one < 10; one++) {
    const raw = connect(Number(new URL(url).port), '127.0.0.1');
    raw.on('error', () => {});
    raw.write('GET /nothing HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await once(raw, 'data');
    raw.resetAndDestroy();
    await once(raw, 'close');
  }
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

/** Connections to the servers of this test come from another machine. */
function fromElsewhere(): void {
  const accepted = (message: unknown) =>
    Object.defineProperty((message as { socket: Socket }).socket, 'remoteAddress', { value: '203.0.113.7' });
  subscribe('net.server.socket', accepted);
  onTestFinished(() => void unsubscribe('net.server.socket', accepted));
}

describe('the limit for callers from elsewhere', () => {
  const anonymous = { perMinute: 1, burst: 3 };

  async function refused(address: string, options: ClientOptions = {}) {
    const socket = new WebSocket(address, options);
    socket.on('error', () => {});
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    const problem = JSON.parse(await text(response));
    return { status: response.statusCode, headers: response.headers, problem };
  }

  test('counts upgrades like any other request, and says when to come back', async () => {
    fromElsewhere();
    const { ws, url } = await serve({ anonymous });
    const first = await client(ws);
    expect((await fetch(`${url}/api/things`)).status).toBe(200);
    expect((await refused(`${url.replace('http', 'ws')}/nothing`)).problem).toMatchObject({ code: 'CSP-GTW-005' });
    const { status, headers, problem } = await refused(ws, { headers: { 'x-request-id': 'mine' } });
    expect([status, headers['content-type']]).toEqual([429, 'application/problem+json; charset=utf-8']);
    expect(Number(headers['retry-after'])).toBeGreaterThan(30);
    expect(problem).toMatchObject({ status: 429, code: 'CSP-GTW-008', instance: '/ws', request_id: 'mine' });
    expect((await refused(ws.replace(/ws$/, 'graphql'))).status).toBe(429);
    expect((await fetch(`${url}/api/things`)).status).toBe(429);
    first.socket.close();
  });

  test('counts what is said on a connection, whatever it is; and the connection lives', async () => {
    fromElsewhere();
    const { ws } = await serve({ anonymous });
    const { say, until, frames, socket } = await client(ws);
    say({ action: 'ping', id: 1 });
    say({ action: 'dance', id: 2 });
    for (const [id, frame] of [
      { action: 'ping' },
      { action: 'dance' },
      { action: 'subscribe', channels: ['process_events'] },
      { action: 'unsubscribe', channels: ['process_events'] },
      { action: 'publish', channel: 'thing.thing_1', data: {} },
      { action: 'ack', channel: 'process_events', seq: 1 },
    ].entries())
      say({ ...frame, id: id + 3 });
    socket.send(new Uint8Array(3));
    await until(9);
    expect(frames.slice(0, 2)).toMatchObject([{ type: 'pong' }, { type: 'error', code: 'CSP-GTW-011' }]);
    const told = { type: 'error', code: 'CSP-GTW-008', retry_after_seconds: expect.any(Number) };
    expect(frames.slice(2)).toMatchObject([...[3, 4, 5, 6, 7, 8].map((id) => ({ ...told, id })), told]);
    socket.close();
  });

  test('counts what is asked of GraphQL over a WebSocket', async () => {
    fromElsewhere();
    const { ws } = await serve({ anonymous });
    const asking = createClient({ url: ws.replace(/ws$/, 'graphql'), lazy: false, retryAttempts: 0 });
    const ask = () => asking.iterate({ query: '{ thingsList { asked } }' }).next();
    for (let one = 0; one < 2; one++) expect((await ask()).value).toHaveProperty('data.thingsList');
    await expect(ask()).rejects.toMatchObject([{ extensions: { code: 'CSP-GTW-008', status: 429 } }]);
    await asking.dispose();
  });

  test('counts nothing from this machine', async () => {
    const { ws } = await serve({ anonymous });
    const { say, until, frames, socket } = await client(ws);
    for (let id = 0; id < 20; id++) say({ action: 'ping', id });
    await until(20);
    expect(frames.every(({ type }) => type === 'pong')).toBe(true);
    socket.close();
  });
});

test('the server stops in less than a second with clients that hang, and tells the others', async () => {
  const { ws, url, platform: running, rows } = await serve({ drainMs: 200 });
  const polite = await client(ws);
  const rude = connect(Number(new URL(url).port), '127.0.0.1');
  rude.on('error', () => {});
  rude.write(
    'GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  await once(rude, 'data');
  const hanging = fetch(`${url}/api/things/wait`, { method: 'POST' }).catch(() => undefined);
  await rows.waiting;
  const begun = performance.now();
  await running.stop();
  expect(performance.now() - begun).toBeLessThan(1000);
  expect((await polite.closed).code).toBe(1001);
  await hanging;
  rude.destroy();
});

test('a connection that never said anything does not hold the server up', async () => {
  const { url, platform: running } = await serve({ drainMs: 5000 });
  const mute = connect(Number(new URL(url).port), '127.0.0.1');
  mute.on('error', () => {});
  await once(mute, 'connect');
  await fetch(`${url}/health`);
  const begun = performance.now();
  await running.stop();
  expect(performance.now() - begun).toBeLessThan(1000);
});

test('a request that runs when the server stops is still answered', async () => {
  const { url, platform: running, rows } = await serve();
  const answered = fetch(`${url}/api/things/wait`, { method: 'POST' });
  await rows.waiting;
  const stopped = running.stop();
  rows.release();
  expect((await answered).status).toBe(202);
  await stopped;
});

test('on a connection that stays open, a request that comes while the server stops is refused, in the form of all refusals', async () => {
  const { url, platform: running, rows } = await serve();
  const raw = connect(Number(new URL(url).port), '127.0.0.1');
  const received: string[] = [];
  raw.on('data', (chunk) => received.push(String(chunk)));
  raw.on('error', () => {});
  raw.write('POST /api/things/wait HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n');
  await rows.waiting;
  const stopped = running.stop();
  const arrived = new Promise<void>((resolve) => {
    const started = (message: unknown) => {
      if ((message as { request: IncomingMessage }).request.url === '/health') resolve();
    };
    subscribe('http.server.request.start', started);
    onTestFinished(() => void unsubscribe('http.server.request.start', started));
  });
  raw.write('GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await arrived;
  const ended = once(raw, 'close');
  rows.release();
  await Promise.all([stopped, ended]);
  const text = received.join('');
  expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 202', 'HTTP/1.1 503']);
  expect(text).toContain('CSP-GTW-009');
});

test.each([
  ['nonsense\r\n\r\n', 400],
  ['GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n', 400],
  [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
])('bytes that are no request are answered with a problem document', async (bytes, status) => {
  const { url } = await serve();
  const raw = connect(Number(new URL(url).port), '127.0.0.1');
  raw.on('error', () => {});
  raw.write(bytes);
  const [chunk] = await once(raw, 'data');
  raw.destroy();
  expect(String(chunk)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(JSON.parse(String(chunk).split('\r\n\r\n')[1] as string)).toMatchObject({ status, code: 'CSP-GTW-016' });
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test('a port that is taken is refused by name', async () => {
  const { url } = await serve();
  const first = platform as Platform;
  await expect(serve({ port: Number(new URL(url).port) })).rejects.toMatchObject({
    code: 'CSP-GTW-014',
    kind: 'conflict',
  });
  await expect(serve({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'CSP-GTW-015', kind: 'invalid' });
  platform = first;
});

test('a defect of its own is counted and logged with its trace, and the client stays', async () => {
  // Whoever listens is told everything twice.
  const twice = (notifications: Notifications): Notifications => ({
    ...notifications,
    subscribe: (topic, since, listener) =>
      notifications.subscribe(topic, since, (notification) => {
        listener(notification);
        listener(notification);
      }),
  });
  const errors: object[] = [];
  const { ws, notifications, metrics } = await serve({}, twice, errors);
  const one = await client(ws);
  one.say({ action: 'subscribe', channels: ['process_events'] });
  await one.until(1);
  notifications.publish('process_events', 'a');
  notifications.publish('process_events', 'b');
  one.say({ action: 'ping' });
  await one.until(6);
  expect(errors).toEqual([
    {
      message: 'the gateway has left the protocol of a WebSocket session',
      channel: 'process_events',
      event: 'hears.0.jump',
      expected: expect.arrayContaining(['hears.0.next', 'misses.0']),
      trace: ['says.subscribe.0.now', 'told.subscribe.0.now', 'told.subscribe.0.now', 'hears.0.first', 'hears.0.jump'],
    },
  ]);
  expect(metrics.read().find(({ name }) => name === 'csp_violations_total')?.series).toEqual([
    { labels: ['protocol'], value: 1 },
  ]);
  one.socket.close();
});
