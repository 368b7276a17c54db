/** What channels promise, decision by decision. Expected values are read off the rules in `channel.ts`, or off a queue kept beside. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dropping, sliding } from './channel.ts';
import { ClosedError, CrowdedError, MisuseError, PoisonedError, TimeoutError, WithdrawnError } from './errors.ts';
import { Network } from './network.ts';

/** Runs and says what went wrong, if anything did. */
function finish(network: Network): void {
  const outcome = network.run();
  if (outcome.kind !== 'terminated') throw new Error(JSON.stringify(outcome), { cause: outcome });
}

describe('rendezvous', () => {
  test('the sender waits until the value is received', () => {
    const network = new Network();
    const channel = network.channel<string>('c');
    const seen: string[] = [];
    network.spawn('sender', function* () {
      yield* channel.send('hello');
      seen.push('sent');
    });
    network.spawn('receiver', function* (self) {
      yield* self.delay(10);
      seen.push('listening');
      seen.push(yield* channel.receive());
    });
    finish(network);
    expect(seen).toEqual(['listening', 'hello', 'sent']);
  });

  test('undefined and null are values', () => {
    const network = new Network();
    const channel = network.channel<undefined | null>('c');
    const got: unknown[] = [];
    network.spawn('sender', function* () {
      yield* channel.send(undefined);
      yield* channel.send(null);
    });
    network.spawn('receiver', function* () {
      got.push(yield* channel.receive(), yield* channel.receive());
    });
    finish(network);
    expect(got).toEqual([undefined, null]);
  });

  test('waiting senders and receivers are served in order of arrival', () => {
    const network = new Network();
    const channel = network.channel<number>('c');
    const got: string[] = [];
    for (let i = 0; i < 5; i++)
      network.spawn(`s${i}`, function* () {
        yield* channel.send(i);
      });
    for (let i = 0; i < 5; i++)
      network.spawn(`r${i}`, function* () {
        got.push(`r${i}=${yield* channel.receive()}`);
      });
    finish(network);
    expect(got).toEqual(['r0=0', 'r1=1', 'r2=2', 'r3=3', 'r4=4']);
  });
});

