/** A real server in a process of its own, that can be killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Place } from './places.ts';

const CSP = fileURLToPath(new URL('../../apps/cli/bin/csp.js', import.meta.url));
const START_MS_MAX = 60_000;

export interface ServerProcess {
  readonly url: string;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves with its exit status. */
  stop(): Promise<number | null>;
}

export async function startProcess({ kind, folder, database }: Place): Promise<ServerProcess> {
  const child = spawn(process.execPath, [CSP, 'start', '--port', '0', '--data', folder], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CSP_DATABASE_URL: kind === 'sqlite' ? 'sqlite' : database },
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const url = await urlOf(child);
  const end = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return exited;
  };
  return { url, kill: async () => void (await end('SIGKILL')), stop: () => end('SIGTERM') };
}

function urlOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const late = setTimeout(() => fail('did not start in time'), START_MS_MAX);
    const fail = (why: string): void => {
      clearTimeout(late);
      child.kill('SIGKILL');
      reject(new Error(`the server ${why}:\n${said}`));
    };
    const hear = (text: Buffer): void => {
      said += text;
      const url = /http:\/\/[\w.:[\]-]+/.exec(said)?.[0];
      if (url === undefined) return;
      clearTimeout(late);
      resolve(url);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', (text) => void (said += text));
    child.once('exit', (code) => fail(`ended with status ${code}`));
  });
}
