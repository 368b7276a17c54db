/** Process expressions become the terms of the algebra; what is one state and what is not. */
import { describe, expect, test } from 'vitest';
import { type Process, TAU, TICK, transitions } from '../../csp/index.ts';
import { codeOf, expression, offers, script, unfolded } from './testing.ts';

const SCRIPT = `
channel a, b, c
channel d : {0..2}
channel e : {0..1}.{0..2}
COUNT(n) = n < 2 & d!n -> COUNT(n + 1) [] n == 2 & SKIP
FORGET(x) = d?y -> a -> b -> FORGET(x)
LOOP = LOOP
P = a -> b -> P
`;
const evaluation = script(SCRIPT);
const { terms } = evaluation;
const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [never, never, never];
const d = [0, 1, 2].map((i) => terms.alphabet.intern(`d.${i}`));

function process(source: string): Process {
  return evaluation.process(expression(source));
}

const on = (event: never): Process => terms.prefix(event, terms.stop);

describe('each operator has its term', () => {
  test.each<[string, () => Process]>([
    ['STOP', () => terms.stop],
    ['SKIP', () => terms.skip],
    ['DIV', () => terms.div],
    ['CHAOS({a, b})', () => terms.chaos([a, b])],
    ['RUN({|d|})', () => terms.run(d)],
    ['a -> STOP', () => on(a)],
    ['d?x -> STOP', () => terms.prefixChoice(d.map((event) => ({ event, next: terms.stop })))],
    ['d?x:{0, 2} -> STOP', () => terms.prefixChoice([d[0]!, d[2]!].map((event) => ({ event, next: terms.stop })))],
    ['d$x:{1, 2} -> STOP', () => terms.internalChoice([d[1]!, d[2]!].map((event) => terms.prefix(event, terms.stop)))],
    ['a -> STOP [] (b -> STOP [] SKIP)', () => terms.externalChoice([on(a), on(b), terms.skip])],
    ['a -> STOP |~| b -> STOP', () => terms.internalChoice([on(a), on(b)])],
    ['a -> STOP [> b -> STOP', () => terms.slidingChoice(on(a), on(b))],
    ['a -> STOP /\\ b -> STOP', () => terms.interrupt(on(a), on(b))],
    ['a -> STOP [| {a} |> b -> STOP', () => terms.exception(on(a), [a], on(b))],
    ['a -> STOP ; b -> STOP', () => terms.sequential(on(a), on(b))],
    ['a -> STOP ||| b -> STOP', () => terms.interleave([on(a), on(b)])],
    ['a -> STOP [| {a, b} |] b -> STOP', () => terms.generalizedParallel([on(a), on(b)], [a, b])],
    [
      'a -> STOP [{a} || {b}] b -> STOP',
      () =>
        terms.alphabetizedParallel([
          { process: on(a), alphabet: [a] },
          { process: on(b), alphabet: [b] },
        ]),
    ],
    ['a -> STOP [+ {c} +] b -> STOP', () => terms.synchronizingChoice([on(a), on(b)], [c])],
    ['a -> STOP /+ {c} +\\ b -> STOP', () => terms.synchronizingInterrupt(on(a), [c], on(b))],
    ['(a -> STOP) \\ {a}', () => terms.hide(on(a), [a])],
    ['(a -> STOP) |\\ {a}', () => terms.project(on(a), [a])],
    [
      '(a -> STOP)[[a <- b, a <- c]]',
      () =>
        terms.rename(on(a), [
          [a, b],
          [a, c],
        ]),
    ],
    [
      '(a -> STOP)[[a <- d.x | x <- {0, 1}]]',
      () =>
        terms.rename(on(a), [
          [a, d[0]!],
          [a, d[1]!],
        ]),
    ],
    ['true & a -> STOP', () => on(a)],
    ['false & a -> STOP', () => terms.stop],
    ['normal(a -> STOP)', () => terms.compress(on(a), 'normal')],
    ['chase(a -> STOP)', () => terms.chase(on(a))],
    ['prioritise(a -> STOP, <{a}, {b}>)', () => terms.prioritize(on(a), [[a], [b]])],
    // Replicated forms, and what they are over nothing.
    ['[] x:{0, 2} @ d.x -> STOP', () => terms.externalChoice([d[0]!, d[2]!].map((x) => terms.prefix(x, terms.stop)))],
    ['||| x:{0..1} @ d.x -> STOP', () => terms.interleave([d[0]!, d[1]!].map((x) => terms.prefix(x, terms.stop)))],
    [
      '; x:<1, 0> @ d.x -> STOP',
      () => terms.sequential(terms.prefix(d[1]!, terms.stop), terms.prefix(d[0]!, terms.stop)),
    ],
    [
      '[| {a} |] x:{0..1} @ d.x -> STOP',
      () =>
        terms.generalizedParallel(
          [d[0]!, d[1]!].map((x) => terms.prefix(x, terms.stop)),
          [a],
        ),
    ],
    [
      '|| x:{0..1} @ [{d.x, a}] d.x -> STOP',
      () =>
        terms.alphabetizedParallel(
          [d[0]!, d[1]!].map((x) => ({ process: terms.prefix(x, terms.stop), alphabet: [a, x] })),
        ),
    ],
    ['[] x:{} @ d.x -> STOP', () => terms.stop],
    ['||| x:{} @ d.x -> STOP', () => terms.skip],
    ['; x:<> @ d.x -> STOP', () => terms.skip],
    ['|| x:{} @ [{a}] STOP', () => terms.skip],
  ])('%s', (source, expected) => {
    expect(process(source)).toBe(expected());
  });

  test('an internal choice over nothing is a fault', () => {
    expect(codeOf(() => process('|~| x:{} @ d.x -> STOP'))).toBe('CSP-EVL-010');
    expect(codeOf(() => process('d$x:{} -> STOP'))).toBe('CSP-EVL-010');
  });

  test('a link renames both sides to an event of its own, agrees on it and hides it', () => {
    const link = terms.alphabet.intern('a <-> b');
    const left = terms.rename(on(a), [[a, link]]);
    const right = terms.rename(on(b), [[b, link]]);
    expect(process('a -> STOP [a <-> b] b -> STOP')).toBe(
      terms.hide(terms.generalizedParallel([left, right], [link]), [link]),
    );
    expect(codeOf(() => process('STOP [a <-> b, a <-> c] STOP'))).toBe('CSP-EVL-020');
  });

  test('prioritisepo: tau and tick stand above what is not maximal', () => {
    expect(process('prioritisepo(STOP, {a, b, c}, {(a, b), (b, c)}, {a})')).toBe(
      terms.partialPriority(terms.stop, [
        [a, b],
        [a, c],
        [b, c],
        ...[b, c].flatMap((low) => [TAU, TICK].map((high) => [high, low] as const)),
      ]),
    );
  });

  test.each([
    ['{a, b}', '{(a, b), (b, a)}', '{}', 'circle'],
    ['{a}', '{(a, b)}', '{a}', 'b is in the order'],
    ['{a, b}', '{(a, b)}', '{b}', 'a is above b'],
  ])('prioritisepo refuses %s, %s, %s', (events, order, maximal, message) => {
    const run = () => process(`prioritisepo(STOP, ${events}, ${order}, ${maximal})`);
    expect(codeOf(run)).toBe('CSP-EVL-021');
    expect(run).toThrow(message);
  });

  test('what cannot be declared by let is refused by name', () => {
    expect(codeOf(() => process('let datatype T = A within STOP'))).toBe('CSP-EVL-013');
  });
});

