/**
 * A channel at work: offers that wait, messages that are buffered, and a journal of what was communicated.
 *
 * Invariants:
 *   - at most one of the two sides waits, as far as filters let them meet: two that could meet have met;
 *   - a message leaves the buffer once: it is taken in memory at once, and given out when the commit that removes it is durable;
 *   - sender and receiver are answered after that commit, and never before.
 */
import { canonicalBytes } from '@enhanced-csp/engine/canonical';
import {
  type Change,
  type Clock,
  type Metrics,
  type Notifications,
  type Span,
  type Store,
  type Tracer,
  timestamp,
} from '@enhanced-csp/platform';
import { fault } from '../fault.ts';
import { Journal } from '../journal.ts';
import { countEvent } from '../metrics.ts';
import { chooseFrom, type Message, passes } from './message.ts';
import type { Choice, Communicated, Party, ReceiveOffer, SendOffer } from './offer.ts';

export type ChannelType = 'synchronous' | 'buffered' | 'dropping' | 'sliding';

export interface ChannelBody {
  readonly channel_id: string;
  readonly name: string;
  readonly type: ChannelType;
  /** Of a synchronous channel: how many offers may wait. */
  readonly buffer_size: number;
  readonly security_level: 'low' | 'medium' | 'high';
  readonly created_at: string;
}

/** A message that was sent and is not received yet. */
interface Buffered extends Message {
  readonly sent: number;
}

export const MESSAGES = { name: 'messages', fields: { channel: 'text', sequence: 'integer' } } as const;

export function streamOf(channelId: string): string {
  return `channel.${channelId}`;
}

interface Needs {
  readonly store: Store;
  readonly clock: Clock;
  readonly notifications: Notifications;
  readonly tracer: Tracer;
  readonly metrics: Metrics;
}

export class LiveChannel {
  readonly body: ChannelBody;
  readonly #needs: Needs;
  readonly #journal: Journal;
  readonly #buffer: Buffered[];
  #sends: SendOffer[] = [];
  #receives: ReceiveOffer[] = [];
  #closed = false;

  private constructor(body: ChannelBody, needs: Needs, journal: Journal, buffer: Buffered[]) {
    this.body = body;
    this.#needs = needs;
    this.#journal = journal;
    this.#buffer = buffer;
  }

  /** The channel as the store knows it: what is buffered is there again, offers are not. */
  static async open(body: ChannelBody, needs: Needs): Promise<LiveChannel> {
    const journal = await Journal.open(needs.store, streamOf(body.channel_id));
    const buffer: Buffered[] = [];
    const SLICE = 1000;
    for (let offset = 0; ; offset += SLICE) {
      const where = { channel: body.channel_id };
      const found = await needs.store.find<Buffered>(MESSAGES.name, {
        where,
        orderBy: 'sequence',
        limit: SLICE,
        offset,
      });
      buffer.push(...found.records.map((record) => record.body));
      if (found.records.length < SLICE) return new LiveChannel(body, needs, journal, buffer);
    }
  }

  get figures() {
    return {
      buffered: this.#buffer.length,
      waiting_senders: this.#sends.filter(({ choice }) => choice.open).length,
      waiting_receivers: this.#receives.filter(({ choice }) => choice.open).length,
      events: this.#journal.length,
    };
  }

  /** False once a write failed: then the channel is to be opened anew from the store. */
  get usable(): boolean {
    return !this.#journal.broken && !this.#closed;
  }

  /** Withdraws all offers; resolves when nothing is under way any more. */
  async close(why: string): Promise<void> {
    this.#withdrawAll(why);
    await this.#journal.quiet();
  }

