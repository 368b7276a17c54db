/**
 * The monitor and the session against hand-written tables: who may say what is read off the protocol by eye, not computed by the code under test.
 */
import { describe, expect, test } from 'vitest';
import { Alphabet, type EventId, eventSet, NO_EVENTS, TICK } from '../csp/index.ts';
import { type NormalForm, REFUSED } from '../lts/index.ts';
import { localMonitors } from './local-monitors.ts';
import { monitorOf } from './monitor.ts';
import { rolesOf } from './roles.ts';
import { type Attempt, type Mode, Session } from './session.ts';

/** A normal form written down as rows of `event -> node`. */
function table(rows: readonly Readonly<Record<string, number>>[], alphabet = new Alphabet()): NormalForm {
  const nodes = rows.map(
    (row) =>
      new Map(Object.entries(row).map(([name, to]) => [name === '✓' ? TICK : alphabet.intern(name), to] as const)),
  );
  return {
    alphabet,
    initial: 0,
    nodeCount: rows.length,
    after: (node, event) => nodes[node]!.get(event) ?? REFUSED,
    initials: (node) => eventSet(nodes[node]!.keys()),
    acceptances: () => [],
    divergent: () => false,
  };
}

// ask.a.b.n, then yes.b.a or no.b.a; yes ends, no starts again; b may time out or crash while it is asked. clock.1 belongs to nobody.
const talk = () =>
  table([
    { 'ask.a.b.1': 1, 'ask.a.b.2': 1, 'clock.1': 0 },
    { 'yes.b.a': 2, 'no.b.a': 0, 'timeout.b': 3, 'crash.b': 3 },
    { '✓': 4 },
    {},
    {},
  ]);

function open({ mode, form = talk() }: { readonly mode?: Mode; readonly form?: NormalForm } = {}) {
  const monitor = monitorOf(form);
  const roles = rolesOf(monitor.alphabet, ['a', 'b']);
  const log: Attempt[] = [];
  const session = new Session({
    monitor,
    roles,
    record: (attempt) => log.push(attempt),
    ...(mode && { mode, local: localMonitors(form, roles) }),
  });
  return { monitor, session, log };
}

describe('the monitor', () => {
  test('steps as the normal form does, for every node and event', () => {
    const form = talk();
    const monitor = monitorOf(form);
    for (let node = 0; node < form.nodeCount; node++)
      for (const event of form.alphabet.visible()) {
        expect(monitor.step(node, event)).toBe(form.after(node, event));
        expect(monitor.stepByName(node, form.alphabet.nameOf(event))).toBe(form.after(node, event));
      }
  });

  test('an event of another process, also one interned later, is refused and not known', () => {
    const form = talk();
    const early = form.alphabet.intern('elsewhere');
    const monitor = monitorOf(form);
    const late = form.alphabet.intern('later');
    for (const event of [early, late, 99_999 as EventId]) {
      expect(monitor.step(0, event)).toBe(REFUSED);
      expect(monitor.knows(event)).toBe(false);
      expect(monitor.refusal(0, event)?.reason).toContain('in no trace');
    }
    expect(monitor.stepByName(0, 'elsewhere')).toBe(REFUSED);
  });

  test('tells an end from a deadlock', () => {
    const monitor = monitorOf(talk());
    expect(monitor.terminated(2)).toBe(true);
    const done = monitor.step(2, TICK);
    expect(monitor.terminated(done)).toBe(true);
    expect(monitor.expected(done)).toEqual(NO_EVENTS);
    expect(monitor.terminated(3)).toBe(false);
    expect(monitor.terminated(0)).toBe(false);
  });

  test('names what was expected', () => {
    const { monitor } = open();
    const yes = monitor.alphabet.find('yes.b.a')!;
    expect(monitor.refusal(1, yes)).toBeUndefined();
    expect(monitor.refusal(0, yes)?.reason).toBe('yes.b.a is not possible now; expected ask.a.b.1, ask.a.b.2, clock.1');
  });

  test('events that no node tells apart share a column', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`offer.a.b.${i}`, 1]));
    const monitor = monitorOf(table([many, { '✓': 2 }, {}]));
    expect(monitor.bytes).toBeLessThan(4 * (1002 + 3 * 4) + 64);
    expect(monitor.step(0, monitor.alphabet.find('offer.a.b.999')!)).toBe(1);
  });
});

describe('roles', () => {
  const alphabet = new Alphabet();
  const roles = rolesOf(alphabet, ['a', 'b', 'c']);
  test.each([
    ['say.a.b.c', 'a', ['b']], // c is payload
    ['say.a.b', 'a', ['b']],
    ['timeout.a', 'a', []],
    ['note.a.7.b', 'a', []],
    ['note.a.a', 'a', []],
    ['tock', undefined, []],
    ['level.3.a', undefined, []],
    ['a', undefined, []], // a channel that is called like a role
  ])('%s', (name, performer, receivers) => {
    expect(roles.performerOf(alphabet.intern(name))).toBe(performer);
    expect(roles.receiversOf(alphabet.intern(name))).toEqual(receivers);
  });

  test('two roles of one name, or one called environment, are an error', () => {
    expect(() => rolesOf(alphabet, ['a', 'a'])).toThrow('same name');
    expect(() => rolesOf(alphabet, ['environment'])).toThrow('environment');
  });
});

