/** The dialect of old scripts: what was tolerated then is a warning now, and evaluates to what it says. */
import { expect, test } from 'vitest';
import { parseExpression } from './cspm/index.ts';
import { load } from './load.ts';

const codes = (source: string, dialect: 'fdr2' | 'fdr4') =>
  load(source, { file: 'old.csp', dialect }).diagnostics.map(({ severity, code }) => `${severity} ${code}`);

test.each([
  ['a function that is not imported', 'channel a\nP = normal(a -> STOP)', 'CSP-TYP-001'],
  [
    'an external function imported as a transparent one',
    'transparent chase, prioritise\nP = chase(STOP)',
    'CSP-TYP-013',
  ],
  ['a channel declared again', 'channel a, b : {0..1}\nchannel b : {0..1}\nP = a.0 -> b.1 -> P', 'CSP-TYP-002'],
  ['a set of values of two types', 'S = {1, true}\nchannel a\nP = card(S) == 2 & a -> P', 'CSP-TYP-003'],
  ['processes in a set', 'channel a\nP = card({STOP, a -> STOP}) == 2 & a -> P', 'CSP-TYP-005'],
])('%s is a warning, and the script has a meaning', (_what, source, code) => {
  expect(codes(source, 'fdr4')).toContain(`error ${code}`);
  const old = load(source, { file: 'old.csp', dialect: 'fdr2' });
  expect(codes(source, 'fdr2')).toEqual([`warning ${code}`]);
  const process = old.evaluation!.process(parseExpression('P', { file: 'expression' }).expression!);
  expect(() => process.kind === 'call' && process.unfold()).not.toThrow();
});

test.each([
  ['a name that is defined nowhere', 'P = Q', 'CSP-TYP-001'],
  ['a channel declared again with another type', 'channel b : {0..1}\nchannel b : Bool', 'CSP-TYP-002'],
  ['a function defined twice', 'f(x) = x\ng = 1\nf(x) = x + 1', 'CSP-TYP-002'],
])('%s has no clear meaning in any dialect', (_what, source, code) => {
  expect(codes(source, 'fdr2')).toContain(`error ${code}`);
});
