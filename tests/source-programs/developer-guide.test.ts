/** The developer guide's programs. What differs is in docs/guide-programs.md. */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  AtomicProcess,
  type Channel,
  CSPEngine,
  DeadlockError,
  explore,
  type Process,
} from '@enhanced-csp/engine/runtime';
import { describe, expect, test } from 'vitest';

class CustomProcess extends AtomicProcess<unknown> {
  inputChannel: Channel<unknown> | null = null;
  outputChannel: Channel<unknown> | null = null;

  override async execute(context: Process<unknown>): Promise<unknown> {
    const inputData = await this.inputChannel!.receive();
    const result = await this.processData(inputData, context);
    await this.outputChannel!.send(result);
    return result;
  }

  /** To be overridden. */
  async processData(data: unknown, context: Process<unknown>): Promise<unknown> {
    return { processed: data, timestamp: context.now() };
  }
}

class Doubling extends CustomProcess {
  override async processData(data: unknown): Promise<unknown> {
    return 2 * (data as number);
  }
}

const engines = {
  'as in the guide': () => new CSPEngine(),
  'with an async context': () => new CSPEngine({ context: new AsyncLocalStorage() }),
};

describe.each(Object.entries(engines))('custom processes, %s', (_, create) => {
  test('receive, process, send; the result is the result of the process', async () => {
    const engine = create();
    const input = engine.createChannel<unknown>({ name: 'input' });
    const output = engine.createChannel<unknown>({ name: 'output' });
    const custom = new CustomProcess('custom');
    custom.inputChannel = input;
    custom.outputChannel = output;
    const process = engine.createProcess(custom);
    await engine.start();
    await input.send('data');
    expect(await output.receive()).toEqual({ processed: 'data', timestamp: 0 });
    expect(await engine.run(process)).toEqual({ processed: 'data', timestamp: 0 });
    await engine.stop();
  });

  test('a subclass overrides what is done with the data; two of them are a pipeline', async () => {
    const engine = create();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => engine.channel<unknown>(name)) as [
      Channel<unknown>,
      Channel<unknown>,
      Channel<unknown>,
    ];
    for (const [name, from, to] of [
      ['first', a, b],
      ['second', b, c],
    ] as const) {
      const doubling = new Doubling(name);
      doubling.inputChannel = from;
      doubling.outputChannel = to;
      engine.createProcess(doubling);
    }
    await engine.start();
    await a.send(5);
    expect(await c.receive()).toBe(20);
    await engine.stop();
  });
});

describe('creation of a process', () => {
  test('as in the guide', async () => {
    const engine = new CSPEngine();
    await engine.start();
    const process = await engine.createProcess({ name: 'test_process', type: 'atomic' });
    expect(process.name).toBe('test_process');
    expect(process.status).toBe('created');
    await engine.run(process);
    expect(process.status).toBe('done');
    await engine.stop();
  });

  test('with a body, a started engine starts it at once', async () => {
    const engine = new CSPEngine();
    await engine.start();
    const process = engine.createProcess({ name: 'test_process', body: () => 'result' });
    expect(process.status).toBe('running');
    expect(await engine.run(process)).toBe('result');
    await engine.stop();
  });
});

describe('communication on a channel', () => {
  const message = { content: 'test', id: 123 };

  test('as in the guide, on a synchronous channel: a deadlock, with channel and line', async () => {
    const engine = new CSPEngine();
    await engine.start();
    const channel = await engine.createChannel<typeof message>({ name: 'test_channel', type: 'synchronous' });
    const error = await (async () => channel.send(message))().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(DeadlockError);
    const [blocked] = (error as DeadlockError).blocked;
    expect(blocked).toMatchObject({ process: 'main', waitsIn: 'send', ends: [{ channel: 'test_channel' }] });
    expect(blocked!.at?.file).toContain('developer-guide.test.ts');
    await engine.stop();
  });

  test('on a buffered channel the same program passes', async () => {
    const engine = new CSPEngine();
    await engine.start();
    const channel = await engine.createChannel<typeof message>({
      name: 'test_channel',
      type: 'buffered',
      bufferSize: 1,
    });
    await channel.send(message);
    expect(await channel.receive()).toEqual(message);
    await engine.stop();
  });

  test('with the two sides in two processes it passes as it is', async () => {
    const engine = new CSPEngine();
    const channel = engine.createChannel<typeof message>({ name: 'test_channel', type: 'synchronous' });
    engine.process('sender', async () => channel.send(message));
    const receiver = engine.process('receiver', async () => channel.receive());
    expect(await engine.run(receiver)).toEqual(message);
    await engine.stop();
  });

  test('and in every interleaving', () => {
    const { outcomes, complete } = explore(
      (network) => {
        const channel = network.channel<typeof message>('test_channel');
        const received: unknown[] = [];
        network.spawn('sender', function* () {
          yield* channel.send(message);
        });
        network.spawn('receiver', function* () {
          received.push(yield* channel.receive());
        });
        return () => received;
      },
      { schedules: 'all' },
    );
    expect(complete).toBe(true);
    expect(outcomes.map(({ kind, observed }) => ({ kind, observed }))).toEqual([
      { kind: 'terminated', observed: [message] },
    ]);
  });
});
