/**
 * Interned sequences of integers: equal sequences get the same dense number.
 *
 * One pool and one open-addressing table instead of strings in a `Map`: sets of states and signatures of states are made by the million.
 */
import { grown } from './watch.ts';

export class IntSequences {
  #pool = new Int32Array(256);
  /** Sequence `i` is `pool[starts[i]]` up to `pool[starts[i + 1]]`. */
  #starts = new Int32Array(64);
  #hashes = new Int32Array(64);
  /** Number of the sequence plus one; 0 is free. At most half full. */
  #slots = new Int32Array(128);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  clear(): void {
    this.#count = 0;
    this.#slots.fill(0);
  }

  lengthOf(id: number): number {
    return this.#starts[id + 1]! - this.#starts[id]!;
  }

  at(id: number, index: number): number {
    return this.#pool[this.#starts[id]! + index]!;
  }

  /** Whether all items of sequence `small` are in `large`; both sorted. */
  includes(large: number, small: number): boolean {
    let at = this.#starts[large]!;
    const end = this.#starts[large + 1]!;
    const last = this.#starts[small + 1]!;
    let i = this.#starts[small]!;
    if (last - i > end - at) return false;
    for (; i < last; i++) {
      const item = this.#pool[i]!;
      while (at < end && this.#pool[at]! < item) at++;
      if (at === end || this.#pool[at] !== item) return false;
      at++;
    }
    return true;
  }

  /** A view, valid until the next `intern`. */
  view(id: number): Int32Array {
    return this.#pool.subarray(this.#starts[id]!, this.#starts[id + 1]!);
  }

  /** The number of the sequence `items[0] .. items[length - 1]`; `count - 1` exactly when it is new. */
  intern(items: Int32Array, length: number): number {
    let hash = length;
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ items[i]!, 0x9e3779b1) ^ (hash >>> 15);
    hash ^= hash >>> 16;
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let found = this.#slots[slot]!; found !== 0; found = this.#slots[slot]!) {
      if (this.#hashes[found - 1] === hash && this.#equals(found - 1, items, length)) return found - 1;
      slot = (slot + 1) & mask;
    }
    return this.#append(slot, hash, items, length);
  }

  #equals(id: number, items: Int32Array, length: number): boolean {
    const start = this.#starts[id]!;
    if (this.#starts[id + 1]! - start !== length) return false;
    for (let i = 0; i < length; i++) if (this.#pool[start + i] !== items[i]) return false;
    return true;
  }

  #append(slot: number, hash: number, items: Int32Array, length: number): number {
    const id = this.#count++;
    const start = this.#starts[id]!;
    if (start + length > this.#pool.length) this.#pool = grown(this.#pool, start + length);
    if (id + 2 > this.#starts.length) this.#starts = grown(this.#starts, id + 2);
    if (id + 1 > this.#hashes.length) this.#hashes = grown(this.#hashes, id + 1);
    for (let i = 0; i < length; i++) this.#pool[start + i] = items[i]!;
    this.#starts[id + 1] = start + length;
    this.#hashes[id] = hash;
    this.#slots[slot] = id + 1;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return id;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.#count; id++) {
      let slot = this.#hashes[id]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.#slots = slots;
  }
}
