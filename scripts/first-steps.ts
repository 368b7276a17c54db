/**
 * The first steps of a newcomer, on a real server: `npm start` shows the demonstration, its conversations are there as JSON and as pages, their
 * logs pass `csp audit` in another process, and one flipped byte does not. Ends with exit status 1 at the first step that fails.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'csp-first-steps-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const server = spawn('npm', ['start', '--', '--port', String(port), '--data', join(folder, 'data')], {
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true,
});
try {
  const shown = await until(server, 'Look at it');
  for (const step of ['1. specified', '2. verified', '3. enforced', '4. audited'])
    assert.ok(shown.includes(step), step);
  assert.match(shown, /✗ pay\.buyer\.seller\.5 by seller/);
  said('npm start shows the demonstration');

  assert.equal((await fetch(`${url}/health`)).status, 200);
  const { conversations } = (await (await fetch(`${url}/api/conversations`)).json()) as Conversations;
  assert.deepEqual(conversations.map((c) => [c.status, c.refused]).sort(), [
    ['terminated', 0],
    ['terminated', 2],
  ]);
  for (const { conversation_id } of conversations) {
    const page = await (
      await fetch(`${url}/conversations/${conversation_id}`, { headers: { accept: 'text/html' } })
    ).text();
    assert.match(page, /pay\.buyer\.seller\.4/);
  }
  said('both conversations are there, as JSON and as pages');

  assert.match(await (await fetch(`${url}/schema.graphql`)).text(), /type Query/);
  said('what is loaded late is there: GraphQL');

  for (const { conversation_id } of conversations) {
    const { log, key } = (await (await fetch(`${url}/api/conversations/${conversation_id}/log`)).json()) as {
      log: string;
      key: string;
    };
    const path = join(folder, `${conversation_id}.log`);
    writeFileSync(path, log);
    assert.equal(csp('audit', path, '--key', key), 0);
    const bytes = Buffer.from(log);
    bytes[Math.floor(bytes.length * 0.8)]! ^= 1;
    writeFileSync(path, bytes);
    assert.equal(csp('audit', path, '--key', key), 1);
  }
  said('both logs pass the audit in another process; one flipped byte does not');

  assert.equal(csp('check', 'models/philosophers.csp', '--quiet'), 0);
  assert.equal(csp('status', '--url', url), 0);
  const profiled = JSON.parse(output('profile', '--json', '--', 'eval', 'models/philosophers.csp', 'next(4)')) as {
    exit: number;
    functions: readonly { ms: number }[];
  };
  assert.equal(profiled.exit, 0);
  assert.ok(profiled.functions.length > 0);
  const second = spawnSync('npx', ['csp', 'start', '--port', '0', '--data', join(folder, 'data')], {
    encoding: 'utf8',
  });
  assert.equal(second.status, 4);
  assert.match(second.stderr, /\d+/);
  said('a second server on the same data is refused');

  const began = performance.now();
  const ended = new Promise((resolve) => server.once('exit', resolve));
  process.kill(-server.pid!, 'SIGTERM');
  await ended;
  said(`stops cleanly in ${Math.round(performance.now() - began)} ms`);

  const data = ['--data', join(folder, 'background')];
  const started = JSON.parse(output('start', '--detach', '--port', '0', ...data, '--json')) as {
    url: string;
    pid: number;
  };
  assert.equal(csp('status', '--url', started.url), 0);
  assert.equal(csp('start', '--detach', '--port', '0', ...data), 4);
  const again = JSON.parse(output('restart', ...data, '--json')) as { url: string; pid: number };
  assert.notEqual(again.pid, started.pid);
  assert.equal((await fetch(`${again.url}/health`)).status, 200);
  assert.equal(csp('stop', ...data), 0);
  assert.equal(csp('stop', ...data), 3);
  said('starts, restarts and stops in the background');
} finally {
  try {
    process.kill(-server.pid!, 'SIGKILL');
  } catch {
    // It has ended, as it should.
  }
  rmSync(folder, { recursive: true, force: true });
}

interface Conversations {
  readonly conversations: readonly {
    readonly conversation_id: string;
    readonly status: string;
    readonly refused: number;
  }[];
}

function said(step: string): void {
  console.log(`✓ ${step}`);
}

function csp(...args: string[]): number | null {
  return spawnSync('npx', ['csp', ...args], { stdio: ['ignore', 'ignore', 'inherit'] }).status;
}

function output(...args: string[]): string {
  const { stdout, status } = spawnSync('npx', ['csp', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  assert.equal(status, 0, args.join(' '));
  return stdout;
}

/** What the process has written, once that contains `text`; at most a minute. */
function until(child: ChildProcess, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let written = '';
    const late = setTimeout(() => reject(new Error(`no '${text}' within a minute, but:\n${written}`)), 60_000);
    child.once('exit', (code) => reject(new Error(`ended with ${code}:\n${written}`)));
    child.stdout!.on('data', (bytes: Buffer) => {
      written += bytes.toString();
      if (!written.includes(text)) return;
      clearTimeout(late);
      resolve(written);
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
