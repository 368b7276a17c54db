/**
 * The bytes of many small texts, side by side in one array: memory outside the heap costs its engine more, for each array, than hashing
 * what is in it. Whoever keeps one text keeps its neighbors, 16 KiB at most.
 */
const ENCODER = new TextEncoder();
const SLAB = 16_384;
/** Of UTF-8, for one unit of UTF-16. */
const BYTES_MAX = 3;

let slab = new Uint8Array(SLAB);
let used = 0;

/** The UTF-8 bytes of a text: to be read, and sent only as a copy. */
export function utf8(text: string): Uint8Array {
  const room = text.length * BYTES_MAX;
  if (room > SLAB / 4) return ENCODER.encode(text);
  if (used + room > SLAB) {
    slab = new Uint8Array(SLAB);
    used = 0;
  }
  const { written } = ENCODER.encodeInto(text, slab.subarray(used));
  used += written;
  return slab.subarray(used - written, used);
}
