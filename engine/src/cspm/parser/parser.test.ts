import { describe, expect, test } from 'vitest';
import { type IncludeLoader, parse, parseExpression } from '../parser.ts';
import type { Declaration, Expression } from '../syntax.ts';

function declarations(source: string): readonly Declaration[] {
  const { script, diagnostics } = parse(source, { file: 't' });
  expect(diagnostics, source).toEqual([]);
  return script.declarations;
}
function expression(source: string): Expression {
  const parsed = parseExpression(source, { file: 't' });
  expect(parsed.diagnostics, source).toEqual([]);
  return parsed.expression!;
}
function kinds(source: string): string[] {
  return declarations(source).map(({ kind }) => kind);
}

describe('new lines', () => {
  test('an operator at either end of a line continues a declaration', () => {
    expect(kinds('P = a ->\n  STOP\n  [] b -> STOP\nQ =\n P\n ; P')).toEqual(['pattern', 'pattern']);
    expect(kinds('P = Q\n\\ A\n[[a <- b]]\n. c')).toEqual(['pattern']);
  });

  test('`-`, `<` and `(` at the start of a line begin a declaration', () => {
    expect(kinds('x = f\n(a, b) = c\n<d> = e\n-1 = g')).toEqual(['pattern', 'pattern', 'pattern', 'pattern']);
  });

  test('inside brackets they mean nothing, also after a `let` in them', () => {
    expect(kinds('x = f(1\n  - 2,\n  g\n  (3))\ny = (let a = 1\n b = 2 within a\n - b)')).toEqual([
      'pattern',
      'pattern',
    ]);
  });

  test('comments over several lines end a line too', () => {
    expect(kinds('x = 1 {- one\n {- two -} -} y = 2 -- three')).toEqual(['pattern', 'pattern']);
  });
});

describe('`<` and `>`', () => {
  test.each([
    ['<>', 'sequence'],
    ['< >', 'sequence'],
    ['<<1>, <2, 3>>', 'sequence'],
    ['<1..3>', 'sequenceRange'],
    ['<1..>', 'sequenceRange'],
    ['<x | x <- <1, 2>, (x > 1)>', 'sequenceComprehension'],
    ['<x | x <- <1, 2>, x > 1>', 'sequenceComprehension'],
    ['<x..y | x <- s>', 'sequenceRangeComprehension'],
    ['a < b', 'binary'],
    ['<a> == <b>', 'binary'],
    ['x > (y)', 'binary'],
    ['{x | x <- S, x > 1, x < 3}', 'setComprehension'],
    ['f(<a>, b > c)', 'apply'],
  ])('%s is a %s', (source, kind) => expect(expression(source).kind).toBe(kind));

  test('a sequence inside a comparison inside a sequence', () => {
    const outer = expression('<(a < b), (#<c> > 0)>');
    expect(outer).toMatchObject({ kind: 'sequence', elements: [{ kind: 'paren' }, { kind: 'paren' }] });
  });
});

describe('brackets that touch', () => {
  test.each([
    ['P [|{|c|}|] Q', 'generalizedParallel'],
    ['P [{|a|}||{|b|}] Q', 'alphabetizedParallel'],
    ['P [|{}|> Q', 'exception'],
    ['{|a.x | x <- {0..1}|}', 'productions'],
    ['(||| x:S @ P)', 'paren'],
    ['(|~| x:S @ P)', 'paren'],
    ['(|| x:S @ [A] P)', 'paren'],
    ['(| |)', 'map'],
    ['(|1=>2|)', 'map'],
    ['P[A||B[[a<-b]]]Q', 'alphabetizedParallel'],
    ['P [a<->b, c<->d] Q', 'linkParallel'],
    ['P [a.x<->b.x | x <- S] Q', 'linkParallel'],
    ['[a<->b] x:S @ P', 'replicated'],
    ['P [+A+] Q', 'synchronizingChoice'],
    ['P /+A+\\ Q', 'synchronizingInterrupt'],
  ])('%s', (source, kind) => expect(expression(source).kind).toBe(kind));
});

