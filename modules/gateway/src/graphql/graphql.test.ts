import { moduleProtocol, notificationsInMemory } from '@enhanced-csp/platform';
import { getIntrospectionQuery, parse, printSchema } from 'graphql/index.js';
import { auditServer } from 'graphql-http';
import { createClient } from 'graphql-ws';
import { afterEach, describe, expect, test } from 'vitest';
import { silent } from '../demo.fixture.ts';
import { closeDemos, openDemo } from '../demo-gateway.fixture.ts';
import { serveSockets } from '../websocket.ts';
import { follow } from './follow.ts';
import { COST_MAX, DEPTH_MAX, sizeOf } from './limits.ts';

afterEach(closeDemos);

type Answer = { data?: Record<string, unknown>; errors?: { message: string; extensions?: Record<string, unknown> }[] };

async function ask(app: ReturnType<typeof openDemo>['app'], query: string, variables?: object): Promise<Answer> {
  const answer = await app.inject({
    method: 'POST',
    url: '/graphql',
    headers: { 'content-type': 'application/json' },
    payload: JSON.stringify({ query, variables }),
  });
  return answer.json();
}

test('the 61 audits of GraphQL over HTTP pass', async () => {
  const { app } = openDemo();
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const results = await auditServer({ url: `${url}/graphql` });
  expect(results).toHaveLength(61);
  expect(results.filter(({ status }) => status !== 'ok').map(({ id, name }) => `${id} ${name}`)).toEqual([]);
});

describe('fields from rows', () => {
  test('what REST answers, GraphQL answers', async () => {
    const { app } = openDemo();
    const got = await ask(app, 'query ($id: String!) { thingsGet(thing_id: $id) { thing_id name size } }', {
      id: 'thing_1',
    });
    expect(got).toEqual({ data: { thingsGet: (await app.inject({ url: '/api/things/thing_1' })).json() } });
    const made = await ask(app, 'mutation { thingsCreate(name: "x", size: 3, nested: {deep: "y"}) { thing_id size } }');
    expect(made.data).toEqual({ thingsCreate: { thing_id: 'thing_1', size: 3 } });
    const json = await ask(app, 'mutation ($b: JSON) { thingsTag(thing_id: "a", tag: {a: [1, $b, null]}) { tag } }', {
      b: { deep: true },
    });
    expect(json.data).toEqual({ thingsTag: { tag: { a: [1, { deep: true }, null] } } });
  });

  test('a fault has its code, its status and its next step; a defect keeps its secrets', async () => {
    const { app } = openDemo();
    const { errors } = await ask(app, '{ thingsGet(thing_id: "none") { name } }');
    expect(errors).toMatchObject([
      { message: 'There is no thing none.', extensions: { code: 'CSP-TST-001', status: 404, next: 'Make one.' } },
    ]);
    const wrong = await ask(app, '{ thingsList(limit: 0) { asked } }');
    expect(wrong.errors?.[0]?.extensions).toMatchObject({ code: 'CSP-GTW-001', errors: [{ pointer: '/limit' }] });
    const defect = await ask(app, 'mutation { thingsFail(kind: "defect") }');
    expect(defect.errors?.[0]?.extensions).toMatchObject({ code: 'CSP-GTW-010', status: 500 });
    expect(JSON.stringify(defect)).not.toContain('secret');
  });

  test('each field counts by the limit of its operation', async () => {
    const none = { perMinute: 0, burst: 1 };
    const { app } = openDemo({ rate: { read: { perMinute: 60, burst: 2 }, write: none, verify: none } });
    const field = (name: string) => `${name}: thingsList { asked }`;
    const { errors } = await ask(app, `{ ${['a', 'b', 'c'].map(field).join(' ')} }`);
    expect(errors).toHaveLength(1);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'CSP-GTW-008', status: 429 });
  });
});

