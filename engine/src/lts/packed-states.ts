/**
 * States of up to 64 bits, interned: equal states get the same dense number, in order of discovery.
 *
 * A slot of the table is 32 bits: the number of a state plus one in the low bits, and as much of the state's hash in the others as there is room for. Slots come in buckets of
 * 16, a line of the cache; what does not fit in its bucket goes to the next of a sequence that its hash decides.
 *
 * Of states of at most `EXACT_BIT_COUNT_MAX` bits the hash is a permutation, of which the bucket tells some bits and the slot all others (Cleary, Compact Hash Tables Using
 * Bidirectional Linear Probing, 1984; here with the number of the try in place of its marks). The slot then is the state, and the words themselves, which are kept in order of
 * discovery, are not read to compare. Of larger states the slot tells nearly always, and the words decide.
 */
import { LimitReached } from './lts.ts';
import { HASH, HIGH, LOW, NUMBER, type Successors } from './successors.ts';
import { allocate, grown } from './watch.ts';

/** Words are kept in pages, so that nothing is copied when they become many. */
const PAGE_BITS = 15;
const PAGE_SIZE = 1 << PAGE_BITS;
const PAGE_MASK = PAGE_SIZE - 1;
const PAGE_FIRST = 1024;

const BUCKET_BITS = 4;
const BUCKET_MASK = (1 << BUCKET_BITS) - 1;
const SLOT_BITS_MIN = 10;
/** Up to this size the table grows fourfold, from there on twofold. */
const SLOT_BITS_LARGE = 20;

/** More would be a sign in a number of 32 bits. */
const SLOT_BITS_MAX = 30;

/** A slot has to hold a number, what the bucket does not tell of the hash, and the try: 4 bits more than the state, and those of the try. */
const EXACT_BIT_COUNT_MAX = 26;
const TRY_BITS_MAX = 4;

export class PackedStates {
  readonly #width: 1 | 2;
  readonly #bitCount: number;
  readonly #isExact: boolean;
  readonly #tryBits: number;
  #count = 0;
  readonly #lows: Int32Array[] = [new Int32Array(PAGE_FIRST)];
  readonly #highs: Int32Array[] = [];
  #slotBits = SLOT_BITS_MIN;
  #slots = new Int32Array(1 << SLOT_BITS_MIN);
  /** States beyond which the table is enlarged. */
  #countMax = 0;
  /** What was crowded out of all buckets it could be in: hardly ever anything. By state. */
  readonly #crowdedOut = new Map<number, number>();

  /** `bitCount`: how many bits of a word are used, when there is one. */
  constructor(width: 1 | 2, bitCount: number) {
    this.#width = width;
    this.#bitCount = bitCount;
    this.#isExact = width === 1 && bitCount <= EXACT_BIT_COUNT_MAX;
    this.#tryBits = Math.min(TRY_BITS_MAX, 28 - bitCount);
    if (width === 2) this.#highs.push(new Int32Array(PAGE_FIRST));
    this.#reserve(0);
  }

  get count(): number {
    return this.#count;
  }

