import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonFaultAt } from './json-fault.ts';

test.each([
  ['{"name": }', 9],
  ['{"a": 1,}', 8],
  ['[1, 2', 5],
  ["{'a': 1}", 1],
  ['{"a" 1}', 5],
  ['01', 1],
  ['', 0],
  ['tru', 0],
  ['"open', 0],
  ['{} {}', 3],
  ['[1}', 2],
  [' {"a": [1, {"b": null}], "c": "\\u00e9\\n"} ', undefined],
])('%j', (text, offset) => {
  expect(jsonFaultAt(text)).toBe(offset);
});

test('agrees with JSON.parse on what is JSON, for JSON and for what is nearly JSON', () => {
  const whole = fc.json({ maxDepth: 4 });
  const broken = fc
    .tuple(
      whole,
      fc.nat(),
      fc.constantFrom('', ',', '}', '"', ' ', '\\', '\u0001', '\u007f', '\ud800', '0', ':', '-', 'null'),
    )
    .map(([text, at, piece]) => {
      const cut = at % (text.length + 1);
      return text.slice(0, cut) + piece + text.slice(cut + 1);
    });
  fc.assert(
    fc.property(fc.oneof(whole, broken), (text) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      expect(jsonFaultAt(text) === undefined).toBe(isJson);
    }),
    { numRuns: 3000, seed: 17 },
  );
});
