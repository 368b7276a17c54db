/** The work of `csp bench ws`, loaded when the command is called. */
import { setTimeout as sleep } from 'node:timers/promises';
import { interruptible, patiently, withChannel } from '../bench-channel.ts';
import { clientOf } from '../client.ts';
import type { WsFlags } from '../commands/bench.ts';
import type { Context } from '../context.ts';
import { urlOf } from '../contexts.ts';
import { Deliveries } from '../deliveries.ts';
import { EXIT } from '../exit-codes.ts';
import { type Load, latencyHistogram, load } from '../load.ts';
import {
  amount,
  clientLine,
  clientMeter,
  figuresJson,
  percentileLine,
  percentilesOf,
  progressOf,
  rateOf,
  refusalsOf,
  sayRefusals,
} from '../load-report.ts';
import { connectToTopics, type TopicConnection } from '../topic-connection.ts';

/** Clients that connect at the same time. */
const TOGETHER = 100;
/** Deliveries that do not come for so long do not come. */
const PATIENCE_MS = 5000;
const LOOK_MS = 10;

export async function benchWs(this: Context, flags: WsFlags): Promise<void> {
  const url = urlOf(flags, this.env);
  const client = clientOf(url);
  // The channel is gone before anything is printed: whoever reads it may stop reading.
  const measured = await interruptible((signal) =>
    withChannel(client, this, async (channel_id) => {
      const listeners = new Listeners(`channel.${channel_id}`, url);
      try {
        await listeners.connect(flags.clients, (count) => this.progress(`${count} clients listen`));
        const meter = clientMeter();
        const begun = performance.now();
        const sent = await load(new URL(`${url}/api/channels/${channel_id}/send`), {
          connections: flags.publishers,
          seconds: flags.seconds,
          messages: flags.messages,
          signal,
          body: (number) => listeners.messageOf(number),
          answered: progressOf(this),
        });
        // What had no answer may have been done all the same: the platform says how many there are.
        const published =
          sent.broken.length === 0
            ? sent.accepted
            : (await patiently(() => client.channels.get({ channel_id }))).events;
        await listeners.hearAll(published);
        const busy = meter();
        // Before the connections are ended from here.
        const ended = [...listeners.ended];
        return { url, channel_id, sent, published, listeners, ended, begun, busy };
      } finally {
        listeners.close();
      }
    }),
  );
  report(this, flags, measured);
}

class Listeners {
  readonly #topic: string;
  readonly #url: string;
  readonly #connections: TopicConnection[] = [];
  readonly #sentAt: number[] = [];
  readonly latency = latencyHistogram();
  readonly deliveries: Deliveries[] = [];
  /** Clients whose connection ended, by why. */
  readonly ended: string[] = [];
  gaps = 0;
  /** When the last delivery came. */
  lastAt = 0;

  constructor(topic: string, url: string) {
    this.#topic = topic;
    this.#url = url;
  }

  async connect(count: number, tell: (count: number) => void): Promise<void> {
    while (this.#connections.length < count) {
      const some = Array.from({ length: Math.min(TOGETHER, count - this.#connections.length) }, () => this.#listen());
      await Promise.all(some.map(({ subscribed }) => subscribed));
      tell(this.#connections.length);
    }
  }

  #listen(): TopicConnection {
    const deliveries = new Deliveries();
    const connection = connectToTopics(this.#url, { channels: [this.#topic] }, (told) => {
      if (told.type === 'gap') this.gaps += 1;
      if (told.type !== 'event') return;
      this.lastAt = performance.now();
      deliveries.hear(told.seq);
      const sentAt = this.#sentAt[Number((told.data as { sender?: string }).sender)];
      if (sentAt !== undefined) this.latency.record(Math.max(1, Math.round((this.lastAt - sentAt) * 1000)));
    });
    void connection.closed.then((why) => this.ended.push(why));
    this.deliveries.push(deliveries);
    this.#connections.push(connection);
    return connection;
  }

  /** A message whose header says which one it is: topics tell headers, not data. */
  messageOf(number: number): Buffer {
    this.#sentAt.push(performance.now());
    return Buffer.from(`{"event":{"sender":"${number}"}}`);
  }

  get heard(): number {
    return this.deliveries.reduce((sum, { heard }) => sum + heard, 0);
  }

  /** Resolves when every client has heard of all, or nothing comes any more. */
  async hearAll(published: number): Promise<void> {
    const from = performance.now();
    while (
      this.deliveries.some((one) => one.lost(published) > 0) &&
      this.ended.length < this.#connections.length &&
      performance.now() - Math.max(from, this.lastAt) < PATIENCE_MS
    )
      await sleep(LOOK_MS);
  }

  close(): void {
    for (const connection of this.#connections) connection.close();
  }
}

function report(
  context: Context,
  { clients, publishers, json }: WsFlags,
  measured: {
    readonly url: string;
    readonly channel_id: string;
    readonly sent: Load;
    readonly published: number;
    readonly listeners: Listeners;
    readonly ended: readonly string[];
    readonly begun: number;
    readonly busy: ReturnType<ReturnType<typeof clientMeter>>;
  },
): void {
  const { url, channel_id, sent, published, listeners, ended, begun, busy } = measured;
  const sum = (of: (one: Deliveries) => number) => listeners.deliveries.reduce((all, one) => all + of(one), 0);
  const [lost, doubled, disordered] = [
    sum((one) => one.lost(published)),
    sum((one) => one.doubled),
    sum((one) => one.disordered),
  ];
  const { heard, gaps } = listeners;
  const milliseconds = heard === 0 ? 0 : listeners.lastAt - begun;
  const rate = rateOf(heard, milliseconds);
  const latency = percentilesOf(listeners.latency);
  if (json)
    context.print(
      figuresJson({
        url,
        channel_id,
        clients,
        publishers,
        seconds: milliseconds / 1000,
        published,
        answers: Object.fromEntries(sent.answers),
        publish_rate: rateOf(sent.accepted, sent.milliseconds),
        delivered: heard,
        rate,
        latency_ms: latency ?? null,
        lost,
        doubled,
        disordered,
        gaps,
        disconnected: ended.length,
        refusals: refusalsOf(sent),
        unanswered: sent.broken.length,
        client: busy,
      }),
    );
  else {
    const { strong, faint } = context.paint;
    context.print(strong(`${amount(rate)} deliveries/s`));
    context.print(
      `${amount(heard)} delivered in ${(milliseconds / 1000).toFixed(2)} s: ${amount(published)} messages to ${amount(clients)} clients, ${amount(rateOf(sent.accepted, sent.milliseconds))} sent a second`,
    );
    context.print(`latency  ${percentileLine(latency)}`);
    context.print(faint(clientLine(busy.busy, url)));
  }
  sayRefusals(context, sent);
  const bad = (count: number, what: string) => {
    if (count > 0) context.say(`${context.paint.bad('✗')} ${amount(count)} ${what}`);
  };
  bad(lost, `deliveries lost${gaps === 0 ? '' : `; ${amount(gaps)} gaps were told`}`);
  bad(doubled, 'deliveries doubled');
  bad(disordered, 'deliveries out of order');
  bad(ended.length, `clients were disconnected: ${[...new Set(ended)].join('; ')}`);
  if (lost > 0 || doubled > 0 || disordered > 0) context.end(EXIT.propertyFails);
  else if (sent.broken.length > 0 || ended.length > 0) context.end(EXIT.unreachable);
  else if (sent.refusals.size > 0) context.end(EXIT.propertyFails);
}
