/** Restart and protocol: a child goes on from the state it had reached, or the whole session begins anew. */
import { expect, test } from 'vitest';
import { Alphabet, type Process as Term, Terms } from '../../csp/index.ts';
import { compileProcess } from '../compiled/index.ts';
import { Network } from '../network.ts';
import { Supervisor } from './supervisor.ts';

test('a compiled child that is killed goes on from its last state: its partner notices nothing', () => {
  const terms = new Terms(new Alphabet());
  const event = (name: string) => terms.alphabet.intern(name);
  const COUNT = (n: number): Term =>
    terms.call(`COUNT ${n}`, () => terms.prefix(event(`out.${n}`), COUNT((n + 1) % 5)));
  const network = new Network();
  const out = network.channel<unknown>('out');
  const compilation = compileProcess(terms, COUNT(0), { sends: { out } });
  if (compilation.kind === 'refused') throw new Error(compilation.message);
  const { process } = compilation;
  let journal: number | undefined;
  const supervisor = new Supervisor(
    network,
    'root',
    [
      {
        id: 'counter',
        options: { service: true },
        start: () =>
          process.body({ ...(journal === undefined ? {} : { from: journal }), onState: (state) => (journal = state) }),
      },
    ],
    { intensity: 10 },
  );
  supervisor.start();
  const got: unknown[] = [];
  network.spawn('reader', function* (self) {
    for (let i = 0; i < 12; i++) {
      got.push(yield* out.receive());
      yield* self.delay(1);
      if (i % 3 === 2) network.kill(supervisor.children[0]!.process!);
    }
  });
  expect(network.run()).toEqual({ kind: 'terminated' });
  expect(got).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1]);
  expect(supervisor.children[0]!.starts).toBe(5);
});

test('a session is poisoned and begins anew with all its partners, and never mixes two incarnations', () => {
  const network = new Network();
  const open = (number: number) => ({
    number,
    ask: network.channel<number>('ask'),
    answer: network.channel<number>('answer'),
  });
  let session = open(0);
  let finished = 0;
  const heard: string[] = [];
  const supervisor = new Supervisor(
    network,
    'root',
    [
      {
        id: 'client',
        restart: 'transient',
        start: () => {
          const { number, ask, answer } = session;
          return function* () {
            for (let i = 0; i < 3; i++) {
              yield* ask.send(i);
              heard.push(`${number}:${i}>${yield* answer.receive()}`);
            }
            finished++;
          };
        },
      },
      {
        id: 'server',
        restart: 'transient',
        start: ({ restarts }) => {
          const { ask, answer } = session;
          return function* () {
            for (let turn = 0; turn < 3; turn++) {
              const question = yield* ask.receive();
              if (restarts === 0 && turn === 1) throw new Error('crash between question and answer');
              yield* answer.send(10 * question);
            }
          };
        },
      },
    ],
    {
      strategy: 'one for all',
      onEvent: ({ kind }) => {
        if (kind !== 'restart') return;
        for (const channel of [session.ask, session.answer]) channel.poison(new Error('the session begins anew'));
        session = open(session.number + 1);
      },
    },
  );
  supervisor.start();
  expect(network.run()).toEqual({ kind: 'terminated' });
  expect(heard).toEqual(['0:0>0', '1:0>0', '1:1>10', '1:2>20']);
  expect(finished).toBe(1);
});