describe('what is one state', () => {
  function statesOf(start: Process): Set<Process> {
    const seen = new Set<Process>([start]);
    for (const state of seen) {
      const body = unfolded(state);
      const parts = body.kind === 'externalChoice' ? body.branches.map(unfolded) : [body];
      for (const part of parts) if (part.kind === 'prefix') for (const { next } of part.branches) seen.add(next);
    }
    return seen;
  }

  test('an input that is not used makes no states', () => {
    // FORGET(0), after d, after a.
    expect(statesOf(process('FORGET(0)')).size).toBe(3);
  });

  test('an input that is used does', () => {
    const source = 'channel d : {0..2}\nchannel a\nQ = d?x -> (a -> d!x -> Q)';
    const { process: in_ } = script(source);
    // Q; after d.x, and after a, one for each of three values.
    expect(statesOf(in_(expression('Q'))).size).toBe(1 + 3 + 3);
  });

  test('a call is known by its arguments, not by how they were computed', () => {
    expect(process('COUNT(1 + 1)')).toBe(process('COUNT(2)'));
    expect(process('COUNT(1)')).not.toBe(process('COUNT(2)'));
    expect(process('COUNT(1)')).toMatchObject({ name: 'COUNT(1)', span: { line: 5 } });
  });

  test('a process declared by let is known by what the let captured', () => {
    const source = `
channel d : {0..2}
channel a
R(n, m) = let X = d!n -> X within X
S(n) = let f(k) = d!k -> f((k + n) % 3) within f(0)`;
    const { process: in_ } = script(source);
    const body = (text: string) => unfolded(in_(expression(text)));
    expect(body('R(1, 0)')).toBe(body('R(1, 2)'));
    expect(body('R(1, 0)')).not.toBe(body('R(2, 0)'));
    expect(statesOf(in_(expression('S(1)'))).size).toBe(1 + 3);
  });

  test('functions are arguments too: the same function with the same captured values is the same argument', () => {
    const source = `
channel d : {0..2}
T(f) = d!f(0) -> T(f)
plus(n) = \\ x @ x + n
U = T(plus(1))
V = T(plus(2))`;
    const { process: in_ } = script(source);
    expect(unfolded(in_(expression('U')))).toBe(unfolded(in_(expression('T(plus(1))'))));
    expect(unfolded(in_(expression('U')))).not.toBe(unfolded(in_(expression('V'))));
  });

  test('recursion without a guard is a call of itself', () => {
    const loop = process('LOOP');
    expect(loop.kind).toBe('call');
    expect(loop.kind === 'call' && loop.unfold()).toBe(loop);
  });

  test('a branch that cannot be evaluated is a fault only when it is taken', () => {
    const source = 'channel s : Seq({0})\nchannel d : {0..2}\nQ = d?x -> (if x == 0 then STOP else d!head(<>) -> STOP)';
    const evaluated = script(source);
    const body = unfolded(evaluated.process(expression('Q')));
    const nexts = body.kind === 'prefix' ? body.branches.map((branch) => branch.next) : [];
    expect(unfolded(nexts[0]!)).toBe(evaluated.terms.stop);
    expect(codeOf(() => unfolded(nexts[1]!))).toBe('CSP-EVL-014');
  });

  test('a long chain of prefixes needs no stack', () => {
    const chain = Array.from({ length: 390 }, () => 'a -> ').join('');
    let state = script(`channel a\nP = ${chain}STOP`).process(expression('P'));
    let length = 0;
    for (let body = unfolded(state); body.kind === 'prefix'; body = unfolded(state)) {
      state = body.branches[0]!.next;
      length++;
    }
    expect(length).toBe(390);
  });
});

