/** Platforms in the background: started, found by their data folder, stopped. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readConfiguration, refuseInvalid } from '@enhanced-csp/server';
import { makeFolder, unusableFolder } from '@enhanced-csp/storage';
import type { Flags } from '../commands/stop.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';

/** What a running platform leaves beside its data, and takes away when it stops. */
export interface Running {
  readonly pid: number;
  readonly url: string;
  /** As it was started, and where. */
  readonly args: readonly string[];
  readonly folder: string;
}

const STARTED_MS_MAX = 60_000;
const STOPPED_MS_MAX = 30_000;
const NOTE = 'running.json';
const LOG = 'csp.log';

export function noteRunning(dataFolder: string, running: Running): void {
  writeFileSync(join(dataFolder, NOTE), JSON.stringify(running));
}

export function forgetRunning(dataFolder: string): void {
  rmSync(join(dataFolder, NOTE), { force: true });
}

/** Starts `csp start` with `args` in `folder`, and waits until it is healthy. Its log goes to `csp.log` beside the data. */
export async function startDetached(args: readonly string[], folder: string, dataFolder: string): Promise<Running> {
  const log = join(dataFolder, LOG);
  const output = openBeside(dataFolder, log);
  const child = spawn(process.execPath, [process.argv[1] as string, 'start', ...args], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', output, output],
  });
  closeSync(output);
  const begun = performance.now();
  while (performance.now() - begun < STARTED_MS_MAX) {
    if (child.exitCode !== null) {
      const code = Object.values(EXIT).find((exit) => exit === child.exitCode) ?? EXIT.defect;
      throw new CommandFailed(code, `it did not start; the end of ${log}:\n${lastLines(log)}`);
    }
    const running = await runningIn(dataFolder);
    if (running?.pid === child.pid && running !== undefined) {
      child.unref();
      return running;
    }
    await sleep(20);
  }
  child.kill();
  throw new CommandFailed(EXIT.timedOut, `it was not healthy within ${STARTED_MS_MAX / 1000} s; see ${log}`);
}

function openBeside(dataFolder: string, log: string): number {
  try {
    makeFolder(dataFolder, 0o700);
    return openSync(log, 'a', 0o640);
  } catch (cause) {
    throw unusableFolder(dataFolder, cause);
  }
}

export async function stop(this: Context, flags: Flags): Promise<void> {
  const stopped = await stopIn(await dataFolderOf(this, flags));
  this.print(
    flags.json ? JSON.stringify({ stopped: true, pid: stopped.pid, url: stopped.url }) : `stopped ${stopped.url}`,
  );
}

export async function restart(this: Context, flags: Flags): Promise<void> {
  const dataFolder = await dataFolderOf(this, flags);
  const { args, folder } = await stopIn(dataFolder);
  const { pid, url } = await startDetached(args, folder, dataFolder);
  this.print(
    flags.json ? JSON.stringify({ url, pid, data_folder: dataFolder }) : `Enhanced CSP is at ${url}, process ${pid}`,
  );
}

async function stopIn(dataFolder: string): Promise<Running> {
  const running = await runningIn(dataFolder);
  if (running === undefined) throw new CommandFailed(EXIT.notFound, `no platform runs on ${dataFolder}`);
  process.kill(running.pid, 'SIGTERM');
  const begun = performance.now();
  while (isAlive(running.pid)) {
    if (performance.now() - begun > STOPPED_MS_MAX)
      throw new CommandFailed(EXIT.timedOut, `process ${running.pid} did not end within ${STOPPED_MS_MAX / 1000} s`);
    await sleep(20);
  }
  return running;
}

/** The note of a server that was killed stays behind; so it counts only while its process lives and its address answers. */
async function runningIn(dataFolder: string): Promise<Running | undefined> {
  try {
    const running = JSON.parse(readFileSync(join(dataFolder, NOTE), 'utf8')) as Running;
    if (!isAlive(running.pid)) return undefined;
    await fetch(new URL('/health/live', running.url), { signal: AbortSignal.timeout(5000) });
    return running;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function dataFolderOf({ env }: Context, { data, config }: Flags): Promise<string> {
  if (data !== undefined) return resolve(data);
  return resolve(refuseInvalid(await readConfiguration({ file: config, env })).values.data_dir);
}

function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-8).join('\n');
}
