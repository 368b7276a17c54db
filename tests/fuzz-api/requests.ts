/** Requests made from the OpenAPI document: half of them as it says, the others with one thing wrong in them. */
import fc from 'fast-check';
import type { Described, OpenApiDocument } from './document.ts';
import { anything, fitting } from './values.ts';

export interface DescribedOperation {
  /** `/api/processes/{process_id}` */
  readonly path: string;
  /** Upper case. */
  readonly method: string;
  readonly described: Described;
}

/** What may be wrong with a request. */
const WRONGS = [
  'a field by anything',
  'an unknown field',
  'a field left out',
  'the body is no object',
  'the body ends early',
  'the body is deep',
  'the type of the body',
  'a key that changes prototypes',
  'a parameter by anything',
  'an unknown parameter',
  'a parameter twice',
  'an idempotency key',
  'a version of another time',
  'another form is asked for',
  'another method',
  'the path goes on',
] as const;

export interface Draft {
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly wrong: { readonly what: (typeof WRONGS)[number]; readonly at: number; readonly by: unknown } | undefined;
  /** Which of the things that exist it is about; every fourth is about none. */
  readonly use: number;
}

export interface FuzzRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** False: it is not a request for its operation at all. */
  readonly addressed: boolean;
}

export function operationsOf(document: OpenApiDocument): readonly DescribedOperation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => ({ path, method: method.toUpperCase(), described })),
  );
}

export function drafts({ described }: DescribedOperation, document: OpenApiDocument): fc.Arbitrary<Draft> {
  const schema = described.requestBody?.content['application/json'].schema;
  const own = (described.parameters ?? []).filter((one) => one.in !== 'header');
  return fc.record({
    body: schema === undefined ? fc.constant(undefined) : fitting(schema, document),
    parameters: fc.record(Object.fromEntries(own.map(({ name, schema }) => [name, fitting(schema, document)])), {
      requiredKeys: own.filter(({ required }) => required).map(({ name }) => name) as never[],
    }),
    wrong: fc.option(fc.record({ what: fc.constantFrom(...WRONGS), at: fc.nat(), by: anything }), {
      nil: undefined,
      freq: 2,
    }),
    use: fc.nat(),
  });
}

/** `known`: identifiers of things that exist, by the name of the parameter. */
export function requestOf(
  { path: pattern, method }: DescribedOperation,
  draft: Draft,
  known: ReadonlyMap<string, readonly string[]>,
): FuzzRequest {
  const { wrong, use } = draft;
  const is = (what: (typeof WRONGS)[number]) => wrong?.what === what;
  const parameters: Record<string, unknown> = { ...draft.parameters };
  // A text that is no cursor is refused whatever stands beside it.
  if (use % 4 > 0) delete parameters.after;
  for (const [name, ids] of known)
    if (name in parameters && use % 4 > 0) parameters[name] = ids[use % ids.length] as string;
  const names = Object.keys(parameters);
  if (is('a parameter by anything') && names.length > 0)
    parameters[names[wrong!.at % names.length] as string] = wrong!.by;
  if (is('an unknown parameter')) parameters.unheard_of = wrong!.by;

  const segment = (value: unknown) => encodeURIComponent(textOf(value).toWellFormed()).replaceAll('.', '%2E') || 'x';
  let path = pattern.replace(/\{([^}]+)\}/g, (_, name: string) => segment(parameters[name]));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (pattern.includes(`{${name}}`)) continue;
    query.append(name, textOf(value).toWellFormed());
    if (is('a parameter twice')) query.append(name, '1');
  }
  if (is('the path goes on')) path += `/${segment(wrong!.by)}/more`;
  if (query.size > 0) path += `?${query}`;

  const headers: Record<string, string> = {};
  const short = (wrong?.at ?? 0) % 7;
  if (is('an idempotency key')) headers['idempotency-key'] = short === 0 ? 'two words' : `key-${short}`;
  if (is('a version of another time')) {
    headers['if-match'] = ['*', '"1"', '"7"', 'W/"1"', 'nonsense', '"a", "1"', ''][short] as string;
    headers['if-none-match'] = ['"1"', '*', 'x', '', '"2"', 'W/"3"', '"1", "2"'][short] as string;
  }
  if (is('another form is asked for'))
    headers.accept = ['text/html', 'application/x-ndjson', 'image/png', '*/*', ';;', 'application/json;q=0', ''][
      short
    ] as string;
  const methods = ['PUT', 'DELETE', 'PATCH', 'POST', 'GET', 'TRACE', 'OPTIONS'];
  const asked = is('another method') ? (methods[short] as string) : method;
  const body = bodyOf(pattern, draft);
  if (body !== undefined) headers['content-type'] = is('the type of the body') ? 'text/plain' : 'application/json';
  return {
    method: asked,
    path,
    headers,
    body: asked === 'TRACE' ? undefined : body,
    addressed: asked === method && !is('the path goes on'),
  };
}

function bodyOf(pattern: string, { body, wrong }: Draft): string | undefined {
  if (body === undefined) return undefined;
  let value = body as Record<string, unknown>;
  // A long poll is no fault, but it is long.
  if (/(send|receive)$/.test(pattern)) value = { timeout: 0, ...value };
  const names = Object.keys(value);
  const name = names.length === 0 ? 'x' : (names[(wrong?.at ?? 0) % names.length] as string);
  switch (wrong?.what) {
    case 'a field by anything':
      return JSON.stringify({ ...value, [name]: wrong.by });
    case 'an unknown field':
      return JSON.stringify({ ...value, unheard_of: wrong.by });
    case 'a field left out':
      return JSON.stringify(
        Object.fromEntries(Object.entries(value).filter(([one]) => one !== name || one === 'timeout')),
      );
    case 'the body is no object':
      return JSON.stringify(Array.isArray(wrong.by) || typeof wrong.by !== 'object' ? wrong.by : [wrong.by]);
    case 'the body ends early': {
      const text = JSON.stringify(value);
      return text.slice(0, wrong.at % text.length);
    }
    case 'the body is deep':
      return `{"${name}":${'['.repeat(wrong.at % 200)}${']'.repeat(wrong.at % 200)}}`;
    case 'a key that changes prototypes':
      return `{"__proto__":{"x":1},"constructor":{"prototype":{"y":1}}}`;
    default:
      return JSON.stringify(value);
  }
}

/** Of anything, also of an object whose own `toString` is none. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
