/** What real clients and a real server said to each other over a WebSocket is a trace of the session the gateway specifies. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { check } from '@enhanced-csp/engine';
import { type RunningServer, startServer } from '@enhanced-csp/server';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Without its own assertions: they are checked elsewhere. */
const SPECIFICATION = readFileSync('modules/gateway/protocol.csp', 'utf8').replace(/^assert .*$/gm, '');
const folder = mkdtempSync(join(tmpdir(), 'csp-sessions-'));
let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ folder, env: {}, flags: { port: 0 }, writeLog: () => {} });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: frames are looked into field by field
type Frame = any;

/** A client that writes down what goes over the wire, in the words of the specification. Topics are numbered as they are named first. */
async function recorded() {
  const trace: string[] = [];
  const frames: Frame[] = [];
  const topics = new Map<string, number>();
  const last = new Map<string, number | undefined>();
  const asked: string[] = [];
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`);
  let wake = () => {};
  const number = (channel: string) => topics.get(channel) ?? topics.set(channel, topics.size).size - 1;

  function hear(frame: Frame): void {
    frames.push(frame);
    const topic = frame.channel === undefined ? 0 : number(frame.channel);
    if (frame.type === 'event') {
      const before = last.get(frame.channel);
      const step = before === undefined ? 'first' : frame.seq === before + 1 ? 'next' : 'jump';
      last.set(frame.channel, frame.seq);
      trace.push(`hears.${topic}.${step}`);
    } else if (frame.type === 'gap') trace.push(`misses.${topic}`);
    else if (frame.type === 'published' || (frame.type === 'error' && String(frame.id).startsWith('write')))
      trace.push('written');
    else {
      // What it answers is known by its type and id alone; the order is what the specification is about.
      const request = String(frame.id);
      const kind = { subscribed: 'subscribe', unsubscribed: 'unsubscribe', pong: 'ping', error: 'nonsense' };
      expect(request).toContain(kind[frame.type as keyof typeof kind]);
      trace.push(`told.${request.split('#')[0]}`);
      for (const gap of frame.gaps ?? []) trace.push(`misses.${number(gap)}`);
    }
    wake();
  }

  socket.addEventListener('message', ({ data }) => hear(JSON.parse(String(data))));
  await new Promise((resolve) => socket.addEventListener('open', resolve));
  const say = (event: string, frame: object) => {
    asked.push(event);
    trace.push(`says.${event}`);
    socket.send(JSON.stringify({ ...frame, id: `${event}#${asked.length}` }));
  };
  return {
    trace,
    frames,
    subscribe(channel: string, since?: number) {
      last.set(channel, since);
      const from = since === undefined ? {} : { since };
      say(`subscribe.${number(channel)}.${since === undefined ? 'now' : 'since'}`, {
        action: 'subscribe',
        channels: [channel],
        ack: true,
        ...from,
      });
    },
    unsubscribe: (channel: string) =>
      say(`unsubscribe.${number(channel)}`, { action: 'unsubscribe', channels: [channel] }),
    ping: () => say('ping', { action: 'ping' }),
    nonsense: () => say('nonsense', { action: 'dance' }),
    publish(channel: string, data: object) {
      trace.push('writes');
      socket.send(JSON.stringify({ action: 'publish', id: `write${trace.length}`, channel, data }));
    },
    acknowledge(channel: string, seq: number) {
      trace.push(`acknowledges.${number(channel)}`);
      socket.send(JSON.stringify({ action: 'ack', channel, seq }));
    },
    async until(condition: (frame: Frame) => boolean) {
      while (!frames.some(condition))
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    },
    async leave() {
      socket.close();
      await new Promise((resolve) => socket.addEventListener('close', resolve));
      trace.push('leaves');
    },
  };
}

const post = async (path: string, body: object) =>
  (await (
    await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  ).json()) as Frame;

function verdictOf(trace: readonly string[]): string | undefined {
  const source = `${SPECIFICATION}\nassert CLIENT :[has trace [T]]: <${trace.join(', ')}>\n`;
  const { diagnostics, assertions } = check(source, { file: 'session.csp', now: () => performance.now() });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return assertions.at(-1)?.verdict;
}

test('a session with everything in it, and none of its changes for the worse', async () => {
  const channel = await post('/api/channels', { name: 'letters', type: 'buffered', buffer_size: 100 });
  const topic = `channel.${channel.channel_id}`;
  const send = (content: number) => post(`/api/channels/${channel.channel_id}/send`, { event: { data: { content } } });
  const client = await recorded();
  client.subscribe(topic);
  client.ping();
  await client.until(({ type }) => type === 'pong');
  for (let content = 0; content < 3; content++) await send(content);
  await client.until(({ seq }) => seq === 3);
  client.nonsense();
  client.publish(topic, { event: { data: 'over the socket' }, timeout: 1 });
  await client.until(({ type }) => type === 'published');
  await client.until(({ seq }) => seq === 4);
  client.publish(topic, { event: 'no event' });
  await client.until(({ type, id }) => type === 'error' && id.startsWith('write'));
  client.unsubscribe(topic);
  await client.until(({ type }) => type === 'unsubscribed');
  await send(5);
  client.subscribe(topic, 4);
  await client.until(({ seq }) => seq === 5);
  client.acknowledge(topic, 5);
  client.subscribe('process_events');
  client.subscribe(topic, 99);
  await client.until(({ gaps = [] }) => gaps.length === 1);
  await client.leave();

  const { trace } = client;
  expect(trace.filter((event) => event.startsWith('hears')).length).toBeGreaterThan(4);
  expect(verdictOf(trace)).toBe('holds');
  const changed = (from: RegExp, to: string) => {
    const at = trace.findIndex((event) => from.test(event));
    expect(at).toBeGreaterThan(-1);
    return verdictOf([...trace.slice(0, at), ...(to === '' ? [] : [to]), ...trace.slice(at + 1)]);
  };
  expect(changed(/^hears.0.next/, 'hears.0.jump'), 'a number left out').toBe('fails');
  expect(changed(/^told.ping/, 'told.nonsense'), 'another answer').toBe('fails');
  expect(changed(/^told.unsubscribe/, ''), 'no answer').toBe('fails');
  expect(changed(/^writes/, ''), 'an answer to nothing').toBe('fails');
  expect(changed(/^told.subscribe/, ''), 'heard before it was answered').toBe('fails');
});
