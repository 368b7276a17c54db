import { type Clock, Fault, moduleProtocol, type Notifications, notificationsInMemory } from '@enhanced-csp/platform';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { demo } from './demo.fixture.ts';
import { GATEWAY_ERRORS } from './errors.ts';
import { SessionMonitor, type Violation } from './session-monitor.ts';
import { SESSION_TABLES } from './session-tables.ts';
import { type Client, Subscriber, topicsOf } from './subscriber.ts';

/** Whatever the tests do, no session leaves the protocol. */
const violations: Violation[] = [];
afterEach(() => expect(violations.splice(0)).toEqual([]));
const monitor = await SessionMonitor.of(moduleProtocol('gateway', { tables: JSON.parse(SESSION_TABLES) }), (one) =>
  violations.push(one),
);

/** A client that takes frames when the test says so. */
class SlowClient implements Client {
  readonly frames: Record<string, unknown>[] = [];
  readonly waiting: { text: string; sent: () => void }[] = [];
  closed: number | undefined;
  readonly admit: Client['admit'];
  readonly publish: Client['publish'];
  constructor(publish: Client['publish'], admit: Client['admit']) {
    this.publish = publish;
    this.admit = admit;
  }
  listen() {}
  get bufferedAmount() {
    return this.waiting.reduce((sum, { text }) => sum + text.length, 0);
  }
  send(text: string, sent: () => void) {
    this.waiting.push({ text, sent });
  }
  sendFrame(frame: Buffer, sent: () => void) {
    this.send(frame.subarray(frame[1] === 127 ? 10 : frame[1] === 126 ? 4 : 2).toString(), sent);
  }
  close(code: number) {
    this.closed = code;
  }
  take(count = Number.POSITIVE_INFINITY) {
    for (let taken = 0; taken < count; taken++) {
      const next = this.waiting.shift();
      if (next === undefined) return;
      this.frames.push(JSON.parse(next.text));
      next.sent();
    }
  }
  events() {
    return this.frames.filter(({ type }) => type === 'event').map(({ seq }) => seq);
  }
  types() {
    return this.frames.map(({ type }) => type);
  }
}

function open(keep = 1024, perform: Client['publish'] = async () => ({}), admit = () => {}) {
  const timers: (() => void)[] = [];
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    after(_, wake) {
      timers.push(wake);
      return () => void timers.splice(timers.indexOf(wake), 1);
    },
  };
  const notifications: Notifications = notificationsInMemory({ clock, keep });
  const client = new SlowClient(perform, admit);
  const subscriber = new Subscriber(client, monitor.session(), {
    clock,
    notifications,
    topics: topicsOf(demo().streams),
    errors: GATEWAY_ERRORS,
    run: 'run_1',
    stallMs: 1000,
  });
  const say = (frame: object) => subscriber.receive(JSON.stringify(frame));
  const publish = (count: number) => {
    for (let i = 0; i < count; i++) notifications.publish('process_events', { i });
  };
  return { client, subscriber, say, publish, timers, notifications };
}

