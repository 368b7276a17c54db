/** The work of `csp doctor`, loaded when the command is called. */
import { accessSync, constants, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { check } from '@enhanced-csp/engine';
import type { Flags } from '../commands/doctor.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';

interface Finding {
  readonly name: string;
  readonly healthy: boolean;
  readonly detail: string;
  readonly next?: string;
}

export async function diagnose(this: Context, { port, data, json }: Flags): Promise<void> {
  const findings = [node(), checker(), folder(data), await database(), await portState(port)];
  if (json) this.print(JSON.stringify({ findings }));
  else
    for (const { name, healthy, detail, next } of findings) {
      this.print(`${healthy ? this.paint.good('✓') : this.paint.bad('✗')} ${name.padEnd(10)} ${detail}`);
      if (next) this.print(`  ${' '.repeat(10)} ${next}`);
    }
  this.end(findings.every((finding) => finding.healthy) ? EXIT.ok : EXIT.propertyFails);
}

function node(): Finding {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const detail = `Node ${process.versions.node}`;
  return major >= 24
    ? { name: 'node', healthy: true, detail }
    : { name: 'node', healthy: false, detail, next: 'Node 24 or newer is needed; in a checkout, npm ci brings it.' };
}

/** The checker refutes what it must and proves what it must, here and now. */
function checker(): Finding {
  const source = 'channel a\nP = a -> P\nQ = a -> STOP\nassert P :[deadlock free [F]]\nassert Q :[deadlock free [F]]\n';
  const verdicts = check(source, { file: 'doctor.csp', now: () => performance.now() }).assertions.map((a) => a.verdict);
  const healthy = verdicts.join() === 'holds,fails';
  return { name: 'checker', healthy, detail: healthy ? 'proves and refutes as it must' : `gave ${verdicts.join()}` };
}

function folder(data: string): Finding {
  const path = resolve(data);
  try {
    const made = mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
    const { bavail, bsize } = statfsSync(path);
    if (made !== undefined) rmSync(made, { recursive: true });
    const free = (bavail * bsize) / 2 ** 30;
    const detail = `${path}, ${free.toFixed(1)} GiB free`;
    return free > 0.1
      ? { name: 'data', healthy: true, detail }
      : { name: 'data', healthy: false, detail, next: 'Free some space, or choose another folder with --data.' };
  } catch (error) {
    return {
      name: 'data',
      healthy: false,
      detail: `${path}: ${(error as Error).message}`,
      next: 'Choose a folder you may write to: --data.',
    };
  }
}

async function database(): Promise<Finding> {
  const { DatabaseSync } = await import('node:sqlite');
  const memory = new DatabaseSync(':memory:');
  const { version } = memory.prepare('select sqlite_version() as version').get() as { version: string };
  memory.close();
  return { name: 'database', healthy: true, detail: `embedded SQLite ${version}` };
}

function portState(port: number): Promise<Finding> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error) =>
      done({
        name: 'port',
        healthy: false,
        detail: `127.0.0.1:${port}: ${error.message}`,
        next: 'Something listens there already (csp status tells whether it is a platform); or choose another with --port.',
      }),
    );
    server.listen(port, '127.0.0.1', () =>
      server.close(() => done({ name: 'port', healthy: true, detail: `127.0.0.1:${port} is free` })),
    );
  });
}
