import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

test.each([
  ['prot', ['port', 'host'], 'port'],
  ['log.levle', ['log.level', 'log.format'], 'log.level'],
  ['HOST', ['port', 'host'], 'host'],
  ['limits.bodybytes', ['limits.body_bytes', 'limits.script_bytes'], 'limits.body_bytes'],
  ['entirely', ['port', 'host'], undefined],
  ['x', [], undefined],
])('%s', (name, known, expected) => {
  expect(nearest(name, known)).toBe(expected);
});
