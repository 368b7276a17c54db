import { afterEach, describe, expect, test } from 'vitest';
import { closeDemos, openDemo } from './demo-gateway.fixture.ts';

afterEach(closeDemos);

type Item = Record<string, unknown>;
const post = (app: ReturnType<typeof openDemo>['app'], body: unknown, headers: Record<string, string> = {}) =>
  app.inject({
    method: 'POST',
    url: '/api/batch',
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(body),
  });
const put = (thing_id: string, name: string): Item => ({
  method: 'POST',
  path: `/api/stored/${thing_id}`,
  body: { name },
});

describe('a batch', () => {
  test('answers each request in its place, as if it had come alone', async () => {
    const { app } = openDemo();
    const requests: Item[] = [
      { id: 'list', method: 'GET', path: '/api/v1/things?limit=3' },
      { method: 'POST', path: '/api/things', body: { name: 'x' } },
      { method: 'POST', path: '/api/things', body: { size: 1 } },
      { method: 'GET', path: '/api/things/none' },
      { method: 'GET', path: '/api/nowhere' },
      { method: 'POST', path: '/api/counters/a', headers: { 'If-Match': '"7"' } },
      { method: 'POST', path: '/api/things/lie', body: {} },
    ];
    const answer = await post(app, { requests });
    expect(answer.statusCode).toBe(200);
    const { results } = answer.json<{ results: { id: string; status: number; body: Record<string, unknown> }[] }>();
    expect(results.map(({ id, status }) => [id, status])).toEqual([
      ['list', 200],
      ['1', 201],
      ['2', 400],
      ['3', 404],
      ['4', 404],
      ['5', 412],
      ['6', 500],
    ]);
    for (const [index, { status, body }] of results.entries()) {
      const {
        method,
        path,
        body: payload,
        headers = {},
      } = requests[index] as { method: 'GET'; path: string; body?: unknown; headers?: Item };
      const alone = await app.inject({
        method,
        url: path,
        headers: { 'content-type': 'application/json', ...(headers as Record<string, string>) },
        ...(payload === undefined ? {} : { payload: JSON.stringify(payload) }),
      });
      expect(alone.statusCode).toBe(status);
      const { request_id: _, ...one } = body;
      const { request_id: __, ...other } = alone.json();
      expect(one).toEqual(other);
    }
  });

  test('holds a hundred, and no batch', async () => {
    const { app } = openDemo({ bodyBytesMax: 100_000 });
    const read = { method: 'GET', path: '/api/things' };
    expect((await post(app, { requests: Array(100).fill(read) })).json().results).toHaveLength(100);
    expect((await post(app, { requests: Array(101).fill(read) })).statusCode).toBe(400);
    expect((await post(app, { requests: [] })).statusCode).toBe(400);
    for (const path of ['/api/batch', '/api/v1/batch?x', '/health', 'http://elsewhere/api/things'])
      expect((await post(app, { requests: [{ method: 'POST', path }] })).statusCode, path).toBe(400);
    const headers = { host: 'elsewhere' };
    expect((await post(app, { requests: [{ ...read, headers }] })).json().code).toBe('CSP-GTW-020');
  });

  test('counts each request by its own limit', async () => {
    const { app } = openDemo({
      rate: {
        read: { perMinute: 60, burst: 2 },
        write: { perMinute: 0, burst: 1 },
        verify: { perMinute: 0, burst: 1 },
      },
    });
    const { results } = (await post(app, { requests: Array(3).fill({ method: 'GET', path: '/api/things' }) })).json();
    expect(results.map(({ status }: { status: number }) => status)).toEqual([200, 200, 429]);
    expect(results[2].headers['retry-after']).toBe('1');
  });

  test('is repeated as a whole by its idempotency key', async () => {
    const { app } = openDemo();
    const body = { requests: [{ method: 'POST', path: '/api/counters/a' }] };
    const first = await post(app, body, { 'idempotency-key': 'k' });
    expect((await post(app, body, { 'idempotency-key': 'k' })).body).toBe(first.body);
    expect((await app.inject({ url: '/api/counters/a' })).json()).toEqual({ count: 1 });
  });
});

describe('an atomic batch', () => {
  test('is one commit, and tells of it afterwards', async () => {
    const { app, store, commits, rows } = openDemo();
    const answer = await post(app, { atomic: true, requests: [put('one', 'a'), put('two', 'b')] });
    expect(answer.json()).toMatchObject({
      atomic: true,
      results: [
        { id: '0', status: 201, body: { thing_id: 'one', name: 'a' } },
        { id: '1', status: 201, body: { thing_id: 'two', name: 'b' } },
      ],
    });
    expect(commits()).toBe(1);
    expect((await store.get('things', 'two'))?.body).toBe('b');
    expect(rows.aborted).toEqual(['told a', 'told b']);
  });

  test.each([
    ['one that is refused', [put('one', 'a'), put('two', 'wrong')], 'CSP-GTW-023'],
    ['one that does not fit its schema', [put('one', 'a'), { ...put('two', 'b'), body: { nmae: 'b' } }], 'CSP-GTW-023'],
    ['one that is no commit', [put('one', 'a'), { method: 'POST', path: '/api/counters/a' }], 'CSP-GTW-022'],
    ['one that does not exist', [put('one', 'a'), { method: 'GET', path: '/api/nowhere' }], 'CSP-GTW-022'],
    ['one record twice', [put('one', 'a'), put('one', 'b')], 'CSP-GTW-022'],
    ['conditions', [{ ...put('one', 'a'), headers: { 'if-match': '"1"' } }], 'CSP-GTW-022'],
  ])('with %s writes nothing', async (_, requests, code) => {
    const { app, commits, rows } = openDemo();
    const answer = await post(app, { atomic: true, requests });
    expect([answer.statusCode, answer.json().code]).toEqual([422, code]);
    expect(commits()).toBe(0);
    expect(rows.aborted).toEqual([]);
  });
});
