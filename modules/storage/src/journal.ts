/**
 * Journals of durable processes, kept in a store: embedded, or on a database server that several owners may reach.
 *
 * The fence is the place: every batch says at which position of the stream it belongs, and a new owner begins by taking the next one. What an older
 * owner still wants to write, however long it was paused, has lost its place; the store refuses all of it, in the same transaction.
 */
import { type LoggedProtocol, LogWriter } from '@enhanced-csp/engine/audit';
import { canonicalBytes } from '@enhanced-csp/engine/canonical';
import { type Batch, type Entry, FencedError, type Head, type Journal } from '@enhanced-csp/engine/durable';
import { type Change, type Collection, Fault, type Store } from '@enhanced-csp/platform';
import { type HeldLease, heldFrom, isDue, type Lease, leased, refuseUnending } from './lease.ts';

const JOURNALS = { name: 'journals', fields: {} } as const satisfies Collection;
const MARKS = { name: 'journal_marks', fields: { journal: 'text' } } as const satisfies Collection;

/** A store whose database has a clock. */
export interface JournalStore extends Store {
  /** Milliseconds since 1970, by the database: all who share it judge by the same. */
  now(): Promise<number>;
}

export interface OwnedJournal extends Journal {
  /** Renews the lease when that is due; for a timer that calls several times in its duration. @throws FencedError when there is a newer owner */
  renew(): Promise<void>;
  /** Gives up the lease, so that the next owner need not wait. @throws FencedError when there is a newer owner */
  release(): Promise<void>;
}

export interface JournalOptions {
  readonly audit?: JournalAudit;
  /** Absent: none, and whoever opens next is the owner. */
  readonly lease?: Lease;
  /** Becomes the owner whoever holds a lease. */
  readonly takeOver?: boolean;
}

/** What a store must be opened with to keep journals. */
export const JOURNAL_COLLECTIONS: readonly Collection[] = [JOURNALS, MARKS];

/** Longest name of a journal, and longest key of a sending: together they are the id of a record. */
const NAME_MAX = 60;
const MARK_MAX = 190;
const OPENINGS_MAX = 8;
const SLICE = 1000;

/** A log of what was communicated, for `csp audit`: leaf and entry are one transaction. */
export interface JournalAudit {
  /** Of the log, and of its stream in the store. */
  readonly id: string;
  readonly protocol: LoggedProtocol;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  /** The time, ISO 8601. */
  readonly at: () => string;
  /** The event of the protocol that an entry stands for. */
  eventOf(entry: Entry): { readonly role: string; readonly event: string } | undefined;
}

interface Kept extends Head {
  readonly epoch: number;
  readonly lease?: HeldLease;
}

const NOTHING: Batch = { entries: [], marks: [], changes: [] };

/**
 * Opens a journal as its new owner. Whoever had it before can write nothing any more.
 *
 * @throws Fault `CSP-STO-003` for a name or a lease that cannot be one, `CSP-STO-019` while another owner holds a lease (`details`: `holder`, and
 *   `leftMs`, milliseconds by the clock of the database), and what the store ends in
 * @example
 * const { store } = openStore('csp-data', { collections: JOURNAL_COLLECTIONS, now: Date.now });
 * const durable = await DurableNetwork.open(engine, await openJournal(store, 'shop'), { name: 'shop', now: Date.now });
 */
