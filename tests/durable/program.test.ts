/** The program of the documentation is run, killed with SIGKILL at many moments, and run to its end. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const program = /```ts\n([\s\S]*?)```/.exec(readFileSync('docs/durable-processes.md', 'utf8'))![1]!;

test('each order is sold once, whenever it is killed', async () => {
  const folder = mkdtempSync(join('tests', '.durable-'));
  try {
    writeFileSync(join(folder, 'program.ts'), program.replace("'shop-data'", 'process.argv[2] as string'));
    const sales: string[] = [];
    for (const lines of [1, 1, 2, Number.POSITIVE_INFINITY])
      await new Promise<void>((resolve) => {
        const child = spawn(process.execPath, [join(folder, 'program.ts'), join(folder, 'data')], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let heard = 0;
        child.stdout.on('data', (text: Buffer) => {
          const said = text.toString().trim().split('\n');
          sales.push(...said);
          heard += said.length;
          if (heard >= lines) child.kill('SIGKILL');
        });
        child.once('exit', () => resolve());
      });
    expect([...new Set(sales)]).toEqual(['shop/clerk/2 a: 2 sold', 'shop/clerk/4 b: 4 sold', 'shop/clerk/6 c: 6 sold']);
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
