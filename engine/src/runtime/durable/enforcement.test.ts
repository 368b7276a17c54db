/** A specification that is kept through every crash: what it refuses has not happened, for anybody, ever; and who was told so is told so again. */
import { describe, expect, test } from 'vitest';
import { Alphabet, type Process as Term, Terms } from '../../csp/index.ts';
import { normalize, termLts } from '../../lts/index.ts';
import { timeout } from '../choice.ts';
import { Enforcement, UnlawfulEventError } from '../enforcement.ts';
import { CSPEngine } from '../engine.ts';
import { monitorOf } from '../monitor.ts';
import type { Suspension } from '../operation.ts';
import { Seeded } from '../seeded.ts';
import {
  type Batch,
  type DurableChannel,
  DurableNetwork,
  type DurableOptions,
  type DurableProcess,
  type Entry,
  type Journal,
  MemoryJournal,
  NonDeterminismError,
  type Sent,
  SpecificationError,
} from './index.ts';

const terms = new Terms(new Alphabet());
const event = (name: string) => terms.alphabet.intern(name);
const choose = (options: readonly (readonly [string, Term])[]) =>
  terms.externalChoice(options.map(([name, next]) => terms.prefix(event(name), next)));
const monitored = (process: Term) => monitorOf(normalize(termLts(terms, process)));

const USERS = [1, 2, 3];
/** Whoever takes it gives it back before anybody takes it. */
const MUTEX: Term = terms.call('MUTEX', () => choose(USERS.map((user) => [`take.${user}`, HELD(user)])));
const HELD = (user: number): Term => terms.call(`HELD ${user}`, () => choose([[`give.${user}`, MUTEX]]));
const mutex = monitored(MUTEX);

/** The rule itself, for the journals of the tests. */
function isLawful(events: readonly string[]): boolean {
  let holder: string | undefined;
  for (const name of events) {
    const [action, user] = name.split('.');
    if (action === 'take' ? holder !== undefined : holder !== user) return false;
    holder = action === 'take' ? user : undefined;
  }
  return true;
}

function sentIn(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) =>
    entry.kind === 'communicated' || entry.kind === 'buffered' ? [`${entry.channel}.${entry.value}`] : [],
  );
}

const CRASH = new Error('crash');

const refusedIn = (entries: readonly Entry[]) => entries.filter((entry) => entry.kind === 'refused');

async function opened(journal: Journal, options: Partial<DurableOptions> = {}) {
  const engine = new CSPEngine({ open: true });
  const durable = await DurableNetwork.open(engine, journal, { name: 'test', monitor: mutex, ...options });
  await engine.start();
  const take = durable.channel<number>('take');
  const give = durable.channel<number>('give');
  return { engine, durable, take, give };
}

