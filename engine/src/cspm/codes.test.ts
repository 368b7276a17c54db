import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SYNTAX_CODES } from './codes.ts';

const FOLDERS = ['.', 'parser', 'steps'];

/** The codes that stand in the sources whose names pass. */
function codesIn(passes: (name: string) => boolean): Set<string> {
  const codes = new Set<string>();
  for (const folder of FOLDERS) {
    const path = join(import.meta.dirname, folder);
    for (const name of readdirSync(path)) {
      if (!name.endsWith('.ts') || !passes(name)) continue;
      for (const [code] of readFileSync(join(path, name), 'utf8').matchAll(/CSP-(?:LEX|SYN)-\d{3}/g)) codes.add(code);
    }
  }
  return codes;
}

test('the table has exactly the codes that the lexer and the parser report', () => {
  const reported = codesIn((name) => !name.endsWith('.test.ts') && name !== 'codes.ts' && name !== 'diagnostic.ts');
  expect([...reported].sort()).toEqual(Object.keys(SYNTAX_CODES).sort());
});

test('every code is provoked by some test', () => {
  const tested = codesIn((name) => name.endsWith('.test.ts') && name !== 'codes.test.ts');
  expect(Object.keys(SYNTAX_CODES).filter((code) => !tested.has(code))).toEqual([]);
});

test('every code says what it means and what to do', () => {
  for (const { meaning, remedy } of Object.values(SYNTAX_CODES)) {
    expect(meaning).toMatch(/^\S.*\.$/);
    expect(remedy).toMatch(/^\S.*[.]$/);
  }
});
