/** Telemetry on a clock that a test moves: samples, what is kept of them, alerts, and what is shown. */
import { readFileSync } from 'node:fs';
import { check } from '@enhanced-csp/engine';
import {
  type Between,
  type Change,
  type Clock,
  type Log,
  metricsInMemory,
  type Notification,
  notificationsInMemory,
  type Operation,
  type Store,
} from '@enhanced-csp/platform';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { openAlerts } from './alerts.ts';
import { performanceOf } from './analytics.ts';
import { HOUR_MS, HOURS, MINUTE_MS, MINUTES, openHistory } from './history.ts';
import { openHost } from './host.ts';
import { telemetry } from './module.ts';
import { prometheusText } from './prometheus.ts';
import { bucketOf, merged, rebucketed, type Sample } from './sample.ts';

const sampleAt = (at: number, more: Partial<Sample> = {}): Sample => ({
  at,
  cpuPercent: 10,
  memoryPercent: 20,
  lagMs: 1,
  lagMaxMs: 2,
  processesActive: 3,
  requests: 4,
  errors: 1,
  responseSeconds: 0.2,
  ...more,
});

/** The part of a store that telemetry uses. */
function storeInMemory(): Store & { readonly size: number } {
  const records = new Map<string, { fields: Readonly<Record<string, string | number | null>>; body: unknown }>();
  return {
    get size() {
      return records.size;
    },
    async commit(changes: readonly Change[]) {
      for (const change of changes)
        if (change.change === 'put')
          records.set(change.id, { fields: change.fields, body: structuredClone(change.body) });
        else if (change.change === 'delete') records.delete(change.id);
    },
    async get<Body>(_: string, id: string) {
      const record = records.get(id);
      return record && { id, version: 1, body: record.body as Body };
    },
    async find<Body>(_: string, { where = {}, orderBy = '', after, limit, offset }: Parameters<Store['find']>[1]) {
      const fits = (value: string | number | null | undefined, wanted: string | number | Between) =>
        typeof wanted === 'object' ? Number(value) >= Number(wanted.from) : value === wanted;
      const sign = orderBy.startsWith('-') ? -1 : 1;
      const found = [...records]
        .filter(([, { fields }]) => Object.entries(where).every(([name, wanted]) => fits(fields[name], wanted)))
        .filter(([, { fields }]) => after === undefined || Number(fields.at) > Number(after.value))
        .sort(([, a], [, b]) => sign * (Number(a.fields.at) - Number(b.fields.at)));
      return {
        records: found.slice(offset, offset + limit).map(([id, { body }]) => ({ id, version: 1, body: body as Body })),
        total: found.length,
        ...(found.length > offset + limit && {
          next: { value: found[offset + limit - 1]?.[1].fields.at ?? null, ordinal: 0 },
        }),
      };
    },
    read: async () => [],
    length: async () => 0,
  };
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

test('its protocol holds, assertion by assertion', () => {
  const { diagnostics, assertions } = check(readFileSync(new URL('../protocol.csp', import.meta.url), 'utf8'), {
    file: 'protocol.csp',
    now: () => performance.now(),
  });
  expect(diagnostics).toEqual([]);
  expect(assertions.length).toBeGreaterThan(3);
  for (const { text, verdict } of assertions) expect(verdict, text).toBe('holds');
});

test('buckets: sums and largest values of the samples, whatever the order in which they are put together', () => {
  const samples = fc.array(
    fc.record({ minute: fc.nat(200), cpu: fc.nat(100), requests: fc.nat(50), active: fc.option(fc.nat(9)) }),
    { minLength: 1, maxLength: 60 },
  );
  fc.assert(
    fc.property(samples, fc.constantFrom(5, 60), (drawn, width) => {
      const buckets = drawn.map(({ minute, cpu, requests, active }) =>
        bucketOf(
          sampleAt(minute * MINUTE_MS + 1, { cpuPercent: cpu, requests, processesActive: active ?? undefined }),
          MINUTE_MS,
        ),
      );
      const shown = rebucketed(buckets, width * MINUTE_MS);
      expect(rebucketed([...buckets].reverse(), width * MINUTE_MS)).toEqual(shown);
      for (const bucket of shown) {
        const inside = drawn.filter(({ minute }) => Math.floor(minute / width) * width * MINUTE_MS === bucket.at);
        expect(bucket.samples).toBe(inside.length);
        expect(bucket.requests).toBe(inside.reduce((sum, { requests }) => sum + requests, 0));
        expect(bucket.cpuPercent.max).toBe(Math.max(...inside.map(({ cpu }) => cpu)));
        expect(bucket.processesActive.count).toBe(inside.filter(({ active }) => active !== null).length);
      }
      expect(shown.reduce((sum, { samples }) => sum + samples, 0)).toBe(drawn.length);
    }),
    { seed: 3, numRuns: 60 },
  );
  const bucket = bucketOf(sampleAt(0), MINUTE_MS);
  expect(merged(bucket, bucket).errors).toBe(2);
});

test('samples are kept by the minute and by the hour, and go when their time has come', async () => {
  const store = storeInMemory();
  const history = openHistory(store);
  for (let minute = 0; minute < 120; minute++) await history.add(sampleAt(minute * MINUTE_MS));
  expect((await history.read(MINUTES, 0)).length).toBe(120);
  expect((await history.read(HOURS, 0)).map(({ at, samples, requests }) => [at, samples, requests])).toEqual([
    [0, 60, 240],
    [HOUR_MS, 60, 240],
  ]);
  // A server that is started again goes on with the hour it was stopped in.
  await openHistory(store).add(sampleAt(120 * MINUTE_MS - 1));
  expect((await history.read(HOURS, HOUR_MS))[0]?.samples).toBe(61);
  // Three days later: the minutes are gone, the hours are not.
  for (let more = 0; more < 3; more++) await history.add(sampleAt(74 * HOUR_MS + more * MINUTE_MS));
  expect((await history.read(MINUTES, 0)).every(({ at }) => at >= 26 * HOUR_MS)).toBe(true);
  expect((await history.read(HOURS, 0)).length).toBe(3);
  for (let more = 0; more < 3; more++) await history.add(sampleAt(100 * 24 * HOUR_MS + more));
  expect((await history.read(HOURS, 0)).length).toBe(1);
});

test('performance over a period, by the granularity that was asked for', async () => {
  const history = openHistory(storeInMemory());
  const noon = Date.UTC(2026, 0, 2, 12);
  for (let minute = 0; minute < 90; minute++)
    await history.add(
      sampleAt(
        noon + minute * MINUTE_MS,
        minute === 30 ? { requests: 0, errors: 0, responseSeconds: 0, cpuPercent: 99 } : {},
      ),
    );
  const now = noon + 90 * MINUTE_MS;
  const day = await performanceOf(history, { period: '24h', granularity: '1h' }, now);
  expect(day.points.map(({ at, samples }) => [at, samples])).toEqual([
    ['2026-01-02T12:00:00.000Z', 60],
    ['2026-01-02T13:00:00.000Z', 30],
  ]);
  expect(day.points[0]).toMatchObject({
    requests: 59 * 4,
    error_rate: 0.25,
    response_time_ms: expect.closeTo(50),
    cpu_usage: { max: 99, average: expect.closeTo((59 * 10 + 99) / 60) },
  });
  const fine = await performanceOf(history, { period: '1h', granularity: '1m' }, now);
  expect(fine.points.length).toBe(60);
  expect(fine.points[0]).toMatchObject({ requests: 0, error_rate: null, response_time_ms: null });
  const none = await performanceOf(history, { period: '1h', granularity: '1h' }, now + 24 * HOUR_MS);
  expect(none.points).toEqual([]);
  for (const wrong of [
    { period: '1h', granularity: '2h' },
    { period: '90d', granularity: '1m' },
  ])
    await expect(performanceOf(history, wrong, now)).rejects.toMatchObject({ code: 'CSP-TEL-001' });
});

test('an alert begins and ends in turns, and one odd sample changes nothing', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 70, max: 90 })), (values) => {
      const alerts = openAlerts({ cpu: 80, memory: 101, error_rate: 2 });
      const changes = values.flatMap((cpu, index) =>
        alerts.evaluate({ cpu, memory: 50, error_rate: undefined }).map(({ state }) => ({ state, index })),
      );
      for (const [turn, { state, index }] of changes.entries()) {
        expect(state).toBe(turn % 2 === 0 ? 'firing' : 'resolved');
        const over = values.slice(index - 1, index + 1).map((value) => value > 80);
        expect(over).toEqual(state === 'firing' ? [true, true] : [false, false]);
      }
      expect(alerts.firing()).toEqual(changes.length % 2 === 1 ? ['cpu'] : []);
    }),
    { seed: 4, numRuns: 200 },
  );
  expect(openAlerts({ cpu: 80, memory: 85, error_rate: 0.05 }).firing()).toEqual([]);
});

