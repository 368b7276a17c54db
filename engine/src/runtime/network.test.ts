/** The scheduler: order, time, ends and deadlocks. */
import { describe, expect, test } from 'vitest';
import { choice, timeout } from './choice.ts';
import type { Clock } from './clock.ts';
import { Timers } from './clock.ts';
import { DeadlockError } from './deadlock.ts';
import { MisuseError } from './errors.ts';
import { Network } from './network.ts';
import { Seeded } from './seeded.ts';

/** The line of this file on which `marker` stands. */
const lineOf = (error: Error): number => Number(/network\.test\.ts:(\d+)/.exec(error.stack ?? '')?.[1]);

describe('virtual time', () => {
  test('stands still while anything goes on, then jumps', () => {
    const network = new Network();
    const seen: [string, number][] = [];
    for (const [name, milliseconds] of [
      ['late', 3_600_000],
      ['soon', 5],
      ['also soon', 5],
    ] as const)
      network.spawn(name, function* (self) {
        yield* self.delay(milliseconds);
        seen.push([name, self.now()]);
      });
    network.spawn('busy', function* (self) {
      for (let i = 0; i < 1000; i++) yield* self.pause();
      seen.push(['busy', self.now()]);
    });
    expect(network.run().kind).toBe('terminated');
    expect(seen).toEqual([
      ['busy', 0],
      ['soon', 5],
      ['also soon', 5],
      ['late', 3_600_000],
    ]);
  });

  test('at one instant sleepers go before timeouts, each with all that it sets off', () => {
    const network = new Network();
    const a = network.channel<string>('a');
    const b = network.channel<string>('b');
    const seen: string[] = [];
    network.spawn('patient', function* () {
      const chosen = yield* choice({ late: timeout(10), b: b.receive() });
      seen.push(chosen.guard);
    });
    network.spawn('relay', function* (self) {
      const value = yield* a.receive();
      yield* self.delay(0);
      yield* b.send(value);
    });
    network.spawn('sender', function* (self) {
      yield* self.delay(10);
      yield* a.send('x');
    });
    network.run();
    expect(seen).toEqual(['b']);
    expect(network.now()).toBe(10);
  });

  test('timers come in order of time, rank and making, whatever was cancelled', () => {
    const random = new Seeded(5);
    for (let round = 0; round < 50; round++) {
      const timers = new Timers();
      const made = Array.from({ length: 300 }, () => timers.add(random.below(20), random.below(2) as 0 | 1, () => {}));
      const kept = made.filter(() => random.chance(0.3));
      for (const timer of made) if (!kept.includes(timer)) timers.cancel(timer);
      const expected = [...kept].sort((a, b) => a.at - b.at || a.rank - b.rank || a.order - b.order);
      const popped = [];
      for (let timer = timers.pop(); timer !== undefined; timer = timers.pop()) popped.push(timer);
      expect(popped).toEqual(expected);
    }
  });

  test('a real clock is armed once for the earliest timer, and let go', () => {
    let now = 100;
    const armed: { at: number; wake: () => void; cancelled: boolean }[] = [];
    const clock: Clock = {
      now: () => now,
      after(milliseconds, wake) {
        const timer = { at: now + milliseconds, wake, cancelled: false };
        armed.push(timer);
        return () => {
          timer.cancelled = true;
        };
      },
    };
    let work = 0;
    const network = new Network({ clock, onWork: () => work++ });
    const done: string[] = [];
    for (const [name, milliseconds] of [
      ['b', 50],
      ['a', 20],
    ] as const)
      network.spawn(name, function* (self) {
        yield* self.delay(milliseconds);
        done.push(name);
      });
    expect(network.pump()).toBe('timer');
    expect(armed.map((timer) => timer.at)).toEqual([120]);
    now = 120;
    armed[0]!.wake();
    expect(work).toBeGreaterThan(0);
    expect(network.pump()).toBe('timer');
    expect(done).toEqual(['a']);
    expect(armed.map((timer) => timer.at)).toEqual([120, 150]);
    network.disarm();
    expect(armed[1]!.cancelled).toBe(true);
  });
});

