/**
 * The tiers are one: a protocol run as a generator, as an async function, compiled and durable, with the same decisions of its partner, gives the same
 * log; and that log is a trace of the protocol, by the reference that knows no tier.
 *
 * The partner waits until the process is blocked in its offers, in virtual time, and then takes one of them by its own order. So what happens does not
 * depend on who was faster, and a difference is a difference of the tiers.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { CHOOSE, compileProcess, DRAW, END, type Row, SEND, STOP, tabulate } from '@enhanced-csp/engine/compiled';
import { DurableNetwork, MemoryJournal, specified } from '@enhanced-csp/engine/durable';
import { normalize, termLts } from '@enhanced-csp/engine/lts';
import {
  type Channel,
  CSPEngine,
  choice,
  type Monitor,
  monitorOf,
  priority,
  Seeded,
  timeout,
} from '@enhanced-csp/engine/runtime';
import { describe, expect, test } from 'vitest';
import { PROTOCOLS, type Protocol } from './protocols.ts';
import { isTrace } from './reference.ts';

const SEEDS = Array.from({ length: 12 }, (_, seed) => seed);
const STEPS_MAX = 40;

type Wires = Record<string, Channel<unknown>>;

/** Draws like the compiled tier: only where there is something to draw. */
const drawn = (random: Seeded, targets: readonly number[]): number =>
  targets.length === 1 ? targets[0]! : targets[random.below(targets.length)]!;

type Spoil = (row: Row) => Row;
const honest: Spoil = (row) => row;

interface Table {
  readonly rows: readonly Row[];
  readonly initial: number;
}

function* walking({ rows, initial }: Table, wires: Wires, seed: number, spoil: Spoil) {
  const random = new Seeded(seed);
  for (let state = initial; ; ) {
    const row = spoil(rows[state]!);
    if (row.kind === END) return;
    if (row.kind === STOP) throw new Error('no protocol stops');
    if (row.kind === DRAW) state = drawn(random, row.targets);
    else {
      let at = 0;
      if (row.kind === SEND) yield* wires[row.ports[0]!.channel]!.send(undefined);
      else at = Number((yield* choice(offers(row, wires))).guard);
      state = drawn(random, row.ports[at]!.moves.values().next().value!.targets);
    }
  }
}

async function walkingAsync({ rows, initial }: Table, wires: Wires, seed: number) {
  const random = new Seeded(seed);
  for (let state = initial; ; ) {
    const row = rows[state]!;
    if (row.kind === END) return;
    if (row.kind === DRAW) state = drawn(random, row.targets);
    else {
      let at = 0;
      if (row.kind === SEND) await wires[row.ports[0]!.channel]!.send(undefined);
      else at = Number((await choice(offers(row, wires))).guard);
      state = drawn(random, row.ports[at]!.moves.values().next().value!.targets);
    }
  }
}

function offers(row: Row, wires: Wires) {
  expect(row.kind).toBe(CHOOSE);
  return Object.fromEntries(row.ports.map(({ channel }, at) => [at, wires[channel]!.send(undefined)]));
}

interface Subject extends Protocol {
  readonly monitor: Monitor;
  readonly names: readonly string[];
  readonly table: Table;
}

function subject(protocol: Protocol): Subject {
  const monitor = monitorOf(normalize(termLts(protocol.terms, protocol.process)));
  const { alphabet } = protocol.terms;
  const names = alphabet
    .visible()
    .filter((event) => monitor.knows(event))
    .map((event) => alphabet.nameOf(event));
  const directions = { sends: names, receives: [], alone: [] };
  const table = tabulate(protocol.terms, protocol.process, directions, 10_000);
  if (table.kind === 'refused') throw new Error(table.message);
  return { ...protocol, monitor, names, table };
}

/** What the partner may take, in an order of its own for each step. */
function* order(on: Subject, seed: number): Generator<readonly string[], void, string> {
  const random = new Seeded(1000 + seed);
  for (let node = on.monitor.initial; ; ) {
    const expected = on.monitor.expected(node).map((event) => on.terms.alphabet.nameOf(event));
    for (let i = expected.length - 1; i > 0; i--) {
      const j = random.below(i + 1);
      [expected[i], expected[j]] = [expected[j]!, expected[i]!];
    }
    const event = yield expected;
    node = on.monitor.stepByName(node, event);
    if (node < 0) return; // No protocol has it; the log will tell.
  }
}

