/** What an OpenAPI document says of its operations: their routes, their fields. */
import type { Described, Field } from './description.ts';

export interface Schema {
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

export interface OperationObject {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: {
    readonly content: Readonly<
      Record<
        string,
        {
          readonly schema: Schema;
          readonly examples?: Readonly<Record<string, { readonly value: Described['example'] }>>;
        }
      >
    >;
  };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: Schema }>> }>
  >;
}

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

export const JSON_TYPE = 'application/json';
/** No answer that ends. */
const EVENTS = 'text/event-stream';

export function operationsOf(document: OpenApiDocument): readonly (OperationObject & { readonly route: string })[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({
      route: `${method.toUpperCase()} ${path}`,
      ...(one as OperationObject),
    })),
  );
}

/**
 * Every operation by its id, with its route.
 *
 * ```ts
 * const document = (await (await fetch('http://localhost:8000/openapi.json')).json()) as OpenApiDocument;
 * describedIn(document)['processes.get']?.route; // 'GET /api/processes/{process_id}'
 * ```
 */
export function describedIn(
  document: OpenApiDocument,
): Readonly<Record<string, Described & { readonly route: string }>> {
  const schemas = document.components.schemas as Readonly<Record<string, Schema>>;
  return Object.fromEntries(
    operationsOf(document).map((one) => {
      const { operationId, route, summary, requestBody, responses } = one;
      const [shown] = Object.values(requestBody?.content[JSON_TYPE]?.examples ?? {});
      const example = shown === undefined ? {} : { example: shown.value };
      const [text] = Object.keys(responses['200']?.content ?? {}).filter(
        (type) => type !== JSON_TYPE && type !== EVENTS,
      );
      const described = { route, summary, fields: fieldsOf(one, schemas), ...example, ...(text && { text }) };
      return [operationId, described as Described & { route: string }];
    }),
  );
}

function fieldsOf(
  { parameters = [], requestBody }: OperationObject,
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
