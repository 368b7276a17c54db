/** The servers the tests need: where they usually are, what Debian calls them, and how one of our own is started. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import pg from 'pg';

export interface Service {
  readonly name: string;
  /** Its usual one. */
  readonly port: number;
  readonly packages: readonly string[];
  url(port: number): string;
  /** Whether the tests are let in there. */
  answers(url: string): Promise<boolean>;
  isInstalled(): boolean;
  /** Starts one that keeps its data in the folder. Its process ends when the server does. */
  start(folder: string, port: number): ChildProcess;
}

export const POSTGRES_BIN = '/usr/lib/postgresql/*/bin';
const quiet = { stdio: 'ignore' } as const;

export const SERVICES: readonly Service[] = [
  {
    name: 'PostgreSQL',
    port: 5432,
    packages: ['postgresql'],
    url: (port) => `postgresql://postgres@127.0.0.1:${port}/postgres`,
    async answers(url) {
      const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
      client.on('error', () => {});
      return succeeds(async () => {
        await client.connect();
        await client.end();
      });
    },
    isInstalled: () => find('initdb', POSTGRES_BIN) !== undefined,
    start(folder, port) {
      const data = join(folder, 'data');
      const initdb = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'];
      execFileSync(...as('postgres', [program('initdb', POSTGRES_BIN), ...initdb]), quiet);
      const listen = ['-p', `${port}`, '-c', 'listen_addresses=127.0.0.1', '-k', folder];
      return spawn(...as('postgres', [program('postgres', POSTGRES_BIN), '-D', data, ...listen]), quiet);
    },
  },
  {
    name: 'MariaDB',
    port: 3306,
    packages: ['mariadb-server'],
    url: (port) => `mariadb://root@127.0.0.1:${port}/mysql`,
    answers: (url) =>
      succeeds(async () => {
        const connection = await mysql.createConnection({
          uri: url.replace(/^mariadb:/, 'mysql:'),
          connectTimeout: 2000,
        });
        await connection.end();
      }),
    isInstalled: () => find('mariadbd') !== undefined && find('mariadb-install-db') !== undefined,
    start(folder, port) {
      const data = join(folder, 'data');
      const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'];
      execFileSync(...as('mysql', [program('mariadb-install-db'), ...install]), quiet);
      const listen = ['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${join(folder, 'socket')}`];
      const files = [`--pid-file=${join(folder, 'pid')}`, `--datadir=${data}`];
      return spawn(...as('mysql', [program('mariadbd'), '--no-defaults', ...files, ...listen]), quiet);
    },
  },
  {
    name: 'Redis',
    port: 6379,
    packages: ['redis-server'],
    url: (port) => `redis://127.0.0.1:${port}`,
    async answers(url) {
      const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 2000 });
      redis.on('error', () => {});
      const answered = await succeeds(async () => {
        await redis.connect();
        await redis.ping();
      });
      redis.disconnect();
      return answered;
    },
    isInstalled: () => find('redis-server') !== undefined,
    start: (folder, port) =>
      spawn(
        program('redis-server'),
        ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''],
        quiet,
      ),
  },
];

async function succeeds(attempt: () => Promise<void>): Promise<boolean> {
  try {
    await attempt();
    return true;
  } catch {
    return false;
  }
}

function find(name: string, ...patterns: readonly string[]): string | undefined {
  const more = patterns.flatMap((pattern) => globSync(pattern).sort().reverse());
  return ['/usr/bin', '/usr/sbin', '/usr/local/bin', ...more]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

export function program(name: string, ...patterns: readonly string[]): string {
  const found = find(name, ...patterns);
  if (found === undefined) throw new Error(`${name} is not installed`);
  return found;
}

/** Database servers refuse to run as root; their packages bring a user for them. */
export function as(user: string, command: readonly string[]): [string, string[]] {
  return process.getuid?.() === 0
    ? ['setpriv', [`--reuid=${user}`, `--regid=${user}`, '--clear-groups', '--', ...command]]
    : [command[0] as string, command.slice(1)];
}
