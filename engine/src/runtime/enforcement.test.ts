/** Enforced channels: generators, async processes and compiled ones on the ends of one system, in each mode. */
import { describe, expect, test } from 'vitest';
import { Alphabet, type Process as Term, Terms } from '../csp/index.ts';
import { normalize, termLts } from '../lts/index.ts';
import { type ChannelOptions, dropping } from './channel.ts';
import { choice } from './choice.ts';
import { compileProcess } from './compiled/index.ts';
import { Enforcement, type UnlawfulEvent, UnlawfulEventError } from './enforcement.ts';
import { CSPEngine } from './engine.ts';
import { monitorOf } from './monitor.ts';
import { Network } from './network.ts';
import type { Mode } from './session.ts';

const terms = new Terms(new Alphabet());
const path = (...names: string[]): Term =>
  names.reduceRight((next: Term, name) => terms.prefix(terms.alphabet.intern(name), next), terms.skip);

/** in.1 and out.1 in turn, twice. */
const TURNS = path('in.1', 'out.1', 'in.2', 'out.2');

function system(mode?: Mode, options: ChannelOptions = {}) {
  const network = new Network();
  const trace: string[] = [];
  const unlawful: UnlawfulEvent[] = [];
  const monitor = monitorOf(normalize(termLts(terms, TURNS)));
  const enforcement = new Enforcement(monitor, {
    record: (event) => trace.push(terms.alphabet.nameOf(event)),
    onUnlawful: (event) => unlawful.push(event),
    ...(mode && { mode }),
  });
  const channel = (name: string) => network.channel<number>(name, { ...options, enforced: { by: enforcement } });
  return { network, trace, unlawful, enforcement, monitor, input: channel('in'), output: channel('out') };
}

/** Sends each value, and notes which were not delivered. */
const sending = (channel: ReturnType<typeof system>['input'], values: readonly number[], refused: string[] = []) =>
  function* () {
    for (const value of values)
      try {
        yield* channel.send(value);
      } catch (error) {
        if (!(error instanceof UnlawfulEventError)) throw error;
        refused.push(error.event);
      }
  };

