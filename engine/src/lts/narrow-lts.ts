/**
 * A network whose state fits in 64 bits: the fast path, which nearly every network takes.
 *
 * The words of state i are `keys[width * i]` and, if there are two, the next. An open-addressing table leads from words to states; a slot is a tag and a state, and the tag
 * of a one-word state is the word itself, so a look-up touches one cache line. Successors are first collected as words, then looked up together: all slots
 * are read before any is needed, so that the cache misses of one state's successors overlap.
 *
 * The methods read fields into locals once, and the loops touch nothing but integers and typed arrays.
 */
import type { Alphabet } from '../csp/index.ts';
import type { Lts, StateId, Transitions } from './lts.ts';
import { ENTRY_SIZE, PARTNER_SIZE, type Program } from './program.ts';
import { allocate, grown } from './watch.ts';

export class NarrowLts implements Lts {
  readonly alphabet: Alphabet;
  readonly initial = 0 as StateId;
  readonly #program: Program;
  /** `code` and `moves` of the program, with (low word, high word) in place of (word, xor). */
  readonly #code: Int32Array;
  readonly #moves: Int32Array;
  readonly #words: Int32Array;
  readonly #shifts: Int32Array;
  readonly #masks: Int32Array;
  /** The state of each component in the state being expanded. */
  readonly #local: Int32Array;

  readonly #width: 1 | 2;
  #keys = new Int32Array(2048);
  #count = 0;
  /** Tag and state plus one, in turn; 0 is free. The slot of a hash is its highest bits, so a larger table is filled in order. */
  #slots = new Int32Array(2 << 12);
  #shift = 32 - 12;
  /** States beyond which the table is enlarged. */
  #countMax = 0;

  /** Successors of the state being expanded: their words, where they may be in the table, and their states. */
  #low = new Int32Array(64);
  #high = new Int32Array(64);
  #places = new Int32Array(64);
  #found = new Int32Array(64);

  constructor(alphabet: Alphabet, program: Program) {
    this.alphabet = alphabet;
    this.#width = program.wordCount === 1 ? 1 : 2;
    this.#program = program;
    this.#code = program.code.slice();
    this.#moves = program.moves.slice();
    splitWords(this.#code, this.#moves);
    this.#words = Int32Array.from(program.fields, ({ word }) => word);
    this.#shifts = Int32Array.from(program.fields, ({ shift }) => shift);
    this.#masks = Int32Array.from(program.fields, ({ mask }) => mask);
    this.#local = new Int32Array(program.components.length);
    this.#low[0] = program.initial[0]!;
    this.#high[0] = program.initial[1] ?? 0;
    this.#internAll(1);
  }

  get stateCount(): number {
    return this.#count;
  }

  /** Bytes held for the states found so far: what capacity planning and benchmarks ask for. */
  get byteCount(): number {
    return this.#keys.byteLength + this.#slots.byteLength;
  }

  successors(state: StateId, into: Transitions): void {
    const count = this.#expand(state, into);
    into.length = count;
    if (count === 0) return;
    this.#internAll(count);
    const found = this.#found;
    const targets = into.targets;
    for (let i = 0; i < count; i++) targets[i] = found[i]!;
    if (this.#program.mayRepeat) into.removeRepeated();
  }

  describe(state: StateId): string {
    this.#unpack(this.#lowOf(state), this.#highOf(state));
    return describeTuple(this.#program, this.#local);
  }

  #lowOf(state: number): number {
    return this.#keys[this.#width * state]!;
  }

  #highOf(state: number): number {
    return this.#width === 1 ? 0 : this.#keys[2 * state + 1]!;
  }

  #unpack(low: number, high: number): void {
    const local = this.#local;
    const words = this.#words;
    const shifts = this.#shifts;
    const masks = this.#masks;
    for (let i = 0; i < local.length; i++) {
      local[i] = ((words[i] === 0 ? low : high) >>> shifts[i]!) & masks[i]!;
    }
  }

