/** Spans, at a collector of our own: what is sent is OTLP, and the trace of a caller goes through a channel and a process and comes out again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startServer } from './server.ts';

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

interface Collected {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { key: string; value: { stringValue?: string; intValue?: string } }[];
  readonly status: { code?: number };
}

async function collector(status = 200) {
  const spans: Collected[] = [];
  const requests: { url: string; headers: Record<string, unknown>; service: unknown }[] = [];
  const server: Server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      const [{ resource, scopeSpans }] = JSON.parse(text).resourceSpans;
      requests.push({ url: request.url ?? '', headers: request.headers, service: resource.attributes[0] });
      spans.push(...scopeSpans[0].spans);
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ending.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { spans, requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function start(env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'csp-tracing-'));
  ending.push(() => rmSync(folder, { recursive: true, force: true }));
  const lines: string[] = [];
  const server = await startServer({ folder, env, flags: { port: 0 }, writeLog: (line) => lines.push(line) });
  ending.push(() => server.stop());
  const post = async (path: string, body: object, headers: Record<string, string> = {}) => {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Record<string, string>;
  };
  return { server, lines, post };
}

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';
const traceparent = `00-${TRACE}-${CALLER}-01`;

test('the trace of a caller goes through channels and a process', async () => {
  const { spans, requests, url } = await collector();
  const { server, post } = await start({
    OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/`,
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20x',
    OTEL_SERVICE_NAME: 'agents',
  });
  const definition = { inputs: ['asked'], outputs: ['said'], behavior: 'asked?x -> said!x -> SKIP' };
  const { process_id } = await post('/api/processes', { name: 'echo', definition });
  await post(`/api/processes/${process_id}/start`, {});
  const { channels } = (await (await fetch(`${server.url}/api/channels`)).json()) as {
    channels: { name: string; channel_id: string }[];
  };
  const path = (name: string, verb: string) =>
    `/api/channels/${channels.find((one) => one.name === name)?.channel_id}/${verb}`;
  await post(path('asked', 'send'), { event: { data: 1 } }, { traceparent });
  await post(path('said', 'receive'), {});
  await server.stop();

  expect(requests[0]).toMatchObject({
    url: '/v1/traces',
    headers: { authorization: 'Bearer x', 'content-type': 'application/json' },
    service: { key: 'service.name', value: { stringValue: 'agents' } },
  });
  const named = (name: string) => spans.find((one) => one.name === name) as Collected;
  const asked = named('communicated asked');
  const said = named('communicated said');
  const sends = spans.filter((one) => one.name === 'POST /api/channels/:channel_id/send');
  expect(sends).toHaveLength(1);
  expect(sends[0]).toMatchObject({ traceId: TRACE, parentSpanId: CALLER, kind: 2 });
  expect(asked).toMatchObject({ traceId: TRACE, parentSpanId: sends[0]?.spanId, kind: 4, status: {} });
  expect(said, 'what a process does follows from what it heard').toMatchObject({
    traceId: TRACE,
    parentSpanId: asked.spanId,
  });
  expect(asked.attributes).toContainEqual({ key: 'csp.receiver', value: { stringValue: process_id } });
  for (const { traceId, spanId, startTimeUnixNano, endTimeUnixNano } of spans) {
    expect(traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(spanId).toMatch(/^[0-9a-f]{16}$/);
    const age = Date.now() - Number(BigInt(startTimeUnixNano) / 1_000_000n);
    expect(age).toBeGreaterThan(-100);
    expect(age).toBeLessThan(60_000);
    expect(BigInt(endTimeUnixNano)).toBeGreaterThanOrEqual(BigInt(startTimeUnixNano));
  }
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(spans.length);
});

test('a collector that refuses, or is not there, holds nothing up; its absence is said', async () => {
  const { url } = await collector(503);
  for (const endpoint of [url, 'http://127.0.0.1:9']) {
    const { server, lines, post } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
    expect(await post('/api/channels', { name: 'x' })).toMatchObject({ name: 'x' });
    await server.stop();
    expect(lines.join('')).toContain('spans could not be delivered');
  }
});

test('without a collector the trace of a caller is still named where something goes wrong', async () => {
  const { server } = await start({});
  const told = await fetch(`${server.url}/api/channels/none`, { headers: { traceparent } });
  expect(await told.json()).toMatchObject({ status: 404, trace_id: TRACE });
  const untold = await fetch(`${server.url}/api/channels/none`);
  expect(await untold.json()).not.toHaveProperty('trace_id');
});

test('an endpoint that is no address is refused at the start', async () => {
  await expect(start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })).rejects.toMatchObject({ code: 'CSP-CFG-002' });
});
