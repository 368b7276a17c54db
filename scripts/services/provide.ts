/**
 * A server for tests: the one that runs, or one of our own on a free port with a folder that is thrown away, installed first where it is missing.
 * What cannot be had is a failure with words, never a skip.
 */
import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Service } from './services.ts';

export type Way =
  | { readonly kind: 'use' }
  | { readonly kind: 'start' }
  | { readonly kind: 'install'; readonly commands: readonly (readonly string[])[] }
  | { readonly kind: 'refuse'; readonly why: string };

export interface Machine {
  /** One that lets the tests in runs at its usual place. */
  readonly usable: boolean;
  readonly installed: boolean;
  readonly root: boolean;
  /** Commands that are there: `apt-get`, `sudo`. */
  has(command: string): boolean;
}

/** How a service is had on a machine. */
export function wayTo(service: Pick<Service, 'name' | 'packages'>, machine: Machine): Way {
  if (machine.usable) return { kind: 'use' };
  if (machine.installed) return { kind: 'start' };
  const packages = service.packages.join(' ');
  if (!machine.has('apt-get'))
    return {
      kind: 'refuse',
      why: `${service.name} is not installed, and there is no apt-get. Debian has it as ${packages}.`,
    };
  if (!machine.root && !machine.has('sudo'))
    return { kind: 'refuse', why: `${service.name} is not installed. As root: apt-get install ${packages}` };
  const apt = [...(machine.root ? [] : ['sudo', '-n']), 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  return {
    kind: 'install',
    commands: [
      [...apt, 'update'],
      [...apt, 'install', '-y', '--no-install-recommends', ...service.packages],
    ],
  };
}

export interface Provided {
  readonly url: string;
  /** What was done, in words. */
  readonly how: string;
  /** Ends what was started. */
  end(): Promise<void>;
}

/** @param own a server of our own even where one runs. @throws Error in words when it cannot be had. */
export async function provide(service: Service, { own = false } = {}): Promise<Provided> {
  const usual = service.url(service.port);
  const machine: Machine = {
    usable: !own && (await service.answers(usual)),
    installed: service.isInstalled(),
    root: process.getuid?.() === 0,
    has: (command) => spawnSync('sh', ['-c', `command -v ${command}`]).status === 0,
  };
  const way = wayTo(service, machine);
  if (way.kind === 'refuse') throw new Error(way.why);
  if (way.kind === 'use') return { url: usual, how: `runs at ${usual}`, end: async () => {} };
  if (way.kind === 'install') {
    for (const command of way.commands) install(service, command);
    if (!service.isInstalled()) throw new Error(`${service.name} was installed and is not there.`);
  }
  const { url, end } = await start(service);
  return { url, how: `${way.kind === 'install' ? 'installed and ' : ''}started at ${url}`, end };
}

function install(service: Service, [program = '', ...args]: readonly string[]): void {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 600_000 });
  } catch (cause) {
    const said = String((cause as { stderr?: Buffer }).stderr ?? (cause as Error).message).trim();
    throw new Error(`${service.name} is not installed, and \`${[program, ...args].join(' ')}\` failed:\n${said}`);
  }
}

async function start(service: Service): Promise<{ readonly url: string; end(): Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), 'csp-service-'));
  // Database servers run as users of their own.
  chmodSync(folder, 0o777);
  const port = await freePort();
  const url = service.url(port);
  let child: ChildProcess | undefined;
  const end = async () => {
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child?.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    child = service.start(folder, port);
    for (let waited = 0; !(await service.answers(url)); waited += 100) {
      if (child.exitCode !== null) throw new Error(`it ended with status ${child.exitCode}`);
      if (waited > 60_000) throw new Error('it does not answer');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return { url, end };
  } catch (cause) {
    await end();
    throw new Error(`${service.name} could not be started: ${(cause as Error).message}.`);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
