/**
 * The OpenAPI 3.1 document, made from the operation rows and from nothing else.
 */
import type { Catalog, Operation } from '@enhanced-csp/platform';
import { z } from 'zod';
import { locationKey } from './location.ts';
import { parametersOf, splitRoute } from './path.ts';
import { statusOf } from './problem.ts';

type Json = Record<string, unknown>;

const STATUS_OF_OUTCOME = { ok: '200', created: '201', accepted: '202' } as const;

export function openApi(catalog: Catalog, about: { readonly name: string; readonly version: string }): Json {
  const paths: Record<string, Json> = {};
  const schemas: Record<string, unknown> = { Problem: PROBLEM };
  for (const operation of catalog.operations()) {
    const { method, path } = splitRoute(operation.route);
    paths[`/api${path}`] ??= {};
    (paths[`/api${path}`] as Json)[method.toLowerCase()] = describe(operation, method, path, schemas, catalog);
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: about.name,
      version: about.version,
      description:
        'Conversations between agents: specified, verified, enforced, audited. Every path is also served under /api/v1.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This server' }],
    // There are no accounts yet: whoever reaches the server may ask.
    security: [],
    tags: [...new Set(catalog.operations().map(tagOf))].map((name) => ({ name, description: `Operations ${name}.*` })),
    paths,
    components: { schemas },
  };
}

