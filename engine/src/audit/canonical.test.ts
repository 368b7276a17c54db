import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonical, canonicalBytes, NotCanonical } from './canonical.ts';

interface Vector {
  readonly name: string;
  readonly input: string;
  readonly output: string;
}
const vectors = readFileSync(new URL('./vectors/jcs.ndjson', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Vector);

describe('RFC 8785', () => {
  test.each(vectors)('published vector $name', ({ input, output }) => {
    expect(canonical(JSON.parse(input))).toBe(output);
  });

  // Appendix B: bits of the number, and its text.
  test.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('number %s is %s', (bits, text) => {
    expect(canonical(number(bits))).toBe(text);
  });

  test.each(['7fffffffffffffff', '7ff0000000000000'])('number %s has no text', (bits) => {
    expect(() => canonical(number(bits))).toThrow(NotCanonical);
  });
});

test('what JSON cannot say is refused with its place', () => {
  expect(() => canonical({ a: [1, { b: undefined }] })).toThrow('undefined at /a/1/b');
  expect(() => canonical('\ud800')).toThrow('lone surrogate');
  expect(() => canonical(new Map())).toThrow('not plain');
  expect(() => canonical(1n)).toThrow(NotCanonical);
});

test('the text means the value, and does not depend on the order of members', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 3 }), (value) => {
      fc.pre(JSON.stringify(value).isWellFormed());
      const text = canonical(value);
      expect(canonical(JSON.parse(text))).toBe(text);
      expect(canonical(reversed(value))).toBe(text);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
    }),
    { seed: 8785, numRuns: 100 },
  );
});

test('what is in order already is written as what is not', () => {
  expect(canonical({ a: [1, { b: 'x', c: null }], z: 'é\n' })).toBe('{"a":[1,{"b":"x","c":null}],"z":"é\\n"}');
  const items = Object.assign([1, 2], { toJSON: () => 'something else' });
  expect(canonical({ items })).toBe('{"items":[1,2]}');
  for (const value of [{ a: undefined }, { a: [undefined] }, { a: '\ud800' }, { a: { '\ud800': 1 } }])
    expect(() => canonical(value)).toThrow(NotCanonical);
});

test('bytes are UTF-8', () => {
  expect([...canonicalBytes('é')]).toEqual([0x22, 0xc3, 0xa9, 0x22]);
});

test('bytes stay what they were, however many are made after them', () => {
  const texts = Array.from({ length: 3000 }, (_, index) => 'é€😀a'.repeat(index % 37) + index).concat('x'.repeat(1e5));
  const made = texts.map((text) => canonicalBytes(text));
  for (const [index, bytes] of made.entries()) expect(Buffer.from(bytes).toString()).toBe(`"${texts[index]}"`);
});

function number(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
