/** The record of an enforced run: 32 bytes an event, in blocks of which each is bound to the one before. */
import type { Record } from '../enforcement.ts';

const RECORD_BYTES = 32;

/**
 * A block of records of 32 bytes, filled without allocation and sealed when full: each block's hash is over the hash before it and the block.
 *
 * A record, little endian on all hosts that run V8: sequence (float64, from 1), event, node before, node after (uint32 each), and 12 bytes of zero.
 */
export class RecordChain {
  head: Uint8Array;
  /** Records so far. */
  sequence = 0;
  readonly #hash: (before: Uint8Array, block: Uint8Array) => Uint8Array;
  readonly #sealed: ((block: Uint8Array, head: Uint8Array) => void) | null;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;
  readonly #sequences: Float64Array;
  readonly #capacity: number;
  #length = 0;

  /** `hash` is a capability, such as SHA-256 over both parts; `sealed` must copy the block if it keeps it. */
  constructor(options: {
    readonly hash: (before: Uint8Array, block: Uint8Array) => Uint8Array;
    readonly sealed?: (block: Uint8Array, head: Uint8Array) => void;
    readonly recordsPerBlock?: number;
  }) {
    const { recordsPerBlock = 4096 } = options;
    if (!(Number.isSafeInteger(recordsPerBlock) && recordsPerBlock > 0))
      throw new RangeError(`a block holds at least one record, not ${recordsPerBlock}`);
    const buffer = new ArrayBuffer(recordsPerBlock * RECORD_BYTES);
    this.#hash = options.hash;
    this.#sealed = options.sealed ?? null;
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#sequences = new Float64Array(buffer);
    this.#capacity = recordsPerBlock;
    this.head = new Uint8Array(32);
  }

  readonly record: Record = (event, before, after) => {
    const at = this.#length * (RECORD_BYTES / 4);
    this.#sequences[at >> 1] = ++this.sequence;
    this.#words[at + 2] = event;
    this.#words[at + 3] = before;
    this.#words[at + 4] = after;
    if (++this.#length === this.#capacity) this.seal();
  };

  /** Closes the block that is being filled, if it has records. */
  seal(): void {
    if (this.#length === 0) return;
    const block = this.#bytes.subarray(0, this.#length * RECORD_BYTES);
    this.head = this.#hash(this.head, block);
    this.#sealed?.(block, this.head);
    this.#length = 0;
  }
}
