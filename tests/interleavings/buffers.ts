/** Buffers and ends of channels. */
import {
  ClosedError,
  CrowdedError,
  dropping,
  type Network,
  type Operation,
  PoisonedError,
  sliding,
} from '@enhanced-csp/engine/runtime';
import { type Program, spawn } from './program.ts';

/** Sends 1, 2, 3 into a buffer; then one value is read. */
const lossy = (name: string, buffer: ReturnType<typeof dropping>, kept: number): Program => ({
  name,
  ends: [`terminated ${kept}`],
  system(network) {
    const c = network.channel<number>('c', { buffer });
    const done = network.channel<null>('done');
    let got = 0;
    spawn(network, {
      *sender() {
        for (const value of [1, 2, 3]) yield* c.send(value);
        yield* done.send(null);
      },
      *reader() {
        yield* done.receive();
        got = yield* c.receive();
      },
    });
    return () => got;
  },
});

const line = (network: Network, buffer: number) => network.channel<number>('c', { buffer });

export const BUFFERS: readonly Program[] = [
  {
    name: 'send and receive in one process, with a buffer',
    ends: ['terminated 1'],
    model: 'channel in, out\nCELL = in -> out -> SKIP\nSYSTEM = (in -> out -> SKIP) [| {in, out} |] CELL',
    system(network) {
      const c = line(network, 1);
      let got = 0;
      spawn(network, {
        *alone() {
          yield* c.send(1);
          got = yield* c.receive();
        },
      });
      return () => got;
    },
  },
  {
    name: 'three values through a buffer of two, in order',
    ends: ['terminated [1,2,3]'],
    system(network) {
      const c = line(network, 2);
      const got: number[] = [];
      spawn(network, {
        *sender() {
          for (const value of [1, 2, 3]) yield* c.send(value);
        },
        *reader() {
          for (let i = 0; i < 3; i++) got.push(yield* c.receive());
        },
      });
      return () => got;
    },
  },
  {
    name: 'nobody reads: the sender stays behind the buffer',
    ends: ['deadlock 2'],
    system(network) {
      const c = line(network, 2);
      let sent = 0;
      spawn(network, {
        *sender() {
          for (; sent < 5; sent++) yield* c.send(sent);
        },
      });
      return () => sent;
    },
  },
  lossy('dropping keeps the oldest', dropping(1), 1),
  lossy('sliding keeps the newest', sliding(1), 3),
  {
    name: 'two writers, a buffer of one: nothing lost',
    ends: ['terminated [1,2]', 'terminated [2,1]'],
    system(network) {
      const c = line(network, 1);
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
    name: 'close: what was sent is received, then the end',
    ends: ['terminated [1,2,"end"]'],
    system(network) {
      const c = line(network, 1);
      const got: unknown[] = [];
      spawn(network, {
        *sender() {
          yield* c.send(1);
          yield* c.send(2);
          c.close();
        },
        *reader() {
          try {
            for (;;) got.push(yield* c.receive());
          } catch (error) {
            got.push(error instanceof ClosedError ? 'end' : error);
          }
        },
      });
      return () => got;
    },
  },
  {
    name: 'poison ends both sides, whoever waits',
    ends: ['terminated ["reader","sender"]'],
    system(network) {
      const a = network.channel<number>('a');
      const b = network.channel<number>('b');
      const ended: string[] = [];
      const until = (name: string, step: () => Operation<unknown>) =>
        function* () {
          try {
            yield* step();
          } catch (error) {
            if (error instanceof PoisonedError) ended.push(name);
          }
        };
      spawn(network, {
        sender: until('sender', () => a.send(1)),
        reader: until('reader', () => b.receive()),
        killer() {
          a.poison('over');
          b.poison('over');
        },
      });
      return () => ended.sort();
    },
  },
  {
    name: 'as many senders wait as the channel admits',
    ends: ['terminated ["crowded",1]', 'terminated ["crowded",2]'],
    system(network) {
      const c = network.channel<number>('c', { waitingMax: 1 });
      const log: unknown[] = [];
      const sender = (value: number) =>
        function* () {
          try {
            yield* c.send(value);
          } catch (error) {
            if (error instanceof CrowdedError) log.push('crowded');
          }
        };
      network.spawn('reader', function* (self) {
        yield* self.delay(10);
        log.push(yield* c.receive());
      });
      spawn(network, { one: sender(1), two: sender(2) });
      return () => log;
    },
  },
];
