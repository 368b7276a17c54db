/**
 * Time, and who waits for it.
 *
 * A network without a clock lives in virtual time: it stands still while any process can go on, and jumps to the next timer when none can. With
 * a real clock (a capability, passed in from outside) the network sleeps until the next timer is due.
 *
 * Order at one instant: first those who sleep, one at a time, each followed by all that it sets off; only then timeouts. So a value that
 * arrives at the very instant of a timeout wins.
 */

/** Milliseconds. */
export interface Clock {
  now(): number;
  /** Calls `wake` once, after `milliseconds`; the result cancels. */
  after(milliseconds: number, wake: () => void): () => void;
}

export const SLEEP = 0;
export const TIMEOUT = 1;
export type TimerRank = typeof SLEEP | typeof TIMEOUT;

export interface Timer {
  readonly at: number;
  readonly rank: TimerRank;
  /** Order of making, for equal times and ranks. */
  readonly order: number;
  readonly fire: () => void;
  cancelled: boolean;
}

/** A binary heap of timers. A cancelled timer stays until it comes to the top, but at most as many as there are live ones. */
export class Timers {
  #heap: Timer[] = [];
  #made = 0;
  #cancelled = 0;

  add(at: number, rank: TimerRank, fire: () => void): Timer {
    const timer: Timer = { at, rank, order: this.#made++, fire, cancelled: false };
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
    return timer;
  }

  cancel(timer: Timer): void {
    if (timer.cancelled) return;
    timer.cancelled = true;
    this.#cancelled++;
    if (this.#cancelled > 32 && this.#cancelled * 2 > this.#heap.length) {
      const live = this.#heap.filter((kept) => !kept.cancelled);
      this.#heap = live;
      this.#cancelled = 0;
      live.sort((a, b) => (before(a, b) ? -1 : 1)); // A sorted array is a heap.
    }
  }

  /** The next timer that is not cancelled, left in place. */
  peek(): Timer | undefined {
    while (this.#heap[0]?.cancelled === true) {
      this.#removeTop();
      this.#cancelled--;
    }
    return this.#heap[0];
  }

  /** Removes and returns what `peek` shows. */
  pop(): Timer | undefined {
    const timer = this.peek();
    if (timer !== undefined) {
      this.#removeTop();
      timer.cancelled = true;
    }
    return timer;
  }

  #removeTop(): void {
    const last = this.#heap.pop()!;
    if (this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink();
  }

  #rise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(this.#heap[at]!, this.#heap[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    let at = 0;
    for (;;) {
      let first = at;
      for (const child of [2 * at + 1, 2 * at + 2])
        if (child < this.#heap.length && before(this.#heap[child]!, this.#heap[first]!)) first = child;
      if (first === at) return;
      this.#swap(at, first);
      at = first;
    }
  }

  #swap(i: number, j: number): void {
    const held = this.#heap[i]!;
    this.#heap[i] = this.#heap[j]!;
    this.#heap[j] = held;
  }
}

function before(a: Timer, b: Timer): boolean {
  if (a.at !== b.at) return a.at < b.at;
  return a.rank !== b.rank ? a.rank < b.rank : a.order < b.order;
}