describe('the conversation', () => {
  test('subscribe is acknowledged with what is accepted and what is refused, and events follow', () => {
    const { client, say, publish } = open();
    say({
      action: 'subscribe',
      id: 7,
      channels: ['process_events', 'proces_events', 'thing.thing_1', 'process_events'],
    });
    publish(2);
    client.take();
    expect(client.frames).toEqual([
      {
        type: 'subscribed',
        id: 7,
        run: 'run_1',
        accepted: ['process_events', 'thing.thing_1'],
        refused: [
          {
            channel: 'proces_events',
            code: 'CSP-GTW-012',
            detail: 'There is no topic proces_events. Did you mean process_events?',
          },
        ],
        gaps: [],
      },
      { type: 'event', channel: 'process_events', seq: 1, at: '1970-01-01T00:00:00.000Z', data: { i: 0 } },
      { type: 'event', channel: 'process_events', seq: 2, at: '1970-01-01T00:00:00.000Z', data: { i: 1 } },
    ]);
  });

  test('unsubscribe ends it; subscribing twice does not double it; ping is answered', () => {
    const { client, say, publish } = open();
    say({ action: 'subscribe', channels: ['process_events'] });
    say({ action: 'subscribe', channels: ['process_events'] });
    publish(1);
    say({ action: 'unsubscribe', id: 'u', channels: ['process_events', 'thing.x'] });
    publish(1);
    say({ action: 'ping', id: 'p' });
    client.take();
    expect(client.types()).toEqual(['subscribed', 'subscribed', 'event', 'unsubscribed', 'pong']);
    expect(client.frames[3]).toEqual({ type: 'unsubscribed', id: 'u', channels: ['process_events'] });
    expect(client.frames[4]).toMatchObject({ id: 'p' });
  });

  test('resume: what was missed comes first, and a gap is told; another run of the server is one', () => {
    const { client, say, publish } = open(3);
    publish(5);
    say({ action: 'subscribe', channels: ['process_events'], since: 3, run: 'run_1' });
    say({ action: 'unsubscribe', channels: ['process_events'] });
    say({ action: 'subscribe', channels: ['process_events'], since: { process_events: 1 } });
    say({ action: 'unsubscribe', channels: ['process_events'] });
    say({ action: 'subscribe', channels: ['process_events'], since: 4, run: 'run_0' });
    client.take();
    const told = client.frames
      .filter(({ type }) => type !== 'unsubscribed')
      .map(({ type, seq, gaps }) => (type === 'event' ? seq : gaps));
    expect(told).toEqual([[], 4, 5, ['process_events'], 3, 4, 5, ['process_events'], 3, 4, 5]);
  });

  test.each([
    ['not json', undefined],
    ['null', undefined],
    ['[]', undefined],
    ['{"action": "publish", "id": 3}', 3],
    ['{"action": "subscribe"}', undefined],
    ['{"action": "subscribe", "channels": []}', undefined],
    ['{"action": "subscribe", "channels": "x", "id": "a"}', 'a'],
    ['{"action": "subscribe", "channels": ["x"], "since": -1}', undefined],
    ['{"action": "ping", "extra": 1}', undefined],
  ])('%s is answered with a typed error, and the connection lives', (text, id) => {
    const { client, subscriber, say } = open();
    subscriber.receive(text);
    subscriber.receiveBinary();
    say({ action: 'ping' });
    client.take();
    expect(client.frames[0]).toMatchObject({
      type: 'error',
      code: 'CSP-GTW-011',
      next: GATEWAY_ERRORS['CSP-GTW-011'].next,
      ...(id === undefined ? {} : { id }),
    });
    expect(client.types()).toEqual(['error', 'error', 'pong']);
    expect(client.closed).toBeUndefined();
  });

  test('subscriptions of one connection are bounded', () => {
    const { client, say } = open();
    for (let first = 0; first < 1200; first += 200)
      say({ action: 'subscribe', channels: Array.from({ length: 200 }, (_, index) => `thing.${first + index}`) });
    client.take();
    const accepted = client.frames.flatMap((frame) => frame.accepted as string[]);
    const refused = client.frames.flatMap((frame) => frame.refused as { code: string }[]);
    expect(accepted).toHaveLength(1024);
    expect(new Set(refused.map(({ code }) => code))).toEqual(new Set(['CSP-GTW-013']));
  });
});

