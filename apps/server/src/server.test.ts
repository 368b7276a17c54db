import { spawnSync } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationKeys, defineOperation, Fault, type Module } from '@enhanced-csp/platform';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { MODULES, moduleConfiguration } from './assembly.ts';
import { readConfiguration, refuseInvalid } from './configuration.ts';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'csp-server-'));
  ending.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** A server of its own folder and a free port, unless told otherwise, with the lines of its log. */
async function start(options: ServerOptions = {}) {
  const lines: string[] = [];
  const where = options.folder ?? folder();
  const server = await startServer({
    env: {},
    writeLog: (line) => lines.push(line),
    ...options,
    folder: where,
    flags: { port: 0, ...options.flags },
  });
  ending.push(() => server.stop());
  return { server, lines, folder: where };
}

/** Nothing is as idle as 0 percent: with that threshold the alert must begin, and with one of 1000 it must not. */
async function alertBegins(alert: string, key: string) {
  const read = async ({ server }: Awaited<ReturnType<typeof start>>) =>
    ((await (await fetch(`${server.url}/api/metrics`)).json()) as { alerts: unknown }).alerts;
  const never = { 'alerts.cpu_percent': 1000, 'alerts.memory_percent': 1000, 'telemetry.sample_seconds': 0.1 };
  const quiet = await start({ flags: never });
  const loud = await start({ flags: { ...never, [key]: 0 } });
  await expect.poll(() => read(loud)).toEqual([alert]);
  expect(await read(quiet)).toEqual([]);
}

