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
  nearest,
  type Operation,
  type Page,
  type Principal,
  type Stream,
} from '@enhanced-csp/platform';
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { asyncApi } from './asyncapi.ts';
import { itemHeaders } from './batch.ts';
import { batchOperation } from './batch-operation.ts';
import { answerBroken } from './broken-request.ts';
import { countRequests } from './count-requests.ts';
import { lastEventOf, streamEvents } from './event-stream.ts';
import { framed, STYLE } from './frame.ts';
import type { GraphqlLimits } from './graphql/limits.ts';
import type { Graphql } from './graphql/serve.ts';
import { type Answer, IdempotencyKeys } from './idempotency.ts';
import { inputReader } from './input.ts';
import { parseJsonBody } from './json-body.ts';
import { locator } from './location.ts';
import { openApi } from './openapi.ts';
import { corsHeaders, isLoopback, PREFLIGHT, refuseOtherSites } from './origin.ts';
import { overview, ownPages } from './own-pages.ts';
import { panelsOf } from './panels.ts';
import { PANELS_SCRIPT } from './panels-script.ts';
import { patternOf, routerPath, splitRoute } from './path.ts';
import { performer } from './performer.ts';
import { guardOf } from './policies.ts';
import { entityTag, isKnown, versionsOf } from './preconditions.ts';
import { faultOf, type Problem, problemOf } from './problem.ts';
import { type Limit, RateLimiter } from './rate.ts';
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

