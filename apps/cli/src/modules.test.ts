/** A module of others, as `csp init` writes it, out of the tree: loaded by the configuration of a real server, and called over every surface. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { run } from './app.ts';
import { commandIn } from './command.fixture.ts';

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
    'port: 0\nmodules:\n  - from: ./greeter\n    config: { salutation: Good day, strangers: [Mallory] }\n',
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

const csp = commandIn({ XDG_CONFIG_HOME: join(folder, 'config') });

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

test('a security policy, on every surface', async () => {
  const denied = await post('/api/greetings', { name: 'Mallory' });
  expect([denied.status, await denied.json()]).toMatchObject([
    403,
    { code: 'CSP-PLT-012', policy: 'greeter.guest-list', reason: 'strangers are not greeted' },
  ]);
  const query = 'mutation { greetingsCreate(name: "Mallory") { text } }';
  const { errors } = (await (await post('/graphql', { query })).json()) as { errors: { extensions: object }[] };
  expect(errors).toMatchObject([{ extensions: { code: 'CSP-PLT-012' } }]);
});

test('an agent that plays a role, in a conversation of the protocol that `csp init` writes', async () => {
  const silent = { write: () => true };
  const host = { stdout: silent, stderr: silent, env: {}, exitCode: undefined };
  await run(['init', join(folder, 'deal')], host as unknown as NodeJS.Process);
  const source = readFileSync(join(folder, 'deal/protocols/handshake.csp'), 'utf8');
  const made = async (path: string, body: object) => (await (await post(path, body)).json()) as Record<string, string>;
  const { protocol_id } = await made('/api/protocols', { name: 'handshake', source });
  expect(await made(`/api/protocols/${protocol_id}/verify`, {})).toMatchObject({ status: 'verified' });
  const { conversation_id } = await made('/api/conversations', { protocol_id, agents: { service: 'greeter.polite' } });
  await made(`/api/conversations/${conversation_id}/events`, { role: 'client', event: 'ask.client.service' });
  const state = async () => (await fetch(`${url}/api/conversations/${conversation_id}`)).json();
  await expect.poll(state, { timeout: 10_000 }).toMatchObject({ status: 'terminated', accepted: 2, refused: 0 });
  expect(
    await (await post('/api/conversations', { protocol_id, agents: { service: 'greeter.rude' } })).json(),
  ).toMatchObject({
    status: 422,
    code: 'CSP-CNV-021',
    agents: ['greeter.polite'],
  });
});

test('a kind of process, specified, verified and run', async () => {
  const made = await post('/api/processes', { name: 'one', type: 'greeter.relay', config: { messages: 1 } });
  const { process_id } = (await made.json()) as { process_id: string };
  const started = await post(`/api/processes/${process_id}/start`, {});
  expect(await started.json()).toMatchObject({ type: 'greeter.relay', status: 'running', verdict: 'holds' });
});

test('a panel on the home page', async () => {
  await post('/api/greetings', { name: '<i>' });
  const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
  expect(page).toContain('<section data-panel="greeter.latest" data-topic="greetings">');
  expect(page).toContain('<li>Good day, &lt;i&gt;!</li>');
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

describe('csp call', () => {
  beforeAll(() => csp('context', 'add', 'here', url));

  test('lists what the platform has, and performs it: of the module, and of the platform itself', async () => {
    await csp('context', 'use', 'here');
    expect((await csp('call', '--list')).out).toMatch(/^greetings\.create +POST \/api\/greetings +Greet somebody$/m);
    const { operations } = JSON.parse((await csp('call', '--list', '--json')).out);
    expect(operations).toContainEqual({
      id: 'greetings.get',
      route: 'GET /api/greetings/{greeting_id}',
      summary: 'Get a greeting',
      fields: [{ name: 'greeting_id', in: 'path', type: 'string', required: true }],
    });
    const made = JSON.parse((await csp('call', 'greetings.create', '--name', 'Ken', '--json')).out);
    expect(made).toMatchObject({ name: 'Ken', text: 'Good day, Ken!' });
    const got = await csp('call', '--url', url, 'greetings.get', made.greeting_id);
    expect(got).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^text +Good day, Ken!$/m) });
    expect(JSON.parse((await csp('call', 'greetings.create', '--input', '{"name":"Bo"}', '--json')).out).name).toBe(
      'Bo',
    );
    expect((await csp('call', 'processes.list', '--status', 'failed')).out).toContain('no processes');
  });

  test('its topics are followed', async () => {
    expect((await csp('watch', '--list')).out).toContain('greetings');
    expect((await csp('__complete', 'watch', 'greet')).out).toBe('greetings\n');
    const { out } = await csp('watch', 'greetings', '--since', '0', '--count', '1', '--json');
    expect(JSON.parse(out)).toMatchObject({ channel: 'greetings', seq: 1, data: { text: 'Good day, Ada!' } });
  });

  test('who reads no more ends it', async () => {
    const args = [CSP, 'watch', 'greetings', '--since', '0', '--url', url];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'exit');
    let said = '';
    child.stderr.on('data', (bytes: Buffer) => {
      said += bytes.toString();
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const more = setInterval(() => void post('/api/greetings', { name: 'Ada' }), 50);
    expect([await ended, said]).toEqual([[0, null], '']);
    clearInterval(more);
  });

  test('help and completion come from the document', async () => {
    const { out } = await csp('call', 'greetings.create', '--help');
    expect(out).toContain('csp call greetings.create --name Ada');
    expect(out).toContain('Greet somebody');
    expect((await csp('__complete', 'call', 'greetings.c')).out).toBe('greetings.create\n');
    expect((await csp('__complete', 'call', 'greetings.create', '--na')).out).toBe('--name\n');
  });

  test('what is wrong has its exit status', async () => {
    expect((await csp('call')).exitCode).toBe(2);
    expect((await csp('call', 'greetings.create', '--nme', 'Ada')).exitCode).toBe(2);
    expect(await csp('call', 'greetings.create')).toMatchObject({
      exitCode: 2,
      err: expect.stringContaining('greetings.create needs --name'),
    });
    expect(await csp('call', 'greetings.creat', '--name', 'Ada')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('did you mean greetings.create?'),
    });
    expect(await csp('call', 'greetings.create', '--name', '')).toMatchObject({
      exitCode: 5,
      err: expect.stringMatching(/CSP-GTW-001 .*\n {2}\/name: /),
    });
    expect(await csp('call', 'greetings.get', 'greet_none')).toMatchObject({
      exitCode: 3,
      err: expect.stringContaining('CSP-GRT-001'),
    });
    expect((await csp('call', 'greetings.list', '--url', 'http://127.0.0.1:1')).exitCode).toBe(6);
    expect((await csp('call', 'greetings.list', '--url', 'http://')).exitCode).toBe(2);
  });
});
