import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from '../parser.ts';
import type { Expression } from '../syntax.ts';
import { checkTypes, type TYPE_CODES } from './index.ts';

function check(source: string) {
  const { script, diagnostics } = parse(source, { file: 'test.csp' });
  expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  return checkTypes(script);
}

function errors(source: string): string[] {
  return check(source)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code, span }) => `${code} ${span.line}:${span.column}`);
}

/** The type of `x` after `x = expression`. */
function typed(expression: string, before = ''): string | undefined {
  const report = check(`${before}\nx = ${expression}\n`);
  expect(report.diagnostics).toEqual([]);
  return report.typeOf('x');
}

// Types as the FDR manual and the prelude of libcspm give them.
describe('built-in names', () => {
  test.each([
    ['union', 'Set a => ({a}, {a}) -> {a}'],
    ['Inter', 'Set a => ({{a}}) -> {a}'],
    ['Set', 'Set a => ({a}) -> {{a}}'],
    ['Seq', 'Set a => ({a}) -> {<a>}'],
    ['seq', 'Eq a => ({a}) -> <a>'],
    ['member', 'Eq a => (a, {a}) -> Bool'],
    ['card', 'Eq a => ({a}) -> Int'],
    ['elem', 'Eq a => (a, <a>) -> Bool'],
    ['head', '(<a>) -> a'],
    ['concat', '(<<a>>) -> <a>'],
    ['mapLookup', 'Set a => ((| a => b |), a) -> b'],
    ['Map', '(Set a, Set b) => ({a}, {b}) -> {(| a => b |)}'],
    ['extensions', 'Yieldable b => (a=>b) -> {a}'],
    ['productions', 'Yieldable b => (a=>*b) -> {b}'],
    ['error', '(<Char>) -> a'],
    ['CHAOS', '({Event}) -> Proc'],
    ['Events', '{Event}'],
    ['BUFFER', '(Int, {(Event, Event)}) -> Proc'],
  ])('%s :: %s', (name, type) => {
    expect(check('').typeOf(name)).toBe(type);
  });

  test('transparent and external functions are known after their declaration', () => {
    expect(
      errors(
        'transparent sbisim, normal\nexternal prioritise, mtransclose\nP = sbisim(normal(prioritise(STOP, <{}>)))',
      ),
    ).toEqual([]);
    expect(typed('relational_image({(1, true)})', 'external relational_image')).toBe('(Int) -> {Bool}');
  });

  test('a script may define what is built in', () => {
    expect(check('union(x) = x + 1\ny = union(2)').typeOf('y')).toBe('Int');
  });
});

