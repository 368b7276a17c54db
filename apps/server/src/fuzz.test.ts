/**
 * Whatever is sent to whatever operation: an answer of the documented form, never a defect. Requests are made from the OpenAPI document, fitting ones from
 * the schemas and others with something wrong in them; answers are judged by the schemas of the document, read back by another reader than wrote them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startServer } from './server.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

interface Described {
  readonly operationId: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** More of them on demand: `FUZZ_REQUESTS=20000`. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 1000);

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
const anything = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.object({ maxDepth: 2, maxKeys: 3 }),
);

/** Values that fit a schema, as far as the schema says; what it leaves open is anything. */
function fitting(schema: Schema, document: Document, depth = 0): fc.Arbitrary<unknown> {
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
          : fc.stringMatching(new RegExp(schema.pattern)).filter((one) => one.length <= maxLength);
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

test('no request makes a defect, and no answer is outside its schema', {
  timeout: 60_000 + REQUESTS * 50,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'csp-fuzz-'));
  const lines: string[] = [];
  const server = await startServer({
    folder,
    env: {},
    flags: { port: 0, 'rate.verify_per_minute': 240, 'rate.burst': 20 },
    writeLog: (line) => lines.push(line),
  });
  try {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document;
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, 'api');
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => {
        const pointer = (status: string, type: string) =>
          ['paths', path, method, 'responses', status, 'content', type, 'schema']
            .map((step) => `/${encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))}`)
            .join('');
        const schema = described.requestBody?.content['application/json'].schema;
        const own = (described.parameters ?? []).filter((one) => one.in !== 'header');
        const input = fc.record({
          body: schema === undefined ? fc.constant(undefined) : fitting(schema, document),
          parameters: fc.record(Object.fromEntries(own.map(({ name, schema }) => [name, fitting(schema, document)])), {
            requiredKeys: own.filter(({ required }) => required).map(({ name }) => name) as never[],
          }),
          /** Where it is made wrong, and by what. */
          wrong: fc.option(fc.record({ at: fc.nat(), by: anything }), { nil: undefined }),
        });
        return { path, method: method.toUpperCase(), described, pointer, input };
      }),
    );
    expect(operations.length).toBeGreaterThan(15);
    const known = new Map<string, string[]>();
    const seen = new Map<string, Set<number>>();
    let succeeded = 0;
    const asked = fc
      .nat(operations.length - 1)
      .chain((index) => fc.record({ index: fc.constant(index), use: fc.nat(), input: operations[index]!.input }));
    await fc.assert(
      fc.asyncProperty(asked, async ({ index, use, input }) => {
        const { path, method, described, pointer } = operations[index]!;
        const parameters: Record<string, unknown> = { ...input.parameters };
        let body = input.body as Record<string, unknown> | undefined;
        if (input.wrong !== undefined && body !== undefined && Object.keys(body).length > 0) {
          const names = Object.keys(body);
          body = { ...body, [names[input.wrong.at % names.length] as string]: input.wrong.by };
        }
        // A long poll is no fault, but it is long.
        if (body !== undefined && /(send|receive)$/.test(path)) body = { timeout: 0, ...body };
        // Mostly things that exist, so that what is behind the door is tried too.
        for (const [name, ids] of known)
          if (name in parameters && use % 4 > 0) parameters[name] = ids[use % ids.length];
        const segment = (value: unknown) =>
          encodeURIComponent(String(value).toWellFormed()).replaceAll('.', '%2E') || 'x';
        const url = new URL(server.url + path.replace(/\{([^}]+)\}/g, (_, name: string) => segment(parameters[name])));
        for (const [name, value] of Object.entries(parameters))
          if (!path.includes(`{${name}}`)) url.searchParams.append(name, String(value).toWellFormed());
        const sent = body === undefined ? undefined : JSON.stringify(body);
        const response = await fetch(url, {
          method,
          signal: AbortSignal.timeout(10_000),
          ...(sent === undefined ? {} : { body: sent, headers: { 'content-type': 'application/json' } }),
        });
        const answer = await response.text();
        const { status } = response;
        const told = `${method} ${url} ${sent}: ${status} ${answer}`;
        expect(status, told).not.toBe(500);
        seen.set(described.operationId, (seen.get(described.operationId) ?? new Set()).add(status));
        const type = (response.headers.get('content-type') ?? '').split(';')[0] as string;
        expect(type, told).toBe(status < 400 ? 'application/json' : 'application/problem+json');
        const documented = String(status) in described.responses ? String(status) : 'default';
        const fits = ajv.getSchema(`api#${pointer(documented, type)}`);
        if (fits === undefined) throw new Error(`undocumented: ${told}`);
        const value = JSON.parse(answer);
        if (!fits(value)) throw new Error(`outside its schema: ${told}\n${ajv.errorsText(fits.errors)}`);
        if (status >= 400) {
          expect(value, told).toMatchObject({ status, code: expect.stringMatching(/^CSP-/), next: expect.any(String) });
          return;
        }
        succeeded += 1;
        for (const name of ['process_id', 'channel_id', 'protocol_id', 'conversation_id'])
          if (typeof value[name] === 'string') known.set(name, [...(known.get(name) ?? []).slice(-9), value[name]]);
      }),
      { numRuns: REQUESTS, seed: 41, endOnFailure: true },
    );
    // Had most been refused at the door, nothing behind it would have been tried.
    expect(succeeded).toBeGreaterThan(REQUESTS / 5);
    expect(seen.size).toBe(operations.length);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
