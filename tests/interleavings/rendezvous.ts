/** Meetings: who waits for whom. */
import { channels, type Program, spawn } from './program.ts';

const AB = 'channel a, b\n';
const ABC = 'channel a, b, c\n';

export const RENDEZVOUS: readonly Program[] = [
  {
    name: 'two meet',
    ends: ['terminated [1]'],
    model: 'channel c : {1}\nSYSTEM = (c!1 -> SKIP) [| {| c |} |] (c?x -> SKIP)',
    system(network) {
      const [c] = channels(network, 'c');
      const got: number[] = [];
      spawn(network, {
        *sender() {
          yield* c.send(1);
        },
        *receiver() {
          got.push(yield* c.receive());
        },
      });
      return () => got;
    },
  },
  {
    name: 'both send first',
    ends: ['deadlock undefined'],
    model: `${AB}SYSTEM = (a -> b -> SKIP) [| {a, b} |] (b -> a -> SKIP)`,
    system(network) {
      const [a, b] = channels(network, 'a', 'b');
      spawn(network, {
        *P() {
          yield* a.send(1);
          yield* b.receive();
        },
        *Q() {
          yield* b.send(1);
          yield* a.receive();
        },
      });
      return undefined;
    },
  },
  {
    name: 'send and receive in one process',
    ends: ['deadlock undefined'],
    system(network) {
      const [c] = channels(network, 'c');
      spawn(network, {
        *alone() {
          yield* c.send(1);
          yield* c.receive();
        },
      });
      return undefined;
    },
  },
  {
    name: 'a token goes round three',
    ends: ['terminated 3'],
    model: `${ABC}SYSTEM = ((a -> c -> SKIP) [| {a} |] (a -> b -> SKIP)) [| {b, c} |] (b -> c -> SKIP)`,
    system(network) {
      const [a, b, c] = channels(network, 'a', 'b', 'c');
      let token = 0;
      spawn(network, {
        *first() {
          yield* a.send(1);
          token = yield* c.receive();
        },
        *second() {
          yield* b.send((yield* a.receive()) + 1);
        },
        *third() {
          yield* c.send((yield* b.receive()) + 1);
        },
      });
      return () => token;
    },
  },
  {
    name: 'three in a ring all send first',
    ends: ['deadlock undefined'],
    model: `${ABC}SYSTEM = ((a -> c -> SKIP) [| {a} |] (b -> a -> SKIP)) [| {b, c} |] (c -> b -> SKIP)`,
    system(network) {
      const ring = channels(network, 'a', 'b', 'c');
      for (const i of [0, 1, 2])
        spawn(network, {
          *[`p${i}`]() {
            yield* ring[i]!.send(1);
            yield* ring[(i + 2) % 3]!.receive();
          },
        });
      return undefined;
    },
  },
  {
    name: 'two senders, one reader',
    ends: ['terminated [1,2]', 'terminated [2,1]'],
    model: 'channel c : {1, 2}\nSYSTEM = ((c!1 -> SKIP) ||| (c!2 -> SKIP)) [| {| c |} |] (c?x -> c?y -> SKIP)',
    system(network) {
      const [c] = channels(network, 'c');
      const got: number[] = [];
      spawn(network, {
        *one() {
          yield* c.send(1);
        },
        *two() {
          yield* c.send(2);
        },
        *reader() {
          got.push(yield* c.receive(), yield* c.receive());
        },
      });
      return () => got;
    },
  },
  {
    name: 'one sender too many',
    ends: ['deadlock [1]', 'deadlock [2]'],
    model: 'channel c : {1, 2}\nSYSTEM = ((c!1 -> SKIP) ||| (c!2 -> SKIP)) [| {| c |} |] (c?x -> SKIP)',
    system(network) {
      const [c] = channels(network, 'c');
      const got: number[] = [];
      spawn(network, {
        *one() {
          yield* c.send(1);
        },
        *two() {
          yield* c.send(2);
        },
        *reader() {
          got.push(yield* c.receive());
        },
      });
      return () => got;
    },
  },
  {
    name: 'one reader too many',
    ends: ['deadlock ["first"]', 'deadlock ["second"]'],
    model: 'channel c\nSYSTEM = (c -> SKIP) [| {c} |] ((c -> SKIP) ||| (c -> SKIP))',
    system(network) {
      const [c] = channels(network, 'c');
      const got: string[] = [];
      spawn(network, {
        *sender() {
          yield* c.send(1);
        },
        *first() {
          yield* c.receive();
          got.push('first');
        },
        *second() {
          yield* c.receive();
          got.push('second');
        },
      });
      return () => got;
    },
  },
  {
    name: 'a relay keeps the order',
    ends: ['terminated [1,2]'],
    system(network) {
      const [a, b] = channels(network, 'a', 'b');
      const got: number[] = [];
      spawn(network, {
        *source() {
          yield* a.send(1);
          yield* a.send(2);
        },
        *relay() {
          for (let i = 0; i < 2; i++) yield* b.send(yield* a.receive());
        },
        *sink() {
          got.push(yield* b.receive(), yield* b.receive());
        },
      });
      return () => got;
    },
  },
  {
    name: 'two clients, one server: each its own answer',
    ends: ['terminated [10,20]'],
    system(network) {
      const [requests, one, two] = channels(network, 'requests', 'one', 'two');
      const answers = [0, 0];
      spawn(network, {
        *client1() {
          yield* requests.send(1);
          answers[0] = yield* one.receive();
        },
        *client2() {
          yield* requests.send(2);
          answers[1] = yield* two.receive();
        },
        *server() {
          for (let i = 0; i < 2; i++) {
            const client = yield* requests.receive();
            yield* (client === 1 ? one : two).send(10 * client);
          }
        },
      });
      return () => answers;
    },
  },
  {
    name: 'opposite orders of two channels',
    ends: ['deadlock []'],
    model: `${AB}SYSTEM = (a -> b -> SKIP) [| {a, b} |] (b -> a -> SKIP)`,
    system(network) {
      const [a, b] = channels(network, 'a', 'b');
      const got: number[] = [];
      spawn(network, {
        *P() {
          yield* a.send(1);
          yield* b.send(2);
        },
        *Q() {
          got.push(yield* b.receive(), yield* a.receive());
        },
      });
      return () => got;
    },
  },
  ...[false, true].map(
    (leftHanded): Program => ({
      name: `two philosophers, ${leftHanded ? 'one left-handed' : 'both right-handed'}`,
      ends: leftHanded ? ['terminated 2'] : ['deadlock 0', 'terminated 2'],
      model: `
        channel pick, put : {0, 1}.{0, 1}
        FORK(f) = pick?p!f -> put.p.f -> pick?q!f -> put.q.f -> SKIP
        FORKS = FORK(0) ||| FORK(1)
        PHIL(p, f, g) = pick.p.f -> pick.p.g -> put.p.f -> put.p.g -> SKIP
        BOTH = PHIL(0, 0, 1) ||| ${leftHanded ? 'PHIL(1, 0, 1)' : 'PHIL(1, 1, 0)'}
        SYSTEM = BOTH [| {| pick, put |} |] FORKS`,
      system(network) {
        const forks = [0, 1].map((i) => network.channel<null>(`fork${i}`, { buffer: 1 }));
        for (const fork of forks) fork.trySend(null);
        let fed = 0;
        const philosopher = (f: number, g: number) =>
          function* () {
            yield* forks[f]!.receive();
            yield* forks[g]!.receive();
            fed++;
            yield* forks[f]!.send(null);
            yield* forks[g]!.send(null);
          };
        spawn(network, { zero: philosopher(0, 1), one: leftHanded ? philosopher(0, 1) : philosopher(1, 0) });
        return () => fed;
      },
    }),
  ),
];
