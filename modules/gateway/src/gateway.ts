/**
 * The gateway: every operation row as a REST route, every page row as a page, and the answers for everything that is neither.
 *
 * It holds no domain word. What it serves it reads from the catalog when it starts.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  type Call,
  type Capabilities,
  type Catalog,
  Fault,
  html,
  NO_TRACER,
  type Operation,
  type Page,
  type Stream,
} from '@enhanced-csp/platform';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { Admission } from './admission.ts';
import { itemHeaders } from './batch.ts';
import { batchOperation } from './batch-operation.ts';
import { answerBroken } from './broken-request.ts';
import { Calls, OPERATOR } from './calls.ts';
import { countRequests } from './count-requests.ts';
import { lastEventOf, streamEvents } from './event-stream.ts';
import { FaultAnswers, retryAfter } from './fault-answers.ts';
import { framed } from './frame.ts';
import type { GraphqlLimits } from './graphql/limits.ts';
import type { Graphql } from './graphql/serve.ts';
import { IdempotencyKeys } from './idempotency.ts';
import { parseJsonBody } from './json-body.ts';
import { type Known, notFoundAmong } from './not-found.ts';
import { openApi } from './openapi.ts';
import { type Handler, operationRoute } from './operation-route.ts';
import { corsHeaders, isLoopback, PREFLIGHT, refuseOtherSites } from './origin.ts';
import { overview, ownPages } from './own-pages.ts';
import { ownRoutes } from './own-routes.ts';
import { panelsOf } from './panels.ts';
import { routerPath, splitRoute } from './path.ts';
import { performer } from './performer.ts';
import { guardOf } from './policies.ts';
import type { Limit } from './rate.ts';
import { answerSocket } from './socket-answer.ts';
import { traceRequests } from './trace-requests.ts';

export interface GatewayOptions {
  /** The name of this installation, on its pages and in its documents. */
  readonly name: string;
  readonly version: string;
  /** The address it is bound to. */
  readonly host: string;
  /** Answers to defects carry their stack. */
  readonly debug: boolean;
  readonly bodyBytesMax: number;
  /** Requests that may run at the same time; beyond, 503. */
  readonly runningMax: number;
  /** Other sites whose pages may ask. */
  readonly origins: readonly string[];
  /** 0: not sent. */
  readonly hstsSeconds: number;
  readonly contentSecurityPolicy?: string | undefined;
  readonly rate: Readonly<Record<Operation['rateClass'], Limit>>;
  /** Requests of any kind from one address that is not of this machine. */
  readonly anonymous?: Limit;
  readonly graphql: GraphqlLimits;
}

export type GatewayNeeds = Pick<
  Capabilities,
  'clock' | 'random' | 'log' | 'catalog' | 'store' | 'hash' | 'notifications'
> &
  Partial<Pick<Capabilities, 'metrics' | 'tracer'>>;

const HEADERS = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
};

const WATCHED = /^\/(health|metrics)\b/;
const PREFIXES = ['/api', '/api/v1'] as const;

export interface Gateway {
  readonly app: FastifyInstance;
  /** Performs what publishes on a topic, for a client of a WebSocket. */
  publish(
    stream: Stream,
    parameters: Readonly<Record<string, string>>,
    data: unknown,
    address: string,
    signal: AbortSignal,
  ): Promise<unknown>;
  /**
   * Counts what comes over a WebSocket, or asks for one, as a request of its address.
   *
   * @throws Fault `CSP-GTW-008` when there are too many.
   */
  admit(address: string): void;
  /** Answers a request for a WebSocket with what was thrown, and ends its connection. */
  refuseUpgrade(request: IncomingMessage, socket: Duplex, thrown: unknown): void;
  /** Throws when a policy denies a subscription to a client of a WebSocket; undefined: there are no policies. */
  readonly listen:
    | ((stream: Stream, topic: string, parameters: Readonly<Record<string, string>>, address: string) => void)
    | undefined;
  /** Loads GraphQL, for those who come to `/graphql` over a WebSocket. */
  graphql(): Promise<Graphql>;
  /** Takes no more requests, waits for those that run, and after `drainMs` aborts and drops what is left. */
  close(drainMs: number): Promise<void>;
}

