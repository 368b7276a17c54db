/** Compiled processes that meet directly: the same runs as by ordinary offers, and nobody else notices. */
import { expect, test, vi } from 'vitest';
import { Alphabet, type Process as Term, Terms } from '../../csp/index.ts';
import { normalize, termLts } from '../../lts/index.ts';
import { Channel, type ChannelOptions } from '../channel.ts';
import { choice } from '../choice.ts';
import { Enforcement } from '../enforcement.ts';
import { explore } from '../explore.ts';
import { monitorOf } from '../monitor.ts';
import { Network } from '../network.ts';
import type { Process } from '../process.ts';
import { Seeded } from '../seeded.ts';
import { compileProcess, type Wiring } from './compiled-process.ts';

const terms = new Terms(new Alphabet());
const event = (name: string) => terms.alphabet.intern(name);
const path = (...path: [...string[], Term]): Term =>
  (path.slice(0, -1) as string[]).reduceRight<Term>(
    (next, name) => terms.prefix(event(name), next),
    path.at(-1) as Term,
  );
const define = (name: string, body: () => Term) => terms.call(name, body, { name });
const choose = (...branches: Term[]) => terms.externalChoice(branches);

function compiled(term: Term, wiring: Wiring) {
  const compilation = compileProcess(terms, term, wiring);
  if (compilation.kind === 'refused') throw new Error(compilation.message);
  return compilation.process;
}

/** Bounds how many wait, which is never reached: such a channel is not plain, and all offers there are ordinary. */
const ORDINARY: ChannelOptions = { waitingMax: 1000 };

/** A random system: who sends what where, several at each end, with choices, decisions, ends; every event is written down as it happens. */
function run(seed: number, options?: ChannelOptions) {
  const random = new Seeded(seed);
  const channels = ['a', 'b', 'c'];
  const process = (depth: number, own: string): Term => {
    if (depth === 0) return random.chance(0.3) ? terms.skip : path(own, terms.skip);
    const branch = () => {
      const channel = random.pick(channels);
      const next = process(depth - 1, own);
      if (random.chance(0.5)) return path(`${channel}out.${random.below(2)}`, next);
      const accepted = random.chance(0.8) ? ['0', '1'] : ['0'];
      return choose(...accepted.map((value) => path(`${channel}in.${value}`, next)));
    };
    if (random.chance(0.8)) return branch();
    return random.chance(0.6) ? choose(branch(), branch()) : terms.internalChoice([branch(), branch()]);
  };
  const network = new Network({ seed });
  const made = Object.fromEntries(channels.map((name) => [name, network.channel<unknown>(name, options)]));
  const wires = (way: string) => Object.fromEntries(channels.map((name) => [`${name}${way}`, made[name]!]));
  const log: string[] = [];
  for (let i = 0; i < 6; i++) {
    const wiring = { sends: wires('out'), receives: wires('in'), alone: [`own${i}`] };
    const term = process(8, `own${i}`);
    const onState = (state: number) => void log.push(`p${i} ${state}`);
    network.spawn(`p${i}`, compiled(term, wiring).body({ seed: seed + i, onState }));
  }
  for (const name of channels)
    if (random.chance(0.2))
      network.spawn('reader', function* () {
        for (let i = 0; i < 3; i++) log.push(`reader ${name} ${yield* made[name]!.receive()}`);
      });
  const outcome = network.run({ stepsMax: 10_000 });
  return { log, kind: outcome.kind, report: 'error' in outcome ? outcome.error.message : '' };
}

test('the runs are those by ordinary offers, step for step, reports included, over 60 random systems', () => {
  const met = vi.spyOn(Channel.prototype, 'met');
  let meetings = 0;
  const kinds = new Set<string>();
  for (let seed = 0; seed < 60; seed++) {
    const direct = run(seed);
    meetings += met.mock.calls.length;
    met.mockClear();
    expect(direct, `seed ${seed}`).toEqual(run(seed, ORDINARY));
    expect(met).not.toHaveBeenCalled();
    kinds.add(direct.kind);
  }
  met.mockRestore();
  expect(meetings).toBeGreaterThan(60);
  expect([...kinds].sort()).toEqual(['deadlock', 'failed']);
});

const SENDER: Term = define('SENDER', () => path('out.1', 'out.2', SENDER));
const READER: Term = define('READER', () => choose(path('in.1', READER), path('in.2', READER)));
const ONLY_ONE: Term = define('ONLY ONE', () => path('in.1', ONLY_ONE));

/** A compiled process that waits on `channel`, alone. */
function waiting(kind: 'sender' | 'reader', options: { service?: boolean } = { service: true }) {
  const network = new Network();
  const channel = network.channel<unknown>('c');
  const states: number[] = [];
  const body =
    kind === 'sender'
      ? compiled(SENDER, { sends: { out: channel } })
      : compiled(choose(READER, ONLY_ONE), { receives: { in: channel } });
  const process = network.spawn(kind, body.body({ onState: (state) => void states.push(state) }), options);
  network.run();
  return { network, channel, process: process as Process, states };
}

/** What others do at a channel where a compiled sender waits. */
const AT_A_SENDER: Readonly<Record<string, (channel: Channel<unknown>, network: Network) => unknown>> = {
  tryReceive: (channel) => [channel.tryReceive(), channel.tryReceive({ filter: (value) => value === 2 })],
  'a generator': (channel, network) => {
    const got: unknown[] = [];
    network.spawn('g', function* () {
      got.push(yield* channel.receive(), yield* channel.receive());
    });
    network.run();
    return got;
  },
  'a choice': (channel, network) => {
    const got: unknown[] = [];
    network.spawn('g', function* () {
      const other = network.channel<number>('other');
      const any = choice({ c: channel.receive(), other: other.receive() });
      for (let i = 0; i < 4; i++) got.push((yield* any).value);
    });
    network.run();
    return got;
  },
  'a count': (channel) => channel.waiting,
};