describe('expressions', () => {
  test.each([
    ['1 + 2 * -3', 'Int'],
    ['"text"', '<Char>'],
    ["'c'", 'Char'],
    ['not (1 < 2) and <1> <= <1, 2> or {1} == {}', 'Bool'],
    ['(1, true, <>)', '(Int, Bool, <a>)'],
    ['<1> ^ <2> ^ <>', '<Int>'],
    ['#<true>', 'Int'],
    ['{1..3}', '{Int}'],
    ['<1..>', '<Int>'],
    ['{(x, y) | x <- {1..3}, y <- {true}, x > 2}', '{(Int, Bool)}'],
    ['<x | <x> <- <<1>, <>>>', '<Int>'],
    ['{x..y | (x, y) <- {(1, 2)}}', '{Int}'],
    ['(| 1 => true |)', '(| Int => Bool |)'],
    ['\\ x, y @ (y, x)', '(a, b) -> (b, a)'],
    ['if true then <> else <1>', '<Int>'],
    ['let f(y) = y + 1 within f(2)', 'Int'],
    ['\\ f, g, y @ f(g(y))', '((a) -> b, (c) -> a, c) -> b'],
    ['show(1)', '<Char>'],
    ['{STOP}', '{Proc}'],
  ])('%s :: %s', (expression, type) => {
    expect(typed(expression)).toBe(type);
  });

  test('functions: clauses, currying, recursion and mutual recursion', () => {
    const report = check(
      'f(<>)(y) = y\nf(<x> ^ s)(y) = f(s)(x)\neven(0) = true\neven(n) = odd(n - 1)\nodd(0) = false\nodd(n) = even(n - 1)\nid(x) = x\np = (id(1), id(true))',
    );
    expect(report.diagnostics).toEqual([]);
    expect(report.typeOf('f')).toBe('(<a>) -> (a) -> a');
    expect(report.typeOf('even')).toBe('(Int) -> Bool');
    expect(report.typeOf('p')).toBe('(Int, Bool)');
  });

  test('patterns: literals, tuples, sets, both, wildcards, datatypes', () => {
    const report = check(
      "datatype D = A.Int.Bool | B\nf(0, 'c', \"s\", {x}, _) = x\ng(whole@@(x, y)) = (whole, y)\nh(A.n.b) = n\nh(B) = 0\nh'(A.rest) = rest\n(u, <v>) = (1, <true>)",
    );
    expect(report.diagnostics).toEqual([]);
    expect(report.typeOf('f')).toBe('Eq a => (Int, Char, <Char>, {a}, b) -> a');
    expect(report.typeOf('g')).toBe('((a, b)) -> ((a, b), b)');
    expect(report.typeOf('h')).toBe('(D) -> Int');
    expect(report.typeOf("h'")).toBe('(D) -> Int.Bool');
    expect(report.typeOf('v')).toBe('Bool');
  });

  test('a let is polymorphic only where it is annotated', () => {
    expect(errors('x = let g(y) = y within (g(0), g(true))')).toEqual(['CSP-TYP-003 1:34']);
    expect(typed('let\n  g :: (a) -> a\n  g(y) = y\nwithin (g(0), g(true))')).toBe('(Int, Bool)');
  });
});

describe('dots', () => {
  const before = 'datatype D = A.Int.Bool | B\nchannel c : Int.Bool\nchannel d : D\nchannel e';
  test.each([
    ['c', 'Int=>Bool=>Event'],
    ['c.1', 'Bool=>Event'],
    ['c.1.true', 'Event'],
    ['A.1', 'Bool=>D'],
    ['d.A.1.true', 'Event'],
    ['{| c, d.A.1, e |}', '{Event}'],
    ['{| A |}', '{D}'],
    ['{c.1.true, e}', '{Event}'],
    ['extensions(c)', '{Int.Bool}'],
    ['extensions(c.1)', '{Bool}'],
    ['productions(c.1)', '{Event}'],
    ['D', '{D}'],
    ['\\ y @ c.y.true', '(Int) -> Event'],
    ['\\ f, y @ f.y -> STOP', '(a=>Event, a) -> Proc'],
  ])('%s :: %s', (expression, type) => {
    expect(typed(expression, before)).toBe(type);
  });

  test('a function of channels', () => {
    const report = check('copy(in, out) = in?x -> out!x -> copy(in, out)\nall(c) = {| c |}');
    expect(report.typeOf('copy')).toBe('Complete a => (a=>Event, a=>Event) -> Proc');
    expect(report.typeOf('all')).toBe('Yieldable b => (a=>*b) -> {b}');
  });

  test('an input stands for one field in the middle, for all that remain at the end', () => {
    expect(
      check(
        `${before}\nchannel t : Int.Bool.Int\nP = t?x?y -> Q(y)\nQ(z) = STOP\nR = t?x -> S(x)\nS(a.b.c) = if b then c!a!b -> STOP else STOP`,
      ).diagnostics.length,
    ).toBeGreaterThan(0);
    expect(errors(`${before}\nP = c?x -> (let a.b = x within if b then d!A.a!b -> STOP else STOP)`)).toEqual([]);
    expect(errors(`${before}\nP = c?x:{1}?y -> if y then P else STOP`)).toEqual([]);
    expect(errors(`${before}\nP = d?A.n.b -> if b and n == 1 then P else STOP`)).toEqual([]);
    expect(errors(`${before}\nP = c$x!true -> STOP`)).toEqual([]);
  });
});

