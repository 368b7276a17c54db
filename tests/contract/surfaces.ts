/** Operations over REST, in a batch, and over GraphQL, by HTTP and by WebSocket: nothing here knows an operation by name. */
import type { Operation } from '@enhanced-csp/platform';
import {
  buildSchema,
  type GraphQLField,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
} from 'graphql';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { Answer, Surface } from './examples.ts';

/** `prefix`: `/api` or `/api/v1`. */
export function rest(url: string, prefix: string): Surface {
  return {
    name: `REST at ${prefix}`,
    async perform(operation, input) {
      const { method, path, body } = requestOf(operation, input);
      const response = await fetch(`${url}${prefix}${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${prefix}${path}: ${response.status} ${text}`);
      const expected = { ok: 200, created: 201, accepted: 202 }[operation.outcome ?? 'ok'];
      if (response.status !== expected) throw new Error(`${method} ${path}: ${response.status}, not ${expected}`);
      return JSON.parse(text);
    },
  };
}

export function batch(url: string): Surface {
  return {
    name: 'a batch',
    async perform(operation, input) {
      const { method, path, body } = requestOf(operation, input);
      const request = { id: 'one', method, path: `/api${path}`, ...(body === undefined ? {} : { body }) };
      const response = await fetch(`${url}/api/batch`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ requests: [request] }),
      });
      const [result] = ((await response.json()) as Answer).results;
      if (result.status >= 400) throw new Error(`${method} ${path} in a batch: ${JSON.stringify(result)}`);
      return result.body;
    },
  };
}

export function graphql(url: string, sdl: string): Surface {
  const schema = buildSchema(sdl);
  return {
    name: 'GraphQL over HTTP',
    async perform(operation, input) {
      const { name, query } = queryOf(schema, operation, input);
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
        body: JSON.stringify({ query, variables: input }),
      });
      return dataOf((await response.json()) as Answer, name, operation);
    },
  };
}

export function graphqlSocket(url: string, sdl: string): Surface & { close(): void } {
  const schema = buildSchema(sdl);
  const client = createClient({ url: `${url.replace('http', 'ws')}/graphql`, webSocketImpl: WebSocket });
  return {
    name: 'GraphQL over WebSocket',
    async perform(operation, input) {
      const { name, query } = queryOf(schema, operation, input);
      const { value } = await client.iterate({ query, variables: input }).next();
      return dataOf(value as Answer, name, operation);
    },
    close: () => void client.dispose(),
  };
}

function requestOf(operation: Operation, input: Readonly<Record<string, unknown>>) {
  const [method, pattern] = operation.route.split(' ') as [string, string];
  const rest = { ...input };
  const path = pattern.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = rest[name];
    delete rest[name];
    return encodeURIComponent(String(value));
  });
  const entries = Object.entries(rest);
  if (method !== 'GET' && method !== 'DELETE') return { method, path, body: entries.length === 0 ? undefined : rest };
  const query = new URLSearchParams(
    Object.fromEntries(entries.map(([name, value]) => [name, String(value)])),
  ).toString();
  return { method, path: query === '' ? path : `${path}?${query}`, body: undefined };
}

/** The whole of what the field answers, with the input as variables. */
function queryOf(schema: GraphQLSchema, operation: Operation, input: Readonly<Record<string, unknown>>) {
  const name = operation.id.replace(/\.(\w)/g, (_, letter: string) => letter.toUpperCase());
  const kind = operation.route.startsWith('GET ') ? 'query' : 'mutation';
  const root = kind === 'query' ? schema.getQueryType() : schema.getMutationType();
  const field = root?.getFields()[name] as GraphQLField<unknown, unknown>;
  const args = field.args.filter((arg) => arg.name in input);
  const declared = args.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const passed = args.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const query = `${kind}${declared && `(${declared})`} { ${name}${passed && `(${passed})`} ${selectionOf(field.type)} }`;
  return { name, query };
}

function selectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (!isObjectType(named)) return '';
  return `{ ${Object.values(named.getFields())
    .map((field) => `${field.name} ${selectionOf(field.type)}`)
    .join(' ')} }`;
}

function dataOf({ data, errors }: Answer, name: string, { output }: Operation): Answer {
  if (errors !== undefined) throw new Error(`GraphQL ${name}: ${JSON.stringify(errors)}`);
  // What a row leaves out is null in GraphQL; only where null is no answer of the row it was left out.
  if (output.safeParse(data[name]).success) return data[name];
  return JSON.parse(JSON.stringify(data[name]), (_, value: unknown) => (value === null ? undefined : value));
}