/** A module that commits, publishes, waits and verifies as the test says. */
function probe(): Module {
  const row = {
    errors: [],
    permission: 'probe:any',
    idempotent: false,
    examples: [],
    summary: 'For tests.',
    input: z.object({}),
    output: z.any(),
  } as const;
  return {
    name: 'probe',
    needs: ['store', 'notifications'],
    collections: [{ name: 'probes', fields: {} }],
    config: z.object({}),
    errors: {},
    async start({ store, notifications }) {
      const commit = (id: number) =>
        store.commit([{ change: 'put', collection: 'probes', id: String(id), fields: {}, body: id }]);
      return {
        operations: [
          defineOperation({ ...row, id: 'probe.read', route: 'GET /probe', rateClass: 'read', run: async () => ({}) }),
          defineOperation({
            ...row,
            id: 'probe.write',
            route: 'POST /probe',
            rateClass: 'write',
            run: async () => ({}),
          }),
          defineOperation({
            ...row,
            id: 'probe.verify',
            route: 'POST /probe/verify',
            rateClass: 'verify',
            run: async () => ({}),
          }),
          defineOperation({
            ...row,
            id: 'probe.commits',
            route: 'POST /probe/commits',
            rateClass: 'write',
            run: async () => {
              const outcomes = await Promise.allSettled([1, 2, 3, 4].map(commit));
              return outcomes.map((outcome) =>
                outcome.status === 'fulfilled' ? 'written' : (outcome.reason as Fault).code,
              );
            },
          }),
          defineOperation({
            ...row,
            id: 'probe.publishes',
            route: 'POST /probe/publishes',
            rateClass: 'write',
            run: async () => {
              for (let one = 0; one < 12; one++) notifications.publish('probe_events', { one });
              return {};
            },
          }),
          defineOperation({
            ...row,
            id: 'probe.hang',
            route: 'POST /probe/hang',
            rateClass: 'write',
            run: (_, { signal }) =>
              new Promise((_, reject) =>
                signal.addEventListener('abort', () => reject(new Fault('CSP-TST-001', 'timed out', 'Aborted.'))),
              ),
          }),
        ],
        streams: [{ topic: 'probe_events', summary: 'For tests.', notification: z.any(), permission: 'probe:any' }],
        stop: async () => {},
      };
    },
  };
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A module that leaves an hour of samples for each of those days ago. */
function measuredBefore(...days: readonly number[]): Module {
  return {
    name: 'before',
    needs: ['store'],
    config: z.object({}),
    errors: {},
    async start({ store }) {
      const span = { sum: 1, count: 1, max: 1 };
      for (const day of days) {
        const at = Date.now() - day * DAY_MS;
        const measured = { cpuPercent: span, memoryPercent: span, lagMs: span, processesActive: span };
        const body = { at, samples: 1, ...measured, requests: 0, errors: 0, responseSeconds: 0 };
        const fields = { tier: 'hour', at };
        await store.commit([{ change: 'put', collection: 'telemetry_samples', id: `hour-${at}`, fields, body }]);
      }
      return { stop: async () => {} };
    },
  };
}

const withProbe = () => [...MODULES.slice(0, -1), probe(), ...MODULES.slice(-1)];
const send = (server: RunningServer, path: string, body: object = {}) =>
  fetch(server.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const answer = async (response: Response) => (await response.json()) as Record<string, unknown>;

describe('the server', () => {
  test('starts on nothing, is healthy, and keeps key and data for the next time', async () => {
    const { server, folder } = await start();
    const health = await fetch(`${server.url}/health`);
    expect(health.status).toBe(200);
    expect(await health.json()).toMatchObject({
      status: 'healthy',
      components: { storage: { healthy: true }, conversations: { healthy: true } },
    });
    const data = join(folder, 'csp-data');
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, 'signing-key.pem')).mode & 0o777).toBe(0o600);
    const key = readFileSync(join(data, 'signing-key.pem'), 'utf8');
    const made = await answer(await send(server, '/api/protocols', { name: 'kept', source: 'P = STOP' }));
    await server.stop();
    const again = await start({ folder });
    expect((await fetch(`${again.server.url}/api/protocols/${made.protocol_id}`)).status).toBe(200);
    expect(readFileSync(join(data, 'signing-key.pem'), 'utf8')).toBe(key);
  });

  test('stops in less than a second, also when asked twice', async () => {
    const { server } = await start();
    await fetch(`${server.url}/health`);
    const begun = performance.now();
    await Promise.all([server.stop(), server.stop()]);
    expect(performance.now() - begun).toBeLessThan(1000);
    await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  });

  test('a second one on the same folder is refused with the PID of the first, which goes on', async () => {
    const { server, folder } = await start();
    await expect(start({ folder })).rejects.toMatchObject({ code: 'CSP-STO-006', details: { pid: process.pid } });
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  });

  test('a configuration with mistakes does not start, and says all of them', async () => {
    const where = folder();
    writeFileSync(join(where, 'csp.yaml'), 'prot: 1\nlog: {level: loud}\n');
    await expect(start({ folder: where })).rejects.toMatchObject({
      kind: 'invalid',
      message: expect.stringMatching(/csp\.yaml:1:1: .*Did you mean port\?\ncsp\.yaml:2:14: log\.level/),
    });
    await expect(start({ folder: where, file: 'missing.yaml' })).rejects.toMatchObject({ code: 'CSP-CFG-005' });
    expect(existsSync(join(where, 'csp-data'))).toBe(false);
  });

  test('files of the folder are read: csp.yaml, .env, .env.local, each stronger than the one before', async () => {
    const where = folder();
    writeFileSync(join(where, 'csp.yaml'), 'name: from the file\ndata_dir: yaml-data\nlog: {level: silent}\n');
    writeFileSync(join(where, '.env'), 'CSP_NAME="from .env"\nCSP_DATA_DIR=env-data\n');
    writeFileSync(join(where, '.env.local'), 'CSP_NAME="from .env.local"\n');
    const { server } = await start({ folder: where });
    const { values } = server.configuration;
    expect(values).toMatchObject({ name: 'from .env.local', data_dir: 'env-data', log: { level: 'silent' } });
  });

  // In a process of its own: one that hangs cannot be ended from inside.
  test('a data folder where nothing can be made is refused at once, with what to do', () => {
    const script = `import { startServer } from ${JSON.stringify(new URL('server.ts', import.meta.url).href)};
      await startServer({ env: {}, flags: { port: 0, data_dir: '/proc/x/y' } }).catch(({ code, message }) => console.log(code, message));`;
    const node = ['--input-type=module', '-e', script];
    const { stdout } = spawnSync(process.execPath, node, { cwd: folder(), encoding: 'utf8', timeout: 30_000 });
    expect(stdout).toMatch(
      /^CSP-STO-010 The data folder \/proc\/x\/y cannot be used: E[A-Z]+.* Set data_dir to a folder/,
    );
  });

  test('a data folder that is there and takes no file is refused in the same words', async () => {
    const where = folder();
    writeFileSync(join(where, 'file'), '');
    for (const data_dir of ['file', 'file/below', '/proc'])
      await expect(start({ folder: where, flags: { data_dir } })).rejects.toMatchObject({ code: 'CSP-STO-010' });
  });

  test('a key that cannot be read is not replaced', async () => {
    const { server, folder } = await start();
    await server.stop();
    const file = join(folder, 'csp-data', 'signing-key.pem');
    writeFileSync(file, 'damaged');
    await expect(start({ folder })).rejects.toMatchObject({ code: 'CSP-CFG-006' });
    expect(readFileSync(file, 'utf8')).toBe('damaged');
  });
});