describe('declarations', () => {
  test('clauses of one name are one function', () => {
    const [f, g, other] = declarations('f(0)(y) = y\nf(x)(y) = x\ng(x) = x\nf(1) = 2');
    expect(f).toMatchObject({ kind: 'function', name: { name: 'f' }, clauses: [{}, {}] });
    expect(g).toMatchObject({ kind: 'function', clauses: [{}] });
    expect(other).toMatchObject({ kind: 'function', name: { name: 'f' }, clauses: [{}] });
  });

  test('a name without arguments is a pattern, also when its body is a lambda', () => {
    expect(declarations('f = \\ x @ x')).toMatchObject([
      { kind: 'pattern', pattern: { kind: 'name' }, body: { kind: 'lambda' } },
    ]);
    expect(declarations('f() = 1')).toMatchObject([{ kind: 'function', clauses: [{ parameters: [[]] }] }]);
  });

  test('the forms of patterns', () => {
    const [f] = declarations('f((x,_), <y>^ys, {z}, {}, c.a.-1, "s", \'c\', true, v@@<w>) = 1');
    expect(f).toMatchObject({
      clauses: [
        {
          parameters: [
            [
              { kind: 'tuple', elements: [{ kind: 'name' }, { kind: 'wildcard' }] },
              { kind: 'concatenation', left: { kind: 'sequence' }, right: { kind: 'name' } },
              { kind: 'set', elements: [{ kind: 'name' }] },
              { kind: 'set', elements: [] },
              { kind: 'dot', right: { kind: 'dot', right: { kind: 'number', value: -1n } } },
              { kind: 'string', value: 's' },
              { kind: 'char', value: 'c' },
              { kind: 'boolean', value: true },
              { kind: 'both' },
            ],
          ],
        },
      ],
    });
  });

  test('types of annotations', () => {
    const source =
      'f, g :: (Eq a, Ord b) => (a, {b}, <Char>) -> (| Int => Bool |)\nf(x,y,z) = g(x,y,z)\ng(x,y,z) = (| |)\nc :: Int => Event\nchannel c : Int';
    expect(declarations(source)).toMatchObject([
      {
        kind: 'annotation',
        names: [{ name: 'f' }, { name: 'g' }],
        constraints: [{ class: 'Eq' }, { class: 'Ord' }],
        type: { kind: 'function', parameters: [{}, { kind: 'set' }, { kind: 'sequence' }], result: { kind: 'map' } },
      },
      { kind: 'function' },
      { kind: 'function' },
      { kind: 'annotation', type: { kind: 'dotable' } },
      { kind: 'channel' },
    ]);
  });

  test('`::` is a scope when it touches both names, a type otherwise', () => {
    expect(expression('M::N::x')).toMatchObject({ kind: 'name', name: { parts: ['M', 'N', 'x'] } });
    expect(kinds('x:: Int\nx = M::y')).toEqual(['annotation', 'pattern']);
  });

  test('assertions', () => {
    const source = [
      'assert P [FD= Q',
      'assert not P :[deadlock-free [F]]',
      'assert P : [livelock free]',
      'assert P :[ has trace [T] ]: <a, b>  -- as written',
      'assert P [T= Q :[tau priority over]: {tock} :[partial order reduce [fast]]',
    ].join('\n');
    expect(declarations(source)).toMatchObject([
      { text: 'P [FD= Q', negated: false, assertion: { form: 'refinement', model: 'FD' } },
      { negated: true, assertion: { form: 'property', property: 'deadlock free', model: 'F' } },
      { assertion: { property: 'divergence free', model: undefined } },
      { text: 'P :[ has trace [T] ]: <a, b>', assertion: { form: 'has trace', model: 'T' } },
      { options: [{ option: 'tau priority' }, { option: 'partial order reduce', mode: 'fast' }] },
    ]);
  });

  test('everything has a span that covers its text', () => {
    const source = 'channel c : {0..1}\nP(x) =\n  c?y:{0} -> (P(y) [] STOP)\nP(_) = STOP\n';
    const lines = source.split('\n');
    const check = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(check);
      else if (value !== null && typeof value === 'object') {
        const { span, name } = value as { span?: Declaration['span']; name?: unknown };
        if (span && typeof name === 'string') {
          expect(lines[span.line - 1]!.slice(span.column - 1, span.endColumn - 1)).toBe(name);
        }
        Object.values(value).forEach(check);
      }
    };
    const [channel, P] = declarations(source);
    check([channel, P]);
    expect(P!.span).toEqual({ file: 't', line: 2, column: 1, endLine: 4, endColumn: 12 });
    const [first] = (P as Extract<Declaration, { kind: 'function' }>).clauses;
    expect(first!.body.span).toEqual({ file: 't', line: 3, column: 3, endLine: 3, endColumn: 28 });
  });
});