export async function openJournal(
  store: JournalStore,
  name: string,
  options: JournalOptions = {},
): Promise<OwnedJournal> {
  const { lease, takeOver = false } = options;
  if (name === '' || name.length > NAME_MAX)
    throw new Fault('CSP-STO-003', 'invalid', `A journal has a name of 1 to ${NAME_MAX} characters; got '${name}'.`);
  if (lease !== undefined) refuseUnending(lease);
  const stream = `journal.${name}`;
  for (let attempt = 1; ; attempt++) {
    const record = await store.get<Kept>(JOURNALS.name, name);
    const length = await store.length(stream);
    // Read after the length: what an older owner adds from here on makes this opening a conflict.
    const audit = options.audit === undefined ? undefined : await AuditedStream.open(store, options.audit);
    const { lease: held, ...before }: Kept = record?.body ?? { epoch: 0, from: 0, ended: {} };
    const begun = performance.now();
    // Read after the record: a lease that is renewed from here on makes this opening a conflict.
    const now = lease === undefined && held === undefined ? 0 : await store.now();
    if (held !== undefined && held.until > now && !takeOver) throw leased(name, held, now);
    const kept: Kept = { ...before, epoch: before.epoch + 1, ...(lease && { lease: heldFrom(lease, now) }) };
    const opened: Entry = { kind: 'opened', epoch: kept.epoch };
    try {
      await store.commit([
        { change: 'append', stream, entries: [canonicalBytes(opened)], at: length },
        { ...put(name, kept), ifVersion: record?.version ?? 0 },
        ...(audit?.opening() ?? []),
      ]);
      return new StoredJournal(store, { name, stream, kept, at: length + 1, audit, lease, renewed: begun });
    } catch (fault) {
      if (!isConflict(fault) || attempt === OPENINGS_MAX) throw fault;
    }
  }
}

class StoredJournal implements OwnedJournal {
  readonly epoch: number;
  readonly head: Head;
  readonly length: number;
  readonly fenced: Promise<FencedError>;
  readonly #store: JournalStore;
  readonly #name: string;
  readonly #stream: string;
  readonly #audit: AuditedStream | undefined;
  #fence: (error: FencedError) => void = () => {};
  #lease: Lease | undefined;
  #kept: Kept;
  #at: number;
  /** When the lease was renewed, by the clock that only tells when to do it again. */
  #renewed: number;
  /** One write at a time: each has its place behind the one before. */
  #turn: Promise<unknown> = Promise.resolve();
  /** A write has failed: there is no next one, and so no lease. */
  #over = false;

  constructor(
    store: JournalStore,
    own: {
      readonly name: string;
      readonly stream: string;
      readonly kept: Kept;
      readonly at: number;
      readonly audit: AuditedStream | undefined;
      readonly lease: Lease | undefined;
      readonly renewed: number;
    },
  ) {
    const { epoch, lease, ...head } = own.kept;
    this.epoch = epoch;
    this.head = head;
    this.length = own.at;
    this.fenced = new Promise((resolve) => {
      this.#fence = resolve;
    });
    this.#store = store;
    this.#name = own.name;
    this.#stream = own.stream;
    this.#audit = own.audit;
    this.#lease = own.lease;
    this.#kept = own.kept;
    this.#at = own.at;
    this.#renewed = own.renewed;
  }

