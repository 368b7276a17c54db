/**
 * Extended rendezvous: the sender goes on only when the receiver has done something with the value (occam's `??`).
 *
 * A body that fails rejects the sender with `RejectedError`, or poisons the channel if that is asked for; the receiver has the error in either case. A
 * receiver that is cancelled in its body rejects the sender too: a held sender is always answered. In a buffered channel the sender is gone already;
 * there the body holds the place in the buffer.
 */
import type { Channel, ReceiveOptions } from './channel.ts';
import { MisuseError, PoisonedError, RejectedError } from './errors.ts';
import type { Offer } from './offer.ts';
import { HELD, type Operation, type Suspension } from './operation.ts';

export type ExtendedBody<T, R> = (value: T) => Iterator<Suspension, R, unknown> | PromiseLike<R> | R;

export interface ExtendedOptions<T> extends ReceiveOptions<T> {
  /** What a body that fails does to the sender. Default: `reject`. */
  readonly whenBodyFails?: 'reject' | 'poison';
}

/** The sender, or the place in the buffer, that a body holds. */
export class Hold {
  sender: Offer | null = null;
  freeSlot: (() => void) | null = null;

  /** The body is over. */
  release(): void {
    this.freeSlot?.();
    this.freeSlot = null;
    this.sender?.letGo();
    this.sender = null;
  }

  reject(error: unknown): void {
    const { sender } = this;
    this.sender = null;
    if (sender?.state === HELD) sender.fail(error);
    this.release();
  }
}

export class Extended<T, R> implements Operation<R> {
  readonly #channel: Channel<T>;
  readonly #body: ExtendedBody<T, R>;
  readonly #options: ExtendedOptions<T>;

  constructor(channel: Channel<T>, body: ExtendedBody<T, R>, options: ExtendedOptions<T>) {
    this.#channel = channel;
    this.#body = body;
    this.#options = options;
  }

  *[Symbol.iterator](): Iterator<Suspension, R, unknown> {
    const hold = new Hold();
    const value = yield* this.#receive(hold);
    let error: unknown = new Error('the receiver was cancelled');
    try {
      const made = this.#body(value);
      let result: R;
      if (isIterator<R>(made)) result = yield* { [Symbol.iterator]: () => made };
      else if (isThenable(made))
        throw new MisuseError(
          `the body of an extended rendezvous on ${this.#channel.name} is async, its process is not`,
        );
      else result = made as R;
      error = undefined;
      return result;
    } catch (thrown) {
      error = thrown;
      throw thrown;
    } finally {
      this.#finish(hold, error);
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: see `Operation`.
  then(resolve: (value: R) => unknown, reject: (error: unknown) => unknown): void {
    const hold = new Hold();
    const failed = (error: unknown) => {
      this.#finish(hold, error);
      reject(error);
    };
    const done = (result: R) => {
      this.#finish(hold, undefined);
      resolve(result);
    };
    this.#receive(hold).then((value) => {
      try {
        const made = this.#body(value);
        if (isIterator<R>(made))
          failed(
            new MisuseError(
              `the body of an extended rendezvous on ${this.#channel.name} is a generator, its process is async`,
            ),
          );
        else if (isThenable(made)) made.then(done, failed);
        else done(made as R);
      } catch (error) {
        failed(error);
      }
    }, reject);
  }

  #receive(hold: Hold): Operation<T> {
    return this.#channel.receive({ ...this.#options, hold } as ReceiveOptions<T>);
  }

  #finish(hold: Hold, error: unknown): void {
    const { name } = this.#channel;
    if (error === undefined) hold.release();
    else if (this.#options.whenBodyFails === 'poison') {
      hold.reject(new PoisonedError(name, error));
      this.#channel.poison(error);
    } else hold.reject(new RejectedError(name, error));
  }
}

function isIterator<R>(made: unknown): made is Iterator<Suspension, R, unknown> {
  return typeof made === 'object' && made !== null && 'next' in made && typeof made.next === 'function';
}

function isThenable(made: unknown): made is PromiseLike<never> {
  return typeof made === 'object' && made !== null && 'then' in made && typeof made.then === 'function';
}
