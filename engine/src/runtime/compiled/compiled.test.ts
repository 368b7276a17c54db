/** The compiled tier against the meaning of processes: what was performed is looked up by the firing rules alone, as sets of terms. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { Alphabet, type EventId, eventSet, type Process, TAU, Terms, transitions } from '../../csp/index.ts';
import { normalize, termLts } from '../../lts/index.ts';
import { Enforcement } from '../enforcement.ts';
import { monitorOf } from '../monitor.ts';
import { Network } from '../network.ts';
import { type CompiledProcess, compileProcess, type Wiring } from './compiled-process.ts';
import { RecordChain } from './record-chain.ts';

const terms = new Terms(new Alphabet());
const event = (name: string) => terms.alphabet.intern(name);
const set = (...names: string[]) => eventSet(names.map(event));
const choose = (...branches: Process[]) => terms.externalChoice(branches);
const decide = (...branches: Process[]) => terms.internalChoice(branches);
const define = (name: string, body: () => Process) => terms.call(name, body, { name });
const path = (...path: [...string[], Process]): Process =>
  (path.slice(0, -1) as string[]).reduceRight<Process>(
    (next, name) => terms.prefix(event(name), next),
    path.at(-1) as Process,
  );

/** Subset construction: the terms a process may have become. Empty: not a trace. */
function after(process: Process, trace: readonly EventId[]): Set<Process> {
  const closed = (states: Iterable<Process>) => {
    const reached = new Set(states);
    for (const state of reached)
      for (const step of transitions(terms, state)) if (step.event === TAU) reached.add(step.target);
    return reached;
  };
  let states = closed([process]);
  for (const performed of trace) {
    const targets: Process[] = [];
    for (const state of states)
      for (const step of transitions(terms, state)) if (step.event === performed) targets.push(step.target);
    states = closed(targets);
  }
  return states;
}

function compiled(process: Process, wiring: Wiring): CompiledProcess {
  const compilation = compileProcess(terms, process, wiring);
  if (compilation.kind === 'refused') throw new Error(compilation.message);
  return compilation.process;
}

const names = (trace: readonly EventId[]) => trace.map((performed) => terms.alphabet.nameOf(performed));

// Two bidders decide internally, a host hears both and keeps time; any of the bidders may crash.
const bidder = (who: string): Process => {
  const BID: Process = define(`BID ${who}`, () =>
    choose(
      decide(path(`bid.${who}.1`, BID), path(`bid.${who}.2`, BID), path(`pass.${who}`, WATCH)),
      path(`sold.${who}`, terms.skip),
      path(`crash.${who}`, terms.skip),
    ),
  );
  const WATCH: Process = define(`WATCH ${who}`, () =>
    choose(path(`sold.${who}`, terms.skip), path(`crash.${who}`, terms.skip)),
  );
  return BID;
};
const host = (gone: string, bids: number): Process =>
  define(`HOST ${gone} ${bids}`, () =>
    choose(
      path('clock', close(gone)),
      ...['ann', 'bob']
        .filter((who) => who !== gone)
        .flatMap((who) => [
          ...(bids < 4 ? [1, 2].map((amount) => path(`bid.${who}.${amount}`, 'note', host(gone, bids + 1))) : []),
          path(`pass.${who}`, host(gone, bids)),
          path(`crash.${who}`, gone === '' ? host(who, bids) : terms.skip),
        ]),
    ),
  );
const sell = (who: string, then: Process): Process => choose(path(`sold.${who}`, then), path(`crash.${who}`, then));
const close = (gone: string): Process =>
  define(`CLOSE ${gone}`, () =>
    gone === ''
      ? choose(sell('ann', sell('bob', terms.skip)), sell('bob', sell('ann', terms.skip)))
      : sell(gone === 'ann' ? 'bob' : 'ann', terms.skip),
  );
const own = (who: string) => [`bid.${who}.1`, `bid.${who}.2`, `pass.${who}`, `sold.${who}`, `crash.${who}`];
const AUCTION = terms.alphabetizedParallel([
  { process: bidder('ann'), alphabet: set(...own('ann')) },
  { process: bidder('bob'), alphabet: set(...own('bob')) },
  { process: host('', 0), alphabet: set(...own('ann'), ...own('bob'), 'clock', 'note') },
]);

const MONITOR = monitorOf(normalize(termLts(terms, AUCTION)));

