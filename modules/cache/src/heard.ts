/**
 * The invalidations this server has heard of. An answer says how far the counting was when its making began; it is good as long as none of its tags
 * was invalidated since.
 *
 * Invariant: what is forgotten counts as invalidated. So memory is bounded and nothing old comes back.
 */
import { LRUCache } from 'lru-cache';

export class Heard {
  #count = 0;
  /** Everything begun at or before this count is invalid. */
  #floor = -1;
  readonly #tags: LRUCache<string, number>;

  constructor(tagsMax: number) {
    this.#tags = new LRUCache({
      max: tagsMax,
      dispose: (count, _tag, reason) => {
        if (reason === 'evict') this.#floor = Math.max(this.#floor, count - 1);
      },
    });
  }

  /** How far the counting is: taken before a making begins. */
  get count(): number {
    return this.#count;
  }

  tag(tag: string): void {
    this.#tags.set(tag, ++this.#count);
  }

  everything(): void {
    this.#floor = this.#count++;
    this.#tags.clear();
  }

  /** Whether what was begun at `count` is still good. */
  allows(count: number, tags: readonly string[]): boolean {
    return count > this.#floor && tags.every((tag) => (this.#tags.get(tag) ?? 0) <= count);
  }
}
