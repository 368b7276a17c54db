/** Load on a route by Debian's h2load, and the processor time the server spends on it. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromDebian } from '../../scripts/judges/judge.ts';

export interface Load {
  /** Of the server, user and system, its threads included. */
  readonly cpuMicroseconds: number;
  /** With what was not asked while an answer was late: see `corrected`. */
  readonly p99Milliseconds: number;
  readonly slowestMilliseconds: number;
}

/**
 * POSTs `body` over `connections` for `seconds`, each as soon as its answer before is there. What is asked in the first `warmUpSeconds` is not counted: a
 * loop takes one new connection a turn, so that the last of many that open at once waits for all others, once. Throws when an answer is no success.
 */
export async function load(
  server: { readonly pid: number; readonly folder: string },
  url: string,
  body: object,
  options: { readonly connections: number; readonly seconds: number; readonly warmUpSeconds: number },
): Promise<Load> {
  const { connections, seconds, warmUpSeconds } = options;
  const [data, log] = [join(server.folder, 'post.json'), join(server.folder, 'requests.tsv')];
  writeFileSync(data, JSON.stringify(body));
  rmSync(log, { force: true });
  const args = [
    ...['--h1', '-t1', `-c${connections}`, `-D${seconds}`, `--warm-up-time=${warmUpSeconds}`, `--log-file=${log}`],
    ...['-d', data, '-H', 'content-type: application/json', url],
  ];
  const h2load = fromDebian('h2load', 'nghttp2-client');
  let before = cpuMicroseconds(server.pid);
  const warm = setTimeout(() => {
    before = cpuMicroseconds(server.pid);
  }, warmUpSeconds * 1000);
  const output = await run(h2load, args);
  clearTimeout(warm);
  const spent = cpuMicroseconds(server.pid) - before;
  const rows = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((row) => row.split('\t').map(Number) as [start: number, status: number, microseconds: number]);
  const succeeded = rows.every(([, status]) => status >= 200 && status < 300);
  if (!succeeded || rows.length < connections || !output.includes(' 0 failed, 0 errored, 0 timeout'))
    throw new Error(`not every request was answered with success:\n${output}`);
  const latencies = rows.map(([, , microseconds]) => microseconds / 1000);
  const all = corrected(latencies, (seconds * 1000 * connections) / rows.length);
  return {
    cpuMicroseconds: spent / rows.length,
    p99Milliseconds: all[Math.floor(all.length * 0.99)] as number,
    slowestMilliseconds: all.at(-1) as number,
  };
}

/**
 * Who waits for an answer asks nothing meanwhile, and so hides how long the questions not asked would have taken (coordinated omission). For each that is
 * late by more than `interval`, the mean from question to question of one connection, those are added. Sorted.
 */
function corrected(latencies: readonly number[], interval: number): Float64Array {
  const all = [...latencies];
  for (const latency of latencies)
    for (let missed = latency - interval; missed > interval; missed -= interval) all.push(missed);
  return Float64Array.from(all).sort();
}

/** So far, from the kernel: ticks of 10 ms. */
export function cpuMicroseconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

export function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (status) => (status === 0 ? resolve(output) : reject(new Error(`${command}: ${status}`))));
  });
}
