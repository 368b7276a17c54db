/**
 * `node scripts/test-services.ts`: the tests that need real servers. What is not running on its usual port is started from Debian's packages,
 * with a data folder that is thrown away, and ended with the script. A server that cannot be had is a failure, never a skip.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startVitest } from 'vitest/node';

interface Service {
  readonly name: string;
  readonly port: number;
  /** What to say when it cannot be started. */
  readonly packages: string;
  start(folder: string): ChildProcess;
}

const root = process.getuid?.() === 0;
const quiet = { stdio: 'ignore' } as const;
/** Database servers refuse to run as root. */
const as = (user: string, command: readonly string[]): [string, string[]] =>
  root ? ['runuser', ['-u', user, '--', ...command]] : [command[0] as string, command.slice(1)];

function program(name: string, ...patterns: readonly string[]): string {
  const found = [
    '/usr/bin',
    '/usr/sbin',
    '/usr/local/bin',
    ...patterns.flatMap((pattern) => globSync(pattern).sort().reverse()),
  ]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not installed`);
  return found;
}

const SERVICES: readonly Service[] = [
  {
    name: 'PostgreSQL',
    port: 5432,
    packages: 'postgresql',
    start(folder) {
      const bin = '/usr/lib/postgresql/*/bin';
      const data = join(folder, 'data');
      execFileSync(...as('postgres', [program('initdb', bin), '-D', data, '-U', 'postgres', '-A', 'trust']), quiet);
      const listen = ['-p', '5432', '-c', 'listen_addresses=127.0.0.1', '-k', folder];
      return spawn(...as('postgres', [program('postgres', bin), '-D', data, ...listen]), quiet);
    },
  },
  {
    name: 'MariaDB',
    port: 3306,
    packages: 'mariadb-server',
    start(folder) {
      const data = join(folder, 'data');
      const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'];
      execFileSync(...as('mysql', [program('mariadb-install-db'), ...install]), quiet);
      const listen = ['--bind-address=127.0.0.1', '--port=3306', `--socket=${join(folder, 'socket')}`];
      return spawn(...as('mysql', [program('mariadbd'), '--no-defaults', `--datadir=${data}`, ...listen]), quiet);
    },
  },
];

const started: { readonly child: ChildProcess; readonly folder: string }[] = [];
try {
  for (const service of SERVICES) await have(service);
  process.env.CSP_TEST_DATABASES = 'postgresql://postgres@127.0.0.1:5432/postgres mariadb://root@127.0.0.1:3306/mysql';
  const vitest = await startVitest('test', [], {
    watch: false,
    include: ['**/*.services.test.ts', 'modules/storage/src/store-contract.test.ts'],
    exclude: ['**/node_modules/**'],
  });
  await vitest.close();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  for (const { child, folder } of started) {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function have(service: Service): Promise<void> {
  if (await answers(service.port)) {
    console.log(`${service.name}: running on port ${service.port}`);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'csp-service-'));
  chmodSync(folder, 0o777);
  let child: ChildProcess;
  try {
    child = service.start(folder);
  } catch (cause) {
    throw new Error(
      `${service.name} is not running and could not be started: ${(cause as Error).message}. Debian has it as ${service.packages}.`,
    );
  }
  started.push({ child, folder });
  for (let waited = 0; !(await answers(service.port)); waited += 100) {
    if (child.exitCode !== null || waited > 30_000)
      throw new Error(`${service.name} was started and does not answer on port ${service.port}.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  console.log(`${service.name}: started on port ${service.port}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
