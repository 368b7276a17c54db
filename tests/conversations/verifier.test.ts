/** Scripts are examined in a process of their own: whatever becomes of it, the next script finds one. */
import { type ChildProcess, fork } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { cacheOff } from '@enhanced-csp/platform';
import { systemClock } from '@enhanced-csp/server';
import { afterEach, expect, test } from 'vitest';
import type { Job } from '../../modules/conversations/src/verification/examine.ts';
import { Verifier } from '../../modules/conversations/src/verification/verifier.ts';
import { sha256 } from './platform.ts';

const job = (definitions: string): Job => ({
  file: 'script.csp',
  source: `--@ conversation P roles alice\ndatatype Role = alice\nchannel up : Role\n${definitions}\n`,
  until: 'verify',
  timeoutMs: 60_000,
  stateCountMax: 1e7,
});
const GOOD = job('P = up.alice -> P');
const ENDLESS = job('P = Q(0)\nQ(n) = up.alice -> Q(n + 1)');
/** More than 64 MB, within a single step. */
const ENORMOUS = job('P = if card({(x, y, <x, y>) | x <- {0..999}, y <- {0..999}}) > 0 then up.alice -> P else STOP');

let said: string[] = [];
const log = { debug() {}, info() {}, warn() {}, error: (...line: unknown[]) => void said.push(JSON.stringify(line)) };
const verifiers: Verifier[] = [];
afterEach(() => Promise.all(verifiers.splice(0).map((one) => one.close())));

function newVerifier(memoryMb = 256): Verifier {
  said = [];
  started = [];
  const options = { clock: systemClock, log, hash: { sha256 }, cache: cacheOff, version: '1', queueMax: 10, memoryMb };
  const verifier = new Verifier(options);
  verifiers.push(verifier);
  return verifier;
}

/** Every process that was started, in order. */
let started: ChildProcess[] = [];
subscribe('child_process', (message) => started.push((message as { process: ChildProcess }).process));
const alive = (): ChildProcess[] =>
  started.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);

test('killed in the middle of a script: it is unknown, and the next one is examined', async () => {
  const verifier = newVerifier();
  await verifier.examine(GOOD);
  const examination = verifier.examine(ENDLESS);
  started[0]!.kill('SIGKILL');
  expect(await examination).toMatchObject({
    verdict: 'unknown',
    reason: 'stopped: the checking process ended (SIGKILL)',
  });
  expect(said.join()).toContain('SIGKILL');
  expect(await verifier.examine(GOOD)).toMatchObject({ verdict: 'holds' });
  expect(started).toHaveLength(2);
});

test('a heap that is full in the middle of a step ends that process and no other', async () => {
  const verifier = newVerifier(64);
  await verifier.examine(GOOD);
  expect(await verifier.examine(ENORMOUS)).toMatchObject({
    verdict: 'unknown',
    reason: 'stopped: the limit on memory was reached',
  });
  expect(await verifier.examine(GOOD)).toMatchObject({ verdict: 'holds' });
  expect(started.map(({ signalCode }) => signalCode)).toEqual(['SIGABRT', null]);
});

test('closed in the middle of a script: the process is gone, and who waits is answered', async () => {
  const verifier = newVerifier();
  await verifier.examine(GOOD);
  const examination = verifier.examine(ENDLESS);
  expect(alive()).toHaveLength(1);
  await verifier.close();
  expect(alive()).toEqual([]);
  expect(await examination).toMatchObject({ verdict: 'unknown' });
  expect(said).toEqual([]);
});

test('it outlives an interruption of the whole group, and not its server', async () => {
  const worker = new URL('../../modules/conversations/src/verification/worker.ts', import.meta.url);
  const child = fork(worker, ['256'], { execArgv: [], serialization: 'advanced' });
  expect((await once(child, 'message'))[0]).toMatchObject({ ready: true });
  child.kill('SIGINT');
  child.kill('SIGTERM');
  child.send({ id: 1, job: GOOD });
  expect((await once(child, 'message'))[0]).toMatchObject({ id: 1, examination: { verdict: 'holds' } });
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
