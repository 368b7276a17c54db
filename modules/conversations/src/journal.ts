/**
 * A journal: one append-only stream with one writer, and whatever must change together with it.
 *
 * Entries get their place at once and are committed in that order, several at a time. When a commit fails, those behind it fail too, since their
 * place is gone: the journal is then broken, and its owner is made anew from the store.
 */
import type { Change, Store } from '@enhanced-csp/platform';
import { fault } from './fault.ts';

export class Journal {
  readonly stream: string;
  #length: number;
  #broken = false;
  readonly #pending = new Set<Promise<void>>();

  private constructor(stream: string, length: number) {
    this.stream = stream;
    this.#length = length;
  }

  static async open(store: Store, stream: string): Promise<Journal> {
    return new Journal(stream, await store.length(stream));
  }

  /** Number of entries, those under way included. */
  get length(): number {
    return this.#length;
  }

  get broken(): boolean {
    return this.#broken;
  }

  /** No commit is under way. */
  get idle(): boolean {
    return this.#pending.size === 0;
  }

  /** The append as a change; `settle` must then be given the commit that carries it. */
  take(...entries: Uint8Array[]): Change {
    if (this.#broken) throw fault('CSP-CNV-016', `${this.stream} is being recovered after a failed write`);
    const at = this.#length;
    this.#length += entries.length;
    return { change: 'append', stream: this.stream, entries, at };
  }

  /** Follows a commit that carries changes of `take`. */
  settle(commit: Promise<void>): Promise<void> {
    this.#pending.add(commit);
    return commit.then(
      () => void this.#pending.delete(commit),
      (cause: unknown) => {
        this.#pending.delete(commit);
        this.#broken = true;
        throw cause;
      },
    );
  }

  /** Resolves when nothing is under way any more. */
  async quiet(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }
}

/** All entries of a stream, in slices, so that a long one does not fill the memory at once. */
export async function* entriesOf(store: Store, stream: string, from = 0): AsyncGenerator<Uint8Array> {
  const SLICE = 1000;
  for (let at = from; ; at += SLICE) {
    const slice = await store.read(stream, { from: at, limit: SLICE });
    yield* slice;
    if (slice.length < SLICE) return;
  }
}
