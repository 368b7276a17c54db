/** `csp doctor`: everything a platform needs on this machine, one line each, with what to do about what is missing. */
import { accessSync, constants, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { check } from '@enhanced-csp/engine';
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { portNumber } from '../flags.ts';

interface Flags {
  readonly port: number;
  readonly data: string;
  readonly json: boolean;
}

interface Finding {
  readonly name: string;
  readonly healthy: boolean;
  readonly detail: string;
  readonly next?: string;
}

export const doctorCommand = buildCommand<Flags, [], Context>({
  docs: {
    brief: 'Check what a platform needs on this machine',
    fullDescription: [
      'Looks at Node, the checker, the data folder, the embedded database and the port.',
      '',
      '  csp doctor',
      '  csp doctor --port 9000 --data /var/lib/csp',
      '  csp doctor --json',
      '',
      'Exit status: 0 all is well, 1 something is not.',
    ].join('\n'),
  },
  parameters: {
    flags: {
      port: { kind: 'parsed', parse: portNumber, default: '8000', brief: 'The port the platform would use' },
      data: { kind: 'parsed', parse: String, default: 'csp-data', brief: 'The data folder' },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
    },
  },
  async func({ port, data, json }) {
    const findings = [node(), checker(), folder(data), await database(), await portState(port)];
    if (json) this.print(JSON.stringify({ findings }));
    else
      for (const { name, healthy, detail, next } of findings) {
        this.print(`${healthy ? this.paint.good('✓') : this.paint.bad('✗')} ${name.padEnd(10)} ${detail}`);
        if (next) this.print(`  ${' '.repeat(10)} ${next}`);
      }
    this.end(findings.every((finding) => finding.healthy) ? EXIT.ok : EXIT.propertyFails);
  },
});

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