describe('documents by their hash', () => {
  const query = '{ thingsList(limit: 3) { asked } }';
  // Of the text above, by another program: printf '%s' '…' | sha256sum
  const sha256 = '637970ff96e31205fefa8ee7a87ddf57ef6c3df64d67bc3b3796a3b7ccd692ce';

  async function post(app: ReturnType<typeof openDemo>['app'], payload: object): Promise<Answer & { status: number }> {
    const answer = await app.inject({ method: 'POST', url: '/graphql', payload });
    return { status: answer.statusCode, ...(answer.json() as Answer) };
  }

  test('unknown first, then sent once, then the hash is enough: in both ways of writing, by POST and by GET', async () => {
    const { app } = openDemo();
    const apollo = { extensions: { persistedQuery: { version: 1, sha256Hash: sha256 } } };
    expect(await post(app, apollo)).toMatchObject({ status: 200, errors: [{ message: 'PersistedQueryNotFound' }] });
    const answer = await post(app, { query, ...apollo });
    expect(answer.data).toHaveProperty('thingsList');
    expect(await post(app, apollo)).toEqual(answer);
    expect(await post(app, { documentId: `sha256:${sha256}` })).toEqual(answer);
    const found = await app.inject({
      url: `/graphql?extensions=${encodeURIComponent(JSON.stringify(apollo.extensions))}`,
    });
    expect({ status: found.statusCode, ...found.json() }).toEqual(answer);
  });

  test('a hash of something else keeps nothing', async () => {
    const { app } = openDemo();
    const other = sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    expect((await post(app, { query, documentId: `sha256:${other}` })).status).toBe(400);
    expect(await post(app, { documentId: `sha256:${other}` })).toMatchObject({
      errors: [{ message: 'PersistedQueryNotFound' }],
    });
    expect(await post(app, { documentId: 'thing' })).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound' }] });
  });

  test('a mutation by GET is refused, known or not', async () => {
    const { app } = openDemo();
    const mutation = 'mutation { thingsFail(kind: "defect") }';
    const hash = '3a9404b8f773e6f9b7f790fcb8db320aaad0453360e9607ceae5069b5e895e6e';
    await post(app, { query: mutation, documentId: `sha256:${hash}` });
    expect((await app.inject({ url: `/graphql?documentId=sha256:${hash}` })).statusCode).toBe(405);
  });
});

