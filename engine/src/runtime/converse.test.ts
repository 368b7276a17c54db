/** Agents in their seats: what is refused is not delivered, what is delivered was accepted, and a crash ends one agent and not the conversation. */
import { describe, expect, test } from 'vitest';
import { Alphabet, type Process, Terms } from '../csp/index.ts';
import { normalize, termLts } from '../lts/index.ts';
import { type Agent, converse, playSession } from './converse.ts';
import { plannedFaults, rogue, silent, wanderer } from './faults.ts';
import { localMonitors } from './local-monitors.ts';
import { monitorOf } from './monitor.ts';
import { Network } from './network.ts';
import { rolesOf } from './roles.ts';
import { type Message, OverError, RefusedError } from './seat.ts';
import { Seeded } from './seeded.ts';
import { Session } from './session.ts';

/** Ask, then an answer, as often as wanted; `a` says bye. `b` may crash, then `a` gives up. Either may ring a bell of its own. */
function talk() {
  const terms = new Terms(new Alphabet());
  const path = (...steps: [...string[], Process]) =>
    (steps.slice(0, -1) as string[]).reduceRight(
      (next, name) => terms.prefix(terms.alphabet.intern(name), next),
      steps.at(-1) as Process,
    );
  const ASK: Process = terms.call('ASK', () =>
    terms.externalChoice([
      path('ask.a.b.1', ANSWER),
      path('ask.a.b.2', ANSWER),
      path('bye.a.b', terms.skip),
      path('crash.b', 'giveup.a', terms.skip),
    ]),
  );
  const ANSWER: Process = terms.call('ANSWER', () =>
    terms.externalChoice([
      path('yes.b.a', ASK),
      path('no.b.a', ASK),
      path('bell.a', ANSWER),
      path('crash.b', 'giveup.a', terms.skip),
    ]),
  );
  const form = normalize(termLts(terms, ASK));
  const monitor = monitorOf(form);
  const roles = rolesOf(monitor.alphabet, ['a', 'b']);
  return { monitor, roles, local: localMonitors(form, roles) };
}

