/**
 * Offers: readiness to communicate, waiting on one channel or on several at once.
 *
 * An offer is taken once or withdrawn, never both; offers of one choice are taken together or not at all: the first one taken withdraws the others.
 */
import type { Change, TraceContext } from '@enhanced-csp/platform';
import type { Filter, Message } from './message.ts';

/** One decision, shared by all offers it is between. */
export class Choice {
  #open = true;

  get open(): boolean {
    return this.#open;
  }

  /** True for the first caller only. */
  close(): boolean {
    const first = this.#open;
    this.#open = false;
    return first;
  }
}

export interface Party {
  readonly name?: string;
  /** What must be stored together with the communication; asked for when it happens, and then committed with it. */
  readonly changes?: (communicated: Message) => readonly Change[];
  /** On whose behalf. */
  readonly trace?: TraceContext | undefined;
  /** Told of the trace the communication belongs to: what follows from it goes on there. */
  readonly traced?: (trace: TraceContext) => void;
  /** Told of the commit those changes are in. */
  readonly settle?: (commit: Promise<void>) => void;
}

export interface Communicated {
  /** Sequence number in the journal of the channel. */
  readonly sequence: number;
  readonly message: Message;
  /** Sequence number of the entry by which it was sent; the same for a rendezvous. */
  readonly sent: number;
}

interface Offer {
  readonly choice: Choice;
  readonly party: Party;
  resolve(communicated: Communicated): void;
  reject(fault: unknown): void;
}

export interface SendOffer extends Offer {
  readonly message: Message;
}

export interface ReceiveOffer extends Offer {
  readonly filter: Filter;
}
