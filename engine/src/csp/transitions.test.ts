import { describe, expect, test } from 'vitest';
import { Alphabet, type EventId, eventSet, TAU, TICK } from './events.ts';
import { show } from './print.ts';
import type { Process } from './process.ts';
import { Terms } from './terms.ts';
import { transitions, UnboundedNesting } from './transitions.ts';

const terms = new Terms(new Alphabet());
const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [EventId, EventId, EventId];
const { stop, skip, omega, div } = terms;
const P = terms.prefix(a, stop);
const Q = terms.prefix(b, skip);
const unstable = terms.slidingChoice(P, Q);

/** The steps of a process in words, in order. */
function steps(process: Process): string[] {
  return transitions(terms, process).map(
    ({ event, target }) => `${terms.alphabet.nameOf(event)} ${show(terms, target)}`,
  );
}

describe('firing rules', () => {
  test.each<[Process, string[]]>([
    [stop, []],
    [skip, ['✓ Ω']],
    [omega, []],
    [div, ['τ DIV']],
    [terms.chaos([a]), ['τ STOP', 'τ a -> CHAOS({a})']],
    [terms.chaos([]), ['τ STOP']],
    [terms.run(eventSet([a, b])), ['a RUN({a, b})', 'b RUN({a, b})']],
    [terms.externalChoice([P, Q]), ['a STOP', 'b SKIP']],
    [terms.externalChoice([unstable, skip]), ['a STOP', 'τ b -> SKIP [] SKIP', '✓ Ω']],
    [terms.internalChoice([P, Q]), ['τ a -> STOP', 'τ b -> SKIP']],
    [terms.slidingChoice(unstable, skip), ['a STOP', 'τ b -> SKIP [> SKIP', 'τ SKIP']],
    [terms.interrupt(P, Q), ['a STOP /\\ b -> SKIP', 'b SKIP']],
    [terms.interrupt(skip, unstable), ['✓ Ω', 'a STOP', 'τ SKIP /\\ b -> SKIP']],
    [terms.exception(P, [a], Q), ['a b -> SKIP']],
    [terms.exception(P, [b], Q), ['a STOP [|{b}|> b -> SKIP']],
    [terms.exception(skip, [b], Q), ['✓ Ω']],
    [terms.sequential(skip, P), ['τ a -> STOP']],
    [terms.sequential(Q, P), ['b SKIP ; a -> STOP']],
    [terms.interleave([P, skip]), ['τ a -> STOP ||| Ω', 'a STOP ||| SKIP']],
    [terms.interleave([omega, omega]), ['✓ Ω']],
    [terms.generalizedParallel([P, P], [a]), ['a STOP [|{a}|] STOP']],
    [terms.generalizedParallel([P, Q], [a]), ['b a -> STOP [|{a}|] SKIP']],
    [terms.generalizedParallel([omega, Q], [a]), ['b Ω [|{a}|] SKIP']],
    [
      terms.alphabetizedParallel([
        { process: terms.prefix(a, Q), alphabet: [a] },
        { process: P, alphabet: eventSet([a, b]) },
      ]),
      ['a b -> SKIP [{a} || {a, b}] STOP'],
    ],
    [terms.hide(terms.externalChoice([P, skip]), [a]), ['τ STOP \\ {a}', '✓ Ω']],
    [terms.project(terms.externalChoice([P, Q]), [a]), ['a STOP |\\ {a}', 'τ SKIP |\\ {a}']],
    [
      terms.rename(terms.externalChoice([P, Q, skip]), [
        [a, b],
        [a, c],
      ]),
      ['b STOP[[a <- b, a <- c]]', 'c STOP[[a <- b, a <- c]]', 'b SKIP[[a <- b, a <- c]]', '✓ Ω'],
    ],
    [terms.synchronizingChoice([P, terms.externalChoice([P, Q])], [a]), ['b SKIP', 'a STOP [+{a}+] STOP']],
    [terms.synchronizingInterrupt(P, [a], P), ['a STOP /+{a}+\\ STOP']],
    [terms.synchronizingInterrupt(P, [a], Q), ['b SKIP']],
    [terms.prioritize(terms.externalChoice([P, Q]), [[b], [a]]), ['b prioritise(SKIP, <{b}, {a}>)']],
    [
      terms.prioritize(terms.externalChoice([P, Q]), [[], [a]]),
      ['a prioritise(STOP, <{}, {a}>)', 'b prioritise(SKIP, <{}, {a}>)'],
    ],
    [
      terms.partialPriority(terms.externalChoice([P, Q, terms.prefix(c, stop)]), [
        [a, b],
        [b, c],
      ]),
      ['a prioritisepo(STOP, {a, b, c}, {(a, b), (a, c), (b, c)}, {a, b, c})'],
    ],
    [
      terms.partialPriority(unstable, [
        [TAU, a],
        [TICK, a],
      ]),
      ['τ prioritisepo(b -> SKIP, {a}, {}, {})'],
    ],
    [
      terms.partialPriority(unstable, [[c, a]]),
      ['a prioritisepo(STOP, {a, c}, {(c, a)}, {a, c})', 'τ prioritisepo(b -> SKIP, {a, c}, {(c, a)}, {a, c})'],
    ],
    [terms.prioritize(unstable, [[], [a]]), ['τ prioritise(b -> SKIP, <{}, {a}>)']],
    [terms.chase(unstable), ['τ chase(b -> SKIP)']],
    [terms.chase(div), ['τ chase(DIV)']],
    [terms.compress(unstable, 'normal'), ['a STOP', 'τ b -> SKIP']],
  ])('%#', (process, expected) => {
    expect(steps(process)).toEqual(expected);
  });

  test('equal steps are listed once', () => {
    expect(steps(terms.externalChoice([P, P]))).toEqual(['a STOP']);
    expect(transitions(terms, P)).toBe(transitions(terms, P));
  });
});

