/** Systems whose verdicts and sizes are in the literature, and broken versions of them that must be refuted. */
import { describe, expect, test } from 'vitest';
import { Alphabet, type EventId, eventSet, type Process, Terms } from '../csp/index.ts';
import { compile, type Limits } from '../lts/index.ts';
import {
  type Claim,
  deadlockFree,
  deterministic,
  divergenceFree,
  hasTrace,
  refines,
  replay,
  type Verdict,
} from './index.ts';

const terms = new Terms(new Alphabet());
const event = (name: string): EventId => terms.alphabet.intern(name);
const events = (...names: string[]) => eventSet(names.map(event));
const sequence = (names: readonly string[], last: Process): Process =>
  names.reduceRight((next, name) => terms.prefix(event(name), next), last);
const loop = (key: string, names: readonly string[]): Process => {
  const self: Process = terms.call(key, () => sequence(names, self));
  return self;
};
const choice = (branches: Readonly<Record<string, Process>>): Process =>
  terms.prefixChoice(Object.entries(branches).map(([name, next]) => ({ event: event(name), next })));
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** The counterexample of a failed check, after it has been replayed by the firing rules. */
function refuted(verdict: Verdict, claim: Claim) {
  if (verdict.kind !== 'fails') throw new Error(`expected to fail: ${verdict.kind}`);
  expect(replay(terms, claim, verdict.counterexample)).toBe(true);
  return verdict.counterexample;
}

describe('dining philosophers', () => {
  const next = (i: number, n: number): number => (i + 1) % n;
  const philosopher = (i: number, n: number): Process => {
    const [own, other] = [`${i}.${i}`, `${i}.${next(i, n)}`];
    return loop(`philosopher ${i} ${n}`, [
      `thinks.${i}`,
      ...[`picks.${own}`, `picks.${other}`, `eats.${i}`, `puts.${other}`, `puts.${own}`, `leaves.${i}`],
    ]);
  };
  const leftHanded = (i: number, n: number): Process => {
    const [own, other] = [`${i}.${i}`, `${i}.${next(i, n)}`];
    return loop(`left-handed ${i} ${n}`, [
      `thinks.${i}`,
      ...[`picks.${other}`, `picks.${own}`, `eats.${i}`, `puts.${own}`, `puts.${other}`, `leaves.${i}`],
    ]);
  };
  const fork = (j: number, n: number): Process => {
    const self: Process = terms.call(`fork ${j} ${n}`, () =>
      choice(
        Object.fromEntries(
          [j, (j + n - 1) % n].map((i) => [`picks.${i}.${j}`, terms.prefix(event(`puts.${i}.${j}`), self)]),
        ),
      ),
    );
    return self;
  };
  const shared = (n: number) =>
    events(...range(n).flatMap((i) => ['picks', 'puts'].flatMap((c) => [`${c}.${i}.${i}`, `${c}.${i}.${next(i, n)}`])));
  const table = (n: number, seat: (i: number) => Process): Process =>
    terms.generalizedParallel(
      [terms.interleave(range(n).map(seat)), terms.interleave(range(n).map((j) => fork(j, n)))],
      shared(n),
    );

  // Counted by mCRL2 and by SPIN on the same model.
  test.each([
    [6, 46_656, 246_612],
    [7, 279_934, 1_726_256],
  ])('%i: as many states and transitions as others count', (n, states, transitions) => {
    const system = table(n, (i) => philosopher(i, n));
    expect(divergenceFree(compile(terms, system))).toEqual({ kind: 'holds', states, transitions });
  });

  test.each([2, 5, 8])('%i right-handed philosophers deadlock when each has thought and taken one fork', (n) => {
    const process = table(n, (i) => philosopher(i, n));
    const found = refuted(deadlockFree('F', compile(terms, process)), { check: 'deadlock free', model: 'F', process });
    expect(found.kind).toBe('deadlock');
    expect([...found.trace].sort((a, b) => a - b)).toEqual(
      events(...range(n).flatMap((i) => [`thinks.${i}`, `picks.${i}.${i}`])),
    );
  });

  test.each([2, 5])('%i with one left-handed do not', (n) => {
    const system = compile(
      terms,
      table(n, (i) => (i === 0 ? leftHanded(i, n) : philosopher(i, n))),
    );
    expect(deadlockFree('FD', system).kind).toBe('holds');
    expect(divergenceFree(system).kind).toBe('holds');
  });

  test('a limit is unknown, never holds', () => {
    const process = table(7, (i) => (i === 0 ? leftHanded(i, 7) : philosopher(i, 7)));
    const unknown = (limits: Limits) => deadlockFree('F', compile(terms, process), limits);
    expect(unknown({ stateCountMax: 1000 })).toMatchObject({ kind: 'unknown', spent: 'states' });
    let asked = 0;
    expect(unknown({ stopped: () => ++asked > 3 })).toMatchObject({ kind: 'unknown', spent: 'time' });
    let bytes = 0;
    const needing = (byteCountMax: number) => unknown({ byteCount: () => (bytes += 1_000), byteCountMax });
    expect(needing(2_000)).toMatchObject({ kind: 'unknown', spent: 'memory' });
    bytes = 0;
    expect(needing(1_000_000).kind).toBe('holds');
    const progress: number[] = [];
    unknown({ stateCountMax: 50_000, onProgress: ({ states }) => progress.push(states) });
    expect(progress.length).toBeGreaterThan(3);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });
});