describe('buffers', () => {
  test('a sender runs ahead by the size of the buffer and no further', () => {
    const network = new Network();
    const channel = network.channel<number>('c', { buffer: 3 });
    let sent = 0;
    network.spawn('sender', function* () {
      for (; sent < 10; sent++) yield* channel.send(sent);
    });
    expect(network.run().kind).toBe('deadlock');
    expect(sent).toBe(3);
    expect(channel.buffered).toBe(3);
    expect([channel.tryReceive(), channel.tryReceive()]).toEqual([0, 1]);
    network.run();
    expect(sent).toBe(5);
  });

  test('dropping loses the newest, sliding the oldest; neither ever waits', () => {
    const network = new Network();
    const first = network.channel<number>('first', { buffer: dropping(3) });
    const last = network.channel<number>('last', { buffer: sliding(3) });
    network.spawn('sender', function* () {
      for (let i = 0; i < 10; i++) {
        yield* first.send(i);
        yield* last.send(i);
      }
    });
    finish(network);
    const drain = (channel: { tryReceive(): number | undefined }) => [0, 0, 0, 0].map(() => channel.tryReceive());
    expect(drain(first)).toEqual([0, 1, 2, undefined]);
    expect(drain(last)).toEqual([7, 8, 9, undefined]);
  });

  test('there is no buffer for nothing, and none without a bound', () => {
    const network = new Network();
    for (const size of [0, -1, 1.5, Number.POSITIVE_INFINITY, Number.NaN])
      expect(() => network.channel('c', { buffer: size })).toThrow(RangeError);
  });

  test('any sequence of trySend and tryReceive behaves as a queue kept beside', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('wait', 'drop newest', 'drop oldest' as const),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.option(fc.integer(), { nil: undefined }), { maxLength: 200 }),
        (whenFull, size, actions) => {
          const channel = new Network().channel<number>('c', { buffer: { size, whenFull: whenFull as 'wait' } });
          const queue: number[] = [];
          for (const value of actions) {
            if (value === undefined) expect(channel.tryReceive()).toBe(queue.shift());
            else {
              const full = queue.length === size;
              expect(channel.trySend(value)).toBe(!(full && whenFull === 'wait'));
              if (full && whenFull === 'drop oldest') queue.shift();
              if (!full || whenFull === 'drop oldest') queue.push(value);
            }
            expect(channel.buffered).toBe(queue.length);
          }
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe('no message is lost, doubled or reordered', () => {
  test.each([0, 1, 4])('any number of senders and receivers, buffer %i, 50 schedules', (buffer) => {
    for (let seed = 0; seed < 50; seed++) {
      const network = new Network({ seed });
      const channel = network.channel<string>('c', buffer === 0 ? {} : { buffer });
      const senders = 1 + (seed % 4);
      const got: string[][] = Array.from({ length: 1 + (seed % 3) }, () => []);
      for (let s = 0; s < senders; s++)
        network.spawn(`s${s}`, function* (self) {
          for (let i = 0; i < 20; i++) {
            yield* channel.send(`${s}:${i}`);
            if ((i * 7 + seed) % 5 === 0) yield* self.delay(i % 3);
          }
        });
      for (const [r, values] of got.entries())
        network.spawn(
          `r${r}`,
          function* () {
            for (;;) values.push(yield* channel.receive());
          },
          { service: true },
        );
      finish(network);
      network.run(); // The services take what is still in the buffer.
      const sent = Array.from({ length: senders }, (_, s) => Array.from({ length: 20 }, (_, i) => `${s}:${i}`));
      expect(got.flat().sort()).toEqual(sent.flat().sort());
      for (const values of got)
        for (let s = 0; s < senders; s++) {
          const own = values.filter((value) => value.startsWith(`${s}:`)).map((value) => Number(value.split(':')[1]));
          expect(own).toEqual([...own].sort((a, b) => a - b));
        }
    }
  });
});

describe('close and poison', () => {
  test('close: what was sent or offered before is received, then ClosedError', () => {
    const network = new Network();
    const channel = network.channel<number>('c', { buffer: 2 });
    const got: unknown[] = [];
    for (let i = 0; i < 4; i++)
      network.spawn(`s${i}`, function* () {
        yield* channel.send(i);
        got.push(`sent ${i}`);
      });
    network.spawn('closer', function* () {
      channel.close();
      channel.close();
      try {
        yield* channel.send(9);
      } catch (error) {
        got.push(error instanceof ClosedError && error.message);
      }
    });
    network.spawn('receiver', function* (self) {
      yield* self.delay(1);
      for (;;) got.push(yield* channel.receive());
    });
    finish(network);
    expect(got).toContain('channel c is closed: nothing can be sent any more');
    expect(got.filter((value) => typeof value === 'number')).toEqual([0, 1, 2, 3]);
    expect(got.filter((value) => String(value).startsWith('sent'))).toHaveLength(4);
    expect(() => channel.tryReceive()).toThrow(ClosedError);
  });

  test('a waiting receiver learns that the channel is closed; uncaught, that is an ordinary end', () => {
    const network = new Network();
    const channel = network.channel<number>('c');
    const reader = network.spawn('reader', function* () {
      for (;;) yield* channel.receive();
    });
    network.spawn('closer', function* (self) {
      yield* self.delay(5);
      channel.close();
    });
    finish(network);
    expect(reader.status).toBe('done');
  });

  test('to send on a closed channel is a failure of the sender', () => {
    const network = new Network();
    const channel = network.channel<number>('c');
    channel.close();
    network.spawn('sender', function* () {
      yield* channel.send(1);
    });
    expect(network.run()).toMatchObject({ kind: 'failed', error: { process: 'sender' } });
  });

  test('poison: every waiting and every later offer, in both directions, with the reason', () => {
    for (const side of ['send', 'receive'] as const) {
      const network = new Network();
      const channel = network.channel<number>('c');
      const reason = new Error('the disk is on fire');
      const errors: unknown[] = [];
      const offer = function* () {
        try {
          if (side === 'send') yield* channel.send(1);
          else yield* channel.receive();
        } catch (error) {
          errors.push(error);
        }
      };
      network.spawn('a', offer);
      network.spawn('b', offer);
      network.spawn('poisoner', function* (self) {
        yield* self.pause();
        channel.poison(reason);
      });
      network.spawn('late', function* (self) {
        yield* self.delay(1);
        yield* offer();
      });
      finish(network);
      expect(errors).toHaveLength(3);
      for (const error of errors) {
        expect(error).toBeInstanceOf(PoisonedError);
        expect((error as Error).cause).toBe(reason);
      }
    }
  });

  test('poison is passed on through the declared channels of whoever dies of it', () => {
    const network = new Network();
    const a = network.channel<number>('a');
    const b = network.channel<number>('b');
    const c = network.channel<number>('c');
    const stage = (from: typeof a, to: typeof a) => ({ receives: [from], sends: [to] });
    network.spawn(
      'one',
      function* () {
        for (;;) yield* b.send(yield* a.receive());
      },
      stage(a, b),
    );
    network.spawn(
      'two',
      function* () {
        for (;;) yield* c.send(yield* b.receive());
      },
      stage(b, c),
    );
    const end = network.spawn('end', function* () {
      return yield* c.receive();
    });
    network.spawn('poisoner', function* (self) {
      yield* self.delay(1);
      a.poison('over');
    });
    finish(network);
    expect([b.status, c.status, end.status]).toEqual(['poisoned', 'poisoned', 'poisoned']);
  });
});

describe('timeouts and cancellation: it happened, or it did not', () => {
  test('a timeout withdraws the offer', () => {
    const network = new Network();
    const channel = network.channel<number>('c');
    const seen: unknown[] = [];
    network.spawn('sender', function* (self) {
      try {
        yield* channel.send(1, { timeout: 10 });
      } catch (error) {
        seen.push(error instanceof TimeoutError, self.now());
      }
    });
    network.spawn('late', function* (self) {
      yield* self.delay(20);
      seen.push(channel.tryReceive());
    });
    finish(network);
    expect(seen).toEqual([true, 10, undefined]);
  });

  test('a value at the very instant of the timeout wins, whoever set its timer first', () => {
    for (const order of [0, 1]) {
      const network = new Network();
      const channel = network.channel<string>('c');
      let got: unknown;
      const receiver = () =>
        network.spawn('receiver', function* () {
          got = yield* channel.receive({ timeout: 10 });
        });
      if (order === 0) receiver();
      network.spawn('sender', function* (self) {
        yield* self.delay(4);
        yield* self.delay(6);
        yield* channel.send('just in time');
      });
      if (order === 1) receiver();
      finish(network);
      expect(got).toBe('just in time');
    }
  });

  test('a signal withdraws; after the offer was taken it does nothing', () => {
    const network = new Network();
    const channel = network.channel<number>('c');
    const early = new AbortController();
    const late = new AbortController();
    const already = AbortSignal.abort('before');
    const seen: unknown[] = [];
    network.spawn('withdrawn', function* () {
      try {
        yield* channel.send(1, { signal: early.signal });
      } catch (error) {
        seen.push(error instanceof WithdrawnError && error.cause);
      }
      try {
        yield* channel.send(2, { signal: already });
      } catch (error) {
        seen.push(error instanceof WithdrawnError && error.cause);
      }
      yield* channel.send(3, { signal: late.signal });
      seen.push('sent 3');
    });
    network.spawn('other', function* (self) {
      yield* self.pause();
      early.abort('changed my mind');
      yield* self.pause();
      seen.push(yield* channel.receive());
      late.abort('too late');
    });
    finish(network);
    expect(seen).toEqual(['changed my mind', 'before', 3, 'sent 3']);
  });

  test('as many senders wait as the channel admits', () => {
    const network = new Network();
    const channel = network.channel<number>('c', { waitingMax: 2 });
    const refused: unknown[] = [];
    for (let i = 0; i < 3; i++)
      network.spawn(`s${i}`, function* () {
        try {
          yield* channel.send(i);
        } catch (error) {
          refused.push(i, error instanceof CrowdedError);
        }
      });
    expect(network.run().kind).toBe('deadlock');
    expect(refused).toEqual([2, true]);
  });

  test('a commit that throws delivers nothing: the sender has the error, the receiver the next value', () => {
    for (const receiverFirst of [true, false]) {
      const network = new Network();
      const channel = network.channel<number>('c');
      const seen: unknown[] = [];
      const receive = () =>
        network.spawn('receiver', function* () {
          seen.push(yield* channel.receive());
        });
      if (receiverFirst) receive();
      network.spawn('bad', function* () {
        const commit = () => {
          throw new Error('not now');
        };
        try {
          yield* channel.send(1, { commit });
        } catch (error) {
          seen.push((error as Error).message);
        }
      });
      network.spawn('good', function* () {
        yield* channel.send(2);
      });
      if (!receiverFirst) receive();
      finish(network);
      expect(seen.sort()).toEqual([2, 'not now']);
    }
  });
});

describe('operation objects', () => {
  test('one performed twice throws, and says what to do', () => {
    const network = new Network();
    const channel = network.channel<number>('c', { buffer: 5 });
    network.spawn('p', function* () {
      const send = channel.send(1);
      yield* send;
      yield* send;
    });
    const outcome = network.run();
    expect(outcome.kind === 'failed' && outcome.error.cause).toBeInstanceOf(MisuseError);
    expect(outcome.kind === 'failed' && outcome.error.message).toContain('ask the channel for a new one');
  });

  test('two made at once are two, and may be performed in any order', () => {
    const network = new Network();
    const a = network.channel<string>('a', { buffer: 1 });
    const b = network.channel<string>('b', { buffer: 1 });
    let got: unknown;
    network.spawn('p', function* () {
      yield* a.send('from a');
      yield* b.send('from b');
      const first = a.receive();
      const second = b.receive();
      got = [yield* second, yield* first];
    });
    finish(network);
    expect(got).toEqual(['from b', 'from a']);
  });

  test('one made by a process cannot be performed by another', () => {
    const network = new Network();
    const channel = network.channel<number>('c', { buffer: 1 });
    let stolen: { [Symbol.iterator](): Iterator<never, void, unknown> } | undefined;
    network.spawn('maker', function* (self) {
      stolen = channel.send(1) as never;
      yield* self.pause();
    });
    network.spawn('thief', function* () {
      yield* stolen!;
    });
    const outcome = network.run();
    expect(outcome.kind === 'failed' && outcome.error.message).toContain(
      'made by process maker and performed by thief',
    );
  });

  test('yield in place of yield* is said, not endured', () => {
    const network = new Network();
    const channel = network.channel<number>('c');
    network.spawn('p', function* () {
      yield channel.receive() as never;
    });
    const outcome = network.run();
    expect(outcome.kind === 'failed' && outcome.error.message).toContain('yield*');
  });

  test('a loop of tryReceive that never pauses is stopped', () => {
    const network = new Network();
    const channel = network.channel<number>('c');
    // biome-ignore lint/correctness/useYield: that it never yields is the point.
    network.spawn('spinner', function* () {
      while (channel.tryReceive() === undefined);
    });
    const outcome = network.run();
    expect(outcome.kind === 'failed' && outcome.error.message).toContain('a million times');
  });
});