  #withdrawAll(why: string): void {
    this.#closed = true;
    for (const { choice, reject } of [...this.#sends, ...this.#receives])
      if (choice.close()) reject(fault('CSP-CNV-016', why));
    this.#sends = [];
    this.#receives = [];
  }

  /** Sends at once, or leaves the offer waiting where the type of the channel has senders wait. */
  send(offer: SendOffer): void {
    this.#prune();
    const partner = this.#receives.find((receive) => passes(receive.filter, offer.message) && distinct(receive, offer));
    if (!this.usable) this.#unusable(offer);
    else if (partner !== undefined && this.#buffer.length === 0) this.#meet(offer, partner);
    else if (this.body.type !== 'synchronous') this.#store(offer);
    else if (this.#sends.length >= this.body.buffer_size) this.#tooMany(offer, 'senders wait');
    else this.#sends.push(offer);
  }

  /** Receives at once, or leaves the offer waiting. */
  receive(offer: ReceiveOffer): void {
    this.#prune();
    const index = chooseFrom(this.#buffer, offer.filter);
    const sends = this.#sends.filter((send) => distinct(send, offer));
    const messages = sends.map(({ message }) => message);
    const chosen = index >= 0 ? -1 : chooseFrom(messages, offer.filter);
    if (!this.usable) this.#unusable(offer);
    else if (index >= 0) this.#takeBuffered(offer, index);
    else if (chosen >= 0) this.#meet(sends[chosen]!, offer);
    else if (this.#receives.length >= this.body.buffer_size) this.#tooMany(offer, 'receivers wait');
    else this.#receives.push(offer);
  }

  /** Rendezvous: one communication, one commit for both sides. */
  #meet(send: SendOffer, receive: ReceiveOffer): void {
    send.choice.close();
    receive.choice.close();
    this.#prune();
    const { message } = send;
    const entry = this.#entry('communicated', message, receive.party.name);
    const sequence = this.#journal.length;
    this.#commit(entry, [], [send.party, receive.party], message, {
      done: () => {
        const communicated: Communicated = { sequence, message, sent: sequence };
        send.resolve(communicated);
        receive.resolve(communicated);
      },
      failed: (cause) => {
        send.reject(cause);
        receive.reject(cause);
      },
    });
  }

  #store(offer: SendOffer): void {
    const full = this.#buffer.length >= this.body.buffer_size;
    if (full && this.body.type === 'buffered') this.#tooMany(offer, 'messages wait to be received');
    else if (full && this.body.type === 'dropping') this.#drop(offer);
    else this.#keep(offer, full);
  }

  #drop(offer: SendOffer): void {
    offer.choice.close();
    const { message } = offer;
    const sequence = this.#journal.length;
    const done = (): void => offer.resolve({ sequence, message, sent: sequence });
    this.#commit(this.#entry('dropped', message), [], [offer.party], message, { done, failed: offer.reject });
  }