/** Lets everything happen that can. */
async function calm(): Promise<void> {
  for (let i = 0; i < 50; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

interface Wires {
  readonly take: DurableChannel<number>;
  readonly give: DurableChannel<number>;
}

function* receiving(self: DurableProcess, { take, give }: Wires): Generator<Suspension, never, unknown> {
  for (let count = 1; ; count++) {
    yield* self.choice({ take: self.receive(take), give: self.receive(give) });
    if (count % 3 === 0) yield* self.checkpoint(count);
  }
}

/** What it was answered: the event, or why not. */
function* attempt(operation: Iterable<Suspension, unknown, unknown>, name: string) {
  try {
    yield* operation;
    return name;
  } catch (error) {
    if (!(error instanceof UnlawfulEventError)) throw error;
    return error.message;
  }
}

describe('what no trace goes on with', () => {
  const bodies = {
    *generator(self: DurableProcess, { take, give }: Wires, answers: string[]) {
      for (const [channel, value] of plan(take, give)) {
        try {
          yield* self.send(channel, value);
          answers.push(`${channel.name}.${value}`);
        } catch (error) {
          answers.push((error as Error).message);
        }
      }
    },
    async 'async function'(self: DurableProcess, { take, give }: Wires, answers: string[]) {
      for (const [channel, value] of plan(take, give)) {
        try {
          await self.send(channel, value);
          answers.push(`${channel.name}.${value}`);
        } catch (error) {
          answers.push((error as Error).message);
        }
      }
    },
  };
  const plan = (take: DurableChannel<number>, give: DurableChannel<number>) =>
    [
      [give, 1],
      [take, 1],
      [take, 2],
      [give, 2],
      [give, 9],
      [give, 1],
    ] as const;
  const expected = [
    'give.1 was not delivered: give.1 is not possible now; expected take.1, take.2, take.3',
    'take.1',
    'take.2 was not delivered: take.2 is not possible now; expected give.1',
    'give.2 was not delivered: give.2 is not possible now; expected give.1',
    'give.9 was not delivered: give.9 is in no trace of this system',
    'give.1',
  ];

  test.each(Object.entries(bodies))('%s: the sender is told, and goes on; the receiver waits on', async (_, body) => {
    const journal = new MemoryJournal();
    const live = async () => {
      const answers: string[] = [];
      const { durable, engine, ...wires } = await opened(journal.open());
      durable.process('lock', (self) => receiving(self, wires), { service: true });
      await engine.run(durable.process('user', (self) => body(self, wires, answers) as never));
      return { answers, node: durable.node };
    };
    const first = await live();
    expect(first.answers).toEqual(expected);
    expect(first.node).toBe(mutex.initial);
    expect(sentIn(journal.entries)).toEqual(['take.1', 'give.1']);
    expect(refusedIn(journal.entries).length).toBe(4);
  });

  test('refused where it waits, in a choice, and behind a full buffer; from outside: when what led to it is durable', async () => {
    const journal = new MemoryJournal();
    const { durable, engine, take, give } = await opened(journal.open());
    const answers: string[] = [];
    const waiting = durable.process('waiting', function* (self) {
      answers.push(yield* attempt(self.send(give, 3), 'give.3'));
    });
    const choosing = durable.process('choosing', function* (self) {
      try {
        yield* self.choice({ out: self.send(give, 2), in: self.receive(take) });
      } catch (error) {
        answers.push((error as Error).message);
      }
    });
    await calm();
    const receiver = engine.run(
      durable.process('receiver', function* (self) {
        return yield* self.receive(give);
      }),
    );
    await Promise.all([engine.run(waiting), engine.run(choosing)]);
    expect(answers.map((answer) => answer.split(':')[0])).toEqual([
      'give.3 was not delivered',
      'give.2 was not delivered',
    ]);
    await expect(durable.send(give, 1, { key: 'k' })).rejects.toThrow(UnlawfulEventError);
    expect(sentIn(journal.entries)).toEqual([]);
    const taking = engine.run(durable.process('taking', (self) => self.receive(take)[Symbol.iterator]()));
    expect(await durable.send(take, 1)).toBe('sent');
    expect(await taking).toBe(1);
    // The same key: it was not sent.
    expect(await durable.send(give, 1, { key: 'k' })).toBe('sent');
    expect(await receiver).toBe(1);
    expect(refusedIn(journal.entries).length).toBe(2);

    const crowded = new MemoryJournal();
    const { durable: other, engine: its } = await opened(crowded.open(), {
      eventOf: ({ value }) => ({ event: String(value) }),
    });
    const both = other.channel<string>('both', { buffer: 1 });
    const sending = its.run(
      other.process('p', function* (self) {
        yield* self.send(both, 'take.1');
        return yield* attempt(self.send(both, 'take.2'), 'take.2'); // Waits for a place, and is refused when there is one.
      }),
    );
    await calm();
    expect(refusedIn(crowded.entries)).toEqual([]);
    await its.run(other.process('q', (self) => self.receive(both)[Symbol.iterator]()));
    expect(await sending).toContain('take.2 was not delivered');
    expect(both.buffered).toBe(0);
  });

  test('a refusal from outside is told when what led to it survives', async () => {
    let hold: Promise<void> | undefined;
    const journal = new MemoryJournal(() => hold);
    const { durable, take, ...wires } = await opened(journal.open());
    durable.process('lock', (self) => receiving(self, { take, ...wires }), { service: true });
    await durable.settled();
    let release = (): void => {};
    hold = new Promise((resolve) => (release = resolve));
    const told: string[] = [];
    const sent = durable.send(take, 1).then(() => told.push('sent'));
    const refused = durable.send(take, 2).catch(() => told.push('refused'));
    await calm();
    expect(told).toEqual([]);
    hold = undefined;
    release();
    await Promise.all([sent, refused]);
    expect(told.sort()).toEqual(['refused', 'sent']);
  });

  test('names of events: fields behind the channel, or none', async () => {
    const monitor = monitored(choose([['go', choose([['offer.1.x', choose([['offer.y', terms.stop]])]])]]));
    const { durable } = await opened(new MemoryJournal().open(), { monitor });
    const [go, offer] = ['go', 'offer'].map((name) => durable.channel<unknown>(name, { buffer: 3 }));
    await expect(durable.send(offer!, { x: 1 })).rejects.toThrow('is in no trace of this system');
    await durable.send(go!, undefined);
    await durable.send(offer!, [1, 'x']);
    await durable.send(offer!, 'y');
    expect(monitor.expected(durable.node!)).toEqual([]);
  });

  test('other code than that which was refused diverges', async () => {
    const journal = new MemoryJournal();
    const live = async (value: number) => {
      const { durable, engine, take, give } = await opened(journal.open());
      const gate = durable.channel('gate');
      durable.process('lock', (self) => receiving(self, { take, give }), { service: true });
      return engine.run(
        durable.process('p', function* (self) {
          const answer = yield* attempt(self.send(give, value), 'sent');
          yield* self.choice({ gate: self.receive(gate), later: timeout(1) });
          if (journal.entries.length < 9) yield* self.receive(gate);
          return answer;
        }),
      );
    };
    void live(1);
    await calm();
    const error = (await live(2).catch(({ cause }) => cause)) as NonDeterminismError;
    expect(error).toBeInstanceOf(NonDeterminismError);
    expect(error.message).toContain('the journal says that it was refused to send 1 on give');
  });
});

describe('the same in every life', () => {
  /** Drawn from a seed, half of it unlawful. */
  function script(seed: number, length = 24): readonly (readonly ['take' | 'give', number])[] {
    const random = new Seeded(seed);
    return Array.from({ length }, () => [random.below(2) === 0 ? 'take' : 'give', 1 + random.below(2)] as const);
  }

  /** Runs the script to its end through the deaths: at batch n, before it is kept or after. */
  async function play(seed: number, deaths: readonly number[], keptFirst = false, checkpoints = false) {
    const kept = new MemoryJournal();
    let batches = 0;
    const mortal = (): Journal => {
      const journal = kept.open();
      return Object.assign(Object.create(journal) as Journal, {
        async append(batch: Batch) {
          const dies = deaths.includes(++batches);
          if (dies && !keptFirst) throw CRASH;
          await journal.append(batch);
          if (dies) throw CRASH;
        },
      });
    };
    const shown = new Map<string, string>();
    const live = async (): Promise<void> => {
      const { durable, ...wires } = await opened(mortal());
      const never = durable.channel('never');
      durable.process('lock', (self) => receiving(self, wires), { service: true });
      durable.process<void, number>('user', function* (self, from = 0) {
        for (const [index, [channel, user]] of script(seed).entries()) {
          if (index < from) continue;
          const sending = self.send(wires[channel], user);
          const operation = index % 2 === 0 ? sending : self.choice({ sending, never: self.receive(never) });
          const answer = yield* attempt(operation, `${channel}.${user}`);
          // An effect is begun when what led to it is durable: what it was told once it is told for ever.
          yield* self.effect((key) => {
            expect(shown.get(key) ?? answer, `seed ${seed}, ${key}`).toBe(answer);
            shown.set(key, answer);
          });
          if (checkpoints && index % 5 === 4) yield* self.checkpoint(index + 1);
        }
      });
    };
    for (let life = 0; life < 2 + deaths.length; life++) {
      await live().catch((error: unknown) => expect(error).toBe(CRASH)); // In its first batch.
      await calm();
      await calm();
    }
    const last = await opened(kept.open());
    return { answers: [...shown.values()], entries: kept.entries, batches, node: last.durable.node, kept };
  }

  /** The same program in memory, on channels that are enforced. */
  async function playInMemory(seed: number) {
    const engine = new CSPEngine({ open: true });
    const enforcement = new Enforcement(mutex);
    const enforced = { by: enforcement };
    const wires = {
      take: engine.channel<number>('take', { enforced }),
      give: engine.channel<number>('give', { enforced }),
    };
    for (const channel of Object.values(wires))
      engine.process(
        `lock ${channel.name}`,
        function* () {
          for (;;) yield* channel.receive();
        },
        { service: true },
      );
    const answers: string[] = [];
    const user = engine.process('user', function* () {
      for (const [channel, user] of script(seed))
        answers.push(yield* attempt(wires[channel].send(user), `${channel}.${user}`));
    });
    await engine.run(user);
    return { answers, node: enforcement.node };
  }

  test('as in memory, ten times', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const inMemory = await playInMemory(seed);
      expect(inMemory.answers.filter((answer) => answer.includes('not delivered')).length).toBeGreaterThanOrEqual(10);
      for (let time = 0; time < 10; time++) {
        const { answers, node, entries } = await play(seed, []);
        expect({ answers, node }).toEqual(inMemory);
        expect(isLawful(sentIn(entries))).toBe(true);
      }
    }
  });

  test.each([false, true])('a crash at every batch, in turn; it was kept: %s', async (keptFirst) => {
    const { answers, batches, entries, node } = await play(3, [], keptFirst, true);
    expect(batches).toBeGreaterThan(20);
    expect(refusedIn(entries).length).toBeGreaterThan(5);
    for (let death = 1; death <= batches; death++) {
      const again = await play(3, [death], keptFirst, true);
      expect(again.answers, `crash at ${death}`).toEqual(answers);
      expect(again.node).toBe(node);
      expect(sentIn(again.entries), `crash at ${death}`).toEqual(sentIn(entries));
      expect(refusedIn(again.entries), `crash at ${death}`).toEqual(refusedIn(entries));
    }
  });

  test('crash upon crash, of many programs', async () => {
    for (let seed = 0; seed < 20; seed++) {
      const random = new Seeded(seed);
      const deaths = Array.from({ length: 5 }, () => 1 + random.below(40));
      const { answers, entries } = await play(seed, deaths, seed % 2 === 0, seed % 3 === 0);
      expect(answers).toEqual((await playInMemory(seed)).answers);
      expect(isLawful(sentIn(entries))).toBe(true);
    }
  });

  test('from the node that is kept and from the first entry: the same', async () => {
    const { kept, node } = await play(3, [4, 9], false, true);
    const open = (head: (journal: Journal) => Journal['head']) => {
      const journal = kept.open();
      return opened(Object.assign(Object.create(journal) as Journal, { head: head(journal) }));
    };
    const { followed, from } = kept.open().head;
    expect(from).toBeGreaterThan(10);
    expect(followed!.at).toBeGreaterThan(10);
    expect((await open(({ head }) => head)).durable.node).toBe(node);
    expect((await open(({ head: { from, ended } }) => ({ from, ended }))).durable.node).toBe(node);
    // Positive control: a node that is kept wrongly is another state.
    const wrong = mutex.step(mutex.initial, event('take.3'));
    const spoiled = await open(({ head, length }) => ({
      ...head,
      followed: { ...head.followed!, node: wrong, at: length },
    }));
    expect(spoiled.durable.node).not.toBe(node);
  });
});

