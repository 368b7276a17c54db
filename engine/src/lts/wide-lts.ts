/**
 * A network of any size: the same program and the same table as `narrow-lts.ts`, with as many words a state as are needed.
 */
import type { Alphabet } from '../csp/index.ts';
import type { Lts, StateId, Transitions } from './lts.ts';
import { describeTuple } from './narrow-lts.ts';
import { ENTRY_SIZE, PARTNER_SIZE, type Program } from './program.ts';
import { allocate, grown } from './watch.ts';

export class WideLts implements Lts {
  readonly alphabet: Alphabet;
  readonly initial = 0 as StateId;
  readonly #program: Program;
  readonly #width: number;
  readonly #local: Int32Array;
  /** The words of state i are at `i * width`. */
  #keys: Int32Array;
  #count = 0;
  /** State plus one; 0 is free. At most three quarters full. */
  #slots = new Int32Array(4096);
  /** The successor being made. */
  readonly #next: Int32Array;

  constructor(alphabet: Alphabet, program: Program) {
    this.alphabet = alphabet;
    this.#program = program;
    this.#width = program.wordCount;
    this.#local = new Int32Array(program.components.length);
    this.#keys = new Int32Array(64 * this.#width);
    this.#next = program.initial.slice();
    this.#intern();
  }

  get stateCount(): number {
    return this.#count;
  }

  get byteCount(): number {
    return this.#keys.byteLength + this.#slots.byteLength;
  }

  successors(state: StateId, into: Transitions): void {
    const { leads, bases, starts, code } = this.#program;
    const local = this.#local;
    this.#unpack(state);
    into.clear();
    for (let l = 0; l < leads.length; l++) {
      const lead = leads[l]!;
      const at = bases[lead]! + local[lead]!;
      for (let p = starts[at]!; p < starts[at + 1]!; p += ENTRY_SIZE + code[p + 3]! * PARTNER_SIZE) {
        const from = state * this.#width;
        for (let w = 0; w < this.#width; w++) this.#next[w] = this.#keys[from + w]!;
        this.#next[code[p + 1]!]! ^= code[p + 2]!;
        this.#join(p, 0, into);
      }
    }
    if (this.#program.mayRepeat) into.removeRepeated();
  }

  describe(state: StateId): string {
    this.#unpack(state);
    return describeTuple(this.#program, this.#local);
  }

  #unpack(state: number): void {
    const { fields } = this.#program;
    const from = state * this.#width;
    for (let i = 0; i < fields.length; i++) {
      const field = fields[i]!;
      this.#local[i] = (this.#keys[from + field.word]! >>> field.shift) & field.mask;
    }
  }

  /** Lets partner number `k` and those after it take part in the entry at `p`, in all ways. Xor undoes itself, so `#next` is left as it was. */
  #join(p: number, k: number, into: Transitions): void {
    const { code, offers, moves } = this.#program;
    if (k === code[p + 3]!) {
      into.push(code[p]!, this.#intern());
      return;
    }
    const q = p + ENTRY_SIZE + k * PARTNER_SIZE;
    const move = offers[code[q + 1]! + this.#local[code[q]!]!]!;
    if (move === 0) return;
    for (let w = 0; w < moves[move]!; w++) {
      this.#next[moves[move + 1 + 2 * w]!]! ^= moves[move + 2 + 2 * w]!;
      this.#join(p, k + 1, into);
      this.#next[moves[move + 1 + 2 * w]!]! ^= moves[move + 2 + 2 * w]!;
    }
  }

  #intern(): number {
    const width = this.#width;
    const next = this.#next;
    const mask = this.#slots.length - 1;
    let h = hash(next, 0, width) & mask;
    for (let state = this.#slots[h]!; state !== 0; state = this.#slots[h]!) {
      const at = (state - 1) * width;
      let w = 0;
      while (w < width && this.#keys[at + w] === next[w]) w++;
      if (w === width) return state - 1;
      h = (h + 1) & mask;
    }
    if ((this.#count + 1) * width > this.#keys.length) this.#keys = grown(this.#keys, (this.#count + 1) * width);
    this.#keys.set(next, this.#count * width);
    this.#slots[h] = ++this.#count;
    if (this.#count > (this.#slots.length >> 2) * 3) this.#enlarge();
    return this.#count - 1;
  }

  #enlarge(): void {
    const size = this.#slots.length * 2;
    const slots = allocate(() => new Int32Array(size));
    const mask = size - 1;
    for (let state = 0; state < this.#count; state++) {
      let h = hash(this.#keys, state * this.#width, this.#width) & mask;
      while (slots[h] !== 0) h = (h + 1) & mask;
      slots[h] = state + 1;
    }
    this.#slots = slots;
  }
}

function hash(words: Int32Array, at: number, width: number): number {
  let h = 0;
  for (let w = 0; w < width; w++) h = Math.imul(h ^ words[at + w]!, 0x9e3779b1) ^ (h >>> 15);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
