/** Backups of the embedded store: taken while the server runs, verified, put back while it does not. */
import { copyFileSync, existsSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { Fault } from '@enhanced-csp/platform';
import { embeddedFile, readEmbedded, type TableSummary, verifyEmbedded } from './contents.ts';
import { lockFolder } from './lock.ts';
import { makeFolder } from './make-folder.ts';

/**
 * Copies the database of a folder to a file: one moment of it, whole, also while a server writes.
 *
 * @throws Fault `CSP-STO-016` when there is no such database, `CSP-STO-007` when the copy is not whole, `CSP-STO-014` when the file is there already.
 */
export async function backupTo(folder: string, file: string): Promise<readonly TableSummary[]> {
  if (existsSync(file)) throw new Fault('CSP-STO-014', 'conflict', `${file} is there already.`);
  readEmbedded(embeddedFile(folder)).close();
  makeFolder(dirname(file));
  const unfinished = `${file}.unfinished`;
  const source = new DatabaseSync(embeddedFile(folder), { readOnly: true });
  try {
    await backup(source, unfinished);
    // One file, without a log beside it.
    const made = new DatabaseSync(unfinished);
    made.exec('PRAGMA journal_mode = DELETE');
    made.close();
    const summaries = verifyEmbedded(unfinished);
    renameSync(unfinished, file);
    return summaries;
  } finally {
    source.close();
    rmSync(unfinished, { force: true });
  }
}

/**
 * Puts a backup in the place of the database of a folder. What was there is kept beside it as `csp.db.replaced`.
 *
 * @throws Fault `CSP-STO-006` when a server has the folder, `CSP-STO-007` when the backup is not whole; nothing was changed then.
 */
export function restoreFrom(file: string, folder: string): readonly TableSummary[] {
  const summaries = verifyEmbedded(file);
  const lock = lockFolder(folder);
  try {
    const target = embeddedFile(folder);
    copyFileSync(file, `${target}.restored`);
    const copied = verifyEmbedded(`${target}.restored`);
    if (JSON.stringify(copied) !== JSON.stringify(summaries))
      throw new Fault('CSP-STO-015', 'internal', `The copy of ${file} differs from it. Nothing was changed.`);
    if (existsSync(target)) {
      // What a server that crashed left in the log belongs to the database that is set aside.
      const replaced = new DatabaseSync(target);
      replaced.exec('PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE');
      replaced.close();
      renameSync(target, `${target}.replaced`);
    }
    renameSync(`${target}.restored`, target);
    return copied;
  } finally {
    rmSync(`${embeddedFile(folder)}.restored`, { force: true });
    lock.release();
  }
}
