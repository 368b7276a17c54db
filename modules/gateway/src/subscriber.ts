/**
 * One WebSocket client and its subscriptions.
 *
 * What a slow client has not taken yet is not queued for it: at most `windowMessages` messages or `WINDOW_BYTES` bytes are on their way, and beyond
 * that its subscriptions pause at the last sequence number sent and resume from the ring of the notifications when there is room again. So memory
 * is bounded for each client, nothing is lost or doubled while the ring reaches back far enough, and where it does not the client is told of the gap.
 */
import {
  type Clock,
  type ErrorTable,
  Fault,
  type Notification,
  type Notifications,
  nearest,
  type Stream,
  timestamp,
} from '@enhanced-csp/platform';
import { z } from 'zod';
import { parametersIn, patternOf } from './path.ts';
import type { Request as Kind, WatchedSession, WatchedTopic } from './session-monitor.ts';
import { textFrame } from './text-frame.ts';

/** Whoever is at the other end: what is sent to them, and what they may do. */
export interface Client {
  readonly bufferedAmount: number;
  send(text: string, sent: () => void): void;
  /** A whole frame of the protocol, its header included. */
  sendFrame(frame: Buffer, sent: () => void): void;
  close(code: number, reason: string): void;
  /** Counts a request; throws when there are too many. */
  admit(): void;
  /** Throws a fault when they may not subscribe. */
  listen(stream: Stream, topic: string, parameters: Readonly<Record<string, string>>): void;
  /** Performs what publishes on a topic; throws what the operation does. */
  publish(stream: Stream, parameters: Readonly<Record<string, string>>, data: unknown): Promise<unknown>;
}

/** What all clients share. */
export interface Shared {
  readonly clock: Clock;
  readonly notifications: Notifications;
  readonly topics: Topics;
  readonly errors: ErrorTable;
  /** Names this run of the server. */
  readonly run: string;
  /** How long a client may take nothing before it is cut off, with 1013. */
  readonly stallMs: number;
  /** Messages on their way to a client at most, and of each subscription those that are to be acknowledged. */
  readonly windowMessages?: number | undefined;
}

/** The bounds the source of this project asks for: `max_queue: 32`, `max_size: 1 MB`. */
const WINDOW_MESSAGES = 32;
const WINDOW_BYTES = 1024 * 1024;
const SUBSCRIPTION_COUNT_MAX = 1024;
/** Answers to the client's own frames that it has not taken; a client that only talks is cut off. */
const ANSWERS_MAX = 256;

const id = z.union([z.string().max(200), z.number()]).optional();
const channel = z.string().min(1).max(200);

const Request = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('subscribe'),
    id,
    channels: z.array(channel).min(1).max(256),
    /** The client acknowledges what it has dealt with; only then is there room for more. */
    ack: z.boolean().default(false),
    /** The last sequence number seen: one for all the channels, or one for each. */
    since: z.union([z.int().min(0), z.record(z.string(), z.int().min(0))]).optional(),
    /** The run of the server in which `since` was seen. Another run counts anew, so all of it is a gap. */
    run: z.string().max(200).optional(),
  }),
  z.strictObject({
    action: z.literal('unsubscribe'),
    id,
    channels: z.array(channel).min(1).max(256),
  }),
  /** Everything up to `seq` is dealt with. Not answered. */
  z.strictObject({ action: z.literal('ack'), id, channel, seq: z.int().min(0) }),
  /** `data`: the body of the operation that publishes on topics of this kind. */
  z.strictObject({ action: z.literal('publish'), id, channel, data: z.json() }),
  z.strictObject({ action: z.literal('ping'), id }),
]);
type Request = z.output<typeof Request>;

interface Subscription {
  readonly channel: string;
  readonly watched: WatchedTopic;
  /** Where to go on when paused; undefined while it runs. */
  pausedAt: number | undefined;
  /** Sequence numbers that the client has not acknowledged, ascending; undefined: it does not acknowledge. */
  readonly unacknowledged: number[] | undefined;
  cancelStall: (() => void) | undefined;
  unsubscribe(): void;
}

export interface Topics {
  find(channel: string): { readonly stream: Stream } | { readonly nearest: string | undefined };
}