describe('a specification that is changed', () => {
  const written = async () => {
    const journal = new MemoryJournal();
    const answers = await life(journal, mutex);
    expect(answers).toEqual(['take.1', expect.stringContaining('take.2 was not delivered')]);
    return journal;
  };
  const life = async (journal: MemoryJournal, monitor: typeof mutex | undefined) => {
    const { durable, ...wires } = await opened(journal.open(), monitor ? { monitor } : { monitor: undefined as never });
    const answers: string[] = [];
    durable.process('lock', (self) => receiving(self, wires), { service: true });
    durable.process('user', function* (self) {
      answers.push(yield* attempt(self.send(wires.take, 1), 'take.1'));
      answers.push(yield* attempt(self.send(wires.take, 2), 'take.2'));
      yield* self.stop();
    });
    await calm();
    return answers;
  };
  /** Two may have it. */
  const SHARED = (holders: readonly number[]): Term =>
    terms.call(`SHARED ${holders}`, () =>
      choose([
        ...(holders.length < 2 ? USERS.filter((user) => !holders.includes(user)) : []).map(
          (user) => [`take.${user}`, SHARED([...holders, user].sort())] as const,
        ),
        ...holders.map((user) => [`give.${user}`, SHARED(holders.filter((other) => other !== user))] as const),
      ]),
    );
  const tags = (journal: MemoryJournal) =>
    journal.entries.flatMap((entry) => (entry.kind === 'enforced' ? [entry.specification] : []));

  test('one that has all that was sent is in force from there on, and that is written down; a refusal stays one', async () => {
    const journal = await written();
    const shared = monitored(SHARED([]));
    expect(await life(journal, shared)).toEqual(['take.1', expect.stringContaining('take.2 was not delivered')]);
    expect(new Set(tags(journal)).size).toBe(2);
    const { durable, ...wires } = await opened(journal.open(), { monitor: shared });
    durable.process('lock', (self) => receiving(self, wires), { service: true });
    expect(await durable.send(wires.take, 2)).toBe('sent');
    expect(tags(journal).length).toBe(2); // The one that is in force is not said again.
    // And back: what was sent in between is not of the first one.
    await expect(opened(journal.open())).rejects.toThrow(SpecificationError);
  });

  test('one that has not, and none at all, are refused, with the place', async () => {
    const journal = await written();
    const other = choose([['take.2', terms.stop]]);
    const error = await opened(journal.open(), { monitor: monitored(other) }).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(SpecificationError);
    const position = journal.entries.findIndex(({ kind }) => kind === 'communicated');
    expect(error).toMatchObject({ position, event: 'take.1' });
    await expect(life(journal, undefined)).rejects.toThrow('is enforced: open it with a monitor');
    expect(sentIn(journal.entries)).toEqual(['take.1']);
  });

  test('a node that was kept is of the specification that was followed, and of no other', async () => {
    const journal = new MemoryJournal();
    const { durable, engine, ...wires } = await opened(journal.open());
    durable.process('lock', (self) => receiving(self, wires), { service: true });
    await engine.run(durable.process('user', (self) => self.send(wires.take, 1)[Symbol.iterator]()));
    const { followed } = journal.open().head;
    expect(journal.entries.findIndex(({ kind }) => kind === 'communicated')).toBeLessThan(followed!.at);
    const other = monitored(choose([['take.2', choose([['give.2', terms.stop]])]]));
    await expect(opened(journal.open(), { monitor: other })).rejects.toMatchObject({ event: 'take.1' });
    const longer = monitored(choose(USERS.map((user) => [`take.${user}`, choose([['take.3', terms.stop]])])));
    const next = await opened(journal.open(), { monitor: longer });
    expect(next.durable.node).toBe(longer.step(longer.initial, event('take.1')));
    // Nor is it one of the same specification under other names.
    const renamed = (entry: Sent) => ({ event: `${entry.channel}.${entry.value === 1 ? 2 : 1}` });
    expect((await opened(journal.open())).durable.node).toBe(mutex.step(mutex.initial, event('take.1')));
    expect((await opened(journal.open(), { eventOf: renamed })).durable.node).toBe(
      mutex.step(mutex.initial, event('take.2')),
    );
  });

  test('a journal that nobody enforced may be, when it is a run of the specification', async () => {
    const journal = new MemoryJournal();
    expect(await life(journal, undefined)).toEqual(['take.1', 'take.2']);
    await expect(opened(journal.open())).rejects.toThrow('take.2 is not possible now');
    const { durable } = await opened(journal.open(), { monitor: monitored(SHARED([])) });
    await durable.settled();
    expect(tags(journal).length).toBe(1);
  });
});
