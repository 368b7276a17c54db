/**
 * Leaves of the audit log: one canonical JSON object for each thing that happened in a conversation.
 *
 * A leaf holds the visible header of a message (role, event, order), never its payload: personal data enters only as a salted hash.
 * `previous` is the hash of the leaf before, so that a change is found at its place and not only in the root.
 */
import { toBase64 } from './base64.ts';
import { canonicalBytes } from './canonical.ts';
import { hashJoined, type Sha256 } from './sha256.ts';

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
  return toBase64(hashJoined(sha256, salt, canonicalBytes(payload)));
}

/** Strict Base 64 of 32 bytes: the two unused bits of the last character are zero. */
const HASH = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/;

type Check = (value: unknown) => boolean;
const oneOf =
  (...words: readonly unknown[]): Check =>
  (value) =>
    words.includes(value);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);

const PLACE: Readonly<Record<string, Check>> = {
  v: (value) => value === 1,
  log: isText,
  seq: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  at: (value) => typeof value === 'string' && TIME.test(value),
};
const LATER = { ...PLACE, previous: isHash };
const ATTEMPT = { ...LATER, role: isText, event: isText, payload: optional(isHash) };
const UNLAWFUL = {
  ...ATTEMPT,
  reason: oneOf('unknown event', 'not yours', 'not now', 'over', 'crashed'),
  expected: isTexts,
};

/** The members of each kind, `kind` apart. */
const MEMBERS: ReadonlyMap<unknown, ReadonlyMap<string, Check>> = new Map(
  Object.entries({
    opened: { ...PLACE, protocol: isProtocol, mode: optional(oneOf('observe', 'block', 'quarantine')) },
    event: ATTEMPT,
    refusal: UNLAWFUL,
    unlawful: UNLAWFUL,
    quarantined: { ...LATER, role: isText, reason: oneOf('unlawful', 'silent') },
    closed: { ...LATER, reason: oneOf('terminated', 'stuck', 'stopped') },
  }).map(([kind, members]) => [kind, new Map<string, Check>(Object.entries(members))]),
);

/** The leaf that `value` is, or what is wrong with it. Unknown members are an error: nothing may ride along unseen. */
export function leafOf(value: unknown): Leaf | string {
  if (!isObject(value)) return 'not an object';
  const members = MEMBERS.get(value.kind);
  if (members === undefined) return `unknown kind ${JSON.stringify(value.kind)}`;
  for (const [name, isValid] of members) if (!isValid(value[name])) return `member "${name}" is missing or wrong`;
  for (const name of Object.keys(value)) if (name !== 'kind' && !members.has(name)) return `unknown member "${name}"`;
  return value as unknown as Leaf;
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
