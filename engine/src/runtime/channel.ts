/**
 * Channels.
 *
 * A rendezvous channel (the default) passes a value when a sender and a receiver meet; whoever comes first waits. A buffered channel lets
 * senders run ahead by a bounded number of values; `dropping` loses the newest when full, `sliding` the oldest.
 *
 * Invariants:
 *   - senders or receivers is empty, unless the same choice waits in both: two that could meet have met;
 *   - while a receiver waits the buffer is empty; while a sender waits it is full.
 *
 * `close` is graceful: what was sent or offered before is still received, then receivers get `ClosedError`. `poison` is not: it ends every
 * offer in both directions with `PoisonedError`, and every later one. In either case every waiting sender is answered.
 */
import { ClosedError, CrowdedError, PoisonedError } from './errors.ts';
import type { Network } from './network.ts';
import type { Offer, OfferOptions, Port } from './offer.ts';
import { type Operation, WAITING } from './operation.ts';
import type { Process } from './process.ts';
import { OfferQueue } from './queue.ts';
import { Ring } from './ring.ts';

export interface Buffer {
  readonly size: number;
  readonly whenFull: 'wait' | 'drop newest' | 'drop oldest';
}

/** A buffer of `size` values that loses the newest when it is full. */
export function dropping(size: number): Buffer {
  return { size, whenFull: 'drop newest' };
}

/** A buffer of `size` values that loses the oldest when it is full. */
export function sliding(size: number): Buffer {
  return { size, whenFull: 'drop oldest' };
}

export interface ChannelOptions {
  /** Number of values senders may run ahead, or a lossy buffer. Absent: rendezvous. There is no unbounded buffer. */
  readonly buffer?: number | Buffer;
  /** Number of senders that may wait at once; one more gets `CrowdedError`. */
  readonly waitingMax?: number;
}

export class Channel<T> implements Port {
  readonly name: string;
  readonly network: Network;
  readonly #senders = new OfferQueue();
  readonly #receivers = new OfferQueue();
  readonly #buffer: Ring<unknown> | null;
  readonly #size: number;
  readonly #whenFull: Buffer['whenFull'];
  readonly #waitingMax: number;
  #ended: 'closed' | 'poisoned' | null = null;
  #poison: unknown = undefined;
  /** Seen there last; a hint for deadlock reports. Compared before it is stored, since a store of an object costs more (write barrier). */
  #lastSender: Process | null = null;
  #lastReceiver: Process | null = null;

