/**
 * The waist of the engine: a labelled transition system, explored lazily.
 *
 * What is verified, what is enforced and what is audited read this one interface, so they cannot disagree about what a process does.
 *
 * Invariants:
 *   - states are dense integers from 0, in order of discovery; the same state always has the same number;
 *   - `successors` of one state always yields the same transitions in the same order, without duplicates;
 *   - a target may be a state never seen before: asking makes it known.
 */
import type { Alphabet, EventId } from '../csp/index.ts';

export { LimitReached } from '../csp/index.ts';

declare const brand: unique symbol;
export type StateId = number & { readonly [brand]: 'State' };

export interface Lts {
  readonly alphabet: Alphabet;
  readonly initial: StateId;
  /** Number of states discovered so far. */
  readonly stateCount: number;
  /** Replaces the content of `into` by the transitions of `state`. */
  successors(state: StateId, into: Transitions): void;
  /** The state in words, for people: the process term, or the tuple of component terms. */
  describe(state: StateId): string;
  /**
   * Where compressions were applied: the process without them. Both are equal in T, F and FD at least, but only the runs of this one are the process's own,
   * so counterexamples are told in it.
   */
  readonly uncompressed?: Lts;
  /** Whether both are equal in V and R too. */
  readonly keepsEveryModel?: boolean;
}

/** A reusable list of transitions, as two parallel arrays of integers. */
export class Transitions {
  length = 0;
  events: Int32Array;
  targets: Int32Array;
  /** For `removeRepeated`: index plus one, at most half full. */
  #slots = new Int32Array(0);

  constructor(capacity = 64) {
    this.events = new Int32Array(capacity);
    this.targets = new Int32Array(capacity);
  }

  clear(): void {
    this.length = 0;
  }

  push(event: number, target: number): void {
    if (this.length === this.events.length) this.reserve(this.length + 1);
    this.events[this.length] = event;
    this.targets[this.length] = target;
    this.length++;
  }

  eventAt(index: number): EventId {
    return this.events[index]! as EventId;
  }

  targetAt(index: number): StateId {
    return this.targets[index]! as StateId;
  }

  /** Makes room for at least `capacity` transitions; keeps those there are. */
  reserve(capacity: number): void {
    if (capacity <= this.events.length) return;
    const size = Math.max(capacity, this.events.length * 2);
    const events = new Int32Array(size);
    const targets = new Int32Array(size);
    events.set(this.events);
    targets.set(this.targets);
    this.events = events;
    this.targets = targets;
  }

  /** Keeps the first of equal transitions. */
  removeRepeated(): void {
    const size = 1 << (33 - Math.clz32(this.length));
    if (this.#slots.length < size) this.#slots = new Int32Array(size);
    const slots = this.#slots.fill(0, 0, size);
    let kept = 0;
    for (let i = 0; i < this.length; i++) {
      const event = this.events[i]!;
      const target = this.targets[i]!;
      let slot = Math.imul(Math.imul(event, 0x85ebca6b) ^ target, 0x9e3779b1) >>> (Math.clz32(size) + 1);
      let other = slots[slot]!;
      while (other !== 0 && (this.events[other - 1] !== event || this.targets[other - 1] !== target)) {
        slot = (slot + 1) & (size - 1);
        other = slots[slot]!;
      }
      if (other !== 0) continue;
      this.events[kept] = event;
      this.targets[kept] = target;
      slots[slot] = ++kept;
    }
    this.length = kept;
  }
}

/** Bounds on any exploration. What is exceeded is said in the result; nothing is thrown and nothing is guessed. */
export interface Limits {
  readonly stateCountMax?: number;
  /** Asked every few thousand states: true stops the exploration. Deadlines live outside, since the engine has no clock. */
  readonly stopped?: () => boolean;
  /** Bytes that are in use, as the host measures them; asked as often as `stopped`. More than `byteCountMax` of them end the exploration. */
  readonly byteCount?: () => number;
  readonly byteCountMax?: number;
  /** Called every few thousand states. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly phase: 'compile' | 'normalize' | 'explore' | 'refine';
  readonly states: number;
  readonly transitions: number;
  /** Bytes in use, where the caller can measure them. */
  readonly byteCount?: number;
}
