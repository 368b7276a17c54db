/** The bulkhead: at most so many inside, so many waiting, in order of arrival; one more is refused. A slow service then fills its compartment, not the ship. */
import type { Channel } from '../channel.ts';
import type { Network } from '../network.ts';
import type { Suspension } from '../operation.ts';

/** Refused without a try. */
export class BulkheadFullError extends Error {
  constructor(name: string, insideMax: number, waitingMax: number) {
    super(`bulkhead ${name} is full: ${insideMax} inside and ${waitingMax} waiting; try later`);
    this.name = 'BulkheadFullError';
  }
}

/**
 * @example
 * const models = new Bulkhead(network, 'models', { insideMax: 4, waitingMax: 16 });
 * const answer = yield* models.run(() => ask(question));
 */
export class Bulkhead {
  readonly #name: string;
  readonly #insideMax: number;
  readonly #waitingMax: number;
  readonly #places: Channel<true>;
  #waiting = 0;

  constructor(
    network: Network,
    name: string,
    { insideMax, waitingMax }: { readonly insideMax: number; readonly waitingMax: number },
  ) {
    if (!(Number.isSafeInteger(waitingMax) && waitingMax >= 0))
      throw new RangeError(`bulkhead ${name}: waitingMax is a number from 0, not ${waitingMax}`);
    this.#name = name;
    this.#insideMax = insideMax;
    this.#waitingMax = waitingMax;
    this.#places = network.channel<true>(`${name}.places`, { buffer: insideMax });
    for (let i = 0; i < insideMax; i++) this.#places.trySend(true);
  }

  /** Places that are free. */
  get free(): number {
    return this.#places.buffered;
  }

  /** @throws BulkheadFullError, and what `body` throws */
  *run<T>(body: () => Iterable<Suspension, T, unknown>): Generator<Suspension, T, unknown> {
    if (this.free === 0 && this.#waiting >= this.#waitingMax)
      throw new BulkheadFullError(this.#name, this.#insideMax, this.#waitingMax);
    this.#waiting++;
    try {
      yield* this.#places.receive();
    } finally {
      this.#waiting--;
    }
    try {
      return yield* body();
    } finally {
      this.#places.trySend(true);
    }
  }
}
