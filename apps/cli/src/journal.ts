/** A journal with its store, from the place where it is: a data folder, or a PostgreSQL database. */
import { hostname } from 'node:os';
import type { Journal } from '@enhanced-csp/engine/durable';
import type { Collection, Store } from '@enhanced-csp/platform';
import type { JournalAudit, JournalStore } from '@enhanced-csp/storage';

export interface OpenedJournal {
  readonly journal: Journal;
  /** What processes `write` to; other collections than those given are not in it. */
  readonly store: Store;
  /** Gives up the lease, and closes the store. */
  close(): Promise<void>;
}

export interface OpenJournalOptions {
  readonly collections?: readonly Collection[];
  readonly audit?: JournalAudit;
  /**
   * For how long nobody else becomes the owner unasked, from each renewal on, which this program sees to while it lives; by the clock of the database.
   * 0: no lease, and the newest opener is the owner. Default: 10 seconds on a database; none in a folder, whose lock ends with its program.
   */
  readonly leaseMs?: number;
  /** Told to those who are refused. Default: this machine and process. */
  readonly holder?: string;
  /** Becomes the owner at once, whoever holds a lease: for when it is known to be gone. It is fenced in any case. */
  readonly takeOver?: boolean;
}

const LEASE_MS = 10_000;
/** The timer only asks; the journal knows when the lease is due. */
const ASKED_IN_A_LEASE = 6;

/**
 * Opens the journal `name` as its new owner: whoever had it before can write nothing any more.
 *
 * `place` is a folder, which one program has at a time, or `postgresql://…`, where a new owner may take over while the old one is alive, or paused.
 *
 * @throws Fault `CSP-STO-006` when another program has the folder, `-012` when the database cannot be reached, `-019` while another owner holds a lease:
 *   `details.leftMs` says for how long
 * @example
 * const { journal, close } = await openJournal('shop-data', 'shop');
 * const durable = await DurableNetwork.open(engine, journal, { name: 'shop', now: Date.now });
 */
export async function openJournal(
  place: string,
  name: string,
  options: OpenJournalOptions = {},
): Promise<OpenedJournal> {
  const { collections = [], audit, takeOver = false, holder = `${hostname()}, process ${process.pid}` } = options;
  const { leaseMs = isUrl(place) ? LEASE_MS : 0 } = options;
  // Databases are loaded by those who use them.
  const { JOURNAL_COLLECTIONS, openJournal: openIn } = await import('@enhanced-csp/storage');
  const { store, close } = await storeAt(place, [...JOURNAL_COLLECTIONS, ...collections]);
  try {
    const lease = leaseMs === 0 ? {} : { lease: { holder, milliseconds: leaseMs } };
    const journal = await openIn(store, name, { takeOver, ...lease, ...(audit && { audit }) });
    // A renewal that fails is tried again; a newer owner is told by the journal itself.
    const renewing =
      leaseMs === 0 ? undefined : setInterval(() => journal.renew().catch(() => {}), leaseMs / ASKED_IN_A_LEASE);
    renewing?.unref();
    return {
      journal,
      store,
      async close() {
        clearInterval(renewing);
        await journal.release().catch(() => {}); // Then it runs out, or is another's.
        await close();
      },
    };
  } catch (fault) {
    await close();
    throw fault;
  }
}

const isUrl = (place: string): boolean => /^[a-z]+:\/\//.test(place);

async function storeAt(
  place: string,
  collections: readonly Collection[],
): Promise<{ readonly store: JournalStore; close(): Promise<void> }> {
  const now = Date.now;
  const { maintenance, openStore } = await import('@enhanced-csp/storage');
  if (isUrl(place)) {
    const { openRemoteStore } = await maintenance();
    return openRemoteStore(place, { collections, now, shared: true });
  }
  const { store, close } = openStore(place, { collections, now });
  return { store, close: async () => close() };
}