describe('blocking', () => {
  test('what no trace goes on with is not delivered: the sender has the error, the receiver waits on', () => {
    const { network, trace, unlawful, input, output } = system();
    const refused: string[] = [];
    const heard: number[] = [];
    network.spawn('sender', function* () {
      yield* sending(input, [2, 1], refused)();
      yield* sending(output, [1], refused)();
    });
    network.spawn('receiver', function* () {
      heard.push(yield* input.receive());
      heard.push(yield* output.receive());
    });
    expect(network.run().kind).toBe('terminated');
    expect(refused).toEqual(['in.2']);
    expect(heard).toEqual([1, 1]);
    expect(trace).toEqual(['in.1', 'out.1']);
    expect(unlawful).toMatchObject([{ event: 'in.2', expected: ['in.1'], delivered: false }]);
    expect(unlawful[0]!.process?.name).toBe('sender');
  });

  test('whoever comes first: a waiting sender is judged when it is received', () => {
    const { network, trace, input } = system();
    const refused: string[] = [];
    const heard: number[] = [];
    network.spawn('early', sending(input, [3], refused));
    network.spawn('lawful', sending(input, [1], refused));
    network.spawn('receiver', function* (self) {
      yield* self.delay(5);
      heard.push(yield* input.receive());
    });
    network.run();
    expect(heard).toEqual([1]);
    expect(refused).toEqual(['in.3']);
    expect(trace).toEqual(['in.1']);
  });

  test('no way around it: trySend, choice, buffers and a commit of the sender', () => {
    const { network, trace, input, output, unlawful } = system('block', { buffer: 2 });
    const said: unknown[] = [];
    network.spawn('sender', function* () {
      try {
        input.trySend(2);
      } catch (error) {
        said.push((error as UnlawfulEventError).event);
      }
      said.push(input.trySend(1));
      try {
        yield* choice({ out: output.send(9) });
      } catch (error) {
        said.push((error as UnlawfulEventError).event);
      }
      yield* output.send(1, { commit: () => said.push('committed') });
      try {
        yield* input.send(7, { commit: () => said.push('never') });
      } catch (error) {
        said.push((error as UnlawfulEventError).event);
      }
    });
    network.run();
    expect(said).toEqual(['in.2', true, 'out.9', 'committed', 'in.7']);
    expect(trace).toEqual(['in.1', 'out.1']);
    expect(unlawful.map(({ event }) => event)).toEqual(['in.2', 'out.9', 'in.7']);
    expect(input.buffered + output.buffered).toBe(2);
  });

  test('async processes and compiled ones are held to it too', async () => {
    const engine = new CSPEngine();
    const monitor = monitorOf(normalize(termLts(terms, TURNS)));
    const enforcement = new Enforcement(monitor);
    const input = engine.channel<number>('in', { enforced: { by: enforcement } });
    const outcome: unknown[] = [];
    engine.process('sender', async () => {
      try {
        await input.send(2);
      } catch (error) {
        outcome.push((error as Error).name);
      }
      await input.send(1);
    });
    engine.process('receiver', async () => {
      outcome.push(await input.receive());
    });
    await engine.run();
    expect(outcome).toEqual(['UnlawfulEventError', 1]);

    const { network, trace, input: wire, output } = system();
    const copy = compileProcess(terms, path('in.1', 'out.1', 'in.2', 'out.3'), {
      receives: { in: wire as never },
      sends: { out: output as never },
    });
    if (copy.kind === 'refused') throw new Error(copy.message);
    const machine = network.spawn('copy', copy.process.body());
    machine.supervised = true;
    network.spawn('sender', sending(wire, [1, 2]));
    network.spawn('receiver', function* () {
      for (;;) yield* output.receive();
    });
    network.run();
    expect(machine.error).toBeInstanceOf(UnlawfulEventError);
    expect(trace).toEqual(['in.1', 'out.1', 'in.2']);
  });

  test('an event by a name of its own; a value that is none of the system', () => {
    const network = new Network();
    const enforcement = new Enforcement(monitorOf(normalize(termLts(terms, path('pay.buyer.seller.3')))));
    const pay = network.channel<{ readonly amount: number }>('payments', {
      enforced: { by: enforcement, event: ({ amount }: { readonly amount: number }) => `pay.buyer.seller.${amount}` },
    });
    const refused: string[] = [];
    network.spawn('buyer', function* () {
      for (const amount of [4, 3])
        try {
          yield* pay.send({ amount });
        } catch (error) {
          refused.push((error as Error).message);
        }
    });
    network.spawn('seller', function* () {
      yield* pay.receive();
    });
    expect(network.run().kind).toBe('terminated');
    expect(refused).toEqual(['pay.buyer.seller.4 was not delivered: pay.buyer.seller.4 is in no trace of this system']);
  });
});

describe('observing', () => {
  test('everything is delivered, what is unlawful is told, and the monitor stays where it was', () => {
    const { network, trace, unlawful, input, output } = system('observe');
    const heard: number[] = [];
    network.spawn('sender', function* () {
      for (const value of [2, 1]) yield* input.send(value);
      for (const value of [1, 5]) yield* output.send(value);
    });
    network.spawn('receiver', function* () {
      for (const channel of [input, input, output, output]) heard.push(yield* channel.receive());
    });
    expect(network.run().kind).toBe('terminated');
    expect(heard).toEqual([2, 1, 1, 5]);
    expect(trace).toEqual(['in.1', 'out.1']);
    expect(unlawful.map(({ event, delivered }) => [event, delivered])).toEqual([
      ['in.2', true],
      ['out.5', true],
    ]);
  });
});

