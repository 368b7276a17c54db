/** A sample of what `npm run crash` does with every byte. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { tearTail } from '../../scripts/crash/torn-tail.ts';

test('a torn write-ahead log leaves the last commit wholly there or wholly not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'csp-torn-'));
  try {
    const { copies, whole, absent, wrong } = await tearTail(folder, 997);
    expect(wrong).toEqual([]);
    expect(copies).toBeGreaterThan(20);
    expect(whole).toBeGreaterThan(0);
    expect(absent).toBeGreaterThan(10);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
