/**
 * A network whose state fits in 64 bits: the fast path, which nearly every network takes.
 *
 * While states are asked for in order, as every search does where there is no tau, some are expanded ahead: their successors are collected as words, and the
 * places of all of them in the table are read before the first is needed, so that the cache misses overlap.
 *
 * The methods read fields into locals once, and the loops touch nothing but integers and typed arrays.
 */
import type { Alphabet } from '../csp/index.ts';
import type { Lts, StateId, Transitions } from './lts.ts';
import { PackedStates } from './packed-states.ts';
import { ENTRY_SIZE, PARTNER_SIZE, type Program } from './program.ts';
import { EVENT, HIGH, LOW, NUMBER, Successors } from './successors.ts';
import { applySimply, type WordRules, wordRules } from './word-rules.ts';
import { WordSpace } from './word-space.ts';

/** So many states are expanded ahead, unless they have more successors than is good for the cache nearest to the processor. */
const AHEAD_STATE_COUNT = 16;
const AHEAD_SUCCESSOR_COUNT = 512;

/** Of fewer states the plain twin is done before the kernel is set up. */
const KERNEL_FROM = 1 << 16;

export class NarrowLts implements Lts {
  readonly alphabet: Alphabet;
  readonly initial = 0 as StateId;
  readonly #program: Program;
  readonly #simple: WordRules | undefined;
  /** `code` and `moves` of the program, with (low word, high word) in place of (word, xor). */
  readonly #starts: Int32Array;
  readonly #code: Int32Array;
  readonly #moves: Int32Array;
  readonly #words: Int32Array;
  readonly #shifts: Int32Array;
  readonly #masks: Int32Array;
  /** The state of each component in the state being expanded. */
  readonly #local: Int32Array;

  readonly #bitCount: number;
  #states: PackedStates;
  #kernelFrom: number;
  /** The kernel, when it has taken over: `#states` is empty then. */
  #space: WordSpace | undefined;

  /** States `#aheadFrom` up to `#aheadTo` are expanded: the successors of the k-th of them are the rows from `#aheadAt[k]` up to `#aheadAt[k + 1]`. */
  #aheadFrom = 0;
  #aheadTo = 0;
  readonly #aheadAt = new Int32Array(AHEAD_STATE_COUNT + 1);
  readonly #ahead = new Successors();

