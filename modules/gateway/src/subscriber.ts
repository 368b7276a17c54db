/**
 * One WebSocket client and its subscriptions.
 *
 * What a slow client has not taken yet is not queued for it: at most `WINDOW_MESSAGES` messages or `WINDOW_BYTES` bytes are on their way, and beyond
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
} from '@enhanced-csp/platform';
import { z } from 'zod';
import { patternOf } from './path.ts';

/** The part of a WebSocket this file uses. */
export interface Outlet {
  readonly bufferedAmount: number;
  send(frame: string | Buffer, sent: () => void): void;
  close(code: number, reason: string): void;
}

/** The bounds the source of this project asks for: `max_queue: 32`, `max_size: 1 MB`. */
const WINDOW_MESSAGES = 32;
const WINDOW_BYTES = 1024 * 1024;
const SUBSCRIPTION_COUNT_MAX = 1024;
/** Answers to the client's own frames that it has not taken; a client that only talks is cut off. */
const ANSWERS_MAX = 256;

const Request = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('subscribe'),
    id: z.union([z.string().max(200), z.number()]).optional(),
    channels: z.array(z.string().min(1).max(200)).min(1).max(256),
    /** The last sequence number seen: one for all the channels, or one for each. */
    since: z.union([z.int().min(0), z.record(z.string(), z.int().min(0))]).optional(),
    /** The run of the server in which `since` was seen. Another run counts anew, so all of it is a gap. */
    run: z.string().max(200).optional(),
  }),
  z.strictObject({
    action: z.literal('unsubscribe'),
    id: z.union([z.string().max(200), z.number()]).optional(),
    channels: z.array(z.string().min(1).max(200)).min(1).max(256),
  }),
  z.strictObject({ action: z.literal('ping'), id: z.union([z.string().max(200), z.number()]).optional() }),
]);
type Request = z.output<typeof Request>;

interface Subscription {
  readonly channel: string;
  /** Where to go on when paused; undefined while it runs. */
  pausedAt: number | undefined;
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
    frame = Buffer.from(JSON.stringify({ type: 'event', channel: topic, seq: sequence, at, data }));
    frames.set(notification, frame);
  }
  return frame;
}

export class Subscriber {
  readonly #outlet: Outlet;
  readonly #needs: { readonly clock: Clock; readonly notifications: Notifications };
  readonly #topics: Topics;
  readonly #errors: ErrorTable;
  readonly #run: string;
  readonly #stallMs: number;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Messages handed to the socket that the system has not taken yet. */
  #onTheirWay = 0;
  #answersOnTheirWay = 0;
  #cancelStall: (() => void) | undefined;
  #ended = false;

  constructor(
    outlet: Outlet,
    needs: { readonly clock: Clock; readonly notifications: Notifications },
    options: {
      readonly topics: Topics;
      readonly errors: ErrorTable;
      /** Names this run of the server. */
      readonly run: string;
      /** How long a client may take nothing before it is cut off, with 1013. */
      readonly stallMs: number;
    },
  ) {
    this.#outlet = outlet;
    this.#needs = needs;
    this.#topics = options.topics;
    this.#errors = options.errors;
    this.#run = options.run;
    this.#stallMs = options.stallMs;
  }

  /** A frame from the client. Whatever it is, it is answered. */
  receive(text: string): void {
    const request = parse(text);
    if (request instanceof Fault) this.#refuse(request, idOf(text));
    else if (request.action === 'subscribe') this.#subscribe(request);
    else if (request.action === 'unsubscribe') this.#unsubscribe(request);
    else this.#answer({ type: 'pong', ...echo(request.id), at: new Date(this.#needs.clock.now()).toISOString() });
  }

  receiveBinary(): void {
    this.#refuse(new Fault('CSP-GTW-011', 'invalid', 'Binary frames are not read here; send JSON text.'), undefined);
  }

