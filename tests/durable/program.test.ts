/** The programs of the documentation are run, killed with SIGKILL at many moments, and run to their end. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const programs = [...readFileSync('docs/durable-processes.md', 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map(
  ([, program]) => program!,
);

/** What it says, killed after so many lines in each of its lives. */
async function run(program: string, data: string, lives: readonly number[]): Promise<string[]> {
  const folder = mkdtempSync(join('tests', '.durable-'));
  try {
    expect(program).toContain(data);
    writeFileSync(join(folder, 'program.ts'), program.replace(data, 'process.argv[2] as string'));
    const told: string[] = [];
    for (const lines of lives)
      await new Promise<void>((resolve) => {
        const child = spawn(process.execPath, [join(folder, 'program.ts'), join(folder, 'data')], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let heard = 0;
        child.stdout.on('data', (text: Buffer) => {
          const said = text.toString().trim().split('\n');
          told.push(...said);
          heard += said.length;
          if (heard >= lines) child.kill('SIGKILL');
        });
        child.once('exit', () => resolve());
      });
    return told;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('each order is sold once, whenever it is killed', async () => {
  const sales = await run(programs[0]!, "'shop-data'", [1, 1, 2, Number.POSITIVE_INFINITY]);
  expect([...new Set(sales)]).toEqual(['shop/clerk/2 a: 2 sold', 'shop/clerk/4 b: 4 sold', 'shop/clerk/6 c: 6 sold']);
}, 60_000);

test('what was refused is refused in every life', async () => {
  const told = await run(programs[1]!, "'sale-data'", [1, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  const refused =
    'charge.clerk.till was not delivered: charge.clerk.till is not possible now; expected paid.till.clerk';
  expect([...new Set(told)]).toEqual([refused, '5 paid']);
  expect(told.at(-2)).toBe('5 paid'); // The third life is told the end, and nothing else.
}, 60_000);
