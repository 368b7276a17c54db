/** Multiway events and barriers, in every interleaving: all that are needed, or nobody. */
import { expect, test } from 'vitest';
import { choice } from './choice.ts';
import { MisuseError } from './errors.ts';
import { explore, type System } from './explore.ts';
import { Network } from './network.ts';

const all = <R>(system: System<R>) =>
  explore(system, { schedules: 'all' }).outcomes.map(({ kind, observed }) => ({ kind, observed }));

test('three processes step together: no one is ever a round ahead', () => {
  const outcomes = all((network) => {
    const tick = network.event('tick');
    const rounds = [0, 0, 0];
    let apart = 0;
    for (const i of [0, 1, 2])
      network.spawn(
        `p${i}`,
        function* () {
          for (let round = 0; round < 2; round++) {
            yield* tick.sync();
            rounds[i]!++;
            apart = Math.max(apart, Math.max(...rounds) - Math.min(...rounds));
          }
        },
        { events: [tick] },
      );
    return () => ({ rounds, apart });
  });
  expect(outcomes).toEqual([{ kind: 'terminated', observed: { rounds: [2, 2, 2], apart: 1 } }]);
});

test('as guards: events that overlap never both happen, and a withdrawn guard is withdrawn everywhere', () => {
  // P and Q share a, Q and R share b; Q takes part in one of them only.
  const outcomes = all((network) => {
    const a = network.event('a');
    const b = network.event('b');
    const done: string[] = [];
    for (const [name, events] of [
      ['P', { a }],
      ['Q', { a, b }],
      ['R', { b }],
    ] as const)
      network.spawn(
        name,
        function* () {
          const guards = Object.fromEntries(Object.entries(events).map(([key, event]) => [key, event.sync()]));
          done.push(`${name}${(yield* choice(guards)).guard}`);
        },
        { events: Object.values(events), service: name !== 'Q' },
      );
    return () => done.sort();
  });
  expect(outcomes.map((outcome) => outcome.observed!.join(' ')).sort()).toEqual(['Pa Qa', 'Qb Rb']);
});

test('with channel guards: the event, or the value, never both', () => {
  const outcomes = all((network) => {
    const tick = network.event('tick');
    const c = network.channel<number>('c');
    const log: string[] = [];
    for (const name of ['P', 'Q'])
      network.spawn(
        name,
        function* () {
          log.push(`${name} ${(yield* choice({ tick: tick.sync(), c: c.receive() })).guard}`);
        },
        { events: [tick], service: true },
      );
    network.spawn(
      'sender',
      function* () {
        yield* c.send(1);
        log.push('sent');
      },
      { service: true },
    );
    return () => log.sort();
  });
  expect(outcomes.map((outcome) => outcome.observed!.join(', ')).sort()).toEqual([
    'P c, sent',
    'P tick, Q tick',
    'Q c, sent',
  ]);
});

test('a party that is over blocks an event for ever, and leaves a barrier', () => {
  const system =
    (kind: 'event' | 'barrier'): System<number> =>
    (network) => {
      const tick = network[kind]('tick');
      let rounds = 0;
      network.spawn(
        'short',
        function* () {
          yield* tick.sync();
        },
        { events: [tick] },
      );
      network.spawn(
        'long',
        function* () {
          for (let i = 0; i < 3; i++) {
            yield* tick.sync();
            rounds++;
          }
        },
        { events: [tick] },
      );
      return () => rounds;
    };
  expect(all(system('event'))).toEqual([{ kind: 'deadlock', observed: 1 }]);
  expect(all(system('barrier'))).toEqual([{ kind: 'terminated', observed: 3 }]);
  const [deadlock] = explore(system('event'), { schedules: 'all' }).deadlocks;
  expect(deadlock!.error.message).toContain('long waits to sync on tick, where short is over');
});

test('who has not enrolled is told; nothing is sent on an event', () => {
  const network = new Network();
  const tick = network.event('tick');
  network.spawn('stranger', function* () {
    yield* tick.sync();
  });
  const outcome = network.run();
  expect(outcome).toMatchObject({ kind: 'failed', error: { cause: expect.any(MisuseError) } });
});

test('the same event twice in one choice counts once', () => {
  expect(
    all((network) => {
      const tick = network.event('tick');
      const log: string[] = [];
      for (const name of ['P', 'Q'])
        network.spawn(
          name,
          function* () {
            yield* choice({ one: tick.sync(), two: tick.sync() });
            log.push(name);
          },
          { events: [tick] },
        );
      return () => log.sort();
    }),
  ).toEqual([{ kind: 'terminated', observed: ['P', 'Q'] }]);
});

test('a thousand parties, a hundred rounds', () => {
  const network = new Network();
  const tick = network.event('tick');
  let rounds = 0;
  for (let i = 0; i < 1000; i++)
    network.spawn(
      `p${i}`,
      function* () {
        for (let round = 0; round < 100; round++) {
          yield* tick.sync();
          rounds++;
        }
      },
      { events: [tick] },
    );
  expect(network.run()).toEqual({ kind: 'terminated' });
  expect(rounds).toBe(100_000);
});