describe('includes', () => {
  const files: Record<string, string> = {
    'lib.csp': 'channel a\nf(0) = 1',
    'self.csp': 'include "other.csp"',
    'other.csp': 'x = 1\ninclude "self.csp"',
    'broken.csp': 'y = (',
  };
  const include: IncludeLoader = (path) => {
    const source = files[path];
    return source === undefined ? undefined : { file: path, source };
  };
  const run = (source: string): ReturnType<typeof parse> => parse(source, { file: 'main.csp', include });

  test('declarations come in place, with the span of their own file', () => {
    const { script, diagnostics } = run('x = 1\ninclude "lib.csp" -- why\nf(1) = 2');
    expect(diagnostics).toEqual([]);
    expect(script.declarations.map(({ kind, span }) => `${kind} ${span.file}:${span.line}`)).toEqual([
      'pattern main.csp:1',
      'channel lib.csp:1',
      'function lib.csp:2',
      'function main.csp:3',
    ]);
  });

  test('a missing file and a cycle are diagnostics at the include', () => {
    expect(run('x = 1\ninclude "none.csp"').diagnostics).toMatchObject([
      { code: 'CSP-SYN-021', span: { file: 'main.csp', line: 2, column: 1 } },
    ]);
    expect(run('include "self.csp"').diagnostics).toMatchObject([
      {
        code: 'CSP-SYN-022',
        span: { file: 'other.csp', line: 2 },
        message: expect.stringContaining('self.csp → other.csp → self.csp'),
      },
    ]);
  });

  test('an error in an included file is reported there', () => {
    expect(run('include "broken.csp"\nz = 1')).toMatchObject({
      diagnostics: [{ span: { file: 'broken.csp' } }],
      script: { declarations: [{ kind: 'pattern' }] },
    });
  });

  test('an endless chain of files stops', () => {
    let n = 0;
    const endless: IncludeLoader = () => ({ file: `f${++n}`, source: 'include "next"' });
    expect(parse('include "next"', { file: 'f0', include: endless }).diagnostics).toMatchObject([
      { code: 'CSP-SYN-022' },
    ]);
  });
});

describe('limits', () => {
  test('length', () => {
    const { script, diagnostics } = parse('P = STOP', { file: 't', charactersMax: 5 });
    expect(script.declarations).toEqual([]);
    expect(diagnostics).toMatchObject([{ code: 'CSP-LEX-007' }]);
  });

  test.each([
    ['parentheses', 'CSP-SYN-017', `P = ${'('.repeat(50_000)}`],
    ['prefixes', 'CSP-SYN-017', `P = ${'a -> '.repeat(50_000)}STOP`],
    ['sums', 'CSP-SYN-017', `P = ${'1 + '.repeat(50_000)}1`],
    ['sets', 'CSP-SYN-017', `P = ${'{'.repeat(50_000)}`],
    ['sequences', 'CSP-SYN-017', `P = ${'<'.repeat(50_000)}`],
    ['lets', 'CSP-SYN-017', `P = ${'let x = '.repeat(50_000)}`],
    ['minus signs', 'CSP-SYN-017', `P = ${'- '.repeat(50_000)}1`],
    ['types', 'CSP-SYN-017', `f :: ${'('.repeat(50_000)}`],
    ['modules', 'CSP-SYN-017', 'module M\n'.repeat(50_000)],
    ['dots', 'CSP-SYN-017', `P = ${'('.repeat(50_000)}a${'.b)'.repeat(50_000)}`],
    ['renamings', 'CSP-SYN-017', `P = Q${'[[a<-b]]'.repeat(50_000)}`],
    ['comments', 'CSP-LEX-004', '{-'.repeat(50_000)],
  ])('depth of %s is bounded', (_, code, deep) => {
    const { diagnostics } = parse(`x = 1\n${deep}\ny = 2`, { file: 't' });
    expect(diagnostics.map((diagnostic) => diagnostic.code)).toContain(code);
  });

  test('many errors end in one that says so', () => {
    const { diagnostics } = parse('x = (\n'.repeat(500), { file: 't', diagnosticsMax: 10 });
    expect(diagnostics).toHaveLength(11);
    expect(diagnostics.map(({ code }) => code)).toContain('CSP-SYN-026');
  });

  test('a hundred thousand declarations', () => {
    expect(declarations('P = STOP\n'.repeat(100_000))).toHaveLength(100_000);
  });
});