describe('performing and listening', () => {
  test('a conversation from beginning to end', () => {
    const heard: Message[] = [];
    const a: Agent = function* (self) {
      yield* self.perform('ask.a.b.2');
      heard.push(yield* self.await());
      yield* self.perform('bye.a.b');
      return 'satisfied';
    };
    const b: Agent = function* (self) {
      const question = yield* self.await();
      heard.push(question);
      yield* self.perform(question.payload[0] === '2' ? 'yes.b.a' : 'no.b.a');
      heard.push(yield* self.await());
      yield* self.await(); // The conversation is over: this ends the agent.
    };
    const { session, ends, outcome } = playSession({ ...talk(), agents: { a, b } });
    expect(session.trace).toEqual(['ask.a.b.2', 'yes.b.a', 'bye.a.b']);
    expect(session.status).toBe('terminated');
    expect(outcome.kind).toBe('terminated');
    expect(heard).toEqual([
      { event: 'ask.a.b.2', channel: 'ask', from: 'a', to: 'b', payload: ['2'] },
      { event: 'yes.b.a', channel: 'yes', from: 'b', to: 'a', payload: [] },
      { event: 'bye.a.b', channel: 'bye', from: 'a', to: 'b', payload: [] },
    ]);
    expect(ends).toEqual({ a: { kind: 'done', result: 'satisfied' }, b: { kind: 'done', result: undefined } });
  });

  test('what is refused reaches nobody: out of turn, in another name, unknown', () => {
    const heard: string[] = [];
    const refusals: [string, string, readonly string[]][] = [];
    const a: Agent = function* (self) {
      for (const event of ['yes.b.a', 'ask.a.b.3', 'bell.a', 'nonsense']) {
        try {
          yield* self.perform(event);
        } catch (error) {
          if (!(error instanceof RefusedError)) throw error;
          refusals.push([event, error.attempt.reason, error.attempt.expected]);
        }
      }
      yield* self.perform('bye.a.b');
    };
    const b: Agent = function* (self) {
      for (;;) heard.push((yield* self.await()).event);
    };
    const { attempts, session } = playSession({ ...talk(), agents: { a, b } });
    const may = ['ask.a.b.1', 'ask.a.b.2', 'bye.a.b'];
    expect(refusals).toEqual([
      ['yes.b.a', 'not yours', may],
      ['ask.a.b.3', 'unknown event', may],
      ['bell.a', 'not now', may],
      ['nonsense', 'unknown event', may],
    ]);
    expect(heard).toEqual(['bye.a.b']);
    expect(session.trace).toEqual(['bye.a.b']);
    expect(attempts.map((attempt) => `${attempt.sequence} ${attempt.kind}`)).toEqual([
      '1 refused',
      '2 refused',
      '3 refused',
      '4 refused',
      '5 accepted',
    ]);
  });

  test('rendezvous: an event is accepted when its receiver listens, not before', () => {
    const times: [string, number][] = [];
    const a: Agent = function* (self) {
      yield* self.perform('ask.a.b.1');
      times.push(['asked', self.now()]);
      yield* self.await();
      yield* self.perform('bye.a.b');
    };
    const b: Agent = function* (self) {
      yield* self.sleep(50);
      yield* self.await();
      yield* self.perform('no.b.a');
    };
    playSession({ ...talk(), agents: { a, b } });
    expect(times).toEqual([['asked', 50]]);
  });

  test('an event that becomes impossible while it waits for its receiver is refused then', () => {
    const reasons: string[] = [];
    const a: Agent = function* (self) {
      try {
        yield* self.perform('ask.a.b.1');
      } catch (error) {
        reasons.push((error as RefusedError).attempt.reason);
      }
      yield* self.perform('giveup.a');
    };
    const b: Agent = function* (self) {
      yield* self.sleep(5);
      throw new Error('out of memory');
    };
    const { session, ends } = playSession({ ...talk(), agents: { a, b } });
    expect(reasons).toEqual(['not now']);
    expect(session.trace).toEqual(['crash.b', 'giveup.a']);
    expect(ends.b).toMatchObject({ kind: 'crashed', error: { message: 'out of memory' } });
    expect(ends.a).toMatchObject({ kind: 'done' });
  });

  test('a message nobody listens to times out, and has not happened', () => {
    const seen: unknown[] = [];
    const a: Agent = function* (self) {
      try {
        yield* self.perform('ask.a.b.1', { timeout: 30 });
      } catch (error) {
        seen.push((error as Error).name, self.now());
      }
    };
    const { session, outcome } = playSession({ ...talk(), agents: { a, b: silent } });
    expect(seen).toEqual(['TimeoutError', 30]);
    expect(session.trace).toEqual([]);
    expect(outcome.kind).toBe('deadlock');
  });

  test('what is performed alone needs no receiver, and the others get notice', () => {
    const heard: Message[] = [];
    const a: Agent = function* (self) {
      yield* self.perform('ask.a.b.1');
      yield* self.perform('bell.a');
      yield* self.await();
      yield* self.perform('bye.a.b');
    };
    const b: Agent = function* (self) {
      yield* self.await();
      heard.push(yield* self.await());
      yield* self.perform('yes.b.a');
    };
    const { session } = playSession({ ...talk(), agents: { a, b } });
    expect(heard).toEqual([{ event: 'bell.a', channel: 'bell', from: 'a', to: undefined, payload: [] }]);
    expect(session.status).toBe('terminated');
  });

  test('await may run out of patience', () => {
    const seen: unknown[] = [];
    const a: Agent = function* (self) {
      seen.push(yield* self.await({ timeout: 7 }), self.now());
      yield* self.perform('bye.a.b');
    };
    playSession({ ...talk(), agents: { a, b: wanderer(new Seeded(1)) } });
    expect(seen).toEqual([undefined, 7]);
  });

  test('a role whose agent is gone still takes delivery', () => {
    const a: Agent = function* (self) {
      yield* self.sleep(1);
      yield* self.perform('bye.a.b');
    };
    // biome-ignore lint/correctness/useYield: it leaves at once.
    const b: Agent = function* () {
      return 'left early';
    };
    const { session } = playSession({ ...talk(), agents: { a, b } });
    expect(session.trace).toEqual(['bye.a.b']);
  });

  test('a role without agent, an agent without role, and a second speaker are mistakes', () => {
    const { monitor, roles } = talk();
    const session = new Session({ monitor, roles });
    const network = new Network();
    expect(() => converse({ session, network, agents: { a: silent } })).toThrow('role b has no agent');
    expect(() => converse({ session, network, agents: { a: silent, b: silent, c: silent } })).toThrow('no role');
  });
});