export function openGateway(needs: GatewayNeeds, options: GatewayOptions): Gateway {
  const { clock, random, log } = needs;
  const run = random.id('run').slice(-8);
  let closing = false;
  let running = 0;
  /** Ends what would go on by itself. */
  const ending = new AbortController();
  const traceOf = (request: FastifyRequest) => traced(request);
  const calls = new Calls(run, traceOf);
  const faults = new FaultAnswers({ log, debug: options.debug, errors: () => catalog.errors(), traceOf });
  const admission = new Admission(options, clock);
  const keys = new IdempotencyKeys(needs);
  const guard = guardOf(needs.catalog.policies(), log);
  const batch = batchOperation({
    store: needs.store,
    operations: () => needs.catalog.operations(),
    perform: async ({ method, path, headers, body }, call) => {
      const answer = await app.inject({
        method,
        url: path,
        headers: { ...itemHeaders(headers), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
        ...(call.address === undefined ? {} : { remoteAddress: call.address }),
        signal: call.signal,
      });
      const told = ['content-type', 'etag', 'location', 'retry-after', 'idempotency-replayed'];
      return {
        status: answer.statusCode,
        headers: Object.fromEntries(
          told.flatMap((name) => (answer.headers[name] === undefined ? [] : [[name, String(answer.headers[name])]])),
        ),
        body: answer.body === '' ? null : JSON.parse(answer.body),
      };
    },
    admit: (operation, call) => admission.call(operation, call),
    allow: (operation, input, call) => guard?.perform(operation, input, call, 'rest'),
  });
  const catalog: Catalog = { ...needs.catalog, operations: () => [...needs.catalog.operations(), batch] };
  const headers = {
    ...HEADERS,
    ...(options.contentSecurityPolicy === undefined
      ? {}
      : { 'content-security-policy': options.contentSecurityPolicy }),
    ...(options.hstsSeconds === 0 ? {} : { 'strict-transport-security': `max-age=${options.hstsSeconds}` }),
  };
  const app = Fastify({
    bodyLimit: options.bodyBytesMax,
    genReqId: (request) => calls.idOf(request.headers['x-request-id']),
    forceCloseConnections: 'idle',
    // Refused by our own hook, so that it is a problem document.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerBroken(error, socket, catalog.errors(), calls.nextId()),
    routerOptions: { maxParamLength: 256 },
    schemaController: { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } },
    frameworkErrors: (error, request, reply) => answerFault(error, request, reply),
  });

  function answerFault(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { fault, problem, headers: more } = faults.of(thrown, request);
    reply
      .headers(headers)
      .headers(corsHeaders(request.headers.origin, options.origins))
      .headers(more)
      .code(problem.status);
    if (wantsHtml(request)) {
      const { title, detail, next } = problem;
      void reply
        .type('text/html; charset=utf-8')
        .send(
          framed({ title, body: html`<p>${detail}</p><p>${next}</p><p class="quiet mono">${fault.code}</p>` }, frame),
        );
    } else void reply.type('application/problem+json').send(JSON.stringify(problem));
  }

  // Browsers open connections they may never use. Node does not count them as idle, so the end would wait for them.
  const silent = new Map<Socket, () => void>();
  app.server.on('connection', (socket) => {
    const gone = () => silent.delete(socket);
    silent.set(socket, gone);
    socket.once('close', gone);
  });
  // The listener goes with the first request. Arrays of listeners that live as long as their sockets teach V8 to allocate those of answers in the old
  // generation too, and there, dead, they keep their requests from young collections: 13 ms of copying instead of 0.4.
  const spoke = ({ socket }: { readonly socket: Socket }) => {
    const gone = silent.get(socket);
    if (gone === undefined) return;
    silent.delete(socket);
    socket.off('close', gone);
  };
  app.server.on('request', spoke);
  app.server.on('upgrade', spoke);

  if (needs.metrics !== undefined) countRequests(app, needs.metrics);
  const traced = traceRequests(app, needs.tracer ?? NO_TRACER);
  app.setErrorHandler(answerFault);
  app.setNotFoundHandler((request) => {
    throw notFound(request);
  });
  // Hooks that wait for nothing call back: a promise for each would cost every request two turns of the queue.
  app.addHook('onRequest', (request, reply, done) => {
    reply
      .headers(headers)
      .headers(corsHeaders(request.headers.origin, options.origins))
      .header('x-request-id', request.id);
    refuseOtherSites(request.headers, options.host, options.origins);
    if (closing) {
      reply.header('connection', 'close');
      throw new Fault('CSP-GTW-009', 'unavailable', 'The server is stopping.');
    }
    if (request.method === 'OPTIONS' && request.headers.origin !== undefined && options.origins.length > 0) {
      void reply.headers(PREFLIGHT).code(204).send();
      return;
    }
    if (running >= options.runningMax)
      throw new Fault('CSP-GTW-021', 'unavailable', `${running} requests run already.`);
    // Whoever watches over the server is not counted: probes and scrapers come often, and from elsewhere.
    if (!WATCHED.test(request.url)) admission.request(request.ip, reply);
    running += 1;
    reply.raw.once('close', () => {
      running -= 1;
    });
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_: FastifyRequest, body: string) =>
    parseJsonBody(body),
  );

  // ── Operations ────────────────────────────────────────────────────────────────────────────────────────────────────

  const routes: Known[] = [];
  const runnable = new Map<string, Handler>();
  for (const operation of catalog.operations()) {
    const { method, path } = splitRoute(operation.route);
    const handler = operationRoute(operation, { catalog, admission, calls, faults, keys, guard, follow });
    runnable.set(operation.id, handler);
    for (const prefix of PREFIXES) {
      app.route({ method, url: prefix + routerPath(path), handler });
      routes.push({ method, path: prefix + path });
    }
  }

  /** Server-sent events. What they are about was found by the operation at the same route. */
  function follow(stream: Stream, input: unknown, call: Call, request: FastifyRequest, reply: FastifyReply) {
    const named = input as Readonly<Record<string, unknown>>;
    const topic = stream.topic.replace(/\{([^}]+)\}/g, (_, name: string) => String(named[name]));
    guard?.listen(stream, topic, input, call, 'sse');
    const last = lastEventOf(request.headers['last-event-id'] as string | undefined);
    reply.hijack();
    reply.raw.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      vary: 'accept',
    });
    streamEvents(reply.raw, needs, { topic, run, last, signal: ending.signal });
    return reply;
  }

  const perform = performer((operation, call) => admission.call(operation, call), guard);

  async function publish(stream: Stream, path: Readonly<Record<string, string>>, data: unknown, call: Call) {
    try {
      const operation = catalog.operations().find(({ route }) => route === stream.publish);
      if (operation === undefined) throw new Error(`No operation at ${stream.publish}.`);
      return await perform(operation, { path, query: {}, body: data }, call, 'websocket');
    } catch (thrown) {
      return Promise.reject(faults.at('/ws', call.requestId, thrown).fault);
    }
  }

  // ── Pages and documents ───────────────────────────────────────────────────────────────────────────────────────────

  let document: object | undefined;
  const openApiDocument = () => (document ??= openApi(catalog, options));
  const panels = panelsOf(catalog.panels(), clock, (thrown, request) => faults.at('/', request, thrown).problem);
  const pages = [...catalog.pages(), ...ownPages(catalog, { ...options, panels, openApi: openApiDocument })];
  const frame = {
    name: options.name,
    navigation: pages.flatMap(({ path, navigation }) =>
      navigation === undefined ? [] : [{ path, title: navigation }],
    ),
  };
  for (const page of pages) {
    app.get(routerPath(page.path), pageHandler(page));
    routes.push({ method: 'GET', path: page.path });
  }

  function pageHandler(page: Page): Handler {
    return async (request, reply) => {
      if (!wantsHtml(request)) {
        const operation = page.operation === undefined ? undefined : runnable.get(page.operation);
        if (operation !== undefined) return operation(request, reply);
        if (page.path === '/') return reply.send(await overview(catalog, options));
      }
      const parameters = {
        ...(request.query as Record<string, string>),
        ...(request.params as Record<string, string>),
      };
      const call = calls.of(request, reply);
      if (guard !== undefined && page.operation !== undefined) {
        const operation = catalog.operations().find(({ id }) => id === page.operation);
        if (operation !== undefined) guard.perform(operation, parameters, call, 'page');
      }
      const rendered = await page.render(parameters, call);
      return reply
        .type('text/html; charset=utf-8')
        .header('vary', 'accept')
        .send(framed(rendered, frame, page.path));
    };
  }

  app.get('/panels/:name', async (request, reply) => {
    const content = await panels.one((request.params as { name: string }).name, request.id);
    if (content === undefined) throw notFound(request);
    return reply.type('text/html; charset=utf-8').send(content.text);
  });

  for (const { path, type, render } of catalog.documents?.() ?? []) {
    app.get(path, async (_, reply) => reply.type(type).send(await render()));
    routes.push({ method: 'GET', path });
  }

  // Its 200 ms are paid by the first who asks for it.
  let opened: Promise<Graphql> | undefined;
  const graphql = () =>
    (opened ??= import('./graphql/serve.ts').then(({ openGraphql }) =>
      openGraphql(
        { catalog, notifications: needs.notifications },
        {
          limits: options.graphql,
          introspection: options.debug || isLoopback(options.host),
          perform,
          admit: ({ socket }) => admission.frame(socket.remoteAddress ?? ''),
          guard,
          problemOf: (thrown, { requestId }) => faults.at('/graphql', requestId, thrown).problem,
          callOf: ({ socket }, signal) => calls.ofSocket(socket.remoteAddress ?? '', signal),
        },
      ),
    ));
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: async (request, reply) => {
      const { method, url, headers, body } = request;
      const answer = await (await graphql()).answer({ method, url, headers, body }, calls.of(request, reply));
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
    },
  });

  for (const path of ownRoutes(app, catalog, { about: options, clock, openApi: openApiDocument, graphql }))
    routes.push({ method: 'GET', path });
  const notFound = notFoundAmong(routes, catalog);

  return {
    app,
    publish: (stream, parameters, data, address, signal) =>
      publish(stream, parameters, data, calls.ofSocket(address, signal)),
    admit: (address) => admission.frame(address),
    refuseUpgrade(request, socket, thrown) {
      const path = request.url?.split('?')[0] ?? '/';
      const { fault, problem } = faults.at(path, calls.idOf(request.headers['x-request-id']), thrown);
      // Nothing else waits for one that keeps its half open.
      socket.once('finish', () => socket.destroy());
      answerSocket(socket, problem, retryAfter(fault, problem));
    },
    listen:
      guard &&
      ((stream, topic, parameters, address) => {
        const caller = { principal: OPERATOR, address, requestId: calls.nextId() };
        guard.listen(stream, topic, parameters, caller, 'websocket');
      }),
    graphql,
    async close(drainMs) {
      closing = true;
      ending.abort();
      const socketsEnded = opened?.then(({ close }) => close()).catch(() => {});
      for (const socket of silent.keys()) socket.destroy();
      const cancel = clock.after(drainMs, () => {
        calls.abort();
        app.server.closeAllConnections();
      });
      try {
        await app.close();
        await socketsEnded;
      } finally {
        cancel();
        calls.abort();
      }
    },
  };
}

/** Zod reads the rows; Fastify's own schemas are not used, and their compilers would take 40 ms of every start. */
function noSchema(): never {
  throw new Error('A route with a Fastify schema: use the schemas of the operation row.');
}

/** Browsers name text/html; programs that take anything get JSON. */
function wantsHtml(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('text/html') === true && !request.url.startsWith('/api/');
}