  #keep(offer: SendOffer, slide: boolean): void {
    offer.choice.close();
    const { message } = offer;
    const sequence = this.#journal.length;
    const changes: Change[] = slide ? [this.#deletion(this.#buffer.shift()!.sent)] : [];
    const body: Buffered = { ...message, sent: sequence };
    const fields = { channel: this.body.channel_id, sequence };
    this.#buffer.push(body);
    changes.push({ change: 'put', collection: MESSAGES.name, id: this.#messageId(sequence), fields, body });
    const done = (): void => offer.resolve({ sequence, message, sent: sequence });
    this.#commit(this.#entry('sent', message), changes, [offer.party], message, { done, failed: offer.reject });
    this.#serveReceivers();
  }

  #takeBuffered(offer: ReceiveOffer, index: number): void {
    offer.choice.close();
    const [{ sent, ...message }] = this.#buffer.splice(index, 1) as [Buffered];
    const sequence = this.#journal.length;
    const entry = this.#entry('received', message, offer.party.name, sent);
    this.#commit(entry, [this.#deletion(sent)], [offer.party], message, {
      done: () => offer.resolve({ sequence, message, sent }),
      failed: offer.reject,
    });
  }

  #serveReceivers(): void {
    for (const receive of this.#receives) {
      if (!receive.choice.open) continue;
      const index = chooseFrom(this.#buffer, receive.filter);
      if (index >= 0) this.#takeBuffered(receive, index);
    }
    this.#prune();
  }

  #commit(
    entry: Record<string, unknown>,
    changes: readonly Change[],
    parties: readonly Party[],
    message: Message,
    then: { done(): void; failed(cause: unknown): void },
  ): void {
    let commit: Promise<void>;
    const span = this.#span(entry, parties);
    try {
      const own = this.#journal.take(canonicalBytes(entry));
      const theirs = parties.flatMap((party) => party.changes?.(message) ?? []);
      commit = this.#journal.settle(this.#needs.store.commit([own, ...changes, ...theirs]));
    } catch (cause) {
      span.end({}, String(cause));
      then.failed(cause);
      return;
    }
    for (const party of parties) party.settle?.(commit);
    if (span.context !== undefined) for (const party of parties) party.traced?.(span.context);
    commit.then(
      () => {
        span.end();
        countEvent(this.#needs.metrics, 'channel', entry.kind as string);
        then.done();
        this.#needs.notifications.publish(this.#journal.stream, entry);
      },
      (cause: unknown) => {
        span.end({}, String(cause));
        then.failed(cause);
        // Whoever waits here waits on a channel that is made anew.
        this.#withdrawAll('the channel is being recovered after a failed write');
      },
    );
  }

  /** One for each communication, from the moment its partners met until it is durable. In the trace of the first of them; the other is linked. */
  #span(entry: Record<string, unknown>, parties: readonly Party[]): Span {
    const [parent, ...links] = parties.flatMap(({ trace }) => (trace === undefined ? [] : [trace]));
    const { channel_id, name } = this.body;
    const { kind, seq, sender, receiver } = entry;
    return this.#needs.tracer.start({
      name: `${kind} ${name}`,
      kind: kind === 'received' ? 'consumer' : 'producer',
      parent,
      links,
      attributes: {
        'messaging.system': 'csp',
        'messaging.destination.name': name,
        'csp.channel_id': channel_id,
        'csp.sequence': seq as number,
        ...(sender === undefined ? {} : { 'csp.sender': sender as string }),
        ...(receiver === undefined ? {} : { 'csp.receiver': receiver as string }),
      },
    });
  }

  /** The header only: data is for the receiver, and must stay erasable. */
  #entry(kind: string, message: Message, receiver?: string, of?: number): Record<string, unknown> {
    return {
      v: 1,
      seq: this.#journal.length,
      at: timestamp(this.#needs.clock),
      kind,
      type: message.type,
      priority: message.priority,
      ...(message.sender !== undefined && { sender: message.sender }),
      ...(receiver !== undefined && { receiver }),
      ...(of !== undefined && { of }),
    };
  }

  #deletion(sequence: number): Change {
    return { change: 'delete', collection: MESSAGES.name, id: this.#messageId(sequence) };
  }

  #messageId(sequence: number): string {
    return `${this.body.channel_id}.${sequence}`;
  }

  #tooMany(offer: SendOffer | ReceiveOffer, what: string): void {
    if (!offer.choice.close()) return;
    const { name, buffer_size } = this.body;
    offer.reject(
      fault('CSP-CNV-011', `${buffer_size} ${what} on ${name}, as many as its buffer_size allows`, {
        details: { buffer_size },
      }),
    );
  }

  #unusable(offer: SendOffer | ReceiveOffer): void {
    if (offer.choice.close())
      offer.reject(fault('CSP-CNV-016', `the channel ${this.body.name} is closed or being recovered`));
  }

  #prune(): void {
    this.#sends = this.#sends.filter(({ choice }) => choice.open);
    this.#receives = this.#receives.filter(({ choice }) => choice.open);
  }
}

/** A party never communicates with itself, and a choice never with one of its own offers. */
function distinct(one: { choice: Choice; party: Party }, other: { choice: Choice; party: Party }): boolean {
  return one.choice !== other.choice && one.choice.open && other.choice.open;
}
