/** A prefix offers exactly the events that its fields allow: against all events of the channel, filtered field by field. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf, expression, offers, script, unfolded } from './testing.ts';

/** A type of one field, with its values as they are written. */
interface FieldType {
  readonly source: string;
  readonly values: readonly string[];
}
const TYPES: readonly FieldType[] = [
  { source: '{0..2}', values: ['0', '1', '2'] },
  { source: 'Bool', values: ['false', 'true'] },
  { source: 'Color', values: ['Red', 'Mix.0.false', 'Mix.0.true', 'Mix.1.false', 'Mix.1.true'] },
];
const DECLARATIONS = 'datatype Color = Red | Mix.{0..1}.Bool\n';

interface FieldCase {
  readonly type: FieldType;
  readonly how: 'dot' | 'output' | 'input' | 'inputFrom' | 'chooseFrom';
  /** Indices of the values it allows: one for an output. */
  readonly allowed: readonly number[];
}

const fieldCase: fc.Arbitrary<FieldCase> = fc
  .record({
    type: fc.constantFrom(...TYPES),
    how: fc.constantFrom('output', 'input', 'inputFrom', 'chooseFrom' as const),
    picks: fc.array(fc.nat(), { minLength: 1, maxLength: 4 }),
  })
  .map(({ type, how, picks }) => {
    const indices = [...new Set(picks.map((pick) => pick % type.values.length))].sort();
    const allowed = how === 'output' ? indices.slice(0, 1) : how === 'input' ? type.values.map((_, i) => i) : indices;
    return { type, how: how as FieldCase['how'], allowed };
  });

function sourceOf(field: FieldCase, at: number): string {
  const values = field.allowed.map((i) => field.type.values[i]!);
  switch (field.how) {
    case 'dot':
    case 'output':
      return `!${values[0]}`;
    case 'input':
      return `?x${at}`;
    case 'inputFrom':
      return `?x${at}:{${values.join(', ')}}`;
    case 'chooseFrom':
      return `$x${at}:{${values.join(', ')}}`;
  }
}

test('random channels and fields', () => {
  fc.assert(
    fc.property(fc.array(fieldCase, { minLength: 1, maxLength: 3 }), (fields) => {
      const source = `${DECLARATIONS}channel c : ${fields.map((f) => f.type.source).join('.')}\nP = c${fields
        .map(sourceOf)
        .join('')} -> STOP\n`;
      const evaluation = script(source);
      expect(evaluation.diagnostics).toEqual([]);
      let all: { name: string; indices: number[] }[] = [{ name: 'c', indices: [] }];
      for (const { type } of fields) {
        all = all.flatMap(({ name, indices }) =>
          type.values.map((v, i) => ({ name: `${name}.${v}`, indices: [...indices, i] })),
        );
      }
      const expected = all
        .filter(({ indices }) => indices.every((index, i) => fields[i]!.allowed.includes(index)))
        .map(({ name }) => name);
      expect(offers(evaluation, evaluation.process(expression('P'))).sort(), source).toEqual(expected.sort());
      // Nothing else is an event of the channel.
      expect(evaluation.value(expression('card({|c|})'))).toBe(String(all.length));
    }),
    { seed: 20_240_601, numRuns: 300 },
  );
});

describe('fields of a prefix', () => {
  const SOURCE = `
datatype Color = Red | Mix.{0..1}.Bool
channel c : {0..1}.Color.Bool
channel d : {0..2}
twice(x) = 2 * x
`;
  const evaluation = script(SOURCE);
  const offered = (source: string) => offers(evaluation, evaluation.process(expression(source)));

  test('the last input takes all fields that are left', () => {
    expect(offered('c?x -> STOP')).toHaveLength(2 * 5 * 2);
    expect(offered('c!1!Red?x -> STOP')).toEqual(['c.1.Red.false', 'c.1.Red.true']);
    expect(offered('c.1?x -> STOP')).toHaveLength(5 * 2);
  });

  test('an input may begin inside a datatype', () => {
    expect(offered('c.0.Mix.1?x!true -> STOP')).toEqual(['c.0.Mix.1.false.true', 'c.0.Mix.1.true.true']);
    expect(offered('c!0!Mix?x!true!false -> STOP')).toEqual(['c.0.Mix.0.true.false', 'c.0.Mix.1.true.false']);
  });

  test('an input may be a pattern', () => {
    expect(offered('c?x?Mix.1.y?z -> STOP')).toHaveLength(2 * 2 * 2);
    expect(offered('c?0?Red?true -> STOP')).toEqual(['c.0.Red.true']);
    expect(offered('c?_?Red:{Red}?_ -> STOP')).toHaveLength(4);
  });

  test('an input sees the names before it', () => {
    expect(offered('d?x:{0..1} -> STOP')).toEqual(['d.0', 'd.1']);
    expect(offered('c?x?y?z:{x == 1} -> STOP')).toHaveLength(2 * 5);
    expect(offered('[] x:{0..1} @ d!twice(x) -> STOP')).toEqual(['d.0', 'd.2']);
  });

  test('a choice by the process is made field by field', () => {
    const body = unfolded(evaluation.process(expression('c$x?y!true -> STOP')));
    expect(body.kind === 'internalChoice' && body.branches.map((branch) => offers(evaluation, branch).length)).toEqual([
      5, 5,
    ]);
  });

  test.each([
    ['d!3 -> STOP', 'CSP-EVL-002'],
    ['d?x:{0..5} -> STOP', 'CSP-EVL-002'],
    ['c!0!Blue -> STOP', 'CSP-EVL-001'],
    ['c!0 -> STOP', 'CSP-EVL-009'],
    ['d!0?x -> STOP', 'CSP-EVL-009'],
    ['d -> STOP', 'CSP-EVL-009'],
    ['d!0!1 -> STOP', 'CSP-EVL-005'],
    ['Red -> STOP', 'CSP-EVL-005'],
  ])('%s is refused', (source, code) => {
    expect(codeOf(() => evaluation.process(expression(source)))).toBe(code);
  });
});
