/** Values for the fuzzer: anything at all, and what fits a schema. */
import fc from 'fast-check';
import type { OpenApiDocument, Schema } from './document.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e308',
    'null',
    'STOP',
    'a?x -> SKIP',
    '../../etc/passwd',
    "' OR 1=1 --",
    '\u0000',
    '\ud800',
  ),
  fc.constantFrom('__proto__', 'constructor', 'running', 'atomic'),
);

export const anything: fc.Arbitrary<unknown> = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.object({ maxDepth: 2, maxKeys: 3 }),
);

/** Values that fit a schema, as far as the schema says; what it leaves open is anything. */
export function fitting(schema: Schema, document: OpenApiDocument, depth = 0): fc.Arbitrary<unknown> {
  const inner = (one: Schema) => fitting(one, document, depth + 1);
  if (schema.$ref !== undefined)
    return inner(document.components.schemas[schema.$ref.split('/').at(-1) as string] as Schema);
  if ('const' in schema) return fc.constant(schema.const);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return depth > 3 ? fc.constant(null) : fc.oneof(...union.map(inner));
  const { minimum = -1000, maximum = 1000, minLength = 0, maxLength = 12, minItems = 0, maxItems = 2 } = schema;
  switch (schema.type) {
    case 'string':
      return schema.pattern === undefined
        ? fc.oneof(
            fc
              .constantFrom('a?x -> SKIP', 'RECEIVE a -> SEND b -> STOP', 'P = a -> P')
              .filter((one) => one.length <= (schema.maxLength ?? 99)),
            fc.string({ minLength, maxLength: Math.max(minLength, Math.min(maxLength, 12)) }),
          )
        : // Looking ahead is beyond the generator: the one pattern that does is that of paths in a batch.
          schema.pattern.includes('(?!')
          ? fc.constantFrom('/api/processes', '/api/v1/channels?limit=1', '/api/nowhere', '/api/processes/x/start')
          : fc.stringMatching(new RegExp(schema.pattern)).filter((one) => one.length <= (schema.maxLength ?? 1000));
    case 'integer':
      return fc.integer({ min: Math.max(minimum, -1000), max: Math.min(maximum, 1000) });
    case 'number':
      // A timeout is waited for: zero.
      return fc.constant(Math.max(0, minimum));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return depth > 3
        ? fc.constant([])
        : fc.array(inner(schema.items ?? {}), { minLength: minItems, maxLength: Math.min(maxItems, 3) });
    case 'object': {
      const { properties = {}, required = [] } = schema;
      const fields = Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, inner(one)]));
      return fc.record(fields, { requiredKeys: required.filter((name) => name in fields) as never[] });
    }
    default:
      return anything;
  }
}
