/** Extended rendezvous and filtered receiving, in every interleaving where there are several. Expected values are read off the rules. */
import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choice } from './choice.ts';
import { CSPEngine } from './engine.ts';
import { ClosedError, MisuseError, PoisonedError, RejectedError } from './errors.ts';
import { explore, type System } from './explore.ts';
import { Network } from './network.ts';

const all = <R>(system: System<R>) =>
  explore(system, { schedules: 'all' }).outcomes.map(({ kind, observed }) => ({ kind, observed }));

describe('extended rendezvous', () => {
  test.each(['a send', 'a guard of a choice'])('the sender, by %s, goes on only when the body is over', (how) => {
    expect(
      all((network) => {
        const c = network.channel<number>('c');
        const log: string[] = [];
        network.spawn('sender', function* () {
          if (how === 'a send') yield* c.send(7);
          else yield* choice({ out: c.send(7), other: network.channel<number>('other').receive() });
          log.push('sent');
        });
        network.spawn('receiver', function* (self) {
          const result = yield* c.receiveExtended(function* (value) {
            log.push(`begin ${value}`);
            yield* self.delay(10);
            log.push('end');
            return value * 2;
          });
          if (result !== 14) throw new Error('the result of the body');
        });
        return () => log;
      }),
    ).toEqual([{ kind: 'terminated', observed: ['begin 7', 'end', 'sent'] }]);
  });

  test('of two senders the second is not held, and comes after', () => {
    const outcomes = all((network) => {
      const c = network.channel<string>('c');
      const log: string[] = [];
      for (const name of ['a', 'b'])
        network.spawn(name, function* () {
          yield* c.send(name);
        });
      network.spawn('receiver', function* () {
        yield* c.receiveExtended(function* (first) {
          log.push(first, yield* c.receive());
        });
      });
      return () => log;
    });
    expect(outcomes.map((outcome) => outcome.observed!.join('')).sort()).toEqual(['ab', 'ba']);
    expect(outcomes.every((outcome) => outcome.kind === 'terminated')).toBe(true);
  });

  test.each([
    ['reject', RejectedError, 'open'],
    ['poison', PoisonedError, 'poisoned'],
  ] as const)('a body that fails: %s', (whenBodyFails, type, status) => {
    const outcomes = all((network) => {
      const c = network.channel<number>('c');
      const log: unknown[] = [];
      network.spawn('sender', function* () {
        try {
          yield* c.send(1);
        } catch (error) {
          log.push(error instanceof type, (error as Error).cause === broken);
        }
      });
      const broken = new Error('broken');
      network.spawn('receiver', function* () {
        try {
          yield* c.receiveExtended(
            () => {
              throw broken;
            },
            { whenBodyFails },
          );
        } catch (error) {
          if (error !== broken) throw error;
        }
      });
      return () => [...log, c.status];
    });
    expect(outcomes).toEqual([{ kind: 'terminated', observed: [true, true, status] }]);
  });

  test('a receiver cancelled in its body answers its sender', () => {
    const network = new Network();
    const c = network.channel<number>('c');
    let got: unknown;
    network.spawn('sender', function* () {
      try {
        yield* c.send(1);
      } catch (error) {
        got = error;
      }
    });
    const receiver = network.spawn('receiver', function* (self) {
      yield* c.receiveExtended(() => self.delay(1_000)[Symbol.iterator]());
    });
    network.spawn('reaper', function* (self) {
      yield* self.delay(5);
      network.cancel(receiver);
    });
    expect(network.run()).toEqual({ kind: 'terminated' });
    expect(got).toBeInstanceOf(RejectedError);
    expect(network.now()).toBe(5);
  });

  test('a sender cancelled while it is held is gone; the body goes on', () => {
    const network = new Network();
    const c = network.channel<number>('c');
    let result = 0;
    const sender = network.spawn('sender', function* () {
      yield* c.send(1);
      throw new Error('not reached');
    });
    network.spawn('receiver', function* (self) {
      result = yield* c.receiveExtended(function* (value) {
        network.cancel(sender);
        yield* self.delay(5);
        return value;
      });
    });
    expect(network.run()).toEqual({ kind: 'terminated' });
    expect([result, sender.status]).toEqual([1, 'cancelled']);
  });

  test('who is held in a deadlock is named', () => {
    const network = new Network();
    const c = network.channel<number>('c');
    const back = network.channel<number>('back');
    network.spawn('sender', function* () {
      yield* c.send(1);
      yield* back.send(2);
    });
    network.spawn('receiver', function* () {
      yield* c.receiveExtended(() => back.receive()[Symbol.iterator]());
    });
    const outcome = network.run();
    expect(outcome).toMatchObject({
      kind: 'deadlock',
      error: {
        blocked: [
          { process: 'sender', waitsIn: 'send', ends: [{ channel: 'c' }] },
          { process: 'receiver', waitsIn: 'receive', ends: [{ channel: 'back' }] },
        ],
      },
    });
  });

  test('in a buffered channel the body holds the place in the buffer', () => {
    const network = new Network();
    const c = network.channel<number>('c', { buffer: 1 });
    const log: string[] = [];
    network.spawn('sender', function* () {
      yield* c.send(1);
      log.push('sent 1');
      yield* c.send(2);
      log.push('sent 2');
    });
    network.spawn('receiver', function* (self) {
      yield* self.delay(1);
      yield* c.receiveExtended(function* () {
        yield* self.delay(10);
        log.push('end');
      });
      yield* c.receive();
    });
    expect(network.run()).toEqual({ kind: 'terminated' });
    expect(log).toEqual(['sent 1', 'end', 'sent 2']);
  });

  test('trySend does not wait, so it does not meet a body', () => {
    const network = new Network();
    const c = network.channel<number>('c');
    network.spawn('receiver', function* () {
      yield* c.receiveExtended(() => 0);
    });
    network.run();
    expect(c.trySend(1)).toBe(false);
  });

  test('async: the same, with await; the wrong kind of body is said', async () => {
    const engine = new CSPEngine({ context: new AsyncLocalStorage() });
    const c = engine.channel<number>('c');
    const log: string[] = [];
    engine.process('sender', async () => {
      await c.send(1);
      log.push('sent');
      try {
        await c.send(2);
      } catch (error) {
        log.push((error as Error).name);
      }
    });
    const receiver = engine.process('receiver', async (self) => {
      const doubled = await c.receiveExtended(async (value) => {
        await self.delay(5);
        log.push('end');
        return value * 2;
      });
      await self.delay(1);
      try {
        await c.receiveExtended(function* () {});
      } catch (error) {
        log.push((error as Error).name);
      }
      return doubled;
    });
    expect(await engine.run(receiver)).toBe(2);
    expect(log.slice(0, 2)).toEqual(['end', 'sent']);
    await engine.stop();
    expect(log.slice(2).sort()).toEqual([MisuseError.name, RejectedError.name]);
  });
});