  get byteCount(): number {
    let bytes = this.#slots.byteLength;
    for (const page of this.#lows) bytes += page.byteLength;
    for (const page of this.#highs) bytes += page.byteLength;
    return bytes;
  }

  lowOf(state: number): number {
    return this.#lows[state >>> PAGE_BITS]![state & PAGE_MASK]!;
  }

  highOf(state: number): number {
    return this.#width === 1 ? 0 : this.#highs[state >>> PAGE_BITS]![state & PAGE_MASK]!;
  }

  /**
   * Leaves in the rows 0 up to `count` of `found` the numbers of the states whose words are there. First all hashes are made and all slots read, whatever is in them, so
   * that cache misses overlap and the slots are near when they are needed.
   */
  intern(found: Successors, count: number): void {
    if (this.#count + count > this.#countMax) this.#reserve(this.#count + count);
    if (this.#isExact) {
      this.#permute(found.rows, found.capacity, count);
      this.#internExactly(found.rows, found.capacity, count);
    } else {
      this.#hash(found.rows, found.capacity, count);
      this.#internByWords(found.rows, found.capacity, count);
    }
  }

  #permute(rows: Int32Array, capacity: number, count: number): void {
    const slots = this.#slots;
    const mask = (1 << this.#bitCount) - 1;
    const half = Math.max(1, this.#bitCount >> 1);
    const shift = this.#bitCount - this.#slotBits + BUCKET_BITS;
    for (let i = 0; i < count; i++) {
      const hash = permuted(rows[LOW * capacity + i]!, mask, half);
      rows[HASH * capacity + i] = hash;
      rows[NUMBER * capacity + i] = slots[((hash >>> shift) << BUCKET_BITS) | (hash & BUCKET_MASK)]!;
    }
  }

  #hash(rows: Int32Array, capacity: number, count: number): void {
    const slots = this.#slots;
    const shift = 32 - this.#slotBits;
    const two = this.#width - 1;
    for (let i = 0; i < count; i++) {
      const hash = hashed(rows[LOW * capacity + i]!, two * rows[HIGH * capacity + i]!);
      rows[HASH * capacity + i] = hash;
      rows[NUMBER * capacity + i] = slots[hash >>> shift]!;
    }
  }

  #internExactly(rows: Int32Array, capacity: number, count: number): void {
    const slots = this.#slots;
    const slotBits = this.#slotBits;
    const shift = this.#bitCount - slotBits + BUCKET_BITS;
    const rest = (1 << shift) - 1;
    const numbers = (1 << slotBits) - 1;
    const tagShift = this.#tryBits + slotBits;
    let known = this.#count;
    for (let i = 0; i < count; i++) {
      const hash = rows[HASH * capacity + i]!;
      const slot = slots[((hash >>> shift) << BUCKET_BITS) | (hash & BUCKET_MASK)]!;
      if (slot !== 0 && (slot & ~numbers) === (hash & rest) << tagShift) {
        rows[NUMBER * capacity + i] = (slot & numbers) - 1;
        continue;
      }
      const state = this.#seek(hash, known);
      rows[NUMBER * capacity + i] = state;
      if (state === known) this.#append(known++, rows[LOW * capacity + i]!, 0);
    }
    this.#count = known;
  }

  /** The number of the state with this hash; `known`, and its slot taken, when it is not there. */
  #seek(hash: number, known: number): number {
    const slots = this.#slots;
    const slotBits = this.#slotBits;
    const shift = this.#bitCount - slotBits + BUCKET_BITS;
    const rest = hash & ((1 << shift) - 1);
    const numbers = (1 << slotBits) - 1;
    const first = hash & BUCKET_MASK;
    const tries = 1 << this.#tryBits;
    let bucket = (hash >>> shift) << BUCKET_BITS;
    let tag = rest << (this.#tryBits + slotBits);
    for (let tried = 0; tried < tries; tried++) {
      let at = bucket | first;
      do {
        const slot = slots[at]!;
        if (slot === 0) {
          slots[at] = tag | (known + 1);
          return known;
        }
        if ((slot & ~numbers) === tag) return (slot & numbers) - 1;
        at = bucket | ((at + 1) & BUCKET_MASK);
      } while (at !== (bucket | first));
      bucket = (bucket + ((2 * rest + 1) << BUCKET_BITS)) & numbers;
      tag += 1 << slotBits;
    }
    const state = this.#crowdedOut.get(hash) ?? known;
    this.#crowdedOut.set(hash, state);
    return state;
  }

  #internByWords(rows: Int32Array, capacity: number, count: number): void {
    const two = this.#width - 1;
    let known = this.#count;
    for (let i = 0; i < count; i++) {
      const low = rows[LOW * capacity + i]!;
      const high = two * rows[HIGH * capacity + i]!;
      const state = this.#seekByWords(rows[HASH * capacity + i]!, low, high, known);
      rows[NUMBER * capacity + i] = state;
      if (state === known) this.#append(known++, low, high);
    }
    this.#count = known;
  }

  #seekByWords(hash: number, low: number, high: number, known: number): number {
    const slots = this.#slots;
    const slotBits = this.#slotBits;
    const numbers = (1 << slotBits) - 1;
    const tag = hash << slotBits;
    let at = hash >>> (32 - slotBits);
    let first = at;
    for (;;) {
      const slot = slots[at]!;
      if (slot === 0) {
        slots[at] = tag | (known + 1);
        return known;
      }
      if ((slot & ~numbers) === tag) {
        const state = (slot & numbers) - 1;
        if (this.lowOf(state) === low && this.highOf(state) === high) return state;
      }
      at = (at & ~BUCKET_MASK) | ((at + 1) & BUCKET_MASK);
      if (at === first) {
        at = (at + (((2 * hash) | 1) << BUCKET_BITS)) & numbers;
        first = at;
      }
    }
  }

