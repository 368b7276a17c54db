import { describe, expect, test } from 'vitest';
import type { Diagnostic, Fix } from '../diagnostic.ts';
import { parse } from '../parser.ts';

/** The source with the fix applied. */
function repaired(source: string, { span, replacement }: Fix): string {
  const lines = source.split('\n');
  const offset = (line: number, column: number): number =>
    lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0) + column - 1;
  return (
    source.slice(0, offset(span.line, span.column)) + replacement + source.slice(offset(span.endLine, span.endColumn))
  );
}

function errors(source: string): readonly Diagnostic[] {
  return parse(source, { file: 't' }).diagnostics.filter(({ severity }) => severity === 'error');
}

describe('a mistake, its place, and the repair, which parses', () => {
  test.each([
    // A process left of an arrow; the arrow goes.
    ['P = STOP -> SKIP', 'CSP-SYN-009', '1:5', 'P = STOP ; SKIP'],
    ['P = a -> SKIP -> STOP', 'CSP-SYN-009', '1:10', 'P = a -> SKIP ; STOP'],
    ['P = (a -> STOP) -> STOP', 'CSP-SYN-009', '1:5', 'P = (a -> STOP) ; STOP'],
    ['P = CHAOS({a}) -> SKIP', 'CSP-SYN-009', '1:5', 'P = CHAOS({a}) ; SKIP'],
    // Step notation.
    ['P = RECEIVE a -> SEND b -> STOP', 'CSP-SYN-010', '1:5', 'P = a?x -> b!x -> SKIP'],
    ['P = Receive x -> SEND y', 'CSP-SYN-010', '1:5', 'P = x?z -> y!z -> SKIP'],
    // Other languages.
    ['f(x) = if x = 3 then 1 else 2', 'CSP-SYN-008', '1:13', 'f(x) = if x == 3 then 1 else 2'],
    ['b = x && y', 'CSP-SYN-011', '1:7', 'b = x and y'],
    ['b = x&&y', 'CSP-SYN-011', '1:6', 'b = x and y'],
    ['b = x || y', 'CSP-SYN-011', '1:7', 'b = x or y'],
    ['b = x == 1 || y == 2', 'CSP-SYN-011', '1:12', 'b = x == 1 or y == 2'],
    ['P = Q || R', 'CSP-SYN-011', '1:7', 'P = Q ||| R'],
    ['b = x <> y', 'CSP-SYN-011', '1:7', 'b = x != y'],
    ['b = x /= y', 'CSP-SYN-011', '1:7', 'b = x != y'],
    ['b = !x', 'CSP-SYN-011', '1:5', 'b = not x'],
    ['x = 7 mod 2', 'CSP-SYN-011', '1:7', 'x = 7 % 2'],
    ['x := 3', 'CSP-SYN-005', '1:3', 'x = 3'],
    ['f x y = x', 'CSP-SYN-004', '1:1', 'f(x, y) = x'],
    ['P = a - > STOP', 'CSP-SYN-011', '1:7', 'P = a -> STOP'],
    ['P = a -> STOP;', 'CSP-SYN-001', '1:14', 'P = a -> STOP'],
    ['P = STOP;\nQ = STOP', 'CSP-SYN-001', '1:9', 'P = STOP\nQ = STOP'],
    ['b = let x = 1 in\nb', 'CSP-SYN-011', '1:15', 'b = let x = 1 within\nb'],
    // Words one slip away from a keyword.
    ['chanel c : Int', 'CSP-SYN-006', '1:1', 'channel c : Int'],
    ['Channel c', 'CSP-SYN-006', '1:1', 'channel c'],
    ['asert P [T= Q', 'CSP-SYN-006', '1:1', 'assert P [T= Q'],
    ['x = if a then b esle c', 'CSP-SYN-005', '1:17', 'x = if a then b else c'],
    ['x = if a Then b else c', 'CSP-SYN-005', '1:10', 'x = if a then b else c'],
    ['x = let\n y = 1\n in y', 'CSP-SYN-011', '3:2', 'x = let\n y = 1\n within y'],
    ['assert P [X= Q', 'CSP-SYN-005', '1:10', 'assert P [FD= Q'],
    // Brackets.
    ['x = {1, 2', 'CSP-SYN-002', '1:10', 'x = {1, 2}'],
    ['P = (a -> STOP\nQ = STOP', 'CSP-SYN-002', '2:1', 'P = (a -> STOP)\nQ = STOP'],
    ['x = f(1, 2\ny = 3', 'CSP-SYN-002', '2:1', 'x = f(1, 2)\ny = 3'],
    ['P = Q [|{|c|}| R', 'CSP-SYN-002', '1:14', 'P = Q [|{|c|}|] R'],
    ['P = Q [|{a} (R)', 'CSP-SYN-002', '1:13', 'P = Q [|{a}|] (R)'],
    ['A = {|c, d}', 'CSP-SYN-002', '1:11', 'A = {|c, d|}'],
    ['P = Q[[a <- b]', 'CSP-SYN-002', '1:14', 'P = Q[[a <- b]]'],
    ['x = card({1}))', 'CSP-SYN-003', '1:14', 'x = card({1})'],
    // Things that are missing.
    ['P =\nQ = STOP', 'CSP-SYN-007', '1:4', 'P = STOP\nQ = STOP'],
    ['P = a ->\nQ = STOP', 'CSP-SYN-001', '1:9', undefined],
    ['P = c?x', 'CSP-SYN-027', '1:8', 'P = c?x -> SKIP'],
    ['P = c?x:{1}.y -> STOP', 'CSP-SYN-027', '1:12', 'P = c?x:{1}!y -> STOP'],
    // Spelling of tokens.
    ['x = "abc', 'CSP-LEX-002', '1:5', 'x = "abc"'],
    ['x = {-1}', 'CSP-LEX-004', '1:5', 'x = { -1}'],
    ['x = <-1>', 'CSP-SYN-001', '1:5', 'x = < -1>'],
    ['P = a → STOP', 'CSP-LEX-001', '1:7', 'P = a -> STOP'],
    ['b = x≠y', 'CSP-LEX-001', '1:6', 'b = x!=y'],
    ['b = x∧y', 'CSP-LEX-001', '1:6', 'b = x and y'],
    ['f :: Int -> Int\nf(x) = x', 'CSP-SYN-024', '1:6', 'f :: (Int) -> Int\nf(x) = x'],
    ['instance M = N()', 'CSP-SYN-023', '1:15', 'instance M = N'],
  ])('%j', (source, code, place, expected) => {
    const [first] = errors(source);
    expect(first).toBeDefined();
    expect([first!.code, `${first!.span.line}:${first!.span.column}`]).toEqual([code, place]);
    expect(first!.fix && repaired(source, first!.fix)).toBe(expected);
    if (expected !== undefined) expect(errors(expected)).toEqual([]);
  });
});

