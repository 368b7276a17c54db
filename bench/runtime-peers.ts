/**
 * One measurement of a JavaScript library on the programs of `bench/runtime-programs.ts`, in a process of its own: prints the same line.
 *
 *   node --expose-gc bench/runtime-peers.ts LIBRARY PROGRAM COUNT
 *
 * Each library is used as its documentation shows. What it does not have is not imitated: @thi.ng/csp and medium choose between receivers only, Effect has no
 * rendezvous (a queue of one place stands for it) and chooses by racing fibers.
 */
import { channel, select } from '@thi.ng/csp';
import { Effect, Queue } from 'effect';
// @ts-expect-error: medium has no types.
import medium from 'medium';
import type { Measurement } from './runtime-programs.ts';

type Program = (count: number) => Promise<{ readonly operations: number; readonly result: number }>;
type Programs = Readonly<Record<string, Program>>;

const RING = 1000;

/** Holds on to the channels that are measured. */
let kept: unknown[] = [];

/** Libraries of promises: channels, and async functions that await them. */
interface Promised<C> {
  channel(buffer?: number): C;
  send(channel: C, value: number): Promise<unknown>;
  receive(channel: C): Promise<number>;
  /** Receives from whichever has something. */
  any(channels: readonly C[]): Promise<number>;
}

function promised<C>({ channel, send, receive, any }: Promised<C>): Programs {
  return {
    async 'ping-pong'(count) {
      const [there, back] = [channel(), channel()];
      const pong = async () => {
        for (let i = 0; i < count; i++) await send(back, (await receive(there)) + 1);
      };
      pong();
      let sum = 0;
      for (let i = 0; i < count; i++) {
        await send(there, i);
        sum = (sum + (await receive(back))) | 0;
      }
      return { operations: 2 * count, result: sum };
    },

    async pipeline(count) {
      const pipe = channel(64);
      const source = async () => {
        for (let i = 0; i < count; i++) await send(pipe, i);
      };
      source();
      let sum = 0;
      for (let i = 0; i < count; i++) sum = (sum + (await receive(pipe))) | 0;
      return { operations: count, result: sum };
    },

    async commstime(count) {
      const [a, b, c, d] = [channel(), channel(), channel(), channel()];
      const prefix = async () => {
        await send(a, 0);
        for (;;) await send(a, await receive(c));
      };
      const delta = async () => {
        for (;;) {
          const value = await receive(a);
          await send(b, value);
          await send(d, value);
        }
      };
      const successor = async () => {
        for (;;) await send(c, (await receive(b)) + 1);
      };
      prefix();
      delta();
      successor();
      let sum = 0;
      for (let i = 0; i < count; i++) sum = (sum + (await receive(d))) | 0;
      return { operations: 4 * count, result: sum };
    },

    async ring(count) {
      const rounds = Math.floor(count / RING);
      const channels = Array.from({ length: RING }, () => channel());
      const station = async (from: C, to: C) => {
        for (;;) await send(to, (await receive(from)) + 1);
      };
      for (let i = 1; i < RING; i++) station(channels[i - 1]!, channels[i]!);
      let token = 0;
      for (let i = 0; i < rounds; i++) {
        await send(channels[0]!, token);
        token = (await receive(channels[RING - 1]!)) + 1;
      }
      return { operations: rounds * RING, result: token };
    },

    'choice-2': (count) => ready(2, count),
    'choice-16': (count) => ready(16, count),
    'choice-256': (count) => ready(256, count),
    'cold-choice-2': (count) => cold(2, count),
    'cold-choice-16': (count) => cold(16, count),
    'cold-choice-256': (count) => cold(256, count),

    async memory(count) {
      const reader = async (from: C) => void (await receive(from));
      kept = new Array(count).fill(undefined);
      const before = used();
      for (let i = 0; i < count; i++) reader((kept[i] = channel()) as C);
      return { operations: count, result: (used() - before) / count };
    },
  };

  async function ready(size: number, count: number) {
    const channels = Array.from({ length: size }, () => channel());
    const producer = async (to: C) => {
      for (;;) await send(to, 1);
    };
    for (const each of channels) producer(each);
    let sum = 0;
    for (let i = 0; i < count; i++) sum += await any(channels);
    return { operations: count, result: sum };
  }

  async function cold(size: number, count: number) {
    const channels = Array.from({ length: size }, () => channel());
    const producer = async () => {
      for (let i = 0; i < count; i++) await send(channels[(i * 7919) % size]!, 1);
    };
    let sum = 0;
    const chooser = async () => {
      for (let i = 0; i < count; i++) sum += await any(channels);
    };
    const chosen = chooser();
    producer();
    await chosen;
    return { operations: count, result: sum };
  }
}

const { offer, take } = Queue;
const queue = (capacity = 1) => Queue.bounded<number>(capacity);
const queues = (count: number) => Effect.all(Array.from({ length: count }, () => queue()));
type Numbers = Queue.Queue<number>;

function effect(program: (count: number) => Effect.Effect<{ operations: number; result: number }>): Program {
  return (count) => Effect.runPromise(program(count));
}

