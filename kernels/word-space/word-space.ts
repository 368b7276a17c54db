/**
 * The states of a network of one word, and their successors by simple rules: the inner loop of exploration. Its twin in plain TypeScript, which says what it means, is
 * `PackedStates` with `applySimply` in engine/src/lts; the comments on hashing are there.
 *
 * Memory, in bytes: what JavaScript wrote (rules), the ends of rows, the rows of successors in columns (event, word, hash, number), the places of the pages of words, what was
 * crowded out; from `top` on tables and pages. A table that was replaced is cut into pages.
 */

const PAGE_BITS: u32 = 15;
const PAGE_BYTES: usize = 4 << PAGE_BITS;
const PAGE_MASK: u32 = (1 << PAGE_BITS) - 1;
const BUCKET_BITS: u32 = 4;
const BUCKET_MASK: u32 = (1 << BUCKET_BITS) - 1;
const SLOT_BITS_MIN: u32 = 17;
const EXACT_BIT_COUNT_MAX: u32 = 26;
const TRY_BITS_MAX: u32 = 4;
const CROWDED_OUT_MAX: u32 = 256;
const SUCCESSOR_COUNT: u32 = 512;

const LEAD_BYTES: usize = 12;
const SIMPLE_BYTES: usize = 20;

let rules: usize;
let leadsEnd: usize;
let ends: usize;
let events: usize;
let words: usize;
let hashes: usize;
let numbers: usize;
let pages: usize;
let crowdedOut: usize;
let crowdedOutCount: u32;
let top: usize;
let freeFrom: usize;
let freeTo: usize;

let bitCount: u32;
let isExact: bool;
let tryBits: u32;
let slots: usize;
let slotBits: u32;
let count: u32;
let countMax: u32;

/** Lays memory out behind the rules, which begin at `at` and are `length` numbers; `rowCount` bounds the successors of a state. False: no memory. */
export function start(
  at: usize,
  length: u32,
  leadCount: u32,
  rowCount: u32,
  aheadMax: u32,
  pageCountMax: u32,
  bits: u32,
): bool {
  const rowBytes: usize = (<usize>(rowCount + SUCCESSOR_COUNT + 1)) << 2;
  rules = at;
  leadsEnd = at + <usize>leadCount * LEAD_BYTES;
  ends = at + ((<usize>length) << 2);
  events = ends + ((<usize>(aheadMax + 1)) << 2);
  words = events + rowBytes;
  hashes = words + rowBytes;
  numbers = hashes + rowBytes;
  pages = numbers + rowBytes;
  crowdedOut = pages + ((<usize>pageCountMax) << 2);
  top = (crowdedOut + ((<usize>(CROWDED_OUT_MAX + rowCount + SUCCESSOR_COUNT)) << 3) + 63) & ~63;
  freeFrom = freeTo = 0;
  bitCount = bits;
  isExact = bits <= EXACT_BIT_COUNT_MAX;
  tryBits = isExact ? min(TRY_BITS_MAX, 28 - bits) : 0;
  slotBits = 0;
  count = 0;
  countMax = 0;
  return room(0) && reserve(1);
}

export function endsAt(): usize {
  return ends;
}
export function eventsAt(): usize {
  return events;
}
export function numbersAt(): usize {
  return numbers;
}
export function stateCount(): u32 {
  return count;
}

/** The word of a state. */
export function wordOf(state: u32): u32 {
  return load<u32>(load<usize>(pages + ((<usize>state >> PAGE_BITS) << 2)) + ((<usize>state & PAGE_MASK) << 2));
}

/** Makes the word known, whether it was or not: its number, or -1 when there is no memory. */
export function intern(word: u32): i32 {
  store<u32>(words, word);
  return internRows(1) ? load<i32>(numbers) : -1;
}

/** Expands states from `state` on, up to `end` at most, and makes their successors known; where it stopped, or -1 when there is no memory. */
export function ahead(state: u32, end: u32): i32 {
  if (end > count) end = count;
  let row: u32 = 0;
  let next = state;
  store<u32>(ends, 0);
  do {
    row = expand(wordOf(next), row);
    next++;
    store<u32>(ends + ((<usize>(next - state)) << 2), row);
  } while (next < end && row < SUCCESSOR_COUNT);
  return internRows(row) ? next : -1;
}

