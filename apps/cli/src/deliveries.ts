/** What one listener heard of a topic, by its sequence numbers: each must come once, and in order. */
export class Deliveries {
  #next = 1;
  /** Passed over, and not heard since. */
  readonly #missing = new Set<number>();
  heard = 0;
  doubled = 0;
  disordered = 0;

  hear(sequence: number): void {
    this.heard += 1;
    if (sequence >= this.#next) {
      for (; this.#next < sequence; this.#next++) this.#missing.add(this.#next);
      this.#next += 1;
    } else if (this.#missing.delete(sequence)) this.disordered += 1;
    else this.doubled += 1;
  }

  /** Of the sequence numbers 1 to `total`. */
  lost(total: number): number {
    return this.#missing.size + Math.max(0, total - (this.#next - 1));
  }
}
