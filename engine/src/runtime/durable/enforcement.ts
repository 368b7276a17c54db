/**
 * The specification of a durable network: what is sent is an event of it, judged at the moment of delivery, before anything is written.
 *
 * Taking a value out of a buffer is no event: its sender was judged when it got its place there, and has gone on.
 */
import { TICK } from '../../csp/index.ts';
import { type NodeId, REFUSED } from '../../lts/index.ts';
import { eventName } from '../event-name.ts';
import type { Monitor } from '../monitor.ts';
import { SpecificationError } from './errors.ts';
import type { Entry, Followed, Journal, Sent } from './journal.ts';

/** The event that a sending stands for; undefined: the specification does not speak of it. The `eventOf` of an audit fits. It must be a function of the entry alone. */
export type EventOf = (entry: Sent) => { readonly event: string } | undefined;

export type Judgment =
  | { readonly kind: 'lawful'; readonly node: NodeId }
  | { readonly kind: 'unlawful'; readonly event: string; readonly reason: string };

export class DurableEnforcement {
  node: NodeId;
  /**
   * Of the monitor's table, numbers of nodes included, and of the text of `eventOf`: where it is the same, a node that was kept is the same node. Where it
   * differs for nothing, the journal is followed from its first entry for nothing.
   */
  readonly specification: string;
  readonly #monitor: Monitor;
  readonly #eventOf: EventOf;

  constructor(monitor: Monitor, eventOf: EventOf = sentEvent) {
    this.#monitor = monitor;
    this.#eventOf = eventOf;
    this.node = monitor.initial;
    this.specification = fingerprintOf(monitor, String(eventOf));
  }

  judge(entry: Sent): Judgment {
    const event = this.#eventOf(entry)?.event;
    if (event === undefined) return { kind: 'lawful', node: this.node };
    const node = this.#monitor.stepByName(this.node, event);
    if (node !== REFUSED) return { kind: 'lawful', node };
    const known = this.#monitor.alphabet.find(event);
    const refusal = known === undefined ? undefined : this.#monitor.refusal(this.node, known);
    return { kind: 'unlawful', event, reason: refusal?.reason ?? `${event} is in no trace of this system` };
  }

  /** Goes where the journal has come to: on from the node that was kept, or, when it is of another specification, from the first entry. */
  async follow(network: string, journal: Journal): Promise<void> {
    const { followed } = journal.head;
    const same = followed?.specification === this.specification;
    if (same) this.node = followed.node;
    let position = same ? followed.at : 0;
    for await (const entry of journal.read(position)) {
      if (isSent(entry)) {
        const judgment = this.judge(entry);
        if (judgment.kind === 'unlawful') throw new SpecificationError(network, { position, ...judgment });
        this.node = judgment.node;
      }
      position++;
    }
  }

  /** What is kept for the next owner: behind entry `at - 1` it is here. */
  followed(at: number): Followed {
    return { specification: this.specification, node: this.node, at };
  }
}

/** `offer.3`, `offer.buyer.seller`, `go`: as on an enforced channel in memory. */
export function sentEvent({ channel, value }: Sent): { readonly event: string } {
  return { event: eventName(channel, value) };
}

function isSent(entry: Entry): entry is Sent {
  return entry.kind === 'communicated' || entry.kind === 'buffered';
}

/** FNV-1a in two lanes: against mistakes, not against malice. */
function fingerprintOf(monitor: Monitor, events: string): string {
  let high = 0x811c9dc5;
  let low = 0xcbf29ce4;
  const add = (text: string): void => {
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      high = Math.imul(high ^ unit, 0x01000193);
      low = Math.imul(low ^ unit ^ (high >>> 16), 0x01000193);
    }
  };
  add(events);
  const nodes = new Set([monitor.initial]);
  for (const node of nodes)
    for (const event of [...monitor.expected(node), TICK]) {
      const next = monitor.step(node, event);
      if (next === REFUSED) continue;
      add(`${node} ${monitor.alphabet.nameOf(event)} ${next}\n`);
      nodes.add(next); // And the loop comes to it.
    }
  return [high, low].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}