describe('quarantine', () => {
  test('the first unlawful event of a process is the last it may send; others go on', () => {
    const { network, trace, unlawful, enforcement, input } = system('quarantine', { buffer: 4 });
    const refused: string[] = [];
    const rogue = network.spawn('rogue', sending(input, [2, 1], refused));
    network.spawn('honest', function* (self) {
      yield* self.delay(1);
      yield* input.send(1);
    });
    network.run();
    expect(refused).toEqual(['in.2', 'in.1']);
    expect(trace).toEqual(['in.1']);
    expect(unlawful.map(({ reason }) => reason)).toEqual([
      'in.2 is not possible now; expected in.1',
      'process rogue is in quarantine',
    ]);
    expect(enforcement.isQuarantined(rogue)).toBe(true);
  });
});

test('when nothing moves, what had to happen', () => {
  const { network, enforcement, input } = system();
  network.spawn('sender', sending(input, [1]));
  network.spawn('receiver', function* () {
    for (;;) yield* input.receive();
  });
  expect(enforcement.required).toEqual([['in.1']]);
  expect(network.run().kind).toBe('deadlock');
  expect(enforcement.required).toEqual([['out.1']]);
  for (const name of ['out.1', 'in.2', 'out.2']) enforcement.performByName(name);
  expect(enforcement.required).toEqual([]);
});

test('a lossy buffer is enforced as it is sent to', () => {
  const { network, trace, input } = system('block', { buffer: dropping(1) });
  const refused: string[] = [];
  network.spawn('sender', sending(input, [1, 1], refused));
  network.run();
  expect(trace).toEqual(['in.1']);
  expect(refused).toEqual(['in.1']);
});

describe('what is not delivered has not happened', () => {
  test('a record that throws: the monitor stays, and the value comes through when it is recorded', () => {
    const network = new Network();
    let full = true;
    const trace: string[] = [];
    const by = new Enforcement(monitorOf(normalize(termLts(terms, TURNS))), {
      record(event) {
        if (full) throw new Error('the disk is full');
        trace.push(terms.alphabet.nameOf(event));
      },
    });
    const input = network.channel<number>('in', { buffer: 2, enforced: { by } });
    expect(() => input.trySend(1)).toThrow('the disk is full');
    full = false;
    expect(input.trySend(1)).toBe(true);
    expect(trace).toEqual(['in.1']);
    expect(input.buffered).toBe(1);
  });

  test('a commit of the sender that throws: nothing is recorded, in whatever mode', () => {
    for (const mode of ['block', 'observe', 'quarantine'] as const) {
      const { network, trace, unlawful, input } = system(mode, { buffer: 2 });
      const commit = () => {
        throw new Error('not now');
      };
      const said: string[] = [];
      network.spawn('sender', function* () {
        try {
          yield* input.send(1, { commit });
        } catch (error) {
          said.push((error as Error).message);
        }
        yield* input.send(1);
      });
      network.run();
      expect([mode, said, trace, unlawful, input.buffered]).toEqual([mode, ['not now'], ['in.1'], [], 1]);
    }
  });

  test('a mobile end that has moved already', () => {
    const network = new Network();
    const trace: string[] = [];
    const by = new Enforcement(monitorOf(normalize(termLts(terms, TURNS))), {
      record: (event) => trace.push(terms.alphabet.nameOf(event)),
    });
    const event = () => (trace.length === 0 ? 'in.1' : 'out.1');
    const wire = network.channel<unknown>('ends', { buffer: 2, enforced: { by, event } });
    const { output } = network.mobile<number>('moved');
    expect(wire.trySend(output)).toBe(true);
    expect(() => wire.trySend(output)).toThrow('moved');
    expect(trace).toEqual(['in.1']);
  });

  test('values that are all one event are not all remembered', () => {
    const network = new Network();
    const loop = terms.call('GO', () => terms.prefix(terms.alphabet.intern('go'), loop));
    const by = new Enforcement(monitorOf(normalize(termLts(terms, loop))));
    const named: number[] = [];
    const event = (value: number): string => {
      named.push(value);
      return 'go';
    };
    const wire = network.channel<number>('numbers', { buffer: dropping(1), enforced: { by, event } });
    for (let value = 0; value < 10_000; value++) wire.trySend(value);
    named.length = 0;
    for (let value = 0; value < 10_000; value++) wire.trySend(value);
    expect(named.length).toBeGreaterThan(8000); // Most are not remembered.
  });
});
