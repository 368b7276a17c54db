/** The intrusive queue against an array, over random insertions and removals. */
import { expect, test } from 'vitest';
import { Network } from './network.ts';
import { Offer } from './offer.ts';
import { appended, listed, removed } from './queue.ts';
import { Seeded } from './seeded.ts';

test('any order of coming and withdrawing keeps the others in order, and leaves no link behind', () => {
  const random = new Seeded(1);
  const network = new Network();
  const offers = Array.from({ length: 6 }, () => new Offer(network.main));
  let head: Offer | null = null;
  let model: Offer[] = [];
  for (let step = 0; step < 1000; step++) {
    const offer = random.pick(offers);
    if (model.includes(offer)) {
      head = removed(head!, offer);
      model = model.filter((other) => other !== offer);
    } else {
      head = appended(head, offer);
      model.push(offer);
    }
    const places = (list: readonly (Offer | null)[]) =>
      list.map((offer) => (offer === null ? null : offers.indexOf(offer)));
    expect(places(listed(head))).toEqual(places(model));
    expect(places([head?.previous ?? null])).toEqual(places([model.length > 1 ? model.at(-1)! : null]));
    for (const other of offers)
      if (!model.includes(other)) expect(places([other.previous, other.following])).toEqual([null, null]);
  }
});
