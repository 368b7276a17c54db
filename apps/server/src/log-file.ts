/** Log lines in a file. Written at once, so that the last words of a process are there. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '@enhanced-csp/platform';
import { makeFolder } from '@enhanced-csp/storage';
import type { Write } from './log.ts';

export interface LogFile {
  readonly write: Write;
  close(): void;
}

/**
 * Appends to `file`, readable by its owner and group. On SIGHUP it is opened anew: whoever rotates logs has renamed it by then.
 *
 * @throws Fault `CSP-CFG-008` when it cannot be opened. A line that cannot be written later goes to standard error.
 */
export function openLogFile(file: string): LogFile {
  let descriptor = open(file);
  const reopen = () => {
    try {
      const next = open(file);
      closeSync(descriptor);
      descriptor = next;
    } catch (fault) {
      process.stderr.write(`${(fault as Error).message}\n`);
    }
  };
  process.on('SIGHUP', reopen);
  return {
    write(line) {
      try {
        writeSync(descriptor, line);
      } catch {
        process.stderr.write(line);
      }
    },
    close() {
      process.off('SIGHUP', reopen);
      closeSync(descriptor);
    },
  };
}

function open(file: string): number {
  try {
    makeFolder(dirname(file));
    return openSync(file, 'a', 0o640);
  } catch (cause) {
    throw new Fault('CSP-CFG-008', 'invalid', `The log file ${file} cannot be opened: ${(cause as Error).message}.`, {
      details: { file },
      cause,
    });
  }
}