/** Until there are accounts, everyone who reaches the server is its operator; it listens on a loopback address by default. */
const OPERATOR: Principal = { id: 'local', roles: ['operator'] };

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
const OUTCOMES = { ok: 200, created: 201, accepted: 202 } as const;
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
  const stopping = new AbortController();
  /** Of the calls that run and look at their signal; all are aborted when the time to drain is over. */
  const signals = new Set<AbortController>();
  stopping.signal.addEventListener('abort', () => {
    for (const one of signals) one.abort();
  });
  const run = random.id('run').slice(-8);
  let requests = 0;
  const nextId = () => `${run}-${(++requests).toString(36)}`;
  let closing = false;
  let running = 0;
  /** Ends what would go on by itself. */
  const ending = new AbortController();
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
    admit: (operation, call) => admitCall(operation, call),
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
    genReqId: (request) => requestId(request.headers['x-request-id']) ?? nextId(),
    forceCloseConnections: 'idle',
    // Refused by our own hook, so that it is a problem document.
    return503OnClosing: false,
    clientErrorHandler: (error, socket) => answerBroken(error, socket, catalog.errors(), nextId()),
    routerOptions: { maxParamLength: 256 },
    schemaController: { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } },
    frameworkErrors: (error, request, reply) => answerFault(error, request, reply),
  });

  const limiters = Object.entries(options.rate).flatMap(([rateClass, limit]) =>
    limit.perMinute === 0 ? [] : [[rateClass, new RateLimiter(limit)] as const],
  );
  const limiterOf = new Map<string, RateLimiter>(limiters);
  const { anonymous = { perMinute: 0, burst: 1 } } = options;
  const strangers = anonymous.perMinute === 0 ? undefined : new RateLimiter(anonymous);

  function answerFault(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { fault, problem, headers: more } = faultAnswer(thrown, request);
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

  function problemAt(instance: string, request: string, thrown: unknown, trace?: string) {
    const fault = faultOf(thrown, options);
    const known = problemOf(fault, catalog.errors(), instance, request);
    const problem = trace === undefined ? known : { ...known, trace_id: trace };
    if (problem.status >= 500)
      log.error({ request, trace, code: fault.code, cause: stackOf(fault.cause) }, fault.message);
    return { fault, problem };
  }

  function faultAnswer(thrown: unknown, request: FastifyRequest) {
    const { fault, problem } = problemAt(
      request.url.split('?')[0] ?? '/',
      request.id,
      thrown,
      traceOf(request)?.traceId,
    );
    const allow = fault.details.allow;
    return {
      fault,
      problem,
      headers: {
        ...retryAfter(fault, problem),
        ...(Array.isArray(allow) ? { allow: allow.join(', ') } : {}),
      },
    };
  }

  // Browsers open connections they may never use. Node does not count them as idle, so the end would wait for them.
  const silent = new Set<Socket>();
  app.server.on('connection', (socket) => {
    silent.add(socket);
    socket.once('close', () => silent.delete(socket));
  });
  app.server.on('request', ({ socket }) => silent.delete(socket));
  app.server.on('upgrade', ({ socket }) => silent.delete(socket));

  if (needs.metrics !== undefined) countRequests(app, needs.metrics);
  const traceOf = traceRequests(app, needs.tracer ?? NO_TRACER);
  app.setErrorHandler(answerFault);
  app.setNotFoundHandler((request) => {
    throw notFound(request);
  });
  app.addHook('onRequest', async (request, reply) => {
    reply
      .headers(headers)
      .headers(corsHeaders(request.headers.origin, options.origins))
      .header('x-request-id', request.id);
    refuseOtherSites(request.headers, options.host, options.origins);
    if (closing) {
      reply.header('connection', 'close');
      throw new Fault('CSP-GTW-009', 'unavailable', 'The server is stopping.');
    }
    if (request.method === 'OPTIONS' && request.headers.origin !== undefined && options.origins.length > 0)
      return reply.headers(PREFLIGHT).code(204).send();
    if (running >= options.runningMax)
      throw new Fault('CSP-GTW-021', 'unavailable', `${running} requests run already.`);
    // Whoever watches over the server is not counted: probes and scrapers come often, and from elsewhere.
    if (strangers !== undefined && isStranger(request.ip) && !WATCHED.test(request.url))
      admit(strangers, request, reply);
    running += 1;
    reply.raw.once('close', () => {
      running -= 1;
    });
    return undefined;
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, async (_: FastifyRequest, body: string) =>
    parseJsonBody(body),
  );

  // ── Operations ────────────────────────────────────────────────────────────────────────────────────────────────────

  const runnable = new Map<string, (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>>();
  for (const operation of catalog.operations()) {
    const { method, path } = splitRoute(operation.route);
    const handler = handlerOf(operation);
    runnable.set(operation.id, handler);
    for (const prefix of PREFIXES) app.route({ method, url: prefix + routerPath(path), handler });
  }

  function handlerOf(operation: Operation) {
    const read = inputReader(operation);
    const limiter = limiterOf.get(operation.rateClass);
    const status = OUTCOMES[operation.outcome ?? 'ok'];
    const locate = locator(operation, catalog);
    const warning = deprecationHeaders(operation);
    const stream = catalog.streams().find(({ route }) => route === operation.route);
    const perform = async (input: unknown, call: Call): Promise<Answer> => {
      // A row never answers more, or less, than it declares: the output is read by its schema before it is sent.
      const output = operation.output.parse(await operation.run(input, call));
      const location = locate?.(output);
      const version = operation.version?.(output);
      return {
        status,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          ...(location === undefined ? {} : { location }),
          ...(version === undefined ? {} : { etag: entityTag(version) }),
        },
        body: JSON.stringify(output),
      };
    };
    return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      if (warning !== undefined) reply.headers(warning);
      if (limiter !== undefined) admit(limiter, request, reply);
      const input = read({
        path: request.params as Record<string, string>,
        query: request.query as Record<string, string | string[]>,
        body: request.body,
      });
      const call = callOf(request, reply);
      guard?.perform(operation, input, call, 'rest');
      if (call.ifVersions !== undefined && operation.version === undefined && request.method !== 'GET')
        throw new Fault(
          'CSP-GTW-024',
          'conflict',
          `What ${operation.id} changes has no versions that If-Match could name.`,
        );
      const key = request.headers['idempotency-key'];
      if (request.method === 'POST' && typeof key === 'string') {
        const asked = { principal: call.principal.id, operation: operation.id, input };
        return send(
          reply,
          await keys.once(key, asked, () => perform(input, call).catch((thrown) => problemAnswer(thrown, request))),
        );
      }
      const answer = await perform(input, call);
      if (stream !== undefined && accepts(request, 'text/event-stream'))
        return listen(stream, input as Record<string, unknown>, call, request, reply);
      const { etag } = answer.headers;
      if (request.method === 'GET' && etag !== undefined && isKnown(request.headers['if-none-match'], etag))
        return reply.code(304).header('etag', etag).send();
      const { raw } = operation;
      if (raw !== undefined && accepts(request, raw.mediaType))
        return reply
          .code(answer.status)
          .headers({ ...answer.headers, 'content-type': raw.mediaType, vary: 'accept' })
          .send(raw.of(JSON.parse(answer.body)));
      return send(reply, answer);
    };
  }

  /** What it is about was found by the operation at the same route. */
  function listen(
    stream: Stream,
    input: Record<string, unknown>,
    call: Call,
    request: FastifyRequest,
    reply: FastifyReply,
  ) {
    const topic = stream.topic.replace(/\{([^}]+)\}/g, (_, name: string) => String(input[name]));
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

  function send(reply: FastifyReply, { status, headers, body }: Answer): FastifyReply {
    return reply.code(status).headers(headers).send(body);
  }

  function problemAnswer(thrown: unknown, request: FastifyRequest): Answer {
    const { problem, headers } = faultAnswer(thrown, request);
    return {
      status: problem.status,
      headers: { ...headers, 'content-type': 'application/problem+json; charset=utf-8' },
      body: JSON.stringify(problem),
    };
  }

  function admit(limiter: RateLimiter, request: FastifyRequest, reply: FastifyReply): void {
    const { perMinute, burst } = limiter.limit;
    reply.header('ratelimit-policy', `"minute";q=${perMinute};w=60;burst=${burst}`);
    reply.header('ratelimit', `"minute";r=${admitted(limiter, request.ip)}`);
  }

  function admitCall({ rateClass }: Operation, { address = '' }: Call): void {
    const limiter = limiterOf.get(rateClass);
    if (limiter !== undefined) admitted(limiter, address);
  }

  function admitAddress(address: string): void {
    if (strangers !== undefined && isStranger(address)) admitted(strangers, address);
  }

  /** How many more may come at once. */
  function admitted(limiter: RateLimiter, address: string): number {
    const admission = limiter.admit(address, clock.monotonic());
    if (admission.admitted) return admission.remaining;
    const { perMinute } = limiter.limit;
    const seconds = Math.ceil(admission.retryAfterMs / 1000);
    throw new Fault(
      'CSP-GTW-008',
      'too many',
      `More than ${perMinute} requests of this kind a minute. Wait ${seconds} s.`,
      { details: { retry_after_seconds: seconds } },
    );
  }

  /** Aborted when the connection closes before the answer is written, or when the server has waited long enough. */
  function goneSignal({ raw }: FastifyReply): AbortSignal {
    const gone = new AbortController();
    if (stopping.signal.aborted) gone.abort();
    signals.add(gone);
    raw.once('close', () => {
      signals.delete(gone);
      if (!raw.writableFinished) gone.abort();
    });
    return gone.signal;
  }

  function callOf(request: FastifyRequest, reply: FastifyReply): Call {
    let signal: AbortSignal | undefined;
    return {
      principal: OPERATOR,
      requestId: request.id,
      trace: traceOf(request),
      address: request.ip,
      ifVersions: versionsOf(request.headers['if-match']),
      // Made only for the operations that look at it.
      get signal() {
        signal ??= goneSignal(reply);
        return signal;
      },
    };
  }

  const perform = performer(admitCall, guard);

  /** A call of somebody who is connected by a WebSocket; `signal` is aborted when that ends. */
  function socketCall(address: string, signal: AbortSignal): Call {
    const id = nextId();
    return { principal: OPERATOR, requestId: id, address, signal: AbortSignal.any([stopping.signal, signal]) };
  }

  async function publish(stream: Stream, path: Readonly<Record<string, string>>, data: unknown, call: Call) {
    try {
      const operation = catalog.operations().find(({ route }) => route === stream.publish);
      if (operation === undefined) throw new Error(`No operation at ${stream.publish}.`);
      return await perform(operation, { path, query: {}, body: data }, call, 'websocket');
    } catch (thrown) {
      return Promise.reject(problemAt('/ws', call.requestId, thrown).fault);
    }
  }

  // ── Documents ─────────────────────────────────────────────────────────────────────────────────────────────────────

  let document: object | undefined;
  const openApiDocument = () => (document ??= openApi(catalog, options));
  const panels = panelsOf(catalog.panels(), clock, (thrown, request) => problemAt('/', request, thrown).problem);
  const pages = [...catalog.pages(), ...ownPages(catalog, { ...options, panels, openApi: openApiDocument })];
  const frame = {
    name: options.name,
    navigation: pages.flatMap(({ path, navigation }) =>
      navigation === undefined ? [] : [{ path, title: navigation }],
    ),
  };
  for (const page of pages) app.get(routerPath(page.path), pageHandler(page));

  function pageHandler(page: Page) {
    return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      if (!wantsHtml(request)) {
        const operation = page.operation === undefined ? undefined : runnable.get(page.operation);
        if (operation !== undefined) return operation(request, reply);
        if (page.path === '/') return reply.send(await overview(catalog, options));
      }
      const parameters = {
        ...(request.query as Record<string, string>),
        ...(request.params as Record<string, string>),
      };
      const call = callOf(request, reply);
      if (guard !== undefined && page.operation !== undefined) {
        const operation = catalog.operations().find(({ id }) => id === page.operation);
        if (operation !== undefined) guard.perform(operation, parameters, call, 'page');
      }
      const rendered = await page.render(parameters, call);
      return reply.type('text/html; charset=utf-8').header('vary', 'accept').send(framed(rendered, frame));
    };
  }

  app.get('/panels/:name', async (request, reply) => {
    const content = await panels.one((request.params as { name: string }).name, request.id);
    if (content === undefined) throw notFound(request);
    return reply.type('text/html; charset=utf-8').send(content.text);
  });

  const documents = catalog.documents?.() ?? [];
  for (const { path, type, render } of documents)
    app.get(path, async (_, reply) => reply.type(type).send(await render()));

  app.get('/style.css', async (_, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'max-age=3600').send(STYLE),
  );

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
          admit: ({ socket }) => admitAddress(socket.remoteAddress ?? ''),
          guard,
          problemOf: (thrown, { requestId }) => problemAt('/graphql', requestId, thrown).problem,
          callOf: ({ socket }, signal) => socketCall(socket.remoteAddress ?? '', signal),
        },
      ),
    ));
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    handler: async (request, reply) => {
      const { method, url, headers, body } = request;
      const answer = await (await graphql()).answer({ method, url, headers, body }, callOf(request, reply));
      return reply.code(answer.status).headers(answer.headers).send(answer.body);
    },
  });

  app.get('/asyncapi.json', async (_, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(asyncApi(catalog, options), null, 2)),
  );
  app.get('/schema.graphql', async (_, reply) =>
    reply.type('text/plain; charset=utf-8').send((await graphql()).print()),
  );
  app.get('/openapi.json', async (_, reply) =>
    reply.type('application/json; charset=utf-8').send(JSON.stringify(openApiDocument(), null, 2)),
  );
  app.get('/panels.js', async (_, reply) =>
    reply.type('text/javascript; charset=utf-8').header('cache-control', 'max-age=3600').send(PANELS_SCRIPT),
  );
  app.get('/docs.js', async (_, reply) => {
    const { SCRIPT } = await import('./docs/script.ts');
    return reply.type('text/javascript; charset=utf-8').header('cache-control', 'max-age=3600').send(SCRIPT);
  });

  const startedAt = clock.monotonic();
  const health = async (reply: FastifyReply) => {
    const { healthy, modules } = await catalog.health();
    const status = healthy ? 'healthy' : 'degraded';
    return reply.code(status === 'healthy' ? 200 : 503).send({
      status,
      version: options.version,
      uptime_seconds: Math.floor((clock.monotonic() - startedAt) / 1000),
      components: modules,
    });
  };
  app.get('/health', async (_, reply) => health(reply));
  app.get('/health/ready', async (_, reply) => health(reply));
  app.get('/health/live', async () => ({ status: 'alive' }));

  // ── What is not there ─────────────────────────────────────────────────────────────────────────────────────────────

  const known = [
    ...catalog.operations().flatMap(({ route }) => {
      const { method, path } = splitRoute(route);
      return PREFIXES.map((prefix) => ({ method: method as string, path: prefix + path }));
    }),
    ...pages.map(({ path }) => ({ method: 'GET', path: path as string })),
    ...documents.map(({ path }) => ({ method: 'GET', path: path as string })),
    ...['/openapi.json', '/health', '/health/live', '/health/ready', '/style.css', '/docs.js'].map((path) => ({
      method: 'GET',
      path,
    })),
  ].map((one) => ({ ...one, pattern: patternOf(one.path, '/') }));

  function notFound(request: FastifyRequest): Fault {
    const path = request.url.split('?')[0] ?? '/';
    const allow = [...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))];
    if (allow.length > 0)
      return new Fault(
        'CSP-GTW-006',
        'invalid',
        `${path} does not answer to ${request.method}; it does to ${allow.join(', ')}.`,
        {
          details: { allow: allow.includes('GET') ? [...allow, 'HEAD'] : allow },
        },
      );
    const off = catalog
      .switchedOff?.()
      .find(({ paths }) => paths.some((one) => isBelow(path.replace(/^\/api\/v1\//, '/api/'), one)));
    if (off !== undefined)
      return new Fault('CSP-PLT-009', 'denied', `${path} is switched off: ${off.key} is false.`, {
        details: { key: off.key },
      });
    const near = nearest(path, new Set(known.map((one) => one.path)));
    return new Fault(
      'CSP-GTW-005',
      'not found',
      `There is nothing at ${path}.${near ? ` Did you mean ${near}?` : ''}`,
      {
        details: near === undefined ? {} : { nearest: near },
      },
    );
  }

  return {
    app,
    publish: (stream, parameters, data, address, signal) =>
      publish(stream, parameters, data, socketCall(address, signal)),
    admit: admitAddress,
    refuseUpgrade(request, socket, thrown) {
      const path = request.url?.split('?')[0] ?? '/';
      const { fault, problem } = problemAt(path, requestId(request.headers['x-request-id']) ?? nextId(), thrown);
      // Nothing else waits for one that keeps its half open.
      socket.once('finish', () => socket.destroy());
      answerSocket(socket, problem, retryAfter(fault, problem));
    },
    listen:
      guard &&
      ((stream, topic, parameters, address) =>
        guard.listen(stream, topic, parameters, { principal: OPERATOR, address, requestId: nextId() }, 'websocket')),
    graphql,
    async close(drainMs) {
      closing = true;
      ending.abort();
      const socketsEnded = opened?.then(({ close }) => close()).catch(() => {});
      for (const socket of silent) socket.destroy();
      const cancel = clock.after(drainMs, () => {
        stopping.abort();
        app.server.closeAllConnections();
      });
      try {
        await app.close();
        await socketsEnded;
      } finally {
        cancel();
        stopping.abort();
      }
    },
  };
}

/** Zod reads the rows; Fastify's own schemas are not used, and their compilers would take 40 ms of every start. */
function noSchema(): never {
  throw new Error('A route with a Fastify schema: use the schemas of the operation row.');
}

function requestId(given: string | string[] | undefined): string | undefined {
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : undefined;
}

function isBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(`${root}/`);
}

/** Not of this machine. IPv4, also as IPv6 writes it. */
function isStranger(address: string): boolean {
  return !isLoopback(address.replace(/^::ffff:/, ''));
}

function retryAfter(fault: Fault, { status }: Problem): { readonly 'retry-after'?: string } {
  const wait = fault.details.retry_after_seconds ?? (status === 503 ? 1 : undefined);
  return typeof wait === 'number' ? { 'retry-after': String(wait) } : {};
}

/** Browsers name text/html; programs that take anything get JSON. */
function wantsHtml(request: FastifyRequest): boolean {
  return request.headers.accept?.includes('text/html') === true && !request.url.startsWith('/api/');
}

/** Named as it is; a caller that takes anything gets JSON. */
function accepts(request: FastifyRequest, mediaType: string): boolean {
  return (request.headers.accept ?? '')
    .split(',')
    .some((range) => range.split(';')[0]?.trim().toLowerCase() === mediaType);
}

/** RFC 9745 and RFC 8594. */
function deprecationHeaders({ deprecated }: Operation): Record<string, string> | undefined {
  if (deprecated === undefined) return undefined;
  const { since, sunset } = deprecated;
  return {
    deprecation: `@${Math.floor(Date.parse(since) / 1000)}`,
    ...(sunset === undefined ? {} : { sunset: new Date(sunset).toUTCString() }),
  };
}

function stackOf(cause: unknown): string | undefined {
  return cause instanceof Error ? cause.stack : cause === undefined ? undefined : String(cause);
}