describe('processes', () => {
  const before = 'channel a, b\nchannel c : {0..3}\nP = a -> SKIP\nQ = b -> P\nA = {a, b}\n';
  test.each([
    'P [] Q',
    'P |~| Q',
    'P [> Q',
    'P /\\ Q',
    'P ; Q',
    'P ||| Q',
    'P [| A |] Q',
    'P [ A || {| c |} ] Q',
    'P [| A |> Q',
    'P [+ A +] Q',
    'P /+ A +\\ Q',
    'P \\ A',
    'P |\\ A',
    'P [[ a <- b, c.x <- c.y | x <- {0..1}, y <- {2..3} ]]',
    'P [ a <-> b, c <-> c ] Q',
    '(1 < 2) & P',
    '[] x : {0..3} @ c.x -> P',
    '|~| x : {0..3}, y : {x} @ c.y -> P',
    '||| x : {1..2} @ P',
    '; x : <1, 2> @ P',
    '[| A |] x : {1..2} @ P',
    '|| x : {0..3} @ [ {c.x} ] P',
    '[+ A +] x : {1} @ P',
    '[ c.0 <-> c.1 ] x : <1, 2> @ P',
    'c?x:{1..2} -> c!(x + 1) -> if x == 1 then STOP else RUN(A)',
    'let R = a -> R within CHAOS(A) ||| R',
  ])('%s is a process', (process) => {
    expect(typed(process, before)).toBe('Proc');
  });

  test.each([
    ['P [] 1', 'CSP-TYP-003 7:10'],
    ['c!true -> P', 'CSP-TYP-003 7:5'],
    ['c -> P', 'CSP-TYP-003 7:5'],
    ['P [| {1} |] Q', 'CSP-TYP-003 7:10'],
    ['a ; P', 'CSP-TYP-003 7:5'],
    ['P \\ a', 'CSP-TYP-003 7:9'],
    ['1 & P', 'CSP-TYP-003 7:5'],
    ['; x : {1} @ P', 'CSP-TYP-003 7:11'],
    ['[] x : <1> @ P', 'CSP-TYP-003 7:12'],
    ['P == Q', 'CSP-TYP-005 7:5'],
  ])('%s is refused', (process, error) => {
    expect(errors(`${before}\nx = ${process}`)).toEqual([error]);
  });

  test('assertions of every form', () => {
    const forms =
      'assert P [T= Q\nassert not P [FD= Q :[tau priority]: {a}\nassert P :[deadlock free [F]]\nassert P :[divergence free]\nassert P :[deterministic [FD]]\nassert P :[has trace [T]]: <a, b>\n';
    expect(errors(before + forms)).toEqual([]);
    expect(errors(`${before}assert P [T= 1`)).toEqual(['CSP-TYP-003 6:14']);
    expect(errors(`${before}assert P :[has trace]: <a, 1>`)).toEqual(['CSP-TYP-003 6:28']);
  });
});

describe('datatypes, subtypes, nametypes', () => {
  test('recursive datatypes', () => {
    const report = check(
      'datatype T = Leaf.Int | Node.Seq(T)\nsum(Leaf.n) = <n>\nsum(Node.ts) = concat(<sum(t) | t <- ts>)\nsubtype S = Leaf.{0..3}\nnametype N = Int.Bool\nx = {t | t <- S}',
    );
    expect(report.diagnostics).toEqual([]);
    expect(report.typeOf('sum')).toBe('(T) -> <Int>');
    expect(report.typeOf('S')).toBe('{T}');
    expect(report.typeOf('N')).toBe('{Int.Bool}');
    expect(report.typeOf('x')).toBe('{T}');
  });

  test('members are comparable unless a field is not', () => {
    expect(errors('datatype D = A.Int\nx = (A.1) == (A.2)')).toEqual([]);
    expect(errors('datatype D = A.Proc | B\nx = B == B')).toEqual(['CSP-TYP-005 2:5']);
    expect(errors('datatype D = A.E | B\ndatatype E = C.D | F.Proc\nx = B == B')).toEqual(['CSP-TYP-005 3:5']);
  });

  test('members have no order', () => {
    expect(errors('datatype D = A | B\nx = A < B')).toEqual(['CSP-TYP-005 2:5']);
  });
});