function auction(seed: number, tier: 'compiled' | 'mixed' = 'compiled') {
  const network = new Network({ seed });
  const channels = Object.fromEntries(
    ['bid', 'pass', 'sold', 'crash'].flatMap((what) =>
      ['ann', 'bob'].map((who) => [`${what}.${who}`, network.channel<unknown>(`${what}.${who}`)] as const),
    ),
  );
  const wires = (kinds: readonly string[], people: readonly string[]) =>
    Object.fromEntries(people.flatMap((who) => kinds.map((kind) => [`${kind}.${who}`, channels[`${kind}.${who}`]!])));
  const trace: EventId[] = [];
  const enforcement = new Enforcement(MONITOR, { record: (performed) => trace.push(performed) });
  const people = tier === 'compiled' ? ['ann', 'bob'] : ['ann'];
  for (const who of people) {
    const wiring = { sends: wires(['bid', 'pass', 'crash'], [who]), receives: wires(['sold'], [who]) };
    network.spawn(who, compiled(bidder(who), wiring).body({ seed, enforcement }));
  }
  if (tier === 'mixed')
    network.spawn('bob', function* () {
      yield* channels['bid.bob']!.send(2);
      yield* channels['crash.bob']!.send(undefined);
    });
  const both = ['ann', 'bob'];
  const receives = wires(['bid', 'pass', 'crash'], both);
  const wiring = { sends: wires(['sold'], both), receives, alone: ['clock', 'note'] };
  const observes = tier === 'mixed' ? Object.keys(receives).filter((name) => name.endsWith('bob')) : [];
  network.spawn('host', compiled(host('', 0), wiring).body({ seed: seed + 1, enforcement, observes }));
  return { outcome: network.run({ stepsMax: 20_000 }), trace };
}

describe('runs of compiled processes', () => {
  test('of three components on channels are traces of their composition, over 150 seeds', () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 150; seed++) {
      const { outcome, trace } = auction(seed);
      expect(outcome, `seed ${seed}: ${names(trace)}`).toEqual({ kind: 'terminated' });
      expect(after(AUCTION, trace).size, `seed ${seed}: ${names(trace)}`).toBeGreaterThan(0);
      for (const name of names(trace)) seen.add(name);
    }
    // Nothing that may happen never does.
    expect([...seen].sort()).toEqual([...own('ann'), ...own('bob'), 'clock', 'note'].sort());
  });

  test('the same seed, the same run', () => {
    expect(auction(7)).toEqual(auction(7));
    expect(new Set(Array.from({ length: 20 }, (_, seed) => names(auction(seed).trace).join())).size).toBeGreaterThan(
      10,
    );
  });

  test('a generator on the same channels takes part; what it sends is enforced when it is received', () => {
    let crashes = 0;
    for (let seed = 0; seed < 50; seed++) {
      const { trace } = auction(seed, 'mixed');
      expect(after(AUCTION, trace).size, `seed ${seed}: ${names(trace)}`).toBeGreaterThan(0);
      if (names(trace).includes('crash.bob')) crashes++;
    }
    expect(crashes).toBeGreaterThan(0);
  });

  test('the judge would notice: a trace with two events exchanged is refused', () => {
    const { trace } = auction(3);
    const clock = trace.findIndex((performed) => terms.alphabet.nameOf(performed) === 'clock');
    expect(after(AUCTION, [...trace, ...trace.slice(0, clock + 1)]).size).toBe(0);
  });

  test.each<[string, Process, string[]]>([
    [
      'hiding and internal choice',
      terms.hide(decide(path('x', 'a', terms.skip), path('x', 'b', terms.stop)), set('x')),
      ['a', 'b'],
    ],
    ['interrupt', terms.interrupt(path('a', 'b', terms.stop), path('c', terms.skip)), ['a,b,c', 'a,c', 'c']],
    ['sequence', terms.sequential(decide(path('a', terms.skip), terms.skip), path('b', terms.stop)), ['a,b', 'b']],
    [
      'interleaving',
      terms.interleave([path('a', 'b', terms.skip), path('c', terms.skip)]),
      ['a,b,c', 'a,c,b', 'c,a,b'],
    ],
    [
      'renaming that forgets',
      terms.rename(choose(path('a', 'c', terms.stop), path('b', 'd', terms.stop)), [
        [event('a'), event('e')],
        [event('b'), event('e')],
      ]),
      ['e,c', 'e,d'],
    ],
    ['sliding choice', terms.slidingChoice(path('a', terms.stop), path('b', terms.skip)), ['b']],
  ])('walks of a process by itself are its traces, and reach its ends: %s', (_, process, expected) => {
    const ends = new Set<string>();
    for (let seed = 0; seed < 60; seed++) {
      const network = new Network();
      const trace: EventId[] = [];
      const monitor = monitorOf(normalize(termLts(terms, process)));
      const enforcement = new Enforcement(monitor, { record: (performed) => trace.push(performed) });
      const alone = ['a', 'b', 'c', 'd', 'e'];
      network.spawn('walk', compiled(process, { alone }).body({ seed, enforcement }));
      const outcome = network.run();
      const reached = after(process, trace);
      expect(reached.size, names(trace).join()).toBeGreaterThan(0);
      // It stops only where the process may stop, and ends only where it may end.
      const kinds = [...reached].map((state) => [...transitions(terms, state)].map((step) => step.event));
      if (outcome.kind === 'deadlock') expect(kinds.some((initials) => initials.length === 0)).toBe(true);
      else expect(outcome.kind).toBe('terminated');
      ends.add(names(trace).join());
    }
    // All maximal traces, by hand; where an offer may be withdrawn by an internal step, it is.
    expect([...ends].sort()).toEqual(expected);
  });
});

