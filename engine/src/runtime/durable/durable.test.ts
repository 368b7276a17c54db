/** Durable processes in virtual time: whatever the moment of the crash, nothing that was answered is lost, and nothing is done twice. */
import { describe, expect, test } from 'vitest';
import { Alphabet, type Process as Term, Terms } from '../../csp/index.ts';
import { timeout } from '../choice.ts';
import { CSPEngine } from '../engine.ts';
import { TimeoutError } from '../errors.ts';
import type { Suspension } from '../operation.ts';
import { Seeded } from '../seeded.ts';
import { Supervisor } from '../supervision/index.ts';
import {
  type Batch,
  type DurableBody,
  DurableNetwork,
  type DurableProcess,
  type EffectError,
  FencedError,
  type Journal,
  MemoryJournal,
  NonDeterminismError,
  specified,
  VersionError,
} from './index.ts';

const CRASH = new Error('crash');

/** A journal that dies at its n-th batch: `before` it is kept, or `after`. */
function mortal(kept: { deaths: number[]; batches: number }) {
  return (_: Batch) => {
    if (kept.deaths.includes(++kept.batches)) throw CRASH;
  };
}

async function opened(journal: MemoryJournal, options: Partial<Parameters<typeof DurableNetwork.open>[2]> = {}) {
  const engine = new CSPEngine({ open: true });
  const durable = await DurableNetwork.open(engine, journal.open(), { name: 'test', ...options });
  await engine.start();
  return { engine, durable };
}

