/** The declaration of the module agrees with what it does. */
import { globSync, readFileSync } from 'node:fs';
import { CONVERSATION_ERRORS, STEP_DIAGNOSTICS } from '@enhanced-csp/conversations';
import { check } from '@enhanced-csp/engine';
import { PLATFORM_ERRORS } from '@enhanced-csp/platform';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newFolder, openPlatform, type TestPlatform } from './platform.ts';

const { folder, remove } = newFolder();
let platform: TestPlatform;
beforeAll(async () => {
  platform = await openPlatform(folder);
});
afterAll(async () => {
  await platform.stop();
  remove();
});

test('its protocol holds, assertion by assertion', () => {
  const source = readFileSync('modules/conversations/protocol.csp', 'utf8');
  const { diagnostics, assertions } = check(source, { file: 'protocol.csp', now: () => performance.now() });
  expect(diagnostics).toEqual([]);
  expect(assertions.length).toBeGreaterThan(3);
  for (const { text, verdict } of assertions) expect(verdict, text).toBe('holds');
});

describe('codes', () => {
  const root = new URL('../../modules/conversations/src/', import.meta.url).pathname;
  const sources = globSync('**/*.ts', { cwd: root })
    .filter((path) => !path.endsWith('errors.ts') && !path.endsWith('diagnostics.ts'))
    .map((path) => readFileSync(`${root}${path}`, 'utf8'))
    .join('\n');
  const raised = new Set(Array.from(sources.matchAll(/fault\(\s*'(CSP-CNV-\d+)'/g), ([, code]) => code));

  test('every code of the table is raised, and no other', () => {
    expect([...raised].sort()).toEqual(Object.keys(CONVERSATION_ERRORS).sort());
  });

  test('every diagnostic of the table is given, and no other', () => {
    const given = new Set(Array.from(sources.matchAll(/'(CSP-STP-\d+)'/g), ([, code]) => code));
    expect([...given].sort()).toEqual(Object.keys(STEP_DIAGNOSTICS).sort());
  });

  test('operations name codes of the table', () => {
    for (const { id, errors } of platform.platform.catalog.operations())
      for (const code of errors) expect({ ...PLATFORM_ERRORS, ...CONVERSATION_ERRORS }, id).toHaveProperty(code);
  });
});