  /** `kernelFrom`: how many states are known when the kernel takes over; `Infinity` for never. */
  constructor(alphabet: Alphabet, program: Program, kernelFrom = KERNEL_FROM) {
    this.#kernelFrom = kernelFrom;
    this.alphabet = alphabet;
    this.#program = program;
    this.#simple = program.wordCount === 1 ? wordRules(program) : undefined;
    const { starts, code } = this.#simple?.others ?? program;
    this.#starts = starts;
    this.#code = code.slice();
    this.#moves = program.moves.slice();
    splitWords(this.#code, this.#moves);
    this.#words = Int32Array.from(program.fields, ({ word }) => word);
    this.#shifts = Int32Array.from(program.fields, ({ shift }) => shift);
    this.#masks = Int32Array.from(program.fields, ({ mask }) => mask);
    this.#local = new Int32Array(program.components.length);
    this.#bitCount = Math.max(...program.fields.map(({ shift, mask }) => shift + 32 - Math.clz32(mask)));
    this.#states = new PackedStates(program.wordCount === 1 ? 1 : 2, this.#bitCount);
    const { rows, capacity } = this.#ahead;
    rows[LOW * capacity] = program.initial[0]!;
    rows[HIGH * capacity] = program.initial[1] ?? 0;
    this.#states.intern(this.#ahead, 1);
  }

  get stateCount(): number {
    return (this.#space ?? this.#states).count;
  }

  /** Bytes held for the states found so far: what capacity planning and benchmarks ask for. */
  get byteCount(): number {
    return (this.#space ?? this.#states).byteCount;
  }

  /** Those of them that the kernel holds in its own memory. */
  get kernelByteCount(): number {
    return this.#space?.byteCount ?? 0;
  }

  successors(state: StateId, into: Transitions): void {
    if (this.#states.count >= this.#kernelFrom) this.#useKernel();
    if (this.#space !== undefined) {
      const inOrder = state === this.#aheadTo;
      this.#aheadTo = state + 1;
      this.#space.successors(state, inOrder ? AHEAD_STATE_COUNT : 1, into);
      if (this.#program.mayRepeat) into.removeRepeated();
      return;
    }
    if (state < this.#aheadFrom || state >= this.#aheadTo) this.#lookAhead(state);
    const from = this.#aheadAt[state - this.#aheadFrom]!;
    const to = this.#aheadAt[state - this.#aheadFrom + 1]!;
    const count = to - from;
    into.reserve(count);
    into.length = count;
    if (count === 0) return;
    const { events, targets } = into;
    const { rows, capacity } = this.#ahead;
    for (let i = 0; i < count; i++) {
      events[i] = rows[EVENT * capacity + from + i]!;
      targets[i] = rows[NUMBER * capacity + from + i]!;
    }
    if (this.#program.mayRepeat) into.removeRepeated();
  }

  describe(state: StateId): string {
    if (this.#space !== undefined) this.#unpack(this.#space.lowOf(state), 0);
    else this.#unpack(this.#states.lowOf(state), this.#states.highOf(state));
    return describeTuple(this.#program, this.#local);
  }

  /** Expands `state` and, if states are asked for in order, some after it: their successors become known a little early, in the order they would have. */
  #lookAhead(state: number): void {
    const inOrder = state === this.#aheadTo;
    const end = Math.min(this.#states.count, inOrder ? state + AHEAD_STATE_COUNT : state + 1);
    // If memory ends below, nothing is expanded.
    this.#aheadFrom = this.#aheadTo = 0;
    let count = 0;
    let next = state;
    do {
      count = this.#expand(next++, count);
      this.#aheadAt[next - state] = count;
    } while (next < end && count < AHEAD_SUCCESSOR_COUNT);
    this.#states.intern(this.#ahead, count);
    this.#aheadFrom = state;
    this.#aheadTo = next;
  }

  /** From many states on the kernel does the work, if it can: it has to be set up first. */
  #useKernel(): void {
    const simple = this.#simple;
    this.#kernelFrom = Number.POSITIVE_INFINITY;
    if (simple === undefined || this.#code.length > 0) return;
    this.#space = new WordSpace(simple, this.#bitCount, this.#states, AHEAD_STATE_COUNT);
    this.#states = new PackedStates(1, 0);
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

  /** Appends the successors of `state` to those there are, of which there are `count`; how many there are then. */
  #expand(state: number, count: number): number {
    if (this.#simple === undefined) return this.#expandAny(state, count);
    const simple = applySimply(this.#simple, this.#states.lowOf(state), this.#ahead, count);
    return this.#code.length === 0 ? simple : this.#expandAny(state, simple);
  }

  #expandAny(state: number, count: number): number {
    const { leads, bases, offers } = this.#program;
    const starts = this.#starts;
    const code = this.#code;
    const moves = this.#moves;
    const local = this.#local;
    const low = this.#states.lowOf(state);
    const high = this.#states.highOf(state);
    this.#unpack(low, high);
    let { rows, capacity } = this.#ahead;
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
        if (count + ways > capacity) {
          this.#ahead.reserve(count + ways);
          rows = this.#ahead.rows;
          capacity = this.#ahead.capacity;
        }
        if (partnerCount === 0) {
          rows[EVENT * capacity + count] = code[p]!;
          rows[LOW * capacity + count] = nextLow;
          rows[HIGH * capacity + count] = nextHigh;
          count++;
        } else if (partnerCount === 1) {
          for (let w = 0; w < ways; w++) {
            rows[EVENT * capacity + count] = code[p]!;
            rows[LOW * capacity + count] = nextLow ^ moves[++move]!;
            rows[HIGH * capacity + count] = nextHigh ^ moves[++move]!;
            count++;
          }
        } else if (ways > 0) {
          rows[LOW * capacity + count] = nextLow;
          rows[HIGH * capacity + count] = nextHigh;
          this.#combine(p, partnerCount, count);
          rows.fill(code[p]!, EVENT * capacity + count, EVENT * capacity + count + ways);
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
    const { rows, capacity } = this.#ahead;
    const low = LOW * capacity + count;
    const high = HIGH * capacity + count;
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
          rows[low + w * made + m] = rows[low + m]! ^ moveLow;
          rows[high + w * made + m] = rows[high + m]! ^ moveHigh;
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