describe('definitions and assertions', () => {
  test('the processes at the top that take no arguments', () => {
    expect(evaluation.definitions).toEqual(['LOOP', 'P']);
    expect(script('channel a\nx = 1\nQ = if x == 1 then R else a -> Q\nR = Q\nS(n) = R').definitions).toEqual([
      'Q',
      'R',
    ]);
  });

  test('the definitions of modules, exported or not, are reached by name', () => {
    const modules = script(`
module M(T)
  channel c : T
  P = c?x -> Q
  Q = STOP
exports
  R = P
endmodule
instance N = M({0, 1})`);
    expect(modules.definitions).toEqual(['N::P', 'N::Q', 'N::R']);
    for (const name of modules.definitions) expect(modules.definition(name).kind).toBe('call');
    expect(() => modules.definition('M::P')).toThrow(RangeError);
  });

  test('assertions are evaluated when asked', () => {
    const source = `
channel a, b
P = a -> P
Q = b -> head(<>)
assert P [T= Q
assert not P :[deadlock free [F]]
assert P :[deterministic]
assert P :[has trace [T]]: <a, a>
assert P [FD= P :[tau priority]: {a}`;
    const { assertions, terms: own } = script(source);
    const [refinement, deadlock, deterministic, trace, prioritized] = assertions;
    expect(refinement).toMatchObject({ form: 'refinement', model: 'T', negated: false });
    expect(deadlock).toMatchObject({ form: 'property', property: 'deadlock free', model: 'F', negated: true });
    expect(deterministic).toMatchObject({ property: 'deterministic', model: 'FD' });
    const event = own.alphabet.find('a')!;
    expect(trace?.form === 'has trace' && trace.trace()).toEqual([event, event]);
    expect(prioritized?.form === 'refinement' && prioritized.implementation()).toMatchObject({
      kind: 'prioritize',
      order: [[], [event]],
    });
  });
});