describe('enforcement', () => {
  const SENDER = define('SENDER', () => path('out.1', 'out.2', SENDER));
  const ONCE = path('out.1', terms.stop);

  test('an event that the system does not allow is not delivered', () => {
    const network = new Network({ onFailure: () => 'continue' });
    const out = network.channel<unknown>('out');
    const enforcement = new Enforcement(monitorOf(normalize(termLts(terms, ONCE))));
    const got: unknown[] = [];
    const sender = network.spawn('sender', compiled(SENDER, { sends: { out } }).body({ enforcement }));
    network.spawn(
      'reader',
      function* () {
        for (;;) got.push(yield* out.receive());
      },
      { service: true },
    );
    network.run();
    expect(got).toEqual([1]);
    expect(String(sender.error)).toContain('out.2 was not delivered');
  });

  test('records are chained; the head is that of hashing the same blocks', () => {
    const sha256 = (...parts: Uint8Array[]) =>
      parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();
    const blocks: Uint8Array[] = [];
    const chain = new RecordChain({
      hash: (before, block) => sha256(before, block),
      sealed: (block) => blocks.push(block.slice()),
      recordsPerBlock: 4,
    });
    for (let i = 0; i < 10; i++) chain.record(event('out.1'), i, i + 1);
    chain.seal();
    chain.seal(); // Nothing to seal: nothing changes.
    expect(blocks.map((block) => block.length)).toEqual([128, 128, 64]);
    expect(chain.head).toEqual(blocks.reduce<Uint8Array>((head, block) => sha256(head, block), new Uint8Array(32)));
    const last = new DataView(blocks[2]!.buffer, blocks[2]!.byteOffset + 32);
    expect([
      last.getFloat64(0, true),
      last.getUint32(8, true),
      last.getUint32(12, true),
      last.getUint32(16, true),
    ]).toEqual([10, event('out.1'), 9, 10]);
  });
});

describe('state and values', () => {
  const COPY = (full: number | null): Process =>
    define(`COPY ${full}`, () =>
      full === null ? choose(...[0, 1, 2].map((n) => path(`in.${n}`, COPY(n)))) : path(`out.${full}`, COPY(null)),
    );

  test('values are bound to fields, and a snapshot goes on where the run was', () => {
    const run = (from: number | undefined, inputs: readonly number[], wanted: number) => {
      const network = new Network();
      const [input, output] = [network.channel<unknown>('in'), network.channel<unknown>('out')];
      const copy = compiled(COPY(null), { receives: { in: input }, sends: { out: output } });
      let state = from;
      network.spawn('copy', copy.body({ ...(from === undefined ? {} : { from }), onState: (s) => (state = s) }), {
        service: true,
      });
      const got: unknown[] = [];
      network.spawn('in', function* () {
        for (const value of inputs) yield* input.send(value);
      });
      network.spawn('out', function* () {
        while (got.length < wanted) got.push(yield* output.receive());
      });
      expect(network.run()).toEqual({ kind: 'terminated' });
      return { got, state };
    };
    const first = run(undefined, [2, 0, 1], 2);
    expect(first.got).toEqual([2, 0]);
    expect(run(first.state, [2], 2).got).toEqual([1, 2]);
  });

  test('a receive that the state does not accept waits', () => {
    const network = new Network();
    const input = network.channel<unknown>('in');
    const order = compiled(path('in.1', 'in.2', terms.skip), { receives: { in: input } });
    network.spawn('order', order.body());
    const sent: number[] = [];
    for (const value of [2, 1])
      network.spawn(`send ${value}`, function* () {
        yield* input.send(value);
        sent.push(value);
      });
    expect(network.run()).toEqual({ kind: 'terminated' });
    expect(sent).toEqual([1, 2]);
  });

  test('STOP is a deadlock, with its process in the report', () => {
    const network = new Network();
    network.spawn('stops', compiled(terms.stop, {}).body());
    const outcome = network.run();
    expect(outcome.kind === 'deadlock' && outcome.error.message).toContain('stops');
  });

  test('what cannot be compiled is refused by name', () => {
    const LOOP: Process = define('LOOP', () => path('x', LOOP));
    const reasonOf = (process: Process, options = {}) => {
      const compilation = compileProcess(terms, process, { alone: ['x', 'in', 'out'] }, options);
      return compilation.kind === 'refused' ? compilation.reason : 'compiled';
    };
    expect(reasonOf(terms.hide(LOOP, set('x')))).toBe('diverges');
    expect(reasonOf(path('unheard', terms.stop))).toBe('unbound event');
    expect(reasonOf(COPY(null), { stateCountMax: 2 })).toBe('too many states');
    expect(reasonOf(LOOP)).toBe('compiled');
    const out = new Network().channel<unknown>('out');
    expect(() => compileProcess(terms, LOOP, { sends: { out }, receives: { out } })).toThrow('wired twice');
  });
});
