/** A span for every request, in the trace its caller names (W3C Trace Context) or one of its own. */
import { type Span, type TraceContext, type Tracer, traceContextOf } from '@enhanced-csp/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** @returns the trace of a request; undefined when nobody collects and the caller named none. */
export function traceRequests(
  app: FastifyInstance,
  tracer: Tracer,
): (request: FastifyRequest) => TraceContext | undefined {
  const spans = new WeakMap<FastifyRequest, Span>();
  app.addHook('onRequest', (request, _, done) => {
    const { method, headers } = request;
    const route = request.routeOptions.url ?? 'none';
    const parent = traceContextOf(headers.traceparent as string | undefined);
    const attributes = { 'http.request.method': method, 'http.route': route };
    const span = tracer.start({ name: `${method} ${route}`, kind: 'server', parent, attributes });
    if (span.context !== undefined) spans.set(request, span);
    done();
  });
  app.addHook('onResponse', (request, { statusCode }, done) => {
    const failure = statusCode >= 500 ? `status ${statusCode}` : undefined;
    spans.get(request)?.end({ 'http.response.status_code': statusCode }, failure);
    done();
  });
  return (request) => spans.get(request)?.context;
}
