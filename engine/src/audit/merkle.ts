/**
 * The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1): append only, with proofs that a leaf is in it and that it grew from a smaller one.
 *
 * Leaves are hashed as `SHA-256(0x00 || leaf)`, nodes as `SHA-256(0x01 || left || right)`: no leaf can pass for a node.
 */

import { hashJoined, type Sha256 } from './sha256.ts';

const HASH_LENGTH = 32;
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Hash of a leaf with these bytes. */
export function leafHash(sha256: Sha256, leaf: Uint8Array): Uint8Array {
  return hashJoined(sha256, LEAF, leaf);
}

function nodeHash(sha256: Sha256, left: Uint8Array, right: Uint8Array): Uint8Array {
  return hashJoined(sha256, NODE, left, right);
}

/**
 * A growing tree that keeps every complete subtree, so that any root of its past and any proof is a few look-ups.
 *
 * @example
 * const tree = new MerkleTree(sha256);
 * tree.append(leafHash(sha256, bytes));
 * verifyInclusion(sha256, { leaf, index: 0, size: 1, root: tree.root(), proof: tree.inclusionProof(0) }); // true
 */
export class MerkleTree {
  readonly #sha256: Sha256;
  /** Entry i of level k: hash of the complete subtree over leaves i·2^k up to (i+1)·2^k. */
  readonly #levels: Hashes[] = [new Hashes()];

  constructor(sha256: Sha256) {
    this.#sha256 = sha256;
  }

  /** Number of leaves. */
  get size(): number {
    return this.#levels[0]!.count;
  }

  /** The hash of leaf `index`, as it was appended. */
  leaf(index: number): Uint8Array {
    if (!Number.isInteger(index) || index < 0 || index >= this.size)
      throw new RangeError(`no leaf ${index} in a tree of ${this.size}`);
    return this.#levels[0]!.at(index);
  }

  /** Adds a leaf by its hash, and returns its index. */
  append(hash: Uint8Array): number {
    const index = this.size;
    let node = hash;
    for (let k = 0; ; k++) {
      const level = (this.#levels[k] ??= new Hashes());
      level.push(node);
      if (level.count % 2 === 1) return index;
      node = nodeHash(this.#sha256, level.at(level.count - 2), node);
    }
  }

  /** The root over the first `size` leaves; of the empty tree, the hash of nothing. */
  root(size = this.size): Uint8Array {
    this.#requireSize(size);
    return size === 0 ? this.#sha256(new Uint8Array()) : this.#subtree(0, size);
  }

  /** The audit path of leaf `index` in the tree of the first `size` leaves, from the leaf's sibling upwards. */
  inclusionProof(index: number, size = this.size): Uint8Array[] {
    this.#requireSize(size);
    if (!Number.isInteger(index) || index < 0 || index >= size)
      throw new RangeError(`no leaf ${index} in a tree of ${size}`);
    const proof: Uint8Array[] = [];
    let start = 0;
    let end = size;
    while (end - start > 1) {
      const middle = start + splitOf(end - start);
      if (index < middle) {
        proof.push(this.#subtree(middle, end));
        end = middle;
      } else {
        proof.push(this.#subtree(start, middle));
        start = middle;
      }
    }
    return proof.reverse();
  }

  /** The proof that the tree of the first `to` leaves extends the tree of the first `from` leaves. */
  consistencyProof(from: number, to = this.size): Uint8Array[] {
    this.#requireSize(to);
    if (!Number.isInteger(from) || from < 1 || from > to)
      throw new RangeError(`a tree of ${to} does not extend one of ${from}`);
    const proof: Uint8Array[] = [];
    let start = 0;
    let end = to;
    // Invariant: the old tree ends at `from`, inside (start, end]; whole tells whether its last subtree is one the verifier knows already.
    let whole = true;
    while (from < end) {
      const middle = start + splitOf(end - start);
      if (from <= middle) {
        proof.push(this.#subtree(middle, end));
        end = middle;
      } else {
        proof.push(this.#subtree(start, middle));
        start = middle;
        whole = false;
      }
    }
    if (!whole) proof.push(this.#subtree(start, end));
    return proof.reverse();
  }

  #subtree(start: number, end: number): Uint8Array {
    const width = end - start;
    const level = Math.log2(width);
    if (Number.isInteger(level) && start % width === 0) return this.#levels[level]!.at(start / width);
    const middle = start + splitOf(width);
    return nodeHash(this.#sha256, this.#subtree(start, middle), this.#subtree(middle, end));
  }

  #requireSize(size: number): void {
    if (!Number.isInteger(size) || size < 0 || size > this.size)
      throw new RangeError(`no tree of ${size} in a tree of ${this.size}`);
  }
}

/** Hashes side by side in one array: 32 bytes each, where an object for each would take some 250, and every collection would look at all of them. */
class Hashes {
  count = 0;
  #bytes = new Uint8Array(8 * HASH_LENGTH);

  push(hash: Uint8Array): void {
    const at = this.count * HASH_LENGTH;
    if (at === this.#bytes.length) {
      const grown = new Uint8Array(2 * at);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(hash, at);
    this.count++;
  }

  /** Never written again, so it may be handed out. */
  at(index: number): Uint8Array {
    return this.#bytes.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH);
  }
}

/** The largest power of two below `width`, for a width of at least 2. */
function splitOf(width: number): number {
  let split = 1;
  while (split * 2 < width) split *= 2;
  return split;
}

export interface Inclusion {
  /** Hash of the leaf. */
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly size: number;
  readonly root: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows that the leaf is in the tree. RFC 9162 section 2.1.3.2. */
export function verifyInclusion(sha256: Sha256, { leaf, index, size, root, proof }: Inclusion): boolean {
  if (!isSize(size) || !isSize(index) || index >= size || leaf.length !== HASH_LENGTH) return false;
  let fn = index;
  let sn = size - 1;
  let hash = leaf;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      hash = nodeHash(sha256, sibling, hash);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      hash = nodeHash(sha256, hash, sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equal(hash, root);
}

export interface Consistency {
  readonly from: { readonly size: number; readonly root: Uint8Array };
  readonly to: { readonly size: number; readonly root: Uint8Array };
  readonly proof: readonly Uint8Array[];
}

/** Whether the proof shows that the larger tree extends the smaller one. RFC 9162 section 2.1.4.2. */
export function verifyConsistency(sha256: Sha256, { from, to, proof }: Consistency): boolean {
  if (!isSize(from.size) || !isSize(to.size) || from.size > to.size) return false;
  if (from.size === 0) return false; // the empty tree proves nothing
  if (from.size === to.size) return proof.length === 0 && equal(from.root, to.root);
  if (proof.length === 0) return false;
  const path = isPowerOfTwo(from.size) ? [from.root, ...proof] : proof;
  let fn = from.size - 1;
  let sn = to.size - 1;
  while (fn % 2 === 1) {
    fn = half(fn);
    sn = half(sn);
  }
  let old = path[0]!;
  let grown = path[0]!;
  for (const sibling of path.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      old = nodeHash(sha256, sibling, old);
      grown = nodeHash(sha256, sibling, grown);
      while (fn % 2 === 0 && fn !== 0) {
        fn = half(fn);
        sn = half(sn);
      }
    } else {
      grown = nodeHash(sha256, grown, sibling);
    }
    fn = half(fn);
    sn = half(sn);
  }
  return sn === 0 && equal(old, from.root) && equal(grown, to.root);
}

/** Trees have fewer than 2^53 leaves here, so halving replaces the bit shifts of the RFC. */
function half(value: number): number {
  return Math.floor(value / 2);
}

function isSize(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isInteger(Math.log2(value));
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