describe('annotations', () => {
  test.each([
    ['f :: Eq a => (a, {a}) -> Bool\nf(x, s) = member(x, s)', []],
    ['f :: (a) -> b\nf(x) = x', ['CSP-TYP-003 2:8']],
    ['f :: (a) -> Bool\nf(x) = x == x', ['CSP-TYP-005 2:8']],
    ['f :: (a=>Event, a) -> Proc\nf(c, x) = c.x -> STOP', []],
    ['f :: (a=>*Event) -> {Event}\nf(c) = {| c |}', []],
    ['f :: Complete b => (a) -> Int\nf(x) = 1', ['CSP-TYP-015 1:15']],
    ['datatype D = A\nf :: <D>\nf = <A>', []],
    ['f :: (| Int => Bool |)\nf = (| 1 => true |)', []],
  ])('%s', (source, expected) => {
    expect(errors(source)).toEqual(expected);
  });
});

describe('modules', () => {
  const module =
    'module M(N, f)\n  hidden = N + 1\nexports\n  datatype T = K.{0..N} | L\n  channel c : T\n  g(x) = f(x) + hidden\n  P = c?t -> P\nendmodule\n';
  test('an instance has its own datatypes, and takes the types of its arguments', () => {
    const report = check(
      `${module}h(b) = if b then 1 else 0\ninstance I = M(3, h)\ninstance J = M(3, \\ x @ x)\ny = I::g(true)\nz = {| I::c |}`,
    );
    expect(report.diagnostics).toEqual([]);
    expect(report.typeOf('I::c')).toBe('I::T=>Event');
    expect(report.typeOf('I::g')).toBe('(Bool) -> Int');
    expect(report.typeOf('J::g')).toBe('(Int) -> Int');
    expect(errors(`${module}instance I = M(3, \\ x @ x)\ninstance J = M(3, \\ x @ x)\ny = I::L == J::L`)).toEqual([
      'CSP-TYP-003 11:13',
    ]);
  });

  test('what is hidden stays hidden, and a module with arguments is used through an instance', () => {
    expect(errors(`${module}instance I = M(3, \\ x @ x)\ny = I::hidden`)).toEqual(['CSP-TYP-009 10:5']);
    expect(errors(`${module}y = M::P`)).toEqual(['CSP-TYP-009 9:5']);
    expect(errors(`${module}instance I = M(3)`)).toEqual(['CSP-TYP-004 9:1']);
  });

  test('a module without arguments is open at once', () => {
    expect(
      check(
        'module M\n  k = 1\nexports\n  x = k\n  module N\n  exports\n    y = x\n  endmodule\nendmodule\nz = M::N::y + M::x',
      ).typeOf('z'),
    ).toBe('Int');
  });
});

test('a module without parameters that has an instance of itself', () => {
  for (const inside of ['exports\n  instance N = M', '  instance N = M\nexports', 'exports\n  instance N = M(true)'])
    expect(errors(`module M\n${inside}\nendmodule\ninstance I = M`)[0]).toMatch(/^CSP-TYP-010 /);
  expect(errors('module M\n  module B\n  exports\n    instance N = M\n  endmodule\nexports\nendmodule')).toEqual([
    'CSP-TYP-010 4:5',
  ]);
});

describe('timed sections', () => {
  test('declare outside, know WAIT inside', () => {
    const source = 'channel tock, a\nd(_) = 1\nTimed(d) {\n  P = a -> WAIT(2) ; timed_priority(P)\n}\nQ = P';
    expect(check(source).typeOf('Q')).toBe('Proc');
    expect(errors('channel tock, a\nP = WAIT(1)')).toEqual(['CSP-TYP-001 2:5']);
  });
});

