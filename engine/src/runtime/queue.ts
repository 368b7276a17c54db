/**
 * The offers that wait at one end of a channel, oldest first: a doubly linked list through the offers themselves, so that withdrawal takes constant time
 * and a channel at which nobody waits keeps one word for each end.
 *
 * Invariants: the list ends with null; `previous` of the head is the last offer, or null when the head is alone; an offer in no list has null for both. So a
 * lone offer comes and goes without a store.
 */
import type { Offer } from './offer.ts';

/** The head of the list with `offer` behind all others. */
export function appended(head: Offer | null, offer: Offer): Offer {
  if (head === null) return offer;
  const last = head.previous ?? head;
  last.following = offer;
  offer.previous = last;
  head.previous = offer;
  return head;
}

/** The head of the list without `offer`, which is in it. */
export function removed(head: Offer, offer: Offer): Offer | null {
  const { previous, following } = offer;
  if (offer === head) {
    if (following === null) return null;
    following.previous = previous === following ? null : previous;
    head = following;
  } else {
    previous!.following = following;
    if (following !== null) following.previous = previous;
    else head.previous = previous === head ? null : previous;
  }
  offer.previous = null;
  offer.following = null;
  return head;
}

/** The offers of a list as they stand, for whoever changes it meanwhile. */
export function listed(head: Offer | null): Offer[] {
  const offers: Offer[] = [];
  for (let offer = head; offer !== null; offer = offer.following) offers.push(offer);
  return offers;
}
