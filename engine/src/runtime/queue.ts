/**
 * The offers that wait at one end of a channel, oldest first: a doubly linked list through the offers themselves, so that withdrawal takes constant time
 * and a channel at which nobody waits keeps one word for each end.
 *
 * Invariants: the list ends with null; the head's `previous` is the last offer, every other's its neighbor; an offer in no list has null for both.
 */
import type { Offer } from './offer.ts';

/** The head of the list with `offer` behind all others. */
export function appended(head: Offer | null, offer: Offer): Offer {
  offer.following = null;
  if (head === null) {
    offer.previous = offer;
    return offer;
  }
  const last = head.previous!;
  last.following = offer;
  offer.previous = last;
  head.previous = offer;
  return head;
}

/** The head of the list without `offer`, which is in it. */
export function removed(head: Offer, offer: Offer): Offer | null {
  const { previous, following } = offer;
  offer.previous = null;
  offer.following = null;
  if (offer === head) {
    if (following !== null) following.previous = previous;
    return following;
  }
  previous!.following = following;
  (following ?? head).previous = previous;
  return head;
}

/** The offers of a list as they stand, for whoever changes it meanwhile. */
export function listed(head: Offer | null): Offer[] {
  const offers: Offer[] = [];
  for (let offer = head; offer !== null; offer = offer.following) offers.push(offer);
  return offers;
}
