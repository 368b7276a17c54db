/** Multiway events, extended rendezvous, filters and moving ends. */
import { choice, MovedError, type Network, type Output, RejectedError } from '@enhanced-csp/engine/runtime';
import { channels, type Program, spawn } from './program.ts';

/** Processes that each perform their words, events of the network that all who have them must agree on. */
function performing(network: Network, words: Readonly<Record<string, string>>): () => string {
  const names = [...new Set(Object.values(words).join(''))];
  const events = Object.fromEntries(names.map((name) => [name, network.event(name)]));
  let trace = '';
  for (const [name, word] of Object.entries(words))
    network.spawn(
      name,
      function* () {
        for (const letter of word) {
          yield* events[letter]!.sync();
          trace += name;
        }
      },
      { events: [...new Set(word)].map((letter) => events[letter]!) },
    );
  return () => [...trace].sort().join('');
}

export const AGREEMENTS: readonly Program[] = [
  {
    name: 'three step together, twice',
    ends: ['terminated "PPQQRR"'],
    model: 'channel a\nP = a -> a -> SKIP\nSYSTEM = (P [| {a} |] P) [| {a} |] P',
    system: (network) => performing(network, { P: 'aa', Q: 'aa', R: 'aa' }),
  },
  {
    name: 'alternation: two events in turn',
    ends: ['terminated "PPQQ"'],
    model: 'channel a, b\nP = a -> b -> SKIP\nSYSTEM = P [| {a, b} |] P',
    system: (network) => performing(network, { P: 'ab', Q: 'ab' }),
  },
  {
    name: 'opposite orders of two events',
    ends: ['deadlock ""'],
    model: 'channel a, b\nSYSTEM = (a -> b -> SKIP) [| {a, b} |] (b -> a -> SKIP)',
    system: (network) => performing(network, { P: 'ab', Q: 'ba' }),
  },
  {
    name: 'a cycle of three agreements',
    ends: ['deadlock ""'],
    model:
      'channel a, b, c\nSYSTEM = ((a -> b -> SKIP) [ {a, b} || {b, c} ] (b -> c -> SKIP)) [ {a, b, c} || {a, c} ] (c -> a -> SKIP)',
    system: (network) => performing(network, { P: 'ab', Q: 'bc', R: 'ca' }),
  },
  {
    name: 'who is over blocks the others',
    ends: ['deadlock "PQQ"'],
    model: 'channel a, b\nSYSTEM = (a -> SKIP) [| {a} |] (a -> b -> a -> SKIP)',
    system: (network) => performing(network, { P: 'a', Q: 'aba' }),
  },
  {
    name: 'who leaves a barrier blocks nobody',
    ends: ['terminated 3'],
    system(network) {
      const barrier = network.barrier('round');
      let rounds = 0;
      for (const [name, count] of [
        ['short', 1],
        ['long', 2],
      ] as const)
        network.spawn(
          name,
          function* () {
            for (let i = 0; i < count; i++) {
              yield* barrier.sync();
              rounds++;
            }
          },
          { events: [barrier] },
        );
      return () => rounds;
    },
  },
  {
    name: 'overlapping agreements: one of them',
    ends: ['deadlock ["Pa","Qa"]', 'deadlock ["Qb","Rb"]'],
    model:
      'channel a, b\nSYSTEM = ((a -> SKIP) [ {a} || {a, b} ] (a -> SKIP [] b -> SKIP)) [ {a, b} || {b} ] (b -> SKIP)',
    system(network) {
      const a = network.event('a');
      const b = network.event('b');
      const log: string[] = [];
      for (const [name, events] of [
        ['P', { a }],
        ['Q', { a, b }],
        ['R', { b }],
      ] as const)
        network.spawn(
          name,
          function* () {
            const guards = Object.fromEntries(Object.entries(events).map(([key, event]) => [key, event.sync()]));
            log.push(`${name}${(yield* choice(guards)).guard}`);
          },
          { events: Object.values(events) },
        );
      return () => log.sort();
    },
  },
  {
    name: 'an extended rendezvous holds its sender',
    ends: ['terminated ["body","after"]'],
    system(network) {
      const [c, d] = channels(network, 'c', 'd');
      const log: string[] = [];
      spawn(network, {
        *sender() {
          yield* c.send(1);
          log.push('after');
        },
        *helper() {
          yield* d.send(1);
        },
        *receiver() {
          yield* c.receiveExtended(function* () {
            yield* d.receive();
            log.push('body');
          });
        },
      });
      return () => log;
    },
  },
  {
    name: 'an extended rendezvous that fails tells its sender',
    ends: ['terminated "rejected"'],
    system(network) {
      const [c] = channels(network, 'c');
      let log = '';
      spawn(network, {
        *sender() {
          try {
            yield* c.send(1);
          } catch (error) {
            if (error instanceof RejectedError) log = 'rejected';
          }
        },
        *receiver() {
          try {
            yield* c.receiveExtended(() => {
              throw new Error('broken');
            });
          } catch {}
        },
      });
      return () => log;
    },
  },
  {
    name: 'a body that waits for its own sender',
    ends: ['deadlock undefined'],
    system(network) {
      const [c, back] = channels(network, 'c', 'back');
      spawn(network, {
        *sender() {
          yield* c.send(1);
          yield* back.send(2);
        },
        *receiver() {
          yield* c.receiveExtended(function* () {
            yield* back.receive();
          });
        },
      });
      return undefined;
    },
  },
  {
    name: 'filters: each reader what it accepts',
    ends: ['terminated [1,2]'],
    system(network) {
      const [c] = channels(network, 'c');
      const got = [0, 0];
      spawn(network, {
        *sender() {
          yield* c.send(1);
          yield* c.send(2);
        },
        *odd() {
          got[0] = yield* c.receive({ filter: (value) => value % 2 === 1 });
        },
        *even() {
          got[1] = yield* c.receive({ filter: (value) => value % 2 === 0 });
        },
      });
      return () => got;
    },
  },
  {
    name: 'filters: the reader waits for what comes second',
    ends: ['deadlock undefined'],
    system(network) {
      const [c] = channels(network, 'c');
      spawn(network, {
        *sender() {
          yield* c.send(1);
          yield* c.send(2);
        },
        *reader() {
          yield* c.receive({ filter: (value) => value === 2 });
          yield* c.receive();
        },
      });
      return undefined;
    },
  },
  {
    name: 'an end that was sent away is used by its receiver only',
    ends: ['terminated ["moved",7]'],
    system(network) {
      const { input, output } = network.mobile<number>('line');
      const carrier = network.channel<Output<number>>('carrier');
      const log: unknown[] = [];
      spawn(network, {
        *first() {
          yield* carrier.send(output);
          try {
            yield* output.send(6);
          } catch (error) {
            if (error instanceof MovedError) log.unshift('moved');
          }
        },
        *second() {
          yield* (yield* carrier.receive()).send(7);
        },
        *reader() {
          log.push(yield* input.receive());
        },
      });
      return () => log;
    },
  },
];