describe('filter', () => {
  test('the oldest value it accepts; the others stay, in order, for others', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 }),
        (values, divisors) => {
          const channel = new Network().channel<number>('c', { buffer: 16 });
          const queue = [...values];
          for (const value of values) channel.trySend(value);
          for (const divisor of divisors) {
            const at = queue.findIndex((value) => value % divisor === 0);
            expect(channel.tryReceive({ filter: (value) => value % divisor === 0 })).toBe(
              at < 0 ? undefined : queue[at],
            );
            if (at >= 0) queue.splice(at, 1);
          }
          expect(queue.map(() => channel.tryReceive())).toEqual(queue);
        },
      ),
      { seed: 3 },
    );
  });

  test.each([undefined, 1, 3])('buffer %s: each reader gets what it accepts, in every interleaving', (buffer) => {
    const outcomes = all((network) => {
      const c = network.channel<number>('c', buffer === undefined ? {} : { buffer });
      const odd: number[] = [];
      const even: number[] = [];
      network.spawn('sender', function* () {
        for (const value of [1, 2, 4, 3]) yield* c.send(value);
      });
      network.spawn('odd', function* () {
        for (let i = 0; i < 2; i++) odd.push(yield* c.receive({ filter: (value) => value % 2 === 1 }));
      });
      network.spawn('even', function* () {
        for (let i = 0; i < 2; i++)
          even.push((yield* choice({ c: c.receive({ filter: (value) => value % 2 === 0 }) })).value);
      });
      return () => ({ odd, even });
    });
    expect(outcomes).toEqual([{ kind: 'terminated', observed: { odd: [1, 3], even: [2, 4] } }]);
  });

  test('nobody accepts: a deadlock, not a loss', () => {
    const network = new Network();
    const c = network.channel<number>('c');
    network.spawn('sender', function* () {
      yield* c.send(1);
    });
    network.spawn('reader', function* () {
      yield* c.receive({ filter: (value) => value > 1 });
    });
    expect(network.run()).toMatchObject({
      kind: 'deadlock',
      error: { blocked: [{ process: 'sender' }, { process: 'reader' }] },
    });
    expect(c.tryReceive()).toBe(1);
  });

  test('when the channel is closed and nothing that is left is accepted, ClosedError', () => {
    const network = new Network();
    const c = network.channel<number>('c', { buffer: 2 });
    let error: unknown;
    network.spawn('reader', function* () {
      try {
        yield* c.receive({ filter: (value) => value > 1 });
      } catch (thrown) {
        error = thrown;
      }
    });
    network.run();
    c.trySend(1);
    c.close();
    expect(network.run()).toEqual({ kind: 'terminated' });
    expect(error).toBeInstanceOf(ClosedError);
    expect(() => c.tryReceive({ filter: (value) => value > 1 })).toThrow(ClosedError);
    expect(c.tryReceive()).toBe(1);
  });

  test('a filter that throws fails its own receiver, and the value goes to the next', () => {
    const network = new Network();
    const c = network.channel<number>('c');
    let got = 0;
    let error: unknown;
    network.spawn('broken', function* () {
      try {
        yield* c.receive({
          filter: () => {
            throw new Error('broken filter');
          },
        });
      } catch (thrown) {
        error = thrown;
      }
    });
    network.spawn('reader', function* () {
      got = yield* c.receive();
    });
    network.spawn('sender', function* () {
      yield* c.send(5);
    });
    expect(network.run()).toEqual({ kind: 'terminated' });
    expect(got).toBe(5);
    expect(error).toMatchObject({ message: 'broken filter' });
  });
});
