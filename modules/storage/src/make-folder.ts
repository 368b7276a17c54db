/** Folders that are made where they are missing: the data folder, those of backups and of logs. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Fault } from '@enhanced-csp/platform';

/**
 * Makes a folder and those above it, one after the other. Node's own `recursive` never comes back below a place where nothing can be made and the system
 * calls that ENOENT, as `/proc` does: it then tries the folder above, finds it, and begins anew.
 *
 * @returns the uppermost folder that was made, absolute; `undefined` when all were there.
 * @throws the error of the system for the first that cannot be made.
 *
 * @example
 * makeFolder('backups/2026'); // '/home/me/backups', when neither was there
 */
export function makeFolder(folder: string, mode = 0o777): string | undefined {
  const whole = resolve(folder);
  const missing: string[] = [];
  for (let at = whole; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const one of missing.length > 0 ? missing : [whole])
    try {
      mkdirSync(one, { mode });
    } catch (cause) {
      // It was there, or somebody else has made it in this moment.
      if (statSync(one, { throwIfNoEntry: false })?.isDirectory() !== true) throw cause;
    }
  return missing[0];
}

/** Why a data folder cannot be used, in words. */
export function unusableFolder(folder: string, cause: unknown): Fault {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Fault(
    'CSP-STO-010',
    'unavailable',
    `The data folder ${folder} cannot be used: ${reason}. Set data_dir to a folder on a local disk that this user may write.`,
    {
      details: { folder },
      cause,
    },
  );
}