/** Lets everything happen that can. */
async function calm(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

type Body = DurableBody<unknown, never>;

/** A body as a generator and as an async function: the two tiers must be one. */
const TIERS = {
  generators: {
    adder: function* (self: DurableProcess, [input, output]: Channels) {
      for (let sum = 0; ; ) {
        sum += yield* self.receive(input);
        yield* self.send(output, sum);
      }
    },
    ledger: function* (self: DurableProcess, [, output]: Channels, paid: string[]) {
      for (;;) {
        const sum = yield* self.receive(output);
        yield* self.effect((key) => void paid.push(`${key}=${sum}`));
        yield* self.write(sum);
      }
    },
  },
  'async functions': {
    adder: async (self: DurableProcess, [input, output]: Channels) => {
      for (let sum = 0; ; ) {
        sum += await self.receive(input);
        await self.send(output, sum);
      }
    },
    ledger: async (self: DurableProcess, [, output]: Channels, paid: string[]) => {
      for (;;) {
        const sum = await self.receive(output);
        await self.effect((key) => void paid.push(`${key}=${sum}`));
        await self.write(sum);
      }
    },
  },
};
type Channels = readonly [ReturnType<typeof channelOf>, ReturnType<typeof channelOf>];
const channelOf = (durable: DurableNetwork, name: string, buffer?: number) =>
  durable.channel<number>(name, buffer === undefined ? {} : { buffer });

describe.each(Object.entries(TIERS))('%s', (_, { adder, ledger }) => {
  /** Sends 1 to 10 under crashes, each until it is answered. */
  async function play(deaths: number[], buffer?: number) {
    const paid: string[] = [];
    const kept = { deaths, batches: 0 };
    const journal = new MemoryJournal(mortal(kept));
    let incarnations = 0;
    const live = async () => {
      incarnations++;
      const { durable } = await opened(journal);
      const channels: Channels = [channelOf(durable, 'in', buffer), channelOf(durable, 'out')];
      durable.process('adder', ((self: DurableProcess) => adder(self, channels)) as Body);
      durable.process('ledger', ((self: DurableProcess) => ledger(self, channels, paid)) as Body);
      return { durable, input: channels[0] };
    };
    let alive = await live();
    for (let value = 1; value <= 10; value++)
      for (;;) {
        try {
          await alive.durable.send(alive.input, value, { key: `k${value}` });
          break;
        } catch (error) {
          expect(error).toBe(CRASH);
          alive = await live();
        }
      }
    await calm();
    // A crash after the last answer: whoever comes next finishes the work.
    for (let more = 0; journal.changes.length < 10 && more < 20; more++) {
      await live();
      await calm();
    }
    return { paid, changes: journal.changes, incarnations, batches: kept.batches, journal };
  }

  const sums = [1, 3, 6, 10, 15, 21, 28, 36, 45, 55];

  test.each([undefined, 3])('a crash at every batch, in turn; buffer %s', async (buffer) => {
    const { batches, changes } = await play([], buffer);
    expect(changes).toEqual(sums);
    expect(batches).toBeGreaterThan(10);
    for (let death = 1; death <= batches; death++) {
      const { paid, changes, incarnations } = await play([death], buffer);
      expect(changes, `crash at ${death}`).toEqual(sums); // In one transaction with its mark: once.
      expect(incarnations).toBe(2);
      // What goes on outside is done again when its result was not kept, with the same key, so that it is done once by that key.
      expect([...new Map(paid.map((line) => line.split('=') as [string, string])).values()].map(Number)).toEqual(sums);
      expect(paid.length).toBeLessThanOrEqual(11);
    }
  });

  test('crash upon crash', async () => {
    for (let seed = 0; seed < 30; seed++) {
      const random = new Seeded(seed);
      const deaths = Array.from({ length: 12 }, () => 1 + random.below(60));
      const { changes } = await play(deaths, seed % 3 === 0 ? undefined : 2);
      expect(changes, `seed ${seed}`).toEqual(sums);
    }
  });
});

test('positive control: a journal that answers before it keeps loses what was answered', async () => {
  const journal = new MemoryJournal();
  const { durable } = await opened(journal);
  const input = durable.channel<number>('in', { buffer: 9 });
  await durable.send(input, 1);
  journal.entries.pop(); // Answered, and gone.
  const { durable: next } = await opened(journal);
  expect(next.channel('in', { buffer: 9 }).buffered).toBe(0);
});

describe('operations', () => {
  test('choice, timeout, time, chance and delay are the same on replay, and a delay is not begun anew', async () => {
    const journal = new MemoryJournal();
    const seen: unknown[][] = [];
    let clock = 1000;
    const live = async () => {
      const run: unknown[] = [];
      seen.push(run);
      const { durable, engine } = await opened(journal, { now: () => clock });
      const [a, b, end] = ['a', 'b', 'end'].map((name) => durable.channel<number>(name)) as never as Channels[0][];
      durable.process('p', function* (self) {
        run.push(yield* self.choice({ a: self.receive(a!), b: self.receive(b!) }));
        run.push(yield* self.choice({ a: self.receive(a!), late: timeout(5) }));
        try {
          yield* self.receive(a!, { timeout: 5 });
        } catch (error) {
          run.push(error instanceof TimeoutError);
        }
        run.push(yield* self.random(), yield* self.now());
        run.push(yield* self.choice({ out: self.send(b!, 7), not: false, in: self.receive(a!) }));
        yield* self.delay(100);
        run.push('slept', engine.network.now());
        run.push(yield* self.receive(end!));
      });
      durable.process('q', function* (self) {
        run.push(['q', yield* self.receive(b!)]);
      });
      return { durable, a: a!, b: b!, end: end! };
    };
    const first = await live();
    // Only p is in a choice over a.
    await first.durable.send(first.a, 5);
    await calm();
    const [run] = seen;
    expect(run!.slice(0, 3)).toEqual([{ guard: 'a', value: 5 }, { guard: 'late', value: undefined }, true]);
    expect(run!.find((value) => Array.isArray(value))).toEqual(['q', 7]);
    expect(run).toContain('slept');

    clock = 1060; // Sixty of the hundred milliseconds have passed when the second incarnation begins.
    journal.entries.splice(journal.entries.findIndex((entry) => 'action' in entry && entry.action === 'sleep'));
    const second = await live();
    await calm();
    await second.durable.send(second.end, 1);
    await calm();
    const again = seen[1]!;
    expect(again.slice(0, 5)).toEqual(run!.slice(0, 5));
    expect(again[again.indexOf('slept') + 1]).toBe(40);
    expect(again.at(-1)).toBe(1);
  });

  test('an effect begins when what led to it is durable', async () => {
    const journal = new MemoryJournal();
    const { durable, engine } = await opened(journal);
    const input = durable.channel<number>('in', { buffer: 1 });
    void durable.send(input, 1);
    const kept = await engine.run(
      durable.process('p', function* (self) {
        yield* self.receive(input);
        return yield* self.effect(() => journal.entries.map(({ kind }) => kind));
      }),
    );
    expect(kept).toContain('taken');
  });

  test('an effect that fails fails the same on replay, and is not tried again', async () => {
    const journal = new MemoryJournal();
    let tried = 0;
    const live = async (gated = false) => {
      const { durable, engine } = await opened(journal);
      const gate = durable.channel('gate');
      return engine.run(
        durable.process('p', function* (self) {
          try {
            yield* self.effect(async () => {
              tried++;
              throw new Error('no funds');
            });
          } catch (error) {
            yield* self.write('after');
            if (gated) yield* self.receive(gate);
            return (error as EffectError).message;
          }
          return 'paid';
        }),
      );
    };
    void live(true);
    await calm();
    expect(journal.entries.at(-1)).toMatchObject({ action: 'write' });
    expect(await live()).toBe('effect 1 of process p failed: no funds');
    expect(await live()).toBe('effect 1 of process p failed: no funds'); // Ended: not even run again.
    expect(tried).toBe(1);
  });

  test('what cannot be written down is refused, with its place', async () => {
    const { durable, engine } = await opened(new MemoryJournal());
    const a = durable.channel<unknown>('a', { buffer: 5 });
    for (const [value, place] of [
      [{ x: [1, () => 2] }, '/x/1'],
      [Number.NaN, 'the root'],
      [new Date(0), 'the root'],
      ['\ud800', 'the root'],
    ] as const)
      await expect(durable.send(a, value)).rejects.toThrow(`at ${place}`);
    await expect(
      engine.run(durable.process('p', (self) => self.send(a, { x: undefined })[Symbol.iterator]())),
    ).rejects.toThrow('undefined at /x');
  });

  test('two operations of one process at a time are refused', async () => {
    const { durable, engine } = await opened(new MemoryJournal());
    const a = durable.channel<number>('a');
    const racing = durable.process('p', async (self) => {
      await Promise.all([self.receive(a), self.receive(a)]);
    });
    await expect(engine.run(racing)).rejects.toThrow('one at a time');
  });

  test('values are copies: what either side does to them afterwards is not in the journal', async () => {
    const journal = new MemoryJournal();
    const live = async () => {
      const { durable, engine } = await opened(journal);
      const a = durable.channel<{ n: number }>('a');
      const end = durable.channel('end');
      const seen: number[] = [];
      durable.process('p', function* (self) {
        const value = { n: 1 };
        for (let i = 0; i < 2; i++) {
          yield* self.send(a, value);
          value.n = 2;
        }
        yield* self.stop();
      });
      void engine.run(
        durable.process('q', function* (self) {
          for (let i = 0; i < 2; i++) {
            const { value } = yield* self.choice({ a: self.receive(a) });
            seen.push(value.n);
            value.n = 99;
          }
          const made = yield* self.effect(() => ({ n: 7 }));
          seen.push(made.n);
          made.n = 99;
          yield* self.receive(end);
        }),
      );
      await calm();
      return seen;
    };
    expect(await live()).toEqual([1, 2, 7]);
    expect(await live()).toEqual([1, 2, 7]);
  });
});

describe('replay divergence', () => {
  const ran = async (journal: MemoryJournal, body: DurableBody<unknown, unknown>, options = {}) => {
    const { durable, engine } = await opened(journal);
    const channels = { a: durable.channel<number>('a', { buffer: 9 }), b: durable.channel<number>('b', { buffer: 9 }) };
    return engine.run(durable.process('p', (self, state) => body(Object.assign(self, channels), state), options));
  };
  type Self = DurableProcess & { a: Channels[0]; b: Channels[0] };
  const first = function* (self: Self): Generator<Suspension, void, unknown> {
    yield* self.send(self.a, 1);
    yield* self.choice({ x: self.receive(self.a), y: self.receive(self.b) });
    yield* self.random();
    yield* self.effect(() => 'done');
    yield* self.choice({ late: timeout(1), y: self.receive(self.b) });
  };
  const journaled = async () => {
    const journal = new MemoryJournal();
    void ran(journal, function* (self) {
      yield* first(self as Self);
      yield* self.stop();
    });
    await calm();
    return journal;
  };

  test.each<[string, (self: Self) => unknown, number, string, string]>([
    [
      'another channel',
      function* (self) {
        yield* self.send(self.b, 1);
      },
      1,
      'sent 1 on a',
      'send 1 on b',
    ],
    [
      'another value',
      function* (self) {
        yield* self.send(self.a, 2);
      },
      1,
      'sent 1 on a',
      'send 2 on a',
    ],
    [
      'another direction',
      function* (self) {
        yield* self.receive(self.a);
      },
      1,
      'sent 1 on a',
      'receive on a',
    ],
    [
      'something alone',
      function* (self) {
        yield* self.now();
      },
      1,
      'sent 1 on a',
      'now',
    ],
    [
      'no choice',
      function* (self) {
        yield* self.send(self.a, 1);
        yield* self.receive(self.a);
      },
      2,
      'received on a by guard x of a choice',
      'receive on a',
    ],
    [
      'other guards',
      function* (self) {
        yield* self.send(self.a, 1);
        yield* self.choice({ x: self.receive(self.b), y: self.receive(self.a) });
      },
      2,
      'received on a by guard x of a choice',
      'choose between x, y',
    ],
  ])('%s', async (_, changed, offer, journalSays, codeAsks) => {
    const error = (await ran(await journaled(), changed as never).catch((e) => e.cause)) as NonDeterminismError;
    expect(error).toBeInstanceOf(NonDeterminismError);
    expect(error).toMatchObject({ process: 'p', offer });
    expect(error.journal).toContain(journalSays);
    expect(error.asked).toContain(codeAsks);
    expect(error.at?.file).toContain('durable.test.ts');
  });

  test('the same code does not diverge', async () => {
    expect(await ran(await journaled(), first as never)).toBeUndefined();
  });

  test('a version that is not accepted is refused; one that is decides by what began', async () => {
    await expect(ran(await journaled(), first as never, { version: '2' })).rejects.toThrow(VersionError);
    const both = function* (self: Self) {
      if (self.version === '1') yield* first(self);
      return self.version;
    };
    expect(await ran(await journaled(), both as never, { version: '2', accepts: ['1'] })).toBe('1');
    expect(await ran(new MemoryJournal(), both as never, { version: '2', accepts: ['1'] })).toBe('2');
  });
});

describe('checkpoints', () => {
  const counting = (upTo: number) =>
    function* (self: DurableProcess, input: Channels[0], from: { n: number } | undefined, replays: number[]) {
      replays.push(from?.n ?? 0);
      for (let n = from?.n ?? 0; n < upTo; ) {
        n += yield* self.receive(input);
        if (n % 10 === 0) yield* self.checkpoint({ n });
      }
    };

  test('replay begins behind the last one, and what is before it is not even read', async () => {
    const journal = new MemoryJournal();
    const replays: number[] = [];
    const live = async (values: number) => {
      const { durable } = await opened(journal);
      const input = channelOf(durable, 'in', 50);
      const body = counting(1000);
      durable.process<unknown, { n: number }>('p', (self, state) => body(self, input, state, replays), {
        service: true,
      });
      for (let i = 0; i < values; i++) await durable.send(input, 1);
      await calm();
      await durable.settled();
      return durable;
    };
    await live(25);
    await live(26);
    expect(replays).toEqual([0, 20]);
    const { head, read, length } = journal.open();
    expect(length - head.from).toBeLessThan(10); // 51 values were received: since the 50th.
    const kinds: string[] = [];
    for await (const { kind } of read(head.from)) kinds.push(kind);
    expect(kinds[0]).toBe('checkpoint');
    await live(0);
    expect(replays).toEqual([0, 20, 50]);
  });

  test('a value that waits in a buffer is not forgotten with the history around it', async () => {
    const journal = new MemoryJournal();
    const live = async (from: string, last: boolean) => {
      const { durable, engine } = await opened(journal);
      const waiting = channelOf(durable, 'waiting', 5);
      const input = channelOf(durable, 'in', 50);
      if (from === 'first') await durable.send(waiting, 42);
      durable.process<unknown, { n: number }>('p', (self, state) => counting(1000)(self, input, state, []));
      for (let i = 0; i < 30; i++) await durable.send(input, 1);
      await calm();
      if (!last) return undefined;
      return engine.run(durable.process('late', (self) => self.receive(waiting)[Symbol.iterator]()));
    };
    await live('first', false);
    await live('second', false);
    expect(await live('third', true)).toBe(42);
  });
});

describe('owners', () => {
  test('a newer owner fences the older: it is told, writes nothing, and its processes end', async () => {
    const journal = new MemoryJournal();
    let broken: unknown;
    const old = await opened(journal, { onBroken: (error) => (broken = error) });
    const input = channelOf(old.durable, 'in', 5);
    const end = channelOf(old.durable, 'never');
    const waiting = old.engine.run(old.durable.process('p', (self) => self.receive(end)[Symbol.iterator]()));
    await old.durable.send(input, 1);
    const next = await opened(journal);
    const length = journal.entries.length;
    await expect(old.durable.send(input, 2)).rejects.toThrow(FencedError);
    await expect(waiting).rejects.toThrow('newer owner');
    await expect(old.durable.send(input, 3)).rejects.toThrow(FencedError);
    expect(broken).toBeInstanceOf(FencedError);
    expect(journal.entries.length).toBe(length);
    expect(channelOf(next.durable, 'in', 5).buffered).toBe(1);
  });

  test('one that has nothing to write is told, once, by a journal that notices a newer owner', async () => {
    let notice: (error: FencedError) => void = () => {};
    const fenced = new Promise<FencedError>((resolve) => {
      notice = resolve;
    });
    const engine = new CSPEngine({ open: true });
    const broken: unknown[] = [];
    const journal = new MemoryJournal();
    const noticing = Object.assign(Object.create(journal.open()) as Journal, { fenced });
    const onBroken = (error: unknown): void => void broken.push(error);
    const durable = await DurableNetwork.open(engine, noticing, { name: 'test', onBroken });
    await engine.start();
    const input = channelOf(durable, 'in', 5);
    const waiting = engine.run(durable.process('p', (self) => self.receive(input)[Symbol.iterator]()));
    await durable.settled();
    const error = new FencedError('test', 1);
    notice(error);
    await expect(waiting).rejects.toThrow('newer owner');
    await expect(durable.send(input, 1)).rejects.toBe(error);
    expect(broken).toEqual([error]);
  });

  test('a key is sent once, whether its first sending is over, under way, or was in an earlier life', async () => {
    const journal = new MemoryJournal();
    const { durable } = await opened(journal);
    const input = channelOf(durable, 'in', 9);
    const answers = [1, 2].map(() => durable.send(input, 1, { key: 'a' }));
    expect(await Promise.all(answers)).toEqual(['sent', 'seen']);
    expect(await durable.send(input, 1, { key: 'a' })).toBe('seen');
    const next = await opened(journal);
    const again = channelOf(next.durable, 'in', 9);
    expect(await next.durable.send(again, 1, { key: 'a' })).toBe('seen');
    expect(again.buffered).toBe(1);
  });

  test('names without a body are told; a name runs once; misuse is refused', async () => {
    const journal = new MemoryJournal();
    const { durable } = await opened(journal);
    const input = channelOf(durable, 'in');
    const body: Body = (self) => self.receive(input)[Symbol.iterator]();
    durable.process('p', body);
    expect(() => durable.process('p', body)).toThrow('runs already');
    expect(() => durable.process('outside 1', body)).toThrow(RangeError);
    expect(() => durable.channel('in')).toThrow('already');
    await durable.settled();
    const next = await opened(journal);
    expect(next.durable.unclaimed).toEqual(['p']);
  });
});

describe('under a supervisor', () => {
  test('a child that is killed goes on from the journal, in the middle of its protocol: its partner notices nothing', async () => {
    const journal = new MemoryJournal();
    const { durable, engine } = await opened(journal);
    const ask = channelOf(durable, 'ask');
    const answer = channelOf(durable, 'answer');
    const starts: number[] = [];
    const supervisor = new Supervisor(
      engine.network,
      'root',
      [
        {
          id: 'server',
          options: { service: true },
          start: () =>
            durable.incarnation('server', function* (self) {
              starts.push(self.operations);
              for (let total = 0; ; ) {
                total += yield* self.receive(ask);
                yield* self.delay(2); // It is killed here, between question and answer.
                yield* self.send(answer, total);
              }
            }),
        },
      ],
      { intensity: 100 },
    );
    supervisor.start();
    const got: number[] = [];
    const client = durable.process('client', function* (self) {
      for (let i = 1; i <= 8; i++) {
        yield* self.send(ask, i);
        got.push(yield* self.receive(answer));
      }
    });
    engine.process(
      'killer',
      function* (self) {
        for (let i = 0; i < 12; i++) {
          yield* self.delay(1);
          const child = supervisor.children[0]!.process;
          if (child !== null) engine.network.kill(child);
        }
      },
      { service: true },
    );
    await engine.run(client);
    expect(got).toEqual([1, 3, 6, 10, 15, 21, 28, 36]);
    expect(starts.length).toBeGreaterThan(5);
  });
});

describe('processes of the specification', () => {
  test('their state is a number, checkpoints are their own, and the run is one of the process through every crash', async () => {
    const terms = new Terms(new Alphabet());
    const event = (name: string) => terms.alphabet.intern(name);
    const COUNT = (n: number): Term =>
      terms.call(`COUNT ${n}`, () =>
        terms.externalChoice([
          terms.prefix(event(`up.${n}`), COUNT((n + 1) % 5)),
          ...(n > 0 ? [terms.prefix(event(`down.${n}`), COUNT(n - 1))] : []),
          terms.prefix(event('reset'), COUNT(0)),
        ]),
      );
    const journal = new MemoryJournal();
    const events: string[] = [];
    let restarts = 0;
    for (let life = 0; life < 12; life++) {
      const { durable, engine } = await opened(journal);
      const wires = { up: durable.channel<unknown>('up'), down: durable.channel<unknown>('down') };
      const reset = durable.channel<unknown>('reset');
      const body = specified(terms, COUNT(0), { sends: wires, receives: { reset } });
      if (body.kind === 'refused') throw new Error(body.message);
      expect(body.stateCount).toBe(5);
      durable.process('counter', body.body, { service: true });
      const reader = durable.process(`reader ${life}`, function* (self) {
        for (let i = 0; i < 60; i++) {
          const { guard, value } = yield* self.choice({ up: self.receive(wires.up), down: self.receive(wires.down) });
          events.push(`${guard}.${value}`);
          if (i % 17 === 16) {
            yield* self.send(reset, undefined);
            events.push('reset');
          }
        }
      });
      await engine.run(reader);
      await durable.settled();
      restarts++;
    }
    let n = 0;
    for (const name of events) {
      if (name === 'reset') n = 0;
      else if (name === `up.${n}`) n = (n + 1) % 5;
      else {
        expect(name).toBe(`down.${n}`);
        n--;
      }
    }
    expect(restarts).toBe(12);
    expect(events.length).toBeGreaterThan(700);
    expect(journal.entries.some(({ kind }) => kind === 'checkpoint')).toBe(true);
  });
});