test('a fix is offered only where it is meant', () => {
  expect(errors('nametype T x')[0]!.fix).toBeUndefined();
});

test('`\\\\` hides, with a warning and a fix', () => {
  const source = 'P = Q \\\\ {a}';
  const { script, diagnostics } = parse(source, { file: 't' });
  expect(script.declarations).toMatchObject([{ body: { kind: 'hide' } }]);
  expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'CSP-LEX-005', span: { column: 7, endColumn: 9 } }]);
  expect(parse(repaired(source, diagnostics[0]!.fix!), { file: 't' }).diagnostics).toEqual([]);
});

test('one run reports the errors of many declarations and keeps the others', () => {
  const source = [
    'channel a, b',
    'P = a -> (STOP',
    'Q = b -> STOP',
    'R = STOP -> SKIP',
    'f(x) = let y = ) within y',
    'S = Q [] ]',
    'assert Q [T= P',
    'datatyp T = A',
    'U = 3 +',
    'V = 4',
  ].join('\n');
  const { script, diagnostics } = parse(source, { file: 't' });
  expect(diagnostics.map(({ code, span }) => `${span.line} ${code}`)).toEqual([
    '3 CSP-SYN-002',
    '4 CSP-SYN-009',
    '5 CSP-SYN-001',
    '6 CSP-SYN-001',
    '8 CSP-SYN-006',
    '9 CSP-SYN-001',
  ]);
  expect(script.declarations.map(({ span }) => span.line)).toEqual([1, 3, 4, 5, 7, 10]);
});

