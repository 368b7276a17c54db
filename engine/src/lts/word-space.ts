/**
 * The kernel `kernels/word-space`: the states of a network of one word and their successors by simple rules, in WebAssembly.
 *
 * It gives what `PackedStates` with `applySimply` gives, state by state; `narrow-lts.ts` chooses between the two. Its memory is one block that grows without being copied.
 */
import { LimitReached, type Transitions } from './lts.ts';
import type { PackedStates } from './packed-states.ts';
import type { WordRules } from './word-rules.ts';
import { WORD_SPACE } from './word-space-binary.ts';

/** What is needed of it: the engine is typed without a host. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(blocks: number): number };
  start(
    rulesAt: number,
    length: number,
    leadCount: number,
    rowCount: number,
    aheadMax: number,
    pageCountMax: number,
    bitCount: number,
  ): number;
  endsAt(): number;
  eventsAt(): number;
  numbersAt(): number;
  stateCount(): number;
  wordOf(state: number): number;
  intern(word: number): number;
  ahead(state: number, end: number): number;
}

/** What the compiler keeps for itself lies below; and the rules begin here. */
const RULES_AT = 1024;
const PAGE_COUNT_MAX = 1 << 15;
const BLOCK = 1 << 16;

let compiled: object | undefined;

export class WordSpace {
  readonly #exports: Exports;
  /** A view on the memory, made anew when that has grown. */
  #memory: Int32Array;
  readonly #ends: number;
  readonly #events: number;
  readonly #numbers: number;
  #from = 0;
  #to = 0;

  /** Takes over the states known so far. Throws `LimitReached` when there is no memory. */
  constructor(rules: WordRules, bitCount: number, states: PackedStates, aheadMax: number) {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(WORD_SPACE), (character) => character.charCodeAt(0)));
    const imports = { env: { abort: () => {} } };
    this.#exports = new WebAssembly.Instance(compiled, imports).exports as Exports;
    const { memory, start, intern } = this.#exports;
    const { table, leadCount, entryCount } = rules;
    const missing = Math.ceil((RULES_AT + table.byteLength) / BLOCK) - memory.buffer.byteLength / BLOCK;
    if (missing > 0) memory.grow(missing);
    new Int32Array(memory.buffer).set(table, RULES_AT / 4);
    if (!start(RULES_AT, table.length, leadCount, entryCount, aheadMax, PAGE_COUNT_MAX, bitCount)) {
      throw new LimitReached('memory');
    }
    for (let state = 0; state < states.count; state++) {
      if (intern(states.lowOf(state)) < 0) throw new LimitReached('memory');
    }
    this.#ends = this.#exports.endsAt() / 4;
    this.#events = this.#exports.eventsAt() / 4;
    this.#numbers = this.#exports.numbersAt() / 4;
    this.#memory = new Int32Array(memory.buffer);
  }

  get count(): number {
    return this.#exports.stateCount();
  }

  get byteCount(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  lowOf(state: number): number {
    return this.#exports.wordOf(state);
  }

  /** Replaces the content of `into` by the transitions of `state`; if that is none of those expanded last, expands it and, up to `ahead` states, those after it. */
  successors(state: number, ahead: number, into: Transitions): void {
    if (state < this.#from || state >= this.#to) {
      this.#from = this.#to = 0;
      const to = this.#exports.ahead(state, state + ahead);
      if (to < 0) throw new LimitReached('memory');
      this.#from = state;
      this.#to = to;
      if (this.#memory.length === 0) this.#memory = new Int32Array(this.#exports.memory.buffer);
    }
    const memory = this.#memory;
    const end = this.#ends + state - this.#from;
    const first = memory[end]!;
    const count = memory[end + 1]! - first;
    into.reserve(count);
    into.length = count;
    const { events, targets } = into;
    const eventsAt = this.#events + first;
    const numbersAt = this.#numbers + first;
    for (let i = 0; i < count; i++) {
      events[i] = memory[eventsAt + i]!;
      targets[i] = memory[numbersAt + i]!;
    }
  }
}
