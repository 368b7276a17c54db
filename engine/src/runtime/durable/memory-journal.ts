/** A journal in memory: for simulations and tests. It outlives its owners, and fences all but the newest. */
import { FencedError } from './errors.ts';
import type { Batch, Entry, Head, Journal } from './journal.ts';

/**
 * @example
 * const kept = new MemoryJournal();
 * const first = await DurableNetwork.open(network, kept.open(), { name: 'shop' });
 * // … crash …
 * const second = await DurableNetwork.open(new Network(), kept.open(), { name: 'shop' }); // goes on where `first` was
 */
export class MemoryJournal {
  readonly entries: Entry[] = [];
  /** What processes wrote beside it, in order. */
  readonly changes: unknown[] = [];
  readonly #marks = new Set<string>();
  #head: Head = { from: 0, ended: {} };
  #epoch = 0;
  readonly #before: ((batch: Batch) => Promise<void> | void) | undefined;

  /** `before` is called before each batch is kept, and may take its time, or refuse it. */
  constructor(before?: (batch: Batch) => Promise<void> | void) {
    this.#before = before;
  }

  open(): Journal {
    const kept = this;
    const epoch = ++this.#epoch;
    this.entries.push({ kind: 'opened', epoch });
    return {
      epoch,
      head: this.#head,
      length: this.entries.length,
      async *read(from) {
        for (const entry of kept.entries.slice(from)) yield structuredClone(entry);
      },
      append: (batch) => kept.#append(epoch, batch),
      seen: async (mark) => kept.#marks.has(mark),
    };
  }

  async #append(epoch: number, batch: Batch): Promise<void> {
    await this.#before?.(batch);
    if (epoch !== this.#epoch) throw new FencedError('in memory', epoch);
    const twice = batch.marks.find((mark) => this.#marks.has(mark));
    if (twice !== undefined) throw new Error(`${twice} was marked before`);
    this.entries.push(...structuredClone(batch.entries));
    this.changes.push(...batch.changes);
    for (const mark of batch.marks) this.#marks.add(mark);
    if (batch.head !== undefined) this.#head = batch.head;
  }
}
