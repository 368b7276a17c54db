import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ENGINE_CODES } from './codes.ts';

test('the table has exactly the codes that are reported', () => {
  const sources = [
    ...globSync('engine/src/*.ts'),
    'engine/src/csp/transitions.ts',
    ...globSync('modules/conversations/src/verification/*.ts'),
  ];
  const reported = new Set<string>();
  for (const path of sources.filter((path) => !path.endsWith('.test.ts') && path !== 'engine/src/codes.ts'))
    for (const [code] of readFileSync(path, 'utf8').matchAll(/CSP-(?:CHK|PRO|SEM)-\d{3}/g)) reported.add(code);
  expect([...reported].sort()).toEqual(Object.keys(ENGINE_CODES));
});
