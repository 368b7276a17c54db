import { type Capabilities, notificationsInMemory, PLATFORM_ERRORS, randomFrom } from '@enhanced-csp/platform';
import { afterEach, describe, expect, test } from 'vitest';
import { demo, memoryStore, sha256, silent } from './demo.fixture.ts';
import { GATEWAY_ERRORS } from './errors.ts';
import { type GatewayOptions, openGateway } from './gateway.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

let time = 0;
const clock: Capabilities['clock'] = { now: () => 0, monotonic: () => time, after: () => () => {} };

function open(options: Partial<GatewayOptions> = {}, more: { healthy?: boolean } = {}) {
  const rows = demo();
  const notifications = notificationsInMemory({ clock });
  const logged: { fields: object; message: string }[] = [];
  const gateway = openGateway(
    {
      clock,
      random: randomFrom((count) => new Uint8Array(count), clock),
      store: memoryStore(),
      notifications,
      hash: sha256,
      log: { ...silent, error: (fields, message) => logged.push({ fields, message }) },
      catalog: {
        collections: () => [],
        errors: () => ({
          ...PLATFORM_ERRORS,
          ...GATEWAY_ERRORS,
          'CSP-TST-001': { kind: 'not found', title: 'No such thing', next: 'Make one.' },
        }),
        operations: () => rows.operations,
        streams: () => rows.streams,
        pages: () => rows.pages,
        agents: () => new Map(),
        processKinds: () => new Map(),
        policies: () => new Map(),
        panels: () => new Map(),
        health: async () => ({
          healthy: more.healthy ?? true,
          modules: { demo: { healthy: more.healthy ?? true, detail: 'as told' } },
        }),
      },
    },
    {
      name: 'Test',
      version: '1.2.3',
      host: '127.0.0.1',
      debug: false,
      bodyBytesMax: 1000,
      runningMax: 100,
      origins: [],
      hstsSeconds: 0,
      rate: { read: { perMinute: 0, burst: 1 }, write: { perMinute: 0, burst: 1 }, verify: { perMinute: 0, burst: 1 } },
      graphql: { aliasesMax: 100, rootFieldsMax: 50 },
      ...options,
    },
  );
  closing.push(() => gateway.close(0));
  return { app: gateway.app, gateway, rows, logged, notifications };
}