describe('the session', () => {
  test('accepts what is possible and moves on', () => {
    const { session, log } = open();
    expect(session.may('a')).toEqual(['ask.a.b.1', 'ask.a.b.2']);
    expect(session.may('environment')).toEqual(['clock.1']);
    expect(session.attempt('environment', 'clock.1').kind).toBe('accepted');
    expect(session.attempt('a', 'ask.a.b.2')).toEqual({ kind: 'accepted', role: 'a', event: 'ask.a.b.2', sequence: 2 });
    expect(session.may('a')).toEqual([]);
    expect(session.may('b')).toEqual(['yes.b.a', 'no.b.a', 'timeout.b', 'crash.b']);
    session.attempt('b', 'yes.b.a');
    expect(session.status).toBe('terminated');
    expect(session.trace).toEqual(['clock.1', 'ask.a.b.2', 'yes.b.a']);
    expect(log.map((attempt) => attempt.sequence)).toEqual([1, 2, 3]);
  });

  test.each([
    ['b', 'ask.a.b.1', 'not yours', []],
    ['b', 'yes.b.a', 'not now', []],
    ['a', 'ask.a.b.3', 'unknown event', ['ask.a.b.1', 'ask.a.b.2']],
    ['mallory', 'ask.a.b.1', 'not yours', []],
    ['environment', 'ask.a.b.1', 'not yours', ['clock.1']],
  ])('%s may not %s at the beginning: %s', (role, event, reason, expected) => {
    const { session, log } = open();
    const attempt = session.attempt(role, event);
    expect(attempt).toMatchObject({ kind: 'refused', role, event, reason, expected, sequence: 1 });
    expect(session.trace).toEqual([]);
    expect(session.may('a')).toEqual(['ask.a.b.1', 'ask.a.b.2']);
    expect(log).toEqual([attempt]);
  });

  test('the words of a refusal name the event, the role and whose turn it is', () => {
    const { session } = open();
    const attempt = session.attempt('b', 'yes.b.a');
    expect(attempt.kind === 'refused' && attempt.message).toBe(
      'b may not perform yes.b.a now; it is the turn of a, environment (ask.a.b.1, ask.a.b.2, clock.1)',
    );
  });

  test('over is over, stuck is not terminated', () => {
    const { session } = open();
    session.attempt('a', 'ask.a.b.1');
    session.attempt('b', 'yes.b.a');
    expect(session.attempt('a', 'ask.a.b.1')).toMatchObject({ kind: 'refused', reason: 'over' });
    const stuck = open().session;
    stuck.attempt('a', 'ask.a.b.1');
    stuck.attempt('b', 'timeout.b');
    expect(stuck.status).toBe('stuck');
  });

  test('a crashed role performs the crash of the protocol, and nothing after it', () => {
    const { session } = open();
    session.attempt('a', 'ask.a.b.1');
    expect(session.crash('b')).toMatchObject({ kind: 'accepted', event: 'crash.b' });
    expect(session.attempt('b', 'yes.b.a')).toMatchObject({ kind: 'refused', reason: 'crashed', expected: [] });
    expect(session.crash('b')).toBeUndefined();
  });

  test('a role that cannot crash in the protocol is put in quarantine', () => {
    const { session } = open();
    expect(session.crash('a', 'three refusals in a row')).toBeUndefined();
    expect(session.attempt('a', 'ask.a.b.1')).toMatchObject({ reason: 'crashed' });
    expect(session.possible('ask.a.b.1')).toBe(false);
    // It is a's turn, and a is gone.
    expect(session.expected().map(({ role }) => role)).toEqual(['environment']);
    expect(session.trace).toEqual([]);
    expect(() => session.crash('mallory')).toThrow('no role mallory');
  });

  test('what could not be recorded has not happened', () => {
    const monitor = monitorOf(talk());
    let full = true;
    const session = new Session({
      monitor,
      roles: rolesOf(monitor.alphabet, ['a', 'b']),
      record: () => {
        if (full) throw new Error('disk full');
      },
    });
    expect(() => session.attempt('a', 'ask.a.b.1')).toThrow('disk full');
    expect(session.trace).toEqual([]);
    full = false;
    expect(session.attempt('a', 'ask.a.b.1')).toMatchObject({ kind: 'accepted', sequence: 1 });
  });
});

test('tick and tau are no events that anybody can attempt', () => {
  const { session } = open();
  session.attempt('a', 'ask.a.b.1');
  session.attempt('b', 'yes.b.a');
  for (const name of ['✓', 'τ'])
    expect(session.attempt('environment', name)).toMatchObject({ kind: 'refused', reason: 'unknown event' });
});