describe('order', () => {
  const order = (seed?: number) => {
    const network = new Network(seed === undefined ? {} : { seed });
    const seen: number[] = [];
    for (let i = 0; i < 6; i++)
      network.spawn(`p${i}`, function* (self) {
        seen.push(i);
        yield* self.pause();
        seen.push(i);
      });
    network.run();
    return seen.join('');
  };

  test('without a seed: first ready, first resumed', () => expect(order()).toBe('012345012345'));

  test('the same seed, the same run; other seeds, other runs', () => {
    for (let seed = 0; seed < 50; seed++) expect(order(seed)).toBe(order(seed));
    expect(new Set(Array.from({ length: 50 }, (_, seed) => order(seed))).size).toBeGreaterThan(45);
  });

  test('the numbers of a seed are spread evenly', () => {
    const random = new Seeded(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.below(10)]!++;
    // Chi-squared with 9 degrees of freedom: 27.9 is exceeded once in a thousand.
    expect(counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
  });

  test('a budget is kept, and the run goes on where it stopped', () => {
    const network = new Network();
    let turns = 0;
    network.spawn('busy', function* (self) {
      for (; turns < 1000; turns++) yield* self.pause();
    });
    expect(network.pump(100)).toBe('busy');
    expect(turns).toBe(99);
    expect(network.run({ stepsMax: 50 }).kind).toBe('unfinished');
    expect(network.run().kind).toBe('terminated');
    expect(turns).toBe(1000);
  });

  test('a process cannot run its own network', () => {
    const network = new Network();
    network.spawn('p', function* (self) {
      yield* self.pause();
      network.run();
    });
    const outcome = network.run();
    expect(outcome.kind === 'failed' && outcome.error.cause).toBeInstanceOf(MisuseError);
  });
});

describe('ends', () => {
  test('a failure ends the others, whose finally blocks run and may communicate', () => {
    const network = new Network();
    const channel = network.channel<string>('c');
    const farewell = network.channel<string>('farewell', { buffer: 2 });
    const seen: string[] = [];
    const waiting = network.spawn('waiting', function* (self) {
      try {
        yield* channel.receive();
      } finally {
        yield* self.delay(3);
        yield* farewell.send('goodbye');
        seen.push('cleaned up');
      }
    });
    const failing = network.spawn('failing', function* (self) {
      yield* self.delay(1);
      throw new Error('out of paper');
    });
    const outcome = network.run();
    expect(outcome.kind === 'failed' && outcome.error.message).toBe('process failing failed: out of paper');
    expect([waiting.status, failing.status]).toEqual(['cancelled', 'failed']);
    expect(seen).toEqual(['cleaned up']);
    expect(farewell.tryReceive()).toBe('goodbye');
    expect(channel.trySend('anybody there?')).toBe(false);
  });

  test('onFailure may let the others go on', () => {
    const failed: string[] = [];
    const network = new Network({
      onFailure: (process) => {
        failed.push(process.name);
        return 'continue';
      },
    });
    network.spawn('failing', function* (self) {
      yield* self.pause();
      throw new Error('x');
    });
    const other = network.spawn('other', function* (self) {
      yield* self.delay(5);
      return 'fine';
    });
    expect(network.run().kind).toBe('terminated');
    expect([failed, other.result]).toEqual([['failing'], 'fine']);
  });

  test('a cancelled process that was about to receive gives nothing away and takes nothing', () => {
    const network = new Network();
    const channel = network.channel<number>('c');
    const victim = network.spawn('victim', function* () {
      yield* choice({ a: channel.receive(), b: channel.receive() });
    });
    network.spawn('canceller', function* (self) {
      yield* self.pause();
      network.cancel(victim);
      expect(channel.trySend(1)).toBe(false);
    });
    expect(network.run().kind).toBe('terminated');
    expect(victim.status).toBe('cancelled');
  });

  test('services do not keep a network alive', () => {
    const network = new Network();
    const channel = network.channel<number>('c');
    network.spawn(
      'ticker',
      function* (self) {
        for (;;) yield* self.delay(10);
      },
      { service: true },
    );
    network.spawn(
      'server',
      function* () {
        for (;;) yield* channel.receive();
      },
      { service: true },
    );
    network.spawn('client', function* (self) {
      yield* channel.send(1);
      yield* self.delay(25);
    });
    expect(network.run().kind).toBe('terminated');
    expect(network.now()).toBe(25);
  });
});

describe('deadlock', () => {
  test('two that send to each other first: the circle, the channels and the lines', () => {
    const network = new Network();
    const a = network.channel<number>('a');
    const b = network.channel<number>('b');
    let atP = 0;
    let atQ = 0;
    network.spawn('P', function* () {
      atP = lineOf(new Error()) + 1;
      yield* a.send(1);
      yield* b.receive();
    });
    network.spawn('Q', function* () {
      atQ = lineOf(new Error()) + 1;
      yield* b.send(1);
      yield* a.receive();
    });
    const outcome = network.run();
    if (outcome.kind !== 'deadlock') throw new Error(outcome.kind);
    const { cycle, blocked, message } = outcome.error;
    expect(outcome.error).toBeInstanceOf(DeadlockError);
    expect(cycle.map((process) => process.process)).toEqual(['P', 'Q']);
    expect(blocked.map(({ waitsIn, ends }) => [waitsIn, ends[0]?.channel])).toEqual([
      ['send', 'a'],
      ['send', 'b'],
    ]);
    expect(cycle.map(({ at }) => at?.line)).toEqual([atP, atQ]);
    expect(cycle[0]!.at!.file).toMatch(/network\.test\.ts$/);
    expect(message).toContain('deadlock: P → Q → P');
    expect(message).toMatch(/P waits to send on a \(.*network\.test\.ts:\d+:\d+\)/);
  });

  test('the report changes nothing: what can still go on later goes on', () => {
    const network = new Network();
    const a = network.channel<number>('a');
    const reader = network.spawn('reader', function* () {
      return yield* a.receive();
    });
    expect(network.run().kind).toBe('deadlock');
    expect(network.run().kind).toBe('deadlock');
    expect(a.trySend(5)).toBe(true);
    expect(network.run().kind).toBe('terminated');
    expect(reader.result).toBe(5);
  });

  test('five philosophers: the circle goes round the table, by the ends seen before', () => {
    const network = new Network();
    const forks = Array.from({ length: 5 }, (_, i) => ({
      up: network.channel<void>(`fork ${i} up`),
      down: network.channel<void>(`fork ${i} down`),
    }));
    forks.forEach(({ up, down }, i) => {
      network.spawn(
        `fork ${i}`,
        function* () {
          for (;;) {
            yield* up.receive();
            yield* down.receive();
          }
        },
        { receives: [up, down] },
      );
    });
    for (let i = 0; i < 5; i++) {
      const [left, right] = [forks[i]!, forks[(i + 1) % 5]!];
      network.spawn(
        `phil ${i}`,
        function* (self) {
          yield* left.up.send();
          yield* self.pause();
          yield* right.up.send();
          yield* right.down.send();
          yield* left.down.send();
        },
        { sends: [left.up, left.down, right.up, right.down] },
      );
    }
    const outcome = network.run();
    if (outcome.kind !== 'deadlock') throw new Error(outcome.kind);
    expect(outcome.error.blocked).toHaveLength(10);
    const names = outcome.error.cycle.map((process) => process.process);
    // phil i waits for fork i+1, which is down only by phil i or phil i+1; the shortest story is told by known partners.
    expect(names.length).toBeGreaterThanOrEqual(2);
    for (const [i, name] of names.entries()) {
      const next = names[(i + 1) % names.length]!;
      const partners = outcome.error.cycle[i]!.ends.flatMap((end) => end.partners.map((partner) => partner.process));
      expect(partners, `${name} → ${next}`).toContain(next);
    }
  });

  test('a service is part of the circle when a client waits for it', () => {
    const network = new Network();
    const ask = network.channel<number>('ask');
    const answer = network.channel<number>('answer');
    network.spawn(
      'server',
      function* () {
        for (;;) yield* answer.send(yield* ask.receive());
      },
      { service: true, sends: [answer], receives: [ask] },
    );
    network.spawn(
      'client',
      function* () {
        yield* ask.send(1);
        yield* ask.send(2);
      },
      { sends: [ask], receives: [answer] },
    );
    const outcome = network.run();
    expect(outcome.kind === 'deadlock' && outcome.error.cycle.map((blocked) => blocked.process)).toEqual([
      'client',
      'server',
    ]);
  });

  test('a partner that is over will not come: the report says so', () => {
    const network = new Network();
    const a = network.channel<number>('a');
    network.spawn('short', function* () {
      yield* a.send(1);
    });
    network.spawn('long', function* () {
      yield* a.receive();
      yield* a.receive();
    });
    const outcome = network.run();
    expect(outcome.kind === 'deadlock' && outcome.error.message).toContain('where short is over');
  });

  test('a pending timer or a signal that may come is not a deadlock', () => {
    const network = new Network();
    const a = network.channel<number>('a');
    const controller = new AbortController();
    const reader = network.spawn('reader', function* () {
      yield* a.receive({ signal: controller.signal });
    });
    expect(network.run().kind).toBe('waiting');
    controller.abort();
    expect(network.run().kind).toBe('failed');
    expect(reader.status).toBe('failed');
  });

  test('work outside is not a deadlock until it is over', () => {
    const network = new Network();
    const a = network.channel<number>('a');
    const over = network.external();
    network.spawn('reader', function* () {
      yield* a.receive();
    });
    expect(network.run().kind).toBe('waiting');
    over();
    over();
    expect(network.run().kind).toBe('deadlock');
  });
});
