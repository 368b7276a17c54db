/** Choice, and the defects of other libraries. */
import { choice, type Network, PoisonedError, priority, timeout } from '@enhanced-csp/engine/runtime';
import { channels, type Program, spawn } from './program.ts';

/** Each of two processes offers to send on its own channel and to receive on the other's. */
const mixed = (network: Network) => {
  const [a, b] = channels(network, 'a', 'b');
  const met: string[] = [];
  spawn(network, {
    *P() {
      met.push(`P ${(yield* choice({ a: a.send(1), b: b.receive() })).guard}`);
    },
    *Q() {
      met.push(`Q ${(yield* choice({ b: b.send(2), a: a.receive() })).guard}`);
    },
  });
  return () => met.sort();
};

export const CHOICES: readonly Program[] = [
  {
    name: 'choice takes each message once',
    ends: ['terminated ["a","b"]', 'terminated ["b","a"]'],
    model: 'channel a, b\nSYSTEM = ((a -> SKIP) ||| (b -> SKIP)) [| {a, b} |] (a -> b -> SKIP [] b -> a -> SKIP)',
    system(network) {
      const [a, b] = channels(network, 'a', 'b');
      const fired: string[] = [];
      spawn(network, {
        *A() {
          yield* a.send(1);
        },
        *B() {
          yield* b.send(2);
        },
        *chooser() {
          const first = (yield* choice({ a: a.receive(), b: b.receive() })).guard;
          fired.push(first);
          yield* (first === 'a' ? b : a).receive();
          fired.push(first === 'a' ? 'b' : 'a');
        },
      });
      return () => fired;
    },
  },
  {
    name: 'mixed choice on both sides: one meeting',
    ends: ['terminated ["P a","Q a"]', 'terminated ["P b","Q b"]'],
    model: 'channel a, b\nSYSTEM = (a -> SKIP [] b -> SKIP) [| {a, b} |] (b -> SKIP [] a -> SKIP)',
    system: mixed,
  },
  {
    name: 'the chosen branch leads nowhere',
    ends: ['deadlock "a"', 'terminated "b"'],
    model: 'channel a, b, c\nSYSTEM = ((a -> SKIP) ||| (b -> SKIP)) [| {a, b, c} |] (a -> c -> SKIP [] b -> a -> SKIP)',
    system(network) {
      const [a, b, c] = channels(network, 'a', 'b', 'c');
      let fired = '';
      spawn(network, {
        *A() {
          yield* a.send(1);
        },
        *B() {
          yield* b.send(2);
        },
        *chooser() {
          fired = (yield* choice({ a: a.receive(), b: b.receive() })).guard;
          yield* (fired === 'a' ? c : a).receive();
        },
      });
      return () => fired;
    },
  },
  {
    name: 'priority takes the first of two that are ready',
    ends: ['terminated "urgent"'],
    system(network) {
      const urgent = network.channel<number>('urgent', { buffer: 1 });
      const other = network.channel<number>('other', { buffer: 1 });
      urgent.trySend(1);
      other.trySend(2);
      let fired = '';
      spawn(network, {
        *chooser() {
          fired = (yield* priority({ urgent: urgent.receive(), other: other.receive() })).guard;
        },
      });
      return () => fired;
    },
  },
  {
    name: 'a value at the instant of the timeout wins',
    ends: ['terminated "value"'],
    system(network) {
      const [c] = channels(network, 'c');
      let fired = '';
      network.spawn('sender', function* (self) {
        yield* self.delay(10);
        yield* c.send(1);
      });
      network.spawn('chooser', function* () {
        fired = (yield* choice({ late: timeout(10), value: c.receive() })).guard;
      });
      return () => fired;
    },
  },
  {
    name: 'a timed-out choice has lost nothing',
    ends: ['terminated ["late",1]'],
    system(network) {
      const [c] = channels(network, 'c');
      const log: unknown[] = [];
      network.spawn('sender', function* (self) {
        yield* self.delay(20);
        yield* c.send(1);
      });
      network.spawn('chooser', function* () {
        log.push((yield* choice({ late: timeout(10), value: c.receive() })).guard);
        log.push(yield* c.receive());
      });
      return () => log;
    },
  },
  {
    name: 'a process never meets itself',
    ends: ['deadlock undefined'],
    system(network) {
      const [c] = channels(network, 'c');
      spawn(network, {
        *alone() {
          yield* choice({ out: c.send(1), in: c.receive() });
        },
      });
      return undefined;
    },
  },
  {
    name: 'of three that all send and receive, two meet',
    ends: ['deadlock ["in","out"]'],
    system(network) {
      const [c] = channels(network, 'c');
      const log: string[] = [];
      for (const name of ['P', 'Q', 'R'])
        spawn(network, {
          *[name]() {
            log.push((yield* choice({ out: c.send(1), in: c.receive() })).guard);
          },
        });
      return () => log.sort();
    },
  },
  {
    name: 'a bounded buffer written with a conditional guard',
    ends: ['terminated [1,2,3]'],
    system(network) {
      const [input, output] = channels(network, 'in', 'out');
      const got: number[] = [];
      spawn(network, {
        *producer() {
          for (const value of [1, 2, 3]) yield* input.send(value);
        },
        *buffer() {
          const held: number[] = [];
          for (let passed = 0, taken = 0; passed < 3; ) {
            const chosen = yield* choice({
              in: taken < 3 && held.length < 1 && input.receive(),
              out: held.length > 0 && output.send(held[0]!),
            });
            if (chosen.guard === 'in') {
              held.push(chosen.value);
              taken++;
            } else {
              held.shift();
              passed++;
            }
          }
        },
        *consumer() {
          for (let i = 0; i < 3; i++) got.push(yield* output.receive());
        },
      });
      return () => got;
    },
  },
];

