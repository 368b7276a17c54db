/** Load on a route by Debian's wrk, and the processor time the server spends on it. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromDebian } from '../../scripts/judges/judge.ts';

export interface Load {
  readonly requests: number;
  /** Of the server, user and system, its threads included. */
  readonly cpuMicroseconds: number;
  readonly p99Milliseconds: number;
}

/** POSTs `body` over `connections` for `seconds`. Throws when an answer is no success. */
export async function load(
  server: { readonly pid: number; readonly folder: string },
  url: string,
  body: object,
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Load> {
  const script = join(server.folder, 'post.lua');
  writeFileSync(
    script,
    `wrk.method = "POST"\nwrk.headers["Content-Type"] = "application/json"\nwrk.body = [==[${JSON.stringify(body)}]==]\n`,
  );
  const args = ['-t1', `-c${connections}`, `-d${seconds}`, '--latency', '-s', script, url];
  const before = cpuMicroseconds(server.pid);
  const output = await run(fromDebian('wrk', 'wrk'), args);
  const spent = cpuMicroseconds(server.pid) - before;
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`not every request was answered with success:\n${output}`);
  const requests = Number(/(\d+) requests in/.exec(output)?.[1]);
  const [, p99, unit] = /99%\s+([\d.]+)(us|ms|s)\b/.exec(output) ?? [];
  const scale = { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's'];
  return { requests, cpuMicroseconds: spent / requests, p99Milliseconds: Number(p99) * scale };
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
    const child = spawn(command, args);
    let output = '';
    child.stdout.on('data', (text: Buffer) => {
      output += text;
    });
    child.once('error', reject);
    child.once('close', (status) => (status === 0 ? resolve(output) : reject(new Error(`${command}: ${status}`))));
  });
}
