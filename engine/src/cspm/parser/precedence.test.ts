import { describe, expect, test } from 'vitest';
import { parseExpression } from '../parser.ts';
import { bareTree } from './bare-tree.ts';

function tree(source: string): unknown {
  const { expression, diagnostics } = parseExpression(source, { file: 'e' });
  expect(
    diagnostics.filter(({ severity }) => severity === 'error'),
    source,
  ).toEqual([]);
  return bareTree(expression);
}

/** The operators of the FDR manual's table, loosest first; on one row those that bind alike. */
const ROWS: readonly { readonly operators: readonly string[]; readonly groups: 'left' | 'right' | 'not' }[] = [
  { operators: ['|||'], groups: 'left' },
  { operators: ['[| A |]', '[A || B]', '[| A |>', '[a <-> b]'], groups: 'not' },
  { operators: ['|~|'], groups: 'left' },
  { operators: ['[]', '[+ A +]'], groups: 'left' },
  { operators: ['/\\', '/+ A +\\'], groups: 'left' },
  { operators: ['[>'], groups: 'left' },
  { operators: [';'], groups: 'left' },
  { operators: ['&', '->'], groups: 'right' },
  { operators: ['.'], groups: 'right' },
  { operators: ['or'], groups: 'left' },
  { operators: ['and'], groups: 'left' },
  { operators: ['==', '!=', '<', '<=', '>', '>='], groups: 'not' },
  { operators: ['+', '-'], groups: 'left' },
  { operators: ['*', '/', '%'], groups: 'left' },
  { operators: ['^'], groups: 'left' },
];

describe('two operators in a row', () => {
  for (const [i, looser] of ROWS.entries()) {
    for (const tighter of ROWS.slice(i + 1)) {
      for (const p of looser.operators) {
        for (const q of tighter.operators) {
          test(`${p} is looser than ${q}`, () => {
            expect(tree(`x ${p} y ${q} z`)).toEqual(tree(`x ${p} (y ${q} z)`));
            // Left of `->` stands an event; a guard or prefix reaches right past tighter operators only.
            expect(tree(`x ${q} y ${p} z`)).toEqual(tree(`(x ${q} y) ${p} z`));
          });
        }
      }
    }
    if (looser.groups === 'not') continue;
    for (const p of looser.operators) {
      for (const q of looser.operators) {
        test(`${p} and ${q} group to the ${looser.groups}`, () => {
          const grouped = looser.groups === 'left' ? `(x ${p} y) ${q} z` : `x ${p} (y ${q} z)`;
          expect(tree(`x ${p} y ${q} z`)).toEqual(tree(grouped));
        });
      }
    }
  }
});

test.each([
  // Hiding takes all of a process on its left, a set on its right, and process operators go on after it.
  ['P ||| Q \\ A', '(P ||| Q) \\ A'],
  ['P \\ A ||| Q', '(P \\ A) ||| Q'],
  ['P \\ A ||| Q \\ B', '((P \\ A) ||| Q) \\ B'],
  ['P \\ A [] Q ; R', '(P \\ A) [] (Q ; R)'],
  ['P |\\ A [| B |] Q', '(P |\\ A) [| B |] Q'],
  ['P \\ A \\ B', '(P \\ A) \\ B'],
  ['a -> P \\ A', '(a -> P) \\ A'],
  ['P \\ union(A, B)', 'P \\ (union(A, B))'],
  // Forms without a right end reach as far as they can.
  ['[] x:S @ P [] Q', '[] x:S @ (P [] Q)'],
  ['[] x:S @ P \\ A', '[] x:S @ (P \\ A)'],
  ['P [] if b then Q else R ||| S', 'P [] (if b then Q else (R ||| S))'],
  ['let x = 1 within x + 1', 'let x = 1 within (x + 1)'],
  ['\\ x @ x ; y', '\\ x @ (x ; y)'],
  // Except the alphabetized one, whose body ends at an operator looser than its own.
  ['|| x:S @ [A] P [] Q', '|| x:S @ [A] (P [] Q)'],
  ['|| x:S @ [A] P \\ B', '(|| x:S @ [A] P) \\ B'],
  ['|| x:S @ [A] P ||| Q', '(|| x:S @ [A] P) ||| Q'],
  // Prefix operators.
  ['-a + b', '(-a) + b'],
  ['-a * b', '-(a * b)'],
  ['not a == b', 'not (a == b)'],
  ['not a and b', '(not a) and b'],
  ['#xs ^ ys', '#(xs ^ ys)'],
  ['#xs + 1', '(#xs) + 1'],
  ['#f(x)', '#(f(x))'],
  // Prefixes and guards.
  ['a -> SKIP ; P', '(a -> SKIP) ; P'],
  ['a -> b -> P', 'a -> (b -> P)'],
  ['b & c -> P', 'b & (c -> P)'],
  ['b & c?x -> P [] Q', '(b & (c?x -> P)) [] Q'],
  ['P ||| c?x -> Q', 'P ||| (c?x -> Q)'],
  ['c?x:S or T -> P', 'c?x:(S or T) -> P'],
  ['c!x+1 -> P', 'c!(x+1) -> P'],
  ['c!x.y?z -> P', 'c!(x.y)?z -> P'],
  // The dot is looser than arithmetic and comparison.
  ['c.x + 1', 'c.(x + 1)'],
  ['a.b == c', 'a.(b == c)'],
  // Application and renaming are tightest.
  ['x ^ f(y)', 'x ^ (f(y))'],
  ['P ; Q[[a <- b]]', 'P ; (Q[[a <- b]])'],
  ['f(x)(y)', '(f(x))(y)'],
  ['P[[a <- b]][[b <- c]]', '(P[[a <- b]])[[b <- c]]'],
])('%s means %s', (source, grouped) => expect(tree(source)).toEqual(tree(grouped)));

test('dots lean right however they are written', () => {
  expect(tree('(a.b).c')).toEqual(tree('a.b.c'));
  expect(tree('((a.b).(c.d)).e')).toEqual(tree('a.b.c.d.e'));
});

test('parallel operators side by side are read from the left, with a warning and a fix', () => {
  const { diagnostics } = parseExpression('P [|A|] Q [|B|] R', { file: 'e' });
  expect(diagnostics).toMatchObject([
    { severity: 'warning', code: 'CSP-SYN-019', fix: { replacement: '(P [|A|] Q)' } },
  ]);
  expect(tree('P [|A|] Q [|B|] R')).toEqual(tree('(P [|A|] Q) [|B|] R'));
});