const steps = (count: number, copies: number) => ({
  name: 'steps',
  source: `--@ conversation C roles alice, bob
datatype Role = alice | bob
channel hello : Role.Role
STEP(n) = if n == 0 then SKIP else hello.alice.bob -> hello.bob.alice -> STEP(n - 1)
C = ||| i : {1..${copies}} @ STEP(${count})
`,
});

describe('leaving a module out leaves a working product', () => {
  // What others need cannot be left out without them: that is refused by name.
  const required = { storage: 'CSP-PLT-001' } as const;
  for (const { name } of MODULES)
    test(`without ${name}`, async () => {
      const modules = MODULES.filter((module) => module.name !== name);
      if (name in required) {
        await expect(start({ modules })).rejects.toMatchObject({
          code: 'CSP-PLT-001',
          message: expect.stringContaining('store'),
        });
        return;
      }
      const { server } = await start({ modules });
      expect(server.platform.modules).toEqual(modules.map((module) => module.name));
      if (name === 'gateway') expect(server.url).toBe('');
      else {
        expect((await fetch(`${server.url}/health`)).status).toBe(200);
        expect((await fetch(`${server.url}/openapi.json`)).status).toBe(200);
        expect((await fetch(`${server.url}/`, { headers: { accept: 'text/html' } })).status).toBe(200);
        const own = { cache: undefined, conversations: '/api/protocols', telemetry: '/metrics' };
        expect(own).toHaveProperty(name);
        const path = own[name as keyof typeof own];
        if (path !== undefined) expect((await fetch(server.url + path)).status).toBe(404);
        // Without a cache, verdicts are made anew.
        else expect((await send(server, '/api/protocols', steps(3, 1))).status).toBe(201);
      }
    });
});

test('a module that is switched off can name every path it would serve', async () => {
  const { server } = await start();
  const paths = MODULES.flatMap((module) => module.paths ?? []);
  const { catalog } = server.platform;
  const served = [
    ...catalog.operations().map(({ route }) => `/api${route.split(' ')[1]}`),
    ...[...catalog.pages(), ...(catalog.documents?.() ?? [])].map(({ path }) => path),
  ];
  expect(served.length).toBeGreaterThan(30);
  for (const path of served)
    expect(
      paths.some((one) => path === one || path.startsWith(`${one}/`)),
      path,
    ).toBe(true);
});

test('no secret is printed, wherever it was set and whatever is wrong with it', async () => {
  const canary = 'k4n4r1e';
  const secrets = configurationKeys().filter(({ secret }) => secret !== false);
  expect(secrets.length).toBeGreaterThan(4);
  const mistaken = folder();
  for (const { path, env, secret } of secrets) {
    const value = secret === 'whole' ? canary : `mongodb://user:${canary}@x@h/d?password=${canary}`;
    writeFileSync(join(mistaken, '.env'), `${env}=${value}\n`);
    writeFileSync(join(mistaken, 'csp.yaml'), `${path.replace('.', ':\n  ')}: [${canary}]\nnmae: 1\n`);
    const read = await readConfiguration({ folder: mistaken, env: {} });
    expect(read.diagnostics.length).toBeGreaterThan(0);
    expect(JSON.stringify(read), path).not.toContain(canary);
    await expect(start({ folder: mistaken })).rejects.toThrow(expect.not.stringContaining(canary));
  }

  const where = folder();
  const whole = secrets.filter(({ secret }) => secret === 'whole').map(({ env }) => `${env}=${canary}\n`);
  writeFileSync(join(where, '.env'), `${whole.join('')}CSP_DEBUG=true\n`);
  const { server, lines } = await start({ folder: where });
  expect(lines.join()).toContain('CSP_SECRET_KEY has no effect');
  const told = [lines, server.configuration.explainAll(), server.configuration.diagnostics];
  for (const page of ['/', '/health', '/api/metrics', '/openapi.json', '/metrics'])
    told.push([await (await fetch(server.url + page)).text()]);
  expect(JSON.stringify(told)).not.toContain(canary);
});