test('a renaming without pairs is read, with a warning', () => {
  const { script, diagnostics } = parse('P = Q[[ ]]', { file: 't' });
  expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'CSP-SYN-031' }]);
  expect(script.declarations).toMatchObject([{ body: { kind: 'rename', pairs: [] } }]);
});

describe('what is refused', () => {
  test.each([
    ['f(1) = 2\nf(1,2) = 3', 'CSP-SYN-014'],
    ['f(1)(2) = 2\nf(1,2) = 3', 'CSP-SYN-014'],
    ['x = _', 'CSP-SYN-013'],
    ['x = {y | y}  @@ 3', 'CSP-SYN-013'],
    ['x = {y | _}', 'CSP-SYN-013'],
    ['x + 1 = 3', 'CSP-SYN-012'],
    ['f(x)(y + 1) = 3', 'CSP-SYN-012'],
    ['f(xs ^ ys) = 3', 'CSP-SYN-030'],
    ['f({x, y}) = 3', 'CSP-SYN-030'],
    ['x = a < b < c', 'CSP-SYN-018'],
    ['x = 1 y = 2', 'CSP-SYN-004'],
    ['f :: Foo a => a\nf = 1', 'CSP-SYN-024'],
    ['f :: Int', 'CSP-SYN-016'],
    ['f :: Int\nf = 1\nf :: Int', 'CSP-SYN-016'],
    ['assert P :[deadlock fre]', 'CSP-LEX-008'],
    ['assert P :[deadlock free [Z]]', 'CSP-LEX-008'],
    ['assert P :[', 'CSP-LEX-008'],
    ['assert P [T= Q :[partial order reduce] :[partial order reduce]', 'CSP-SYN-025'],
    ['assert P [T= Q :[partial order reduce [slow]]', 'CSP-SYN-025'],
    ['assert P', 'CSP-SYN-005'],
    ['nametype T x', 'CSP-SYN-005'],
    ['STOP', 'CSP-SYN-006'],
    [') x = 1', 'CSP-SYN-006'],
    ['module M\nassert P [T= Q\nexports\nendmodule', 'CSP-SYN-015'],
    ['P = let\n print 1\nwithin 2', 'CSP-SYN-015'],
    ['module M\nx = 1\nendmodule', 'CSP-SYN-005'],
    ['include x', 'CSP-SYN-020'],
    ["x = 'ab'", 'CSP-LEX-003'],
    ['x = {- never closed', 'CSP-LEX-004'],
    [`x = ${'9'.repeat(2000)}`, 'CSP-LEX-009'],
    ['x = ()', 'CSP-SYN-001'],
    ['x = 1 \u0000\u0001 + 2', 'CSP-LEX-001'],
  ])('%j: %s', (source, code) => expect(errors(source).map((d) => d.code)).toContain(code));

  test('a name that starts with `_` is read, with a warning', () => {
    const { script, diagnostics } = parse('_x = 1', { file: 't' });
    expect(diagnostics).toMatchObject([{ severity: 'warning', code: 'CSP-LEX-006' }]);
    expect(script.declarations).toMatchObject([{ pattern: { kind: 'name', name: { parts: ['_x'] } } }]);
  });
});
