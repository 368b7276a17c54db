/** What a judge is, and how the programs of others are brought and run. */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { RunningServer } from '@enhanced-csp/server';

export const ROOT = join(import.meta.dirname, '../..');

export interface Subject {
  readonly server: RunningServer;
  /** For what a judge writes; thrown away. */
  readonly folder: string;
}

export interface Opinion {
  /** What it looked at, in words with a count. */
  readonly examined: string;
  /** Empty: nothing is wrong. */
  readonly complaints: readonly string[];
}

export interface Judge {
  readonly name: string;
  judge(subject: Subject): Promise<Opinion>;
  /** The same on something with an error planted in it. A judge that does not complain now proves nothing. */
  control(subject: Subject): Promise<Opinion>;
}

/** Judges phone nobody, and do not tell of newer versions of themselves. */
const QUIET = {
  ...process.env,
  REDOCLY_TELEMETRY: 'off',
  REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
  SCARF_ANALYTICS: 'false',
  DO_NOT_TRACK: '1',
  NO_COLOR: '1',
  CI: '1',
};

export interface Ended {
  readonly status: number;
  readonly output: string;
}

/** Runs a program to its end. */
export function run(command: string, args: readonly string[], input = ''): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: QUIET, cwd: ROOT, timeout: 120_000 });
    let output = '';
    const take = (text: Buffer) => {
      output += text;
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    child.once('error', reject);
    child.once('close', (status) => resolve({ status: status ?? 1, output }));
    child.stdin.end(input);
  });
}

/** Starts a program that goes on, and waits until `ready` says that it is there. */
export async function start(
  command: string,
  args: readonly string[],
  ready: (output: string) => boolean | Promise<boolean>,
): Promise<{ stop(): Promise<void> }> {
  const child = spawn(command, args, { env: QUIET, cwd: ROOT });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => {
      output += text;
    });
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const until = performance.now() + 30_000;
  while (!(await ready(output))) {
    if (child.exitCode === null && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 50));
    else {
      await stop();
      throw new Error(`${command} does not start:\n${output}`);
    }
  }
  return { stop };
}

/** A program of the packages of the judges, installed with the versions of their lock file when they are not there. */
export function installed(name: 'redocly' | 'prism'): string {
  const folder = join(ROOT, 'scripts/judges/programs');
  const lock = join(folder, 'node_modules/.package-lock.json');
  const wanted = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies as Record<string, string>;
  const present = existsSync(lock) ? JSON.parse(readFileSync(lock, 'utf8')).packages : {};
  const missing = Object.entries(wanted).some(([one, version]) => present[`node_modules/${one}`]?.version !== version);
  if (missing) {
    console.log('  installing redocly and prism, once');
    // Their packages' own scripts count downloads; nothing needs them.
    execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      cwd: folder,
      stdio: 'inherit',
      env: QUIET,
    });
  }
  return join(folder, 'node_modules/.bin', name);
}

/** A program of Debian. What cannot be had is a failure of the judge, never a skip. */
export function fromDebian(program: string, packageName: string): string {
  const path = ['/usr/bin', '/usr/sbin', '/usr/local/bin'].map((folder) => join(folder, program)).find(existsSync);
  if (path !== undefined) return path;
  console.log(`  installing Debian's ${packageName}, once`);
  const apt = (...args: readonly string[]) =>
    execFileSync('apt-get', [...args], { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', packageName);
  } catch (cause) {
    throw new Error(`${program} is not there, and apt-get could not install ${packageName}`, { cause });
  }
  return fromDebian(program, packageName);
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