describe('both may speak', () => {
  const duet = () => {
    const terms = new Terms(new Alphabet());
    const say = (name: string, next: Process) => terms.prefix(terms.alphabet.intern(name), next);
    const PLAY = (left: number): Process =>
      terms.call(`PLAY ${left}`, () =>
        left === 0
          ? terms.skip
          : terms.externalChoice([say('say.a.b', PLAY(left - 1)), say('say.b.a', PLAY(left - 1))]),
      );
    const monitor = monitorOf(normalize(termLts(terms, PLAY(100))));
    return { monitor, roles: rolesOf(monitor.alphabet, ['a', 'b']) };
  };
  const either = (event: string): Agent =>
    function* (self) {
      let performed = 0;
      while (self.status === 'running') {
        const step = yield* self.choose({ perform: [event] });
        if (step.kind === 'performed') performed++;
      }
      return performed;
    };

  test('choose: one speaks, the other listens, under any schedule', () => {
    for (let seed = 0; seed < 50; seed++) {
      const { session, ends } = playSession({
        ...duet(),
        agents: { a: either('say.a.b'), b: either('say.b.a') },
        seed,
      });
      expect(session.status).toBe('terminated');
      expect(session.trace).toHaveLength(100);
      for (const end of Object.values(ends)) expect(end.kind).toBe('done');
    }
  });

  test('choose may run out of patience, and refuses what is not possible', () => {
    const seen: unknown[] = [];
    const a: Agent = function* (self) {
      seen.push(yield* self.choose({ perform: ['say.a.b'], timeout: 5 }));
      try {
        yield* self.choose({ perform: ['say.b.a'] });
      } catch (error) {
        seen.push((error as RefusedError).attempt.reason);
      }
    };
    playSession({ ...duet(), agents: { a, b: silent } });
    expect(seen).toEqual([{ kind: 'timeout' }, 'not yours']);
  });
});

describe('faults', () => {
  test('an injected crash is a crash of the protocol; the plan repeats with its seed', () => {
    const play = (seed: number) => {
      const random = new Seeded(seed);
      return playSession({
        ...talk(),
        agents: { a: wanderer(random), b: wanderer(random) },
        faults: plannedFaults({ random, crash: 0.1, delay: 0.2 }),
        seed,
      });
    };
    let crashes = 0;
    for (let seed = 0; seed < 100; seed++) {
      const { session, ends, attempts } = play(seed);
      expect(play(seed).attempts).toEqual(attempts);
      if (ends.b!.kind !== 'crashed') continue;
      const at = session.trace.indexOf('crash.b');
      if (at < 0) continue; // It crashed after the end.
      crashes++;
      expect(session.trace.slice(at + 1).every((event) => event === 'giveup.a')).toBe(true);
    }
    expect(crashes).toBeGreaterThan(20);
  });

  test('a rogue is refused again and again and harms nobody', () => {
    const { monitor, roles } = talk();
    const events = monitor.alphabet.visible().map((event) => monitor.alphabet.nameOf(event));
    for (let seed = 0; seed < 50; seed++) {
      const random = new Seeded(seed);
      const heard: string[] = [];
      const b: Agent = function* (self) {
        for (;;) {
          const message = yield* self.await();
          if (message.to !== undefined) heard.push(message.event);
          if (message.channel === 'ask') yield* self.perform('no.b.a');
        }
      };
      const { session } = playSession({
        monitor,
        roles,
        agents: { a: rogue(random, events), b },
        seed,
        stepsMax: 50_000,
      });
      expect(heard).toEqual(session.trace.filter((event) => event.split('.')[2] === 'b'));
    }
  });

  test('over is told to whoever waits', () => {
    let told: unknown;
    const a: Agent = function* (self) {
      yield* self.perform('bye.a.b');
    };
    const b: Agent = function* (self) {
      yield* self.await();
      try {
        yield* self.nothing();
      } catch (error) {
        told = error;
      }
    };
    playSession({ ...talk(), agents: { a, b } });
    expect(told).toBeInstanceOf(OverError);
  });
});

