/**
 * A group of commits, decided in memory: from the state the database had when it was locked, which commits stand and what is written for
 * them. No input or output; the store reads before and writes after.
 */
import { Fault } from '@enhanced-csp/platform';
import { type PreparedChange, refuseMisplaced, refuseStale } from '../change.ts';

export interface RecordState {
  readonly version: number;
  readonly ordinal: number;
  /** undefined: as it is in the database. */
  readonly put?: { readonly body: string; readonly fields: Readonly<Record<string, string | number | null>> };
}

/** What is locked: records and streams the group names, as they are. */
export interface State {
  /** By collection, then by id. Records that are not there are not in it. */
  readonly records: ReadonlyMap<string, ReadonlyMap<string, RecordState>>;
  /** By collection. */
  readonly lastOrdinals: ReadonlyMap<string, number>;
  readonly lengths: ReadonlyMap<string, number>;
}

export interface Outcome {
  /** One for each commit; undefined: it stands. */
  readonly faults: readonly (Fault | undefined)[];
  /** Records to write, and to delete, by collection. */
  readonly puts: ReadonlyMap<string, ReadonlyMap<string, Required<RecordState>>>;
  readonly deletes: ReadonlyMap<string, readonly string[]>;
  readonly appends: ReadonlyMap<string, { readonly from: number; readonly entries: readonly Uint8Array[] }>;
}

const key = (collection: string, id: string) => `${collection} ${id}`;

interface Written {
  readonly collection: string;
  readonly id: string;
  /** undefined: deleted. */
  readonly state: RecordState | undefined;
}

export function decide(commits: readonly (readonly PreparedChange[])[], state: State): Outcome {
  const records = new Map<string, Written>();
  const streams = new Map<string, Uint8Array[]>();
  const ordinals = new Map(state.lastOrdinals);
  const faults = commits.map((changes) => {
    // One that does not fit leaves no trace: its changes are collected aside.
    const own = new Map<string, Written>();
    const ownStreams = new Map<string, Uint8Array[]>();
    try {
      for (const { change, body } of changes) {
        if (change.change === 'append') {
          const before = streams.get(change.stream)?.length ?? 0;
          const added = ownStreams.get(change.stream) ?? [];
          refuseMisplaced(change, (state.lengths.get(change.stream) ?? 0) + before + added.length);
          ownStreams.set(change.stream, [...added, ...change.entries]);
          continue;
        }
        const { collection, id } = change;
        const known = own.get(key(collection, id)) ?? records.get(key(collection, id));
        const now = known === undefined ? state.records.get(collection)?.get(id) : known.state;
        if (change.change === 'delete') {
          own.set(key(collection, id), { collection, id, state: undefined });
          continue;
        }
        refuseStale(change, now?.version ?? 0);
        const ordinal = now?.ordinal ?? (ordinals.get(collection) ?? 0) + 1;
        if (now === undefined) ordinals.set(collection, ordinal);
        const put = { body: body as string, fields: change.fields };
        own.set(key(collection, id), { collection, id, state: { version: (now?.version ?? 0) + 1, ordinal, put } });
      }
    } catch (fault) {
      if (fault instanceof Fault) return fault;
      throw fault;
    }
    for (const [name, written] of own) records.set(name, written);
    for (const [name, entries] of ownStreams) {
      const all = streams.get(name);
      if (all === undefined) streams.set(name, entries);
      else for (const entry of entries) all.push(entry);
    }
    return undefined;
  });

  const puts = new Map<string, Map<string, Required<RecordState>>>();
  const deletes = new Map<string, string[]>();
  for (const { collection, id, state: written } of records.values()) {
    const before = state.records.get(collection)?.get(id);
    if (written === undefined) {
      if (before !== undefined) deletes.set(collection, [...(deletes.get(collection) ?? []), id]);
    } else {
      const rows = puts.get(collection) ?? new Map<string, Required<RecordState>>();
      puts.set(collection, rows.set(id, written as Required<RecordState>));
    }
  }
  const appends = new Map(
    [...streams].map(([name, entries]) => [name, { from: state.lengths.get(name) ?? 0, entries }] as const),
  );
  return { faults, puts, deletes, appends };
}
