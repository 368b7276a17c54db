/**
 * A queue in a circular array: constant time at both ends, no allocation once it has grown to what is needed.
 * `Array.prototype.shift` is linear for long arrays; this is the run queue, so it may not be.
 */
export class Ring<T> {
  #items: (T | undefined)[];
  #head = 0;
  #length = 0;
  /** Capacity is a power of two, so that wrapping around is a mask. */
  #mask: number;

  constructor(capacity = 16) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(2, capacity)));
    this.#items = new Array(size).fill(undefined);
    this.#mask = size - 1;
  }

  get length(): number {
    return this.#length;
  }

  push(item: T): void {
    if (this.#length > this.#mask) this.#grow();
    this.#items[(this.#head + this.#length) & this.#mask] = item;
    this.#length++;
  }

  /** The oldest item. The queue must not be empty. */
  shift(): T {
    const head = this.#head;
    const item = this.#items[head] as T;
    this.#items[head] = undefined;
    this.#head = (head + 1) & this.#mask;
    this.#length--;
    return item;
  }

  /** The item `offset` places behind the oldest; the oldest takes its place. The queue must be longer than `offset`. */
  take(offset: number): T {
    const at = (this.#head + offset) & this.#mask;
    const item = this.#items[at] as T;
    this.#items[at] = this.#items[this.#head];
    this.#items[this.#head] = item;
    return this.shift();
  }

  /** The item `offset` places behind the oldest, left in place. */
  at(offset: number): T {
    return this.#items[(this.#head + offset) & this.#mask] as T;
  }

  /** Removes the item `offset` places behind the oldest; the others keep their order. Linear in `offset`. */
  removeAt(offset: number): T {
    const removed = this.at(offset);
    for (let i = offset; i > 0; i--) this.#items[(this.#head + i) & this.#mask] = this.at(i - 1);
    this.shift();
    return removed;
  }

  clear(): void {
    this.#items.fill(undefined);
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const items: (T | undefined)[] = new Array((this.#mask + 1) * 2).fill(undefined);
    for (let i = 0; i < this.#length; i++) items[i] = this.#items[(this.#head + i) & this.#mask];
    this.#items = items;
    this.#head = 0;
    this.#mask = items.length - 1;
  }
}
