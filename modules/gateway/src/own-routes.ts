/** What the gateway answers by itself, beside operations and pages: documents of the API, what its pages load, and health. */
import type { Catalog, Clock } from '@enhanced-csp/platform';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { asyncApi } from './asyncapi.ts';
import { STYLE } from './frame.ts';
import type { Graphql } from './graphql/serve.ts';
import { PANELS_SCRIPT } from './panels-script.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const FOR_AN_HOUR = 'max-age=3600';

/** Registers the routes, and returns their paths. */
export function ownRoutes(
  app: FastifyInstance,
  catalog: Catalog,
  own: {
    readonly about: { readonly name: string; readonly version: string };
    readonly clock: Pick<Clock, 'monotonic'>;
    openApi(): object;
    graphql(): Promise<Graphql>;
  },
): readonly string[] {
  const paths: string[] = [];
  const get = (path: string, answer: (reply: FastifyReply) => unknown) => {
    paths.push(path);
    app.get(path, async (_, reply) => answer(reply));
  };
  const loaded = (path: string, type: string, text: () => string | Promise<string>) =>
    get(path, async (reply) =>
      reply
        .type(`${type}; charset=utf-8`)
        .header('cache-control', FOR_AN_HOUR)
        .send(await text()),
    );

  loaded('/style.css', 'text/css', () => STYLE);
  loaded('/panels.js', 'text/javascript', () => PANELS_SCRIPT);
  loaded('/docs.js', 'text/javascript', async () => (await import('./docs/script.ts')).SCRIPT);

  get('/openapi.json', (reply) => reply.type(JSON_TYPE).send(JSON.stringify(own.openApi(), null, 2)));
  get('/asyncapi.json', (reply) => reply.type(JSON_TYPE).send(JSON.stringify(asyncApi(catalog, own.about), null, 2)));
  get('/schema.graphql', async (reply) => reply.type('text/plain; charset=utf-8').send((await own.graphql()).print()));

  const startedAt = own.clock.monotonic();
  const health = async (reply: FastifyReply) => {
    const { healthy, modules } = await catalog.health();
    return reply.code(healthy ? 200 : 503).send({
      status: healthy ? 'healthy' : 'degraded',
      version: own.about.version,
      uptime_seconds: Math.floor((own.clock.monotonic() - startedAt) / 1000),
      components: modules,
    });
  };
  get('/health', health);
  get('/health/ready', health);
  get('/health/live', () => ({ status: 'alive' }));
  return paths;
}