export function topicsOf(streams: readonly Stream[]): Topics {
  const patterns = streams.map((stream) => ({ stream, pattern: patternOf(stream.topic, '') }));
  return {
    find(channel) {
      const found = patterns.find(({ pattern }) => pattern.test(channel));
      return (
        found ?? {
          nearest: nearest(
            channel,
            streams.map(({ topic }) => topic),
          ),
        }
      );
    },
  };
}

/** A frame is the same for everyone, so it is written once. */
const frames = new WeakMap<Notification, Buffer>();

function frameOf(notification: Notification): Buffer {
  let frame = frames.get(notification);
  if (frame === undefined) {
    const { topic, sequence, at, data } = notification;
    frame = textFrame(JSON.stringify({ type: 'event', channel: topic, seq: sequence, at, data }));
    frames.set(notification, frame);
  }
  return frame;
}

export class Subscriber {
  readonly #client: Client;
  readonly #shared: Shared;
  /** What is said on this connection, held to the protocol. */
  readonly #session: WatchedSession;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Messages handed to the socket that the system has not taken yet. */
  #onTheirWay = 0;
  #answersOnTheirWay = 0;
  #ended = false;

  constructor(client: Client, session: WatchedSession, shared: Shared) {
    this.#client = client;
    this.#session = session;
    this.#shared = shared;
  }