test('figures of the host are within their range, and a blocked event loop shows', async () => {
  const host = openHost('.');
  await new Promise((resolve) => setTimeout(resolve, 60));
  await host.read();
  // The loop is kept busy: both the processors and the lag must show it.
  await new Promise((resolve) => setTimeout(resolve, 60));
  const until = performance.now() + 250;
  while (performance.now() < until);
  await new Promise((resolve) => setTimeout(resolve, 30));
  const figures = await host.read();
  host.close();
  for (const percent of [figures.cpuPercent, figures.memoryPercent, figures.diskPercent ?? -1]) {
    expect(percent).toBeGreaterThan(0);
    expect(percent).toBeLessThanOrEqual(100);
  }
  expect(figures.lag.maxMs).toBeGreaterThan(150);
  expect(figures.residentBytes).toBeGreaterThan(10_000_000);
});

test('the text for Prometheus, character by character', () => {
  const metrics = metricsInMemory();
  metrics.counter({ name: 'a_total', help: 'One\nline \\.', labels: ['path'] }).add(2, 'x"y\\z\n');
  metrics.histogram({ name: 'b_seconds', help: 'B.', labels: ['m'], bounds: [0.5, 1] }).observe(0.75, 'GET');
  metrics.gauge({ name: 'c', help: 'C.' }).set(Number.POSITIVE_INFINITY);
  // From the description of the format.
  expect(prometheusText(metrics.read())).toBe(
    [
      '# HELP a_total One\\nline \\\\.',
      '# TYPE a_total counter',
      'a_total{path="x\\"y\\\\z\\n"} 2',
      '# HELP b_seconds B.',
      '# TYPE b_seconds histogram',
      'b_seconds_bucket{m="GET",le="0.5"} 0',
      'b_seconds_bucket{m="GET",le="1"} 1',
      'b_seconds_bucket{m="GET",le="+Inf"} 1',
      'b_seconds_sum{m="GET"} 0.75',
      'b_seconds_count{m="GET"} 1',
      '# HELP c C.',
      '# TYPE c gauge',
      'c +Inf',
      '',
    ].join('\n'),
  );
});

