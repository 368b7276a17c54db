/**
 * Watches the sessions of WebSocket clients: what goes over each connection is held, frame by frame, to the processes of `protocol.csp`.
 *
 * A frame is one or two steps of a table; a connection keeps two nodes, a subscription one. What a client may not do is refused by the table. What the
 * server itself does outside its protocol is a defect: it is reported once, and that part of the session is not watched any further.
 */
import type { ModuleProtocol, ProtocolMonitor } from '@enhanced-csp/platform';

type Table = ProtocolMonitor['table'];
type Event = Parameters<Table['step']>[1];

export type Request = 'subscribe' | 'unsubscribe' | 'ping' | 'nonsense';

export interface Violation {
  readonly event: string;
  readonly channel?: string;
  readonly expected: readonly string[];
  /** The last events of the connection, in order. */
  readonly trace: readonly string[];
}

/** Events of a connection that are kept for reports. */
const TRACE_LENGTH = 32;
const NOT_WATCHED = -1;

export class SessionMonitor {
  readonly answers: Table;
  readonly publishes: Table;
  readonly topic: Table;
  readonly report: (violation: Violation) => void;
  readonly says: Readonly<Record<Request, Event>>;
  readonly told: Readonly<Record<Request, Event>>;
  readonly writes: Event;
  readonly written: Event;
  readonly joins: Readonly<Record<'now' | 'since', Event>>;
  readonly leaves: Event;
  readonly hears: Readonly<Record<'first' | 'next' | 'jump', Event>>;
  readonly misses: Event;
  readonly acknowledges: Event;

  private constructor(answers: Table, publishes: Table, topic: Table, report: (violation: Violation) => void) {
    this.answers = answers;
    this.publishes = publishes;
    this.topic = topic;
    this.report = report;
    const requests = (channel: 'says' | 'told'): Readonly<Record<Request, Event>> => ({
      subscribe: named(answers, `${channel}.subscribe.0.now`),
      unsubscribe: named(answers, `${channel}.unsubscribe.0`),
      ping: named(answers, `${channel}.ping`),
      nonsense: named(answers, `${channel}.nonsense`),
    });
    this.says = requests('says');
    this.told = requests('told');
    this.writes = named(publishes, 'writes');
    this.written = named(publishes, 'written');
    this.joins = { now: named(topic, 'told.subscribe.0.now'), since: named(topic, 'told.subscribe.0.since') };
    this.leaves = named(topic, 'told.unsubscribe.0');
    this.hears = {
      first: named(topic, 'hears.0.first'),
      next: named(topic, 'hears.0.next'),
      jump: named(topic, 'hears.0.jump'),
    };
    this.misses = named(topic, 'misses.0');
    this.acknowledges = named(topic, 'acknowledges.0');
  }

  static async of(protocol: ModuleProtocol, report: (violation: Violation) => void): Promise<SessionMonitor> {
    const [answers, publishes, topic] = await Promise.all(
      ['ANSWERS', 'PUBLISHES', 'TOPIC'].map(async (process) => (await protocol.monitor(process)).table),
    );
    return new SessionMonitor(answers as Table, publishes as Table, topic as Table, report);
  }

  /** A new connection. */
  session(): WatchedSession {
    return new WatchedSession(this);
  }
}

export class WatchedSession {
  readonly monitor: SessionMonitor;
  #answers: number;
  #publishes: number;
  readonly #trace: string[] = [];
  #steps = 0;

  constructor(monitor: SessionMonitor) {
    this.monitor = monitor;
    this.#answers = monitor.answers.initial;
    this.#publishes = monitor.publishes.initial;
  }

  /** A frame of the client that is answered in its turn. */
  says(request: Request): void {
    const { answers, says } = this.monitor;
    this.#answers = this.step(answers, this.#answers, says[request]);
  }

  /** Its answer is sent. */
  told(request: Request): void {
    const { answers, told } = this.monitor;
    this.#answers = this.step(answers, this.#answers, told[request]);
  }

  /** A publication of the client; false when so many run that it may not have another. */
  writes(): boolean {
    const { publishes, writes } = this.monitor;
    const next = publishes.step(this.#publishes, writes);
    if (next < 0) return false;
    this.#publishes = this.step(publishes, this.#publishes, writes);
    return true;
  }

  /** It is answered. */
  written(): void {
    const { publishes, written } = this.monitor;
    this.#publishes = this.step(publishes, this.#publishes, written);
  }

  /** A subscription whose answer is sent. `since`: the last number the client has seen. */
  joins(channel: string, since: number | undefined): WatchedTopic {
    return new WatchedTopic(this, channel, since);
  }

  /** The node after `event`; reports one that is not possible. */
  step(table: Table, node: number, event: Event, channel?: string): number {
    if (node === NOT_WATCHED) return NOT_WATCHED;
    const name = table.alphabet.nameOf(event);
    this.#trace[this.#steps++ % TRACE_LENGTH] = name;
    const next = table.step(node, event);
    if (next < 0) {
      const expected = table.expected(node).map((one) => table.alphabet.nameOf(one));
      const first = this.#steps % TRACE_LENGTH;
      const trace = [...this.#trace.slice(first), ...this.#trace.slice(0, first)];
      this.monitor.report({ event: name, ...(channel !== undefined && { channel }), expected, trace });
      return NOT_WATCHED;
    }
    return next;
  }
}

export class WatchedTopic {
  readonly #session: WatchedSession;
  readonly #channel: string;
  #node: number;
  /** The last number the client has; undefined: it takes any. */
  #last: number | undefined;

  constructor(session: WatchedSession, channel: string, since: number | undefined) {
    const { topic, joins } = session.monitor;
    this.#session = session;
    this.#channel = channel;
    this.#last = since;
    this.#node = session.step(topic, topic.initial, since === undefined ? joins.now : joins.since, channel);
  }

  hears(sequence: number): void {
    const { hears } = this.#session.monitor;
    const last = this.#last;
    this.#last = sequence;
    this.#step(last === undefined ? hears.first : sequence === last + 1 ? hears.next : hears.jump);
  }

  /** It is told that something is missing. */
  misses(): void {
    this.#step(this.#session.monitor.misses);
  }

  acknowledges(): void {
    this.#step(this.#session.monitor.acknowledges);
  }

  leaves(): void {
    this.#step(this.#session.monitor.leaves);
  }

  #step(event: Event): void {
    this.#node = this.#session.step(this.#session.monitor.topic, this.#node, event, this.#channel);
  }
}

/** @throws Error for a name that the table does not have: a table of another script. */
function named({ alphabet }: Table, name: string): Event {
  const event = alphabet.find(name);
  if (event === undefined) throw new Error(`the protocol of the gateway has no event ${name}`);
  return event;
}