describe('limits', () => {
  test('size is counted where fragments are spread, by hand', () => {
    const size = (query: string) => sizeOf(parse(query));
    expect(size('{ a { b c { d } } }')).toEqual({ depth: 3, cost: 4 + 10, aliases: 0, roots: 1 });
    expect(size('{ x: a { ...F } y: a { ...F } } fragment F on T { z: b c { d } }')).toEqual({
      depth: 3,
      cost: 8 + 20,
      aliases: 4,
      roots: 2,
    });
    expect(size('{ ...R ... on Query { x: b } } fragment R on Query { a { c } }')).toEqual({
      depth: 2,
      cost: 3 + 20,
      aliases: 1,
      roots: 2,
    });
    expect(size('{ s: __schema { t: types { n: name } } }')).toEqual({ depth: 1, cost: 1 + 10, aliases: 3, roots: 1 });
    expect(size('{ ...F } fragment F on T { a { ...F } }'), 'it ends').toEqual({
      depth: 1,
      cost: 1 + 10,
      aliases: 0,
      roots: 1,
    });
  });

  test('a document that doubles with each fragment is refused at once', async () => {
    const { app } = openDemo();
    const doubling = Array.from(
      { length: 60 },
      (_, at) => `fragment F${at} on Query { ...F${at + 1} b${at}: thingsList { asked } ...F${at + 1} }`,
    );
    const begun = performance.now();
    const { errors } = await ask(app, `{ ...F0 } ${doubling.join(' ')} fragment F60 on Query { thingsList { asked } }`);
    expect(errors?.[0]?.message).toMatch(/costs/);
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  test('what is too deep or too much is not run', async () => {
    const { app } = openDemo();
    const deep = `{ ${'a{'.repeat(DEPTH_MAX)}a${'}'.repeat(DEPTH_MAX)} }`;
    expect((await ask(app, deep)).errors?.map(({ message }) => message).join()).toContain('levels deep');
    const many = Array.from({ length: Math.ceil(COST_MAX / 12) + 1 }, (_, at) => `a${at}: thingsList { asked }`).join(
      ' ',
    );
    expect((await ask(app, `{ ${many} }`)).errors?.[0]).toMatchObject({
      message: expect.stringContaining('costs'),
      extensions: { code: 'CSP-GTW-028', next: expect.stringContaining('Ask for less') },
    });
    const long = await ask(openDemo({ bodyBytesMax: 300_000 }).app, `{ thingsList { asked } } #${'x'.repeat(200_000)}`);
    expect(long.errors?.[0]?.message).toContain('longer');
  });

  test('aliases are counted, also of what costs nothing, and so are fields of the root', async () => {
    const { app } = openDemo({ bodyBytesMax: 300_000 });
    const aliases = (count: number, field: string) =>
      Array.from({ length: count }, (_, at) => `a${at}: ${field}`).join(' ');
    const messages = async (query: string) => (await ask(app, query)).errors?.map(({ message }) => message);
    const things = (inner: string) => `{ thingsGet(thing_id: "thing_1") { ${inner} } }`;
    expect(await messages(things(aliases(1000, '__typename')))).toContain(
      'The query has 1000 aliases; at most 100 are answered.',
    );
    const refused = ['The query has 101 aliases; at most 100 are answered.'];
    expect(await messages(things(aliases(101, 'name')))).toEqual(refused);
    expect(await messages(things(aliases(100, 'name')))).toBe(undefined);
    // Twice by a fragment that has half of them, and one.
    const fragment = `fragment F on ThingsGetOutput { ${aliases(50, 'name')} }`;
    const spread = `query { thingsGet(thing_id: "thing_1") { ...F one: name } ...G } fragment G on Query { thingsGet(thing_id: "thing_1") { ...F } } ${fragment}`;
    expect(await messages(spread)).toEqual(refused);
    expect(await messages(`{ __schema { ${aliases(101, 'types { name }')} } }`)).toEqual(refused);
    expect(await messages(`{ ${aliases(51, '__typename')} }`)).toEqual([
      'The query has 51 fields of the root; at most 50 are answered.',
    ]);
    expect(await messages(`{ ${aliases(50, '__typename')} }`)).toBe(undefined);
  });

  test('the schema is told on a loopback address, and not elsewhere unless debugging', async () => {
    const query = getIntrospectionQuery();
    expect(await ask(openDemo().app, query)).toHaveProperty('data.__schema');
    expect((await ask(openDemo({ host: '0.0.0.0' }).app, query)).errors?.[0]?.message).toContain('introspection');
    expect(await ask(openDemo({ host: '0.0.0.0', debug: true }).app, query)).toHaveProperty('data.__schema');
    expect((await ask(openDemo({ host: '0.0.0.0' }).app, '{ __typename }')).data).toEqual({ __typename: 'Query' });
  });
});

describe('subscriptions', () => {
  test('over graphql-transport-ws, from a sequence number on, with errors in words', async () => {
    const { app, gateway, notifications } = openDemo();
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const catalog = { errors: () => ({}), streams: () => [] } as never;
    const quiet = { clock: { now: () => 0, monotonic: () => 0, after: () => () => {} }, log: silent };
    const random = { id: () => 'run_1', bytes: () => new Uint8Array() };
    const protocol = moduleProtocol('gateway', undefined);
    serveSockets(app.server, { ...quiet, random, catalog, notifications, protocol }, gateway, { host: '127.0.0.1' });
    const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, lazy: true, retryAttempts: 0 });
    for (const data of ['a', 'b']) notifications.publish('thing.one', data);
    const events = client.iterate<Record<string, unknown>>({
      query: 'subscription { thing(thing_id: "one", since: 1) { seq data gap } }',
    });
    expect((await events.next()).value).toEqual({ data: { thing: { seq: 2, data: 'b', gap: false } } });
    notifications.publish('thing.one', { c: 3 });
    expect((await events.next()).value).toEqual({ data: { thing: { seq: 3, data: { c: 3 }, gap: false } } });
    await events.return?.();
    await expect(client.iterate({ query: 'subscription { nothing { seq } }' }).next()).rejects.toMatchObject([
      { message: expect.stringContaining('nothing') },
    ]);
    await client.dispose();
  });

  test('a reader that is slow is told of what is gone, and gets the rest in order', async () => {
    const notifications = notificationsInMemory({ clock: { now: () => 0 }, keep: 100 });
    const topic = follow(notifications, 't', undefined);
    for (let n = 1; n <= 300; n++) notifications.publish('t', n);
    const read: (number | 'gap')[] = [];
    while (read.at(-1) !== 300) {
      const { value } = await topic.next();
      read.push(value.gap ? 'gap' : value.seq);
    }
    const expected = [
      ...Array.from({ length: 64 }, (_, at) => at + 1),
      'gap',
      ...Array.from({ length: 100 }, (_, at) => at + 201),
    ];
    expect(read).toEqual(expected);
    const waiting = topic.next();
    await topic.return?.();
    expect(await waiting, 'whoever waits is let go').toEqual({ value: undefined, done: true });
  });
});

test('the schema prints, with the words of the rows', async () => {
  const { gateway } = openDemo();
  const text = printSchema((await gateway.graphql()).schema);
  expect(text).toContain('"""Lists things."""');
  expect(text).toContain('thingsGet(thing_id: String!): ThingsGetOutput!');
  expect(text).toContain('limit: Integer');
  expect(text).not.toContain('batchPerform');
});
