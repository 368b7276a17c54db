/** Exploration: the number of schedules against the count by hand, outcomes against the sets they must be, and replay. */
import { describe, expect, test } from 'vitest';
import { choice, priority, timeout } from './choice.ts';
import { MisuseError } from './errors.ts';
import { explore, replay, type System } from './explore.ts';
import { Recorded } from './schedule.ts';

/** `count` processes that each take `steps` steps of their own, and then are over. */
function walkers(count: number, steps: number): System<string> {
  return (network) => {
    let path = '';
    for (let i = 0; i < count; i++)
      network.spawn(`p${i}`, function* (self) {
        for (let step = 0; step < steps; step++) {
          path += i;
          yield* self.pause();
        }
      });
    return () => path;
  };
}

describe('all schedules', () => {
  test.each([
    [2, 1, 2],
    [2, 3, 20],
    [3, 2, 90],
  ])(
    '%i independent processes of %i steps: as many paths as the multinomial says, each once',
    (count, steps, paths) => {
      // The last resumption, which only ends the process, is a step more.
      const { outcomes, complete, schedules } = explore(walkers(count, steps), { schedules: 'all' });
      expect(complete).toBe(true);
      expect(outcomes).toHaveLength(paths);
      expect(schedules).toBeGreaterThanOrEqual(paths);
      for (const { observed } of outcomes)
        expect([...observed!].sort().join('')).toBe(
          Array.from({ length: count }, (_, i) => String(i).repeat(steps)).join(''),
        );
    },
  );

  test('every decision tree is enumerated once: leaves of all mixed-radix numbers', () => {
    const seen: string[] = [];
    for (let next: number[] | undefined = []; next !== undefined; ) {
      const schedule: Recorded = new Recorded(next);
      seen.push(`${schedule.below(2)}${schedule.below(1)}${schedule.below(3)}`);
      next = schedule.following();
    }
    expect(seen).toEqual(['000', '001', '002', '100', '101', '102']);
  });

  test('two senders, one reader: both orders, nothing else', () => {
    const { outcomes, deadlocks } = explore(
      (network) => {
        const c = network.channel<string>('c');
        const got: string[] = [];
        for (const name of ['a', 'b'])
          network.spawn(name, function* () {
            yield* c.send(name);
          });
        network.spawn('reader', function* () {
          got.push(yield* c.receive(), yield* c.receive());
        });
        return () => got;
      },
      { schedules: 'all' },
    );
    expect(outcomes.map((outcome) => outcome.observed!.join('')).sort()).toEqual(['ab', 'ba']);
    expect(deadlocks).toEqual([]);
  });

  test('a fair choice between ready guards takes either; a priority choice the first, when it finds both', () => {
    const system =
      (kind: typeof choice): System<string> =>
      (network) => {
        const a = network.channel<number>('a', { buffer: 1 });
        const b = network.channel<number>('b', { buffer: 1 });
        a.trySend(1);
        b.trySend(2);
        let fired = '';
        network.spawn('chooser', function* () {
          fired = (yield* kind({ a: a.receive(), b: b.receive() })).guard;
        });
        return () => fired;
      };
    expect(
      explore(system(choice), { schedules: 'all' })
        .outcomes.map((outcome) => outcome.observed)
        .sort(),
    ).toEqual(['a', 'b']);
    expect(explore(system(priority), { schedules: 'all' }).outcomes.map((outcome) => outcome.observed)).toEqual(['a']);
  });

  test('what another does between two operations of one process is not missed', () => {
    // P = a -> (c -> SKIP [] d -> SKIP): after a, c is offered only when Q has gone on.
    const { outcomes } = explore(
      (network) => {
        const [a, c, d] = ['a', 'c', 'd'].map((name) => network.channel<number>(name)) as never as [
          ReturnType<typeof network.channel<number>>,
          ReturnType<typeof network.channel<number>>,
          ReturnType<typeof network.channel<number>>,
        ];
        let fired = '';
        network.spawn('P', function* () {
          yield* a.send(0);
          fired = (yield* choice({ c: c.receive(), d: d.receive() })).guard;
        });
        network.spawn(
          'Q',
          function* () {
            yield* a.receive();
            yield* c.send(1);
          },
          { service: true },
        );
        network.spawn(
          'R',
          function* () {
            yield* d.send(1);
          },
          { service: true },
        );
        return () => fired;
      },
      { schedules: 'all' },
    );
    expect(outcomes.map((outcome) => outcome.observed).sort()).toEqual(['c', 'd']);
  });
});

