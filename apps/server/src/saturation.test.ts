/** When the store takes no more, every way to write says so in the same words, and does nothing by halves: later the same request is done. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Module, Store } from '@enhanced-csp/platform';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { MODULES } from './assembly.ts';
import { type RunningServer, startServer } from './server.ts';

/** Takes the only place in the queue, and takes it again in the moment it is free: before any request is read. */
let store: Store;
let crowded = false;
async function whileCrowded<Result>(work: () => Promise<Result>): Promise<Result> {
  crowded = true;
  const crowd = (async () => {
    while (crowded) await store.commit([{ change: 'put', collection: 'crowd', id: 'one', fields: {}, body: null }]);
  })();
  try {
    return await work();
  } finally {
    crowded = false;
    await crowd;
  }
}

const crowd: Module = {
  name: 'crowd',
  needs: ['store'],
  collections: [{ name: 'crowd', fields: {} }],
  config: z.object({}),
  errors: {},
  async start(needs) {
    store = needs.store;
    return { stop: async () => {} };
  },
};

const folder = mkdtempSync(join(tmpdir(), 'csp-saturation-'));
let server: RunningServer;
beforeAll(async () => {
  server = await startServer({
    folder,
    env: {},
    flags: { port: 0, 'database.queue_max': 1, 'telemetry.sample_seconds': 60 },
    modules: [...MODULES.slice(0, -1), crowd, ...MODULES.slice(-1)],
    writeLog: () => {},
  });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field; what is missing fails the expectation
type Answer = any;

async function ask(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, {
    method,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: Answer = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, retryAfter: response.headers.get('retry-after'), json };
}
const post = async (path: string, body?: object): Promise<Answer> => (await ask('POST', path, body)).json;

const SATURATED = { status: 503, code: 'CSP-STO-004', next: expect.stringContaining('again') };
const REFUSED = { status: 503, retryAfter: '1', json: SATURATED };
let count = 0;

const SOURCE = `--@ conversation C roles alice, bob
datatype Role = alice | bob
channel hello : Role.Role
C = hello.alice.bob -> hello.bob.alice -> SKIP
`;
async function verified(): Promise<string> {
  const { protocol_id } = await post('/api/protocols', { name: 'talk', source: SOURCE });
  await post(`/api/protocols/${protocol_id}/verify`);
  return protocol_id;
}
async function conversation(): Promise<string> {
  const protocol_id = await verified();
  return `/api/conversations/${(await post('/api/conversations', { protocol_id })).conversation_id}`;
}
async function channel(): Promise<{ id: string; path: string }> {
  const made = await post('/api/channels', { name: `c${++count}`, type: 'buffered', buffer_size: 10 });
  return { id: made.channel_id, path: `/api/channels/${made.channel_id}` };
}
const PROCESS = {
  type: 'atomic',
  definition: { inputs: ['a'], outputs: ['b'], behavior: 'RECEIVE a -> SEND b -> STOP' },
};
async function processPath(): Promise<string> {
  return `/api/processes/${(await post('/api/processes', { name: `p${++count}`, ...PROCESS })).process_id}`;
}
const LETTER = { event: { data: { content: 'a letter' } } };

/** What is asked, once what it is about is there. */
const writes: Readonly<Record<string, () => Promise<Parameters<typeof ask>>>> = {
  'a protocol is made': async () => ['POST', '/api/protocols', { name: 'talk', source: SOURCE }],
  'a protocol is verified': async () => {
    // Another text than before: what was verified once is known.
    const source = `${SOURCE}-- ${++count}\n`;
    const { protocol_id } = await post('/api/protocols', { name: 'talk', source });
    return ['POST', `/api/protocols/${protocol_id}/verify`];
  },
  'a conversation begins': async () => ['POST', '/api/conversations', { protocol_id: await verified() }],
  'an event of a conversation': async () => [
    'POST',
    `${await conversation()}/events`,
    { role: 'alice', event: 'hello.alice.bob' },
  ],
  'a conversation is stopped': async () => ['POST', `${await conversation()}/stop`],
  'a channel is made': async () => ['POST', '/api/channels', { name: `c${++count}`, type: 'buffered', buffer_size: 1 }],
  'a message is sent': async () => ['POST', `${(await channel()).path}/send`, LETTER],
  'a message is received': async () => {
    const { path } = await channel();
    await post(`${path}/send`, LETTER);
    return ['POST', `${path}/receive`];
  },
  'a channel is deleted': async () => ['DELETE', (await channel()).path],
  'a process is made': async () => ['POST', '/api/processes', { name: `p${++count}`, ...PROCESS }],
  'a process is changed': async () => ['PATCH', await processPath(), { name: `p${++count}` }],
  'a process is started': async () => ['POST', `${await processPath()}/start`],
  'a process is stopped': async () => {
    const path = await processPath();
    await post(`${path}/start`);
    return ['POST', `${path}/stop`];
  },
  'a process is deleted': async () => ['DELETE', await processPath()],
  'a batch that is one commit': async () => {
    const request = { method: 'POST', path: '/api/processes', body: { name: `p${++count}`, ...PROCESS } };
    return ['POST', '/api/batch', { atomic: true, requests: [request] }];
  },
  'a request with a key': async () => [
    'POST',
    `${(await channel()).path}/send`,
    LETTER,
    { 'idempotency-key': `key-${++count}` },
  ],
};

describe('while the queue of the store is full', () => {
  for (const [what, prepare] of Object.entries(writes))
    test(`${what}: 503 with Retry-After, and done when it is asked again`, async () => {
      const request = await prepare();
      expect(await whileCrowded(() => ask(...request))).toMatchObject(REFUSED);
      const again = await ask(...request);
      expect(again.status, JSON.stringify(again.json)).toBeLessThan(300);
    });

  test('items of a batch are told each for itself', async () => {
    const { path } = await channel();
    const requests = [
      { method: 'POST', path: `${path}/send`, body: LETTER },
      { method: 'GET', path },
      { method: 'POST', path: '/api/channels', body: { name: `c${++count}` } },
    ];
    const { status, json } = await whileCrowded(() => ask('POST', '/api/batch', { requests }));
    expect(status).toBe(200);
    const refused = { status: 503, headers: { 'retry-after': '1' }, body: SATURATED };
    expect(json.results).toMatchObject([refused, { status: 200 }, refused]);
    expect((await ask('POST', '/api/batch', { requests })).json.results.map(({ status }: Answer) => status)).toEqual([
      200, 200, 201,
    ]);
  });

  test('a publication over a WebSocket is told, and the connection lives', async () => {
    const { id } = await channel();
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`);
    const told: Answer[] = [];
    socket.on('message', (text) => told.push(JSON.parse(String(text))));
    await new Promise((resolve) => socket.once('open', resolve));
    const publish = (number: number) =>
      socket.send(JSON.stringify({ action: 'publish', id: number, channel: `channel.${id}`, data: LETTER }));
    await whileCrowded(async () => {
      publish(1);
      await expect.poll(() => told.length, { timeout: 10_000 }).toBe(1);
    });
    expect(told).toMatchObject([{ type: 'error', id: 1, code: 'CSP-STO-004', retry_after_seconds: 1 }]);
    publish(2);
    await expect.poll(() => told.length, { timeout: 10_000 }).toBe(2);
    expect(told[1]).toMatchObject({ type: 'published', id: 2 });
    socket.terminate();
  });

  test('a mutation of GraphQL is told', async () => {
    const { id } = await channel();
    const query = `mutation { channelsSend(channel_id: "${id}", event: {data: 1}) { sequence } }`;
    const { json } = await whileCrowded(() => ask('POST', '/graphql', { query }));
    expect(json.errors).toMatchObject([{ extensions: { ...SATURATED, retry_after_seconds: 1 } }]);
    expect((await ask('POST', '/graphql', { query })).json.errors).toBe(undefined);
  });

  test('reading goes on', async () => {
    const { path } = await channel();
    expect((await whileCrowded(() => ask('GET', path))).status).toBe(200);
  });
});
