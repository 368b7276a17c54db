/** Lock, file and store as one thing with one lifetime. */
import { join } from 'node:path';
import type { Collection, Log } from '@enhanced-csp/platform';
import { lockFolder } from './lock.ts';
import { openDatabase } from './open.ts';
import { SlowSearches } from './slow-searches.ts';
import { SqliteStore } from './sqlite-store.ts';

/**
 * Opens the store of a data folder, and makes folder and tables where they are missing.
 *
 * ```ts
 * const { store, close } = openStore('csp-data', { collections: [], now: Date.now });
 * await store.commit([{ change: 'append', stream: 'log', entries: [new TextEncoder().encode('hello')] }]);
 * close();
 * ```
 * @throws Fault `CSP-STO-006` when another server has the folder, `CSP-STO-007`, `-008`, `-010` when the file or the folder cannot be used.
 */
export function openStore(
  folder: string,
  options: {
    readonly collections: readonly Collection[];
    /** Milliseconds since 1970. */
    readonly now: () => number;
    readonly queueMax?: number;
    readonly queueBytesMax?: number;
    /** Searches that take longer are told in the log, with their plan. Default: none is. */
    readonly slowMs?: number;
    readonly log?: Pick<Log, 'warn'>;
  },
): { readonly store: SqliteStore; readonly afterCrash: boolean; close(): void } {
  const { collections, now, queueMax = 10_000, queueBytesMax = 256 * 1024 * 1024, slowMs = 0, log } = options;
  const lock = lockFolder(folder);
  try {
    const database = openDatabase(join(folder, 'csp.db'), { collections, now, afterCrash: lock.afterCrash });
    const store = new SqliteStore(database, {
      collections,
      now,
      queueMax,
      queueBytesMax,
      slow: log && new SlowSearches({ slowMs, log, now }),
    });
    return {
      store,
      afterCrash: lock.afterCrash,
      close() {
        store.close();
        lock.release();
      },
    };
  } catch (fault) {
    lock.release({ clean: !lock.afterCrash });
    throw fault;
  }
}