test('the module: samples by its clock, counts what was counted, publishes alerts, and says what it cannot measure', async () => {
  let now = Date.UTC(2026, 0, 1);
  let wake = () => {};
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after(_, next) {
      wake = next;
      return () => {};
    },
  };
  const lines: string[] = [];
  const write = (_: object, message: string) => void lines.push(message);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const metrics = metricsInMemory();
  const requests = metrics.counter({ name: 'csp_requests_total', help: '', labels: ['method', 'route', 'status'] });
  const notifications = notificationsInMemory({ clock });
  const heard: Notification[] = [];
  for (const topic of ['system_alerts', 'system_metrics'])
    notifications.subscribe(topic, undefined, (notification) => heard.push(notification));
  const store = storeInMemory();
  const catalog = {
    collections: () => [],
    errors: () => ({}),
    operations: () => [],
    streams: () => [],
    pages: () => [],
    agents: () => new Map(),
    processKinds: () => new Map(),
    policies: () => new Map(),
    panels: () => new Map(),
    health: async () => ({ healthy: true, modules: {} }),
  };
  const started = await telemetry.start(
    { clock, catalog, log, metrics, notifications, store },
    telemetry.config.parse({ thresholds: { cpu: 1000, memory: 1000, error_rate: 0.2 } }),
  );
  stops.push(() => started.stop());
  const step = async () => {
    now += 15_000;
    const before = heard.filter(({ topic }) => topic === 'system_metrics').length;
    wake();
    await expect.poll(() => heard.filter(({ topic }) => topic === 'system_metrics').length).toBe(before + 1);
    await new Promise((resolve) => setImmediate(resolve));
  };
  requests.add(6, 'GET', '/x', '200');
  requests.add(4, 'GET', '/x', '503');
  await step();
  requests.add(1, 'GET', '/x', '500');
  await step();
  await step();
  await step();
  expect(heard.filter(({ topic }) => topic === 'system_alerts').map(({ data }) => data)).toEqual([
    { alert: 'error_rate', state: 'firing', value: 1, threshold: 0.2 },
    { alert: 'error_rate', state: 'resolved', value: 0, threshold: 0.2 },
  ]);
  expect(lines).toEqual(['alert error_rate firing', 'alert error_rate resolved']);

  const operation = (id: string) => started.operations?.find((one) => one.id === id) as Operation;
  const call = { principal: { id: 'x', roles: [] }, signal: new AbortController().signal, requestId: 'x' };
  const read = operation('metrics.read');
  expect(read.output.parse(await read.run({}, call))).toMatchObject({
    system: { uptime: 60 },
    requests: { total: 11, errors: 5 },
    processes: { status: 'unavailable' },
    quantum: { status: 'unavailable' },
    blockchain: { status: 'unavailable' },
  });
  const performance = operation('analytics.performance');
  expect(performance.output.parse(await performance.run(performance.input.parse({}), call))).toMatchObject({
    points: [{ requests: 11, samples: 4, error_rate: 5 / 11, processes_active: null }],
  });
  const text = (await started.documents?.[0]?.render()) ?? '';
  expect(text).toContain('csp_requests_total{method="GET",route="/x",status="503"} 4\n');
  expect(text).toContain('csp_alert_firing{alert="error_rate"} 0\n');
  expect(text).not.toMatch(/^csp_processes_active \d/m);
});
