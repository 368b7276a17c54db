/**
 * What lies in Redis: an answer with what it depends on, under a code that only servers of the same installation can make (HMAC-SHA-256). What
 * Redis says is believed only with it: a verdict must not come from whoever reaches the port of Redis.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface Envelope {
  /** The whole key: an answer moved to another key is none. */
  readonly key: string;
  readonly value: unknown;
  /** Tokens of its tags, as they were before it was made. */
  readonly tokens: readonly string[];
  /** By the clock of Redis, in milliseconds: when its making began, until when it is fresh, until when it may be given at all. */
  readonly made: number;
  readonly fresh: number;
  readonly until: number;
}

const CODE_BYTES = 32;

/** undefined: the answer is not JSON, or has more than `bytesMax`. */
export function seal(envelope: Envelope, secret: Uint8Array, bytesMax: number): Buffer | undefined {
  let text: string | undefined;
  try {
    text = JSON.stringify(envelope);
  } catch {
    return undefined;
  }
  const body = Buffer.from(text);
  if (body.length > bytesMax) return undefined;
  return Buffer.concat([createHmac('sha256', secret).update(body).digest(), body]);
}

/** undefined: not ours, or of another key. */
export function open(sealed: Uint8Array, key: string, secret: Uint8Array): Envelope | undefined {
  if (sealed.length <= CODE_BYTES) return undefined;
  const body = sealed.subarray(CODE_BYTES);
  const code = createHmac('sha256', secret).update(body).digest();
  if (!timingSafeEqual(code, sealed.subarray(0, CODE_BYTES))) return undefined;
  const envelope = JSON.parse(Buffer.from(body).toString()) as Envelope;
  return envelope.key === key ? envelope : undefined;
}