describe('observing', () => {
  test('what is not allowed is delivered and told; the conversation stays where the protocol has it', () => {
    const { session, log } = open({ mode: 'observe' });
    session.attempt('a', 'ask.a.b.1');
    expect(session.attempt('a', 'ask.a.b.2')).toMatchObject({
      kind: 'unlawful',
      reason: 'not now',
      expected: [],
      sequence: 2,
    });
    expect(session.attempt('b', 'gossip.b.a')).toMatchObject({ kind: 'unlawful', reason: 'unknown event' });
    expect(session.receiversOf('gossip.b.a')).toEqual(['a']);
    expect(session.attempt('b', 'yes.b.a')).toMatchObject({ kind: 'accepted' });
    expect(session.trace).toEqual(['ask.a.b.1', 'yes.b.a']);
    expect(session.attempt('a', 'ask.a.b.1')).toMatchObject({ kind: 'unlawful', reason: 'over' });
    expect(log.map(({ kind }) => kind)).toEqual(['accepted', 'unlawful', 'unlawful', 'accepted', 'unlawful']);
  });
});

describe('quarantine', () => {
  test('a fault is refused, and the last thing the role does: the protocol has it crash', () => {
    const { session, log } = open({ mode: 'quarantine' });
    session.attempt('a', 'ask.a.b.1');
    expect(session.attempt('b', 'ask.a.b.2')).toMatchObject({
      kind: 'refused',
      reason: 'not yours',
      quarantine: { crash: 'crash.b' },
    });
    expect(session.trace).toEqual(['ask.a.b.1', 'crash.b']);
    expect(session.crashed).toEqual(['b']);
    expect(session.attempt('b', 'yes.b.a')).toMatchObject({ kind: 'refused', reason: 'crashed' });
    expect(log.map(({ event, kind }) => `${event} ${kind}`)).toEqual([
      'ask.a.b.1 accepted',
      'ask.a.b.2 refused',
      'crash.b accepted',
      'yes.b.a refused',
    ]);
  });

  test('where the protocol does not speak of the crash, the role is out all the same', () => {
    const { session } = open({ mode: 'quarantine' });
    expect(session.attempt('b', 'yes.b.a')).toMatchObject({ kind: 'refused', quarantine: {} });
    expect(session.trace).toEqual([]);
    expect(session.crashed).toEqual(['b']);
    expect(session.attempt('a', 'ask.a.b.1')).toMatchObject({ kind: 'accepted' });
  });

  // Either may speak first, then it is over; b may have sent its word before it read what a said.
  const race = () => table([{ 'x.a.b': 1, 'y.b.a': 1 }, { 'z.a.b': 2 }, { '✓': 3 }, {}]);

  test('a lost race is no fault', () => {
    const { session } = open({ mode: 'quarantine', form: race() });
    session.attempt('a', 'x.a.b');
    const late = session.attempt('b', 'y.b.a');
    expect(late).toMatchObject({ kind: 'refused', reason: 'not now' });
    expect(late).not.toHaveProperty('quarantine');
    expect(session.crashed).toEqual([]);
  });

  test('the same word out of turn is one, for whoever has acted since', () => {
    const { session } = open({ mode: 'quarantine', form: race() });
    session.attempt('b', 'y.b.a');
    expect(session.attempt('b', 'y.b.a')).toMatchObject({ kind: 'refused', quarantine: {} });
  });

  test('what comes after the end, or from the environment, is no fault of a role', () => {
    const { session } = open({ mode: 'quarantine' });
    session.attempt('a', 'ask.a.b.1');
    session.attempt('b', 'yes.b.a');
    expect(session.attempt('b', 'yes.b.a')).not.toHaveProperty('quarantine');
    // Whatever it is: the wrong word, and that of somebody else, too.
    for (const event of ['never.heard', 'ask.a.b.1'])
      expect(session.attempt('b', event)).not.toHaveProperty('quarantine');
    expect(session.crashed).toEqual([]);
    expect(session.attempt('environment', 'never.heard')).not.toHaveProperty('quarantine');
  });

  test('needs the local monitors', () => {
    const monitor = monitorOf(talk());
    expect(() => new Session({ monitor, roles: rolesOf(monitor.alphabet, ['a', 'b']), mode: 'quarantine' })).toThrow(
      'local monitor of a',
    );
  });

  test('a crash that cannot be recorded leaves the role out', () => {
    const form = talk();
    const monitor = monitorOf(form);
    const roles = rolesOf(monitor.alphabet, ['a', 'b']);
    const session = new Session({
      monitor,
      roles,
      local: localMonitors(form, roles),
      mode: 'quarantine',
      record: ({ event }) => {
        if (event === 'crash.b') throw new Error('the disk is full');
      },
    });
    session.attempt('a', 'ask.a.b.1');
    expect(() => session.attempt('b', 'nonsense')).toThrow('the disk is full');
    expect(session.trace).toEqual(['ask.a.b.1']);
    expect(session.attempt('b', 'yes.b.a')).toMatchObject({ kind: 'refused', reason: 'crashed' });
  });
});
