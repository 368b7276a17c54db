/** A policy is asked on every surface; what it denies is neither performed nor listened to. */
import {
  allow,
  assemble,
  deny,
  type Module,
  notificationsInMemory,
  type Platform,
  type Policy,
  type PolicyRequest,
  randomFrom,
} from '@enhanced-csp/platform';
import { createClient } from 'graphql-ws';
import { afterEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { clock, demo, memoryStore, sha256, silent } from './demo.fixture.ts';
import { gateway } from './module.ts';
import { guardOf } from './policies.ts';

let platform: Platform | undefined;
afterEach(() => platform?.stop());

async function serve(policies: Readonly<Record<string, Policy>>, errors: object[] = []) {
  const rows = demo();
  const streams = rows.streams.map((stream) => ({
    ...stream,
    ...(stream.publish !== undefined && { publish: 'POST /stored/{thing_id}' as const }),
  }));
  const module: Module = {
    name: 'watch',
    needs: [],
    config: z.object({}),
    errors: {},
    start: async () => ({ ...rows, streams, policies, stop: async () => {} }),
  };
  platform = await assemble(
    [module, gateway],
    {},
    {
      clock,
      random: randomFrom((count) => crypto.getRandomValues(new Uint8Array(count)), clock),
      log: { ...silent, error: (fields, message) => void errors.push({ ...fields, message }) },
      hash: sha256,
      store: memoryStore(),
      notifications: notificationsInMemory({ clock }),
    },
  );
  const url = platform.urls.gateway as string;
  const send = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    return {
      status: answer.status,
      body: await answer.text().then((text) => (text.startsWith('{') ? JSON.parse(text) : text)),
    };
  };
  return { url, send };
}

const DENIED = { code: 'CSP-PLT-012', policy: 'watch.nobody', reason: 'nobody may' };

/** Everything there is, on every surface; `asked` is what the policy is asked for it. */
const SURFACES: readonly {
  name: string;
  asked: Partial<PolicyRequest>;
  ask(server: Awaited<ReturnType<typeof serve>>): Promise<unknown>;
}[] = [
  {
    name: 'REST',
    asked: { operation: 'things.create', permission: 'things:any', surface: 'rest', address: '127.0.0.1' },
    ask: async ({ send }) => (await send('POST', '/api/things', { name: 'x' })).body,
  },
  {
    name: 'REST with an idempotency key',
    asked: { operation: 'things.create', surface: 'rest' },
    ask: async ({ send }) => (await send('POST', '/api/things', { name: 'x' }, { 'idempotency-key': 'k' })).body,
  },
  {
    name: 'a request of a batch',
    asked: { operation: 'things.create', surface: 'rest' },
    ask: async ({ send }) =>
      (await send('POST', '/api/batch', { requests: [{ method: 'POST', path: '/api/things', body: { name: 'x' } }] }))
        .body.results[0].body,
  },
  {
    name: 'an atomic batch',
    asked: { operation: 'things.put', surface: 'rest' },
    ask: async ({ send }) =>
      (
        await send('POST', '/api/batch', {
          atomic: true,
          requests: [{ method: 'POST', path: '/api/stored/a', body: { name: 'x' } }],
        })
      ).body,
  },
  {
    name: 'GraphQL',
    asked: { operation: 'things.create', surface: 'graphql' },
    ask: async ({ send }) =>
      (await send('POST', '/graphql', { query: 'mutation { thingsCreate(name: "x") { name } }' })).body.errors[0]
        .extensions,
  },
  {
    name: 'a page',
    asked: { operation: 'things.get', surface: 'page', input: { thing_id: 'thing_1' } },
    async ask({ send }) {
      const { status, body } = await send('GET', '/things/thing_1', undefined, { accept: 'text/html' });
      expect([status, body]).toEqual([403, expect.stringContaining('nobody may')]);
      return DENIED;
    },
  },
  {
    name: 'server-sent events',
    asked: { topic: 'thing.thing_1', operation: undefined, surface: 'sse' },
    ask: async ({ send }) =>
      (await send('GET', '/api/things/thing_1', undefined, { accept: 'text/event-stream' })).body,
  },
  {
    name: 'a subscription of GraphQL',
    asked: { topic: 'thing.thing_1', surface: 'graphql', input: { thing_id: 'thing_1' } },
    async ask({ url }) {
      const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
      const first = await client.iterate({ query: 'subscription { thing(thing_id: "thing_1") { seq } }' }).next();
      await client.dispose();
      return first.value?.errors?.[0]?.extensions;
    },
  },
  {
    name: 'a subscription over a WebSocket',
    asked: { topic: 'thing.thing_1', surface: 'websocket', permission: 'things:any' },
    async ask({ url }) {
      const frame = await answerOver(url, { action: 'subscribe', channels: ['thing.thing_1'] });
      expect(frame.accepted).toEqual([]);
      const [refused] = frame.refused as { code: string; detail: string }[];
      expect(refused?.detail).toContain('watch.nobody');
      return { ...DENIED, code: refused?.code };
    },
  },
  {
    name: 'a publication over a WebSocket',
    asked: { operation: 'things.put', surface: 'websocket' },
    ask: ({ url }) => answerOver(url, { action: 'publish', channel: 'thing.thing_1', data: { name: 'x' } }),
  },
];

