/** From an OpenAPI document to the types and routes of its operations, and to what can be said of each at run time. */

import type { Field } from './description.ts';

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly description?: string;
  readonly default?: unknown;
}

interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const JSON_TYPE = 'application/json';

function operationsOf(document: OpenApiDocument): readonly (Described & { readonly route: string })[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({
      route: `${method.toUpperCase()} ${path}`,
      ...(one as Described),
    })),
  );
}

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
  const rows = operationsOf(document).map((one) => {
    const fields = fieldsOf(one, document.components.schemas as Readonly<Record<string, Schema>>);
    return `  '${one.operationId}': ${JSON.stringify({ summary: one.summary, fields })},`;
  });
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

function fieldsOf(
  { parameters = [], requestBody }: Described,
  schemas: Readonly<Record<string, Schema>>,
): readonly Field[] {
  const { $ref, ...inline } = requestBody?.content[JSON_TYPE]?.schema ?? {};
  const body = $ref === undefined ? inline : (schemas[$ref.split('/').at(-1) as string] ?? {});
  const field = (
    name: string,
    schema: Schema,
    required: boolean,
    from: Field['in'],
    description = schema.description,
  ): Field => ({
    name,
    in: from,
    type: fieldType(schema),
    required,
    ...(schema.enum === undefined ? {} : { values: schema.enum.map(String) }),
    ...(description === undefined ? {} : { description }),
  });
  return [
    ...parameters.flatMap(({ name, in: from, schema, required = false, description }) =>
      from === 'path' || from === 'query' ? [field(name, schema, required, from, description)] : [],
    ),
    ...Object.entries(body.properties ?? {}).map(([name, schema]) =>
      field(name, schema, body.required?.includes(name) ?? false, 'body'),
    ),
  ];
}

function fieldType({ type }: Schema): Field['type'] {
  if (type === 'integer' || type === 'number') return 'number';
  return type === 'string' || type === 'boolean' ? type : 'json';
}

function inputOf({ parameters = [], requestBody }: Described): string {
  const own = parameters.filter((one) => one.in === 'path' || one.in === 'query');
  const fields = own.map(({ name, required, schema }) => `${key(name)}${required ? '' : '?'}: ${typeOf(schema)}`);
  const body = requestBody?.content[JSON_TYPE]?.schema;
  const parts = [
    ...(fields.length === 0 ? [] : [`{ ${fields.join('; ')} }`]),
    ...(body === undefined ? [] : [typeOf(body)]),
  ];
  return parts.length === 0 ? 'Record<never, never>' : parts.join(' & ');
}

function outputOf({ responses }: Described): string {
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
