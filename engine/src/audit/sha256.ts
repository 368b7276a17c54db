/** Passed in: the engine has no cryptography of its own. It reads the bytes before it returns, and keeps nothing of them. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

const KEPT_MAX = 65_536;

let room = new Uint8Array(1024);

/** The hash of byte strings one after another. They are put together in memory that is used again each time. */
export function hashJoined(sha256: Sha256, ...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  if (length > KEPT_MAX) return sha256(joined(parts, new Uint8Array(length)));
  if (length > room.length) room = new Uint8Array(KEPT_MAX);
  return sha256(joined(parts, room.subarray(0, length)));
}

function joined(parts: readonly Uint8Array[], into: Uint8Array): Uint8Array {
  let at = 0;
  for (const part of parts) {
    into.set(part, at);
    at += part.length;
  }
  return into;
}