  /** The connection is over. */
  end(): void {
    this.#ended = true;
    this.#cancelStall?.();
    for (const subscription of this.#subscriptions.values()) subscription.unsubscribe();
    this.#subscriptions.clear();
  }

  #subscribe(request: Extract<Request, { action: 'subscribe' }>): void {
    const channels = [...new Set(request.channels)];
    const refused: { channel: string; code: string; detail: string }[] = [];
    const accepted: { channel: string; since: number | undefined }[] = [];
    const gaps: string[] = [];
    let count = this.#subscriptions.size;
    for (const channel of channels) {
      const found = this.#topics.find(channel);
      const known = this.#subscriptions.has(channel);
      if (!('stream' in found)) {
        const detail = `There is no topic ${channel}.${found.nearest ? ` Did you mean ${found.nearest}?` : ''}`;
        refused.push({ channel, code: 'CSP-GTW-012', detail });
      } else if (!known && count >= SUBSCRIPTION_COUNT_MAX) {
        refused.push({
          channel,
          code: 'CSP-GTW-013',
          detail: `A connection has at most ${SUBSCRIPTION_COUNT_MAX} subscriptions.`,
        });
      } else {
        if (!known) count += 1;
        const asked = typeof request.since === 'object' ? request.since[channel] : request.since;
        const otherRun = asked !== undefined && request.run !== undefined && request.run !== this.#run;
        const since = otherRun ? 0 : asked;
        if (otherRun || this.#isGap(channel, since)) gaps.push(channel);
        accepted.push({ channel, since });
      }
    }
    this.#answer({
      type: 'subscribed',
      ...echo(request.id),
      run: this.#run,
      accepted: accepted.map(({ channel }) => channel),
      refused,
      gaps,
    });
    for (const { channel, since } of accepted) {
      this.#subscriptions.get(channel)?.unsubscribe();
      const subscription: Subscription = { channel, pausedAt: undefined, unsubscribe() {} };
      this.#subscriptions.set(channel, subscription);
      this.#attach(subscription, since);
    }
  }

  #unsubscribe(request: Extract<Request, { action: 'unsubscribe' }>): void {
    const ended = [...new Set(request.channels)].filter((channel) => {
      this.#subscriptions.get(channel)?.unsubscribe();
      return this.#subscriptions.delete(channel);
    });
    this.#answer({ type: 'unsubscribed', ...echo(request.id), channels: ended });
  }

  // ── Delivery ──────────────────────────────────────────────────────────────────────────────────────────────────────

  #isGap(channel: string, since: number | undefined): boolean {
    if (since === undefined) return false;
    const { gap, unsubscribe } = this.#needs.notifications.subscribe(channel, since, () => {});
    unsubscribe();
    return gap;
  }

  #attach(subscription: Subscription, since: number | undefined): void {
    subscription.pausedAt = undefined;
    const { unsubscribe } = this.#needs.notifications.subscribe(subscription.channel, since, (notification) =>
      this.#deliver(subscription, notification),
    );
    // The replay inside `subscribe` may already have filled the window.
    if (subscription.pausedAt === undefined) subscription.unsubscribe = unsubscribe;
    else unsubscribe();
  }

  #deliver(subscription: Subscription, notification: Notification): void {
    if (subscription.pausedAt !== undefined) return;
    if (this.#onTheirWay >= WINDOW_MESSAGES || this.#outlet.bufferedAmount >= WINDOW_BYTES) {
      subscription.pausedAt = notification.sequence - 1;
      subscription.unsubscribe();
      subscription.unsubscribe = () => {};
      this.#cancelStall ??= this.#needs.clock.after(this.#stallMs, () => this.#cutOff());
      return;
    }
    this.#send(frameOf(notification));
  }

  #send(frame: string | Buffer): void {
    this.#onTheirWay += 1;
    this.#outlet.send(frame, () => {
      this.#onTheirWay -= 1;
      if (this.#onTheirWay <= WINDOW_MESSAGES / 2) this.#resume();
    });
  }

  #resume(): void {
    if (this.#ended) return;
    const paused = [...this.#subscriptions.values()].filter(({ pausedAt }) => pausedAt !== undefined);
    if (paused.length === 0) return;
    this.#cancelStall?.();
    this.#cancelStall = undefined;
    for (const subscription of paused) {
      const since = subscription.pausedAt;
      if (since === undefined) continue;
      if (this.#isGap(subscription.channel, since)) this.#send(gapFrame(subscription.channel, since));
      this.#attach(subscription, since);
    }
  }

  /** Nothing was taken for too long: say where each subscription stands, and end it. The client may come back and resume. */
  #cutOff(): void {
    for (const { channel, pausedAt } of this.#subscriptions.values())
      if (pausedAt !== undefined) this.#outlet.send(gapFrame(channel, pausedAt), () => {});
    this.#outlet.close(1013, 'too slow: come back and resume with since');
    this.end();
  }

  #answer(answer: object): void {
    if (this.#answersOnTheirWay >= ANSWERS_MAX) {
      this.#cutOff();
      return;
    }
    this.#answersOnTheirWay += 1;
    this.#outlet.send(JSON.stringify(answer), () => {
      this.#answersOnTheirWay -= 1;
    });
  }

  #refuse(fault: Fault, id: string | number | undefined): void {
    const row = this.#errors[fault.code];
    this.#answer({
      type: 'error',
      ...echo(id),
      code: fault.code,
      title: row?.title ?? fault.code,
      detail: fault.message,
      next: row?.next ?? '',
      ...fault.details,
    });
  }
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
