/**
 * One server for each data folder.
 *
 * The lock is the operating system's, taken through SQLite on `server.lock`: it ends with the process that holds it, however that ends, so a
 * lock is never stale and no race decides who may take over. `server.pid` beside it only tells whose it is.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '@enhanced-csp/platform';
import { makeFolder, unusableFolder } from './make-folder.ts';
import { isBusy } from './sqlite-error.ts';

export interface Lock {
  /** The server before this one ended without releasing: it crashed, or was killed. */
  readonly afterCrash: boolean;
  /** `clean: false` leaves the mark of a crash for the next one to see. */
  release(options?: { readonly clean: boolean }): void;
}

/** A connection nobody refers to is closed by the garbage collector, and its lock is gone. */
const held = new Set<DatabaseSync>();

/** @throws Fault `CSP-STO-006` when another server has the folder, `CSP-STO-010` when the folder cannot be used. */
export function lockFolder(folder: string): Lock {
  const pidFile = join(folder, 'server.pid');
  let holder: DatabaseSync;
  try {
    makeFolder(folder, 0o700);
    holder = new DatabaseSync(join(folder, 'server.lock'));
  } catch (cause) {
    throw unusableFolder(folder, cause);
  }
  try {
    holder.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    const afterCrash = readPid(pidFile) !== undefined;
    // Written beside and renamed, so that whoever reads it never sees half a number.
    writeFileSync(`${pidFile}.new`, `${process.pid}\n`);
    renameSync(`${pidFile}.new`, pidFile);
    held.add(holder);
    return {
      afterCrash,
      release({ clean } = { clean: true }) {
        if (clean) rmSync(pidFile, { force: true });
        held.delete(holder);
        holder.close();
      },
    };
  } catch (cause) {
    holder.close();
    throw isBusy(cause) ? taken(folder, readPid(pidFile)) : unusableFolder(folder, cause);
  }
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8').trim());
    return Number.isSafeInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
}

function taken(folder: string, pid: number | undefined): Fault {
  const owner = pid === undefined ? 'Another server' : `The server with PID ${pid}`;
  return new Fault(
    'CSP-STO-006',
    'conflict',
    `${owner} uses the data folder ${folder}. Stop it, or choose another folder.`,
    {
      details: { folder, ...(pid === undefined ? {} : { pid }) },
    },
  );
}