function expand(word: u32, row: u32): u32 {
  for (let lead = rules; lead < leadsEnd; lead += LEAD_BYTES) {
    const at = rules + ((<usize>(load<u32>(lead, 8) + ((word >> load<u32>(lead)) & load<u32>(lead, 4)))) << 2);
    const end = rules + ((<usize>load<u32>(at, 4)) << 2);
    for (let p = rules + ((<usize>load<u32>(at)) << 2); p < end; p += SIMPLE_BYTES) {
      const way = rules + ((<usize>(load<u32>(p, 16) + 2 * ((word >> load<u32>(p, 8)) & load<u32>(p, 12)))) << 2);
      const to = (<usize>row) << 2;
      store<u32>(events + to, load<u32>(p));
      store<u32>(words + to, word ^ load<u32>(p, 4) ^ load<u32>(way, 4));
      row += load<u32>(way);
    }
  }
  return row;
}

function internRows(rowCount: u32): bool {
  if (count + rowCount > countMax && !reserve(count + rowCount)) return false;
  const end = (<usize>rowCount) << 2;
  const shift = isExact ? bitCount - slotBits + BUCKET_BITS : 0;
  const rest: u32 = (1 << shift) - 1;
  const mask: u32 = (1 << slotBits) - 1;
  const tagShift = tryBits + slotBits;
  // Reads every slot, so that cache misses overlap; the sum is stored so that the reads stay.
  let sum: u32 = 0;
  if (isExact) {
    for (let i: usize = 0; i < end; i += 4) {
      const hash = permuted(load<u32>(words + i));
      store<u32>(hashes + i, hash);
      sum ^= load<u32>(slots + ((<usize>(((hash >> shift) << BUCKET_BITS) | (hash & BUCKET_MASK))) << 2));
    }
  } else {
    for (let i: usize = 0; i < end; i += 4) {
      const hash = hashed(load<u32>(words + i));
      store<u32>(hashes + i, hash);
      sum ^= load<u32>(slots + ((<usize>(hash >> (32 - slotBits))) << 2));
    }
  }
  store<u32>(numbers, sum);
  for (let i: usize = 0; i < end; i += 4) {
    const hash = load<u32>(hashes + i);
    if (isExact) {
      const slot = load<u32>(slots + ((<usize>(((hash >> shift) << BUCKET_BITS) | (hash & BUCKET_MASK))) << 2));
      if (slot !== 0 && (slot & ~mask) === (hash & rest) << tagShift) {
        store<u32>(numbers + i, (slot & mask) - 1);
        continue;
      }
    }
    const word = load<u32>(words + i);
    const state = isExact ? seekExactly(hash, count) : seekByWord(hash, word, count);
    store<u32>(numbers + i, state);
    if (state === count) append(word);
  }
  return true;
}

function seekExactly(hash: u32, known: u32): u32 {
  const shift = bitCount - slotBits + BUCKET_BITS;
  const rest = hash & ((1 << shift) - 1);
  const mask: u32 = (1 << slotBits) - 1;
  const first = hash & BUCKET_MASK;
  let bucket = (hash >> shift) << BUCKET_BITS;
  let tag = rest << (tryBits + slotBits);
  for (let tried: u32 = 0; tried < 1 << tryBits; tried++) {
    let at = bucket | first;
    do {
      const place = slots + ((<usize>at) << 2);
      const slot = load<u32>(place);
      if (slot === 0) {
        store<u32>(place, tag | (known + 1));
        return known;
      }
      if ((slot & ~mask) === tag) return (slot & mask) - 1;
      at = bucket | ((at + 1) & BUCKET_MASK);
    } while (at !== (bucket | first));
    bucket = (bucket + ((2 * rest + 1) << BUCKET_BITS)) & mask;
    tag += 1 << slotBits;
  }
  for (let i: u32 = 0; i < crowdedOutCount; i++) {
    if (load<u32>(crowdedOut + ((<usize>i) << 3)) === hash) return load<u32>(crowdedOut + ((<usize>i) << 3), 4);
  }
  store<u32>(crowdedOut + ((<usize>crowdedOutCount) << 3), hash);
  store<u32>(crowdedOut + ((<usize>crowdedOutCount) << 3), known, 4);
  // The table is enlarged before the next batch, which is as long as there are places left at most.
  if (++crowdedOutCount > CROWDED_OUT_MAX) countMax = 0;
  return known;
}

