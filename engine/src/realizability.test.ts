/** Realizability: protocols whose answer is known by eye, and random ones against all conversations of a bounded length. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../tests/reference/seeded-random.ts';
import { conversationOf } from './conversation.ts';
import type { EventId } from './csp/index.ts';
import { REFUSED, visibleEvents } from './lts/index.ts';
import { openProtocol, type Protocol } from './protocol.ts';
import { localProtocols, realizability } from './realizability.ts';
import { localMonitors, Session } from './runtime/index.ts';

function protocol(body: string, roles: readonly string[] = ['a', 'b', 'c', 'd']): Protocol {
  const source = `datatype Role = ${roles.join(' | ')}
channel x, y, m, n : Role.Role
channel alone : Role
P = ${body}`;
  const opened = openProtocol({ source, system: 'P', roles }, { file: 'p.csp' });
  if (opened.kind !== 'open') throw new Error(opened.diagnostics.map(({ message }) => message).join('\n'));
  return opened.protocol;
}

describe('by eye', () => {
  test('a chain of messages is realizable: everybody hears of what comes before', () => {
    expect(realizability(protocol('x.a.b -> x.b.c -> x.c.d -> x.d.a -> SKIP'))).toEqual({ kind: 'realizable' });
  });

  test('an order that nobody can know is not: the last two have seen nothing', () => {
    expect(realizability(protocol('x.a.b -> y.c.d -> m.b.a -> m.d.c -> SKIP'))).toEqual({
      kind: 'unrealizable',
      trace: [],
      event: 'y.c.d',
      mistaken: [
        { role: 'c', saw: [], took: ['x.a.b'] },
        { role: 'd', saw: [], took: ['x.a.b'] },
      ],
    });
  });

  test('a choice that somebody is not told of is not, and telling him repairs it', () => {
    const roles = ['a', 'b', 'c'];
    const untold = '(x.a.b -> m.c.b -> m.b.a -> SKIP) [] (y.a.b -> n.c.b -> m.b.a -> SKIP)';
    // b has heard which, and refuses the wrong one: nothing goes wrong, it only gets stuck if c insists.
    expect(realizability(protocol(untold, roles)).kind).toBe('realizable');
    const blind = '(x.a.b -> m.b.a -> m.c.d -> m.d.c -> SKIP) [] (y.a.b -> m.b.a -> n.c.d -> m.d.c -> SKIP)';
    expect(realizability(protocol(blind))).toMatchObject({ kind: 'unrealizable', trace: [] });
    const told =
      '(x.a.b -> x.a.c -> x.a.d -> m.c.d -> m.d.b -> m.b.a -> SKIP) [] (y.a.b -> y.a.c -> y.a.d -> n.c.d -> m.d.b -> m.b.a -> SKIP)';
    expect(realizability(protocol(told)).kind).toBe('realizable');
  });

  test('what one does alone is known to the others only where it is noticed', () => {
    const timeout = protocol('(x.a.b -> x.b.c -> x.c.b -> SKIP) [] (alone.a -> y.b.c -> x.c.b -> SKIP)', [
      'a',
      'b',
      'c',
    ]);
    expect(realizability(timeout)).toMatchObject({ kind: 'unrealizable', event: 'y.b.c' });
    expect(realizability(timeout, { notices: true })).toEqual({ kind: 'realizable' });
  });

  test('a mixed choice is told', () => {
    const [a, b] = localProtocols(protocol('(x.a.b -> SKIP) [] (y.b.a -> SKIP)', ['a', 'b']));
    expect(a!.mixed).toEqual({ performs: 'x.a.b', receives: 'y.b.a' });
    expect(b!.mixed).toEqual({ performs: 'y.b.a', receives: 'x.a.b' });
    for (const one of localProtocols(protocol('x.a.b -> y.b.a -> SKIP', ['a', 'b']))) expect(one.mixed).toBeUndefined();
  });

  test('a limit is said, never guessed over', () => {
    expect(realizability(protocol('x.a.b -> x.b.c -> x.c.d -> x.d.a -> SKIP'), { stateCountMax: 2 })).toEqual({
      kind: 'unknown',
      spent: 'states',
    });
  });
});

/** All conversations up to a length that the roles can have, each going by what it has seen; and those of the whole. */
function compared({ normalForm, roles }: Protocol, length: number): string | undefined {
  const events = visibleEvents(normalForm);
  const after = (trace: readonly EventId[]) =>
    trace.reduce((node, event) => (node === REFUSED ? REFUSED : normalForm.after(node, event)), normalForm.initial);
  const words: (readonly EventId[])[] = [[]];
  for (const word of words)
    if (word.length < length + 3)
      for (const event of events) if (after([...word, event]) !== REFUSED) words.push([...word, event]);
  const seen = (role: string, word: readonly EventId[]) => word.filter((event) => roles.takesPart(role, event)).join();
  /** What the role may have seen, in any conversation of the whole. */
  const known = new Map(roles.names.map((role) => [role, new Set(words.map((word) => seen(role, word)))]));
  const queue: (readonly EventId[])[] = [[]];
  for (const word of queue)
    for (const event of events) {
      const longer = [...word, event];
      const possible = roles.names.every(
        (role) => !roles.takesPart(role, event) || known.get(role)!.has(seen(role, longer)),
      );
      if (!possible) continue;
      if (after(longer) === REFUSED) return longer.map((one) => normalForm.alphabet.nameOf(one)).join(' ');
      if (longer.length < length) queue.push(longer);
    }
  return undefined;
}

