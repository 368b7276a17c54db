/** The quick start's and the user guide's programs: a first process, and communication between processes. What differs is in docs/guide-programs.md. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Channel, CSPEngine, TimeoutError } from '@enhanced-csp/engine/runtime';
import { CSPEngine as HostEngine } from 'enhanced-csp';
import { describe, expect, test } from 'vitest';

describe('First CSP Process', () => {
  test.each([
    ['in virtual time', () => new CSPEngine()],
    ['in real time', () => new HostEngine()],
  ])('%s', async (_, create) => {
    const said: string[] = [];
    const engine = create();
    await engine.start();
    const helloProcess = engine.process('hello_process', async () => {
      said.push('Hello from CSP Process!');
      return 'Hello World';
    });
    said.push(`Process result: ${await engine.run(helloProcess)}`);
    await engine.stop();
    expect(said).toEqual(['Hello from CSP Process!', 'Process result: Hello World']);
  });
});

describe('Process Communication', () => {
  const greeting = { type: 'greeting', content: 'Hello from Process A', timestamp: '2026-01-01T00:00:00.000Z' };
  type Greeting = typeof greeting;
  const open = () => {
    // The context tells which process awaits, so that time passes when all of them wait.
    const engine = new CSPEngine({ context: new AsyncLocalStorage() });
    // Synchronous, with a buffer size: the bound on senders that wait.
    const channel = engine.createChannel<Greeting>({
      name: 'inter_process_channel',
      type: 'synchronous',
      bufferSize: 1000,
    });
    return { engine, channel };
  };

  test('send in one process, a blocking receive with a timeout in another', async () => {
    const { engine, channel } = open();
    engine.process('A', async () => channel.send(greeting));
    const receiver = engine.process('B', async () => channel.receive({ timeout: 30_000 }));
    expect(await engine.run(receiver)).toEqual(greeting);
    await engine.stop();
  });

  test('nobody sends: the receive ends after its thirty seconds', async () => {
    const { engine, channel } = open();
    const receiver = engine.process('B', async (self) => {
      await channel.receive({ timeout: 30_000 }).then(
        () => expect.unreachable(),
        (error) => expect(error).toBeInstanceOf(TimeoutError),
      );
      return self.now();
    });
    expect(await engine.run(receiver)).toBe(30_000);
    await engine.stop();
  });

  test('the non-blocking receive has what is there, or nothing', async () => {
    const { engine, channel } = open();
    expect(channel.tryReceive()).toBeUndefined();
    const sender = engine.process('A', async () => channel.send(greeting));
    const receiver = engine.process('B', async (self) => {
      let received = channel.tryReceive();
      for (; received === undefined; received = channel.tryReceive()) await self.pause();
      return received;
    });
    expect(await engine.run(receiver)).toEqual(greeting);
    await engine.run(sender);
    await engine.stop();
  });

  test('one sender more than the buffer size is told to wait outside', async () => {
    const engine = new CSPEngine({ open: true });
    const channel: Channel<number> = engine.createChannel({ name: 'c', type: 'synchronous', bufferSize: 2 });
    await engine.start();
    void channel.send(1).then(
      () => {},
      () => {},
    );
    void channel.send(2).then(
      () => {},
      () => {},
    );
    await expect((async () => channel.send(3))()).rejects.toThrow('admits 2 waiting senders');
    await engine.stop();
  });
});
