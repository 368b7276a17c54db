/**
 * Writing a log: entries in, canonical bytes out, in order. The tree grows beside it, so that a checkpoint or a receipt is a few look-ups.
 *
 * Nothing is stored here: whoever writes makes the bytes durable and answers only then.
 */
import { toBase64 } from './base64.ts';
import { canonical, canonicalBytes } from './canonical.ts';
import { type Entry, type Leaf, leafOf } from './leaf.ts';
import { leafHash, MerkleTree } from './merkle.ts';
import { type Checkpoint, formatCheckpoint, formatReceipt, type NoteKey, signNote } from './note.ts';
import type { Sha256 } from './sha256.ts';

/** How checkpoints are signed. */
export interface NoteSigner extends NoteKey {
  sign(message: Uint8Array): Uint8Array;
}

/**
 * @example
 * const log = new LogWriter({ id: 'conv_1', sha256 });
 * log.append({ kind: 'opened', protocol }, at); // bytes of leaf 0
 * log.append({ kind: 'event', role: 'buyer', event: 'offer.3' }, at);
 * log.checkpoint(signer); // a signed note over two leaves
 */
export class LogWriter {
  readonly id: string;
  readonly #sha256: Sha256;
  readonly #tree: MerkleTree;

  constructor(options: { id: string; sha256: Sha256 }) {
    this.id = options.id;
    this.#sha256 = options.sha256;
    this.#tree = new MerkleTree(options.sha256);
  }

  /** Number of leaves. */
  get size(): number {
    return this.#tree.size;
  }

  /** Root hash over the first `size` leaves. */
  root(size = this.size): Uint8Array {
    return this.#tree.root(size);
  }

  /** The next leaf, as canonical bytes without a newline. `at` is ISO 8601. */
  append(entry: Entry, at: string): Uint8Array {
    const seq = this.size;
    const place = { v: 1, log: this.id, seq, at } as const;
    const leaf = seq === 0 ? { ...entry, ...place } : after(toBase64(this.#tree.leaf(seq - 1)), entry, place);
    const wrong = leafOf(leaf);
    if (typeof wrong === 'string') throw new RangeError(`not a leaf: ${wrong}`);
    const bytes = canonicalBytes(leaf);
    this.#tree.append(leafHash(this.#sha256, bytes));
    return bytes;
  }

  /** Goes on with a stored log: takes a leaf as it was written. Whether it belongs here is for the audit to say. */
  resume(bytes: Uint8Array): void {
    this.#tree.append(leafHash(this.#sha256, bytes));
  }

  /** The signed checkpoint over the first `size` leaves. */
  checkpoint(signer: NoteSigner, size = this.size): string {
    const head: Checkpoint = { origin: originOf(signer.name, this.id), size, root: this.#tree.root(size) };
    return signNote(formatCheckpoint(head), {
      sha256: this.#sha256,
      key: signer,
      sign: (message) => signer.sign(message),
    });
  }

  /** The receipt of leaf `index` in the log of the first `size` leaves. */
  receipt(index: number, signer: NoteSigner, size = this.size): string {
    const proof = this.#tree.inclusionProof(index, size);
    return formatReceipt({ index, proof, checkpoint: this.checkpoint(signer, size) });
  }
}

/** Most leaves are events: their members are put in the order in which they are written. */
function after(previous: string, entry: Entry, { v, log, seq, at }: Pick<Leaf, 'v' | 'log' | 'seq' | 'at'>): Leaf {
  if (entry.kind !== 'event') return { ...entry, v, log, seq, at, previous };
  const { kind, role, event, payload } = entry;
  return payload === undefined
    ? { at, event, kind, log, previous, role, seq, v }
    : { at, event, kind, log, payload, previous, role, seq, v };
}

/** The origin line of a log: the name of the key that signs it, and the log. */
export function originOf(signer: string, log: string): string {
  return `${signer}/${log}`;
}

/**
 * The exported file: one canonical leaf a line, the header first; the last line holds the signed checkpoint. Like every line it names the one before,
 * and it has a digest of its own, so that damage to it is told from damage to a leaf.
 */
export function logFile(leaves: readonly Uint8Array[], checkpoint: string, sha256: Sha256): Uint8Array {
  const decoder = new TextDecoder();
  const lines = leaves.map((leaf) => decoder.decode(leaf));
  lines.push(checkpointLine(checkpoint, leafHash(sha256, leaves.at(-1) ?? new Uint8Array()), sha256));
  return new TextEncoder().encode(`${lines.join('\n')}\n`);
}

/** The last line of a file; `previous` is the hash of the leaf before it. */
export function checkpointLine(checkpoint: string, previous: Uint8Array, sha256: Sha256): string {
  const line = { checkpoint, previous: toBase64(previous) };
  return canonical({ ...line, digest: toBase64(sha256(canonicalBytes(line))) });
}

export interface CheckpointLine {
  /** The signed note. */
  readonly note: string;
  /** Hash of the leaf before it, Base 64. */
  readonly previous: string;
  /** Whether the digest is that of the line. */
  readonly intact: boolean;
}

/** Reads what `checkpointLine` writes; `undefined` for any other value. */
export function checkpointOf(value: unknown, sha256: Sha256): CheckpointLine | undefined {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 3) return undefined;
  const { checkpoint, previous, digest } = value as Record<string, unknown>;
  if (typeof checkpoint !== 'string' || typeof previous !== 'string' || typeof digest !== 'string') return undefined;
  return { note: checkpoint, previous, intact: toBase64(sha256(canonicalBytes({ checkpoint, previous }))) === digest };
}
