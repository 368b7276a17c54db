/**
 * Mobile channel ends: an end is a value, and sending it over a channel moves it.
 *
 * At the moment of delivery the receiver has a new end, and the one the sender holds answers everything with `MovedError`. An offer that is withdrawn has
 * moved nothing. An end belongs to the process that first uses it; another that uses it, without having received it, gets `MisuseError`.
 */
import type { Channel, ReceiveOptions } from './channel.ts';
import { MisuseError, MovedError } from './errors.ts';
import type { OfferOptions } from './offer.ts';
import type { Operation } from './operation.ts';
import type { Process } from './process.ts';

abstract class MobileEnd<T> {
  readonly name: string;
  readonly #channel: Channel<T>;
  readonly #direction: 'input' | 'output';
  #owner: Process | null = null;
  #moved = false;

  constructor(channel: Channel<T>, direction: 'input' | 'output') {
    this.name = channel.name;
    this.#channel = channel;
    this.#direction = direction;
  }

  get gone(): MovedError | undefined {
    return this.#moved ? new MovedError(this.name, this.#direction) : undefined;
  }

  /** Called by the channel that carries it. */
  move(): this {
    if (this.#moved) throw new MovedError(this.name, this.#direction);
    this.#moved = true;
    return this.again(this.#channel);
  }

  protected abstract again(channel: Channel<T>): this;

  protected use(): Channel<T> {
    if (this.#moved) throw new MovedError(this.name, this.#direction);
    const { network } = this.#channel;
    const user = network.current ?? network.outside();
    if (this.#owner !== null && this.#owner !== user && !this.#owner.isOver)
      throw new MisuseError(
        `the ${this.#direction} end of channel ${this.name} belongs to process ${this.#owner.name}; ${user.name} must receive it first`,
      );
    this.#owner = user;
    return this.#channel;
  }
}

/** The end to send on. */
export class Output<T> extends MobileEnd<T> {
  constructor(channel: Channel<T>) {
    super(channel, 'output');
  }

  send(value: T, options?: OfferOptions): Operation<void> {
    return this.use().send(value, options);
  }

  trySend(value: T): boolean {
    return this.use().trySend(value);
  }

  close(): void {
    this.use().close();
  }

  protected override again(channel: Channel<T>): this {
    return new Output(channel) as this;
  }
}

/** The end to receive from. */
export class Input<T> extends MobileEnd<T> {
  constructor(channel: Channel<T>) {
    super(channel, 'input');
  }

  receive(options?: ReceiveOptions<T>): Operation<T> {
    return this.use().receive(options);
  }

  tryReceive(): T | undefined {
    return this.use().tryReceive();
  }

  protected override again(channel: Channel<T>): this {
    return new Input(channel) as this;
  }
}

/** The error of whoever offers to send an end that has been moved meanwhile, by another of its offers. */
export function goneMeanwhile(value: unknown): MovedError | undefined {
  return typeof value === 'object' && value instanceof MobileEnd ? value.gone : undefined;
}

/** What arrives when `value` is sent: itself, or a new end in place of one that moves. */
export function handedOver(value: unknown): unknown {
  return typeof value === 'object' && value instanceof MobileEnd ? value.move() : value;
}