  /** Leaves the successors' words in `#low` and `#high`, and their events in `into`; how many there are. */
  #expand(state: number, into: Transitions): number {
    const { leads, bases, starts, offers } = this.#program;
    const code = this.#code;
    const moves = this.#moves;
    const local = this.#local;
    const low = this.#lowOf(state);
    const high = this.#highOf(state);
    this.#unpack(low, high);
    let events = into.events;
    let lows = this.#low;
    let highs = this.#high;
    let room = Math.min(events.length, lows.length);
    let count = 0;
    for (let l = 0; l < leads.length; l++) {
      const lead = leads[l]!;
      const at = bases[lead]! + local[lead]!;
      const end = starts[at + 1]!;
      for (let p = starts[at]!; p < end; ) {
        const partnerCount = code[p + 3]!;
        const nextLow = low ^ code[p + 1]!;
        const nextHigh = high ^ code[p + 2]!;
        let ways = 1;
        let move = 0;
        if (partnerCount === 1) {
          move = offers[code[p + 5]! + local[code[p + 4]!]!]!;
          ways = moves[move]!;
        } else if (partnerCount > 1) ways = this.#waysOf(p, partnerCount);
        if (count + ways > room) {
          this.#makeRoom(count + ways, into);
          events = into.events;
          lows = this.#low;
          highs = this.#high;
          room = Math.min(events.length, lows.length);
        }
        if (partnerCount === 0) {
          events[count] = code[p]!;
          lows[count] = nextLow;
          highs[count] = nextHigh;
          count++;
        } else if (partnerCount === 1) {
          for (let w = 0; w < ways; w++) {
            events[count] = code[p]!;
            lows[count] = nextLow ^ moves[++move]!;
            highs[count] = nextHigh ^ moves[++move]!;
            count++;
          }
        } else if (ways > 0) {
          lows[count] = nextLow;
          highs[count] = nextHigh;
          this.#combine(p, partnerCount, count);
          events.fill(code[p]!, count, count + ways);
          count += ways;
        }
        p += ENTRY_SIZE + partnerCount * PARTNER_SIZE;
      }
    }
    return count;
  }

  /** Every way of every partner with every other, from the words at `count` on, where the lead's own move is already made. */
  #combine(p: number, partnerCount: number, count: number): void {
    const { offers } = this.#program;
    const code = this.#code;
    const moves = this.#moves;
    const lows = this.#low;
    const highs = this.#high;
    let made = 1;
    for (let k = 0; k < partnerCount; k++) {
      const q = p + ENTRY_SIZE + k * PARTNER_SIZE;
      const move = offers[code[q + 1]! + this.#local[code[q]!]!]!;
      const ways = moves[move]!;
      // From the last way down: the first is written over the combinations that the others start from.
      for (let w = ways - 1; w >= 0; w--) {
        const moveLow = moves[move + 1 + 2 * w]!;
        const moveHigh = moves[move + 2 + 2 * w]!;
        for (let m = 0; m < made; m++) {
          lows[count + w * made + m] = lows[count + m]! ^ moveLow;
          highs[count + w * made + m] = highs[count + m]! ^ moveHigh;
        }
      }
      made *= ways;
    }
  }

  /** In how many ways the partners of the entry at `p` can take part; 0 if one of them cannot. */
  #waysOf(p: number, partnerCount: number): number {
    const { offers } = this.#program;
    const code = this.#code;
    const end = p + ENTRY_SIZE + partnerCount * PARTNER_SIZE;
    let ways = 1;
    for (let q = p + ENTRY_SIZE; q < end; q += PARTNER_SIZE) {
      const move = offers[code[q + 1]! + this.#local[code[q]!]!]!;
      ways *= this.#moves[move]!;
    }
    return ways;
  }

  #makeRoom(length: number, into: Transitions): void {
    into.reserve(length);
    if (length <= this.#low.length) return;
    this.#low = grown(this.#low, length);
    this.#high = grown(this.#high, length);
    this.#places = new Int32Array(this.#low.length);
    this.#found = new Int32Array(this.#low.length);
  }

  /** The states of the first `count` collected successors, in `#found`. */
  #internAll(count: number): void {
    if (this.#count + count > this.#countMax) this.#enlarge(this.#count + count);
    if (this.#width === 1) this.#internWords(count);
    else this.#internPairs(count);
  }

  /** One word a state: the tag is the state, so the slot tells all. */
  #internWords(count: number): void {
    const lows = this.#low;
    const places = this.#places;
    const found = this.#found;
    const slots = this.#slots;
    const keys = this.#keys;
    const shift = this.#shift;
    const last = slots.length - 2;
    for (let i = 0; i < count; i++) {
      const at = (hash(lows[i]!, 0) >>> shift) << 1;
      places[i] = at;
      found[i] = slots[at]!;
    }
    let known = this.#count;
    for (let i = 0; i < count; i++) {
      const low = lows[i]!;
      let at = places[i]!;
      let state = slots[at + 1]!;
      while (state !== 0 && slots[at] !== low) {
        at = at === last ? 0 : at + 2;
        state = slots[at + 1]!;
      }
      if (state === 0) {
        keys[known] = low;
        state = ++known;
        slots[at] = low;
        slots[at + 1] = state;
      }
      found[i] = state - 1;
    }
    this.#count = known;
  }

  /** Two words a state: the tag is the hash, and where it agrees the words decide. */
  #internPairs(count: number): void {
    const lows = this.#low;
    const highs = this.#high;
    const places = this.#places;
    const found = this.#found;
    const slots = this.#slots;
    const keys = this.#keys;
    const shift = this.#shift;
    const last = slots.length - 2;
    for (let i = 0; i < count; i++) {
      const h = hash(lows[i]!, highs[i]!);
      places[i] = h;
      found[i] = slots[(h >>> shift) << 1]!;
    }
    let known = this.#count;
    for (let i = 0; i < count; i++) {
      const low = lows[i]!;
      const high = highs[i]!;
      const tag = places[i]!;
      let at = (tag >>> shift) << 1;
      let state = slots[at + 1]!;
      while (state !== 0 && (slots[at] !== tag || keys[2 * state - 2] !== low || keys[2 * state - 1] !== high)) {
        at = at === last ? 0 : at + 2;
        state = slots[at + 1]!;
      }
      if (state === 0) {
        keys[2 * known] = low;
        keys[2 * known + 1] = high;
        state = ++known;
        slots[at] = tag;
        slots[at + 1] = state;
      }
      found[i] = state - 1;
    }
    this.#count = known;
  }

  #enlarge(count: number): void {
    if (this.#width * count > this.#keys.length) this.#keys = grown(this.#keys, this.#width * count);
    while (count > loadMax(this.#slots.length)) this.#doubleSlots();
    this.#countMax = Math.min(loadMax(this.#slots.length), this.#keys.length >> (this.#width - 1));
  }

  #doubleSlots(): void {
    const old = this.#slots;
    const slots = allocate(() => new Int32Array(old.length * 2));
    const shift = --this.#shift;
    const last = slots.length - 2;
    for (let from = 0; from < old.length; from += 2) {
      const state = old[from + 1]!;
      if (state === 0) continue;
      const tag = old[from]!;
      let at = 2 * ((this.#width === 2 ? tag : hash(tag, 0)) >>> shift);
      while (slots[at + 1] !== 0) at = at === last ? 0 : at + 2;
      slots[at] = tag;
      slots[at + 1] = state;
    }
    this.#slots = slots;
  }
}

/** At most 13/16 full; eight slots share a cache line, so probing that far is still cheap. */
function loadMax(length: number): number {
  return (length >> 5) * 13;
}

/** Its highest bits are its best: the last step is a multiplication. */
function hash(low: number, high: number): number {
  const mixed = low ^ Math.imul(high ^ (high >>> 15), 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x9e3779b1);
}

/** Rewrites (word, xor) as (xor of the low word, xor of the high word). */
function splitWords(code: Int32Array, moves: Int32Array): void {
  for (let p = 0; p < code.length; p += ENTRY_SIZE + code[p + 3]! * PARTNER_SIZE) splitAt(code, p + 1);
  for (let m = 1; m < moves.length; m += 1 + 2 * moves[m]!) {
    for (let w = 0; w < moves[m]!; w++) splitAt(moves, m + 1 + 2 * w);
  }
}

function splitAt(array: Int32Array, at: number): void {
  const [word, xor] = [array[at]!, array[at + 1]!];
  array[at] = word === 0 ? xor : 0;
  array[at + 1] = word === 0 ? 0 : xor;
}

/** A state for people: what each component has become. */
export function describeTuple({ components }: Program, local: Int32Array): string {
  return components
    .map((component, i) => component.describe(local[i]!))
    .filter((text) => text !== '')
    .join(' ∥ ');
}
