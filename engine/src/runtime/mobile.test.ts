/** Ends that move when they are sent, and ends that one process owns. */
import { describe, expect, test } from 'vitest';
import { choice, timeout } from './choice.ts';
import { CSPEngine } from './engine.ts';
import { MisuseError, MovedError } from './errors.ts';
import type { Input, Output } from './mobile.ts';
import { Network } from './network.ts';

describe('mobile ends', () => {
  test.each([{}, { buffer: 1 }])('the receiver uses it, the sender cannot any more (%j)', (options) => {
    const network = new Network();
    const { input, output } = network.mobile<string>('line');
    const carrier = network.channel<Output<string>>('carrier', options);
    const log: unknown[] = [];
    network.spawn('first', function* () {
      yield* output.send('one');
      yield* carrier.send(output);
      try {
        yield* output.send('two');
      } catch (error) {
        log.push(error);
      }
    });
    network.spawn('second', function* () {
      const mine = yield* carrier.receive();
      yield* mine.send('three');
    });
    network.spawn('reader', function* () {
      log.push(yield* input.receive(), yield* input.receive());
    });
    expect(network.run()).toEqual({ kind: 'terminated' });
    expect(log.filter((entry) => typeof entry === 'string')).toEqual(['one', 'three']);
    expect(log.filter((entry) => entry instanceof MovedError)).toHaveLength(1);
  });

  test('an offer that was withdrawn has moved nothing', () => {
    const network = new Network();
    const { input, output } = network.mobile<string>('line');
    const carrier = network.channel<Input<string>>('carrier');
    let got = '';
    network.spawn('owner', function* () {
      const chosen = yield* choice({ give: carrier.send(input), late: timeout(5) });
      if (chosen.guard === 'late') got = yield* input.receive();
    });
    network.spawn('sender', function* () {
      yield* output.send('still mine');
    });
    expect(network.run()).toEqual({ kind: 'terminated' });
    expect(got).toBe('still mine');
  });

  test('offered to two at once it goes to one; the other offer ends in MovedError, and the reader waits on', async () => {
    const engine = new CSPEngine();
    const { output } = engine.network.mobile<string>('line');
    const carrier = engine.channel<Output<string>>('carrier');
    const sends = [carrier.send(output), carrier.send(output)].map(
      (sent) => new Promise<unknown>((resolve) => void sent.then(() => resolve('sent'), resolve)),
    );
    const first = carrier.tryReceive();
    expect(first).toBeDefined();
    expect(carrier.tryReceive()).toBeUndefined();
    expect(await sends[0]).toBe('sent');
    expect(await sends[1]).toBeInstanceOf(MovedError);
  });

  test('an end cannot be moved twice, nor used by who has not received it', () => {
    const network = new Network();
    const { output, input } = network.mobile<number>('line');
    const carrier = network.channel<Output<number>>('carrier', { buffer: 2 });
    const errors: unknown[] = [];
    const attempt = (name: string, run: () => Iterator<never, unknown, unknown>) =>
      network.spawn(name, function* () {
        try {
          yield* { [Symbol.iterator]: run };
        } catch (error) {
          errors.push(error);
        }
      });
    attempt('owner', function* (): Generator<never> {
      output.trySend(0);
      yield* (function* (): Generator<never> {})();
    });
    network.run();
    attempt('other', function* (): Generator<never> {
      output.trySend(1);
      yield* (function* (): Generator<never> {})();
    });
    network.run();
    expect(errors).toEqual([]); // The owner is over: an end is not lost with it.
    network.spawn('keeper', function* (self) {
      input.tryReceive();
      yield* self.delay(10);
    });
    attempt('thief', function* (): Generator<never> {
      input.tryReceive();
      yield* (function* (): Generator<never> {})();
    });
    network.run();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(MisuseError);
    carrier.trySend(output);
    expect(() => carrier.trySend(output)).toThrow(MovedError);
  });
});

describe('ends that one process owns', () => {
  test.each(['senders', 'receivers'] as const)(
    '%s: one; a second process is told so, until the first is over',
    (end) => {
      const network = new Network();
      const c = network.channel<number>('c', { buffer: 4, [end]: 'one' });
      const use = () => (end === 'senders' ? c.trySend(1) : c.tryReceive());
      const first = network.spawn('first', function* (self) {
        use();
        yield* self.delay(10);
        use();
      });
      let refused = 0;
      network.spawn('second', function* (self) {
        yield* self.delay(5);
        try {
          use();
        } catch (error) {
          if (error instanceof MisuseError && error.message.includes('first')) refused++;
        }
        yield* self.delay(10);
        use();
      });
      expect(network.run()).toEqual({ kind: 'terminated' });
      expect(refused).toBe(1);
      expect(first.status).toBe('done');
    },
  );

  test('any, the default: three senders and three receivers share one channel, nothing lost or doubled', () => {
    for (let seed = 0; seed < 50; seed++) {
      const network = new Network({ seed });
      const c = network.channel<number>('c');
      const got: number[] = [];
      for (let i = 0; i < 3; i++) {
        network.spawn(`s${i}`, function* () {
          for (let k = 0; k < 10; k++) yield* c.send(10 * i + k);
        });
        network.spawn(`r${i}`, function* () {
          for (let k = 0; k < 10; k++) got.push(yield* c.receive());
        });
      }
      expect(network.run()).toEqual({ kind: 'terminated' });
      expect(got.sort((x, y) => x - y)).toEqual(Array.from({ length: 30 }, (_, i) => i));
    }
  });
});
