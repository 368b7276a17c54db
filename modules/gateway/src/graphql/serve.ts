/**
 * GraphQL over HTTP and WebSocket (graphql-http and graphql-ws speak the protocols). Loaded with the first request for it, never at the start.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Call, type Capabilities, Fault } from '@enhanced-csp/platform';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  parse,
  printSchema,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql/index.js';
import { createHandler } from 'graphql-http';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import type { Perform } from '../performer.ts';
import type { Guard } from '../policies.ts';
import type { Problem } from '../problem.ts';
import { type GraphqlLimits, limitRules, tooMuch } from './limits.ts';
import { type Parameters, PersistedDocuments } from './persisted.ts';
import { type Context, graphqlSchema } from './schema.ts';

/** Documents that are parsed and validated once. */
const DOCUMENTS_KEPT = 500;
/** Longer queries are refused before they are parsed. */
const QUERY_LENGTH_MAX = 100_000;

export interface GraphqlRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export interface Graphql {
  readonly schema: GraphQLSchema;
  /** In the schema definition language. */
  print(): string;
  answer(
    request: GraphqlRequest,
    call: Call,
  ): Promise<{ status: number; headers: Record<string, string>; body: string | null }>;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

export function openGraphql(
  needs: Pick<Capabilities, 'catalog' | 'notifications'>,
  options: {
    readonly introspection: boolean;
    readonly limits: GraphqlLimits;
    readonly perform: Perform;
    /** Counts what comes over a WebSocket; throws when there is too much. */
    admit(request: IncomingMessage): void;
    readonly guard: Guard | undefined;
    problemOf(fault: unknown, call: Call): Problem;
    callOf(request: IncomingMessage, signal: AbortSignal): Call;
  },
): Graphql {
  const schema = graphqlSchema(needs.catalog, needs.notifications);
  const documents = new Map<string, DocumentNode>();
  const persisted = new PersistedDocuments();
  const verdicts = new WeakMap<DocumentNode, readonly GraphQLError[]>();
  const rules = [...specifiedRules, ...limitRules({ ...options.limits, introspection: options.introspection })];

  function contextOf(call: Call): Context {
    return {
      async run(operation, input) {
        try {
          return await options.perform(operation, { path: {}, query: {}, body: { ...input } }, call, 'graphql');
        } catch (thrown) {
          throw errorOf(thrown, call);
        }
      },
      listen(stream, topic, parameters) {
        try {
          options.guard?.listen(stream, topic, parameters, call, 'graphql');
        } catch (thrown) {
          throw errorOf(thrown, call);
        }
      },
    };
  }

  function errorOf(thrown: unknown, call: Call): GraphQLError {
    const { detail, ...problem } = options.problemOf(thrown, call);
    return new GraphQLError(detail, { extensions: problem });
  }

  function parsed(source: string): DocumentNode {
    if (source.length > QUERY_LENGTH_MAX) throw tooMuch(`The query is longer than ${QUERY_LENGTH_MAX} characters.`);
    const known = documents.get(source);
    const document = known ?? parse(source, { maxTokens: 10_000 });
    documents.delete(source);
    documents.set(source, document);
    if (documents.size > DOCUMENTS_KEPT) documents.delete(documents.keys().next().value as string);
    return document;
  }

  function judged(document: DocumentNode): readonly GraphQLError[] {
    let errors = verdicts.get(document);
    if (errors === undefined) verdicts.set(document, (errors = validate(schema, document, rules as ValidationRule[])));
    return errors;
  }

  const handle = createHandler<Call, undefined, Context & Record<PropertyKey, unknown>>({
    schema,
    context: ({ raw }) => contextOf(raw) as Context & Record<PropertyKey, unknown>,
    parse: (source) => parsed(typeof source === 'string' ? source : source.body),
    validate: (_, document) => judged(document),
  });

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: 1024 * 1024,
    handleProtocols: (offered) => (offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false),
  });
  const ending = new AbortController();
  const server = useServer(
    {
      schema,
      context: ({ extra }) => contextOf(options.callOf(extra.request, ending.signal)),
      onSubscribe: ({ extra }, _, { query, operationName, variables }) => {
        try {
          options.admit(extra.request);
          const document = parsed(query);
          const errors = judged(document);
          if (errors.length > 0) return errors;
          return { schema, document, operationName, variableValues: variables };
        } catch (error) {
          if (error instanceof GraphQLError) return [error];
          return [errorOf(error, options.callOf(extra.request, ending.signal))];
        }
      },
    },
    sockets,
  );

  return {
    schema,
    print: () => `${printSchema(schema)}\n`,
    async answer({ method, url, headers, body }, call) {
      if (Array.isArray(body)) throw new Fault('CSP-GTW-001', 'invalid', 'GraphQL takes one request at a time.');
      const given = (body ?? null) as Record<string, unknown> | null;
      const meant = persisted.resolve(method === 'GET' ? parametersOf(url) : (given ?? {}));
      if (meant.kind === 'unknown' || meant.kind === 'mismatch') return notResolved(meant.kind);
      const request = {
        method,
        url: method === 'GET' && meant.kind === 'query' ? withQuery(url, meant.query) : url,
        headers: headers as Record<string, string>,
        body: method !== 'GET' && meant.kind === 'query' ? { ...given, query: meant.query } : given,
        raw: call,
        context: undefined,
      };
      const [text, { status, headers: told = {} }] = await handle(request);
      return { status, headers: told, body: text };
    },
    upgrade: (request, socket, head) =>
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request)),
    async close() {
      ending.abort();
      await server.dispose();
    },
  };
}

function parametersOf(url: string): Parameters {
  const found = new URL(url, 'http://localhost').searchParams;
  const extensions = found.get('extensions');
  try {
    return {
      query: found.get('query'),
      documentId: found.get('documentId'),
      extensions: extensions === null ? undefined : (JSON.parse(extensions) as unknown),
    };
  } catch {
    // What is no JSON is refused by the handler, in its words.
    return {};
  }
}

function withQuery(url: string, query: string): string {
  const changed = new URL(url, 'http://localhost');
  changed.searchParams.set('query', query);
  return `${changed.pathname}${changed.search}`;
}

/** In the words that clients of persisted documents look for: after the first they send the document as well. */
function notResolved(kind: 'unknown' | 'mismatch'): {
  status: number;
  headers: Record<string, string>;
  body: string;
} {
  const error =
    kind === 'unknown'
      ? { message: 'PersistedQueryNotFound', extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }
      : { message: 'The hash is not that of the query: send the SHA-256 of the query as it is sent.' };
  return {
    status: kind === 'unknown' ? 200 : 400,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ errors: [error] }),
  };
}
