/** `csp bench` on real servers, with small numbers; and that what goes wrong is found. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MODULES, type RunningServer, startServer } from '@enhanced-csp/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { refuseOther } from './actions/bench-verify.ts';
import { clientOf } from './client.ts';
import { commandIn } from './command.fixture.ts';
import { Deliveries } from './deliveries.ts';
import { check } from './index.ts';
import { load } from './load.ts';
import { percentilesOf, SETTING_OF } from './load-report.ts';

const folder = mkdtempSync(join(tmpdir(), 'csp-bench-'));
let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ folder, env: {}, flags: { port: 0 }, writeLog: () => {} });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

const csp = commandIn({ XDG_CONFIG_HOME: join(folder, 'config') });

const channelCount = async (url = server.url) => (await clientOf(url).channels.list()).total;

describe('a load', () => {
  const answers: ((response: ServerResponse) => void)[] = [
    (response) => response.end('{}'),
    (response) => response.writeHead(201).end('{}'),
    (response) => response.writeHead(429).end('{"code":"CSP-GTW-008","title":"Too many requests"}'),
    (response) => response.writeHead(503).end('a proxy says no'),
    (response) => response.writeHead(429).end('{"code":"CSP-GTW-008","title":"Too many requests"}'),
    (response) => response.destroy(),
    (response) => response.end('{}'),
  ];

  test('counts what was accepted, what was refused and why, and what was not answered', async () => {
    let count = 0;
    const bodies: string[] = [];
    const scripted = createServer((request, response) => {
      request.on('data', (bytes) => bodies.push(String(bytes)));
      request.on('end', () => answers[count++]?.(response));
    }).listen(0, '127.0.0.1');
    await once(scripted, 'listening');
    const url = new URL(`http://127.0.0.1:${(scripted.address() as AddressInfo).port}/send`);
    let told = 0;
    const result = await load(url, {
      connections: 1,
      seconds: 60,
      messages: 7,
      signal: new AbortController().signal,
      body: (number) => Buffer.from(`${number}`),
      answered: () => {
        told += 1;
      },
    });
    scripted.close();
    expect([result.accepted, result.latency.count, told]).toEqual([2, 2, 5]);
    expect(Object.fromEntries(result.answers)).toEqual({ 200: 1, 201: 1, 429: 2, 503: 1 });
    expect([...result.refusals.values()]).toEqual([
      { status: 429, code: 'CSP-GTW-008', title: 'Too many requests', count: 2 },
      { status: 503, code: '', title: '', count: 1 },
    ]);
    // The connection that broke sends no more.
    expect([result.broken, bodies.join()]).toEqual([[expect.stringMatching(/hang up|RESET/i)], '0,1,2,3,4,5']);
    const { p50, p99, max } = percentilesOf(result.latency)!;
    expect(p50 <= p99 && p99 <= max && max <= result.milliseconds + 1).toBe(true);
  });

  test('names settings that there are, for refusals that there are', () => {
    const codes = MODULES.flatMap(({ errors }) => Object.keys(errors));
    const settings = readFileSync(join(import.meta.dirname, '../../../docs/configuration.md'), 'utf8');
    for (const [code, setting] of Object.entries(SETTING_OF)) {
      expect(codes).toContain(code);
      for (const [name] of setting.matchAll(/\w+\.\w+/g)) expect(settings).toContain(`| \`${name}\` |`);
    }
  });
});

describe('csp bench send', () => {
  test('every message is accepted and stored, and the channel is gone afterwards', async () => {
    const args = ['bench', 'send', '--messages', '200', '--connections', '8', '--size', '10', '--url', server.url];
    const { exitCode, out, err } = await csp(...args, '--json');
    expect([exitCode, err]).toEqual([0, '']);
    const figures = JSON.parse(out);
    expect(figures).toMatchObject({
      accepted: 200,
      answers: { 200: 200 },
      stored: 200,
      lost: 0,
      doubled: 0,
      unanswered: 0,
      refusals: [],
    });
    expect((figures.rate * figures.seconds) / 200).toBeCloseTo(1, 1);
    expect((await csp(...args)).out).toMatch(/^200 accepted in [\d.]+ s, 8 connections, 10 bytes$/m);
    expect(await channelCount()).toBe(0);
  });

  test('on a channel there is: what it takes, and what it refuses', async () => {
    const client = clientOf(server.url);
    const { channel_id } = await client.channels.create({ name: 'mine', type: 'buffered', buffer_size: 5 });
    const args = ['--channel', channel_id, '--messages', '8', '--connections', '1', '--url', server.url];
    const { exitCode, out, err } = await csp('bench', 'send', ...args, '--json');
    expect([exitCode, JSON.parse(out)]).toMatchObject([
      1,
      { accepted: 5, stored: 5, refusals: [{ status: 429, code: 'CSP-CNV-011', count: 3 }] },
    ]);
    expect(err).toContain('bounded by buffer_size of the channel');
    expect((await client.channels.get({ channel_id })).buffered).toBe(5);
    for (let left = 5; left > 0; left--) await client.channels.receive({ channel_id });
    await client.channels.delete({ channel_id });
  });

  test('a limit of the platform is named, and is waited for when the channel is deleted', async () => {
    const where = mkdtempSync(join(folder, 'limited-'));
    const flags = { port: 0, 'rate.write_per_minute': 60, 'rate.burst': 3 };
    const limited = await startServer({ folder: where, env: {}, flags, writeLog: () => {} });
    const args = ['bench', 'send', '--messages', '100', '--connections', '4', '--url', limited.url];
    const { exitCode, out, err } = await csp(...args, '--json');
    const { accepted, refusals } = JSON.parse(out);
    expect(refusals).toMatchObject([{ status: 429, code: 'CSP-GTW-008', setting: expect.stringContaining('rate.') }]);
    expect([exitCode, accepted + refusals[0].count]).toEqual([1, 100]);
    expect(err).toMatch(/bounded by rate\.write_per_minute/);
    expect(await channelCount(limited.url)).toBe(0);
    await limited.stop();
  });

  test('Ctrl-C ends it with what was measured, and deletes the channel', async () => {
    const args = [join(import.meta.dirname, '../bin/csp.js'), 'bench', 'send', '--seconds', '600', '--url', server.url];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString();
    });
    const sending = async () => {
      const [channel] = (await clientOf(server.url).channels.list()).channels;
      if (channel === undefined) return 0;
      return (await clientOf(server.url).channels.get({ channel_id: channel.channel_id })).events;
    };
    await expect.poll(sending, { timeout: 20_000 }).toBeGreaterThan(0);
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(out).toMatch(/^[\d,]+ accepted in /m);
    expect(await channelCount()).toBe(0);
  });

  test('nobody answers, no such channel, no number: each with its exit status', async () => {
    expect((await csp('bench', 'send', '--url', 'http://127.0.0.1:1')).exitCode).toBe(6);
    expect((await csp('bench', 'ws', '--url', 'http://127.0.0.1:1')).exitCode).toBe(6);
    expect((await csp('bench', 'send', '--channel', 'chan_none', '--url', server.url)).exitCode).toBe(3);
    expect((await csp('bench', 'send', '--connections', '0')).exitCode).toBe(2);
  });
});

describe('csp bench ws', () => {
  test('every client hears of every message, once and in order', async () => {
    const args = ['bench', 'ws', '--clients', '5', '--publishers', '2', '--messages', '40', '--url', server.url];
    const { exitCode, out, err } = await csp(...args, '--json');
    expect([exitCode, err]).toEqual([0, '']);
    const figures = JSON.parse(out);
    expect(figures).toMatchObject({ published: 40, delivered: 200, lost: 0, doubled: 0, disordered: 0, gaps: 0 });
    expect(figures.latency_ms.p50).toBeGreaterThan(0);
    expect(await channelCount()).toBe(0);
  });

  test('a delivery that is lost or doubled between platform and client is found', async () => {
    const faulty = await proxy(server.url, (frame, send) => {
      const { seq } = JSON.parse(frame);
      if (seq === 3) return;
      send(frame);
      if (seq === 4) send(frame);
    });
    const args = ['bench', 'ws', '--clients', '2', '--messages', '10', '--url', faulty.url, '--json'];
    const { exitCode, out, err } = await csp(...args);
    faulty.close();
    expect([exitCode, JSON.parse(out)]).toMatchObject([1, { published: 10, lost: 2, doubled: 2 }]);
    expect(err).toContain('2 deliveries lost');
    expect(err).toContain('2 deliveries doubled');
  });
});

/** Passes requests on as they are, and frames of the platform as `fault` has it. */
async function proxy(to: string, fault: (frame: string, send: (frame: string) => void) => void) {
  const front = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(to + request.url, { method: request.method as string, headers, ...body });
    response.writeHead(answer.status).end(await answer.text());
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  const sockets = new WebSocketServer({ server: front });
  sockets.on('connection', (near) => {
    const far = new WebSocket(`${to.replace('http', 'ws')}/ws`);
    const opened = once(far, 'open');
    near.on('message', async (bytes) => {
      await opened;
      far.send(String(bytes));
    });
    near.on('close', () => far.terminate());
    far.on('message', (bytes) => {
      const frame = String(bytes);
      if (JSON.parse(frame).type === 'event') fault(frame, (text) => near.send(text));
      else near.send(frame);
    });
  });
  return {
    url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`,
    close() {
      for (const client of sockets.clients) client.terminate();
      front.close();
      front.closeAllConnections();
    },
  };
}

describe('deliveries', () => {
  const count = (sequences: readonly number[], total: number) => {
    const deliveries = new Deliveries();
    for (const sequence of sequences) deliveries.hear(sequence);
    const { heard, doubled, disordered } = deliveries;
    return { heard, lost: deliveries.lost(total), doubled, disordered };
  };

  test('each fault of a sequence is counted as what it is', () => {
    expect(count([1, 2, 3], 3)).toEqual({ heard: 3, lost: 0, doubled: 0, disordered: 0 });
    expect(count([1, 3], 3)).toEqual({ heard: 2, lost: 1, doubled: 0, disordered: 0 });
    expect(count([1, 2], 5)).toEqual({ heard: 2, lost: 3, doubled: 0, disordered: 0 });
    expect(count([], 2)).toEqual({ heard: 0, lost: 2, doubled: 0, disordered: 0 });
    expect(count([1, 2, 2, 3], 3)).toEqual({ heard: 4, lost: 0, doubled: 1, disordered: 0 });
    expect(count([1, 3, 2], 3)).toEqual({ heard: 3, lost: 0, doubled: 0, disordered: 1 });
    expect(count([3, 3, 1], 3)).toEqual({ heard: 3, lost: 1, doubled: 1, disordered: 1 });
  });
});

describe('csp bench verify', () => {
  test('the philosophers, counted before they are measured', async () => {
    const { exitCode, out, err } = await csp('bench', 'verify', '--philosophers', '6', '--repeat', '1', '--json');
    expect([exitCode, err.match(/holds/g)?.length]).toEqual([0, 3]);
    const figures = JSON.parse(out);
    expect(figures).toMatchObject({ states: 3 * 46_656, repeat: 1 });
    expect(figures.assertions[0]).toMatchObject({ states: 46_656, transitions: 246_612 });
    expect((figures.states_per_second * figures.milliseconds) / figures.states).toBeCloseTo(1000, 0);
    expect((await csp('bench', 'verify', '--philosophers', '9')).exitCode).toBe(2);
  });

  test('nothing is measured where a verdict or a count is another', async () => {
    const file = join(folder, 'fails.csp');
    writeFileSync(file, 'channel a\nP = a -> STOP\nassert P :[deadlock free [F]]\n');
    expect(await csp('bench', 'verify', file, '--json')).toMatchObject({ exitCode: 1, out: '' });
    writeFileSync(file, 'channel a\nP = a -> P\n');
    expect(await csp('bench', 'verify', file)).toMatchObject({ exitCode: 5, out: '' });
    writeFileSync(file, 'channel a\nP = b -> P\nassert P :[deadlock free [F]]\n');
    expect(await csp('bench', 'verify', file)).toMatchObject({ exitCode: 5, out: '' });
    expect((await csp('bench', 'verify', join(folder, 'none.csp'))).exitCode).toBe(3);
    const report = check('channel a\nP = a -> P\nassert P :[deadlock free [F]]\n');
    expect(() => refuseOther(report, 1)).not.toThrow();
    expect(() => refuseOther(report, 2)).toThrow('have 2 states, and 1 were found');
  });
});
