/** Whatever is sent to whatever operation: an answer of the documented form, never a defect. More of them: `npm run fuzz:api`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, startServer } from '@enhanced-csp/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FuzzAnswer } from './answers.ts';
import { fuzzApi } from './fuzz-api.ts';

const REQUESTS = 1500;
const folder = mkdtempSync(join(tmpdir(), 'csp-fuzz-'));
let server: RunningServer;
beforeAll(async () => {
  const flags = { port: 0, 'rate.verify_per_minute': 240, 'rate.burst': 20 };
  server = await startServer({ folder, env: {}, flags, writeLog: () => {} });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('no request makes a defect, and no answer is outside its schema', async () => {
  const { found, succeeded, seen, operations } = await fuzzApi(server.url, { requests: REQUESTS, seed: 41 });
  expect(found).toEqual([]);
  // Had most been refused at the door, nothing behind it would have been tried.
  expect(succeeded).toBeGreaterThan(REQUESTS / 5);
  expect(operations).toBeGreaterThan(15);
  expect(seen.size).toBe(operations);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
});

test.each([
  ['a defect', { status: 500 }],
  ['a body outside its schema', { body: '{"total":"many"}' }],
  [
    'a header nobody documented',
    { headers: { 'x-request-id': 'x', 'content-type': 'application/json', 'x-more': '1' } },
  ],
  ['another form', { headers: { 'x-request-id': 'x', 'content-type': 'text/html' } }],
  ['a status nobody documented', { status: 206 }],
])('%s is found', async (_, lie: Partial<FuzzAnswer>) => {
  const { found } = await fuzzApi(server.url, { requests: 30, seed: 5, tamper: (answer) => ({ ...answer, ...lie }) });
  expect(found.length).toBeGreaterThan(2);
});
