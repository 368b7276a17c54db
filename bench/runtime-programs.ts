/**
 * One measurement of the runtime in a process of its own, for `bench/runtime.ts`: prints CPU nanoseconds per operation, and a result to compare.
 *
 *   node --expose-gc bench/runtime-programs.ts PROGRAM COUNT
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Alphabet, type Process as Term, Terms } from '../engine/src/csp/index.ts';
import { openProtocol } from '../engine/src/index.ts';
import { normalize, REFUSED, termLts } from '../engine/src/lts/index.ts';
import { compileProcess, RecordChain, type Wiring } from '../engine/src/runtime/compiled/index.ts';
import { type Channel, choice, Enforcement, monitorOf, Network, Seeded } from '../engine/src/runtime/index.ts';

export interface Measurement {
  readonly nanoseconds: number;
  readonly operations: number;
  readonly result: number;
}

type Program = (count: number) => { readonly operations: number; readonly result: number };

const SERVICE = { service: true };

const programs: Readonly<Record<string, Program>> = {
  'ping-pong'(count) {
    const network = new Network();
    const there = network.channel<number>('there');
    const back = network.channel<number>('back');
    let sum = 0;
    network.spawn('ping', function* () {
      for (let i = 0; i < count; i++) {
        yield* there.send(i);
        sum = (sum + (yield* back.receive())) | 0;
      }
    });
    network.spawn('pong', function* () {
      for (let i = 0; i < count; i++) yield* back.send((yield* there.receive()) + 1);
    });
    finish(network);
    return { operations: 2 * count, result: sum };
  },

  pipeline(count) {
    const network = new Network();
    const pipe = network.channel<number>('pipe', { buffer: 64 });
    let sum = 0;
    network.spawn('source', function* () {
      for (let i = 0; i < count; i++) yield* pipe.send(i);
    });
    network.spawn('sink', function* () {
      for (let i = 0; i < count; i++) sum = (sum + (yield* pipe.receive())) | 0;
    });
    finish(network);
    return { operations: count, result: sum };
  },

  commstime(count) {
    const network = new Network();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => network.channel<number>(name)) as [
      Channel<number>,
      Channel<number>,
      Channel<number>,
      Channel<number>,
    ];
    let sum = 0;
    network.spawn(
      'prefix',
      function* () {
        yield* a.send(0);
        for (;;) yield* a.send(yield* c.receive());
      },
      SERVICE,
    );
    network.spawn(
      'delta',
      function* () {
        for (;;) {
          const value = yield* a.receive();
          yield* b.send(value);
          yield* d.send(value);
        }
      },
      SERVICE,
    );
    network.spawn(
      'successor',
      function* () {
        for (;;) yield* c.send((yield* b.receive()) + 1);
      },
      SERVICE,
    );
    const consumer = network.spawn('consumer', function* () {
      for (let i = 0; i < count; i++) sum = (sum + (yield* d.receive())) | 0;
    });
    finishWhen(network, consumer);
    return { operations: 4 * count, result: sum };
  },

  ring(count) {
    const size = 1000;
    const rounds = Math.floor(count / size);
    const network = new Network();
    const channels = Array.from({ length: size }, (_, i) => network.channel<number>(`c${i}`));
    let token = 0;
    for (let i = 1; i < size; i++) {
      const from = channels[i - 1]!;
      const to = channels[i]!;
      network.spawn(
        `p${i}`,
        function* () {
          for (;;) yield* to.send((yield* from.receive()) + 1);
        },
        SERVICE,
      );
    }
    const first = channels[0]!;
    const last = channels[size - 1]!;
    network.spawn('p0', function* () {
      for (let i = 0; i < rounds; i++) {
        yield* first.send(token);
        token = (yield* last.receive()) + 1;
      }
    });
    finish(network);
    return { operations: rounds * size, result: token };
  },

  'compiled-ping-pong': (count) => compiledPingPong(count, false),
  'enforced-ping-pong': (count) => compiledPingPong(count, true),

  'compiled-commstime'(count) {
    const network = new Network();
    const { terms, path, loop } = script();
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((name) => network.channel<unknown>(name)) as [
      Channel<unknown>,
      Channel<unknown>,
      Channel<unknown>,
      Channel<unknown>,
    ];
    const run = (name: string, term: Term, wiring: Wiring) =>
      network.spawn(name, compiled(terms, term, wiring), SERVICE);
    run('prefix', path('a', loop('PREFIX', 'c', 'a')), { sends: { a }, receives: { c } });
    run('delta', loop('DELTA', 'a', 'b', 'd'), { sends: { b, d }, receives: { a } });
    run('successor', loop('SUCCESSOR', 'b', 'c'), { sends: { c }, receives: { b } });
    return countReceived(network, loop('CONSUMER', 'd'), terms, { receives: { d } }, count, 4);
  },

  'compiled-ring'(count) {
    const size = 1000;
    const network = new Network();
    const { terms, path, loop } = script();
    const channels = Array.from({ length: size }, (_, i) => network.channel<unknown>(`c${i}`));
    const wired = (i: number) => ({ receives: { in: channels[i - 1]! }, sends: { out: channels[i]! } });
    const station = processOf(terms, loop('STATION', 'in', 'out'), wired(1));
    for (let i = 1; i < size; i++) network.spawn(`p${i}`, station.on(wired(i)).body(), SERVICE);
    const wiring = { receives: { in: channels[size - 1]! }, sends: { out: channels[0]! } };
    return countReceived(
      network,
      path('out', loop('FIRST', 'in', 'out')),
      terms,
      wiring,
      2 * Math.floor(count / size),
      size / 2,
    );
  },

  'choice-2': (count) => choices(2, count),
  'choice-16': (count) => choices(16, count),
  'choice-256': (count) => choices(256, count),
  'cold-choice-2': (count) => coldChoices(2, count),
  'cold-choice-16': (count) => coldChoices(16, count),
  'cold-choice-256': (count) => coldChoices(256, count),

  /** So many processes, each blocked on a channel of its own, and then each released by a value. */
  million(count) {
    const network = new Network();
    const channels: Channel<number>[] = new Array(count).fill(undefined);
    let sum = 0;
    const station = function* (channel: Channel<number>) {
      const value = yield* channel.receive(); // Before the sum is read.
      sum += value;
    };
    for (let i = 0; i < count; i++) {
      const channel = network.channel<number>('c');
      channels[i] = channel;
      network.spawn('p', () => station(channel));
    }
    network.pump(Number.POSITIVE_INFINITY);
    network.spawn('sender', function* () {
      for (let i = 0; i < count; i++) yield* channels[i]!.send(i);
    });
    finish(network);
    return { operations: count, result: sum };
  },

  /** Random walks through the negotiation, by event id. */
  'monitor-ids'(count) {
    const { monitor } = negotiation();
    const events = walk(10_000).map((name) => monitor.alphabet.find(name)!);
    let node = monitor.initial;
    let steps = 0;
    for (let i = 0, at = 0; i < count; i++) {
      const next = monitor.step(node, events[at]!);
      if (next !== REFUSED) steps++;
      node = next === REFUSED || monitor.terminated(next) ? monitor.initial : next;
      if (++at === events.length) at = 0;
    }
    return { operations: count, result: steps };
  },

  /** The same by name, as a message arrives. */
  'monitor-names'(count) {
    const { monitor } = negotiation();
    const events = walk(10_000).map((name) => name.split('').join('')); // Strings of their own, not the interned ones.
    let node = monitor.initial;
    let steps = 0;
    for (let i = 0, at = 0; i < count; i++) {
      const next = monitor.stepByName(node, events[at]!);
      if (next !== REFUSED) steps++;
      node = next === REFUSED || monitor.terminated(next) ? monitor.initial : next;
      if (++at === events.length) at = 0;
    }
    return { operations: count, result: steps };
  },
};

