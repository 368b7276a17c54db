/** Scripts that ask for too much: each ends in a fault of its own, in bounded time, and the process lives on. */
import { describe, expect, test } from 'vitest';
import { transitions } from '../../csp/index.ts';
import { codeOf, expression, script } from './testing.ts';

/** Small bounds, so that the tests are quick; the default ones differ in the numbers only. */
const limits = { stepCountMax: 200_000 };

function fault(source: string): string | undefined {
  return codeOf(() => {
    const evaluation = script(source, { limits });
    transitions(evaluation.terms, evaluation.process(expression('P')));
  });
}

describe('what is too much is a fault', () => {
  const truth = (condition: string) => `P = if ${condition} then STOP else SKIP`;
  test.each([
    ['a recursion without end', `f(x) = f(x + 1)\n${truth('f(0) == 0')}`, 'CSP-EVL-006'],
    ['a recursion without end, not in tail position', `f(x) = 1 + f(x + 1)\n${truth('f(0) == 0')}`, 'CSP-EVL-007'],
    ['a sequence doubled without end', `f(s) = f(s ^ s)\n${truth('f(<1>) == <1>')}`, 'CSP-EVL-006'],
    ['a sequence that never finds its head', truth('head(<x | x <- <0..>, x < 0>) == 3'), 'CSP-EVL-006'],
    ['a sequence that calls itself', `f(n) = <n> ^ f(n + 1)\n${truth('#f(0) == 3')}`, 'CSP-EVL-006'],
    [
      'a product of large ranges',
      truth('card({(a, b, c) | a, b, c <- {0..999}}) == 1').replace(
        'a, b, c <- {0..999}',
        'a <- {0..999}, b <- {0..999}, c <- {0..999}',
      ),
      'CSP-EVL-006',
    ],
    ['a set of sets of sets', truth('card(Set(Set(Set({0..4})))) == 1'), 'CSP-EVL-008'],
    ['a range of a thousand million', truth('card({0..1000000000}) == 1'), 'CSP-EVL-008'],
    ['an input of two large fields', 'channel c : {0..9999}.{0..9999}\nP = c?x?y -> STOP', 'CSP-EVL-006'],
    ['an input of twenty fields', `channel c : ${'Bool.'.repeat(19)}Bool\nP = c?x -> STOP`, 'CSP-EVL-006'],
    ['a renaming of a million events', 'channel c, d : {0..999}.{0..999}\nP = STOP[[c <- d]]', 'CSP-EVL-006'],
    ['processes one after the other, without end', 'P = ; x:<0..> @ SKIP', 'CSP-EVL-006'],
    ['a watchdog of itself', 'channel a, b\nP = trace_watchdog(P, {a}, b)', 'CSP-EVL-007'],
    ['a determinization of itself', 'channel a\nP = deter(P) [] a -> P', 'CSP-EVL-007'],
  ])('%s', (_what, source, code) => {
    expect(fault(source)).toBe(code);
  });
});