  constructor(network: Network, name: string, options: ChannelOptions = {}) {
    const { buffer, waitingMax = Number.POSITIVE_INFINITY } = options;
    this.network = network;
    this.name = name;
    this.#size = typeof buffer === 'number' ? buffer : (buffer?.size ?? 0);
    this.#whenFull = typeof buffer === 'object' ? buffer.whenFull : 'wait';
    if (buffer !== undefined && !(Number.isSafeInteger(this.#size) && this.#size > 0))
      throw new RangeError(
        `channel ${name}: a buffer holds at least one value, not ${this.#size}; leave it out for a rendezvous`,
      );
    if (!(waitingMax >= 1)) throw new RangeError(`channel ${name}: waitingMax must be at least 1, not ${waitingMax}`);
    this.#buffer = buffer === undefined ? null : new Ring(Math.min(this.#size, 1024));
    this.#waitingMax = waitingMax;
  }

  /**
   * Offers `value`; completes when it is received, or has its place in the buffer.
   *
   * @throws ClosedError, PoisonedError, CrowdedError, TimeoutError, WithdrawnError
   * @example
   * yield* channel.send('hello');
   */
  send(value: T, options?: OfferOptions): Operation<void> {
    const offer = this.network.issue(this);
    offer.sending = true;
    offer.value = value;
    offer.result.value = undefined;
    offer.options = options ?? null;
    return offer as unknown as Operation<void>;
  }

  /**
   * Offers to receive; completes with the value.
   *
   * @throws ClosedError, PoisonedError, TimeoutError, WithdrawnError
   * @example
   * const greeting = yield* channel.receive({ timeout: 100 });
   */
  receive(options?: OfferOptions): Operation<T> {
    const offer = this.network.issue(this);
    offer.sending = false;
    offer.options = options ?? null;
    return offer as unknown as Operation<T>;
  }

  /** The value that could be received at this moment, or undefined. Never waits. A loop around it must `pause`. */
  tryReceive(): T | undefined {
    const scratch = this.network.scratch(this, false, undefined);
    if (!this.take(scratch)) {
      this.network.fruitless(this.name);
      return undefined;
    }
    const { value } = scratch.result;
    scratch.result.value = undefined;
    return value as T;
  }

  /** Sends if that is possible at this moment, and says whether it was. Never waits. */
  trySend(value: T): boolean {
    const done = this.put(this.network.scratch(this, true, value));
    if (!done) this.network.fruitless(this.name);
    return done;
  }

  /** Ends the channel gracefully. Closing twice is closing once. */
  close(): void {
    if (this.#ended !== null) return;
    this.#ended = 'closed';
    if (this.#senders.head !== null) return;
    for (const receiver of waiting(this.#receivers)) {
      if (receiver.choice === null) receiver.fail(new ClosedError(this.name, 'receive'));
      else receiver.choice.disable(receiver);
    }
    // An own output guard of a choice that waits here as a receiver too stays: it is a waiting sender.
  }

  /** Ends the channel at once, in both directions, for a reason. Values in the buffer are lost. */
  poison(reason: unknown): void {
    if (this.#ended === 'poisoned') return;
    this.#ended = 'poisoned';
    this.#poison = reason;
    this.#buffer?.clear();
    for (const queue of [this.#senders, this.#receivers])
      for (const offer of waiting(queue)) if (offer.state === WAITING) offer.fail(new PoisonedError(this.name, reason));
  }

  get status(): 'open' | 'closed' | 'poisoned' {
    return this.#ended ?? 'open';
  }

  /** Values in the buffer. */
  get buffered(): number {
    return this.#buffer?.length ?? 0;
  }

  /** Senders that wait. */
  get waiting(): number {
    return this.#senders.length;
  }

  // ── For offers ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Tries to send at this moment. */
  put(offer: Offer): boolean {
    if (this.#ended !== null) this.#refuse('send');
    const receiver = this.#receivers.head;
    if (receiver !== null) {
      if (offer.options !== null) offer.options.commit?.();
      receiver.result.value = offer.value;
      if (this.#lastSender !== offer.process) this.#lastSender = offer.process;
      if (this.#lastReceiver !== receiver.process) this.#lastReceiver = receiver.process;
      this.#release(this.#receivers, receiver);
      return true;
    }
    if (this.#buffer === null) return false;
    if (this.#whenFull === 'wait' && this.#buffer.length >= this.#size) return false;
    if (offer.options !== null) offer.options.commit?.();
    if (this.#lastSender !== offer.process) this.#lastSender = offer.process;
    this.#store(this.#buffer, offer.value);
    return true;
  }

  /** Tries to receive at this moment. */
  take(offer: Offer): boolean {
    const buffer = this.#buffer;
    if (buffer !== null && buffer.length > 0) {
      offer.result.value = buffer.shift();
      if (this.#lastReceiver !== offer.process) this.#lastReceiver = offer.process;
      const sender = this.#firstSender();
      if (sender !== null) {
        buffer.push(sender.value);
        if (this.#lastSender !== sender.process) this.#lastSender = sender.process;
        this.#release(this.#senders, sender);
      }
      return true;
    }
    const sender = this.#firstSender();
    if (sender !== null) {
      offer.result.value = sender.value;
      if (this.#lastSender !== sender.process) this.#lastSender = sender.process;
      if (this.#lastReceiver !== offer.process) this.#lastReceiver = offer.process;
      this.#release(this.#senders, sender);
      return true;
    }
    if (this.#ended !== null) this.#refuse('receive');
    return false;
  }

  enqueue(offer: Offer): void {
    if (offer.sending && this.#senders.length >= this.#waitingMax) throw new CrowdedError(this.name, this.#waitingMax);
    (offer.sending ? this.#senders : this.#receivers).push(offer);
  }

  dequeue(offer: Offer): void {
    (offer.sending ? this.#senders : this.#receivers).remove(offer);
  }

  exhausted(offer: Offer): boolean {
    return this.#ended === 'closed' && (offer.sending || (this.buffered === 0 && this.#senders.head === null));
  }

  partnersOf(offer: Offer): readonly Process[] {
    return this.network.usersOf(
      this,
      offer.sending ? 'receive' : 'send',
      offer.sending ? this.#lastReceiver : this.#lastSender,
    );
  }

  /** The oldest waiting sender whose message may be delivered; those whose may not are told so. */
  #firstSender(): Offer | null {
    for (let sender = this.#senders.head; sender !== null; sender = this.#senders.head) {
      if (sender.options === null || sender.options.commit === undefined) return sender;
      try {
        sender.options.commit();
        return sender;
      } catch (error) {
        sender.fail(error);
      }
    }
    return null;
  }

  #release(queue: OfferQueue, offer: Offer): void {
    if (offer.choice === null) {
      queue.remove(offer);
      offer.complete();
    } else offer.choice.fire(offer);
  }

  #store(buffer: Ring<unknown>, value: unknown): void {
    if (buffer.length >= this.#size) {
      if (this.#whenFull === 'drop newest') return;
      buffer.shift();
    }
    buffer.push(value);
  }

  #refuse(action: 'send' | 'receive'): never {
    if (this.#ended === 'poisoned') throw new PoisonedError(this.name, this.#poison);
    throw new ClosedError(this.name, action);
  }
}

function waiting(queue: OfferQueue): Offer[] {
  const offers: Offer[] = [];
  for (let offer = queue.head; offer !== null; offer = offer.following) offers.push(offer);
  return offers;
}
