/** From an OpenAPI document to the types and routes of its operations, and to what can be said of each at run time. */

import {
  describedIn,
  JSON_TYPE,
  type OpenApiDocument,
  type OperationObject,
  operationsOf,
  type Schema,
} from './document.ts';

export type { OpenApiDocument } from './document.ts';

/** The text of `operations.ts`. */
export function generate(document: OpenApiDocument): string {
  const operations = operationsOf(document);
  const types = Object.entries(document.components.schemas).map(
    ([name, schema]) => `export type ${name} = ${typeOf(schema as Schema)};`,
  );
  const rows = operations.map(
    (one) => `  /** ${one.summary}. */\n  '${one.operationId}': { input: ${inputOf(one)}; output: ${outputOf(one)} };`,
  );
  const routes = operations.map(({ operationId, route }) => `  '${operationId}': '${route}',`);
  return [
    '// biome-ignore-all format: generated from docs/api/openapi.yaml by generate.ts',
    '// biome-ignore-all lint: generated from docs/api/openapi.yaml by generate.ts',
    ...types,
    '',
    'export interface Operations {',
    ...rows,
    '}',
    '',
    'export const ROUTES: Readonly<Record<keyof Operations, string>> = {',
    ...routes,
    '};',
    '',
  ].join('\n');
}

/** The text of `described.ts`. */
export function generateDescriptions(document: OpenApiDocument): string {
  const rows = Object.entries(describedIn(document)).map(
    ([id, { route: _, ...described }]) => `  '${id}': ${JSON.stringify(described)},`,
  );
  return [
    '// biome-ignore-all format: generated from docs/api/openapi.yaml by generate.ts',
    '// biome-ignore-all lint: generated from docs/api/openapi.yaml by generate.ts',
    "import type { Described } from './description.ts';",
    "import type { Operations } from './operations.ts';",
    '',
    'export const DESCRIBED: Readonly<Record<keyof Operations, Described>> = {',
    ...rows,
    '};',
    '',
  ].join('\n');
}

function inputOf({ parameters = [], requestBody }: OperationObject): string {
  const own = parameters.filter((one) => one.in === 'path' || one.in === 'query');
  const fields = own.map(({ name, required, schema }) => `${key(name)}${required ? '' : '?'}: ${typeOf(schema)}`);
  const body = requestBody?.content[JSON_TYPE]?.schema;
  const parts = [
    ...(fields.length === 0 ? [] : [`{ ${fields.join('; ')} }`]),
    ...(body === undefined ? [] : [typeOf(body)]),
  ];
  return parts.length === 0 ? 'Record<never, never>' : parts.join(' & ');
}

function outputOf({ responses }: OperationObject): string {
  const [success] = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const schema = success?.[1].content?.[JSON_TYPE]?.schema;
  return schema === undefined ? 'unknown' : typeOf(schema);
}

function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return schema.$ref.split('/').at(-1) as string;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const union = schema.anyOf ?? schema.oneOf;
  if (union !== undefined) return union.map((one) => `(${typeOf(one)})`).join(' | ');
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array':
      return `(${typeOf(schema.items ?? {})})[]`;
    case 'object':
      return objectType(schema);
    default:
      return 'unknown';
  }
}

function objectType({ properties, required = [], additionalProperties }: Schema): string {
  const rest = typeof additionalProperties === 'object' ? typeOf(additionalProperties) : 'unknown';
  if (properties === undefined) return `{ [key: string]: ${rest} }`;
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${key(name)}${required.includes(name) ? '' : '?'}: ${typeOf(schema)}`,
  );
  return fields.length === 0 ? 'Record<never, never>' : `{ ${fields.join('; ')} }`;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