describe('recursion', () => {
  test('a call is transparent', () => {
    const clock: Process = terms.call('CLOCK', () => terms.prefix(a, clock), { name: 'CLOCK' });
    expect(steps(clock)).toEqual(['a CLOCK']);
  });

  test('P = P diverges, also through Q', () => {
    const direct: Process = terms.call('P', () => direct, { name: 'P' });
    expect(steps(direct)).toEqual(['τ P']);
    const one: Process = terms.call('one', () => two, { name: 'ONE' });
    const two: Process = terms.call('two', () => one, { name: 'TWO' });
    expect(steps(one)).toEqual(['τ ONE']);
    expect(steps(two)).toEqual(['τ ONE']);
  });

  test('P = P ||| a -> P grows state by state, without overflow', () => {
    const growing: Process = terms.call('G', () => terms.interleave([growing, terms.prefix(a, growing)]), {
      name: 'G',
    });
    let state: Process = growing;
    for (let i = 0; i < 200; i++) {
      expect(transitions(terms, state).some(({ event }) => event === a)).toBe(true);
      state = transitions(terms, state).find(({ event }) => event === TAU)!.target;
    }
  });

  test('P(n) = P(n+1) is a fault with a name, and later questions are answered', () => {
    const counting = (n: number): Process => terms.call(`COUNT(${n})`, () => counting(n + 1), { name: `COUNT(${n})` });
    expect(() => transitions(terms, counting(0))).toThrow(UnboundedNesting);
    expect(() => transitions(terms, counting(0))).toThrow(/COUNT\(\d+\) is nested under more than 20000 operators/);
    expect(steps(P)).toEqual(['a STOP']);
  });

  test.each<[string, (process: Process) => Process]>([
    ['[]', (process) => terms.externalChoice([process, stop])],
    ['|||', (process) => terms.interleave([process, stop])],
    ['[|A|]', (process) => terms.generalizedParallel([process, stop], [c])],
    [
      '[A||B]',
      (process) =>
        terms.alphabetizedParallel([
          { process, alphabet: [a] },
          { process: stop, alphabet: [b] },
        ]),
    ],
    ['\\', (process) => terms.hide(process, [c])],
    ['[[ ]]', (process) => terms.rename(process, [[a, b]])],
    [';', (process) => terms.sequential(process, stop)],
    ['chase', (process) => terms.chase(process)],
    ['/+A+\\', (process) => terms.synchronizingInterrupt(process, [c], stop)],
  ])('a deep term under %s costs no stack; one too deep is a fault', (_, wrap) => {
    let deep: Process = terms.prefix(a, skip);
    for (let i = 0; i < 3_000; i++) deep = wrap(deep);
    expect(transitions(terms, deep).length).toBeGreaterThan(0);
    let deeper: Process = terms.prefix(b, skip);
    for (let i = 0; i < 21_000; i++) deeper = wrap(deeper);
    expect(() => transitions(terms, deeper)).toThrow(UnboundedNesting);
  });

  test('a body that cannot be evaluated throws each time and leaves the rest whole', () => {
    const broken = terms.call('broken', () => {
      throw new Error('no clause matches');
    });
    for (let i = 0; i < 2; i++) expect(() => transitions(terms, terms.hide(broken, [a]))).toThrow('no clause matches');
    expect(steps(skip)).toEqual(['✓ Ω']);
  });
});
