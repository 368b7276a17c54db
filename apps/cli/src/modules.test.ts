/** A module of others, as `csp init` writes it, out of the tree: loaded by the configuration of a real server, and called over every surface. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { run } from './app.ts';

const folder = mkdtempSync(join(tmpdir(), 'csp-module-'));
const CSP = join(import.meta.dirname, '../bin/csp.js');
let server: ChildProcess;
let url = '';

beforeAll(async () => {
  const silent = { write: () => true };
  const host = { stdout: silent, stderr: silent, env: {}, exitCode: undefined };
  await run(['init', '--template', 'module', join(folder, 'greeter')], host as unknown as NodeJS.Process);
  writeFileSync(
    join(folder, 'csp.yaml'),
    'port: 0\nmodules:\n  - from: ./greeter\n    config: { salutation: Good day }\n',
  );
  server = spawn(process.execPath, [CSP, 'start'], { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] });
  url = await new Promise((resolve, reject) => {
    let said = '';
    server.once('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
    server.stdout?.on('data', (bytes: Buffer) => {
      said += bytes.toString();
      const found = /http:\S+/.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    });
  });
});

afterAll(async () => {
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true });
});

const post = (path: string, body: object) =>
  fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

test('REST, with its own fault as a problem document', async () => {
  const made = await post('/api/greetings', { name: 'Ada' });
  expect([made.status, await made.json()]).toMatchObject([201, { text: 'Good day, Ada!' }]);
  expect((await post('/api/greetings', { nme: 'Ada' })).status).toBe(400);
  const missing = await fetch(`${url}/api/greetings/greet_none`);
  expect([missing.status, await missing.json()]).toMatchObject([
    404,
    { code: 'CSP-GRT-001', title: 'No such greeting' },
  ]);
});

test('GraphQL and the OpenAPI document', async () => {
  const answer = await post('/graphql', { query: '{ greetingsList { greetings { name } } }' });
  expect(await answer.json()).toEqual({ data: { greetingsList: { greetings: [{ name: 'Ada' }] } } });
  expect(await (await fetch(`${url}/openapi.json`)).json()).toHaveProperty(['paths', '/api/greetings', 'post']);
});

test('a page whose markup is markup and whose names are not', async () => {
  await post('/api/greetings', { name: '<b>' });
  const page = await (await fetch(`${url}/greetings`, { headers: { accept: 'text/html' } })).text();
  expect(page).toContain('<li>Good day, &lt;b&gt;!</li>');
});

test('WebSocket', async () => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`);
  const heard = new Promise<unknown>((resolve) => {
    socket.on('message', (bytes) => {
      const frame = JSON.parse(String(bytes));
      if (frame.type === 'subscribed') void post('/api/greetings', { name: 'Grace' });
      if (frame.type === 'event') resolve(frame);
    });
  });
  socket.on('open', () => socket.send(JSON.stringify({ action: 'subscribe', channels: ['greetings'] })));
  expect(await heard).toMatchObject({ channel: 'greetings', data: { text: 'Good day, Grace!' } });
  socket.terminate();
});
