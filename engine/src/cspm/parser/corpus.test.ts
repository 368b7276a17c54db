import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../parser.ts';
import { printScript } from '../print/declarations.ts';
import { bareTree } from './bare-tree.ts';

// The verdicts are libcspm's own: the folder a script lies in says whether it must pass. Desugaring faults are found here while parsing.
const CORPUS = resolve(import.meta.dirname, '../../../../tests/corpus/libcspm');

function read(file: string): string {
  return new TextDecoder('windows-1252').decode(readFileSync(file));
}

function include(path: string, from: string): { file: string; source: string } | undefined {
  const file = resolve(dirname(from), path);
  return existsSync(file) ? { file, source: read(file) } : undefined;
}

function scripts(folder: string): string[] {
  return readdirSync(join(CORPUS, folder)).map((name) => join(CORPUS, folder, name));
}

function errorsOf(file: string): readonly string[] {
  return parse(read(file), { file, include })
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code, message, span }) => `${span.line}:${span.column} ${code} ${message}`);
}

describe.each(['parser/should_pass', 'prettyprinter/should_pass'])('%s', (folder) => {
  test.each(scripts(folder))('%s', (file) => expect(errorsOf(file)).toEqual([]));

  test.each(scripts(folder))('printed, it parses to the same tree: %s', (file) => {
    const { script } = parse(read(file), { file, include });
    const again = parse(printScript(script), { file });
    expect(again.diagnostics).toEqual([]);
    expect(bareTree(again.script.declarations)).toEqual(bareTree(script.declarations));
  });
});

describe.each(['parser/should_fail', 'desugar/should_fail'])('%s', (folder) => {
  test.each(scripts(folder))('%s', (file) => expect(errorsOf(file)).not.toEqual([]));
});

test('all line ends read alike', () => {
  for (const file of scripts('parser/should_pass')) {
    const source = read(file).replaceAll('\r\n', '\n');
    const plain = parse(source, { file, include });
    for (const end of ['\r\n', '\r']) {
      const other = parse(source.replaceAll('\n', end), { file, include });
      expect(other.script, file).toEqual(plain.script);
    }
  }
});
