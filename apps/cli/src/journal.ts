/** A journal with its store, from the place where it is: a data folder, or a PostgreSQL database. */
import type { Journal } from '@enhanced-csp/engine/durable';
import type { Collection, Store } from '@enhanced-csp/platform';
import type { JournalAudit } from '@enhanced-csp/storage';

export interface OpenedJournal {
  readonly journal: Journal;
  /** What processes `write` to; other collections than those given are not in it. */
  readonly store: Store;
  close(): Promise<void>;
}

/**
 * Opens the journal `name` as its new owner: whoever had it before can write nothing any more.
 *
 * `place` is a folder, which one program has at a time, or `postgresql://…`, where a new owner may take over while the old one is alive, or paused.
 *
 * @throws Fault `CSP-STO-006` when another program has the folder, `-012` when the database cannot be reached
 * @example
 * const { journal, close } = await openJournal('shop-data', 'shop');
 * const durable = await DurableNetwork.open(engine, journal, { name: 'shop', now: Date.now });
 */
export async function openJournal(
  place: string,
  name: string,
  options: { readonly collections?: readonly Collection[]; readonly audit?: JournalAudit } = {},
): Promise<OpenedJournal> {
  const { collections = [], ...rest } = options;
  // Databases are loaded by those who use them.
  const { JOURNAL_COLLECTIONS, openJournal: openIn } = await import('@enhanced-csp/storage');
  const { store, close } = await storeAt(place, [...JOURNAL_COLLECTIONS, ...collections]);
  try {
    return { journal: await openIn(store, name, rest), store, close };
  } catch (fault) {
    await close();
    throw fault;
  }
}

async function storeAt(
  place: string,
  collections: readonly Collection[],
): Promise<{ readonly store: Store; close(): Promise<void> }> {
  const now = Date.now;
  const { maintenance, openStore } = await import('@enhanced-csp/storage');
  if (/^[a-z]+:\/\//.test(place)) {
    const { openRemoteStore } = await maintenance();
    return openRemoteStore(place, { collections, now, shared: true });
  }
  const { store, close } = openStore(place, { collections, now });
  return { store, close: async () => close() };
}