test('random protocols, against every conversation up to a length', () => {
  const roles = ['a', 'b', 'c'];
  const found = { realizable: 0, unrealizable: 0 };
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const message = (): string => {
      const from = random(3);
      return random(6) === 0
        ? `alone.${roles[from]}`
        : `${['x', 'y'][random(2)]}.${roles[from]}.${roles[(from + 1 + random(2)) % 3]}`;
    };
    const draw = (depth: number): string => {
      if (depth === 0) return 'SKIP';
      if (random(3) > 0) return `${message()} -> ${draw(depth - 1)}`;
      return `((${message()} -> ${draw(depth - 1)}) [] (${message()} -> ${draw(depth - 1)}))`;
    };
    const body = `${message()} -> (${draw(3)})`;
    let whole: Protocol;
    try {
      whole = protocol(body, roles);
    } catch {
      continue; // Somebody performs nothing.
    }
    const verdict = realizability(whole);
    const wrong = compared(whole, 5);
    if (verdict.kind === 'realizable') {
      found.realizable++;
      expect(wrong, `seed ${seed}: ${body}`).toBeUndefined();
      continue;
    }
    if (verdict.kind === 'unknown') throw new Error('a small protocol is undecided');
    if (verdict.event === undefined) continue; // An end too early is no event, and not looked for here.
    found.unrealizable++;
    // Shortest conversations first, so the lengths agree; and each who took part could have seen just this.
    expect(wrong?.split(' ').length, `seed ${seed}: ${body}`).toBe(verdict.trace.length + 1);
    for (const { role, saw, took } of verdict.mistaken) {
      const session = new Session({ monitor: whole.monitor, roles: whole.roles });
      for (const event of [...took, verdict.event]) {
        const by = whole.roles.performerOf(whole.terms.alphabet.find(event)!)!;
        expect(session.attempt(by, event).kind, `seed ${seed}: ${body}`).toBe('accepted');
      }
      const seen = took.filter((event) => whole.roles.takesPart(role, whole.terms.alphabet.find(event)!));
      expect(seen).toEqual(saw);
    }
  }
  expect(Math.min(found.realizable, found.unrealizable), JSON.stringify(found)).toBeGreaterThan(30);
});

test('where it is realizable, the monitors of the roles accept just the conversations of the whole', () => {
  const whole = protocol('(x.a.b -> x.b.c -> SKIP) [] (y.a.b -> y.b.c -> y.c.a -> SKIP)', ['a', 'b', 'c']);
  const local = localMonitors(whole.normalForm, whole.roles);
  const events = visibleEvents(whole.normalForm);
  const nameOf = (event: EventId): string => whole.terms.alphabet.nameOf(event);
  const words: (readonly EventId[])[] = [[]];
  for (const word of words) {
    if (word.length > 3) continue;
    for (const event of events) {
      const longer = [...word, event];
      const places = Object.fromEntries(
        whole.roles.names.map((role) => [role, new Session({ monitor: local[role]!, roles: whole.roles })]),
      );
      // Each place is told only what its role performs or receives.
      const accepted = longer.every((one) =>
        whole.roles.names
          .filter((role) => whole.roles.takesPart(role, one))
          .every((role) => places[role]!.attempt(whole.roles.performerOf(one)!, nameOf(one)).kind === 'accepted'),
      );
      const isTrace =
        longer.reduce(
          (node, one) => (node === REFUSED ? node : whole.normalForm.after(node, one)),
          whole.normalForm.initial,
        ) !== REFUSED;
      expect(accepted, longer.map(nameOf).join(' ')).toBe(isTrace);
      if (isTrace) words.push(longer);
    }
  }
  expect(words.length).toBeGreaterThan(5);
});

describe('the models', () => {
  const folder = new URL('../../models/', import.meta.url);
  const conversations = readdirSync(folder).filter(
    (file) => file.endsWith('.csp') && conversationOf(readFileSync(new URL(file, folder), 'utf8')),
  );

  test.each(conversations)('%s', (file) => {
    const opened = openProtocol({ source: readFileSync(new URL(file, folder), 'utf8') }, { file });
    if (opened.kind !== 'open') throw new Error('a model does not open');
    // Each is the composition of what its roles do; where they agree on somebody's timeout, they have to notice it.
    expect(realizability(opened.protocol, { notices: true })).toEqual({ kind: 'realizable' });
    const agreeOnTimeouts = ['contract-net.csp', 'negotiation.csp'].includes(file);
    expect(realizability(opened.protocol).kind).toBe(agreeOnTimeouts ? 'unrealizable' : 'realizable');
  });
});
