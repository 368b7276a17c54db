/** Generators, async functions and the code outside on the same channels; the programs of the first pages. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import { AtomicProcess } from './atomic-process.ts';
import { type Channel, sliding } from './channel.ts';
import { choice, timeout } from './choice.ts';
import { DeadlockError } from './deadlock.ts';
import { CSPEngine } from './engine.ts';
import { ProcessError, TimeoutError } from './errors.ts';
import type { Process } from './process.ts';

const realClock = {
  now: () => Date.now(),
  after: (milliseconds: number, wake: () => void) => {
    const timer = setTimeout(wake, milliseconds);
    return () => clearTimeout(timer);
  },
};

test('hello world, in five lines', async () => {
  const engine = new CSPEngine();
  const hello = engine.process('hello', async () => 'Hello World');
  expect(await engine.run(hello)).toBe('Hello World');
  await engine.stop();
});

test('a process is created before it runs', async () => {
  const engine = new CSPEngine();
  const process = engine.createProcess({ name: 'test_process', type: 'atomic' });
  expect(process.name).toBe('test_process');
  expect(process.status).toBe('created');
  await engine.start();
  await engine.run(process);
  expect(process.status).toBe('done');
  await engine.stop();
});

describe('send, then receive, in one coroutine', () => {
  test('on a synchronous channel: a deadlock, said at once, with channel and line', async () => {
    const engine = new CSPEngine();
    await engine.start();
    const channel = engine.createChannel<{ id: number }>({ name: 'test_channel', type: 'synchronous' });
    const line = Number(/engine\.test\.ts:(\d+)/.exec(new Error().stack ?? '')?.[1]) + 1;
    const error = await (async () => await channel.send({ id: 123 }))().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(DeadlockError);
    const [main] = (error as DeadlockError).cycle;
    expect(main).toMatchObject({ process: 'main', waitsIn: 'send', ends: [{ channel: 'test_channel' }], at: { line } });
    expect((error as Error).message).toMatch(
      /^deadlock: main waits to send on test_channel \(.*engine\.test\.ts:\d+:\d+\), and no other process can receive; receive in another process, or give the channel a buffer$/,
    );
    // The offer is withdrawn: nothing of it is left.
    expect(channel.tryReceive()).toBeUndefined();
    await engine.stop();
  });

  test('in a process of the engine too', async () => {
    for (const body of [
      async (channel: Channel<number>) => void (await channel.send(1)),
      function* (channel: Channel<number>) {
        yield* channel.send(1);
      },
    ]) {
      const engine = new CSPEngine({ context: new AsyncLocalStorage() });
      const channel = engine.channel<number>('c');
      const process = engine.process<unknown>('both', () => body(channel) as Promise<void>);
      const error = await engine.run(process).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(DeadlockError);
      expect((error as DeadlockError).cycle.map((blocked) => blocked.process)).toEqual(['both']);
      await engine.stop();
    }
  });

  test('on a buffered channel it passes', async () => {
    const engine = new CSPEngine();
    await engine.start();
    const channel = engine.createChannel<{ content: string; id: number }>({
      name: 'c',
      type: 'buffered',
      bufferSize: 1,
    });
    const message = { content: 'test', id: 123 };
    await channel.send(message);
    expect(await channel.receive()).toBe(message);
    await engine.stop();
  });

  test('with somebody at the other end it passes', async () => {
    const engine = new CSPEngine();
    await engine.start();
    const there = engine.channel<number>('there');
    const back = engine.channel<number>('back');
    engine.process(
      'echo',
      function* () {
        for (;;) yield* back.send(2 * (yield* there.receive()));
      },
      { service: true },
    );
    await there.send(21);
    expect(await back.receive()).toBe(42);
    expect(await Promise.all([there.send(1), back.receive()])).toEqual([undefined, 2]);
    await engine.stop();
  });
});

describe('the tiers meet', () => {
  test('a class with async execute, a class with *execute, an async function, and the code outside', async () => {
    class Doubler extends AtomicProcess<void> {
      inputChannel: Channel<number> | undefined;
      outputChannel: Channel<number> | undefined;
      async execute() {
        const input = await this.inputChannel!.receive();
        await this.outputChannel!.send(input * 2);
      }
    }
    class Adder extends AtomicProcess<string> {
      readonly #from: Channel<number>;
      readonly #to: Channel<number>;
      constructor(from: Channel<number>, to: Channel<number>) {
        super('adder');
        this.#from = from;
        this.#to = to;
      }
      *execute() {
        yield* this.#to.send((yield* this.#from.receive()) + 1);
        return 'added';
      }
    }
    const engine = new CSPEngine();
    const [a, b, c] = [engine.channel<number>('a'), engine.channel<number>('b'), engine.channel<number>('c')];
    const doubler = new Doubler('doubler');
    doubler.inputChannel = a;
    doubler.outputChannel = b;
    engine.createProcess(doubler);
    const adder = engine.createProcess(new Adder(b, c));
    const reader = engine.process('reader', async () => await c.receive());
    await engine.start();
    await a.send(20);
    expect(await engine.run(reader)).toBe(41);
    expect(await engine.run(adder)).toBe('added');
    await engine.run();
    await engine.stop();
  });

  test('async processes choose, time out and lose nothing', async () => {
    const engine = new CSPEngine({ context: new AsyncLocalStorage() });
    const a = engine.channel<number>('a');
    const b = engine.channel<string>('b');
    const seen: unknown[] = [];
    engine.process('chooser', async (self) => {
      for (let i = 0; i < 3; i++) seen.push(await choice({ a: a.receive(), b: b.receive(), late: timeout(10) }));
      seen.push(self.now());
      await a.receive({ timeout: 5 }).then(
        () => {},
        (error) => seen.push(error instanceof TimeoutError),
      );
    });
    engine.process('sender', async (self) => {
      await b.send('x');
      await self.delay(3);
      await a.send(1);
    });
    await engine.run();
    expect(seen).toEqual([
      { guard: 'b', value: 'x' },
      { guard: 'a', value: 1 },
      { guard: 'late', value: undefined },
      13,
      true,
    ]);
    await engine.stop();
  });

  test('an async process that works outside is not in a deadlock, and virtual time waits for it', async () => {
    const engine = new CSPEngine({ context: new AsyncLocalStorage() });
    const a = engine.channel<string>('a');
    const order: string[] = [];
    engine.process('model', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      order.push('answered');
      await a.send('answer');
    });
    const reader = engine.process('reader', function* () {
      const chosen = yield* choice({ a: a.receive(), late: timeout(1) });
      order.push(chosen.guard);
    });
    await engine.run(reader);
    expect(order).toEqual(['answered', 'a']);
    await engine.stop();
  });

  test('async deadlock between two processes names both, with their lines', async () => {
    const engine = new CSPEngine({ context: new AsyncLocalStorage() });
    const a = engine.channel<number>('a');
    const b = engine.channel<number>('b');
    engine.process('P', async () => {
      await a.send(1);
      await b.receive();
    });
    engine.process('Q', async () => {
      await b.send(1);
      await a.receive();
    });
    const error = (await engine.run().catch((caught: unknown) => caught)) as DeadlockError;
    expect(error).toBeInstanceOf(DeadlockError);
    expect(error.cycle.map((blocked) => blocked.process)).toEqual(['P', 'Q']);
    for (const blocked of error.cycle) expect(blocked.at?.file).toMatch(/engine\.test\.ts$/);
    await engine.stop();
  });

  test('an open engine waits for the outside for ever', async () => {
    const engine = new CSPEngine({ open: true });
    await engine.start();
    const channel = engine.channel<number>('c');
    const received = (async () => await channel.receive())();
    await new Promise((resolve) => setTimeout(resolve, 10));
    await channel.send(7);
    expect(await received).toBe(7);
    await engine.stop();
  });
});

describe('failures', () => {
  test('a failing process fails run, and nothing is swallowed', async () => {
    const fail = (): never => {
      throw new Error('no ink');
    };
    for (const body of [
      async () => fail(),
      fail,
      function* (self: Process<never>) {
        yield* self.pause();
        return fail();
      },
    ]) {
      const engine = new CSPEngine();
      const printer = engine.process<never>('printer', body);
      const all = engine.run();
      await expect(engine.run(printer)).rejects.toThrow('process printer failed: no ink');
      await expect(all).rejects.toThrow(ProcessError);
      await engine.stop();
    }
  });

  test('a failure that nobody awaited comes out of stop', async () => {
    const engine = new CSPEngine();
    engine.process('printer', async () => {
      throw new Error('no ink');
    });
    await engine.start();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(engine.stop()).rejects.toThrow('no ink');
  });

  test('stop ends what waits, async or not', async () => {
    const engine = new CSPEngine();
    const channel = engine.channel<number>('c');
    const cleaned: string[] = [];
    const waits = engine.process('generator', function* () {
      try {
        yield* channel.receive();
      } finally {
        cleaned.push('generator');
      }
    });
    engine.process('async', async () => {
      try {
        await channel.receive();
      } finally {
        cleaned.push('async');
      }
    });
    await engine.start();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await engine.stop();
    expect(cleaned.sort()).toEqual(['async', 'generator']);
    expect(waits.status).toBe('cancelled');
  });
});

test('contradictory channel options are refused', () => {
  const engine = new CSPEngine();
  expect(() => engine.channel('c', { type: 'buffered' })).toThrow('no buffer is unbounded');
  expect(() => engine.channel('c', { type: 'synchronous', buffer: sliding(3) })).toThrow('has no buffer');
});

test('on a synchronous channel bufferSize bounds the waiting offers', async () => {
  const engine = new CSPEngine({ open: true });
  const channel = engine.channel<number>('c', { type: 'synchronous', bufferSize: 1 });
  const first = (async () => await channel.send(1))();
  await expect((async () => await channel.send(2))()).rejects.toThrow('admits 1 waiting senders');
  expect(await channel.receive()).toBe(1);
  await first;
});

test('with a real clock timers are real, and a busy network lets the host live', async () => {
  const engine = new CSPEngine({ clock: realClock, soon: setImmediate });
  let hostTurns = 0;
  const interval = setInterval(() => hostTurns++, 1);
  let over = false;
  engine.process('busy', function* (self) {
    while (!over) yield* self.pause();
  });
  const sleeper = engine.process('sleeper', function* (self) {
    const from = self.now();
    yield* self.delay(60);
    over = true;
    return self.now() - from;
  });
  expect(await engine.run(sleeper)).toBeGreaterThanOrEqual(59);
  clearInterval(interval);
  expect(hostTurns).toBeGreaterThan(3);
  await engine.stop();
});
