/** Every module says in CSP how it may interact, and what it says holds. */
import { globSync, readFileSync } from 'node:fs';
import { check } from '@enhanced-csp/engine';
import { describe, expect, test } from 'vitest';

const protocols = globSync('modules/*/protocol.csp');

test('every module has a protocol', () => {
  expect(protocols.map((path) => path.split('/')[1])).toEqual(
    globSync('modules/*/package.json').map((path) => path.split('/')[1]),
  );
});

describe.each(protocols)('%s', (file) => {
  const { diagnostics, assertions } = check(readFileSync(file, 'utf8'), {
    file,
    now: () => performance.now(),
    timeoutMs: 20_000,
  });

  test('is well-formed', () => {
    expect(diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('every assertion holds, and one of them refutes something: the check can fail', () => {
    expect(assertions.map(({ text, verdict }) => `${verdict}: ${text}`)).toEqual(
      assertions.map(({ text }) => `holds: ${text}`),
    );
    expect(assertions.some(({ negated }) => negated)).toBe(true);
    expect(assertions.some(({ negated }) => !negated)).toBe(true);
  });
});
