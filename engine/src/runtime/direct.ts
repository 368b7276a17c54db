/**
 * The direct path: two compiled processes that meet on a channel without ordinary offers.
 *
 * One that finds nobody at a plain channel (a rendezvous, no owners, not ended) leaves itself there; the next takes it from there, both go to their next
 * states, and the one that waited is ready. Nothing is queued, and nobody's operation object is used. As soon as anything else touches the channel (a
 * generator, a choice, the end of the channel, a report) whoever waits there makes an ordinary offer of it first; so everything else about
 * channels holds for compiled processes unchanged.
 *
 * Invariants:
 *   - while a process waits directly, no offer waits at the channel and no guard is registered there;
 *   - it waits there directly or in an ordinary offer, never both.
 */
import { MisuseError } from './errors.ts';
import type { Process } from './process.ts';

export interface DirectOffer {
  readonly process: Process;
  readonly sending: boolean;
  /** What it sends. */
  readonly value: unknown;
  /** It sends: enforces the event. False: it may not happen, and an ordinary offer is to find out why. */
  deliver(): boolean;
  /** It receives: has the sender deliver, goes to its next state and is ready. False: the value cannot be received, or not be delivered. */
  receiveFrom(sender: DirectOffer): boolean;
  /** It sends, and what it sends has been received: goes to its next state and is ready. */
  goOn(): void;
  /** Makes an ordinary offer of it. The channel does not know it any more. */
  enlist(): void;
}

/** In place of a process: at this channel nobody waits directly. */
export const SHUT: DirectOffer = {
  get process(): Process {
    throw new MisuseError('nobody waits here directly');
  },
  sending: false,
  value: undefined,
  deliver: () => false,
  receiveFrom: () => false,
  goOn() {},
  enlist() {},
};
