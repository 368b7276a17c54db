/**
 * Guards that stay registered.
 *
 * A choice that is kept and waits again and again would put each of its guards into a queue and take it out again, every time. Instead its channels
 * know the guard for good; one that gets something to receive sets the guard's bit, and the choice looks for the next bit behind the guard that fired
 * last. A selection reads one word for each 32 guards and touches no channel but one, and is as fair as one by queues.
 *
 * Invariant: a guard whose channel has a value has its bit set. The other way round need not be: somebody else may have received it.
 */
import type { Offer } from './offer.ts';

/** What a channel offers to guards that stay. */
export interface Watchable {
  watch(offer: Offer): boolean;
  unwatch(offer: Offer): void;
}

export class Registration {
  readonly #offers: readonly Offer[];
  /** By index of guard. */
  readonly #guards: (Offer | undefined)[] = [];
  readonly #ready: Int32Array;

  private constructor(offers: readonly Offer[]) {
    this.#offers = offers;
    for (const offer of offers) this.#guards[offer.index] = offer;
    this.#ready = new Int32Array((this.#guards.length >>> 5) + 1);
  }

  /** Registers every guard, none of which is ready; null when that is not possible for all. */
  static of(offers: readonly Offer[]): Registration | null {
    if (offers.length < 2) return null;
    const plain = offers.every(({ sending, options, port }) => !sending && options === null && 'watch' in port!);
    if (!plain || new Set(offers.map((offer) => offer.port)).size !== offers.length) return null;
    const registration = new Registration(offers);
    for (const offer of offers) {
      if (watchable(offer).watch(offer)) continue;
      registration.remove();
      return null;
    }
    return registration;
  }

  remove(): void {
    for (const offer of this.#offers) watchable(offer).unwatch(offer);
  }

  notify({ index }: Offer): void {
    this.#ready[index >>> 5]! |= 1 << (index & 31);
  }

  /** Receives by the first ready guard from index `from` on, all round, and returns it. */
  take(from: number): Offer | null {
    for (let index = this.#next(from); index >= 0; index = this.#next(from)) {
      const offer = this.#guards[index]!;
      const taken = offer.port!.take(offer);
      if (!taken || !offer.port!.possible(offer)) this.#ready[index >>> 5]! &= ~(1 << (index & 31));
      if (taken) return offer;
    }
    return null;
  }

  #next(from: number): number {
    const ready = this.#ready;
    let word = from >>> 5;
    if (word >= ready.length) word = 0;
    let bits = from >>> 5 === word ? ready[word]! & (-1 << (from & 31)) : ready[word]!;
    for (let looked = 0; looked <= ready.length; looked++) {
      if (bits !== 0) return (word << 5) + 31 - Math.clz32(bits & -bits);
      if (++word === ready.length) word = 0;
      bits = ready[word]!;
    }
    return -1;
  }
}

function watchable(offer: Offer): Watchable {
  return offer.port as unknown as Watchable;
}