const effects: Programs = {
  'ping-pong': effect((count) =>
    Effect.gen(function* () {
      const there = yield* queue();
      const back = yield* queue();
      yield* Effect.forkChild(
        Effect.gen(function* () {
          for (let i = 0; i < count; i++) yield* offer(back, (yield* take(there)) + 1);
        }),
      );
      let sum = 0;
      for (let i = 0; i < count; i++) {
        yield* offer(there, i);
        sum = (sum + (yield* take(back))) | 0;
      }
      return { operations: 2 * count, result: sum };
    }),
  ),

  pipeline: effect((count) =>
    Effect.gen(function* () {
      const pipe = yield* queue(64);
      yield* Effect.forkChild(
        Effect.gen(function* () {
          for (let i = 0; i < count; i++) yield* offer(pipe, i);
        }),
      );
      let sum = 0;
      for (let i = 0; i < count; i++) sum = (sum + (yield* take(pipe))) | 0;
      return { operations: count, result: sum };
    }),
  ),

  commstime: effect((count) =>
    Effect.gen(function* () {
      const [a, b, c, d] = (yield* queues(4)) as [Numbers, Numbers, Numbers, Numbers];
      yield* Effect.forkChild(
        Effect.gen(function* () {
          yield* offer(a, 0);
          for (;;) yield* offer(a, yield* take(c));
        }),
      );
      yield* Effect.forkChild(
        Effect.gen(function* () {
          for (;;) {
            const value = yield* take(a);
            yield* offer(b, value);
            yield* offer(d, value);
          }
        }),
      );
      yield* Effect.forkChild(
        Effect.gen(function* () {
          for (;;) yield* offer(c, (yield* take(b)) + 1);
        }),
      );
      let sum = 0;
      for (let i = 0; i < count; i++) sum = (sum + (yield* take(d))) | 0;
      return { operations: 4 * count, result: sum };
    }),
  ),

  ring: effect((count) =>
    Effect.gen(function* () {
      const rounds = Math.floor(count / RING);
      const links = yield* queues(RING);
      for (let i = 1; i < RING; i++)
        yield* Effect.forkChild(
          Effect.gen(function* () {
            for (;;) yield* offer(links[i]!, (yield* take(links[i - 1]!)) + 1);
          }),
        );
      let token = 0;
      for (let i = 0; i < rounds; i++) {
        yield* offer(links[0]!, token);
        token = (yield* take(links[RING - 1]!)) + 1;
      }
      return { operations: rounds * RING, result: token };
    }),
  ),

  'choice-2': effect((count) => readyEffect(2, count)),
  'choice-16': effect((count) => readyEffect(16, count)),
  'choice-256': effect((count) => readyEffect(256, count)),
  'cold-choice-2': effect((count) => coldEffect(2, count)),
  'cold-choice-16': effect((count) => coldEffect(16, count)),
  'cold-choice-256': effect((count) => coldEffect(256, count)),

  memory: effect((count) =>
    Effect.gen(function* () {
      kept = new Array(count).fill(undefined);
      const before = used();
      for (let i = 0; i < count; i++) {
        const own = yield* queue();
        kept[i] = own;
        yield* Effect.forkChild(take(own));
      }
      yield* Effect.yieldNow;
      return { operations: count, result: (used() - before) / count };
    }),
  ),
};

function readyEffect(size: number, count: number) {
  return Effect.gen(function* () {
    const all = yield* queues(size);
    for (const each of all)
      yield* Effect.forkChild(
        Effect.gen(function* () {
          for (;;) yield* offer(each, 1);
        }),
      );
    let sum = 0;
    for (let i = 0; i < count; i++) sum += yield* Effect.raceAllFirst(all.map((each) => take(each)));
    return { operations: count, result: sum };
  });
}

function coldEffect(size: number, count: number) {
  return Effect.gen(function* () {
    const all = yield* queues(size);
    yield* Effect.forkChild(
      Effect.gen(function* () {
        for (let i = 0; i < count; i++) yield* offer(all[(i * 7919) % size]!, 1);
      }),
    );
    let sum = 0;
    for (let i = 0; i < count; i++) sum += yield* Effect.raceAllFirst(all.map((each) => take(each)));
    return { operations: count, result: sum };
  });
}

function used(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const libraries: Readonly<Record<string, Programs>> = {
  '@thi.ng/csp': promised({
    channel: (buffer) => channel<number>(buffer ?? 1),
    send: (to, value) => to.write(value),
    receive: (from) => from.read() as Promise<number>,
    any: async ([first, ...rest]) => (await select(first!, ...rest))[0]!,
  }),
  medium: promised({
    channel: (buffer) => medium.chan(buffer),
    send: (to, value) => medium.put(to, value),
    receive: (from) => medium.take(from),
    any: async (channels) => (await medium.any(...channels))[0],
  }),
  effect: effects,
};

const [library = '', name = '', countText = ''] = process.argv.slice(2);
const program = libraries[library]?.[name];
if (program === undefined) throw new Error(`${library} has no program ${name}`);
const count = Number(countText);
if (name !== 'memory') await program(Math.ceil(count / 10));
const before = process.cpuUsage();
const { operations, result } = await program(count);
const { user, system } = process.cpuUsage(before);
const measurement: Measurement = { nanoseconds: ((user + system) * 1000) / operations, operations, result };
console.log(JSON.stringify(measurement));
kept = [];
process.exit(); // Its other fibers and promises wait for ever.
