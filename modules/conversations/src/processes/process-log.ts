/**
 * What a process did: its changes of status and the events it performed, the last ones of them. An entry is written in the commit of what it tells, so
 * the log never says more or less than happened.
 *
 * A ring: entry `n` lies in place `n mod ENTRIES_KEPT`, and whoever reads asks the entry for its number.
 */
import type { Change, Store } from '@enhanced-csp/platform';

export const PROCESS_LOG = { name: 'process_log', fields: {} } as const;

export const ENTRIES_KEPT = 1000;

export type LogEntry = {
  readonly process_id: string;
  /** Counts from 0 for each process. */
  readonly sequence: number;
  readonly at: string;
} & (
  | { readonly kind: 'status'; readonly status: string; readonly reason?: string }
  | { readonly kind: 'event'; readonly event: string; readonly events_processed: number }
);

export function entryChange(entry: LogEntry): Change {
  const id = place(entry.process_id, entry.sequence);
  return { change: 'put', collection: PROCESS_LOG.name, id, fields: {}, body: entry };
}

/** Takes all entries away; `logged`: how many there were. */
export function forgetChanges(processId: string, logged: number): readonly Change[] {
  return Array.from({ length: Math.min(logged, ENTRIES_KEPT) }, (_, sequence) => ({
    change: 'delete',
    collection: PROCESS_LOG.name,
    id: place(processId, sequence),
  }));
}

export function oldestOf(logged: number): number {
  return Math.max(0, logged - ENTRIES_KEPT);
}

/** Entries from `from` on, as far as they are kept. */
export async function readEntries(
  store: Store,
  processId: string,
  range: { readonly from: number; readonly limit: number; readonly logged: number },
): Promise<readonly LogEntry[]> {
  const first = Math.max(range.from, oldestOf(range.logged));
  const count = Math.max(0, Math.min(range.limit, range.logged - first));
  const stored = await Promise.all(
    Array.from({ length: count }, (_, index) =>
      store.get<LogEntry>(PROCESS_LOG.name, place(processId, first + index)).then((found) => found?.body),
    ),
  );
  // One that was overwritten in the meantime is not kept any more.
  return stored.filter((entry, index): entry is LogEntry => entry?.sequence === first + index);
}

function place(processId: string, sequence: number): string {
  return `${processId}.${sequence % ENTRIES_KEPT}`;
}
