/** Values of expressions. What is expected is from the FDR manual's description of each construct, and from arithmetic. */
import { describe, expect, test } from 'vitest';
import { codeOf, script, value } from './testing.ts';

const SCRIPT = `
datatype Color = Red | Green | Mix.Color2.{0..1}
datatype Color2 = Blue | Shade.Bool
channel a
channel c : {0..1}.Bool
channel d : Color
nametype Small = {0..2}
nametype Pair = Small.Bool
nametype Both = (Small, Bool)
subtype Plain = Red | Mix.{Blue}
add(x)(y) = x + y
size(<>) = 0
size(<_>^xs) = 1 + size(xs)
nats(n) = <n>^nats(n+1)
take(0, _) = <>
take(n, <x>^xs) = <x>^take(n-1, xs)
last(_^<x>) = x
kind({}) = 0
kind({_}) = 1
kind(_) = 2
shade(Mix.Shade.x.y) = (x, y)
shade(Mix.x.y) = (x, y)
shade(x) = (x, x)
both(p @@ (x, y)) = (p, x, y)
loop = loop
(first, second) = (1, add(1)(1))
compose(f, g) = \\ x @ f(g(x))
`;
const evaluation = script(SCRIPT);

const TABLE: readonly (readonly [expression: string, printed: string])[] = [
  // Numbers: division rounds down, and the rest has the sign of the divisor.
  ['1 + 2 * 3', '7'],
  ['(-7) / 2', '-4'],
  ['(-7) % 2', '1'],
  ['7 % (-2)', '-1'],
  ['2 - 5', '-3'],
  // Truth.
  ['true and not false', 'true'],
  ['false and error("not reached")', 'false'],
  ['true or error("not reached")', 'true'],
  ['1 < 2 and 2 >= 2', 'true'],
  // Comparison of other values: inclusion, prefix, lexicographic.
  ['{1} < {1, 2}', 'true'],
  ['{1, 3} <= {1, 2}', 'false'],
  ['<1> < <1, 2>', 'true'],
  ['<2> <= <1, 2>', 'false'],
  ['(1, 2) < (2, 0)', 'true'],
  ["'a' < 'b'", 'true'],
  ['{1..} <= Int', 'true'],
  // Sets.
  ['{3, 1, 2, 1}', '{1, 2, 3}'],
  ['{2..4}', '{2, 3, 4}'],
  ['{3..2}', '{}'],
  ['{1..}', '{1..}'],
  ['member(5, {1..})', 'true'],
  ['member(0, {1..})', 'false'],
  ['member(<1, 2>, Seq({1, 2}))', 'true'],
  ['member({1, 3}, Set({1, 2}))', 'false'],
  ['Set({1, 2})', '{{}, {1}, {1, 2}, {2}}'],
  ['card(Set({1..10}))', '1024'],
  ['union({1}, {2, 1})', '{1, 2}'],
  ['inter({1..3}, {2..})', '{2, 3}'],
  ['diff(Small, {1})', '{0, 2}'],
  ['Union({{1}, {2, 3}, {}})', '{1, 2, 3}'],
  ['Inter({{1, 2}, {2, 3}})', '{2}'],
  ['empty({})', 'true'],
  ['seq({3, 1})', '<1, 3>'],
  ['set(<3, 1, 3>)', '{1, 3}'],
  ['{x * y | x <- {1..3}, y <- {x..3}, x != y}', '{2, 3, 6}'],
  ['{0..x | x <- {1, 3}}', '{0, 1, 2, 3}'],
  ['{x | {x} <- {{1}, {}, {2, 3}, {4}}}', '{1, 4}'],
  // Sequences; none is read further than asked for.
  ['<1, 2> ^ <3>', '<1, 2, 3>'],
  ['<1..4>', '<1, 2, 3, 4>'],
  ['#<5, 6>', '2'],
  ['head(tail(<1..>))', '2'],
  ['take(3, <x * x | x <- <1..>, x % 2 == 1>)', '<1, 9, 25>'],
  ['take(4, nats(7))', '<7, 8, 9, 10>'],
  ['<(x, y) | x <- <1, 2>, y <- <x..2>>', '<(1, 1), (1, 2), (2, 2)>'],
  ['<0..x | x <- <0, 1>>', '<0, 0, 1>'],
  ['concat(<<1>, <>, <2, 3>>)', '<1, 2, 3>'],
  ['elem(2, <1, 2>)', 'true'],
  ['null(<>)', 'true'],
  ['last(<1, 2, 3>)', '3'],
  ['size("abc")', '3'],
  // Text.
  ['"ab" ^ "c"', '"abc"'],
  ['head("ab")', "'a'"],
  ['show((1, <true>))', '"(1, <true>)"'],
  // Dots, constructors, types.
  ['c.0', 'c.0'],
  ['c.0.true', 'c.0.true'],
  ['1.2.3', '1.2.3'],
  ['{|c.1|}', '{c.1.false, c.1.true}'],
  ['{|d.Mix.Shade|}', '{d.Mix.Shade.false.0, d.Mix.Shade.false.1, d.Mix.Shade.true.0, d.Mix.Shade.true.1}'],
  ['{|c.x | x <- {0}|}', '{c.0.false, c.0.true}'],
  ['card(Events)', String(1 + 4 + (2 + 3 * 2))],
  ['extensions(c.0)', '{false, true}'],
  ['productions(d.Mix.Blue)', '{d.Mix.Blue.0, d.Mix.Blue.1}'],
  ['Color2', '{Blue, Shade.false, Shade.true}'],
  ['Plain', '{Red, Mix.Blue.0, Mix.Blue.1}'],
  ['card(Pair)', '6'],
  ['member((2, true), Both)', 'true'],
  ['shade(Mix.Shade.true.1)', '(true, 1)'],
  ['shade(Mix.Blue.0)', '(Blue, 0)'],
  ['shade(Green)', '(Green, Green)'],
  // Functions.
  ['add(1)(2)', '3'],
  ['(\\ x, y @ x - y)(5, 3)', '2'],
  ['compose(add(1), add(10))(5)', '16'],
  ['kind({}) + kind({7}) * 10 + kind({7, 8}) * 100', '210'],
  ['both((1, 2))', '((1, 2), 1, 2)'],
  ['let f(0) = 0\n f(n) = n + f(n - 1) within f(10)', '55'],
  ['let even(0) = true\n even(n) = odd(n - 1)\n odd(0) = false\n odd(n) = even(n - 1) within even(10)', 'true'],
  ['let (x, <y>) = (1, <2>) within x + y', '3'],
  ['first + second', '3'],
  ['(\\ x, y @ x)(1, loop)', '1'],
  ['(\\ x, y @ x)(1, error("not asked for"))', '1'],
  // Maps.
  ['mapToList(mapUpdate(mapFromList(<(1, 2), (0, 5)>), 1, 3))', '<(0, 5), (1, 3)>'],
  ['mapLookup((| 1 => 10, 2 => 20 |), 2)', '20'],
  ['mapMember(emptyMap, 1)', 'false'],
  ['mapDelete((| 1 => 2 |), 1) == emptyMap', 'true'],
  ['card(Map({0, 1}, {true, false}))', '9'],
  // Relations.
  ['transpose({(1, 2), (3, 4)})', '{(2, 1), (4, 3)}'],
  ['relational_image({(1, 2), (1, 3), (2, 4)})(1)', '{2, 3}'],
  ['relational_inverse_image({(1, 2), (3, 2), (2, 4)})(2)', '{1, 3}'],
  // Processes are values too.
  ['card({STOP, SKIP, STOP})', '2'],
];

