/** Standard Base 64 (RFC 4648 section 4), strict: one text for each byte string, so that equal texts are equal bytes. */
export function toBase64(bytes: Uint8Array): string {
  const SLICE = 4096; // arguments of one call are bounded
  if (bytes.length <= SLICE) return btoa(latin1(bytes));
  let binary = '';
  for (let at = 0; at < bytes.length; at += SLICE) binary += latin1(bytes.subarray(at, at + SLICE));
  return btoa(binary);
}

/** `apply` reads the array as it is; spread would iterate over it, at four times the cost. */
function latin1(bytes: Uint8Array): string {
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}

/** The bytes of a Base 64 text; `undefined` for any text that `toBase64` would not have written. */
export function fromBase64(text: string): Uint8Array | undefined {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return undefined;
  }
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return toBase64(bytes) === text ? bytes : undefined;
}