function seekByWord(hash: u32, word: u32, known: u32): u32 {
  const mask: u32 = (1 << slotBits) - 1;
  const tag = hash << slotBits;
  let at = hash >> (32 - slotBits);
  let first = at;
  while (true) {
    const place = slots + ((<usize>at) << 2);
    const slot = load<u32>(place);
    if (slot === 0) {
      store<u32>(place, tag | (known + 1));
      return known;
    }
    if ((slot & ~mask) === tag && wordOf((slot & mask) - 1) === word) return (slot & mask) - 1;
    at = (at & ~BUCKET_MASK) | ((at + 1) & BUCKET_MASK);
    if (at === first) {
      at = (at + (((2 * hash) | 1) << BUCKET_BITS)) & mask;
      first = at;
    }
  }
}

function append(word: u32): void {
  store<u32>(load<usize>(pages + ((<usize>count >> PAGE_BITS) << 2)) + ((<usize>count & PAGE_MASK) << 2), word);
  count++;
}

/** Room for so many states, in the table and in pages. */
function reserve(needed: u32): bool {
  let bits = max<u32>(slotBits, SLOT_BITS_MIN);
  while (needed > loadMax(bits) || (bits === slotBits && crowdedOutCount > CROWDED_OUT_MAX)) bits += bits < 20 ? 2 : 1;
  if (bits > 30) return false;
  if (bits !== slotBits && !rebuild(bits)) return false;
  let pageCount = (count + PAGE_MASK) >> PAGE_BITS;
  while (pageCount << PAGE_BITS < needed) {
    const page = newPage();
    if (page === 0) return false;
    store<usize>(pages + ((<usize>pageCount) << 2), page);
    pageCount++;
  }
  countMax = min(loadMax(bits), pageCount << PAGE_BITS);
  return true;
}

function rebuild(bits: u32): bool {
  const bytes: usize = (<usize>4) << bits;
  if (!room(bytes)) return false;
  const old = slots;
  const oldEnd = slotBits === 0 ? old : old + ((<usize>4) << slotBits);
  slots = top;
  top += bytes;
  slotBits = bits;
  crowdedOutCount = 0;
  for (let state: u32 = 0; state < count; state++) {
    const word = wordOf(state);
    if (isExact) seekExactly(permuted(word), state);
    else seekByWord(hashed(word), word, state);
  }
  if (oldEnd - old > freeTo - freeFrom) {
    freeFrom = old;
    freeTo = oldEnd;
  }
  return true;
}

function newPage(): usize {
  let page = freeFrom;
  if (freeTo - freeFrom >= PAGE_BYTES) freeFrom += PAGE_BYTES;
  else {
    if (!room(PAGE_BYTES)) return 0;
    page = top;
    top += PAGE_BYTES;
  }
  return page;
}

/** Grows the memory so that there are so many bytes from `top` on. */
function room(bytes: usize): bool {
  const end: u64 = <u64>top + bytes + 0xffff;
  const needed = <i32>(end >> 16);
  if (needed > 0xffff) return false;
  const missing = needed - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}

function loadMax(bits: u32): u32 {
  return 13 << (bits - 4);
}

function permuted(word: u32): u32 {
  const mask: u32 = (1 << bitCount) - 1;
  const half = max<u32>(1, bitCount >> 1);
  const once = (word * 0x9e3779b1) & mask;
  const twice = ((once ^ (once >> half)) * 0x85ebca6b) & mask;
  return twice ^ (twice >> half);
}

function hashed(word: u32): u32 {
  const once = (word ^ (word >> 15)) * 0x9e3779b1;
  const twice = (once ^ (once >> 13)) * 0xc2b2ae35;
  return twice ^ (twice >> 16);
}
