import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Diagnostic } from '../diagnostic.ts';
import { type Parsed, parse, parseExpression } from '../parser.ts';
import { printScript } from '../print/declarations.ts';
import { KEYWORDS, OPERATORS } from '../tokens.ts';
import { bareTree } from './bare-tree.ts';

const CORPUS = resolve(import.meta.dirname, '../../../../tests/corpus/libcspm');
const SCRIPTS = ['parser/should_pass', 'parser/should_fail', 'evaluator/should_pass']
  .flatMap((folder) => readdirSync(join(CORPUS, folder)).map((name) => join(CORPUS, folder, name)))
  .filter((file) => file.endsWith('.csp'))
  .map((file) => readFileSync(file, 'latin1'));

const soup = fc.constantFrom(
  ...OPERATORS, ...KEYWORDS, '{-', '-}', '--', '(|', '::', ' ', '\n', '\n', '\r\n', '\t', '&&', '_', 'a', 'P', "x'", 'f(x) = ', '1', '"', '"s"', "'", "'c'",
  '[T=', ':[deadlock free [F]]', ':[', 'include "f"', 'print ', 'RECEIVE', 'SEND', 'STOP', '→', 'é', '\u0000', '\ud800', '\\\\', ' x:S @ ',
); // biome-ignore format: a list of words

/** What must hold of every answer: diagnostics with places in the source, and a tree that can be printed when nothing is wrong. */
function check(source: string): Parsed {
  const lines = source.split(/\r\n|\r|\n/);
  const inSource = ({ span, code, message }: Diagnostic): void => {
    const about = `${code} ${message} at ${span.line}:${span.column}-${span.endLine}:${span.endColumn}`;
    expect(span.line, about).toBeGreaterThanOrEqual(1);
    expect(span.endLine, about).toBeLessThanOrEqual(lines.length);
    expect(span.column, about).toBeGreaterThanOrEqual(1);
    expect(span.endColumn, about).toBeLessThanOrEqual((lines[span.endLine - 1]?.length ?? 0) + 1);
    expect(span.endLine > span.line || span.endColumn >= span.column, about).toBe(true);
  };
  const parsed = parse(source, { file: 'fuzz' });
  for (const diagnostic of parsed.diagnostics) {
    inSource(diagnostic);
    if (diagnostic.fix) inSource({ ...diagnostic, span: diagnostic.fix.span });
  }
  if (parsed.diagnostics.every(({ severity }) => severity !== 'error')) {
    const again = parse(printScript(parsed.script), { file: 'fuzz' });
    expect(again.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(bareTree(again.script.declarations)).toEqual(bareTree(parsed.script.declarations));
  }
  return parsed;
}

test('token soup is answered with diagnostics', () => {
  fc.assert(
    fc.property(fc.array(soup, { maxLength: 60 }), (words) => {
      check(words.join(''));
      check(`P = ${words.join(' ')}`);
      parseExpression(words.join(' '), { file: 'fuzz' });
    }),
    { seed: 17, numRuns: 800 },
  );
});

test('mutated scripts are answered with diagnostics', () => {
  const mutation = fc.record({
    script: fc.nat({ max: SCRIPTS.length - 1 }),
    edits: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        remove: fc.nat({ max: 8 }),
        insert: fc.option(soup),
      }),
      {
        minLength: 1,
        maxLength: 4,
      },
    ),
  });
  fc.assert(
    fc.property(mutation, ({ script, edits }) => {
      let source = SCRIPTS[script]!.slice(0, 4000);
      for (const { at, remove, insert } of edits) {
        const place = Math.floor(at * source.length);
        source = source.slice(0, place) + (insert ?? '') + source.slice(place + remove);
      }
      check(source);
    }),
    { seed: 19, numRuns: 300 },
  );
});

test('random characters are answered with diagnostics', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (source) => void check(source)),
    {
      seed: 23,
      numRuns: 150,
    },
  );
});

test.each([
  ['declarations', (n: number) => 'P(x) = c?x!1 -> (P(x + 1) [] STOP)\n'.repeat(n)],
  ['errors', (n: number) => 'P = (a -> \n'.repeat(n)],
  ['open brackets', (n: number) => 'x = f(((\n'.repeat(n)],
  ['properties that are not closed', (n: number) => 'assert P :[deadlock\n'.repeat(n)],
  ['comments', (n: number) => '{- {- -} -} '.repeat(n)],
  ['includes that are not closed', (n: number) => 'include "x\n'.repeat(n)],
  ['wildcards left over', (n: number) => `x = (${'_, '.repeat(n)}let ${'y = 1\n'.repeat(n)} within y)`],
  ['long lists', (n: number) => `x = {${'1, '.repeat(n)}1}`],
  ['one long line of names', (n: number) => 'a '.repeat(n)],
  ['broken lets', (n: number) => 'x = let y = ) within let\n'.repeat(n)],
  ['primes', (n: number) => `x = a${"'".repeat(n)}`],
  ['names with arguments', (n: number) => 'f(x)(y\n'.repeat(n)],
])('a long text of %s is read to its end', (_, make) => {
  const { diagnostics } = parse(make(16_000), { file: 'long', diagnosticsMax: 10 });
  expect(diagnostics.length).toBeLessThanOrEqual(11);
});
