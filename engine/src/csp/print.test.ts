import { expect, test } from 'vitest';
import { Alphabet, type EventId, eventSet } from './events.ts';
import { equations, show } from './print.ts';
import type { Process } from './process.ts';
import { Terms } from './terms.ts';

const terms = new Terms(new Alphabet());
const [a, b, c] = ['a.1', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [EventId, EventId, EventId];
const { stop, skip } = terms;
const P = terms.prefix(a, stop);
const Q = terms.prefix(b, skip);
const many = terms.prefixChoice([
  { event: a, next: stop },
  { event: b, next: terms.sequential(P, Q) },
]);

// Expected texts follow the precedence table of the FDR manual: -> binds tighter than ;, then [>, /\, [], |~|, [|A|], |||, and \ loosest.
test.each<[Process, string]>([
  [terms.prefix(c, P), 'c -> a.1 -> STOP'],
  [terms.sequential(P, Q), 'a.1 -> STOP ; b -> SKIP'],
  [terms.prefix(c, terms.sequential(skip, Q)), 'c -> (SKIP ; b -> SKIP)'],
  [terms.sequential(P, terms.sequential(skip, Q)), 'a.1 -> STOP ; (SKIP ; b -> SKIP)'],
  [many, '(a.1 -> STOP [] b -> (a.1 -> STOP ; b -> SKIP))'],
  [terms.externalChoice([P, terms.internalChoice([Q, stop])]), 'a.1 -> STOP [] (b -> SKIP |~| STOP)'],
  [terms.internalChoice([terms.externalChoice([P, Q]), stop]), 'a.1 -> STOP [] b -> SKIP |~| STOP'],
  [terms.interleave([terms.hide(P, [a]), Q]), '(a.1 -> STOP \\ {a.1}) ||| b -> SKIP'],
  [terms.hide(terms.interleave([P, Q]), eventSet([a, b])), 'a.1 -> STOP ||| b -> SKIP \\ {a.1, b}'],
  [terms.generalizedParallel([P, Q, stop], [a]), '(a.1 -> STOP [|{a.1}|] b -> SKIP) [|{a.1}|] STOP'],
  [
    terms.alphabetizedParallel([
      { process: P, alphabet: [a] },
      { process: Q, alphabet: [b] },
      { process: stop, alphabet: [c] },
    ]),
    '(a.1 -> STOP [{a.1} || {b}] b -> SKIP) [{a.1, b} || {c}] STOP',
  ],
  [terms.alphabetizedParallel([{ process: P, alphabet: [a] }]), 'a.1 -> STOP [{a.1} || {}] SKIP'],
  [terms.rename(P, [[a, b]]), '(a.1 -> STOP)[[a.1 <- b]]'],
  [terms.exception(P, [a], Q), 'a.1 -> STOP [|{a.1}|> b -> SKIP'],
  [terms.synchronizingInterrupt(P, [a], Q), 'a.1 -> STOP /+{a.1}+\\ b -> SKIP'],
  [terms.compress(P, 'normal'), 'normal(a.1 -> STOP)'],
  [terms.call('PHIL 3', () => P, { name: 'PHIL(3)' }), 'PHIL(3)'],
  [terms.call('somewhere', () => P), '…'],
])('%#', (process, text) => {
  expect(show(terms, process)).toBe(text);
});

test('a printed term is bounded, however large it is', () => {
  let deep: Process = P;
  for (let i = 0; i < 10_000; i++) deep = terms.sequential(deep, Q);
  let wide: Process = P;
  for (let i = 0; i < 30; i++) wide = terms.externalChoice([wide, wide, wide]);
  const events = Array.from({ length: 1_000 }, (_, i) => terms.alphabet.intern(`d.${i}`));
  for (const process of [deep, wide, terms.run(events), terms.interleave(Array(1_000).fill(P))]) {
    const text = show(terms, process);
    expect(text.length).toBeLessThanOrEqual(240);
    expect(text).toContain('…');
  }
  expect(show(terms, wide, 20)).toHaveLength(20);
});

test('a process as equations: each call once, unnamed ones in place', () => {
  const even: Process = terms.call(
    'EVEN',
    () =>
      terms.prefix(
        b,
        terms.call('at 3:7', () => odd),
      ),
    { name: 'EVEN' },
  );
  const odd: Process = terms.call('ODD', () => terms.prefix(c, even), { name: 'ODD' });
  expect(equations(terms, terms.interleave([even, odd]))).toEqual([]);
  expect(equations(terms, even)).toEqual([
    { name: 'EVEN', body: 'b -> ODD' },
    { name: 'ODD', body: 'c -> EVEN' },
  ]);
  expect(equations(terms, even, { countMax: 1 })).toHaveLength(1);
  const unnamed: Process = terms.call('around', () => terms.prefix(b, unnamed));
  const loop = terms.call('LOOP', () => unnamed, { name: 'LOOP' });
  expect(equations(terms, loop)).toEqual([{ name: 'LOOP', body: 'b -> …' }]);
});
