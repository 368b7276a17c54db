/** A lease on a folder, for who asks for one: it outlives a program that was killed, and not one that closed. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openJournal } from 'enhanced-csp';
import { expect, test } from 'vitest';

const PROGRAM = new URL('./owner.program.ts', import.meta.url).pathname;

test('killed: the next one waits or takes over; closed, or without a lease: it does not', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'csp-lease-'));
  try {
    const args = [PROGRAM, folder, 'shared', 'life 0', '3600000', 'idle'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    // Paused, it has the folder still: the lock is the system's.
    child.kill('SIGSTOP');
    await expect(openJournal(folder, 'shared', { takeOver: true })).rejects.toMatchObject({ code: 'CSP-STO-006' });
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));

    await expect(openJournal(folder, 'shared')).rejects.toMatchObject({
      code: 'CSP-STO-019',
      details: { journal: 'shared', holder: 'life 0' },
    });
    const over = await openJournal(folder, 'shared', { takeOver: true, leaseMs: 3_600_000 });
    expect(over.journal.epoch).toBe(2);
    await over.close();
    const without = await openJournal(folder, 'shared');
    await without.close();
    const last = await openJournal(folder, 'shared');
    expect(last.journal.epoch).toBe(4);
    await last.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
}, 60_000);
