/** The work of `csp doctor`, loaded when the command is called. */
import { accessSync, constants, rmSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { check } from '@enhanced-csp/engine';
import { type Configuration, configurationKeys, Fault } from '@enhanced-csp/platform';
import { readConfiguration } from '@enhanced-csp/server';
import { maintenance, makeFolder, STORAGE_ERRORS } from '@enhanced-csp/storage';
import type { Flags } from '../commands/doctor.ts';
import type { Context } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { redisAnswer } from '../redis-answer.ts';

interface Finding {
  readonly name: string;
  /** Absent: this version does not have it, so nothing can be wrong with it. */
  readonly healthy?: boolean;
  readonly detail: string;
  readonly next?: string;
}

export async function diagnose(this: Context, { port, data, config, json }: Flags): Promise<void> {
  const read = await readConfiguration({ file: config, env: this.env, flags: { port, data_dir: data } });
  const errors = read.diagnostics.filter(({ severity }) => severity === 'error');
  const findings: Finding[] = [configured(read.diagnostics), node(), checker()];
  if (read.kind === 'loaded') {
    const { values } = read;
    findings.push(folder(values.data_dir), await database(values), await redis(values), await api(values));
  } else
    findings.push({
      name: 'others',
      healthy: false,
      detail: `not looked at: ${errors.length} mistakes in the configuration`,
    });
  findings.push(...notHere());
  if (json) this.print(JSON.stringify({ findings }));
  else
    for (const { name, healthy, detail, next } of findings) {
      const mark = healthy === undefined ? this.paint.faint('-') : healthy ? this.paint.good('✓') : this.paint.bad('✗');
      this.print(`${mark} ${name.padEnd(13)} ${detail}`);
      if (next) this.print(`  ${' '.repeat(13)} ${next}`);
    }
  this.end(findings.every(({ healthy }) => healthy !== false) ? EXIT.ok : EXIT.propertyFails);
}

function configured(diagnostics: Awaited<ReturnType<typeof readConfiguration>>['diagnostics']): Finding {
  const [error] = diagnostics.filter(({ severity }) => severity === 'error');
  if (error !== undefined)
    return {
      name: 'configuration',
      healthy: false,
      detail: `${error.place}: ${error.message}`,
      next: 'csp config check says all of it.',
    };
  const idle = diagnostics.filter(({ code }) => code === 'CSP-CFG-007').length;
  return {
    name: 'configuration',
    healthy: true,
    detail: idle === 0 ? 'read' : `read; ${idle} keys have no effect in this version: csp config check`,
  };
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
    const made = makeFolder(path);
    accessSync(path, constants.W_OK);
    const { bavail, bsize } = statfsSync(path);
    if (made !== undefined) rmSync(made, { recursive: true });
    const free = (bavail * bsize) / 2 ** 30;
    const detail = `${path}, ${free.toFixed(1)} GiB free`;
    return free > 0.1
      ? { name: 'data', healthy: true, detail }
      : { name: 'data', healthy: false, detail, next: 'Free some space, or choose another folder: data_dir.' };
  } catch (error) {
    return {
      name: 'data',
      healthy: false,
      detail: `${path}: ${(error as Error).message}`,
      next: 'Choose a folder you may write to: data_dir.',
    };
  }
}

async function database({ database: { url, experimental }, data_dir }: Configuration): Promise<Finding> {
  const name = 'database';
  const { DatabaseSync } = await import('node:sqlite');
  if (url === 'sqlite') {
    const memory = new DatabaseSync(':memory:');
    const { version } = memory.prepare('select sqlite_version() as version').get() as { version: string };
    memory.close();
    return { name, healthy: true, detail: `embedded SQLite ${version}, in ${resolve(data_dir)}` };
  }
  try {
    const steps = await (await maintenance()).remoteStatus(url, { experimental });
    const missing = steps.filter(({ applied }) => !applied).length;
    const detail =
      missing === 0 ? 'answers, and its schema is up to date' : `answers; ${missing} steps of the schema are missing`;
    return missing === 0
      ? { name, healthy: true, detail }
      : { name, healthy: true, detail, next: 'A start makes them; so does csp db migrate.' };
  } catch (error) {
    const next =
      error instanceof Fault ? (STORAGE_ERRORS as Record<string, { next: string }>)[error.code]?.next : undefined;
    return {
      name,
      healthy: false,
      detail: (error as Error).message,
      next: next ?? 'Start the database server, or correct database.url.',
    };
  }
}

async function redis({ redis: { url } }: Configuration): Promise<Finding> {
  const name = 'redis';
  if (url === undefined) return { name, healthy: true, detail: 'not configured: answers are cached in memory' };
  try {
    return { name, healthy: true, detail: await redisAnswer(url) };
  } catch (error) {
    return {
      name,
      healthy: false,
      detail: (error as Error).message,
      next: 'Start Redis, correct redis.url, or remove it. The platform works without it, with a cache of its own.',
    };
  }
}

/** A platform at the address, or nobody. */
async function api({ host, port }: Configuration): Promise<Finding> {
  const name = 'api';
  const at = `${host}:${port}`;
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  try {
    const { status } = (await (await fetch(`${url}/health`, { signal: AbortSignal.timeout(5000) })).json()) as {
      status?: string;
    };
    if (status === 'healthy') return { name, healthy: true, detail: `a platform runs at ${url}, healthy` };
    if (status !== undefined)
      return {
        name,
        healthy: false,
        detail: `a platform runs at ${url}, ${status}`,
        next: 'csp status says which part.',
      };
  } catch {
    // Nobody, or somebody else: the port tells.
  }
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (error) =>
      done({
        name,
        healthy: false,
        detail: `${at}: ${error.message}`,
        next: 'Something else listens there, or the address is not of this machine: choose another with port and host.',
      }),
    );
    server.listen(port, host, () =>
      server.close(() => done({ name, healthy: true, detail: `no platform runs; ${at} is free` })),
    );
  });
}

/** What the guide has and this version does not, in the words of its keys. */
function notHere(): readonly Finding[] {
  const reasonOf = (section: string) =>
    configurationKeys().find(({ path, withoutEffect }) => path.startsWith(`${section}.`) && withoutEffect !== undefined)
      ?.withoutEffect;
  return [
    ['ai hub', 'ai_integration'],
    ['quantum', 'quantum'],
    ['blockchain', 'blockchain'],
  ].flatMap(([name, section]) => {
    const reason = reasonOf(section as string);
    return reason === undefined ? [] : [{ name: name as string, detail: reason }];
  });
}
