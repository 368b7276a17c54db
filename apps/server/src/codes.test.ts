/** The tables of codes say what is thrown: no code without a row, no row without a code. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PLATFORM_ERRORS } from '@enhanced-csp/platform';
import { expect, test } from 'vitest';
import { MODULES } from './assembly.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SOURCES = '{platform,modules/*,apps/server}/src/**/*.ts';

/** Codes as they are written in sources, without tests and without the tables themselves. */
const used = new Set(
  globSync(SOURCES, { cwd: ROOT })
    .filter((path) => !/(\.test|\.fixture|errors)\.ts$/.test(path))
    .flatMap((path) =>
      [...readFileSync(join(ROOT, path), 'utf8').matchAll(/'(CSP-[A-Z]{3}-\d{3})'/g)].map(
        (match) => match[1] as string,
      ),
    ),
);
const documented = new Map(
  [PLATFORM_ERRORS, ...MODULES.map(({ errors }) => errors)]
    .flatMap((table) => Object.entries(table))
    .map(([code, row]) => [code, row]),
);
const areas = new Set([...documented.keys()].map((code) => code.slice(0, 7)));

test('every code that is thrown has a row', () => {
  expect(used.size).toBeGreaterThan(30);
  for (const code of used) if (areas.has(code.slice(0, 7))) expect(documented.has(code), code).toBe(true);
});

test('every row is thrown somewhere, and says what to do next', () => {
  for (const [code, { title, next }] of documented) {
    expect(used, code).toContain(code);
    expect(title, code).not.toBe('');
    expect(next, code).toMatch(/\.$/);
  }
});
