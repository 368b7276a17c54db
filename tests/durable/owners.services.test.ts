/** Two owners of one journal on PostgreSQL: one that is paused with SIGSTOP and goes on later can write nothing any more. */
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

function owner(place: string, life: string): Owner {
  const child = spawn(process.execPath, [PROGRAM, place, 'shared', life], { stdio: ['ignore', 'pipe', 'inherit'] });
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

test.each(servers)(
  '%s',
  async (server) => {
    const client = new pg.Client({ connectionString: server });
    await client.connect();
    const database = `csp_test_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
    await client.query(`CREATE DATABASE ${database}`);
    const url = new URL(server);
    url.pathname = `/${database}`;
    const answered: string[] = [];
    const heard = ({ lines }: Owner) => lines.filter((line) => line.startsWith('sent ')).map((line) => line.slice(5));
    try {
      // Paused at moments that differ, in the middle of a transaction too, and awakened under a new owner that writes.
      let paused = owner(url.href, 'life 0');
      await paused.says('sent');
      for (let round = 1; round <= 6; round++) {
        await pause(3 + 17 * round);
        paused.child.kill('SIGSTOP');
        const next = owner(url.href, `life ${round}`);
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

      const { journal, close } = await openJournal(url.href, 'shared');
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
      expect(owners).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      expect(writers).toEqual([0, 1, 2, 3, 4, 5, 6].map((life) => `life ${life}`));
      expect(new Set(written).size).toBe(written.length);
      const kept = new Set(written);
      expect(answered.filter((value) => !kept.has(value))).toEqual([]);
      expect(answered.length).toBeGreaterThan(50);
    } finally {
      await client.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await client.end();
    }
  },
  120_000,
);
