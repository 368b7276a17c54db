/** Pairs of integers, interned: an open-addressing table over typed arrays, with a parent and a color for each pair. */
import { allocate, grown, grownBytes } from '../lts/index.ts';

export class PairTable {
  parentOf = new Int32Array(64);
  colorOf = new Uint8Array(64);
  /** First and second of pair i at 2i and 2i + 1. */
  #pairs = new Int32Array(128);
  /** Number of the pair plus one; 0 is free. At most half full. */
  #slots = new Int32Array(128);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  firstAt(pair: number): number {
    return this.#pairs[2 * pair]!;
  }

  secondAt(pair: number): number {
    return this.#pairs[2 * pair + 1]!;
  }

  /** The dense number of the pair; a new one has color 0. */
  intern(first: number, second: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(first, second) & mask;
    for (let found = this.#slots[slot]!; found !== 0; found = this.#slots[slot]!) {
      if (this.#pairs[2 * found - 2] === first && this.#pairs[2 * found - 1] === second) return found - 1;
      slot = (slot + 1) & mask;
    }
    const pair = this.#count++;
    if (pair === this.parentOf.length) this.#grow();
    this.#pairs[2 * pair] = first;
    this.#pairs[2 * pair + 1] = second;
    this.#slots[slot] = pair + 1;
    if (2 * this.#count > this.#slots.length) this.#rehash();
    return pair;
  }

  #grow(): void {
    this.parentOf = grown(this.parentOf, this.#count);
    this.colorOf = grownBytes(this.colorOf, this.#count);
    // As long as the others: each grows by its own length, and what is written beyond an end is lost.
    this.#pairs = grown(this.#pairs, 2 * this.parentOf.length);
  }

  #rehash(): void {
    // A power of two, which `grown` does not give for large arrays.
    const slots = allocate(() => new Int32Array(this.#slots.length * 2));
    const mask = slots.length - 1;
    for (let pair = 0; pair < this.#count; pair++) {
      let slot = hash(this.#pairs[2 * pair]!, this.#pairs[2 * pair + 1]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = pair + 1;
    }
    this.#slots = slots;
  }
}

function hash(first: number, second: number): number {
  let h = Math.imul(first, 0x9e3779b1) ^ Math.imul(second, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