const json = (body: unknown) => ({ headers: { 'content-type': 'application/json' }, payload: JSON.stringify(body) });
const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('input', () => {
  test.each(['/api', '/api/v1'])('path, query and body become one input under %s', async (prefix) => {
    const { app } = open();
    const listed = await app.inject({ url: `${prefix}/things?limit=5&ratio=0.5&active=true&tags=a&tags=b&name=7` });
    expect(listed.json()).toEqual({ asked: { limit: 5, ratio: 0.5, active: true, tags: ['a', 'b'], name: '7' } });
    expect((await app.inject({ url: `${prefix}/things?tags=one` })).json().asked).toEqual({ limit: 10, tags: ['one'] });
    const renamed = await app.inject({ method: 'PUT', url: `${prefix}/things/thing_7`, ...json({ name: 'x' }) });
    expect(renamed.json()).toEqual({ thing_id: 'thing_7', name: 'x' });
  });

  test('each place that is wrong is told, with its pointer and where it was', async () => {
    const { app } = open();
    const answer = await app.inject({
      method: 'POST',
      url: '/api/things?extra=1',
      ...json({ size: 'big', nmae: 'x', nested: { deep: 1 } }),
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.json()).toMatchObject({
      type: '/errors/CSP-GTW-001',
      title: GATEWAY_ERRORS['CSP-GTW-001'].title,
      status: 400,
      instance: '/api/things',
      code: 'CSP-GTW-001',
      next: GATEWAY_ERRORS['CSP-GTW-001'].next,
    });
    expect(answer.json().errors).toEqual(
      expect.arrayContaining([
        { pointer: '/name', in: 'body', detail: expect.any(String) },
        { pointer: '/size', in: 'body', detail: expect.stringContaining('number') },
        { pointer: '/nested/deep', in: 'body', detail: expect.any(String) },
        { pointer: '/nmae', in: 'body', detail: 'Unknown property. Did you mean name?' },
        { pointer: '/extra', in: 'query', detail: 'Unknown property.' },
      ]),
    );
    const query = await app.inject({ url: '/api/things?limit=many' });
    expect(query.json().errors).toMatchObject([{ pointer: '/limit', in: 'query' }]);
    expect((await app.inject({ url: '/api/things?limit=0' })).statusCode).toBe(400);
  });

  test('a body that contradicts the path is refused', async () => {
    const { app } = open();
    const answer = await app.inject({ method: 'PUT', url: '/api/things/one', ...json({ thing_id: 'two', name: 'x' }) });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors).toMatchObject([{ pointer: '/thing_id' }]);
  });

  test.each([
    ['{"name": }', 400, 'CSP-GTW-002', /line 1, column 10/],
    ['', 400, 'CSP-GTW-001', /name/],
    ['[1]', 400, 'CSP-GTW-001', /object/],
    ['"text"', 400, 'CSP-GTW-001', /object/],
    ['null', 400, 'CSP-GTW-001', /object/],
    ['{"name": "x", "__proto__": {"polluted": true}}', 400, 'CSP-GTW-002', /__proto__/],
    ['{"name": "x", "\\u005f_proto__": {"polluted": true}}', 400, 'CSP-GTW-002', /__proto__/],
    [`{"name": ${'['.repeat(100)}${']'.repeat(100)}}`, 413, 'CSP-GTW-004', /deeper than 64/],
    [JSON.stringify({ name: 'x'.repeat(2000) }), 413, 'CSP-GTW-004', /larger/],
  ])('the body %s: %i %s', async (payload, status, code, detail) => {
    const { app } = open();
    const answer = await app.inject({
      method: 'POST',
      url: '/api/things',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    expect(answer.json()).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
    expect(answer.statusCode).toBe(status);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  test('brackets inside strings do not count as depth', async () => {
    const { app } = open();
    const answer = await app.inject({ method: 'POST', url: '/api/things', ...json({ name: `\\"${'['.repeat(200)}` }) });
    expect(answer.statusCode).toBe(201);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'application/xml'])(
    '%s is answered 415',
    async (type) => {
      const { app } = open();
      const answer = await app.inject({
        method: 'POST',
        url: '/api/things',
        headers: { 'content-type': type },
        payload: 'name=x',
      });
      expect(answer.statusCode).toBe(415);
      expect(answer.json()).toMatchObject({ status: 415, code: 'CSP-GTW-003' });
    },
  );
});

describe('output', () => {
  test('a created resource has its place, and only the declared fields', async () => {
    const { app } = open();
    const answer = await app.inject({ method: 'POST', url: '/api/things', ...json({ name: 'x' }) });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.location).toBe('/api/things/thing_1');
    expect(answer.json()).toEqual({ thing_id: 'thing_1', name: 'x', size: 1 });
  });

  test('an answer that breaks its own schema is a defect, and is logged', async () => {
    const { app, logged } = open();
    const answer = await app.inject({ method: 'POST', url: '/api/things/lie' });
    expect(answer.json()).toMatchObject({ status: 500, code: 'CSP-GTW-010' });
    expect(logged).toHaveLength(1);
  });

  test.each([
    ['invalid', 400],
    ['unprocessable', 422],
    ['not found', 404],
    ['conflict', 409],
    ['denied', 403],
    ['refused', 409],
    ['too many', 429],
    ['too large', 413],
    ['timed out', 504],
    ['unavailable', 503],
    ['internal', 500],
  ])('a fault of kind %s is answered %i', async (kind, status) => {
    const { app } = open();
    const answer = await app.inject({ method: 'POST', url: '/api/things/fail', ...json({ kind }) });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({
      status,
      code: 'CSP-TST-001',
      title: 'No such thing',
      next: 'Make one.',
      detail: 'As told.',
    });
  });

  test('particulars of a fault go into the document, and never over its own members', async () => {
    const { app } = open();
    expect((await app.inject({ url: '/api/things/other' })).json()).toMatchObject({ status: 404, thing_id: 'other' });
  });

  test('a defect tells the caller nothing of the inside, unless debug is on', async () => {
    const request = { method: 'POST', url: '/api/things/fail', ...json({ kind: 'defect' }) } as const;
    const { app, logged } = open();
    const quiet = await app.inject(request);
    expect(quiet.statusCode).toBe(500);
    expect(quiet.body).not.toContain('secret');
    expect(JSON.stringify(logged)).toContain('a secret of the implementation');
    expect((await open({ debug: true }).app.inject(request)).json().stack).toContain('a secret of the implementation');
  });
});

describe('what is not there', () => {
  test('an unknown path: 404 with the nearest', async () => {
    const { app } = open();
    const answer = await app.inject({ url: '/api/thinsg?x=1' });
    expect(answer.json()).toMatchObject({
      status: 404,
      code: 'CSP-GTW-005',
      nearest: '/api/things',
      instance: '/api/thinsg',
    });
    expect((await app.inject({ url: '/wp-login.php' })).json()).not.toHaveProperty('nearest');
    expect((await app.inject({ url: '/%E0%A4%A' })).statusCode).toBe(404);
    expect((await app.inject({ url: `/api/things/${'x'.repeat(300)}` })).statusCode).toBeGreaterThanOrEqual(400);
  });

  test('a known path with another method: 405 with Allow', async () => {
    const { app } = open();
    const answer = await app.inject({ method: 'DELETE', url: '/api/things' });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toBe('GET, POST, HEAD');
    expect(answer.json()).toMatchObject({ code: 'CSP-GTW-006' });
    expect((await app.inject({ method: 'POST', url: '/health' })).statusCode).toBe(405);
    expect((await app.inject({ method: 'HEAD', url: '/api/things' })).statusCode).toBe(200);
  });
});

describe('headers', () => {
  test('every answer has the security headers and a request id, also a refusal', async () => {
    const { app } = open();
    for (const url of ['/', '/api/things', '/nowhere', '/openapi.json', '/style.css']) {
      const { headers } = await app.inject({ url });
      expect(headers['content-security-policy'], url).toContain("default-src 'self'");
      expect(headers['x-content-type-options'], url).toBe('nosniff');
      expect(headers['x-request-id'], url).toMatch(/^[\w-]+$/);
    }
    expect((await app.inject({ url: '/', headers: { 'x-request-id': 'mine-1' } })).headers['x-request-id']).toBe(
      'mine-1',
    );
    expect(
      (await app.inject({ url: '/', headers: { 'x-request-id': 'a b\tc' } })).headers['x-request-id'],
    ).not.toContain(' ');
  });

  test('other sites are kept out: a foreign Origin, and a name rebound to this machine', async () => {
    const { app } = open();
    const from = (headers: Record<string, string>) =>
      app.inject({
        method: 'POST',
        url: '/api/things',
        headers: { 'content-type': 'application/json', ...headers },
        payload: '{"name":"x"}',
      });
    expect((await from({ origin: 'https://evil.example', host: 'localhost:8000' })).json()).toMatchObject({
      status: 403,
      code: 'CSP-GTW-007',
    });
    expect((await from({ origin: 'null', host: 'localhost:8000' })).statusCode).toBe(403);
    expect((await from({ host: 'evil.example:8000' })).statusCode).toBe(403);
    expect((await from({ origin: 'http://localhost:8000', host: 'localhost:8000' })).statusCode).toBe(201);
    expect((await from({ host: '[::1]:8000' })).statusCode).toBe(201);
    const { app: open_to_all } = open({ host: '0.0.0.0' });
    expect((await open_to_all.inject({ url: '/health', headers: { host: 'csp.example' } })).statusCode).toBe(200);
  });
});

describe('rate limits', () => {
  test('callers from elsewhere share one limit of any kind; this machine and health checks are not counted', async () => {
    const { app } = open({ anonymous: { perMinute: 60, burst: 2 } });
    const asked = async (url: string, remoteAddress: string) => (await app.inject({ url, remoteAddress })).statusCode;
    const stranger = '203.0.113.7';
    expect(await asked('/api/things', stranger)).toBe(200);
    expect(await asked('/openapi.json', stranger)).toBe(200);
    const refused = await app.inject({ url: '/api/things', remoteAddress: stranger });
    expect([refused.statusCode, refused.headers['retry-after'], refused.json().code]).toEqual([
      429,
      '1',
      'CSP-GTW-008',
    ]);
    for (const url of ['/health', '/health/live']) expect(await asked(url, stranger)).toBe(200);
    for (const address of ['203.0.113.8', '127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      expect(await asked('/api/things', address)).toBe(200);
      expect(await asked('/api/things', address)).toBe(200);
      expect(await asked('/api/things', address)).toBe(address === '203.0.113.8' ? 429 : 200);
    }
  });

  test('the burst passes, then 429 with Retry-After, and time makes room again', async () => {
    time = 0;
    const { app } = open({
      rate: {
        read: { perMinute: 60, burst: 3 },
        write: { perMinute: 0, burst: 1 },
        verify: { perMinute: 0, burst: 1 },
      },
    });
    const statuses = async (count: number) => {
      const seen: number[] = [];
      for (let i = 0; i < count; i++) seen.push((await app.inject({ url: '/api/things' })).statusCode);
      return seen;
    };
    expect(await statuses(5)).toEqual([200, 200, 200, 429, 429]);
    const refused = await app.inject({ url: '/api/things' });
    expect(refused.headers['retry-after']).toBe('1');
    expect(refused.json()).toMatchObject({ code: 'CSP-GTW-008', retry_after_seconds: 1 });
    time = 1000;
    expect(await statuses(2)).toEqual([200, 429]);
    time = 1_000_000;
    expect(await statuses(4)).toEqual([200, 200, 200, 429]);
    const other = await app.inject({ method: 'POST', url: '/api/things', ...json({ name: 'x' }) });
    expect(other.statusCode, 'another class has its own limit').toBe(201);
  });
});

describe('documents', () => {
  test('health: 200 when all is well, 503 when not, and alive in any case', async () => {
    const { app } = open();
    expect((await app.inject({ url: '/health' })).json()).toMatchObject({
      status: 'healthy',
      version: '1.2.3',
      components: { demo: { healthy: true, detail: 'as told' } },
    });
    const { app: ill } = open({}, { healthy: false });
    expect((await ill.inject({ url: '/health' })).statusCode).toBe(503);
    expect((await ill.inject({ url: '/health/ready' })).json()).toMatchObject({ status: 'degraded' });
    expect((await ill.inject({ url: '/health/live' })).statusCode).toBe(200);
  });

  test('/ is JSON for programs and a page for people', async () => {
    const { app } = open();
    expect((await app.inject({ url: '/' })).json()).toMatchObject({
      name: 'Test',
      operations: expect.arrayContaining([
        { id: 'things.get', method: 'GET', path: '/api/things/{thing_id}', summary: 'Shows a thing.' },
      ]),
      topics: [{ topic: 'process_events' }, { topic: 'thing.{thing_id}' }],
    });
    const page = await app.inject({ url: '/', headers: HTML });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.body).toContain('<a href="/things">Things</a>');
    expect(page.body).toContain('<a href="/api/things">/api/things</a>');
  });

  test('a page of a module is framed, escaped and loads nothing from elsewhere', async () => {
    const { app } = open();
    const page = await app.inject({
      url: '/things/%3Cscript%3Ealert(1)%3C%2Fscript%3E?filter=%22%3E%3Cimg%20src=x%3E',
      headers: HTML,
    });
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toContain('<script');
    expect(page.body).not.toContain('<img');
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect((await app.inject({ url: '/things', headers: HTML })).body).toContain('http-equiv="refresh" content="5"');
  });

  test('the navigation shows where a page is', async () => {
    const { app } = open();
    const at = async (url: string) => (await app.inject({ url, headers: HTML })).body;
    expect(await at('/things')).toContain('<a href="/things" aria-current="page">Things</a>');
    expect(await at('/things/thing_1')).toContain('<a href="/things" aria-current="true">Things</a>');
    expect(await at('/docs')).toContain('<a href="/things">Things</a>');
  });

  test('the address of a page answers programs with its operation', async () => {
    const { app } = open();
    expect((await app.inject({ url: '/things/thing_1', headers: { accept: 'application/json' } })).json()).toEqual({
      thing_id: 'thing_1',
      name: 'a thing',
      size: 1,
    });
    expect((await app.inject({ url: '/things/nothing' })).json()).toMatchObject({ status: 404, code: 'CSP-TST-001' });
  });

  test('problems are pages for people, and every code has one', async () => {
    const { app } = open();
    const lost = await app.inject({ url: '/nowhere<b>', headers: HTML });
    expect(lost.statusCode).toBe(404);
    expect(lost.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(lost.body).not.toContain('<b>');
    for (const code of Object.keys(GATEWAY_ERRORS)) {
      const page = await app.inject({ url: `/errors/${code}`, headers: HTML });
      expect(page.statusCode, code).toBe(200);
    }
    expect((await app.inject({ url: '/errors/CSP-GTW-0001', headers: HTML })).statusCode).toBe(404);
  });

  test('a browser that calls the API gets JSON', async () => {
    const { app } = open();
    expect((await app.inject({ url: '/api/things', headers: HTML })).headers['content-type']).toBe(
      'application/json; charset=utf-8',
    );
    expect((await app.inject({ url: '/api/nothing', headers: HTML })).headers['content-type']).toBe(
      'application/problem+json; charset=utf-8',
    );
  });
});

describe('the end', () => {
  test('a call is aborted when the gateway closes before it is done', async () => {
    const { app, gateway, rows } = open();
    await app.ready();
    const waiting = app.inject({ method: 'POST', url: '/api/things/wait' });
    await rows.waiting;
    expect(rows.aborted).toEqual([]);
    await gateway.close(0);
    expect((await waiting).statusCode).toBe(504);
    expect(rows.aborted).toHaveLength(1);
  });
});

describe('conditions and forms', () => {
  test('a version is an entity tag: known is 304, stale is 412', async () => {
    const { app } = open();
    const url = '/api/counters/one';
    expect((await app.inject({ method: 'POST', url })).headers.etag).toBe('"1"');
    const read = await app.inject({ url });
    expect(read.headers.etag).toBe('"1"');
    const known = await app.inject({ url, headers: { 'if-none-match': 'W/"1", "7"' } });
    expect([known.statusCode, known.body, known.headers.etag]).toEqual([304, '', '"1"']);
    expect((await app.inject({ url, headers: { 'if-none-match': '"7"' } })).statusCode).toBe(200);
    const change = (tag: string) => app.inject({ method: 'POST', url, headers: { 'if-match': tag } });
    const stale = await change('"0"');
    expect([stale.statusCode, stale.json().code, stale.json().version]).toEqual([412, 'CSP-PLT-006', 1]);
    expect((await change('W/"1"')).statusCode, 'weak tags do not match').toBe(412);
    expect((await change('"1"')).json()).toEqual({ count: 2 });
    expect((await change('*')).json()).toEqual({ count: 3 });
    expect((await change('"2", "3"')).json()).toEqual({ count: 4 });
    expect((await change('three')).json().code).toBe('CSP-GTW-020');
    const unversioned = await app.inject({ method: 'PUT', url: '/api/things/a', ...json({ name: 'x' }) });
    expect(unversioned.statusCode).toBe(200);
    const refused = await app.inject({
      method: 'PUT',
      url: '/api/things/a',
      headers: { 'content-type': 'application/json', 'if-match': '"1"' },
      payload: '{"name":"x"}',
    });
    expect(refused.statusCode).toBe(412);
  });

  test('a repeated POST with its key is answered again, not done again; also when it faulted', async () => {
    const { app } = open();
    const count = (key: string, url = '/api/counters/one') =>
      app.inject({ method: 'POST', url, headers: { 'idempotency-key': key } });
    expect((await count('a')).json()).toEqual({ count: 1 });
    const again = await count('a', '/api/v1/counters/one');
    expect([again.json(), again.headers['idempotency-replayed'], again.headers.etag]).toEqual([
      { count: 1 },
      'true',
      '"1"',
    ]);
    expect((await count('b')).json()).toEqual({ count: 2 });
    expect((await count('a', '/api/counters/two')).json()).toMatchObject({ status: 422, code: 'CSP-GTW-017' });
    const fail = () =>
      app.inject({
        method: 'POST',
        url: '/api/things/fail',
        headers: { 'idempotency-key': 'c', 'content-type': 'application/json' },
        payload: '{"kind":"conflict"}',
      });
    const [first, second] = [await fail(), await fail()];
    expect(first.statusCode).toBe(409);
    expect(second.body).toBe(first.body);
    expect(second.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  });

  test('a raw form is sent to those who ask for it', async () => {
    const { app } = open();
    const ask = (accept: string) => app.inject({ url: '/api/things/a/text', headers: { accept } });
    const raw = await ask('application/x-ndjson; q=0.9, text/plain');
    expect(raw.headers['content-type']).toMatch(/^application\/x-ndjson/);
    expect(
      raw.body
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).line),
    ).toEqual([1, 2]);
    for (const accept of ['*/*', 'application/json']) expect((await ask(accept)).json()).toHaveProperty('text');
  });
});

describe('other sites', () => {
  const origin = 'https://console.example.org';

  test('one that is named may ask, and its browser is told so', async () => {
    const { app } = open({ origins: [origin] });
    const preflight = await app.inject({
      method: 'OPTIONS',
      url: '/api/things',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.statusCode).toBe(204);
    expect(preflight.headers['access-control-allow-origin']).toBe(origin);
    expect(preflight.headers['access-control-allow-headers']).toContain('idempotency-key');
    const asked = await app.inject({ url: '/api/things', headers: { origin } });
    expect([asked.statusCode, asked.headers['access-control-allow-origin'], asked.headers.vary]).toEqual([
      200,
      origin,
      'origin',
    ]);
    const fault = await app.inject({ url: '/api/things/none', headers: { origin } });
    expect(fault.headers['access-control-allow-origin']).toBe(origin);
  });

  test('any other is refused, with and without a list', async () => {
    for (const origins of [[], [origin]]) {
      const { app } = open({ origins });
      for (const method of ['GET', 'OPTIONS'] as const) {
        const answer = await app.inject({ method, url: '/api/things', headers: { origin: 'https://evil.example' } });
        expect(answer.statusCode).toBe(403);
        expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
      }
    }
  });

  test('security headers come from the configuration', async () => {
    const plain = await open().app.inject({ url: '/api/things' });
    expect(plain.headers).not.toHaveProperty('strict-transport-security');
    const { app } = open({ hstsSeconds: 60, contentSecurityPolicy: "default-src 'none'" });
    const { headers } = await app.inject({ url: '/api/things' });
    expect(headers['strict-transport-security']).toBe('max-age=60');
    expect(headers['content-security-policy']).toBe("default-src 'none'");
  });
});

test('saturated is said at once, and is over when a request ends', async () => {
  const { app, rows } = open({ runningMax: 1 });
  const waiting = app.inject({ method: 'POST', url: '/api/things/wait', ...json({}) });
  await rows.waiting;
  const refused = await app.inject({ url: '/api/things' });
  expect([refused.statusCode, refused.json().code, refused.headers['retry-after']]).toEqual([503, 'CSP-GTW-021', '1']);
  rows.release();
  expect((await waiting).statusCode).toBe(202);
  await expect.poll(async () => (await app.inject({ url: '/api/things' })).statusCode).toBe(200);
});

test('an operation that is going away says since when and until when', async () => {
  const { app } = open();
  const { headers } = await app.inject({ url: '/api/counters/one' });
  // 1767225600: 2026-01-01T00:00:00Z in seconds, by `date -d`.
  expect([headers.deprecation, headers.sunset]).toEqual(['@1767225600', 'Fri, 01 Jan 2027 00:00:00 GMT']);
  expect((await app.inject({ url: '/api/things' })).headers).not.toHaveProperty('deprecation');
});

describe('the page of the API', () => {
  test('has a form for every operation, and is under the policy of every page', async () => {
    const { app, rows } = open();
    const page = await app.inject({ url: '/docs', headers: { accept: 'text/html' } });
    for (const { id } of rows.operations) expect(page.body).toContain(`id="${id}"`);
    expect(page.body.match(/<form /g)?.length).toBeGreaterThan(rows.operations.length - 1);
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    expect(page.body.match(/<script[^>]*>/g)).toEqual(['<script src="/docs.js" defer>']);
    const script = await app.inject('/docs.js');
    expect(script.headers['content-type']).toContain('text/javascript');
    expect(() => new Function(script.body)).not.toThrow();
  });
});