describe('buffers, loops and time', () => {
  test('a buffer takes what it has room for and gives it in order', () => {
    const source = 'channel in, out : {0..1}\nB = BUFFER(2, {(in.x, out.x) | x <- {0..1}})';
    const evaluated = script(source);
    let state = evaluated.process(expression('B'));
    const step = (name: string): void => {
      const body = unfolded(state);
      const event = evaluated.terms.alphabet.find(name);
      const branch = body.kind === 'prefix' ? body.branches.find((x) => x.event === event) : undefined;
      expect(branch, name).toBeDefined();
      state = branch!.next;
    };
    const offered = () => offers(evaluated, state).sort();
    expect(offered()).toEqual(['in.0', 'in.1']);
    step('in.1');
    step('in.0');
    expect(offered()).toEqual(['out.1']);
    step('out.1');
    expect(offered()).toEqual(['in.0', 'in.1', 'out.0']);
  });

  test('a weak buffer signals that it is full, a signal buffer that it is full or empty, and both stay as they are', () => {
    const source = `channel in, out : {0..1}
channel full, none
W = WEAK_BUFFER(1, full, {(in.x, out.x) | x <- {0..1}})
S = SIGNAL_BUFFER(1, full, none, {(in.x, out.x) | x <- {0..1}})`;
    const evaluated = script(source);
    const next = (state: Process, name: string): Process => {
      const body = unfolded(state);
      const branches = body.kind === 'prefix' ? body.branches : [];
      return branches.find((x) => x.event === evaluated.terms.alphabet.find(name))!.next;
    };
    const offered = (state: Process) => offers(evaluated, state).sort();
    const [weak, signaling] = ['W', 'S'].map((name) => evaluated.process(expression(name))) as [Process, Process];
    expect(offered(weak)).toEqual(['in.0', 'in.1']);
    expect(offered(next(weak, 'in.1'))).toEqual(['full', 'out.1']);
    expect(unfolded(next(next(weak, 'in.1'), 'full'))).toBe(unfolded(next(weak, 'in.1')));
    expect(offered(signaling)).toEqual(['in.0', 'in.1', 'none']);
    expect(unfolded(next(signaling, 'none'))).toBe(unfolded(signaling));
    expect(offered(next(signaling, 'in.0'))).toEqual(['full', 'out.0']);
    expect(codeOf(() => script(source).process(expression('WEAK_BUFFER(1, in.0, {(in.0, out.0)})')))).toBe(
      'CSP-EVL-020',
    );
  });

  test('mtransclose gives each class by a representative', () => {
    const of = (source: string) => script('').value(expression(source));
    expect(of('mtransclose({(0, 1), (1, 2)}, {0..2})')).toBe('{(0, 1), (0, 2)}');
    expect(of('mtransclose({(2, 1), (1, 0)}, {0..2})')).toBe('{(0, 1), (0, 2)}');
    // What joins two members may lie outside the set.
    expect(of('mtransclose({(0, 9), (9, 1), (3, 4)}, {0..4})')).toBe('{(0, 1), (3, 4)}');
    expect(of('mtransclose({}, {0})')).toBe('{}');
    expect(of('card(mtransclose({(i, i + 1) | i <- {0..100}}, {0..100}))')).toBe('100');
    expect(of('card({x | (x, _) <- mtransclose({(i, i + 1) | i <- {0..100}}, {0..100})})')).toBe('1');
  });

  test('time passes on both sides of a link at once, and while a process makes up its mind', () => {
    const evaluated = script(`channel tock, a, b
channel d : {0..1}
Timed {
  P = a -> STOP [a <-> b] b -> STOP
  Q = d$x -> STOP
}`);
    const { alphabet } = evaluated.terms;
    const steps = (process: Process) =>
      transitions(evaluated.terms, process).map(({ event }) => alphabet.nameOf(event));
    expect(steps(evaluated.process(expression('P')))).toEqual(['tock', 'τ']);
    const choosing = evaluated.process(expression('Q'));
    expect(steps(choosing)).toEqual(['τ', 'τ']);
    const [first, second] = transitions(evaluated.terms, choosing).map(({ target }) => steps(target).sort());
    expect([first, second]).toEqual([
      ['d.0', 'tock'],
      ['d.1', 'tock'],
    ]);
  });

  test('a timed prefix lets time pass, and its event takes the time the section says', () => {
    const source = `
channel tock, a
channel d : {0..2}
cost(d.x) = x
cost(_) = 3
Timed(cost) {
  P = a -> STOP
  Q = d?x -> P
  R = P ||| Q
  S = P [] Q
  W = WAIT(2)
}`;
    const evaluated = script(source);
    expect(evaluated.diagnostics).toEqual([]);
    const { terms: own } = evaluated;
    const tock = own.alphabet.intern('tock');
    const body = unfolded(evaluated.process(expression('P')));
    expect(offers(evaluated, body)).toEqual(['tock', 'a']);
    const [waits, acts] = body.kind === 'prefix' ? body.branches : [];
    expect(unfolded(waits!.next)).toBe(body);
    let tocks = 0;
    let after = acts!.next;
    for (; after.kind === 'prefix' && after.branches.length === 1 && after.branches[0]!.event === tock; tocks++) {
      after = after.branches[0]!.next;
    }
    expect(tocks).toBe(3);
    // Timed STOP: time passes for ever.
    expect(unfolded(after)).toBe(own.prefix(tock, after));
    expect(unfolded(evaluated.process(expression('R')))).toMatchObject({ kind: 'generalizedParallel', events: [tock] });
    expect(unfolded(evaluated.process(expression('S')))).toMatchObject({ kind: 'synchronizingChoice', events: [tock] });
  });

  test('a timed section needs tock', () => {
    expect(codeOf(() => unfolded(script('channel a\nTimed { P = a -> STOP }').process(expression('P'))))).toBe(
      'CSP-EVL-001',
    );
  });
});