interface Script {
  readonly terms: Terms;
  path(...path: [...string[], Term]): Term;
  /** `P = a -> b -> … -> P`. */
  loop(name: string, ...events: string[]): Term;
}

function script(): Script {
  const terms = new Terms(new Alphabet());
  const path = (...path: [...string[], Term]): Term =>
    (path.slice(0, -1) as string[]).reduceRight<Term>(
      (next, name) => terms.prefix(terms.alphabet.intern(name), next),
      path.at(-1) as Term,
    );
  const loop = (name: string, ...events: string[]): Term => {
    const call: Term = terms.call(name, () => path(...events, call));
    return call;
  };
  return { terms, path, loop };
}

function compiled(
  terms: Terms,
  term: Term,
  wiring: Wiring,
  options: Parameters<ReturnType<typeof processOf>['body']>[0] = {},
) {
  return processOf(terms, term, wiring).body(options);
}

function processOf(terms: Terms, term: Term, wiring: Wiring) {
  const compilation = compileProcess(terms, term, wiring);
  if (compilation.kind === 'refused') throw new Error(compilation.message);
  return compilation.process;
}

/** Runs until one process has reached `count` states by an event; each stands for `worth` rendezvous. */
function countReceived(network: Network, term: Term, terms: Terms, wiring: Wiring, count: number, worth: number) {
  let reached = 0;
  network.spawn('counter', compiled(terms, term, wiring, { onState: () => void reached++ }), SERVICE);
  while (reached < count) if (network.pump() !== 'busy') throw new Error('the network came to rest');
  return { operations: reached * worth, result: 0 };
}

/** One ball, there and back. Enforced: the monitor of both is stepped and a record chained by SHA-256 at each delivery. */
function compiledPingPong(count: number, enforced: boolean) {
  const network = new Network();
  const { terms, loop } = script();
  const there = network.channel<unknown>('there');
  const back = network.channel<unknown>('back');
  const chain = new RecordChain({ hash: (head, block) => createHash('sha256').update(head).update(block).digest() });
  const monitor = monitorOf(normalize(termLts(terms, loop('BOTH', 'there', 'back'))));
  const options = enforced ? { enforcement: new Enforcement(monitor, { record: chain.record }) } : {};
  const pong = { receives: { there }, sends: { back } };
  network.spawn('pong', compiled(terms, loop('PONG', 'there', 'back'), pong, options), SERVICE);
  let reached = 0;
  const ping = { sends: { there }, receives: { back } };
  const onState = () => void reached++;
  network.spawn('ping', compiled(terms, loop('PING', 'there', 'back'), ping, { ...options, onState }), SERVICE);
  while (reached < 2 * count) if (network.pump() !== 'busy') throw new Error('the network came to rest');
  if (enforced && Math.abs(chain.sequence - reached) > 1)
    throw new Error(`${chain.sequence} records of ${reached} events`);
  return { operations: reached, result: 0 };
}