test.each(TABLE)('%s', (source, printed) => {
  const options = { limits: { stepCountMax: 100_000 } };
  expect(value(source, SCRIPT, options)).toBe(printed);
});

describe('faults say what is wrong and where', () => {
  test.each([
    ['nowhere', 'CSP-EVL-001'],
    ['c.2', 'CSP-EVL-002'],
    ['d.Mix.Blue.7', 'CSP-EVL-002'],
    ['kind(1) + take(1, <>)', 'CSP-EVL-003'],
    ['1 / 0', 'CSP-EVL-004'],
    ['1 % 0', 'CSP-EVL-004'],
    ['1 + true', 'CSP-EVL-005'],
    ['if 1 then 2 else 3', 'CSP-EVL-005'],
    ['let f(x) = f(x + 1) within f(0)', 'CSP-EVL-006'],
    ['let f(x) = 1 + f(x + 1) within f(0)', 'CSP-EVL-007'],
    ['card({0..10000000})', 'CSP-EVL-008'],
    ['card(Int)', 'CSP-EVL-008'],
    ['#<1..>', 'CSP-EVL-008'],
    ['let <x> = <1, 2> within x', 'CSP-EVL-011'],
    ['error("boo")', 'CSP-EVL-012'],
    ['head(<>)', 'CSP-EVL-014'],
    ['let x = x + 1 within x', 'CSP-EVL-015'],
    ['9007199254740991 + 1', 'CSP-EVL-016'],
    ['add(1, 2)', 'CSP-EVL-017'],
    ['mapLookup(emptyMap, 1)', 'CSP-EVL-018'],
    ['(\\ {x, y} @ x)({1, 2})', 'CSP-EVL-022'],
    ['BUFFER(0, {})', 'CSP-EVL-021'],
    ['BUFFER(1, {(c.0.true, a), (c.1.true, a)})', 'CSP-EVL-020'],
  ])('%s', (source, code) => {
    const limits = { stepCountMax: 100_000, elementCountMax: 10_000 };
    expect(codeOf(() => value(source, SCRIPT, { limits }))).toBe(code);
  });

  test('a misspelt name has a fix', () => {
    const wrong = codeOf(() => evaluation.value({ ...nameNode('tkae') }));
    expect(wrong).toBe('CSP-EVL-001');
    expect(() => evaluation.value(nameNode('Colour'))).toThrow(/Did you mean Color\?/);
  });

  test('a fault leaves the evaluation usable', () => {
    const source = 'let f(x) = 1 + f(x + 1) within f(0)';
    const here = script('x = 1 / y\ny = 0\nz = 5');
    for (let i = 0; i < 3; i++) expect(codeOf(() => here.value(nameNode('x')))).toBe('CSP-EVL-004');
    expect(here.value(nameNode('z'))).toBe('5');
    expect(codeOf(() => value(source))).toBe('CSP-EVL-007');
  });
});