const FORKS: System<undefined> = (network) => {
  const forks = [0, 1].map((i) => network.channel<null>(`fork${i}`, { buffer: 1 }));
  for (const fork of forks) fork.trySend(null);
  for (const i of [0, 1])
    network.spawn(`philosopher${i}`, function* () {
      yield* forks[i]!.receive();
      yield* forks[1 - i]!.receive();
      yield* forks[i]!.send(null);
      yield* forks[1 - i]!.send(null);
    });
  return undefined;
};

describe('replay', () => {
  test('the token brings the same deadlock about, with the same report', () => {
    const { deadlocks, outcomes } = explore(FORKS, { schedules: 'all' });
    expect(outcomes.map((outcome) => outcome.kind).sort()).toEqual(['deadlock', 'terminated']);
    const [deadlock] = deadlocks;
    expect(deadlock!.error.cycle.map((blocked) => blocked.process).sort()).toEqual(['philosopher0', 'philosopher1']);
    const again = replay(FORKS, deadlock!.token);
    expect(again).toEqual({ ...deadlock, schedules: undefined, error: again.error });
    expect(again.error!.message).toBe(deadlock!.error.message);
  });

  test('each outcome comes again by its token', () => {
    const system = walkers(3, 2);
    for (const { token, observed } of explore(system, { schedules: 'all' }).outcomes)
      expect(replay(system, token).observed).toBe(observed);
  });

  test('a token of another system, or none, is refused', () => {
    expect(() => replay(walkers(2, 1), 's9')).toThrow(MisuseError);
    expect(() => replay(walkers(2, 1), 'nonsense')).toThrow(/no token/);
  });
});

describe('some schedules', () => {
  test('the same seed, the same exploration; the outcomes are among all', () => {
    const all = new Set(explore(walkers(3, 2), { schedules: 'all' }).outcomes.map((outcome) => outcome.observed));
    const drawn = explore(walkers(3, 2), { schedules: 300, seed: 7 });
    expect(drawn.schedules).toBe(300);
    expect(drawn.complete).toBe(false);
    expect(drawn.outcomes).toEqual(explore(walkers(3, 2), { schedules: 300, seed: 7 }).outcomes);
    for (const { observed } of drawn.outcomes) expect(all).toContain(observed);
    expect(drawn.outcomes.length).toBeGreaterThan(60); // Of 90.
  });

  test('what is not all is not called complete; a run without end is unfinished', () => {
    expect(explore(walkers(3, 3), { schedules: 'all', schedulesMax: 10 })).toMatchObject({
      complete: false,
      schedules: 10,
    });
    const spinning = explore<undefined>(
      (network) => {
        network.spawn('spinner', function* (self) {
          for (;;) yield* self.pause();
        });
        return undefined;
      },
      { schedules: 'all', stepsMax: 50 },
    );
    expect(spinning.outcomes.map((outcome) => outcome.kind)).toEqual(['unfinished']);
  });

  test('time is virtual: hours cost nothing', () => {
    const { outcomes } = explore(
      (network) => {
        const c = network.channel<number>('c');
        let at = -1;
        network.spawn('patient', function* (self) {
          yield* choice({ c: c.receive(), late: timeout(3_600_000) });
          at = self.now();
        });
        return () => at;
      },
      { schedules: 'all' },
    );
    expect(outcomes.map((outcome) => outcome.observed)).toEqual([3_600_000]);
  });

  test('async processes are refused, and factories that build something else each time', () => {
    expect(() =>
      explore(
        (network) => {
          network.start(network.create('async', async () => 1));
          return undefined;
        },
        { schedules: 'all' },
      ),
    ).toThrow(/generator processes/);
    let builds = 0;
    expect(() => explore((network) => walkers(builds++ === 0 ? 3 : 2, 1)(network), { schedules: 'all' })).toThrow(
      /does not build the same/,
    );
  });
});