test.each<[string, unknown]>([
  ['tryReceive', [1, undefined]],
  ['a generator', [1, 2]],
  ['a choice', [1, 2, 1, 2]],
  ['a count', 1],
])('a sender that waits is there for others: %s', (what, expected) => {
  const { channel, network } = waiting('sender');
  expect(AT_A_SENDER[what]!(channel, network)).toEqual(expected);
});

test('a reader that waits is there for others, and takes what it accepts', () => {
  const { channel, network, states } = waiting('reader');
  expect([channel.trySend(1), channel.trySend(1)]).toEqual([true, false]); // It goes on when the network runs.
  network.run();
  network.spawn('g', function* () {
    yield* channel.send(2);
  });
  network.run();
  expect(states.length).toBe(2);
});

test('who waits is withdrawn when killed, answered when the channel ends, and told what interrupts it', () => {
  const killed = waiting('sender');
  killed.network.kill(killed.process);
  expect([killed.channel.tryReceive(), killed.channel.waiting]).toEqual([undefined, 0]);
  const cancelled = waiting('reader');
  cancelled.network.cancel(cancelled.process);
  expect([cancelled.process.status, cancelled.channel.trySend(1)]).toEqual(['cancelled', false]);

  const poisoned = waiting('sender');
  poisoned.channel.poison(new Error('no more'));
  poisoned.network.run();
  expect(poisoned.process.status).toBe('poisoned');
  const closed = waiting('reader');
  closed.channel.close();
  closed.network.run();
  expect(closed.process.status).toBe('done');
  // Graceful: what was offered before is still received.
  const offered = waiting('sender');
  offered.channel.close();
  expect(offered.channel.tryReceive()).toBe(1);

  const interrupted = waiting('sender');
  interrupted.process.supervised = true;
  expect(interrupted.network.interrupt(interrupted.process, new Error('stop it'))).toBe(true);
  interrupted.network.run();
  expect(String(interrupted.process.error)).toContain('stop it');
  expect(interrupted.channel.waiting).toBe(0);
});

test('a deadlock among them names who waits, for what, and for whom', () => {
  const network = new Network();
  const [a, b] = [network.channel<unknown>('a'), network.channel<unknown>('b')];
  const both = compiled(path('x', 'in', 'out', terms.skip), { alone: ['x'], receives: { in: a }, sends: { out: b } });
  network.spawn('left', both.body());
  network.spawn('right', both.on({ receives: { in: b }, sends: { out: a } }).body());
  const outcome = network.run();
  expect(outcome.kind === 'deadlock' && outcome.error.blocked.map(({ process, ends }) => [process, ends[0]])).toEqual([
    ['left', { channel: 'a', action: 'receive', partners: [] }],
    ['right', { channel: 'b', action: 'receive', partners: [] }],
  ]);
});

test('a value that the reader has no event for waits at the channel, and its sender with it', () => {
  const network = new Network();
  const channel = network.channel<unknown>('c');
  const reader = compiled(path('in.1', 'in.2', terms.skip), { receives: { in: channel } });
  const sender = compiled(path('out.2', 'out.1', terms.skip), { sends: { out: channel } });
  network.spawn('reader', reader.body());
  network.spawn('sender', sender.body());
  expect(network.run().kind).toBe('deadlock');
  // Another sender brings them on: nothing was lost.
  const other = compiled(path('out.1', terms.skip), { sends: { out: channel } });
  const late = network.spawn('other', other.body());
  network.run();
  expect([late.status, channel.waiting]).toEqual(['done', 1]);
  expect(channel.tryReceive()).toBe(1);
});

test('what the system does not allow is not delivered, whoever came first', () => {
  for (const first of ['sender', 'reader'] as const) {
    const network = new Network({ onFailure: () => 'continue' });
    const channel = network.channel<unknown>('c');
    const enforcement = new Enforcement(monitorOf(normalize(termLts(terms, path('out.1', terms.stop)))));
    const states: number[] = [];
    const start = {
      sender: () => network.spawn('sender', compiled(SENDER, { sends: { out: channel } }).body({ enforcement })),
      reader: () =>
        network.spawn(
          'reader',
          compiled(READER, { receives: { in: channel } }).body({ onState: (s) => void states.push(s) }),
          {
            service: true,
          },
        ),
    };
    const second = first === 'sender' ? 'reader' : 'sender';
    const processes = { [first]: start[first](), [second]: start[second]() };
    network.run();
    expect(String(processes.sender!.error)).toContain('out.2 was not delivered');
    expect([states.length, processes.reader!.status]).toEqual([1, 'running']);
  }
});

test('exploration sees every offer as a step of its own: nobody meets directly, and there are as many schedules', () => {
  const system = (options?: ChannelOptions) => (network: Network) => {
    const [from, to] = [network.channel<unknown>('from', options), network.channel<unknown>('to', options)];
    const copy = compiled(path('in', 'out', terms.skip), { receives: { in: from }, sends: { out: to } });
    network.spawn('copy', copy.body());
    network.spawn('source', compiled(path('out', terms.skip), { sends: { out: from } }).body());
    network.spawn('sink', compiled(path('in', terms.skip), { receives: { in: to } }).body());
    return undefined;
  };
  const met = vi.spyOn(Channel.prototype, 'met');
  const plain = explore(system(), { schedules: 'all' });
  expect(met).not.toHaveBeenCalled();
  met.mockRestore();
  expect(plain.schedules).toBeGreaterThan(10);
  expect(plain).toEqual(explore(system(ORDINARY), { schedules: 'all' }));
});