async function answerOver(url: string, frame: object): Promise<Record<string, unknown>> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const answer = new Promise<Record<string, unknown>>((resolve) => {
    socket.on('message', (bytes) => resolve(JSON.parse(String(bytes))));
  });
  socket.on('open', () => socket.send(JSON.stringify(frame)));
  const heard = await answer;
  socket.terminate();
  return heard;
}

test.each(SURFACES)('$name', async ({ asked, ask }) => {
  const requests: PolicyRequest[] = [];
  const wanted = (request: PolicyRequest) =>
    Object.entries(asked).every(
      ([key, value]) => JSON.stringify(request[key as keyof PolicyRequest]) === JSON.stringify(value),
    );
  const server = await serve({
    // Another one that allows does not help.
    everybody: () => allow,
    nobody(request) {
      requests.push(request);
      return wanted(request) ? deny('nobody may') : allow;
    },
  });
  expect(await ask(server)).toMatchObject(DENIED);
  expect(requests.filter(wanted)).toHaveLength(1);
});

test('over REST it is a problem document with status 403, and nothing was performed', async () => {
  const { send } = await serve({
    nobody: ({ permission }) => (permission === 'things:any' ? deny('nobody may') : allow),
  });
  const { status, body } = await send('POST', '/api/counters/a');
  expect([status, body]).toMatchObject([
    403,
    {
      ...DENIED,
      title: 'A security policy denies this',
      detail: 'The policy watch.nobody denies things.count: nobody may.',
    },
  ]);
});

test('one that fails denies, whatever its answer, and the log says why', async () => {
  const errors: Record<string, unknown>[] = [];
  const answers: readonly Policy[] = [
    () => {
      throw new Error('no rules loaded');
    },
    () => undefined as never,
    (async () => allow) as never,
    () => ({ allowed: 'yes' }) as never,
    () => ({ allowed: false }) as never,
  ];
  for (const policy of answers) {
    const { send } = await serve({ broken: policy }, errors);
    expect(await send('GET', '/api/things')).toMatchObject({
      status: 403,
      body: { policy: 'watch.broken', reason: 'it could not be evaluated' },
    });
    await platform?.stop();
  }
  expect(errors).toHaveLength(5);
  expect(errors[0]).toMatchObject({ policy: 'watch.broken', cause: expect.stringContaining('no rules loaded') });
});

test('without policies nothing is asked', () => {
  expect(guardOf(new Map(), silent)).toBeUndefined();
});
