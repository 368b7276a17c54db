/**
 * Signed notes and checkpoints: what a log promises about itself, in the text formats of C2SP (signed-note, tlog-checkpoint, tlog-proof),
 * so that foreign tools verify our logs and we verify theirs. Only Ed25519 signatures are judged; others are kept and ignored.
 */
import { fromBase64, toBase64 } from './base64.ts';
import type { Sha256 } from './sha256.ts';

/** A key under which notes are verified, known beforehand. */
export interface NoteKey {
  readonly name: string;
  /** 32 bytes, Ed25519. */
  readonly publicKey: Uint8Array;
}

export type VerifySignature = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean;

const ED25519 = 1;
const SIGNATURE_COUNT_MAX = 64;
const PROOF_HEADER = 'c2sp.org/tlog-proof@v1';

/** Key ID: the first four bytes of `SHA-256(name || 0x0A || 0x01 || public key)`. */
function keyIdOf(sha256: Sha256, key: NoteKey): Uint8Array {
  return sha256(concat(encode(`${key.name}\n`), Uint8Array.of(ED25519), key.publicKey)).slice(0, 4);
}

/** The key in the form people exchange: `name+hex(key ID)+base64(0x01 || public key)`. */
export function formatKey(sha256: Sha256, key: NoteKey): string {
  const id = [...keyIdOf(sha256, key)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${key.name}+${id}+${toBase64(concat(Uint8Array.of(ED25519), key.publicKey))}`;
}

/** Reads what `formatKey` writes; `undefined` when it is malformed, not Ed25519, or its ID is not that of its key. */
export function parseKey(sha256: Sha256, text: string): NoteKey | undefined {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(text);
  const encoded = match === null ? undefined : fromBase64(match[3]!);
  if (match === null || encoded?.length !== 33 || encoded[0] !== ED25519) return undefined;
  const key = { name: match[1]!, publicKey: encoded.slice(1) };
  return formatKey(sha256, key) === text ? key : undefined;
}

/** A note: its text, ending in a newline, with one signature. */
export function signNote(
  text: string,
  options: { sha256: Sha256; key: NoteKey; sign: (message: Uint8Array) => Uint8Array },
): string {
  const signature = concat(keyIdOf(options.sha256, options.key), options.sign(encode(text)));
  return `${text}\n— ${options.key.name} ${toBase64(signature)}\n`;
}

export interface Note {
  /** What is signed, the final newline included. */
  readonly text: string;
  readonly signatures: readonly { readonly name: string; readonly keyId: Uint8Array; readonly signature: Uint8Array }[];
}

/** The parts of a note; `undefined` when it is malformed. Nothing is verified yet. */
export function parseNote(note: string): Note | undefined {
  const end = note.lastIndexOf('\n\n');
  if (end < 0 || !note.endsWith('\n') || hasControl(note)) return undefined;
  const lines = note.slice(end + 2, -1).split('\n');
  if (lines.length > SIGNATURE_COUNT_MAX) return undefined;
  const signatures = [];
  for (const line of lines) {
    const match = /^— ([^\s+]+) (\S+)$/u.exec(line);
    const bytes = match === null ? undefined : fromBase64(match[2]!);
    if (match === null || bytes === undefined || bytes.length < 5) return undefined;
    signatures.push({ name: match[1]!, keyId: bytes.slice(0, 4), signature: bytes.slice(4) });
  }
  return { text: note.slice(0, end + 1), signatures };
}

/**
 * Whether a note is signed by a known key: `signed`; not signed by any of them: `unknown key`; a signature in the name of a known key is wrong: `forged`.
 */
export function verifyNote(
  note: Note,
  options: { sha256: Sha256; keys: readonly NoteKey[]; verify: VerifySignature },
): 'signed' | 'unknown key' | 'forged' {
  let signed = false;
  for (const key of options.keys) {
    const id = keyIdOf(options.sha256, key);
    for (const { name, keyId, signature } of note.signatures) {
      if (name !== key.name || !keyId.every((byte, i) => byte === id[i])) continue;
      if (!options.verify(key.publicKey, encode(note.text), signature)) return 'forged';
      signed = true;
    }
  }
  return signed ? 'signed' : 'unknown key';
}

/** The head of a log at one size. */
export interface Checkpoint {
  /** Which log: a name without spaces, `platform.example/conversations/conv_…`. */
  readonly origin: string;
  readonly size: number;
  readonly root: Uint8Array;
}

/** The text of a checkpoint, ready to be signed. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** Reads the text of a checkpoint; `undefined` when it is not one. Extension lines are ignored. */
export function parseCheckpoint(text: string): Checkpoint | undefined {
  const [origin, size, root, ...rest] = text.split('\n');
  if (!origin || size === undefined || root === undefined || rest.pop() !== '' || rest.includes('')) return undefined;
  const hash = fromBase64(root);
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || hash?.length !== 32) return undefined;
  return { origin, size: Number(size), root: hash };
}

/** A receipt: proof that one leaf is in the log of a signed checkpoint. It can be verified offline, by anyone who has the leaf and the key. */
export interface Receipt {
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** A signed note. */
  readonly checkpoint: string;
}

/** The text of a receipt (`.tlog-proof`). */
export function formatReceipt({ index, proof, checkpoint }: Receipt): string {
  return [PROOF_HEADER, `index ${index}`, ...proof.map(toBase64), '', checkpoint].join('\n');
}

/** Reads a receipt; `undefined` when it is malformed. */
export function parseReceipt(text: string): Receipt | undefined {
  const end = text.indexOf('\n\n');
  if (end < 0) return undefined;
  const lines = text.slice(0, end).split('\n');
  if (lines.shift() !== PROOF_HEADER) return undefined;
  if (lines[0]?.startsWith('extra ')) lines.shift();
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')?.[1];
  const proof = lines.map(fromBase64);
  if (index === undefined || proof.some((hash) => hash?.length !== 32)) return undefined;
  return { index: Number(index), proof: proof as Uint8Array[], checkpoint: text.slice(end + 2) };
}

function hasControl(text: string): boolean {
  for (const character of text) if (character < ' ' && character !== '\n') return true;
  return false;
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
