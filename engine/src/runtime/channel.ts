/**
 * Channels.
 *
 * A rendezvous channel (the default) passes a value when a sender and a receiver meet; whoever comes first waits. A buffered channel lets
 * senders run ahead by a bounded number of values; `dropping` loses the newest when full, `sliding` the oldest.
 *
 * Invariants:
 *   - no sender and receiver wait that could meet: senders or receivers is empty, but for the guards of one choice and for filters;
 *   - while a receiver waits the buffer has nothing it would take; while a sender waits it is full.
 *
 * `close` is graceful: what was sent or offered before is still received, then receivers get `ClosedError`. `poison` is not: it ends every
 * offer in both directions with `PoisonedError`, and every later one. In either case every waiting sender is answered.
 */
import type { EventId } from '../csp/index.ts';
import { type DirectOffer, SHUT } from './direct.ts';
import type { Enforcement } from './enforcement.ts';
import { ClosedError, CrowdedError, MisuseError, PoisonedError } from './errors.ts';
import { eventName } from './event-name.ts';
import { Extended, type ExtendedBody, type ExtendedOptions, type Hold } from './extended.ts';
import { goneMeanwhile, handedOver } from './mobile.ts';
import type { Network } from './network.ts';
import type { Offer, OfferOptions, OfferTerms, Port } from './offer.ts';
import { type Operation, WAITING } from './operation.ts';
import type { Process } from './process.ts';
import { appended, listed, removed } from './queue.ts';
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
  /** `one`: the first process to send owns the sending end until it is over; whoever else sends there gets `MisuseError`. Default: any may. */
  readonly senders?: 'one' | 'any';
  /** The same for the receiving end. */
  readonly receivers?: 'one' | 'any';
  /** Whatever is sent here is an event of a system, and checked at the moment of delivery: no sender gets around it. */
  readonly enforced?: Enforced;
}

export interface Enforced {
  readonly by: Enforcement;
  /** The name of the event, for a value. Absent: `channel.value`, as CSPM writes it; a list is several fields, undefined none. */
  readonly event?: (value: never) => string;
}

export interface ReceiveOptions<T> extends OfferOptions {
  /**
   * Receives only a value for which it is true: the oldest such value; the others stay for others. It must not touch channels. If it throws, the
   * receiver has the error.
   */
  readonly filter?: (value: T) => boolean;
}

/** What the options of a channel come to. Most have none, and share one. */
interface Terms {
  readonly size: number;
  readonly whenFull: Buffer['whenFull'];
  readonly waitingMax: number;
  /** Who owns the ends that only one process may use; null when any may. */
  readonly owners: Owners | null;
  /** What every send is offered with; null when nothing is enforced. */
  readonly enforced: EnforcedTerms | null;
  /** Places in the buffer held by extended rendezvous. */
  reserved: number;
}

const PLAIN: Terms = {
  size: 0,
  whenFull: 'wait',
  waitingMax: Number.POSITIVE_INFINITY,
  owners: null,
  enforced: null,
  reserved: 0,
};

export class Channel<T> implements Port {
  readonly name: string;
  readonly network: Network;
  #senders: Offer | null = null;
  #receivers: Offer | null = null;
  readonly #buffer: Ring<unknown> | null;
  readonly #terms: Terms;
  /**
   * The compiled process that waits here for another one; null: nobody waits here in any way, and one may; `SHUT`: only ordinary offers are made here.
   * Whoever makes or asks for one calls `#enlist` first.
   */
  direct: DirectOffer | null = SHUT;
  /** The guard of a choice that stays registered; see `registration.ts`. At most one, and no receiver waits beside it. */
  #watcher: Offer | null = null;
  #ended: { readonly how: 'closed' } | { readonly how: 'poisoned'; readonly reason: unknown } | null = null;
  /** Seen there last; a hint for deadlock reports. Compared before it is stored, since a store of an object costs more (write barrier). */
  #lastSender: Process | null = null;
  #lastReceiver: Process | null = null;

  constructor(network: Network, name: string, options?: ChannelOptions) {
    this.network = network;
    this.name = name;
    this.#terms = options === undefined ? PLAIN : termsOf(name, options);
    this.#buffer = this.#terms.size === 0 ? null : new Ring(Math.min(this.#terms.size, 1024));
  }