function nameNode(name: string) {
  const span = { file: 'test', line: 1, column: 1, endLine: 1, endColumn: 1 };
  return { kind: 'name' as const, name: { parts: [name], span }, span };
}

describe('accumulators', () => {
  const fold = 'fold(f, e, <>) = e\nfold(f, e, <x>^xs) = fold(f, f(e, x), xs)';

  test('a fold over a long sequence is not as deep as the sequence is long', () => {
    expect(value('fold(\\ a, b @ a + b, 0, <1..20000>)', fold)).toBe('200010000');
    expect(value('fold(union, {}, < {x % 5} | x <- <1..5000> >)', fold)).toBe('{0, 1, 2, 3, 4}');
  });

  test('what is never asked for is still not evaluated to its end', () => {
    expect(value('fold(\\ a, b @ b, head(<>), <1..500>)', fold)).toBe('500');
    const endless = `${fold}\nloop(n) = loop(n + 1)`;
    expect(value('fold(\\ a, b @ if b > 400 then b else a + loop(b), 0, <1..500>)', endless)).toBe('500');
  });
});

describe('declarations', () => {
  test('a type that is not all combinations of its fields is refused', () => {
    const { diagnostics } = script('channel c : {0.0, 1.1}');
    expect(diagnostics.map((d) => d.code)).toEqual(['CSP-EVL-019']);
  });

  test('a recursive datatype has no end, but its values can be used', () => {
    const tree = 'datatype Tree = Leaf | Node.Tree.Tree\ndepth(Leaf) = 0\ndepth(Node.x.y) = 1 + depth(x)';
    expect(value('depth(Node.(Node.Leaf.Leaf).Leaf)', tree)).toBe('2');
    expect(value('member(Node.Leaf.Leaf, Tree)', tree)).toBe('true');
    expect(codeOf(() => value('card(Tree)', tree))).toBe('CSP-EVL-008');
  });

  test('a channel may carry any number; only asking for all its events is too much', () => {
    const source = 'channel n : Int\nP = n.5 -> STOP';
    expect(script(source).diagnostics).toEqual([]);
    expect(value('member(n.5, Events)', source)).toBe('true');
    expect(value('member(n.5, {|n|})', source)).toBe('true');
    expect(codeOf(() => script(source).events({ ...nameNode('Events') }))).toBe('CSP-EVL-008');
  });

  test('a name declared twice is a diagnostic', () => {
    expect(script('x = 1\ny = 2\nx = 3').diagnostics.map((d) => [d.code, d.span.line])).toEqual([['CSP-EVL-023', 3]]);
  });

  test('what is written out is checked without being reached', () => {
    const { diagnostics } = script('channel ch : {0..1}\nP = ch!0 -> ch!2 -> STOP\nQ = ch?x -> STOP\n');
    expect(diagnostics.map((d) => [d.code, d.span.line, d.span.column])).toEqual([['CSP-EVL-002', 2, 16]]);
  });

  test('modules: instances, nesting, what is hidden', () => {
    const source = `
module M(n)
  secret = n * 10
exports
  value = secret + 1
  channel ch : {0..n}
  module Inner
    exports
    twice = secret * 2
  endmodule
endmodule
instance Two = M(2)
instance Three = M(3)
`;
    expect(value('Two::value + Three::value', source)).toBe('52');
    expect(value('{|Two::ch|}', source)).toBe('{Two::ch.0, Two::ch.1, Two::ch.2}');
    expect(value('Three::Inner::twice', source)).toBe('60');
    expect(codeOf(() => value('Two::secret', source))).toBe('CSP-EVL-001');
    expect(codeOf(() => value('M::value', source))).toBe('CSP-EVL-001');
  });

  test('print statements', () => {
    const { prints } = script('x = {1, 2}\nprint union(x, {5})\nprint 1 + 1');
    expect(prints.map((p) => p.text())).toEqual(['{1, 2, 5}', '2']);
  });
});
