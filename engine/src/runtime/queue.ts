/** The offers that wait at one end of a channel, oldest first: a doubly linked list through the offers, so that withdrawal takes constant time. */
import type { Offer } from './offer.ts';

export class OfferQueue {
  head: Offer | null = null;
  tail: Offer | null = null;
  length = 0;

  push(offer: Offer): void {
    offer.previous = this.tail;
    offer.following = null;
    if (this.tail === null) this.head = offer;
    else this.tail.following = offer;
    this.tail = offer;
    this.length++;
  }

  remove(offer: Offer): void {
    if (offer.previous === null) this.head = offer.following;
    else offer.previous.following = offer.following;
    if (offer.following === null) this.tail = offer.previous;
    else offer.following.previous = offer.previous;
    offer.previous = null;
    offer.following = null;
    this.length--;
  }
}