  /**
   * Offers `value`; completes when it is received, or has its place in the buffer.
   *
   * @throws ClosedError, PoisonedError, CrowdedError, TimeoutError, WithdrawnError
   * @example
   * yield* channel.send('hello');
   */
  send(value: T, options?: OfferOptions): Operation<void> {
    const terms = this.#terms;
    if (terms !== PLAIN) this.#own('sender');
    const offer = this.network.issue(this);
    offer.sending = true;
    offer.value = value;
    offer.options = terms === PLAIN || terms.enforced === null ? (options ?? null) : enforcing(terms.enforced, options);
    return offer as unknown as Operation<void>;
  }

  /**
   * Offers to receive; completes with the value.
   *
   * @throws ClosedError, PoisonedError, TimeoutError, WithdrawnError
   * @example
   * const greeting = yield* channel.receive({ timeout: 100 });
   */
  receive(options?: ReceiveOptions<T>): Operation<T> {
    if (this.#terms !== PLAIN) this.#own('receiver');
    const offer = this.network.issue(this);
    offer.sending = false;
    offer.options = (options as OfferTerms | undefined) ?? null;
    return offer as unknown as Operation<T>;
  }

  /**
   * Extended rendezvous: receives, performs `body`, and only then lets the sender go on. Completes with what the body returns.
   *
   * @throws what the body throws; the sender then gets `RejectedError`, or the channel is poisoned, by option
   * @example
   * yield* requests.receiveExtended(function* (request) {
   *   yield* log.send(request); // The client goes on when this is done.
   * });
   */
  receiveExtended<R>(body: ExtendedBody<T, R>, options: ExtendedOptions<T> = {}): Operation<R> {
    return new Extended(this, body, options);
  }

  /** The value that could be received at this moment, or undefined. Never waits. A loop around it must `pause`. */
  tryReceive(options?: { readonly filter?: (value: T) => boolean }): T | undefined {
    if (this.#terms !== PLAIN) this.#own('receiver');
    const scratch = this.network.scratch(this, false, undefined);
    scratch.options = (options as OfferTerms | undefined) ?? null;
    if (!this.take(scratch)) {
      this.network.fruitless(this.name);
      return undefined;
    }
    const { value } = scratch;
    scratch.value = undefined;
    return value as T;
  }

  /** Sends if that is possible at this moment, and says whether it was. Never waits. */
  trySend(value: T): boolean {
    if (this.#terms !== PLAIN) this.#own('sender');
    const scratch = this.network.scratch(this, true, value);
    scratch.options = this.#terms.enforced;
    const done = this.put(scratch);
    if (!done) this.network.fruitless(this.name);
    return done;
  }

  /** Ends the channel gracefully. Closing twice is closing once. */
  close(): void {
    if (this.#ended !== null) return;
    this.#enlist();
    this.#ended = { how: 'closed' };
    this.#watcher?.choice?.unregister();
    for (const receiver of listed(this.#receivers)) {
      // Senders still wait: theirs is a later guard of the same choice, or a value this receiver's filter does not accept.
      if (receiver.state !== WAITING || !this.exhausted(receiver)) continue;
      if (receiver.choice === null) receiver.fail(new ClosedError(this.name, 'receive'));
      else receiver.choice.disable(receiver);
    }
    // An own output guard of a choice that waits here as a receiver too stays: it is a waiting sender.
  }

  /** Ends the channel at once, in both directions, for a reason. Values in the buffer are lost. */
  poison(reason: unknown): void {
    if (this.#ended?.how === 'poisoned') return;
    this.#enlist();
    this.#ended = { how: 'poisoned', reason };
    this.#watcher?.choice?.unregister();
    this.#buffer?.clear();
    for (const queue of [this.#senders, this.#receivers])
      for (const offer of listed(queue)) if (offer.state === WAITING) offer.fail(new PoisonedError(this.name, reason));
  }

  get status(): 'open' | 'closed' | 'poisoned' {
    return this.#ended?.how ?? 'open';
  }

  /** Values in the buffer. */
  get buffered(): number {
    return this.#buffer?.length ?? 0;
  }

  /** Senders that wait. */
  get waiting(): number {
    this.#enlist();
    return listed(this.#senders).length;
  }

  // ── For compiled processes ────────────────────────────────────────────────────────────────────────────────────────

  /** Whether one may wait here directly. */
  open(): boolean {
    const free = this.#senders === null && this.#receivers === null && this.#watcher === null;
    if (!free || this.#terms !== PLAIN || this.#ended !== null) return false;
    this.direct = null;
    return true;
  }

  /** The one that waited here and one that came have met. */
  met(sender: Process, receiver: Process): void {
    this.direct = null;
    if (this.#lastSender !== sender) this.#lastSender = sender;
    if (this.#lastReceiver !== receiver) this.#lastReceiver = receiver;
  }

  // ── For offers ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Tries to send at this moment. */
  put(offer: Offer): boolean {
    if (this.direct !== SHUT) this.#enlist();
    if (this.#ended !== null) this.#refuse('send');
    const receiver = this.#receivers === null ? null : this.#receiverFor(this.#receivers, offer);
    if (receiver !== null) {
      if (offer.options !== null) committed(offer, offer.options, receiver.options);
      receiver.value = handedOver(offer.value);
      if (this.#lastSender !== offer.process) this.#lastSender = offer.process;
      if (this.#lastReceiver !== receiver.process) this.#lastReceiver = receiver.process;
      if (receiver.options !== null && receiver.options.hold !== undefined) this.#hold(receiver.options.hold, offer);
      if (receiver.choice === null) {
        this.#receivers = removed(this.#receivers!, receiver);
        receiver.complete();
      } else receiver.choice.fire(receiver);
      return true;
    }
    const watcher = this.#watcher;
    if (watcher !== null && watcher.choice!.isWaiting) {
      if (offer.options !== null) committed(offer, offer.options, watcher.options);
      watcher.value = handedOver(offer.value);
      if (this.#lastSender !== offer.process) this.#lastSender = offer.process;
      if (this.#lastReceiver !== watcher.process) this.#lastReceiver = watcher.process;
      watcher.choice!.fire(watcher);
      return true;
    }
    const buffer = this.#buffer;
    if (buffer === null || !this.#hasRoom(buffer)) return false;
    if (offer.options !== null) committed(offer, offer.options, null);
    if (this.#lastSender !== offer.process) this.#lastSender = offer.process;
    this.#store(buffer, handedOver(offer.value));
    if (watcher !== null) watcher.choice!.notify(watcher);
    return true;
  }

  /** Tries to receive at this moment. */
  take(offer: Offer): boolean {
    if (this.direct !== SHUT) this.#enlist();
    const { options } = offer;
    const buffer = this.#buffer;
    if (buffer !== null && buffer.length > 0) {
      if (options === null) {
        offer.value = buffer.shift();
        if (this.#lastReceiver !== offer.process) this.#lastReceiver = offer.process;
        if (this.#senders !== null) this.#refill(buffer);
        return true;
      }
      const at = options.filter === undefined ? 0 : indexIn(buffer, options.filter);
      if (at >= 0) {
        offer.value = at === 0 ? buffer.shift() : buffer.removeAt(at);
        if (this.#lastReceiver !== offer.process) this.#lastReceiver = offer.process;
        if (options.hold === undefined) this.#refill(buffer);
        else this.#reserve(options.hold, buffer);
        return true;
      }
    }
    const sender = this.#senders === null ? null : this.#firstSender(this.#senders, options);
    if (sender !== null) {
      offer.value = handedOver(sender.value);
      if (this.#lastSender !== sender.process) this.#lastSender = sender.process;
      if (this.#lastReceiver !== offer.process) this.#lastReceiver = offer.process;
      if (options === null || options.hold === undefined) this.#releaseSender(sender);
      else {
        if (sender.choice === null) this.#senders = removed(this.#senders!, sender);
        options.hold.sender = sender;
        sender.keep();
      }
      return true;
    }
    if (
      this.#ended !== null &&
      (options?.filter === undefined || this.exhausted(offer) || this.#ended.how === 'poisoned')
    )
      this.#refuse('receive');
    return false;
  }

  possible(offer: Offer): boolean {
    this.#enlist();
    if (!offer.sending) return this.#holdsFor(offer.options?.filter);
    if (this.#ended !== null) return false;
    if (this.#receivers !== null && this.#receiverFor(this.#receivers, offer) !== null) return true;
    return this.#buffer !== null && this.#hasRoom(this.#buffer);
  }

  enqueue(offer: Offer): void {
    if (this.direct !== SHUT) this.#enlist();
    const watcher = this.#watcher;
    if (offer.sending) {
      if (this.#terms !== PLAIN) this.#admit(this.#terms);
      this.#senders = appended(this.#senders, offer);
      if (watcher !== null) watcher.choice!.notify(watcher);
      return;
    }
    // Others wait here too: from now on in order of arrival.
    if (watcher !== null) watcher.choice!.unregister();
    this.#receivers = appended(this.#receivers, offer);
  }

  dequeue(offer: Offer): void {
    if (offer.sending) this.#senders = removed(this.#senders!, offer);
    else this.#receivers = removed(this.#receivers!, offer);
  }

  /** Whether an offer can always be taken: to send where the buffer loses what is too much. */
  neverWaits(offer: Offer): boolean {
    return offer.sending && this.#terms.whenFull !== 'wait' && this.#ended === null;
  }

  /** Lets a guard stay registered, if nobody else waits to receive. */
  watch(offer: Offer): boolean {
    this.#enlist();
    if (this.#watcher !== null) this.#watcher.choice!.unregister();
    if (this.#ended !== null || this.#receivers !== null) return false;
    this.#watcher = offer;
    return true;
  }

  unwatch(offer: Offer): void {
    if (this.#watcher === offer) this.#watcher = null;
  }

  exhausted(offer: Offer): boolean {
    return this.#ended?.how === 'closed' && (offer.sending || !this.#holdsFor(offer.options?.filter));
  }

  get multiway(): boolean {
    return false;
  }

  partnersOf(offer: Offer): readonly Process[] {
    return this.network.usersOf(
      this,
      offer.sending ? 'receive' : 'send',
      offer.sending ? this.#lastReceiver : this.#lastSender,
    );
  }

  /** The oldest waiting receiver that takes the value. */
  #receiverFor(head: Offer, offer: Offer): Offer | null {
    if (head.options === null) return head;
    let receiver: Offer | null = head;
    while (receiver !== null) {
      const { filter, hold } = receiver.options ?? {};
      try {
        const impossible = hold !== undefined && this.#buffer === null && this.network.isScratch(offer);
        if (!impossible && (filter === undefined || filter(offer.value))) return receiver;
        receiver = receiver.following;
      } catch (error) {
        receiver!.fail(error);
        receiver = this.#receivers;
      }
    }
    return null;
  }

  /** Whether a value waits that a receiver with this filter would take. */
  #holdsFor(filter: ((value: unknown) => boolean) | undefined): boolean {
    const buffer = this.#buffer;
    if (filter === undefined) return this.buffered > 0 || this.#senders !== null;
    if (buffer !== null && indexIn(buffer, filter) >= 0) return true;
    for (let sender = this.#senders; sender !== null; sender = sender.following) if (filter(sender.value)) return true;
    return false;
  }

  /** The oldest waiting sender whose message may be delivered; those whose may not are told so. */
  #firstSender(head: Offer, taker: OfferTerms | null): Offer | null {
    const filter = taker?.filter;
    for (let sender: Offer | null = head; sender !== null; ) {
      if (filter !== undefined && !filter(sender.value)) {
        sender = sender.following;
        continue;
      }
      const gone = goneMeanwhile(sender.value);
      if (gone !== undefined) {
        sender.fail(gone);
        sender = this.#senders;
        continue;
      }
      if (sender.options === null || sender.options.commit === undefined) return sender;
      try {
        sender.options.commit(taker, sender);
        return sender;
      } catch (error) {
        sender.fail(error);
        sender = this.#senders;
      }
    }
    return null;
  }

  /** A place in the buffer is free. */
  #refill(buffer: Ring<unknown>): void {
    const sender = this.#senders === null ? null : this.#firstSender(this.#senders, null);
    if (sender === null) return;
    buffer.push(handedOver(sender.value));
    if (this.#lastSender !== sender.process) this.#lastSender = sender.process;
    this.#releaseSender(sender);
  }

  /** The receiver keeps its sender; in a buffered channel, the place in the buffer. */
  #hold(hold: Hold, sender: Offer): void {
    if (this.#buffer !== null) this.#reserve(hold, this.#buffer);
    else {
      hold.sender = sender;
      sender.keep();
    }
  }

  #reserve(hold: Hold, buffer: Ring<unknown>): void {
    const terms = this.#terms;
    if (terms.whenFull !== 'wait') return;
    terms.reserved++;
    hold.freeSlot = () => {
      terms.reserved--;
      if (this.#ended?.how !== 'poisoned') this.#refill(buffer);
    };
  }

  #own(end: keyof Owners): void {
    const { owners } = this.#terms;
    if (owners === null || owners[end] === 'anybody') return;
    const user = this.network.current ?? this.network.outside();
    const owner = owners[end];
    if (typeof owner === 'object' && owner !== user && !owner.isOver)
      throw new MisuseError(
        `channel ${this.name} has one ${end}, and that is process ${owner.name}; ${user.name} needs a channel of its own, or the channel '${end}s: any'`,
      );
    owners[end] = user;
  }

  /** From now on only ordinary offers are made here; who waits directly makes one. */
  #enlist(): void {
    const { direct } = this;
    if (direct === SHUT) return;
    this.direct = SHUT;
    direct?.enlist();
  }

  #admit({ waitingMax }: Terms): void {
    if (waitingMax !== Number.POSITIVE_INFINITY && this.waiting >= waitingMax)
      throw new CrowdedError(this.name, waitingMax);
  }

  #releaseSender(sender: Offer): void {
    if (sender.choice === null) {
      this.#senders = removed(this.#senders!, sender);
      sender.complete();
    } else sender.choice.fire(sender);
  }

  #hasRoom(buffer: Ring<unknown>): boolean {
    const { whenFull, size, reserved } = this.#terms;
    return whenFull !== 'wait' || buffer.length + reserved < size;
  }

  #store(buffer: Ring<unknown>, value: unknown): void {
    const { size, whenFull } = this.#terms;
    if (buffer.length >= size) {
      if (whenFull === 'drop newest') return;
      buffer.shift();
    }
    buffer.push(value);
  }

  #refuse(action: 'send' | 'receive'): never {
    if (this.#ended?.how === 'poisoned') throw new PoisonedError(this.name, this.#ended.reason);
    throw new ClosedError(this.name, action);
  }
}

interface Owners {
  sender: Process | 'nobody yet' | 'anybody';
  receiver: Process | 'nobody yet' | 'anybody';
}

function indexIn(buffer: Ring<unknown>, filter: (value: unknown) => boolean): number {
  for (let at = 0; at < buffer.length; at++) if (filter(buffer.at(at))) return at;
  return -1;
}

function termsOf(name: string, options: ChannelOptions): Terms {
  const { buffer, waitingMax = Number.POSITIVE_INFINITY, senders = 'any', receivers = 'any', enforced } = options;
  const size = typeof buffer === 'number' ? buffer : (buffer?.size ?? 0);
  if (buffer !== undefined && !(Number.isSafeInteger(size) && size > 0))
    throw new RangeError(
      `channel ${name}: a buffer holds at least one value, not ${size}; leave it out for a rendezvous`,
    );
  if (!(waitingMax >= 1)) throw new RangeError(`channel ${name}: waitingMax must be at least 1, not ${waitingMax}`);
  const owners: Owners | null =
    senders === 'any' && receivers === 'any'
      ? null
      : {
          sender: senders === 'one' ? 'nobody yet' : 'anybody',
          receiver: receivers === 'one' ? 'nobody yet' : 'anybody',
        };
  return {
    size,
    whenFull: typeof buffer === 'object' ? buffer.whenFull : 'wait',
    waitingMax,
    owners,
    enforced: enforced === undefined ? null : enforcedAt(name, enforced),
    reserved: 0,
  };
}

/** What has moved already is not delivered, so nobody is told that it is. */
function committed(offer: Offer, { commit }: OfferOptions, taker: OfferTerms | null): void {
  if (commit === undefined) return;
  const gone = goneMeanwhile(offer.value);
  if (gone !== undefined) throw gone;
  commit(taker, offer);
}

interface EnforcedTerms {
  readonly commit: NonNullable<OfferOptions['commit']>;
  /** Whether `commit` would throw because of the system. */
  refuses(offer: { readonly value: unknown; readonly process: Process }): boolean;
}

/** Values whose event is remembered. */
const KNOWN_MAX = 1024;

/** The terms of every send on an enforced channel: one object, so that a send allocates nothing. */
function enforcedAt(channel: string, { by, event }: Enforced): EnforcedTerms {
  const nameOf = (event as ((value: unknown) => string) | undefined) ?? ((value) => eventName(channel, value));
  // Numbers and texts are the same event each time.
  const known = new Map<unknown, EventId>();
  return {
    commit(_, { value, process }) {
      const id = known.get(value);
      if (id !== undefined) return by.perform(id, process);
      const name = nameOf(value);
      const found = typeof value === 'object' ? undefined : by.eventNamed(name);
      if (found !== undefined && known.size < KNOWN_MAX) known.set(value, found);
      by.performByName(name, process);
    },
    refuses: ({ value, process }) => by.refuses(nameOf(value), process),
  };
}

function enforcing(enforced: EnforcedTerms, options: OfferOptions | undefined): OfferOptions {
  if (options?.commit === undefined) return options === undefined ? enforced : { ...options, commit: enforced.commit };
  const { commit } = options;
  return {
    ...options,
    commit(taker, offer) {
      // It may throw, so it is asked before the event has happened; and not about one that will not.
      if (!enforced.refuses(offer)) commit(taker, offer);
      enforced.commit(taker, offer);
    },
  };
}
