import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { run } from './app.ts';

const folder = mkdtempSync(join(tmpdir(), 'csp-db-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function csp(...args: string[]): Promise<{ exitCode: number; out: string; err: string }> {
  const written = { out: '', err: '' };
  const host = {
    stdout: { write: (text: string) => void (written.out += text) },
    stderr: { write: (text: string) => void (written.err += text) },
    env: {},
    exitCode: undefined as number | undefined,
  };
  await run(args, host as unknown as NodeJS.Process);
  return { exitCode: Number(host.exitCode ?? 0), ...written };
}

test('csp db: made, looked at, saved, verified, put back; what is wrong says so', async () => {
  const data = ['--data', join(folder, 'data')];
  const file = join(folder, 'saved.db');
  expect((await csp('db', 'status', ...data)).exitCode).toBe(3);
  expect((await csp('db', 'migrate', ...data)).exitCode).toBe(0);
  expect(JSON.parse((await csp('db', 'status', '--json', ...data)).out)).toEqual({
    steps: [{ name: '0001-streams', applied: true }],
  });
  expect((await csp('db', 'backup', file, ...data)).out).toMatch(/^entry +0 {2}e3b0c44298fc1c14$/m);
  expect((await csp('db', 'backup', file, ...data)).exitCode).toBe(4);
  expect((await csp('db', 'restore', '--verify', file)).exitCode).toBe(0);
  expect((await csp('db', 'restore', file, ...data)).exitCode).toBe(0);
  writeFileSync(file, 'not a database, only some words that stand in the place of one');
  expect(await csp('db', 'restore', '--verify', file)).toMatchObject({
    exitCode: 70,
    err: expect.stringMatching(/cannot be used/),
  });
  const away = await csp('db', 'copy-to', 'postgresql://csp:s3cret@127.0.0.1:1/csp', ...data);
  expect(away.exitCode).toBe(6);
  expect(away.err).toContain('127.0.0.1:1/csp');
  expect(away.err).not.toContain('s3cret');
});