  async *read(from: number): AsyncIterable<Entry> {
    for await (const bytes of entriesOf(this.#store, this.#stream, from))
      yield JSON.parse(new TextDecoder().decode(bytes)) as Entry;
  }

  append(batch: Batch): Promise<void> {
    return this.#inTurn(async () => {
      // A clock that cannot be read is no reason not to write: the lease is renewed by the next one.
      const lease = await this.#renewal().catch(() => undefined);
      await this.#write(batch, lease).catch((error: unknown) => {
        this.#over = true;
        throw error;
      });
    });
  }

  renew(): Promise<void> {
    return this.#inTurn(async () => {
      const lease = this.#over ? undefined : await this.#renewal();
      if (lease !== undefined) await this.#write(NOTHING, lease);
    });
  }

  release(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#over || this.#lease === undefined) return;
      this.#lease = undefined;
      await this.#write(NOTHING, {});
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** The lease from now on, when it is due. */
  async #renewal(): Promise<Pick<Kept, 'lease'> | undefined> {
    if (this.#lease === undefined) return undefined;
    const begun = performance.now();
    if (!isDue(this.#lease, begun - this.#renewed)) return undefined;
    const lease = heldFrom(this.#lease, await this.#store.now());
    this.#renewed = begun;
    return { lease };
  }

  async #write({ entries, marks, head, changes }: Batch, renewal: Pick<Kept, 'lease'> | undefined): Promise<void> {
    const bytes = entries.map(canonicalBytes);
    const { lease } = this.#kept;
    const kept: Kept | undefined =
      head === undefined && renewal === undefined
        ? undefined
        : { ...(head ?? headOf(this.#kept)), epoch: this.epoch, ...(renewal ?? (lease && { lease })) };
    try {
      await this.#store.commit([
        // First, so that a lost place is what is told; without an entry, too.
        { change: 'append', stream: this.#stream, entries: bytes, at: this.#at },
        ...(kept === undefined ? [] : [put(this.#name, kept)]),
        ...marks.map((mark) => this.#mark(mark)),
        ...(this.#audit?.leavesOf(entries) ?? []),
        ...(changes as readonly Change[]),
      ]);
    } catch (cause) {
      if (!(await this.#fencedBy(cause))) throw cause;
      this.#over = true;
      const error = new FencedError(this.#name, this.epoch, { cause });
      this.#fence(error);
      throw error;
    }
    if (kept !== undefined) this.#kept = kept;
    this.#at += bytes.length;
  }

  async seen(mark: string): Promise<boolean> {
    if (mark === '' || mark.length > MARK_MAX)
      throw new Fault('CSP-STO-003', 'invalid', `A key has 1 to ${MARK_MAX} characters; got ${mark.length}.`);
    return (await this.#store.get(MARKS.name, `${this.#name}/${mark}`)) !== undefined;
  }

  /** A place that is taken says so; where the connection was lost in between, the record of the owner does. */
  async #fencedBy(cause: unknown): Promise<boolean> {
    const { code } = cause as Fault;
    if (code !== 'CSP-STO-011') return code === 'CSP-STO-002';
    return (await this.#store.get<Kept>(JOURNALS.name, this.#name))?.body.epoch !== this.epoch;
  }

  #mark(mark: string): Change {
    const fields = { journal: this.#name };
    return { change: 'put', collection: MARKS.name, id: `${this.#name}/${mark}`, fields, body: 1, ifVersion: 0 };
  }
}

function headOf({ epoch, lease, ...head }: Kept): Head {
  return head;
}

class AuditedStream {
  readonly #audit: JournalAudit;
  readonly #log: LogWriter;

  private constructor(audit: JournalAudit, log: LogWriter) {
    this.#audit = audit;
    this.#log = log;
  }

  static async open(store: Store, audit: JournalAudit): Promise<AuditedStream> {
    const log = new LogWriter({ id: audit.id, sha256: audit.sha256 });
    for await (const bytes of entriesOf(store, audit.id, 0)) log.resume(bytes);
    return new AuditedStream(audit, log);
  }

  opening(): readonly Change[] {
    const { protocol, at } = this.#audit;
    return this.#log.size > 0 ? [] : [this.#append([this.#log.append({ kind: 'opened', protocol }, at())], 0)];
  }

  leavesOf(entries: readonly Entry[]): readonly Change[] {
    const first = this.#log.size;
    const at = this.#audit.at();
    const leaves: Uint8Array[] = [];
    for (const entry of entries) {
      const event = this.#audit.eventOf(entry);
      if (event !== undefined) leaves.push(this.#log.append({ kind: 'event', ...event }, at));
    }
    return leaves.length === 0 ? [] : [this.#append(leaves, first)];
  }

  #append(entries: readonly Uint8Array[], at: number): Change {
    return { change: 'append', stream: this.#audit.id, entries, at };
  }
}

function put(id: string, body: Kept): Extract<Change, { change: 'put' }> {
  return { change: 'put', collection: JOURNALS.name, id, fields: {}, body };
}

function isConflict(fault: unknown): boolean {
  return fault instanceof Fault && (fault.code === 'CSP-STO-001' || fault.code === 'CSP-STO-002');
}

/** In slices, so that a long stream does not fill the memory at once. */
async function* entriesOf(store: Store, stream: string, from: number): AsyncGenerator<Uint8Array> {
  for (let at = from; ; at += SLICE) {
    const slice = await store.read(stream, { from: at, limit: SLICE });
    yield* slice;
    if (slice.length < SLICE) return;
  }
}