function choices(size: number, count: number) {
  const network = new Network();
  const channels = Array.from({ length: size }, (_, i) => network.channel<number>(`c${i}`));
  const fired = new Array<number>(size).fill(0);
  channels.forEach((channel, i) => {
    network.spawn(
      `p${i}`,
      function* () {
        for (;;) yield* channel.send(i);
      },
      SERVICE,
    );
  });
  const chooser = network.spawn('chooser', function* () {
    const any = choice(Object.fromEntries(channels.map((channel, i) => [`g${i}`, channel.receive()])));
    for (let i = 0; i < count; i++) fired[(yield* any).value]!++;
  });
  finishWhen(network, chooser);
  if (Math.max(...fired) - Math.min(...fired) > 1)
    throw new Error(`unfair: ${Math.min(...fired)} to ${Math.max(...fired)}`);
  return { operations: count, result: fired.reduce((sum, n) => sum + n, 0) };
}

/** One channel becomes ready after the choice has been offered, each time another. */
function coldChoices(size: number, count: number) {
  const network = new Network();
  const channels = Array.from({ length: size }, (_, i) => network.channel<number>(`c${i}`));
  let sum = 0;
  network.spawn('chooser', function* () {
    const any = choice(Object.fromEntries(channels.map((channel, i) => [`g${i}`, channel.receive()])));
    for (let i = 0; i < count; i++) sum += (yield* any).value;
  });
  network.spawn('sender', function* () {
    for (let i = 0; i < count; i++) yield* channels[(i * 7919) % size]!.send(1);
  });
  finish(network);
  return { operations: count, result: sum };
}

let opened: Extract<ReturnType<typeof openProtocol>, { kind: 'open' }>['protocol'] | undefined;
function negotiation() {
  if (opened !== undefined) return opened;
  const source = readFileSync(new URL('../models/negotiation.csp', import.meta.url), 'utf8');
  const result = openProtocol({ source }, { file: 'negotiation.csp' });
  if (result.kind !== 'open') throw new Error('the negotiation does not load');
  return (opened = result.protocol);
}

/** Events of random conversations, one after the other. */
function walk(length: number): string[] {
  const { monitor } = negotiation();
  const random = new Seeded(1);
  const names: string[] = [];
  let node = monitor.initial;
  while (names.length < length) {
    const event = random.pick(monitor.expected(node));
    names.push(monitor.alphabet.nameOf(event));
    const next = monitor.step(node, event);
    node = monitor.terminated(next) || monitor.expected(next).length === 0 ? monitor.initial : next;
  }
  return names;
}

function finish(network: Network): void {
  const outcome = network.run();
  if (outcome.kind !== 'terminated') throw new Error(`expected to terminate: ${outcome.kind}`);
}

/** For networks whose services never rest: pumps until one process is over. */
function finishWhen(network: Network, process: { readonly isOver: boolean }): void {
  while (!process.isOver) if (network.pump() !== 'busy') break;
  if (!process.isOver) throw new Error('the network came to rest');
}

function* reader(channel: Channel<number>) {
  yield* channel.receive();
}

/**
 * Bytes for each process that waits on a channel of its own, heap and outside it. All share one generator function; with `own` each has one written in
 * place, for which the host keeps a prototype and a map.
 */
function bytesPerProcess(count: number, own: boolean): number {
  const used = () => {
    globalThis.gc?.();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = used();
  const network = new Network();
  for (let i = 0; i < count; i++) {
    const channel = network.channel<number>('c');
    if (!own) network.spawn('p', () => reader(channel));
    else
      network.spawn('p', function* () {
        yield* channel.receive();
      });
  }
  network.pump(Number.POSITIVE_INFINITY);
  const bytes = (used() - before) / count;
  if (network.required !== count || network.processes.some(({ waiting }) => waiting === null))
    throw new Error('they should all wait');
  return bytes;
}

const [name = '', countText = ''] = process.argv.slice(2);
const count = Number(countText);
if (name === 'memory' || name === 'memory-own')
  console.log(
    JSON.stringify({ nanoseconds: 0, operations: count, result: bytesPerProcess(count, name === 'memory-own') }),
  );
else {
  const program = programs[name];
  if (program === undefined) throw new Error(`unknown program ${name}`);
  program(Math.ceil(count / 10));
  const before = process.cpuUsage();
  const { operations, result } = program(count);
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ nanoseconds: ((user + system) * 1000) / operations, operations, result }));
}
