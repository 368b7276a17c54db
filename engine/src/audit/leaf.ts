/**
 * Leaves of the audit log: one canonical JSON object for each thing that happened in a conversation.
 *
 * A leaf holds the visible header of a message (role, event, order), never its payload: personal data enters only as a salted hash.
 * `previous` is the hash of the leaf before, so that a change is found at its place and not only in the root.
 */
import { toBase64 } from './base64.ts';
import { canonicalBytes } from './canonical.ts';
import type { Sha256 } from './merkle.ts';

/** What was specified: enough to check every line that follows, on another machine. */
export interface LoggedProtocol {
  readonly name: string;
  /** The whole CSPM script. */
  readonly source: string;
  /** The process of the script that the conversation must follow. */
  readonly system: string;
  readonly roles: readonly string[];
}

/** What the platform did with what the protocol does not allow. */
export type Mode = 'observe' | 'block' | 'quarantine';

export type RefusalReason = 'unknown event' | 'not yours' | 'not now' | 'over' | 'crashed';

/** What happened, before it has its place in a log. */
export type Entry =
  /** Without a mode: `block`. */
  | { readonly kind: 'opened'; readonly protocol: LoggedProtocol; readonly mode?: Mode }
  /** `role` performed `event`, and it was delivered. */
  | { readonly kind: 'event'; readonly role: string; readonly event: string; readonly payload?: string }
  /** `role` tried `event`; nothing was delivered. `expected`: what this role could have performed. */
  | (Unlawful & { readonly kind: 'refusal' })
  /** The same, but it was delivered: the platform only observed. The conversation stays where it was. */
  | (Unlawful & { readonly kind: 'unlawful' })
  /**
   * From here on `role` performs nothing any more but its crash, if the protocol has that: for what it attempted just before, or for being silent when it owed
   * something.
   */
  | { readonly kind: 'quarantined'; readonly role: string; readonly reason: QuarantineReason }
  /** The conversation ended. Refusals may still follow: an attempt after the end is evidence too. */
  | { readonly kind: 'closed'; readonly reason: 'terminated' | 'stuck' | 'stopped' };

interface Unlawful {
  readonly role: string;
  readonly event: string;
  readonly reason: RefusalReason;
  readonly expected: readonly string[];
  readonly payload?: string;
}

export type QuarantineReason = 'unlawful' | 'silent';

export type Leaf = Entry & {
  readonly v: 1;
  /** Identifier of the log. */
  readonly log: string;
  /** Index of the leaf; 0 is the header. */
  readonly seq: number;
  /** ISO 8601, by the clock of the platform that wrote it. */
  readonly at: string;
  /** Hash of the leaf before it, Base 64; absent in the header. */
  readonly previous?: string;
};

/** `Base64(SHA-256(salt || canonical JSON))`: binds a leaf to a payload without giving it away. Keep the salt beside the payload. */
export function payloadHash(sha256: Sha256, salt: Uint8Array, payload: unknown): string {
  const text = canonicalBytes(payload);
  const bytes = new Uint8Array(salt.length + text.length);
  bytes.set(salt);
  bytes.set(text, salt.length);
  return toBase64(sha256(bytes));
}

/** Strict Base 64 of 32 bytes: the two unused bits of the last character are zero. */
const HASH = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;
const REASONS: readonly unknown[] = ['unknown event', 'not yours', 'not now', 'over', 'crashed'];
const MODES: readonly unknown[] = ['observe', 'block', 'quarantine'];
const QUARANTINES: readonly unknown[] = ['unlawful', 'silent'];
const ENDINGS: readonly unknown[] = ['terminated', 'stuck', 'stopped'];

/** The leaf that `value` is, or what is wrong with it. Unknown members are an error: nothing may ride along unseen. */
export function leafOf(value: unknown): Leaf | string {
  if (!isObject(value)) return 'not an object';
  const known = membersOf(value);
  if (typeof known === 'string') return known;
  for (const [name, valid] of Object.entries(known)) if (!valid) return `member "${name}" is missing or wrong`;
  for (const name of Object.keys(value)) if (!(name in known)) return `unknown member "${name}"`;
  return value as unknown as Leaf;
}

function membersOf(value: Record<string, unknown>): Record<string, boolean> | string {
  const { kind, v, log, seq, at, previous, role, event, reason, expected, payload } = value;
  const place = {
    kind: true,
    v: v === 1,
    log: isText(log),
    seq: Number.isSafeInteger(seq) && (seq as number) >= 0,
    at: typeof at === 'string' && TIME.test(at),
    ...(kind === 'opened' ? {} : { previous: isHash(previous) }),
  };
  const attempt = {
    role: isText(role),
    event: isText(event),
    ...(payload === undefined ? {} : { payload: isHash(payload) }),
  };
  switch (kind) {
    case 'opened':
      return {
        ...place,
        protocol: isProtocol(value.protocol),
        ...(value.mode === undefined ? {} : { mode: MODES.includes(value.mode) }),
      };
    case 'event':
      return { ...place, ...attempt };
    case 'quarantined':
      return { ...place, role: isText(role), reason: QUARANTINES.includes(reason) };
    case 'refusal':
    case 'unlawful':
      return { ...place, ...attempt, reason: REASONS.includes(reason), expected: isTexts(expected) };
    case 'closed':
      return { ...place, reason: ENDINGS.includes(reason) };
    default:
      return `unknown kind ${JSON.stringify(kind)}`;
  }
}

function isProtocol(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).length !== 4) return false;
  return isText(value.name) && typeof value.source === 'string' && isText(value.system) && isTexts(value.roles);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

function isHash(value: unknown): boolean {
  return typeof value === 'string' && HASH.test(value);
}
