import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EVALUATION_CODES } from './codes.ts';

function sources(passes: (name: string) => boolean): string {
  const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && passes(name));
  return names.map((name) => readFileSync(join(import.meta.dirname, name), 'utf8')).join('\n');
}

const table = readFileSync(join(import.meta.dirname, 'codes.ts'), 'utf8');
/** The name by which the sources throw each code. */
const causes = new Map(
  [...table.matchAll(/^ {2}(\w+): '(CSP-EVL-\d{3})',$/gm)].map(([, name, code]) => [code!, name!]),
);

test('every code of the table has a cause, and every cause is thrown somewhere', () => {
  expect([...causes.keys()].sort()).toEqual(Object.keys(EVALUATION_CODES).sort());
  const thrown = sources((name) => !name.endsWith('.test.ts') && name !== 'codes.ts');
  expect([...causes.values()].filter((name) => !thrown.includes(`'${name}'`))).toEqual([]);
});

test('every code is provoked by some test', () => {
  const tested = sources((name) => name.endsWith('.test.ts'));
  expect(Object.keys(EVALUATION_CODES).filter((code) => !tested.includes(code))).toEqual([]);
});

test('every code says what it means and what to do', () => {
  for (const { meaning, remedy } of Object.values(EVALUATION_CODES)) {
    expect(meaning).toMatch(/^\S.*\.$/);
    expect(remedy).toMatch(/^\S.*\.$/);
  }
});