describe('a slow client', () => {
  test('never has more than 32 messages on their way, and gets everything in order once it reads', () => {
    const { client, say, publish } = open();
    say({ action: 'subscribe', channels: ['process_events'] });
    client.take();
    publish(500);
    expect(client.waiting).toHaveLength(32);
    client.take();
    expect(client.events()).toEqual(Array.from({ length: 500 }, (_, index) => index + 1));
    publish(1);
    client.take();
    expect(client.events().at(-1)).toBe(501);
  });

  test('is bounded in bytes as well', () => {
    const { client, say, notifications } = open();
    say({ action: 'subscribe', channels: ['process_events'] });
    for (let i = 0; i < 10; i++) notifications.publish('process_events', 'x'.repeat(400_000));
    expect(client.waiting.length).toBeLessThanOrEqual(4);
    client.take();
    expect(client.events()).toHaveLength(10);
  });

  test('is told of a gap when the ring has moved on, and goes on after it', () => {
    const { client, say, publish } = open(10);
    say({ action: 'subscribe', channels: ['process_events'] });
    client.take();
    publish(100);
    client.take();
    expect(client.types().filter((type) => type === 'gap')).toHaveLength(1);
    expect(client.frames.find(({ type }) => type === 'gap')).toEqual({
      type: 'gap',
      channel: 'process_events',
      since: 32,
    });
    expect(client.events()).toEqual([
      ...Array.from({ length: 32 }, (_, i) => i + 1),
      ...Array.from({ length: 10 }, (_, i) => 91 + i),
    ]);
  });

  test('that takes nothing for too long is told where it stands and closed with 1013', () => {
    const { client, say, publish, timers } = open();
    say({ action: 'subscribe', channels: ['process_events'] });
    publish(40);
    expect(timers).toHaveLength(1);
    timers[0]?.();
    expect(client.closed).toBe(1013);
    client.take();
    expect(client.frames.at(-1)).toEqual({ type: 'gap', channel: 'process_events', since: 32 });
    publish(5);
    expect(client.waiting, 'and nothing more is sent').toHaveLength(0);
  });

  test('that reads again in time is not closed', () => {
    const { client, say, publish, timers } = open();
    say({ action: 'subscribe', channels: ['process_events'] });
    publish(40);
    client.take();
    expect(timers).toHaveLength(0);
    expect(client.closed).toBeUndefined();
  });

  test('that acknowledges has at most 32 it has not dealt with, also when it takes them off the wire', () => {
    const { client, say, publish, timers } = open();
    say({ action: 'subscribe', channels: ['process_events'], ack: true });
    publish(40);
    client.take();
    expect(client.events()).toHaveLength(32);
    expect(timers, 'it has time to acknowledge').toHaveLength(1);
    say({ action: 'ack', channel: 'process_events', seq: 10 });
    client.take();
    expect(client.events(), 'half of the window is still in use').toHaveLength(32);
    say({ action: 'ack', channel: 'process_events', seq: 20 });
    client.take();
    expect(client.events()).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
    expect(timers).toHaveLength(0);
    say({ action: 'ack', channel: 'thing.thing_1', seq: 20 });
    client.take();
    expect(client.frames.at(-1)).toMatchObject({ type: 'error', code: 'CSP-GTW-011' });
  });

  test('may acknowledge as fast as it is sent to; what acknowledges nothing is a request like others', () => {
    let counted = 0;
    const { client, say, publish } = open(undefined, undefined, () => {
      counted += 1;
      if (counted > 1) throw new Fault('CSP-GTW-008', 'too many', 'Enough.', { details: { retry_after_seconds: 9 } });
    });
    say({ action: 'subscribe', channels: ['process_events'], ack: true });
    for (let seq = 1; seq <= 100; seq++) {
      publish(1);
      client.take();
      say({ action: 'ack', channel: 'process_events', seq });
    }
    expect([client.events().length, counted]).toEqual([100, 1]);
    say({ action: 'ack', id: 'a', channel: 'thing.thing_1', seq: 1 });
    client.take();
    expect(client.frames.at(-1)).toMatchObject({ id: 'a', code: 'CSP-GTW-008', retry_after_seconds: 9 });
  });

  test('that never acknowledges is told where it stands and closed', () => {
    const { client, say, publish, timers } = open();
    say({ action: 'subscribe', channels: ['process_events'], ack: true });
    publish(40);
    client.take();
    timers[0]?.();
    client.take();
    expect(client.frames.at(-1)).toEqual({ type: 'gap', channel: 'process_events', since: 32 });
    expect(client.closed).toBe(1013);
  });

  test('that only talks and never reads is closed', () => {
    const { client, say } = open();
    for (let i = 0; i < 300; i++) say({ action: 'ping' });
    expect(client.closed).toBe(1013);
    expect(client.waiting.length).toBeLessThanOrEqual(256);
  });

  test('whatever the interleaving: in order, none twice, none left out without a gap', () => {
    const step = fc.oneof(
      fc.record({ publish: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ take: fc.integer({ min: 1, max: 40 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), fc.integer({ min: 1, max: 60 }), (steps, keep) => {
        const { client, say, publish } = open(keep);
        say({ action: 'subscribe', channels: ['process_events'] });
        let published = 0;
        for (const one of steps) {
          if ('publish' in one) {
            publish(one.publish);
            published += one.publish;
          } else client.take(one.take);
          expect(client.waiting.length).toBeLessThanOrEqual(32 + 1);
        }
        client.take();
        let last = 0;
        let gap = false;
        for (const frame of client.frames) {
          if (frame.type === 'gap') gap = true;
          if (frame.type !== 'event') continue;
          const sequence = frame.seq as number;
          expect(sequence).toBeGreaterThan(last);
          if (sequence !== last + 1) expect(gap).toBe(true);
          [last, gap] = [sequence, false];
        }
        expect(last).toBe(published);
      }),
      { numRuns: 200, seed: 23 },
    );
  });
});

describe('publishing', () => {
  test('is answered with what the operation says, or with its fault', async () => {
    const asked: unknown[] = [];
    const { client, say } = open(1024, async ({ topic }, parameters, data) => {
      asked.push({ topic, parameters, data });
      if (data === null) throw new Fault('CSP-DEM-001', 'not found', 'There is no such thing.');
      return { sequence: 7 };
    });
    say({ action: 'publish', id: 1, channel: 'thing.thing_1', data: { x: 1 } });
    say({ action: 'publish', id: 2, channel: 'thing.thing_1', data: null });
    say({ action: 'publish', id: 3, channel: 'process_events', data: {} });
    say({ action: 'publish', id: 4, channel: 'nowhere', data: {} });
    await new Promise((resolve) => setImmediate(resolve));
    client.take();
    expect(asked).toEqual([
      { topic: 'thing.{thing_id}', parameters: { thing_id: 'thing_1' }, data: { x: 1 } },
      { topic: 'thing.{thing_id}', parameters: { thing_id: 'thing_1' }, data: null },
    ]);
    expect(new Map(client.frames.map(({ id, type, code, result }) => [id, code ?? { type, result }]))).toEqual(
      new Map<unknown, unknown>([
        [1, { type: 'published', result: { sequence: 7 } }],
        [2, 'CSP-DEM-001'],
        [3, 'CSP-GTW-025'],
        [4, 'CSP-GTW-012'],
      ]),
    );
  });

  test('is bounded', async () => {
    const { client, say } = open(1024, () => new Promise(() => {}));
    for (let id = 0; id < 33; id++) say({ action: 'publish', id, channel: 'thing.thing_1', data: {} });
    await new Promise((resolve) => setImmediate(resolve));
    client.take();
    expect(client.frames).toMatchObject([{ type: 'error', id: 32, code: 'CSP-GTW-026' }]);
  });
});