describe("Milner's scheduler", () => {
  // A Calculus of Communicating Systems, section 5.4: cell i is called, starts its task, and then in either order calls the next and sees its task end.
  const cell = (i: number, n: number): Process => {
    const [started, ended, call] = [`a.${i}`, `b.${i}`, `c.${(i + 1) % n}`];
    const self: Process = terms.call(`cell ${i} ${n}`, () => terms.prefix(event(`c.${i}`), work));
    const work: Process = terms.call(`work ${i} ${n}`, () =>
      terms.prefix(
        event(started),
        choice({ [ended]: terms.prefix(event(call), self), [call]: terms.prefix(event(ended), self) }),
      ),
    );
    return i === 0 ? work : self;
  };
  const scheduler = (n: number, broken = false): Process =>
    terms.alphabetizedParallel(
      range(n).map((i) => ({
        process: broken && i === 2 ? loop('eager', ['a.2', 'b.2']) : cell(i, n),
        alphabet: broken && i === 2 ? events('a.2', 'b.2') : events(`a.${i}`, `b.${i}`, `c.${i}`, `c.${(i + 1) % n}`),
      })),
    );
  const quiet = (n: number, process: Process): Process =>
    terms.hide(process, events(...range(n).flatMap((i) => [`b.${i}`, `c.${i}`])));

  test.each([4, 6, 10])('%i cells have n 2^n 3/2 states', (n) => {
    expect(divergenceFree(compile(terms, scheduler(n)))).toMatchObject({ kind: 'holds', states: n * 2 ** n * 1.5 });
  });

  test('tasks start in turn: it equals the ring, in every model', () => {
    const n = 6;
    const ring = loop(
      'ring',
      range(n).map((i) => `a.${i}`),
    );
    const [specification, system] = [ring, quiet(n, scheduler(n))];
    for (const model of ['T', 'F', 'FD'] as const) {
      expect(refines(model, compile(terms, specification), compile(terms, system)).kind).toBe('holds');
      expect(refines(model, compile(terms, system), compile(terms, specification)).kind).toBe('holds');
    }
    expect(deterministic('FD', compile(terms, system)).kind).toBe('holds');
  });

  test('an eager cell starts out of turn', () => {
    const n = 4;
    const specification = loop(
      'ring 4',
      range(n).map((i) => `a.${i}`),
    );
    const implementation = quiet(n, scheduler(n, true));
    const verdict = refines('T', compile(terms, specification), compile(terms, implementation));
    const found = refuted(verdict, { check: 'refinement', model: 'T', specification, implementation });
    expect(found).toMatchObject({ kind: 'trace', trace: [], event: event('a.2') });
  });
});

