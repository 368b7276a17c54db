/** The channels of the platform: their records, and the live ones, opened when first used. */
import {
  type Clock,
  type ListQuery,
  listPage,
  type Metrics,
  type Notifications,
  type Random,
  type Store,
  type Stored,
  type Tracer,
  timestamp,
} from '@enhanced-csp/platform';
import { fault } from '../fault.ts';
import { type ChannelBody, type ChannelType, LiveChannel } from './live-channel.ts';
import type { Filter, Message } from './message.ts';
import { Choice, type Communicated, type Party } from './offer.ts';

export const CHANNELS = {
  name: 'channels',
  fields: { name: 'text', type: 'text', security_level: 'text', created_at: 'text' },
} as const;
const LISTING = { operation: 'channels.list', collection: CHANNELS } as const;

export interface ChannelDraft {
  readonly name: string;
  readonly type: ChannelType;
  readonly buffer_size: number;
  readonly security_level: ChannelBody['security_level'];
}

interface Needs {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly notifications: Notifications;
  readonly tracer: Tracer;
  readonly metrics: Metrics;
}

/** How long an offer waits, and what withdraws it. */
export interface Patience {
  readonly timeoutMs: number;
  /** Who waits; their signal is looked at only when the offer has to wait. */
  readonly caller?: { readonly signal: AbortSignal };
}

export class Channels {
  readonly #needs: Needs;
  readonly #live = new Map<string, Promise<LiveChannel>>();
  /** Names being created, so that two requests at once cannot both have one. */
  readonly #claimed = new Set<string>();
  #closed = false;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  async create(draft: ChannelDraft): Promise<ChannelBody> {
    const taken = fault('CSP-CNV-010', `there is a channel called ${draft.name} already`, {
      details: { name: draft.name },
    });
    if (this.#claimed.has(draft.name)) throw taken;
    this.#claimed.add(draft.name);
    try {
      if ((await this.named(draft.name)) !== undefined) throw taken;
      const { random, clock, store } = this.#needs;
      const channel_id = random.id('chan');
      const body: ChannelBody = { channel_id, ...draft, created_at: timestamp(clock) };
      const { name, type, security_level, created_at } = body;
      const fields = { name, type, security_level, created_at };
      await store.commit([{ change: 'put', collection: CHANNELS.name, id: channel_id, fields, body, ifVersion: 0 }]);
      return body;
    } finally {
      this.#claimed.delete(draft.name);
    }
  }

  async named(name: string): Promise<ChannelBody | undefined> {
    const { records } = await this.#needs.store.find<ChannelBody>(CHANNELS.name, {
      where: { name },
      limit: 1,
      offset: 0,
    });
    return records[0]?.body;
  }

  list(query: ListQuery) {
    return listPage<ChannelBody>(this.#needs.store, LISTING, query);
  }

  async get(id: string): Promise<LiveChannel> {
    if (this.#closed) throw fault('CSP-CNV-016', 'the platform is stopping');
    const known = this.#live.get(id);
    if (known !== undefined) {
      const channel = await known;
      if (channel.usable) return channel;
      await channel.close('the channel is being recovered after a failed write');
      if (this.#live.get(id) === known) this.#live.delete(id);
    }
    let opening = this.#live.get(id);
    if (opening === undefined) {
      opening = this.#open(id);
      this.#live.set(id, opening);
      opening.catch(() => this.#live.delete(id));
    }
    return opening;
  }

  async delete(id: string): Promise<void> {
    const channel = await this.get(id);
    const { buffered, waiting_senders, waiting_receivers } = channel.figures;
    if (buffered + waiting_senders + waiting_receivers > 0)
      throw fault(
        'CSP-CNV-018',
        `the channel holds ${buffered} messages, and ${waiting_senders + waiting_receivers} offers wait on it`,
      );
    await channel.close('the channel was deleted');
    await this.#needs.store.commit([{ change: 'delete', collection: CHANNELS.name, id }]);
    this.#live.delete(id);
  }

  async send(id: string, message: Message, patience: Patience, party: Party = {}): Promise<Communicated> {
    const channel = await this.get(id);
    return this.#offer(`to send on ${channel.body.name}`, patience, (ends) =>
      channel.send({ message, party, ...ends }),
    );
  }

  async receive(id: string, filter: Filter, patience: Patience, party: Party = {}): Promise<Communicated> {
    const channel = await this.get(id);
    return this.#offer(`to receive from ${channel.body.name}`, patience, (ends) =>
      channel.receive({ filter, party, ...ends }),
    );
  }

  /** Withdraws every offer; nothing that was acknowledged is lost. */
  async close(): Promise<void> {
    this.#closed = true;
    const channels = await Promise.allSettled(this.#live.values());
    await Promise.all(
      channels.map(async (one) => one.status === 'fulfilled' && one.value.close('the platform is stopping')),
    );
  }

  async #open(id: string): Promise<LiveChannel> {
    const stored: Stored<ChannelBody> | undefined = await this.#needs.store.get(CHANNELS.name, id);
    if (stored === undefined) throw fault('CSP-CNV-004', `there is no channel ${id}`);
    return LiveChannel.open(stored.body, this.#needs);
  }

  #offer(
    what: string,
    patience: Patience,
    make: (ends: { choice: Choice; resolve(communicated: Communicated): void; reject(cause: unknown): void }) => void,
  ): Promise<Communicated> {
    return new Promise((resolve, reject) => {
      const choice = new Choice();
      let stopWaiting = () => {};
      const finish = (answer: () => void): void => {
        stopWaiting();
        answer();
      };
      make({
        choice,
        resolve: (communicated) => finish(() => resolve(communicated)),
        reject: (cause) => finish(() => reject(cause)),
      });
      // What met at once, or was stored, waits for nobody but the disk.
      if (!choice.open) return;
      const { timeoutMs, caller } = patience;
      const signal = caller?.signal;
      const withdraw = (why: string): void => {
        if (choice.close()) finish(() => reject(fault('CSP-CNV-012', why)));
      };
      const aborted = (): void => withdraw(`the caller, who waited ${what}, went away`);
      const cancel = this.#needs.clock.after(timeoutMs, () =>
        withdraw(`nobody came within ${timeoutMs / 1000} s ${what}`),
      );
      stopWaiting = () => {
        cancel();
        signal?.removeEventListener('abort', aborted);
      };
      signal?.addEventListener('abort', aborted, { once: true });
      if (signal?.aborted === true) aborted();
    });
  }
}