  get #windowMessages(): number {
    return this.#shared.windowMessages ?? WINDOW_MESSAGES;
  }

  /** A frame from the client. Whatever it is, it is answered, unless the connection is over. */
  receive(text: string): void {
    if (this.#ended) return;
    const request = parse(text);
    // What was sent may be acknowledged as fast as it was sent.
    if (!(request instanceof Fault) && request.action === 'ack' && this.#acknowledge(request)) return;
    const id = request instanceof Fault ? idOf(text) : request.id;
    if (!this.#isAdmitted(id)) return;
    const kind = request instanceof Fault || request.action === 'ack' ? 'nonsense' : request.action;
    if (kind !== 'publish') this.#session.says(kind);
    if (request instanceof Fault) this.#refuse(request, id);
    else if (request.action === 'subscribe') this.#subscribe(request);
    else if (request.action === 'unsubscribe') this.#unsubscribe(request);
    else if (request.action === 'ack')
      this.#refuse(new Fault('CSP-GTW-011', 'invalid', `There is nothing to acknowledge on ${request.channel}.`), id);
    else if (request.action === 'publish') void this.#perform(request);
    else this.#answer({ type: 'pong', ...echo(request.id), at: timestamp(this.#shared.clock) }, 'ping');
  }

  receiveBinary(): void {
    if (this.#ended || !this.#isAdmitted(undefined)) return;
    this.#session.says('nonsense');
    this.#refuse(new Fault('CSP-GTW-011', 'invalid', 'Binary frames are not read here; send JSON text.'), undefined);
  }

  /** Otherwise it was told so. */
  #isAdmitted(id: string | number | undefined): boolean {
    try {
      this.#client.admit();
      return true;
    } catch (fault) {
      this.#session.says('nonsense');
      this.#refuse(fault instanceof Fault ? fault : defect(fault), id);
      return false;
    }
  }

  /** The connection is over. */
  end(): void {
    this.#ended = true;
    for (const subscription of this.#subscriptions.values()) leave(subscription);
    this.#subscriptions.clear();
  }

  #subscribe(request: Extract<Request, { action: 'subscribe' }>): void {
    const channels = [...new Set(request.channels)];
    const refused: { channel: string; code: string; detail: string }[] = [];
    const accepted: { channel: string; since: number | undefined }[] = [];
    const gaps: string[] = [];
    let count = this.#subscriptions.size;
    for (const channel of channels) {
      const found = this.#shared.topics.find(channel);
      const known = this.#subscriptions.has(channel);
      const denied = 'stream' in found ? this.#denial(found.stream, channel) : undefined;
      if (!('stream' in found)) {
        refused.push({ channel, code: 'CSP-GTW-012', detail: unknownTopic(channel, found.nearest) });
      } else if (denied !== undefined) {
        refused.push({ channel, code: denied.code, detail: denied.message });
      } else if (!known && count >= SUBSCRIPTION_COUNT_MAX) {
        refused.push({
          channel,
          code: 'CSP-GTW-013',
          detail: `A connection has at most ${SUBSCRIPTION_COUNT_MAX} subscriptions.`,
        });
      } else {
        if (!known) count += 1;
        const asked = typeof request.since === 'object' ? request.since[channel] : request.since;
        const otherRun = asked !== undefined && request.run !== undefined && request.run !== this.#shared.run;
        const since = otherRun ? 0 : asked;
        if (otherRun || this.#isGap(channel, since)) gaps.push(channel);
        accepted.push({ channel, since });
      }
    }
    const answer = {
      type: 'subscribed',
      ...echo(request.id),
      run: this.#shared.run,
      accepted: accepted.map(({ channel }) => channel),
      refused,
      gaps,
    };
    this.#answer(answer, 'subscribe');
    for (const { channel, since } of accepted) {
      leave(this.#subscriptions.get(channel));
      const watched = this.#session.joins(channel, since);
      if (gaps.includes(channel)) watched.misses();
      const subscription: Subscription = {
        channel,
        watched,
        pausedAt: undefined,
        unacknowledged: request.ack ? [] : undefined,
        cancelStall: undefined,
        unsubscribe() {},
      };
      this.#subscriptions.set(channel, subscription);
      this.#attach(subscription, since);
    }
  }

  #denial(stream: Stream, channel: string): Fault | undefined {
    try {
      this.#client.listen(stream, channel, parametersIn(stream.topic, channel));
      return undefined;
    } catch (fault) {
      if (fault instanceof Fault) return fault;
      throw fault;
    }
  }

  #unsubscribe(request: Extract<Request, { action: 'unsubscribe' }>): void {
    const ended = [...new Set(request.channels)].filter((channel) => {
      leave(this.#subscriptions.get(channel));
      return this.#subscriptions.delete(channel);
    });
    this.#answer({ type: 'unsubscribed', ...echo(request.id), channels: ended }, 'unsubscribe');
  }

  /** Whether there is something that could be acknowledged. */
  #acknowledge({ channel, seq }: Extract<Request, { action: 'ack' }>): boolean {
    const subscription = this.#subscriptions.get(channel);
    const waiting = subscription?.unacknowledged;
    if (subscription === undefined || waiting === undefined) return false;
    subscription.watched.acknowledges();
    const kept = waiting.findIndex((one) => one > seq);
    waiting.splice(0, kept < 0 ? waiting.length : kept);
    if (waiting.length <= this.#windowMessages / 2) this.#resume();
    return true;
  }

  /** Answered when it is done, so not in the order of the requests. */
  async #perform({ id, channel, data }: Extract<Request, { action: 'publish' }>): Promise<void> {
    if (!this.#session.writes()) {
      this.#session.says('nonsense');
      this.#refuse(
        new Fault('CSP-GTW-026', 'too many', 'As many publications of this connection run already as may.'),
        id,
      );
      return;
    }
    try {
      const found = this.#shared.topics.find(channel);
      if (!('stream' in found)) throw new Fault('CSP-GTW-012', 'not found', unknownTopic(channel, found.nearest));
      if (found.stream.publish === undefined)
        throw new Fault('CSP-GTW-025', 'denied', `Only the platform publishes on ${channel}.`);
      const result = await this.#client.publish(found.stream, parametersIn(found.stream.topic, channel), data);
      this.#answer({ type: 'published', ...echo(id), channel, result }, 'written');
    } catch (fault) {
      this.#refuse(fault instanceof Fault ? fault : defect(fault), id, 'written');
    }
  }

  // ── Delivery ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #isGap(channel: string, since: number | undefined): boolean {
    if (since === undefined) return false;
    const { gap, unsubscribe } = this.#shared.notifications.subscribe(channel, since, () => {});
    unsubscribe();
    return gap;
  }

  #attach(subscription: Subscription, since: number | undefined): void {
    subscription.pausedAt = undefined;
    subscription.cancelStall?.();
    subscription.cancelStall = undefined;
    const { unsubscribe } = this.#shared.notifications.subscribe(subscription.channel, since, (notification) =>
      this.#deliver(subscription, notification),
    );
    // The replay inside `subscribe` may already have filled the window.
    if (subscription.pausedAt === undefined) subscription.unsubscribe = unsubscribe;
    else unsubscribe();
  }

  #deliver(subscription: Subscription, notification: Notification): void {
    if (subscription.pausedAt !== undefined) return;
    const { unacknowledged } = subscription;
    if (
      this.#onTheirWay >= this.#windowMessages ||
      this.#client.bufferedAmount >= WINDOW_BYTES ||
      this.#isFull(subscription)
    ) {
      subscription.pausedAt = notification.sequence - 1;
      subscription.unsubscribe();
      subscription.unsubscribe = () => {};
      subscription.cancelStall ??= this.#shared.clock.after(this.#shared.stallMs, () => this.#cutOff());
      return;
    }
    unacknowledged?.push(notification.sequence);
    this.#onTheirWay += 1;
    subscription.watched.hears(notification.sequence);
    this.#client.sendFrame(frameOf(notification), this.#sent);
  }

  /** As much is unacknowledged as may be. */
  #isFull({ unacknowledged }: Subscription): boolean {
    return unacknowledged !== undefined && unacknowledged.length >= this.#windowMessages;
  }

  readonly #sent = () => {
    this.#onTheirWay -= 1;
    if (this.#onTheirWay <= this.#windowMessages / 2) this.#resume();
  };

  #sendGap({ channel, watched }: Subscription, since: number): void {
    this.#onTheirWay += 1;
    watched.misses();
    this.#client.send(gapFrame(channel, since), this.#sent);
  }

  #resume(): void {
    if (this.#ended) return;
    for (const subscription of this.#subscriptions.values()) {
      const since = subscription.pausedAt;
      if (since === undefined || this.#isFull(subscription)) continue;
      if (this.#isGap(subscription.channel, since)) this.#sendGap(subscription, since);
      this.#attach(subscription, since);
    }
  }

  /** Nothing was taken for too long: say where each subscription stands, and end it. The client may come back and resume. */
  #cutOff(): void {
    for (const { channel, pausedAt, watched } of this.#subscriptions.values()) {
      if (pausedAt === undefined) continue;
      watched.misses();
      this.#client.send(gapFrame(channel, pausedAt), () => {});
    }
    this.#client.close(1013, 'too slow: come back and resume with since');
    this.end();
  }

  #answer(answer: object, kind: Kind | 'written'): void {
    if (this.#ended) return;
    if (this.#answersOnTheirWay >= ANSWERS_MAX) {
      this.#cutOff();
      return;
    }
    if (kind === 'written') this.#session.written();
    else this.#session.told(kind);
    this.#answersOnTheirWay += 1;
    this.#client.send(JSON.stringify(answer), () => {
      this.#answersOnTheirWay -= 1;
    });
  }

  #refuse(fault: Fault, id: string | number | undefined, kind: 'nonsense' | 'written' = 'nonsense'): void {
    const row = this.#shared.errors[fault.code];
    const answer = {
      type: 'error',
      ...echo(id),
      code: fault.code,
      title: row?.title ?? fault.code,
      detail: fault.message,
      next: row?.next ?? '',
      ...fault.details,
    };
    this.#answer(answer, kind);
  }
}

