import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExpression } from '../parser.ts';
import { isStepNotation, translateSteps } from '../steps.ts';
import type { StepOptions } from './translation.ts';

function cspm(text: string, options?: StepOptions): string {
  const translation = translateSteps(text, options);
  if ('diagnostics' in translation) throw new Error(translation.diagnostics[0]!.message);
  expect(parseExpression(translation.cspm, { file: 'cspm' }).diagnostics).toEqual([]);
  return translation.cspm;
}
function refused(text: string, options?: StepOptions): string[] {
  const translation = translateSteps(text, options);
  if ('cspm' in translation) throw new Error(`translated to ${translation.cspm}`);
  return translation.diagnostics.map(({ code, span }) => `${code} ${span.line}:${span.column}-${span.endColumn}`);
}

describe('translation', () => {
  test.each([
    ['RECEIVE user_input -> SEND response -> STOP', 'user_input?x -> response!x -> SKIP'],
    ['RECEIVE user_input -> \nSEND response -> \nSTOP\n', 'user_input?x -> response!x -> SKIP'],
    ['receive a -> Send b -> Skip', 'a?x -> b!x -> SKIP'],
    ['RECEIVE a -> SEND b', 'a?x -> b!x -> SKIP'],
    ['RECEIVE a -> RECEIVE b -> SEND c -> STOP', 'a?x -> b?y -> c!y -> SKIP'],
    ['RECEIVE x -> SEND y -> STOP', 'x?z -> y!z -> SKIP'],
    ['SEND hello -> RECEIVE answer -> STOP', 'hello$x -> answer?y -> SKIP'],
    ['RECEIVE a -> SEND b -> REPEAT', 'let LOOP = a?x -> b!x -> LOOP within LOOP'],
    ['RECEIVE LOOP -> REPEAT', 'let LOOP1 = LOOP?x -> LOOP1 within LOOP1'],
    ['RECEIVE net.3 -> SEND net.4 -> STOP', 'net.3?x -> net.4!x -> SKIP'],
    ['-- greet\nRECEIVE a {- wait -} -> STOP', 'a?x -> SKIP'],
  ])('%j', (text, expected) => expect(cspm(text)).toBe(expected));

  test('a final STOP is noted where it stands', () => {
    expect(translateSteps('RECEIVE a -> STOP', { file: 'behavior' })).toMatchObject({
      notes: [
        { severity: 'note', code: 'CSP-SYN-029', span: { file: 'behavior', line: 1, column: 14, endColumn: 18 } },
      ],
    });
    expect(translateSteps('RECEIVE a -> SKIP')).toMatchObject({ notes: [] });
  });

  test('many receives never reuse a variable', () => {
    const text = Array.from({ length: 20 }, (_, i) => `RECEIVE c${i}`).join(' -> ');
    const variables = [...cspm(text).matchAll(/\?(\w+)/g)].map(([, name]) => name);
    expect(new Set(variables).size).toBe(20);
  });

  test('channels are checked against the declared ones', () => {
    const declared = { inputs: ['a'], outputs: ['b'] };
    expect(cspm('RECEIVE a -> SEND b -> STOP', declared)).toBe('a?x -> b!x -> SKIP');
    expect(refused('RECEIVE b -> SEND b -> STOP', declared)).toEqual(['CSP-SYN-028 1:9-10']);
    expect(refused('RECEIVE a -> SEND a -> STOP', { outputs: [] })).toEqual(['CSP-SYN-028 1:19-20']);
  });
});

describe('refusal', () => {
  test.each([
    // Neither steps nor CSPM.
    ['STOP -> SKIP', ['CSP-SYN-009 1:1-5']],
    // CSPM already.
    ['a -> STOP', ['CSP-SYN-028 1:1-1']],
    ['RECEIVE a -> STOP -> SEND b', ['CSP-SYN-009 1:14-18']],
    ['RECEIVE a SEND b', ['CSP-SYN-028 1:11-15']],
    ['RECEIVE a -> wait -> SEND -> STOP', ['CSP-SYN-028 1:14-18', 'CSP-SYN-028 1:22-26']],
    ['RECEIVE a ->', ['CSP-SYN-028 1:11-13']],
    ['RECEIVE user-input-2 -> STOP', ['CSP-SYN-028 1:9-21']],
    ['RECEIVE channel -> STOP', ['CSP-SYN-028 1:1-8']],
  ])('%j', (text, expected) => expect(refused(text)).toEqual(expected));

  test('the fix for `STOP -> SKIP` is the arrow', () => {
    const translation = translateSteps('STOP -> SKIP');
    expect(translation).toMatchObject({
      diagnostics: [{ fix: { replacement: ';', span: { column: 6, endColumn: 8 } } }],
    });
  });
});

test.each([
  ['RECEIVE a -> SEND b', true],
  ['send b', true],
  ['a -> SEND b -> STOP', true],
  ['RECEIVE -> STOP', false],
  ['RECEIVE?x -> STOP', false],
  ['P = RECEIVE', false],
  ['RECEIVER a', false],
  ['', false],
])('isStepNotation(%j) is %s', (text, expected) => expect(isStepNotation(text)).toBe(expected));

test('any text is translated to CSPM that parses, or refused with diagnostics', () => {
  const words = fc.constantFrom(
    'RECEIVE',
    'SEND',
    'a',
    'b',
    '->',
    'STOP',
    'SKIP',
    'REPEAT',
    '\n',
    '.',
    '1',
    'x',
    '→',
    '"',
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 12 }), (parts) => {
      const translation = translateSteps(parts.join(' '));
      if ('cspm' in translation) {
        const parsed = parseExpression(translation.cspm, { file: 'cspm' });
        expect(parsed.diagnostics, translation.cspm).toEqual([]);
      } else {
        expect(translation.diagnostics.length).toBeGreaterThan(0);
      }
    }),
    { seed: 3, numRuns: 1000 },
  );
});
