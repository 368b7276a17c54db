/** Every script of libcspm's type checker tests has its published outcome. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from '../parser.ts';
import type { Script } from '../syntax.ts';
import { checkTypes } from './index.ts';

const ROOT = join(import.meta.dirname, '../../../../tests/corpus/libcspm/typechecker');

function errorsOf(script: Script): string[] {
  return checkTypes(script)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ code, span, message }) => `${span.line}:${span.column} ${code} ${message}`);
}

function read(file: string) {
  return parse(readFileSync(file, 'utf8'), {
    file,
    include: (path, from) => {
      const found = join(dirname(from), path);
      return existsSync(found) ? { file: found, source: readFileSync(found, 'utf8') } : undefined;
    },
  });
}

function scriptsOf(outcome: string): string[] {
  return readdirSync(join(ROOT, outcome)).filter((name) => name.endsWith('.csp'));
}

describe('scripts that type-check', () => {
  test.each(scriptsOf('should_pass'))('%s', (name) => {
    const { script, diagnostics } = read(join(ROOT, 'should_pass', name));
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(errorsOf(script)).toEqual([]);
  });
});

describe('scripts that do not', () => {
  test.each(scriptsOf('should_fail'))('%s', (name) => {
    // The syntax of every one is fine but `module_instances_6`, which also declares an instance in a `let`; the type checker must see the fault by itself.
    const { script } = read(join(ROOT, 'should_fail', name));
    expect(errorsOf(script)).not.toEqual([]);
  });
});

test('the corpus is here', () => {
  expect(scriptsOf('should_pass').length).toBe(52);
  expect(scriptsOf('should_fail').length).toBe(71);
});

describe('the order of declarations does not matter', () => {
  // Instances stand after their module, and an include may be the second half of a definition.
  const independent = (script: Script) =>
    script.declarations.every(({ kind }) => kind !== 'module' && kind !== 'instance' && kind !== 'timed');
  test.each(['should_pass', 'should_fail'])('%s', (outcome) => {
    for (const name of scriptsOf(outcome)) {
      const { script } = read(join(ROOT, outcome, name));
      if (!independent(script)) continue;
      const reversed = { ...script, declarations: [...script.declarations].reverse() };
      expect(errorsOf(reversed).length > 0, name).toBe(outcome === 'should_fail');
    }
  });
});