describe('every key has an effect', () => {
  async function verdict(flags: NonNullable<ServerOptions['flags']>, protocol: object) {
    const { server } = await start({ flags });
    const { protocol_id } = await answer(await send(server, '/api/protocols', protocol));
    return (await send(server, `/api/protocols/${protocol_id}/verify`)).json();
  }
  async function graphqlRefusals(flags: NonNullable<ServerOptions['flags']>, query: string) {
    const { server } = await start({ flags });
    return (await answer(await send(server, '/graphql', { query }))).errors;
  }
  async function statuses(flags: NonNullable<ServerOptions['flags']>, method: 'GET' | 'POST', path: string) {
    const { server } = await start({ flags, modules: withProbe() });
    const seen: number[] = [];
    for (let i = 0; i < 3; i++) seen.push((await fetch(server.url + path, { method })).status);
    return seen;
  }

  const REDIS = { 'redis.url': 'redis://127.0.0.1:1/0' };
  /** What a module does with it is shown where real servers are: in its `*.services.test.ts`. */
  const becomes = async (flags: NonNullable<ServerOptions['flags']>, expected: object) => {
    const { values } = refuseInvalid(await readConfiguration({ flags, env: {}, folder: '/' }));
    expect(moduleConfiguration(values, '')).toMatchObject(expected);
    const { values: defaults } = refuseInvalid(await readConfiguration({ flags: REDIS, env: {}, folder: '/' }));
    expect(moduleConfiguration(defaults, '')).not.toMatchObject(expected);
  };
  const effects: Readonly<Record<string, () => Promise<unknown>>> = {
    async host() {
      const { server } = await start({ flags: { host: '127.0.0.2' } });
      expect(server.url).toMatch(/^http:\/\/127\.0\.0\.2:/);
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
      const { lines } = await start({ flags: { host: '0.0.0.0' } });
      expect(lines.join()).toContain('anyone who reaches this address');
    },
    async port() {
      const finder = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => finder.once('listening', resolve));
      const { port } = finder.address() as { port: number };
      await new Promise((resolve) => finder.close(resolve));
      const { server } = await start({ flags: { port } });
      expect(server.url).toBe(`http://127.0.0.1:${port}`);
    },
    async data_dir() {
      const { server, folder } = await start({ flags: { data_dir: 'elsewhere' } });
      expect(server.dataFolder).toBe(join(folder, 'elsewhere'));
      expect(existsSync(join(folder, 'elsewhere', 'csp.db'))).toBe(true);
    },
    async environment() {
      const { lines } = await start({ flags: { environment: 'production', debug: true } });
      for (const line of lines)
        expect(JSON.parse(line)).toMatchObject({ level: expect.stringMatching(/^[A-Z]+$/), msg: expect.any(String) });
      expect(lines.length).toBeGreaterThan(0);
    },
    async debug() {
      expect((await start({ flags: { debug: true } })).lines.join()).toContain('started');
      expect((await start()).lines.join()).not.toContain('started');
    },
    async name() {
      const { server } = await start({ flags: { name: 'Ours' } });
      expect(await (await fetch(server.url)).json()).toMatchObject({ name: 'Ours' });
    },
    async 'log.level'() {
      expect((await start({ flags: { 'log.level': 'debug' } })).lines.join()).toContain('started');
      expect((await start({ flags: { 'log.level': 'silent', host: '0.0.0.0' } })).lines).toEqual([]);
    },
    async 'log.format'() {
      const { lines } = await start({ flags: { 'log.format': 'json', 'log.level': 'debug' } });
      expect(JSON.parse(lines[0] as string)).toMatchObject({ level: 'DEBUG' });
    },
    async 'database.url'() {
      await expect(start({ flags: { 'database.url': 'mongodb://u:geheim@h/d' } })).rejects.toMatchObject({
        code: 'CSP-CFG-004',
      });
      await start({ flags: { 'database.url': 'sqlite' } });
    },
    async 'telemetry.sample_seconds'() {
      const { server } = await start({ flags: { 'telemetry.sample_seconds': 0.1 } });
      const read = async () =>
        (
          (await (await fetch(`${server.url}/api/analytics/performance?period=1h&granularity=1m`)).json()) as {
            points: readonly unknown[];
          }
        ).points;
      await expect.poll(async () => (await read()).length).toBeGreaterThan(0);
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toMatch(
        /^csp_requests_total\{method="GET",route="\/api\/analytics\/performance",status="200"\} \d+$/m,
      );
      expect(metrics).toMatch(/^csp_processes_active 0$/m);
    },
    'alerts.cpu_percent': () => alertBegins('cpu', 'alerts.cpu_percent'),
    'alerts.memory_percent': () => alertBegins('memory', 'alerts.memory_percent'),
    async 'alerts.error_rate'() {
      const { values } = (await start({ flags: { 'alerts.error_rate': 0.5 } })).server.configuration;
      expect(moduleConfiguration(values, '').telemetry).toMatchObject({ thresholds: { error_rate: 0.5 } });
    },
    'database.pool_size': () => becomes({ 'database.pool_size': 3 }, { storage: { pool: { size: 3 } } }),
    'database.max_overflow': () => becomes({ 'database.max_overflow': 4 }, { storage: { pool: { overflow: 4 } } }),
    'database.slow_seconds': () => becomes({ 'database.slow_seconds': 0.2 }, { storage: { slowMs: 200 } }),
    'database.pool_timeout': () =>
      becomes({ 'database.pool_timeout': 2.5 }, { storage: { pool: { timeoutMs: 2500 } } }),
    'database.pool_recycle': () =>
      becomes({ 'database.pool_recycle': 60 }, { storage: { pool: { recycleMs: 60_000 } } }),
    'database.replicas': () =>
      becomes(
        { 'database.replicas': 'postgresql://a@h/x postgresql://b@h/x' },
        { storage: { replicas: ['postgresql://a@h/x', 'postgresql://b@h/x'] } },
      ),
    'database.replica_lag_max': () =>
      becomes({ 'database.replica_lag_max': 3 }, { storage: { replicaLagMaxMs: 3000 } }),
    'cache.entries': () => becomes({ 'cache.entries': 7 }, { cache: { entriesMax: 7 } }),
    'cache.memory_mb': () => becomes({ 'cache.memory_mb': 2 }, { cache: { bytesMax: 2_097_152 } }),
    'cache.ttl_seconds': () => becomes({ 'cache.ttl_seconds': 9 }, { cache: { ttlMs: 9000 } }),
    'redis.max_connections': () =>
      becomes({ 'redis.max_connections': 6, ...REDIS }, { cache: { redis: { connections: 6 } } }),
    'redis.retry_on_timeout': () =>
      becomes({ 'redis.retry_on_timeout': false, ...REDIS }, { cache: { redis: { retryOnTimeout: false } } }),
    'redis.health_check_interval': () =>
      becomes({ 'redis.health_check_interval': 30, ...REDIS }, { cache: { redis: { healthCheckMs: 30_000 } } }),
    'redis.timeout_seconds': () =>
      becomes({ 'redis.timeout_seconds': 1.5, ...REDIS }, { cache: { redis: { timeoutMs: 1500 } } }),
    'redis.prefix': () => becomes({ 'redis.prefix': 'mine', ...REDIS }, { cache: { redis: { prefix: 'mine' } } }),
    async 'redis.url'() {
      // Nobody listens on port 1: the server runs, and says so.
      const { server } = await start({ flags: REDIS });
      const { modules } = await server.platform.catalog.health();
      expect(modules.cache).toMatchObject({ healthy: true, detail: expect.stringContaining('127.0.0.1:1 is away') });
      await expect(start({ flags: { 'redis.url': 'http://x' } })).rejects.toMatchObject({ code: 'CSP-CFG-002' });
    },
    async 'database.experimental'() {
      // Nobody listens on port 1: let in, it is asked; otherwise it is refused before.
      const flags = { 'database.url': 'cockroachdb://127.0.0.1:1/csp' };
      await expect(start({ flags })).rejects.toMatchObject({ code: 'CSP-STO-013' });
      const lines: string[] = [];
      const letIn = {
        flags: { ...flags, 'database.experimental': true },
        writeLog: (line: string) => lines.push(line),
      };
      await expect(start(letIn)).rejects.toMatchObject({ code: 'CSP-STO-012' });
      expect(lines.join('').match(/the dialect for CockroachDB is written, not executed/g)).toHaveLength(1);
    },
    async 'database.queue_max'() {
      const outcomes = async (flags: NonNullable<ServerOptions['flags']>) =>
        (await send((await start({ flags, modules: withProbe() })).server, '/api/probe/commits')).json();
      expect(await outcomes({ 'database.queue_max': 2 })).toEqual(['written', 'written', 'CSP-STO-004', 'CSP-STO-004']);
      expect(await outcomes({})).toEqual(['written', 'written', 'written', 'written']);
    },
    async 'limits.body_bytes'() {
      const { server } = await start({ flags: { 'limits.body_bytes': 100 } });
      expect((await send(server, '/api/protocols', { name: 'x', source: 'x'.repeat(200) })).status).toBe(413);
    },
    async 'limits.states'() {
      expect(await verdict({ 'limits.states': 20 }, steps(200, 1))).toMatchObject({ status: 'unknown' });
      expect(await verdict({}, steps(200, 1))).toMatchObject({ status: 'verified' });
    },
    async 'limits.verification_seconds'() {
      const begun = performance.now();
      expect(await verdict({ 'limits.verification_seconds': 0.3 }, steps(12, 7))).toMatchObject({ status: 'unknown' });
      expect(performance.now() - begun).toBeLessThan(15_000);
    },
    async 'limits.verification_queue'() {
      const { server } = await start({ flags: { 'limits.verification_queue': 1 } });
      const answers = await Promise.all(
        Array.from({ length: 6 }, (_, index) => send(server, '/api/protocols', steps(3 + index, 1))),
      );
      const seen = answers.map(({ status }) => status);
      expect(seen).toContain(201);
      expect(seen).toContain(429);
    },
    async 'limits.graphql_aliases'() {
      const query = '{ channelsList { a: total, b: total, c: total } }';
      expect(await graphqlRefusals({ 'limits.graphql_aliases': 2 }, query)).toMatchObject([
        { message: 'The query has 3 aliases; at most 2 are answered.', extensions: { code: 'CSP-GTW-028' } },
      ]);
      expect(await graphqlRefusals({ 'limits.graphql_aliases': 3 }, query)).toBe(undefined);
    },
    async 'limits.graphql_root_fields'() {
      const query = '{ channelsList { total } processesList { total } }';
      expect(await graphqlRefusals({ 'limits.graphql_root_fields': 1 }, query)).toMatchObject([
        { message: 'The query has 2 fields of the root; at most 1 are answered.' },
      ]);
      expect(await graphqlRefusals({ 'limits.graphql_root_fields': 2 }, query)).toBe(undefined);
    },
    async 'limits.drain_seconds'() {
      const time = async (seconds: number) => {
        const { server } = await start({ flags: { 'limits.drain_seconds': seconds }, modules: withProbe() });
        const hanging = send(server, '/api/probe/hang').catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, 50));
        const begun = performance.now();
        await server.stop();
        await hanging;
        return performance.now() - begun;
      };
      expect(await time(0)).toBeLessThan(500);
      expect(await time(0.7)).toBeGreaterThan(600);
    },
    async 'limits.requests'() {
      const { server } = await start({
        flags: { 'limits.requests': 1, 'limits.drain_seconds': 0 },
        modules: withProbe(),
      });
      const hanging = send(server, '/api/probe/hang').catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 50));
      const refused = await fetch(`${server.url}/health`);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
      await server.stop();
      await hanging;
    },
    async 'cors.origins'() {
      const headers = { origin: 'https://console.example.org' };
      const { server } = await start({ flags: { 'cors.origins': 'https://a.example https://console.example.org' } });
      const allowed = await fetch(`${server.url}/api/processes`, { headers });
      expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, headers.origin]);
      expect((await fetch(`${(await start()).server.url}/api/processes`, { headers })).status).toBe(403);
    },
    async 'headers.hsts_seconds'() {
      const { server } = await start({ flags: { 'headers.hsts_seconds': 31536000 } });
      expect((await fetch(`${server.url}/health`)).headers.get('strict-transport-security')).toBe('max-age=31536000');
    },
    async 'headers.content_security_policy'() {
      const { server } = await start({ flags: { 'headers.content_security_policy': "default-src 'none'" } });
      expect((await fetch(`${server.url}/health`)).headers.get('content-security-policy')).toBe("default-src 'none'");
    },
    async 'rate.read_per_minute'() {
      expect(await statuses({ 'rate.read_per_minute': 1, 'rate.burst': 1 }, 'GET', '/api/probe')).toEqual([
        200, 429, 429,
      ]);
      expect(await statuses({}, 'GET', '/api/probe')).toEqual([200, 200, 200]);
    },
    async 'rate.write_per_minute'() {
      expect(await statuses({ 'rate.write_per_minute': 1, 'rate.burst': 1 }, 'POST', '/api/probe')).toEqual([
        200, 429, 429,
      ]);
    },
    async 'rate.verify_per_minute'() {
      expect(await statuses({ 'rate.verify_per_minute': 1, 'rate.burst': 1 }, 'POST', '/api/probe/verify')).toEqual([
        200, 429, 429,
      ]);
    },
    async 'rate.anonymous_per_minute'() {
      // How long to wait says how many a minute there are.
      const waits = async (perMinute: number) => {
        const answers = await fromElsewhere({
          'security.rate_limit_requests_per_minute': perMinute,
          'rate.anonymous_burst': 1,
        });
        expect(answers.map(({ status }) => status)).toEqual([200, 429, 429, 429, 429, 429]);
        return Number(answers[1]?.headers.get('retry-after'));
      };
      expect(await waits(1)).toBeGreaterThan(30);
      expect(await waits(2)).toBeLessThanOrEqual(30);
      for (const { status } of await fromElsewhere({ 'rate.anonymous_per_minute': 0, 'rate.anonymous_burst': 1 }))
        expect(status).toBe(200);
    },
    async 'rate.anonymous_burst'() {
      const flags = { 'rate.anonymous_per_minute': 1, 'security.rate_limiting.burst_size': 3 };
      const seen = (await fromElsewhere(flags)).map(({ status }) => status);
      expect(seen).toEqual([200, 200, 200, 429, 429, 429]);
    },
    async 'limits.channel_seconds'() {
      const { server } = await start({ flags: { 'limits.channel_seconds': 0.05 } });
      const { channel_id } = await answer(await send(server, '/api/channels', { name: 'c' }));
      const refused = await send(server, `/api/channels/${channel_id}/receive`);
      expect(await answer(refused)).toMatchObject({ detail: expect.stringContaining('0.05 s') });
    },
    async modules() {
      const where = folder();
      writeFileSync(
        join(where, 'one.mjs'),
        "export const one = { name: 'one', needs: [], errors: {}, config: { safeParse: (data) => ({ success: true, data }) }, start: async () => ({ stop: async () => {} }) };",
      );
      const { server } = await start({ folder: where, env: { CSP_MODULES: './one.mjs' } });
      expect(server.platform.modules).toContain('one');
    },
    async 'log.file'() {
      const { lines, folder } = await start({ flags: { 'log.file': 'logs/csp.log', 'log.level': 'debug' } });
      const file = join(folder, 'logs/csp.log');
      expect(readFileSync(file, 'utf8')).toContain('started');
      expect(lines).toEqual([]);
      renameSync(file, `${file}.1`);
      process.emit('SIGHUP');
      expect(readFileSync(file, 'utf8')).toBe('');
      await expect(start({ flags: { 'log.file': '.' } })).rejects.toMatchObject({ code: 'CSP-CFG-008' });
    },
    async 'telemetry.enabled'() {
      const { server } = await start({ flags: { 'telemetry.enabled': false } });
      for (const path of ['/metrics', '/api/metrics', '/api/v1/analytics/performance']) {
        const refused = await fetch(server.url + path);
        expect([refused.status, await answer(refused)]).toMatchObject([
          403,
          { code: 'CSP-PLT-009', key: 'telemetry.enabled' },
        ]);
      }
      expect((await fetch(`${server.url}/api/metricsx`)).status).toBe(404);
    },
    async 'conversations.enabled'() {
      const { server } = await start({ flags: { 'conversations.enabled': false } });
      for (const path of ['/api/protocols', '/api/processes/p', '/conversations', '/api/channels'])
        expect(await answer(await fetch(server.url + path))).toMatchObject({ key: 'conversations.enabled' });
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
    },
    async 'monitoring.enable_prometheus'() {
      const { server } = await start({ env: { PROMETHEUS_ENABLED: 'false' } });
      expect(await answer(await fetch(`${server.url}/metrics`))).toMatchObject({
        status: 403,
        key: 'monitoring.enable_prometheus',
      });
      expect((await fetch(`${server.url}/api/metrics`)).status).toBe(200);
    },
    async 'monitoring.metrics_retention_days'() {
      // Hours of 5 and of 10 days ago are there when it starts; the first sample takes away those that are too old.
      const kept = async (days: number) => {
        const { server } = await start({
          flags: { 'monitoring.metrics_retention_days': days, 'telemetry.sample_seconds': 0.1 },
          modules: [...MODULES.slice(0, -1), measuredBefore(5, 10), ...MODULES.slice(-1)],
        });
        const read = async () => {
          const answered = await fetch(`${server.url}/api/analytics/performance?period=30d&granularity=1h`);
          const { points } = (await answered.json()) as { points: readonly { at: string }[] };
          return [...new Set(points.map(({ at }) => Math.round((Date.now() - Date.parse(at)) / DAY_MS)))];
        };
        await expect.poll(read, { timeout: 10_000 }).toContain(0);
        return read();
      };
      expect(await kept(7)).toEqual([5, 0]);
      expect(await kept(90)).toEqual([10, 5, 0]);
    },
    async 'websocket.ping_interval'() {
      const socket = await connected({ 'websocket.ping_interval': 0.03 });
      await new Promise((resolve) => socket.once('ping', resolve));
    },
    async 'websocket.ping_timeout'() {
      const socket = await connected(
        { 'websocket.ping_interval': 0.02, 'websocket.ping_timeout': 0.05 },
        { autoPong: false },
      );
      expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1006);
    },
    async 'websocket.close_timeout'() {
      // The server answers a broken frame with a close, and this client never answers that.
      const socket = await connected({ 'websocket.close_timeout': 0.05, 'websocket.max_size': 10 });
      const begun = performance.now();
      const raw = (socket as unknown as { _socket: Socket })._socket;
      const ended = new Promise((resolve) => raw.once('close', resolve));
      socket.send('x'.repeat(100));
      raw.removeAllListeners('data').resume();
      raw.removeAllListeners('end');
      await ended;
      expect(performance.now() - begun).toBeLessThan(5000);
    },
    async 'websocket.max_size'() {
      const socket = await connected({ 'websocket.max_size': 100 });
      socket.send('x'.repeat(200));
      expect(await new Promise((resolve) => socket.once('close', resolve))).toBe(1009);
    },
    async 'websocket.max_queue'() {
      const { server } = await start({ flags: { 'websocket.max_queue': 5 }, modules: withProbe() });
      const socket = await connectedTo(server);
      const told: { type: string; seq?: number }[] = [];
      socket.on('message', (text) => told.push(JSON.parse(String(text))));
      const say = (frame: object) => socket.send(JSON.stringify(frame));
      const heard = () => told.flatMap(({ seq }) => seq ?? []);
      say({ action: 'subscribe', channels: ['probe_events'], ack: true });
      await expect.poll(() => told.length, { timeout: 10_000 }).toBe(1);
      expect((await send(server, '/api/probe/publishes')).status).toBe(200);
      // Answered after everything that was sent before.
      say({ action: 'ping', id: 1 });
      await expect.poll(() => told.at(-1), { timeout: 10_000 }).toMatchObject({ type: 'pong', id: 1 });
      expect(heard()).toEqual([1, 2, 3, 4, 5]);
      say({ action: 'ack', channel: 'probe_events', seq: 5 });
      say({ action: 'ping', id: 2 });
      await expect.poll(() => told.at(-1), { timeout: 10_000 }).toMatchObject({ type: 'pong', id: 2 });
      expect(heard()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    },
    async 'rate.burst'() {
      expect(await statuses({ 'rate.read_per_minute': 1, 'rate.burst': 2 }, 'GET', '/api/probe')).toEqual([
        200, 200, 429,
      ]);
    },
  };

  /** What a server says to six requests of another machine: its connections seem to come from there. */
  async function fromElsewhere(flags: NonNullable<ServerOptions['flags']>) {
    const accepted = (message: unknown) =>
      Object.defineProperty((message as { socket: Socket }).socket, 'remoteAddress', { value: '203.0.113.7' });
    subscribe('net.server.socket', accepted);
    try {
      const { server } = await start({ flags });
      const answers: Response[] = [];
      for (let one = 0; one < 6; one++) answers.push(await fetch(`${server.url}/api/protocols`));
      return answers;
    } finally {
      unsubscribe('net.server.socket', accepted);
    }
  }

  async function connected(flags: NonNullable<ServerOptions['flags']>, options: object = {}): Promise<WebSocket> {
    return connectedTo((await start({ flags })).server, options);
  }

  async function connectedTo(server: RunningServer, options: object = {}): Promise<WebSocket> {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/ws`, options);
    ending.push(() => socket.terminate());
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('open', resolve));
    return socket;
  }

  const sample = (type: string, values: readonly string[] = []) =>
    ({ text: values[0] ?? 'text', number: '1', boolean: 'true', list: 'a' })[type] as string;

  for (const { path, env, type, values, withoutEffect } of configurationKeys())
    test(path, async () => {
      if (withoutEffect !== undefined) {
        const where = folder();
        writeFileSync(join(where, '.env'), `\n${env}=${sample(type, values)}\n`);
        const message = `${env} has no effect: ${withoutEffect}.`;
        expect(await readConfiguration({ folder: where, env: {} })).toMatchObject({
          kind: 'loaded',
          diagnostics: [{ severity: 'warning', code: 'CSP-CFG-007', place: '.env:2:1', message }],
        });
        return;
      }
      expect(effects, 'a key without an effect to show').toHaveProperty([path]);
      await effects[path]?.();
    });
});