export const DEFECTS: readonly Program[] = [
  {
    name: '@thi.ng/csp: leaving one choice removes the registration of another (lost wake-up)',
    ends: ['terminated ["S1 a","S2 b"]'],
    system(network) {
      const [a, b, c] = channels(network, 'a', 'b', 'c');
      const log: string[] = [];
      spawn(network, {
        *S1() {
          log.push(`S1 ${(yield* choice({ a: a.receive(), b: b.receive() })).guard}`);
        },
        *S2() {
          log.push(`S2 ${(yield* choice({ b: b.receive(), c: c.receive() })).guard}`);
        },
      });
      network.spawn('writer', function* (self) {
        yield* self.delay(1); // Both choices wait by then.
        yield* a.send(1);
        yield* b.send(2);
      });
      return () => log.sort();
    },
  },
  {
    name: '@thi.ng/csp: of two producers that are always ready one is never served',
    fair: true,
    ends: ['terminated true'],
    system(network) {
      const [a, b] = ['a', 'b'].map((name) => network.channel<string>(name, { buffer: 4 }));
      for (let i = 0; i < 3; i++) {
        a!.trySend('a');
        b!.trySend('b');
      }
      const fired: string[] = [];
      spawn(network, {
        *chooser() {
          for (let i = 0; i < 6; i++) fired.push((yield* choice({ a: a!.receive(), b: b!.receive() })).value);
        },
        *another() {
          yield* a!.send('a');
        },
      });
      return () => fired.every((value, i) => i === 0 || value !== fired[i - 1]);
    },
  },
  {
    name: 'medium: two puts to a waiting choice are both acknowledged, one value is gone',
    ends: ['terminated [1,2]', 'terminated [2,1]'],
    system(network) {
      const [a, b] = channels(network, 'a', 'b');
      const got: number[] = [];
      spawn(network, {
        *A() {
          yield* a.send(1);
        },
        *B() {
          yield* b.send(2);
        },
        *chooser() {
          for (let i = 0; i < 2; i++) got.push((yield* choice({ a: a.receive(), b: b.receive() })).value);
        },
      });
      return () => got;
    },
  },
  {
    name: 'medium: a put that waits when its channel ends never settles',
    ends: ['terminated "answered"'],
    system(network) {
      const [c] = channels(network, 'c');
      let answer = '';
      spawn(network, {
        *sender() {
          try {
            yield* c.send(1);
          } catch (error) {
            if (error instanceof PoisonedError) answer = 'answered';
          }
        },
        closer() {
          c.poison('over');
        },
      });
      return () => answer;
    },
  },
  {
    name: 'js-csp: an error in a process is thrown into whoever started it',
    ends: ['failed "spawned"'],
    system(network) {
      let log = '';
      spawn(network, {
        broken() {
          throw new Error('broken');
        },
      });
      log = 'spawned';
      return () => log;
    },
  },
  {
    name: 'Go: the same channel twice in one select',
    ends: ['terminated [1,2]'],
    system(network) {
      const [c] = channels(network, 'c');
      const got: number[] = [];
      spawn(network, {
        *sender() {
          yield* c.send(1);
          yield* c.send(2);
        },
        *chooser() {
          for (let i = 0; i < 2; i++) got.push((yield* choice({ one: c.receive(), two: c.receive() })).value);
        },
      });
      return () => got;
    },
  },
  {
    name: 'Effect: the branch that lost the race has taken a value',
    ends: ['terminated [1,2]', 'terminated [2,1]'],
    system(network) {
      const a = network.channel<number>('a', { buffer: 1 });
      const b = network.channel<number>('b', { buffer: 1 });
      const got: number[] = [];
      spawn(network, {
        *sender() {
          yield* a.send(1);
          yield* b.send(2);
        },
        *chooser() {
          for (let i = 0; i < 2; i++) got.push((yield* choice({ a: a.receive(), b: b.receive() })).value);
        },
      });
      return () => got;
    },
  },
];
