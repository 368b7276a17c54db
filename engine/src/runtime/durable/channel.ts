/** Channels between durable processes. What travels on them names the operation that sent it. */
import type { Channel } from '../channel.ts';
import type { OfferOptions, OfferTerms } from '../offer.ts';
import type { Place } from './journal.ts';

export interface Envelope {
  readonly sender: Place;
  readonly value: unknown;
}

/** A channel of a durable network; performed on by its processes, and by `send` of the network from outside. */
export class DurableChannel<T> {
  readonly name: string;
  /** For the type alone. */
  declare readonly carries: T;
  readonly wire: Channel<Envelope>;

  constructor(name: string, wire: Channel<Envelope>) {
    this.name = name;
    this.wire = wire;
  }

  /** Values that were sent and not received. */
  get buffered(): number {
    return this.wire.buffered;
  }
}

/** How a durable process asks to receive: whoever delivers finds out whose operation it is. */
export class Taking implements OfferTerms {
  readonly receiver: Place;
  readonly guard: string | undefined;
  readonly timeout?: number;
  readonly filter?: (envelope: unknown) => boolean;
  /** The sender has written it down for both. */
  recorded = false;

  constructor(
    receiver: Place,
    { guard, timeout, filter }: { guard?: string; timeout?: number; filter?: (value: unknown) => boolean },
  ) {
    this.receiver = receiver;
    this.guard = guard;
    if (filter !== undefined) this.filter = (envelope) => filter((envelope as Envelope).value);
    if (timeout !== undefined) this.timeout = timeout;
  }
}

export type Taker = OfferOptions | null;
