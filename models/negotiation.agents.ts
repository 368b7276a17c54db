/**
 * Three agents for `negotiation.csp` that really decide, and one that does not keep to the protocol.
 *
 * Buyer and seller concede step by step from what they would like to what they can bear, and accept what is at least as good as their own next
 * step (Faratin, Sierra, Jennings, Negotiation decision functions for autonomous agents, 1998: time-dependent tactics). The broker forwards.
 */
import { type Cast, type Decide, fieldsOf, type View } from '@enhanced-csp/engine';

const ROUNDS = 3;

/** The buyer starts low, and pays at most `limit`. */
export function buyer({ start, limit }: { start: number; limit: number }): Decide {
  return (view) => {
    const next = concession(start, limit, count(view, 'offer'));
    const asked = priceOf(last(view, 'counter'));
    const agreeable = asked !== undefined && asked <= next;
    return allowed(view, 'pay', agreeable ? 'accept' : `offer.buyer.broker.${next}`, 'accept', 'withdraw');
  };
}

/** The seller starts high, and sells for no less than `limit`. */
export function seller({ start, limit }: { start: number; limit: number }): Decide {
  return (view) => {
    const next = concession(start, limit, count(view, 'counter'));
    const bid = priceOf(last(view, 'offer'));
    const agreeable = bid !== undefined && bid >= next;
    return allowed(view, agreeable ? 'accept' : `counter.seller.broker.${next}`, 'accept', 'withdraw');
  };
}

/** The broker passes on what it heard; what it may do is never more than that. */
export const broker: Decide = (view) => allowed(view, 'offer', 'counter', 'accept', 'withdraw');

/**
 * A seller who does not keep to the protocol: asked for an answer, it first tries to pay itself in the buyer's name; and when it has answered and it
 * is no longer its turn, it speaks once more. Refused, it goes on as `decide`.
 */
export function rogue(decide: Decide): Decide {
  return (view) => {
    const attempt = view.heard.at(-1)?.startsWith('counter.seller') ? 'accept.seller.broker' : 'pay.buyer.seller.5';
    const tried = view.refused.includes(attempt) || view.heard.includes(attempt);
    return view.heard.length === 0 || tried ? decide(view) : attempt;
  };
}

export const agents: Cast = { buyer: buyer({ start: 1, limit: 4 }), seller: seller({ start: 5, limit: 2 }), broker };

/** The same negotiation with a seller who does not keep to it. */
export const withRogue: Cast = { ...agents, seller: rogue(seller({ start: 5, limit: 2 })) };

function concession(from: number, to: number, round: number): number {
  return Math.round(from + ((to - from) * Math.min(round, ROUNDS - 1)) / (ROUNDS - 1));
}

/** The first event that begins with one of `wishes` and may be performed now. */
function allowed(view: View, ...wishes: string[]): string | undefined {
  for (const wish of wishes) {
    const event = view.may.find((possible) => possible === wish || possible.startsWith(`${wish}.`));
    if (event !== undefined) return event;
  }
  return undefined;
}

const count = (view: View, channel: string): number =>
  view.heard.filter((event) => event.startsWith(`${channel}.${view.role}.`)).length;

const last = (view: View, channel: string): string | undefined =>
  view.heard.findLast((event) => fieldsOf(event).channel === channel && fieldsOf(event).fields[1] === view.role);

const priceOf = (event: string | undefined): number | undefined =>
  event === undefined ? undefined : Number(fieldsOf(event).fields[2]);