function partner(engine: CSPEngine, on: Subject, wires: Wires, seed: number, log: string[]) {
  return engine.process('partner', function* (self) {
    const orders = order(on, seed);
    let next = orders.next();
    while (log.length < STEPS_MAX && !next.done && next.value.length > 0) {
      yield* self.delay(1);
      const guards = Object.fromEntries(next.value.map((name) => [name, wires[name]!.receive()]));
      const { guard } = yield* priority({ ...guards, nobody: timeout(1) });
      if (guard === 'nobody') return;
      log.push(guard);
      next = orders.next(guard);
    }
  });
}

type Start = (engine: CSPEngine, on: Subject, wires: Wires, seed: number) => void;

const TIERS: Readonly<Record<'generator' | 'async' | 'compiled', Start>> = {
  generator: (engine, on, wires, seed) =>
    void engine.process('process', () => walking(on.table, wires, seed, honest), { service: true }),
  async: (engine, on, wires, seed) =>
    void engine.process('process', () => walkingAsync(on.table, wires, seed), { service: true }),
  compiled(engine, on, wires, seed) {
    const compilation = compileProcess(on.terms, on.process, { sends: wires });
    if (compilation.kind === 'refused') throw new Error(compilation.message);
    engine.process('process', compilation.process.body({ seed }), { service: true });
  },
};

async function run(on: Subject, seed: number, start: Start): Promise<string[]> {
  const engine = new CSPEngine({ context: new AsyncLocalStorage(), open: true });
  const wires: Wires = Object.fromEntries(on.names.map((name) => [name, engine.channel<unknown>(name)]));
  const log: string[] = [];
  start(engine, on, wires, seed);
  await engine.run(partner(engine, on, wires, seed, log));
  await engine.stop().catch(() => {}); // An async process is ended in the middle of an offer.
  return log;
}

async function runDurably(on: Subject, seed: number): Promise<string[]> {
  const engine = new CSPEngine({ open: true });
  const chance = new Seeded(seed);
  const random = () => chance.next() / 2 ** 32;
  const durable = await DurableNetwork.open(engine, new MemoryJournal().open(), { name: 'tier', random });
  const wires = Object.fromEntries(on.names.map((name) => [name, durable.channel<unknown>(name)]));
  const body = specified(on.terms, on.process, { sends: wires });
  if (body.kind === 'refused') throw new Error(body.message);
  durable.process('process', body.body, { service: true });
  const log: string[] = [];
  const partner = durable.process('partner', function* (self) {
    const orders = order(on, seed);
    let next = orders.next();
    while (log.length < STEPS_MAX && !next.done && next.value.length > 0) {
      yield* self.delay(1);
      // A durable choice is fair; the one offer it is to take is found by asking for one after the other.
      let taken: string | undefined;
      for (const name of next.value) {
        const { guard } = yield* self.choice({ take: self.receive(wires[name]!), not: timeout(0) });
        if (guard === 'take') {
          taken = name;
          break;
        }
      }
      if (taken === undefined) return;
      log.push(taken);
      next = orders.next(taken);
    }
  });
  await engine.run(partner);
  return log;
}

describe.each(PROTOCOLS.map((build) => subject(build())).map((on) => [on.name, on] as const))('%s', (_, on) => {
  test('the tiers give one log for each seed, and it is a trace', async () => {
    const logs = new Set<string>();
    for (const seed of SEEDS) {
      const expected = await run(on, seed, TIERS.generator);
      expect(isTrace(on.terms, on.process, expected), `seed ${seed}: ${expected}`).toBe(true);
      for (const tier of ['async', 'compiled'] as const)
        expect(await run(on, seed, TIERS[tier]), `${tier}, seed ${seed}`).toEqual(expected);
      if (seed % 6 === 0) expect(await runDurably(on, seed), `durable, seed ${seed}`).toEqual(expected);
      logs.add(expected.join(' '));
    }
    expect(logs.size).toBeGreaterThan(4);
  });

  test('a tier that is made to skip an event is caught', async () => {
    let caught = 0;
    for (const seed of SEEDS) {
      let rows = 0;
      // At one of its first states it goes on as if it had done what it was to offer.
      const spoil: Spoil = (row) =>
        row.ports.length > 0 && ++rows === 1 + (seed % 3)
          ? { ...row, kind: DRAW, targets: row.ports[0]!.moves.values().next().value!.targets }
          : row;
      const log = await run(on, seed, (engine, { table }, wires) => {
        engine.process('process', () => walking(table, wires, seed, spoil), { service: true });
      });
      if (log.join() !== (await run(on, seed, TIERS.generator)).join()) caught++;
    }
    expect(caught).toBeGreaterThan(0);
  });
});
