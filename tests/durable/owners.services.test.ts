/** Owners of one journal on PostgreSQL: who is paused with SIGSTOP and goes on later can write nothing any more, whether it was taken over or its lease ran out. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { openJournal } from 'enhanced-csp';
import pg from 'pg';
import { expect, test } from 'vitest';

const PROGRAM = new URL('./owner.program.ts', import.meta.url).pathname;
const servers = (process.env.CSP_TEST_DATABASES ?? '').split(' ').filter((url) => url.startsWith('postgres'));

interface Owner {
  readonly child: ChildProcess;
  readonly lines: string[];
  readonly exited: Promise<void>;
  /** Resolves when it has said so. */
  says(word: string): Promise<void>;
}

function owner(place: string, life: string, leaseMs: number, ...words: readonly string[]): Owner {
  const args = [PROGRAM, place, 'shared', life, String(leaseMs), ...words];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  child.stdout!.on('data', (text: Buffer) => lines.push(...text.toString().trim().split('\n')));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    lines,
    exited,
    async says(word) {
      for (let waited = 0; !lines.some((line) => line.startsWith(word)); waited += 10) {
        if (waited > 20_000) throw new Error(`${life} did not say ${word}: ${lines.slice(-3).join(' | ')}`);
        await pause(10);
      }
    },
  };
}

test('there is a server to test with', () => expect(servers.length).toBeGreaterThan(0));

const heard = ({ lines }: Owner) => lines.filter((line) => line.startsWith('sent ')).map((line) => line.slice(5));

async function emptyDatabase(server: string): Promise<{ readonly href: string; drop(): Promise<void> }> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  const database = `csp_test_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  await client.query(`CREATE DATABASE ${database}`);
  const url = new URL(server);
  url.pathname = `/${database}`;
  return {
    href: url.href,
    async drop() {
      await client.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await client.end();
    },
  };
}

/** One owner after the other, nothing doubled, and nothing lost that was answered. */
async function examine(place: string, lives: number, answered: readonly string[]): Promise<void> {
  const { journal, close } = await openJournal(place, 'shared', { takeOver: true });
  const written: string[] = [];
  const owners: number[] = [];
  const writers: string[] = [];
  for await (const entry of journal.read(0)) {
    if (entry.kind === 'opened') owners.push(entry.epoch);
    if (entry.kind !== 'communicated' && entry.kind !== 'buffered') continue;
    written.push(String(entry.value));
    const life = String(entry.value).split('.')[0]!;
    if (writers.at(-1) !== life) writers.push(life);
    expect(entry.sender[0]).toBe(`outside ${owners.at(-1)}`); // Nobody writes after a newer owner has begun.
  }
  await close();
  expect(owners).toEqual(Array.from({ length: lives + 1 }, (_, index) => index + 1));
  expect(writers).toEqual(Array.from({ length: lives }, (_, life) => `life ${life}`));
  expect(new Set(written).size).toBe(written.length);
  const kept = new Set(written);
  expect(answered.filter((value) => !kept.has(value))).toEqual([]);
}

test.each(servers)(
  '%s: taken over',
  async (server) => {
    const { href, drop } = await emptyDatabase(server);
    const answered: string[] = [];
    try {
      // Paused at moments that differ, in the middle of a transaction too, and awakened under a new owner that writes.
      let paused = owner(href, 'life 0', 10_000, 'takeOver');
      await paused.says('sent');
      for (let round = 1; round <= 6; round++) {
        await pause(3 + 17 * round);
        paused.child.kill('SIGSTOP');
        const next = owner(href, `life ${round}`, 10_000, 'takeOver');
        await next.says('sent');
        const before = paused.lines.length;
        paused.child.kill('SIGCONT');
        await paused.exited;
        expect(paused.lines.at(-1), `round ${round}`).toBe('fenced');
        // What it says after it was awakened was written before it was paused, or is its end.
        expect(paused.lines.length - before).toBeLessThanOrEqual(2);
        answered.push(...heard(paused));
        paused = next;
      }
      paused.child.kill('SIGKILL');
      await paused.exited;
      answered.push(...heard(paused));
      await examine(href, 7, answered);
      expect(answered.length).toBeGreaterThan(50);
    } finally {
      await drop();
    }
  },
  120_000,
);

test.each(servers)(
  '%s: a lease is held while its owner lives, whether it writes or not, and runs out when it is paused',
  async (server) => {
    const { href, drop } = await emptyDatabase(server);
    const answered: string[] = [];
    const leaseMs = 3000;
    const round = (life: number) => owner(href, `life ${life}`, leaseMs, ...(life % 2 === 0 ? ['idle'] : []));
    try {
      let holder = round(0);
      await holder.says('sent');
      for (let life = 1; life <= 3; life++) {
        const next = round(life);
        await next.says(`refused life ${life - 1}`);
        await pause(2 * leaseMs);
        expect(next.lines.filter((line) => line.startsWith('owner'))).toEqual([]);
        expect(holder.lines).not.toContain('fenced');
        holder.child.kill('SIGSTOP');
        await next.says('sent');
        const before = holder.lines.length;
        holder.child.kill('SIGCONT');
        await holder.exited;
        expect(holder.lines.at(-1), `life ${life - 1}`).toBe('fenced');
        expect(holder.lines.length - before).toBeLessThanOrEqual(2);
        answered.push(...heard(holder));
        holder = next;
      }
      holder.child.kill('SIGKILL');
      await holder.exited;
      answered.push(...heard(holder));
      await examine(href, 4, answered);
    } finally {
      await drop();
    }
  },
  120_000,
);