describe('diagnostics', () => {
  test('expected and actual types are printed as CSPM', () => {
    const [only] = check('f(x, s) = member(x, s)\ny = f(1, {true})').diagnostics;
    expect(only).toMatchObject({
      code: 'CSP-TYP-003',
      span: { line: 2, column: 10 },
      message: expect.stringContaining('Expected {Int} for argument 2 of `f`, but found {Bool}.'),
    });
  });

  test('the nearest known name is offered as a fix', () => {
    const [only] = check('channel request\nP = reqeust -> P').diagnostics;
    expect(only).toMatchObject({ code: 'CSP-TYP-001', fix: { replacement: 'request', span: { line: 2, column: 5 } } });
    const [other] = check('P = normal(STOP)').diagnostics;
    expect(other?.fix?.replacement).toBe('transparent normal\n');
  });

  test('one mistake is one message', () => {
    expect(
      errors('channel c : Missing\nP = c?x -> Q(x)\nQ(x) = c!x -> c!missing2 -> P\nR = {| c |}\nx = c == c'),
    ).toEqual(['CSP-TYP-001 1:13', 'CSP-TYP-001 3:17']);
    expect(errors('f(x) = x + true\ny = f(1) + f(2)\nz = <f(3)>')).toEqual(['CSP-TYP-003 1:12']);
    expect(errors('P = Q [] Q\nR = Q ; Q ||| Q')).toEqual(['CSP-TYP-001 1:5']);
  });

  test('independent mistakes are all reported', () => {
    expect(
      errors('channel c : Int\nP = (c!true -> STOP) [] (c!<> -> STOP) [] c!1 -> 2\nf(0) = 1 + true\ng(n) = not 1'),
    ).toEqual(['CSP-TYP-003 2:6', 'CSP-TYP-003 2:26', 'CSP-TYP-003 2:50', 'CSP-TYP-003 3:12', 'CSP-TYP-003 4:12']);
  });

  // One script for every code; the second half of the table's promise is in its type: no other code can be reported.
  const examples: Record<keyof typeof TYPE_CODES, string> = {
    'CSP-TYP-001': 'x = y',
    'CSP-TYP-002': 'x = 1\ny = 2\nx = 3',
    'CSP-TYP-003': 'x = 1 + true',
    'CSP-TYP-004': 'f(x) = x\ny = f(1, 2)',
    'CSP-TYP-005': 'x = STOP == SKIP',
    'CSP-TYP-006': 'f(x) = x(x)',
    'CSP-TYP-007': 'x = 1\ny = x(2)',
    'CSP-TYP-008': 'channel c : {}',
    'CSP-TYP-009': 'module M\nexports\nendmodule\nx = M',
    'CSP-TYP-010': 'module M(x)\nexports\n  y = I::y\nendmodule\ninstance I = M(1)',
    'CSP-TYP-011': 'datatype D = A.Int\nsubtype S = A.{0}.{0}',
    'CSP-TYP-012': 'channel c : Int.Int\nP = c?x$y -> STOP',
    'CSP-TYP-013': 'transparent norml',
    'CSP-TYP-014': 'module M\nexports\n  y = 1\nendmodule\nf(M::y) = 1',
    'CSP-TYP-015': 'f :: Equal a => (a) -> a\nf(x) = x',
    'CSP-TYP-016': Array.from({ length: 1200 }, (_, i) => (i === 0 ? 'x0 = 1' : `x${i} = <x${i - 1}>`)).join('\n'),
    'CSP-TYP-017': 'print 1 + true',
    'CSP-TYP-018': 'transparent normal\ntransparent normal',
    'CSP-TYP-019': 'Timed {\n  P = STOP\n}',
  };
  test.each(Object.entries(examples))('%s', (code, source) => {
    const { script } = parse(source, { file: 'test.csp' });
    expect(checkTypes(script).diagnostics.map((each) => each.code)).toEqual([code]);
  });
});

