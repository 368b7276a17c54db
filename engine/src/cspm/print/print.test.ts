import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bareTree } from '../parser/bare-tree.ts';
import { parse, parseExpression } from '../parser.ts';
import type { Declaration, Expression } from '../syntax.ts';
import { arbitrary } from './arbitrary-tree.ts';
import { printDeclaration, printExpression, printScript } from './declarations.ts';

function reread(source: string): Expression {
  const { expression, diagnostics } = parseExpression(source, { file: 'e' });
  expect(diagnostics, source).toEqual([]);
  return expression!;
}

test('a printed expression parses to the same tree', () => {
  fc.assert(
    fc.property(arbitrary.expression, (expression) => {
      expect(bareTree(reread(printExpression(expression)))).toEqual(bareTree(expression));
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('a printed declaration parses to the same tree', () => {
  const alone = (declaration: Declaration): void => {
    const source = printDeclaration(declaration);
    const { script, diagnostics } = parse(source, { file: 'd' });
    expect(diagnostics, source).toEqual([]);
    expect(bareTree(script.declarations), source).toEqual(bareTree([declaration]));
  };
  fc.assert(fc.property(arbitrary.declaration, alone), { seed: 11, numRuns: 250 });
});

test('a printed annotation parses to the same tree', () => {
  fc.assert(
    fc.property(arbitrary.annotation, (annotation) => {
      if (annotation.kind !== 'annotation') throw new Error('not an annotation');
      const source = `${printDeclaration(annotation)}\n${annotation.names[0]!.name} = 1`;
      const { script, diagnostics } = parse(source, { file: 'd' });
      expect(diagnostics, source).toEqual([]);
      expect(bareTree(script.declarations[0]), source).toEqual(bareTree(annotation));
    }),
    { seed: 13, numRuns: 300 },
  );
});

describe('parentheses', () => {
  test.each([
    ['(((a)))', 'a'],
    ['(a -> (P)) ; Q', 'a -> P ; Q'],
    ['a -> (P ; Q)', 'a -> (P ; Q)'],
    ['(P \\ A) ||| Q', '(P \\ A) ||| Q'],
    ['(if b then P else Q) [] R', '(if b then P else Q) [] R'],
    ['P [] (if b then Q else R)', 'P [] if b then Q else R'],
    ['c.x+1', 'c.(x + 1)'],
    ['<(a > b), (a < b)>', '<(a > b), a < b>'],
    ['{ -1 }', '{ -1}'],
    ['{ - 1}', '{ -1}'],
    ['1 - (-1)', '1 - (-1)'],
    ['-(-x)', '-(-x)'],
    ['(not (a)) and b', 'not a and b'],
    ['not(a and b)', 'not (a and b)'],
    ['(P[|A|]Q)[|B|]R', '(P [| A |] Q) [| B |] R'],
    ['c?(x)!(y):: z', ''],
  ])('%s is printed %s', (source, printed) => {
    if (printed === '') expect(parseExpression(source, { file: 'e' }).expression).toBeUndefined();
    else expect(printExpression(reread(source))).toBe(printed);
  });
});

test('a script is printed one declaration a line', () => {
  const source = 'channel c:{0,1}\nP(x)=let\n y=x\n within c!y->P(y)\nP(_)=STOP\nassert not P(0):[deadlock free [F]]';
  expect(printScript(parse(source, { file: 's' }).script)).toBe(
    [
      'channel c : {0, 1}',
      'P(x) = let',
      '  y = x',
      'within c!y -> P(y)',
      'P(_) = STOP',
      'assert not P(0) :[deadlock free [F]]',
      '',
    ].join('\n'),
  );
});
