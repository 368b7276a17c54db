import { describe, expect, test } from 'vitest';
import { ofBehavior, scriptOf } from './script.ts';
import { readSteps } from './steps.ts';

const cspm = (behavior: string) => {
  const reading = readSteps(behavior, 'p.csp');
  return reading.kind === 'steps' ? reading.translation.cspm : reading;
};

describe('step notation', () => {
  test.each([
    ['RECEIVE a -> SEND b -> STOP', 'a?x -> b!x -> SKIP'],
    ['RECEIVE user_input -> \n  SEND response -> \n  STOP\n', 'user_input?x -> response!x -> SKIP'],
    ['SEND a -> STOP', 'a!message -> SKIP'],
    ['RECEIVE a -> RECEIVE b -> SEND c -> SKIP', 'a?x -> b?x2 -> c!x2 -> SKIP'],
  ])('%j is %s', (steps, translated) => {
    expect(cspm(steps)).toBe(translated);
  });

  test.each([
    ['RECEIVE a', 1, 9, 'ends with STOP', 'a -> STOP'],
    ['RECEIVE a ->', 1, 11, 'ends with STOP', '-> STOP'],
    ['RECEIVE -> STOP', 1, 9, 'needs the name of a channel', undefined],
    ['RECEIVE a SEND b -> STOP', 1, 11, 'expected `->`', '-> SEND'],
    ['RECEIVE a -> STOP -> SEND b', 1, 19, 'nothing can follow the end', ''],
    ['RECEIVE a ->\nLISTEN b -> STOP', 2, 1, 'expected RECEIVE, SEND, STOP or SKIP', undefined],
  ])('%j is wrong at %i:%i', (steps, line, column, message, fix) => {
    const reading = readSteps(steps, 'p.csp');
    expect(reading).toMatchObject({ kind: 'ill-formed', diagnostics: [{ code: 'CSP-STP-001', line, column }] });
    const [diagnostic] = reading.kind === 'ill-formed' ? reading.diagnostics : [];
    expect(diagnostic?.message).toContain(message);
    expect(diagnostic?.fix).toBe(fix);
  });

  test('anything without these words is CSPM as it stands', () => {
    expect(readSteps('a?x -> STOP', 'p.csp')).toEqual({ kind: 'not steps' });
  });
});

describe('the script of a behavior', () => {
  test('has its channels and no others', () => {
    const drafted = scriptOf({ inputs: ['a'], outputs: ['b'], behavior: 'a?x -> b!x -> PROCESS' }, 'p.csp');
    expect(drafted).toMatchObject({
      source: 'datatype Message = message\nchannel a, b : Message\nPROCESS =\na?x -> b!x -> PROCESS\n',
    });
  });

  test('a channel cannot be on both sides', () => {
    const drafted = scriptOf({ inputs: ['a'], outputs: ['a'], behavior: 'SKIP' }, 'p.csp');
    expect(drafted).toMatchObject({ kind: 'ill-formed', diagnostics: [{ code: 'CSP-STP-002' }] });
  });

  test('diagnostics point into the behavior, not into the script around it', () => {
    const found = { severity: 'error', code: 'CSP-X', file: 'p.csp', line: 4, column: 6, message: 'wrong' } as const;
    const definition = { inputs: [], outputs: [], behavior: 'STOP -> SKIP' };
    expect(ofBehavior([found], definition, 'p.csp')).toMatchObject([
      { line: 1, column: 6 },
      { code: 'CSP-STP-003', line: 1, column: 1, fix: '' },
    ]);
  });
});