describe('any script is answered', () => {
  const WORDS =
    'f g x y P Q c d A . . ? ! $ : -> [] |~| ||| ; \\ [| |] [[ ]] <- { } { } {| |} < > < > ( ) ( ) , , = = \n \n == + - # ^ @ @@ if then else let within channel datatype subtype nametype module exports endmodule instance assert [T= :[deadlock_free] transparent normal Int Bool Seq head union member 0 1 true "s" _ :: => =>* (| |) \\x Timed'.split(
      ' ',
    );
  const soup = fc.array(fc.constantFrom(...WORDS), { maxLength: 60 }).map((words) => words.join(' '));
  const head = 'channel c : Int.Bool\nchannel d\ndatatype D = A.Int | B.D\nP(x) = c.x.true -> P(x + 1)\nf(A.n) = n\n';

  test('token soup', () => {
    fc.assert(
      fc.property(soup, fc.boolean(), (text, known) => {
        const { script } = parse((known ? head : '') + text, { file: 'soup.csp' });
        for (const { span, message } of checkTypes(script).diagnostics) {
          expect(span.line).toBeGreaterThan(0);
          expect(message.length).toBeGreaterThan(0);
        }
      }),
      { numRuns: 1000, seed: 11 },
    );
  });

  /** Expressions of a given type, by construction. */
  const TYPES = ['Int', 'Bool', '{Int}', '<Bool>', '(Int, Bool)', 'Event', 'Proc'] as const;
  type Wanted = (typeof TYPES)[number];
  const terms = fc.letrec<Record<Wanted, string>>((tie) => {
    const of = (type: Wanted) => tie(type) as fc.Arbitrary<string>;
    const join = (parts: fc.Arbitrary<string>[], build: (...texts: string[]) => string) =>
      fc.tuple(...parts).map((texts) => `(${build(...texts)})`);
    const either = (...options: fc.Arbitrary<string>[]) => fc.oneof({ depthSize: 'small' }, ...options);
    const common = (type: Wanted) => [
      join([of('Bool'), of(type), of(type)], (c, a, b) => `if ${c} then ${a} else ${b}`),
      join([of(type)], (a) => `let v = ${a} within v`),
      join([of(type)], (a) => `head(<${a}>)`),
      join([of(type), of('Int')], (a, b) => `(\\ v, w @ v)(${a}, ${b})`),
    ];
    return {
      Int: either(
        fc.constant('1'),
        join([of('Int'), of('Int')], (a, b) => `${a} + ${b}`),
        join([of('{Int}')], (s) => `card(${s})`),
        join([of('<Bool>')], (s) => `#${s}`),
        ...common('Int'),
      ),
      Bool: either(
        fc.constant('true'),
        join([of('Int'), of('Int')], (a, b) => `${a} <= ${b}`),
        join([of('Int'), of('{Int}')], (a, s) => `member(${a}, ${s})`),
        join([of('Event'), of('Event')], (a, b) => `${a} == ${b}`),
        ...common('Bool'),
      ),
      '{Int}': either(
        fc.constant('{1..2}'),
        join([of('{Int}'), of('{Int}')], (a, b) => `union(${a}, ${b})`),
        join([of('{Int}'), of('Bool')], (s, b) => `{e + 1 | e <- ${s}, ${b}}`),
        ...common('{Int}'),
      ),
      '<Bool>': either(
        fc.constant('<>'),
        join([of('<Bool>'), of('Bool')], (s, b) => `${s} ^ <${b}>`),
        ...common('<Bool>'),
      ),
      '(Int, Bool)': either(
        join([of('Int'), of('Bool')], (a, b) => `(${a}, ${b})`),
        ...common('(Int, Bool)'),
      ),
      Event: either(
        fc.constant('d'),
        join([of('Int'), of('Bool')], (a, b) => `c.${a}.${b}`),
        ...common('Event'),
      ),
      Proc: either(
        fc.constant('STOP'),
        join([of('Event'), of('Proc')], (e, p) => `${e} -> ${p}`),
        join([of('Int'), of('Proc')], (i, p) => `c!${i}?z -> ${p}`),
        join([of('Proc'), of('Proc')], (p, q) => `${p} [| {| c |} |] ${q}`),
        join([of('{Int}'), of('Proc')], (s, p) => `|~| r : ${s} @ c.r.true -> ${p}`),
        ...common('Proc'),
      ),
    };
  });

  test('terms typed by construction are accepted, and refused where another type is wanted', () => {
    const wanted = fc.constantFrom(...TYPES);
    const pair = fc
      .tuple(wanted, wanted)
      .chain(([type, other]) => fc.tuple(fc.constant(type), fc.constant(other), terms[type] as fc.Arbitrary<string>));
    fc.assert(
      fc.property(pair, ([type, other, text]) => {
        const report = check(`channel c : Int.Bool\nchannel d\nx :: ${type}\nx = ${text}`);
        expect(report.diagnostics).toEqual([]);
        expect(check(`channel c : Int.Bool\nchannel d\nx = ${text}`).diagnostics).toEqual([]);
        if (type !== other)
          expect(errors(`channel c : Int.Bool\nchannel d\nx :: ${other}\nx = ${text}`).length).toBeGreaterThan(0);
      }),
      { numRuns: 100, seed: 12 },
    );
  });

  test('a type that doubles with every line is refused in time, once', () => {
    const lines = ['f0(x) = (x, x)', ...Array.from({ length: 30 }, (_, i) => `f${i + 1}(x) = f${i}(f${i}(x))`)];
    const codes = check(lines.join('\n')).diagnostics.map(({ code }) => code);
    expect(codes).toEqual(['CSP-TYP-016']);
  });

  test('nesting far beyond what the parser lets through is refused, not a crash', () => {
    const span = { file: 'made', line: 1, column: 1, endLine: 1, endColumn: 2 };
    type Kind = 'apply' | 'paren' | 'set' | 'let' | 'lambda';
    const nest = (kind: Kind, inner: Expression): Expression => {
      const x = { kind: 'name', name: { parts: ['x'], span }, span } as const;
      if (kind === 'apply') return { kind, function: x, arguments: [inner], span };
      if (kind === 'paren') return { kind, inner, span };
      if (kind === 'set') return { kind, elements: [inner], span };
      if (kind === 'lambda') return { kind, parameters: [{ ...x }], body: inner, span };
      return { kind, declarations: [{ kind: 'pattern', pattern: { ...x }, body: inner, span }], body: x, span };
    };
    for (const kind of ['apply', 'paren', 'set', 'let', 'lambda'] as const) {
      let body: Expression = { kind: 'number', value: 1n, span };
      for (let i = 0; i < 5000; i++) body = nest(kind, body);
      const script = {
        file: 'made',
        declarations: [{ kind: 'pattern', pattern: { kind: 'wildcard', span }, body, span }],
      } as const;
      const codes = checkTypes(script).diagnostics.map(({ code }) => code);
      if (kind === 'paren') expect(codes).toEqual([]);
      else expect(codes).toContain('CSP-TYP-016');
    }
  });

  test('long chains of declarations and operators are no danger', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `R${i}(x) = c!x -> R${i + 1}(x + 1)`);
    expect(errors(`channel c : Int\n${lines.join('\n')}\nR5000(x) = R0(x)`)).toEqual([]);
    const { script } = parse(
      `channel a\nx = ${Array(300).fill('1').join(' + ')}\nP = ${Array(300).fill('a -> STOP').join(' [] ')}\ns = {${Array(20_000).fill('1').join(', ')}}`,
      { file: 'chains.csp' },
    );
    expect(checkTypes(script).diagnostics).toEqual([]);
  });
});
