/** Any expression that parses, however ill typed, has a value or ends in a fault with a place: nothing else is thrown, and nothing hangs. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EvaluationFault } from '../assertion.ts';
import { parseExpression } from '../parser.ts';
import { script, unfolded } from './testing.ts';

const SCRIPT = `
datatype T = A | B.{0..1} | C.T.T
channel a
channel c : {0..1}.T
channel n : Int
f(x) = x
g(x, y) = if x == y then x else f(y)
h(<>) = 0
h(<x>^xs) = h(xs)
P(x) = c?y!x -> P(y)
Q = a -> Q
`;

const atoms = fc.constantFrom(
  ...[
    '0',
    '1',
    '(-1)',
    'true',
    'false',
    "'x'",
    '"xy"',
    '{}',
    '<>',
    '{0, 1}',
    '<0, true>',
    'A',
    'B',
    'B.0',
    'C.A',
    'a',
    'c',
  ],
  ...[
    'c.0',
    'n',
    'n.5',
    'f',
    'g',
    'h',
    'P',
    'Q',
    'STOP',
    'SKIP',
    'Int',
    'Bool',
    'Events',
    'T',
    'emptyMap',
    'x',
    'CHAOS',
  ],
);
const UNARY = [
  '#E',
  '-E',
  'not E',
  '(E)',
  '{E}',
  '<E>',
  '{|E|}',
  'head(E)',
  'tail(E)',
  'card(E)',
  'Set(E)',
  'Seq(E)',
  'f(E)',
  'h(E)',
];
const MORE_UNARY = [
  'P(E)',
  'Union(E)',
  'Inter(E)',
  'extensions(E)',
  'productions(E)',
  'show(E)',
  'seq(E)',
  'set(E)',
  'concat(E)',
  '\\ x @ E',
];
const BINARY = [
  'E + F',
  'E % F',
  'E / F',
  'E == F',
  'E < F',
  'E and F',
  'E ^ F',
  'E.F',
  '(E, F)',
  '{E, F}',
  '<E, F>',
  '{E..F}',
  'E(F)',
];
const MORE_BINARY = [
  'g(E, F)',
  'union(E, F)',
  'diff(E, F)',
  'member(E, F)',
  '{x | x <- E, F}',
  '<F | x <- E>',
  'let x = E within F',
];
const PROCESSES = [
  'E -> F',
  'E?x -> F',
  'E!F -> STOP',
  'E?x:F -> Q',
  'E$x -> F',
  'E & F',
  'E [] F',
  'E |~| F',
  'E ; F',
  'E \\ F',
];
const MORE_PROCESSES = [
  'E ||| F',
  'Q [| E |] F',
  '[] x:E @ F',
  '||| x:E @ F',
  'Q[[E <- F]]',
  'Q [E <-> F] Q',
  'if E then F else Q',
];

const source = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atoms,
    fc
      .tuple(fc.constantFrom(...UNARY, ...MORE_UNARY), tie('expression'))
      .map(([form, inner]) => form.replace('E', () => `(${inner})`)),
    fc
      .tuple(
        fc.constantFrom(...BINARY, ...MORE_BINARY, ...PROCESSES, ...MORE_PROCESSES),
        tie('expression'),
        tie('expression'),
      )
      .map(([form, left, right]) => form.replace(/[EF]\b/g, (hole) => `(${hole === 'E' ? left : right})`)),
  ),
})).expression;

test('random expressions', () => {
  const limits = { stepCountMax: 20_000, callDepthMax: 300, elementCountMax: 5_000 };
  const evaluation = script(SCRIPT, { limits });
  let values = 0;
  let faults = 0;
  fc.assert(
    fc.property(source, (text) => {
      const { expression } = parseExpression(text, { file: 'random' });
      if (expression === undefined) return;
      try {
        const value = evaluation.value(expression);
        expect(typeof value).toBe('string');
        values++;
      } catch (error) {
        if (!(error instanceof EvaluationFault)) throw error;
        expect(error.diagnostic.span.line).toBeGreaterThan(0);
        faults++;
      }
      try {
        unfolded(evaluation.process(expression));
      } catch (error) {
        if (!(error instanceof EvaluationFault)) throw error;
      }
    }),
    { seed: 11, numRuns: 3_000 },
  );
  // The generator reaches both outcomes.
  expect(values).toBeGreaterThan(300);
  expect(faults).toBeGreaterThan(300);
});