  #append(state: number, low: number, high: number): void {
    const at = state & PAGE_MASK;
    const page = state >>> PAGE_BITS;
    this.#roomIn(this.#lows, page, at)[at] = low;
    if (this.#width === 2) this.#roomIn(this.#highs, page, at)[at] = high;
  }

  #roomIn(pages: Int32Array[], page: number, at: number): Int32Array {
    if (page === pages.length) pages.push(allocate(() => new Int32Array(PAGE_SIZE)));
    else if (at >= pages[page]!.length) pages[page] = grown(pages[page]!, Math.min(PAGE_SIZE, at + 1));
    return pages[page]!;
  }

  /** Room for so many states: at most 13/16 of the slots are taken. */
  #reserve(count: number): void {
    let slotBits = this.#slotBits;
    while (count > loadMax(slotBits)) slotBits += slotBits < SLOT_BITS_LARGE ? 2 : 1;
    if (slotBits === this.#slotBits) {
      this.#countMax = loadMax(slotBits);
      return;
    }
    if (slotBits > SLOT_BITS_MAX) throw new LimitReached('memory');
    // If there is no memory, the old table is still whole.
    this.#slots = allocate(() => new Int32Array(2 ** slotBits));
    this.#slotBits = slotBits;
    this.#countMax = loadMax(slotBits);
    this.#crowdedOut.clear();
    for (let from = 0; from < this.#count; from += PAGE_SIZE)
      this.#place(from, Math.min(this.#count, from + PAGE_SIZE));
  }

  #place(from: number, to: number): void {
    const lows = this.#lows[from >>> PAGE_BITS]!;
    const highs = this.#width === 1 ? lows : this.#highs[from >>> PAGE_BITS]!;
    const mask = (1 << this.#bitCount) - 1;
    const half = Math.max(1, this.#bitCount >> 1);
    for (let state = from; state < to; state++) {
      const low = lows[state & PAGE_MASK]!;
      if (this.#isExact) this.#seek(permuted(low, mask, half), state);
      else {
        const high = this.#width === 1 ? 0 : highs[state & PAGE_MASK]!;
        this.#seekByWords(hashed(low, high), low, high, state);
      }
    }
  }
}

function loadMax(slotBits: number): number {
  return 2 ** (slotBits - 4) * 13;
}

/** A permutation of the numbers below `mask + 1`: each step can be undone. */
function permuted(word: number, mask: number, half: number): number {
  const once = Math.imul(word, 0x9e3779b1) & mask;
  const twice = Math.imul(once ^ (once >>> half), 0x85ebca6b) & mask;
  return twice ^ (twice >>> half);
}

/** All of its bits are used: the highest for the place, the lowest for the tag. */
function hashed(low: number, high: number): number {
  const mixed = low ^ Math.imul(high ^ (high >>> 15), 0x85ebca6b);
  const once = Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}
