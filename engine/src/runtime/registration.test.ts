/** Choices over many channels that stay registered: nothing lost, fair, in order beside others, and as the short way does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Channel } from './channel.ts';
import { choice, timeout } from './choice.ts';
import { Network } from './network.ts';
import { Seeded } from './seeded.ts';

const many = (network: Network, count: number, buffer?: number): Channel<number>[] =>
  Array.from({ length: count }, (_, i) => network.channel<number>(`c${i}`, buffer === undefined ? {} : { buffer }));

const receiving = (channels: readonly Channel<number>[]) =>
  choice(Object.fromEntries(channels.map((channel, i) => [`g${i}`, channel.receive()])));

describe('nothing is lost or doubled', () => {
  test.each([undefined, 1, 3])('random senders, other receivers, trials, and closing; buffer %s', (buffer) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = new Seeded(seed);
        const network = new Network({ seed });
        const channels = many(network, 12, buffer);
        const sent: number[] = [];
        const got: number[] = [];
        for (let i = 0; i < 6; i++)
          network.spawn(`sender${i}`, function* (self) {
            for (let k = 0; k < 20; k++) {
              const value = 100 * i + k;
              if (random.chance(0.3)) yield* self.delay(random.below(3));
              yield* random.pick(channels).send(value);
              sent.push(value);
            }
          });
        network.spawn(
          'thief',
          function* (self) {
            for (let k = 0; k < 10; k++) {
              yield* self.delay(random.below(5));
              const value = random.pick(channels).tryReceive();
              if (value !== undefined) got.push(value);
            }
            if (random.chance(0.5)) got.push(yield* channels[3]!.receive());
          },
          { service: true },
        );
        network.spawn(
          'chooser',
          function* () {
            const any = receiving(channels);
            for (;;) got.push((yield* any).value);
          },
          { service: true },
        );
        expect(network.run()).toEqual({ kind: 'terminated' });
        for (const channel of channels)
          for (let value = channel.tryReceive(); value !== undefined; value = channel.tryReceive()) got.push(value);
        expect(got.sort((x, y) => x - y)).toEqual(sent.sort((x, y) => x - y));
      }),
      { seed: 5, numRuns: 150 },
    );
  });
});

test('fair: guards that stay ready take turns', () => {
  const network = new Network();
  const channels = many(network, 10);
  const fired = new Array<number>(10).fill(0);
  channels.forEach((channel, i) => {
    network.spawn(
      `p${i}`,
      function* () {
        for (;;) yield* channel.send(i);
      },
      { service: true },
    );
  });
  const chooser = network.spawn('chooser', function* (self) {
    const any = receiving(channels);
    for (let i = 0; i < 1000; i++) {
      fired[(yield* any).value]!++;
      if (i % 7 === 0) yield* self.pause();
    }
  });
  while (!chooser.isOver) network.pump(100);
  expect(Math.max(...fired) - Math.min(...fired)).toBeLessThanOrEqual(1);
});

test('beside other receivers values go in order of arrival', () => {
  const network = new Network();
  const channels = many(network, 8);
  const log: string[] = [];
  network.spawn('chooser', function* () {
    const any = receiving(channels);
    for (let i = 0; i < 4; i++) log.push(`chooser ${(yield* any).value}`);
  });
  network.spawn('other', function* (self) {
    yield* self.delay(25); // Behind the chooser, which waits since 20.
    log.push(`other ${yield* channels[0]!.receive()}`);
  });
  network.spawn('sender', function* (self) {
    for (let i = 0; i < 5; i++) {
      yield* self.delay(10);
      yield* channels[0]!.send(i);
    }
  });
  expect(network.run()).toEqual({ kind: 'terminated' });
  expect(log).toEqual(['chooser 0', 'chooser 1', 'chooser 2', 'other 3', 'chooser 4']);
});

test('timeouts, closing, poison and reports as without', () => {
  const network = new Network();
  const channels = many(network, 8);
  const log: string[] = [];
  network.spawn('chooser', function* (self) {
    const any = choice({
      ...Object.fromEntries(channels.map((channel, i) => [`g${i}`, channel.receive()])),
      late: timeout(10),
    });
    try {
      for (;;) log.push(`${(yield* any).guard} at ${self.now()}`);
    } catch (error) {
      log.push((error as Error).name);
    }
  });
  network.spawn('sender', function* (self) {
    yield* self.delay(25);
    yield* channels[2]!.send(1);
    channels[2]!.close();
    yield* self.delay(15);
    yield* channels[5]!.send(1);
    channels[6]!.poison('over');
  });
  expect(network.run()).toEqual({ kind: 'terminated' });
  expect(log).toEqual(['late at 10', 'late at 20', 'g2 at 25', 'late at 35', 'g5 at 40', 'PoisonedError']);
});

test('a deadlock names every channel of a registered choice', () => {
  const network = new Network();
  const channels = many(network, 8);
  network.spawn('chooser', function* () {
    const any = receiving(channels);
    for (;;) yield* any;
  });
  network.spawn('sender', function* (self) {
    for (let i = 0; i < 3; i++) {
      yield* self.delay(1);
      yield* channels[i]!.send(i);
    }
  });
  const outcome = network.run();
  expect(outcome).toMatchObject({
    kind: 'deadlock',
    error: {
      blocked: [
        { process: 'chooser', waitsIn: 'choice', ends: channels.map((channel) => ({ channel: channel.name })) },
      ],
    },
  });
});