function leave(subscription: Subscription | undefined): void {
  subscription?.unsubscribe();
  subscription?.cancelStall?.();
  subscription?.watched.leaves();
}

function unknownTopic(channel: string, near: string | undefined): string {
  return `There is no topic ${channel}.${near ? ` Did you mean ${near}?` : ''}`;
}

function defect(cause: unknown): Fault {
  return new Fault('CSP-GTW-010', 'internal', 'The publication could not be finished because of a defect.', { cause });
}

function gapFrame(channel: string, since: number): string {
  return JSON.stringify({ type: 'gap', channel, since });
}

function echo(id: string | number | undefined): { readonly id?: string | number } {
  return id === undefined ? {} : { id };
}

function parse(text: string): Request | Fault {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return new Fault('CSP-GTW-011', 'invalid', `The frame is not JSON: ${(cause as Error).message}.`, { cause });
  }
  const parsed = Request.safeParse(value);
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map(({ path, message }) => ({
    pointer: path.map((step) => `/${String(step)}`).join(''),
    detail: message,
  }));
  const [first] = errors;
  return new Fault('CSP-GTW-011', 'invalid', `${first?.pointer || 'The frame'}: ${first?.detail ?? 'wrong'}`, {
    details: { errors },
  });
}

/** The id of a frame that is wrong otherwise, so that its sender knows which one it was. */
function idOf(text: string): string | number | undefined {
  try {
    const id = (JSON.parse(text) as { id?: unknown } | null)?.id;
    return typeof id === 'string' || typeof id === 'number' ? id : undefined;
  } catch {
    return undefined;
  }
}