describe('alternating bit protocol', () => {
  const VALUES = ['x', 'y'];
  const lossy = (key: string, input: string, output: string, messages: readonly string[]): Process => {
    const self: Process = terms.call(key, () =>
      choice(
        Object.fromEntries(
          messages.map((m) => [
            `${input}.${m}`,
            terms.internalChoice([terms.prefix(event(`${output}.${m}`), self), self]),
          ]),
        ),
      ),
    );
    return self;
  };
  const bits = [0, 1];
  const messages = bits.flatMap((bit) => VALUES.map((v) => `${bit}.${v}`));

  const sender = (checksAcknowledgement: boolean): Process => {
    const key = `sender ${checksAcknowledgement}`;
    const ready = (bit: number): Process =>
      terms.call(`${key} ready ${bit}`, () =>
        choice(Object.fromEntries(VALUES.map((v) => [`in.${v}`, sending(bit, v)]))),
      );
    const sending = (bit: number, v: string): Process =>
      terms.call(`${key} sending ${bit} ${v}`, () =>
        choice({
          [`send.${bit}.${v}`]: sending(bit, v),
          [`acknowledged.${bit}`]: ready(1 - bit),
          [`acknowledged.${1 - bit}`]: checksAcknowledgement ? sending(bit, v) : ready(1 - bit),
        }),
      );
    return ready(0);
  };
  const receiver = (checksBit: boolean): Process => {
    const key = `receiver ${checksBit}`;
    const waiting = (bit: number): Process =>
      terms.call(`${key} ${bit}`, () =>
        choice({
          ...Object.fromEntries(
            VALUES.map((v) => [`receive.${bit}.${v}`, terms.prefix(event(`out.${v}`), waiting(1 - bit))]),
          ),
          ...Object.fromEntries(
            VALUES.map((v) => [
              `receive.${1 - bit}.${v}`,
              checksBit ? waiting(bit) : terms.prefix(event(`out.${v}`), waiting(bit)),
            ]),
          ),
          [`acknowledge.${1 - bit}`]: waiting(bit),
        }),
      );
    return waiting(0);
  };

  const inner = eventSet([
    ...messages.flatMap((m) => [event(`send.${m}`), event(`receive.${m}`)]),
    ...bits.flatMap((bit) => [event(`acknowledge.${bit}`), event(`acknowledged.${bit}`)]),
  ]);
  const system = (s: Process, r: Process): Process =>
    terms.hide(
      terms.generalizedParallel(
        [
          terms.interleave([s, r]),
          terms.interleave([
            lossy('wire', 'send', 'receive', messages),
            lossy('back', 'acknowledge', 'acknowledged', bits.map(String)),
          ]),
        ],
        inner,
      ),
      inner,
    );
  const copy: Process = terms.call('copy', () =>
    choice(Object.fromEntries(VALUES.map((v) => [`in.${v}`, terms.prefix(event(`out.${v}`), copy)]))),
  );

  test('what comes out is what went in, in order', () => {
    const lts = compile(terms, system(sender(true), receiver(true)));
    expect(refines('T', compile(terms, copy), lts).kind).toBe('holds');
    expect(hasTrace('T', lts, ['in.x', 'out.x', 'in.y', 'out.y'].map(event)).kind).toBe('holds');
    expect(hasTrace('T', lts, ['in.x', 'out.x', 'out.x'].map(event)).kind).toBe('fails');
  });

  test('a wire that always loses makes it diverge, so nothing holds in FD', () => {
    const implementation = system(sender(true), receiver(true));
    const verdict = refines('FD', compile(terms, copy), compile(terms, implementation));
    const found = refuted(verdict, { check: 'refinement', model: 'FD', specification: copy, implementation });
    expect(found.kind).toBe('divergence');
    refuted(divergenceFree(compile(terms, implementation)), {
      check: 'divergence free',
      model: 'FD',
      process: implementation,
    });
  });

  test.each([
    ['a sender that takes any acknowledgement', sender(false), receiver(true)],
    ['a receiver that does not look at the bit', sender(true), receiver(false)],
    ['neither looks', sender(false), receiver(false)],
  ])('%s breaks it', (_, s, r) => {
    const implementation = system(s, r);
    const verdict = refines('T', compile(terms, copy), compile(terms, implementation));
    refuted(verdict, { check: 'refinement', model: 'T', specification: copy, implementation });
  });
});
