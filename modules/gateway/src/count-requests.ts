/** Counts every answer: how many, how long. The label is the route, never the path, so that there are as many as there are rows. */
import type { Metrics } from '@enhanced-csp/platform';
import type { FastifyInstance } from 'fastify';

/** Seconds: from a quick read to a long verification. */
const BOUNDS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export function countRequests(app: FastifyInstance, metrics: Metrics): void {
  const labels = ['method', 'route', 'status'];
  const requests = metrics.counter({ name: 'csp_requests_total', help: 'Requests that were answered.', labels });
  const seconds = metrics.histogram({
    name: 'csp_request_seconds',
    help: 'From the first byte of a request to the last of its answer.',
    labels: ['method'],
    bounds: BOUNDS,
  });
  app.addHook('onResponse', (request, reply, done) => {
    requests.add(1, request.method, request.routeOptions.url ?? 'none', String(reply.statusCode));
    seconds.observe(reply.elapsedTime / 1000, request.method);
    done();
  });
}
