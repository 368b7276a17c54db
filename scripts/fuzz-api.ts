/**
 * Requests made from the OpenAPI document, half of them as it says and the others with something wrong in them, at a running server.
 *
 *   npm run fuzz:api -- --requests 1e5 --seed 1
 *
 * The same seed makes the same requests; identifiers are of the run. What is wrong is an answer of 500, or one whose status, headers or body the document
 * does not describe. Exit code 1 when there is any, after all requests; 2 for a wrong option; 0 otherwise.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startServer } from '@enhanced-csp/server';
import { fuzzApi } from '../tests/fuzz-api/fuzz-api.ts';

const { values } = parseArgs({
  options: { requests: { type: 'string', default: '1e5' }, seed: { type: 'string', default: '1' } },
});
const [requests, seed] = [Number(values.requests), Number(values.seed)];
if (!Number.isInteger(requests) || requests < 1 || !Number.isInteger(seed)) {
  console.error('--requests and --seed are whole numbers: --requests 1e5 --seed 1');
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'csp-fuzz-api-'));
// A receive whose body was lost waits as long as the platform says, and that must be less than the patience of a request.
const flags = { port: 0, 'rate.verify_per_minute': 12_000, 'rate.burst': 200, 'limits.channel_seconds': 1 };
const server = await startServer({ folder, env: {}, flags, writeLog: () => {} });
const start = Date.now();
try {
  const progress = (done: number) => {
    if (done % 10_000 === 0) console.log(`${done} requests, ${Math.round((Date.now() - start) / 1000)} s`);
  };
  const { found, succeeded, seen, ...report } = await fuzzApi(server.url, { requests, seed, progress });
  const statuses = new Map<number, number>();
  for (const one of seen.values())
    for (const [status, count] of one) statuses.set(status, (statuses.get(status) ?? 0) + count);
  const counted = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status}: ${count}`);
  console.log(`${report.requests} requests to ${seen.size} of ${report.operations} operations, ${succeeded} succeeded`);
  console.log(counted.join(', '));
  for (const { told, why } of found) console.log(`\n✗ ${why}\n  ${told}`);
  console.log(found.length === 0 ? 'Every answer is as documented.' : `\n${found.length} kinds of answers are not.`);
  process.exitCode = found.length === 0 ? 0 : 1;
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