describe('modes', () => {
  test('observing: the receiver has what the protocol does not know, and the conversation goes on by the protocol', () => {
    const heard: string[] = [];
    const a: Agent = function* (self) {
      yield* self.perform('ask.a.b.1');
      yield* self.perform('ask.a.b.2'); // Out of turn.
      yield* self.perform('gossip.a.b.hello'); // In no trace.
      yield* self.perform('yes.b.a'); // In the name of another, to itself.
      heard.push((yield* self.await()).event);
      yield* self.perform('bye.a.b');
    };
    const b: Agent = function* (self) {
      for (let i = 0; i < 3; i++) heard.push((yield* self.await()).event);
      yield* self.perform('yes.b.a');
      for (;;) heard.push((yield* self.await()).event);
    };
    const { session, attempts, ends } = playSession({ ...talk(), agents: { a, b }, mode: 'observe' });
    expect(heard).toEqual(['ask.a.b.1', 'ask.a.b.2', 'gossip.a.b.hello', 'yes.b.a', 'bye.a.b']);
    expect(session.trace).toEqual(['ask.a.b.1', 'yes.b.a', 'bye.a.b']);
    expect(attempts.map(({ kind }) => kind)).toEqual([
      'accepted',
      'unlawful',
      'unlawful',
      'unlawful',
      'accepted',
      'accepted',
    ]);
    expect(Object.values(ends).map(({ kind }) => kind)).toEqual(['done', 'done']);
  });

  test('quarantine: who breaks the protocol is out, the others are told of the crash, and go on', () => {
    const told: string[] = [];
    const tried: string[] = [];
    const a: Agent = function* (self) {
      yield* self.perform('ask.a.b.1');
      told.push((yield* self.await()).event);
      yield* self.perform('giveup.a');
    };
    const b: Agent = function* (self) {
      yield* self.await();
      for (const event of ['ask.b.a.7', 'yes.b.a', 'no.b.a'])
        try {
          yield* self.perform(event);
        } catch (error) {
          tried.push((error as RefusedError).attempt.reason);
        }
    };
    const { session, ends, attempts } = playSession({ ...talk(), agents: { a, b }, mode: 'quarantine' });
    expect(told).toEqual(['crash.b']);
    expect(session.trace).toEqual(['ask.a.b.1', 'crash.b', 'giveup.a']);
    expect(session.status).toBe('terminated');
    // Whatever else it tries ends where it began, in the fault itself.
    expect(tried).toEqual(['unknown event', 'unknown event', 'unknown event']);
    expect(attempts).toHaveLength(4);
    expect(ends.b).toMatchObject({ kind: 'crashed' });
  });

  test('quarantine while the receiver waits: an offer that was lawful and is not any more is no fault', () => {
    const a: Agent = function* (self) {
      yield* self.perform('ask.a.b.1');
      yield* self.await();
      yield* self.perform('giveup.a');
    };
    const b: Agent = function* (self) {
      yield* self.await();
      throw new Error('broken');
    };
    const { session, ends } = playSession({ ...talk(), agents: { a, b }, mode: 'quarantine' });
    expect(session.trace).toEqual(['ask.a.b.1', 'crash.b', 'giveup.a']);
    expect(ends.a).toMatchObject({ kind: 'done' });
  });
});

test('an agent that goes on for ever by itself does not keep the others, or the limit, waiting', () => {
  const asks: Agent = function* (self) {
    yield* self.perform('ask.a.b.1');
    for (;;) yield* self.perform('bell.a');
  };
  const insists: Agent = function* (self) {
    yield* self.perform('ask.a.b.1');
    for (;;)
      try {
        yield* self.perform('ask.a.b.1');
      } catch {
        // Once more.
      }
  };
  const b: Agent = function* (self) {
    yield* self.await();
    yield* self.perform('yes.b.a');
  };
  for (const a of [asks, insists]) {
    const { outcome, attempts } = playSession({ ...talk(), agents: { a, b }, stepsMax: 1000 });
    expect(outcome.kind).toBe('unfinished');
    expect(attempts.length).toBeGreaterThan(100);
    expect(attempts.length).toBeLessThanOrEqual(1000);
  }
});

describe('silence', () => {
  const ask: Agent = function* (self) {
    yield* self.perform('ask.a.b.1');
    yield* self.await();
  };

  test('who has been asked and says nothing owes the answer', () => {
    const b: Agent = function* (self) {
      yield* self.await();
      yield* self.nothing();
    };
    const { quiescence, outcome } = playSession({ ...talk(), agents: { a: ask, b } });
    expect(outcome.kind).toBe('deadlock');
    expect(quiescence).toMatchObject({ kind: 'violation', required: [expect.arrayContaining(['yes.b.a', 'no.b.a'])] });
    expect(quiescence!.owing).toContainEqual({ role: 'b', events: ['yes.b.a', 'no.b.a'] });
  });

  test('who does not listen owes that, not its partner who waits to be heard', () => {
    const b: Agent = function* (self) {
      yield* self.nothing();
    };
    const { quiescence } = playSession({ ...talk(), agents: { a: ask, b } });
    expect(quiescence!.owing).toEqual([{ role: 'b', events: ['ask.a.b.1'] }]);
    expect(quiescence!.message).toBe('b must accept ask.a.b.1');
    expect(quiescence!.refused).toContainEqual({ event: 'ask.a.b.1', by: ['b'] });
    expect(quiescence!.refused).toContainEqual({ event: 'bye.a.b', by: ['a', 'b'] });
  });

  test('where the protocol may end, silence is allowed', () => {
    const terms = new Terms(new Alphabet());
    const event = terms.alphabet.intern('say.a.b');
    const monitor = monitorOf(
      normalize(termLts(terms, terms.internalChoice([terms.skip, terms.prefix(event, terms.skip)]))),
    );
    const roles = rolesOf(monitor.alphabet, ['a', 'b']);
    expect(new Session({ monitor, roles }).quiescence()).toMatchObject({ kind: 'allowed', owing: [] });
  });

  test('nobody has to crash', () => {
    const { monitor, roles } = talk();
    const session = new Session({ monitor, roles });
    const { owing } = session.quiescence();
    expect(owing).toEqual([{ role: 'a', events: ['ask.a.b.1', 'ask.a.b.2', 'bye.a.b'] }]);
  });
});