function describe(
  operation: Operation,
  method: string,
  path: string,
  schemas: Record<string, unknown>,
  catalog: Catalog,
): Json {
  const name = typeName(operation.id);
  schemas[`${name}Output`] = schemaOf(operation.output, 'output', `${name}Output`, schemas);
  const input = schemaOf(operation.input, 'input', `${name}Input`, schemas) as {
    properties?: Record<string, Json>;
    required?: string[];
    [key: string]: unknown;
  };
  const inPath = parametersOf(path);
  const hasBody = method !== 'GET' && method !== 'DELETE';
  const rest = Object.keys(input.properties ?? {}).filter((property) => !inPath.includes(property));
  const required = new Set(input.required ?? []);
  const streamed = catalog.streams().some(({ route }) => route === operation.route);
  const parameters = [
    ...inPath.map((parameter) => ({
      name: parameter,
      in: 'path',
      required: true,
      schema: input.properties?.[parameter] ?? { type: 'string' },
    })),
    ...(hasBody
      ? []
      : rest.map((property) => parameterOf(property, input.properties?.[property] ?? {}, required.has(property)))),
    ...(method === 'POST' ? [IDEMPOTENCY_KEY] : []),
    ...(operation.version === undefined ? [] : [method === 'GET' ? IF_NONE_MATCH : IF_MATCH]),
    ...(streamed ? [LAST_EVENT_ID] : []),
  ];
  const success = STATUS_OF_OUTCOME[operation.outcome ?? 'ok'];
  const document: Json = {
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    tags: [tagOf(operation)],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(operation.deprecated === undefined ? {} : { deprecated: true }),
    'x-permission': operation.permission,
    'x-rate-class': operation.rateClass,
    'x-idempotent': operation.idempotent,
    ...(operation.plan === undefined ? {} : { 'x-atomic': true }),
    responses: {
      [success]: {
        description: 'Success',
        content: {
          'application/json': { schema: { $ref: `#/components/schemas/${name}Output` }, ...outputExamples(operation) },
          ...(operation.raw === undefined ? {} : { [operation.raw.mediaType]: { schema: text } }),
          ...(streamed ? { 'text/event-stream': { schema: text } } : {}),
        },
        ...headersOf({
          ...(operation.version === undefined ? {} : { ETag: 'The version, while the record has one.' }),
          ...(locationKey(operation, catalog) === undefined ? {} : { Location: 'Where it is.' }),
          ...replayed(method),
        }),
      },
      ...(operation.version !== undefined && method === 'GET' ? { '304': { description: 'Known already' } } : {}),
      ...faultResponses(operation, method, catalog),
      default: {
        description: 'Any other fault: a header, a limit, the size, the end of the server.',
        ...headersOf({ 'Retry-After': 'Seconds, where they are known.', ...replayed(method) }),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
  if (hasBody && rest.length > 0) {
    const { $schema: _, ...shape } = input;
    const body = {
      ...shape,
      properties: pick(input.properties ?? {}, rest),
      required: rest.filter((property) => required.has(property)),
    };
    schemas[`${name}Input`] = body;
    document.requestBody = {
      required: body.required.length > 0,
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${name}Input` },
          ...inputExamples(operation, inPath),
        },
      },
    };
  }
  return document;
}

function parameterOf(name: string, schema: Json, required: boolean): Json {
  const { description, ...rest } = schema;
  return {
    name,
    in: 'query',
    ...(required ? { required } : {}),
    ...(description === undefined ? {} : { description }),
    schema: rest,
  };
}

function headersOf(described: Readonly<Record<string, string>>): Json {
  const entries = Object.entries(described).map(([name, description]) => [name, { description, schema: text }]);
  return entries.length === 0 ? {} : { headers: Object.fromEntries(entries) };
}

/** A refusal is kept for a key as well. */
function replayed(method: string): Readonly<Record<string, string>> {
  return method === 'POST' ? { 'Idempotency-Replayed': 'Given once before, for the same key.' } : {};
}

/** One response for each status; its description lists the codes. */
function faultResponses(operation: Operation, method: string, catalog: Catalog): Json {
  const errors = catalog.errors();
  const byStatus = new Map<number, string[]>();
  for (const code of new Set(['CSP-GTW-001', ...operation.errors])) {
    const row = errors[code];
    const status = row === undefined ? 500 : statusOf(code, row.kind);
    byStatus.set(status, [...(byStatus.get(status) ?? []), `${code}: ${row?.title ?? 'undocumented'}`]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      String(status),
      {
        description: codes.join('. '),
        ...headersOf({
          ...(status === 503 || status === 429 ? { 'Retry-After': 'Seconds, where they are known.' } : {}),
          ...replayed(method),
        }),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
}

function inputExamples(operation: Operation, inPath: readonly string[]): Json {
  const examples = operation.examples.map(({ name, input }) => {
    const value = Object.fromEntries(Object.entries(input as Json).filter(([property]) => !inPath.includes(property)));
    return [name, { value }];
  });
  return examples.length === 0 ? {} : { examples: Object.fromEntries(examples) };
}

/** Only whole outputs are examples; a row may also name just the fields that matter to its test. */
function outputExamples(operation: Operation): Json {
  const whole = operation.examples.filter(
    ({ output }) => output !== undefined && operation.output.safeParse(output).success,
  );
  return whole.length === 0
    ? {}
    : { examples: Object.fromEntries(whole.map(({ name, output }) => [name, { value: output }])) };
}

/** The schema under `name`. What it shares with itself (`$defs`, recursion) becomes components of their own, where references from anywhere reach. */
function schemaOf(schema: z.ZodType, io: 'input' | 'output', name: string, schemas: Record<string, unknown>): Json {
  const { $schema: _, ...whole } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  const hoisted = JSON.parse(JSON.stringify(whole), (key, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string' || !value.startsWith('#')) return value;
    const [, definition] = /^#\/\$defs\/(.+)$/.exec(value) ?? [];
    return `#/components/schemas/${definition === undefined ? name : name + definitionName(definition)}`;
  }) as Json;
  const { $defs = {}, ...rest } = hoisted;
  for (const [definition, shared] of Object.entries($defs as Json)) schemas[name + definitionName(definition)] = shared;
  return rest;
}

/** Zod counts definitions without a name, `__schema0`. */
function definitionName(definition: string): string {
  return definition.replace(/^__schema/, 'Part');
}

function pick(properties: Record<string, Json>, names: readonly string[]): Record<string, Json> {
  return Object.fromEntries(names.map((name) => [name, properties[name] as Json]));
}

function tagOf(operation: Operation): string {
  return operation.id.split('.')[0] as string;
}

/** `processes.create` becomes `ProcessesCreate`. */
function typeName(id: string): string {
  return id.replace(/(?:^|[._-])([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const text = { type: 'string' };

const header = (name: string, description: string) => ({ name, in: 'header', description, schema: text });
const IDEMPOTENCY_KEY = header(
  'Idempotency-Key',
  'Sent again with the same key, the request is answered again and not done again, for 24 hours.',
);
const IF_MATCH = header('If-Match', 'The ETag the change was made for; any other version is answered 412.');
const IF_NONE_MATCH = header('If-None-Match', 'An ETag that is known already; then the answer is 304.');
const LAST_EVENT_ID = header('Last-Event-ID', 'Where an event stream goes on.');

const PROBLEM = {
  type: 'object',
  description: 'A problem document (RFC 9457).',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'next', 'request_id'],
  properties: {
    type: { ...text, description: 'A page about the code.' },
    title: text,
    status: { type: 'integer' },
    detail: text,
    instance: text,
    code: { ...text, pattern: '^CSP-[A-Z]+-[0-9]{3}$' },
    next: { ...text, description: 'What to do about it.' },
    request_id: text,
    trace_id: { ...text, description: 'The trace of `traceparent`, or the one that is collected.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['pointer', 'in', 'detail'],
        properties: {
          pointer: { ...text, description: 'JSON Pointer (RFC 6901)' },
          in: { enum: ['path', 'query', 'body'] },
          detail: text,
        },
      },
    },
  },
  additionalProperties: true,
};
