import { moduleProtocol } from '@enhanced-csp/platform';
import { beforeEach, expect, test } from 'vitest';
import { SessionMonitor, type Violation } from './session-monitor.ts';
import { SESSION_TABLES } from './session-tables.ts';

const violations: Violation[] = [];
const monitor = await SessionMonitor.of(moduleProtocol('gateway', { tables: JSON.parse(SESSION_TABLES) }), (one) =>
  violations.push(one),
);
beforeEach(() => violations.splice(0));

test('a session that keeps to the protocol', () => {
  const session = monitor.session();
  for (const request of ['subscribe', 'ping', 'nonsense', 'unsubscribe'] as const) {
    session.says(request);
    session.told(request);
  }
  const any = session.joins('a', undefined);
  for (const sequence of [7, 8, 9]) any.hears(sequence);
  any.misses();
  any.hears(20);
  any.acknowledges();
  any.leaves();
  const resumed = session.joins('b', 3);
  resumed.hears(4);
  expect(violations).toEqual([]);
});

test('a client has at most 32 publications at a time', () => {
  const session = monitor.session();
  for (let running = 0; running < 32; running++) expect(session.writes()).toBe(true);
  expect(session.writes()).toBe(false);
  session.written();
  expect([session.writes(), session.writes()]).toEqual([true, false]);
  expect(violations).toEqual([]);
});

test.each<[string, string, (session: ReturnType<SessionMonitor['session']>) => void]>([
  ['another answer', 'told.nonsense', (session) => [session.says('ping'), session.told('nonsense')]],
  ['two answers', 'told.ping', (session) => [session.says('ping'), session.told('ping'), session.told('ping')]],
  ['no answer', 'says.ping', (session) => [session.says('ping'), session.says('ping')]],
  ['a publication that nobody sent', 'written', (session) => session.written()],
  ['a number left out', 'hears.0.jump', (session) => [1, 3].map((one) => session.joins('a', 0).hears(one))],
  ['a number twice', 'hears.0.jump', (session) => hear(session, undefined, 5, 5)],
  ['the first after `since` is not the next', 'hears.0.jump', (session) => hear(session, 3, 5)],
  [
    'heard after it was left',
    'hears.0.next',
    (session) => {
      const topic = session.joins('a', 1);
      topic.leaves();
      topic.hears(2);
    },
  ],
])('%s is a violation, told once and with its trace', (_, event, plant) => {
  const session = monitor.session();
  session.says('subscribe');
  session.told('subscribe');
  plant(session);
  plant(session);
  expect(violations.length).toBeGreaterThan(0);
  expect(violations[0]?.event).toBe(event);
  expect(violations[0]?.expected).not.toContain(event);
  expect(violations[0]?.trace.slice(0, 2)).toEqual(['says.subscribe.0.now', 'told.subscribe.0.now']);
  expect(violations[0]?.trace.at(-1)).toBe(event);
});

test('what is out of protocol is not watched any further, the rest of the session is', () => {
  const session = monitor.session();
  const topic = session.joins('a', 1);
  for (const sequence of [5, 9, 2]) topic.hears(sequence);
  expect(violations).toMatchObject([{ event: 'hears.0.jump', channel: 'a' }]);
  session.told('ping');
  expect(violations).toHaveLength(2);
});

test('of a long session the last events are told, in order', () => {
  const session = monitor.session();
  const topic = session.joins('a', 0);
  for (let sequence = 1; sequence <= 100; sequence++) topic.hears(sequence);
  topic.misses();
  session.told('ping');
  expect(violations[0]?.trace).toEqual([...Array(30).fill('hears.0.next'), 'misses.0', 'told.ping']);
});

function hear(session: ReturnType<SessionMonitor['session']>, since: number | undefined, ...sequences: number[]): void {
  const topic = session.joins('a', since);
  for (const sequence of sequences) topic.hears(sequence);
}
