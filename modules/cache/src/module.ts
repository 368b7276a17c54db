/** The cache as a module: provides `cache`. */
import { type Collection, defineModule, type Random, type Store, type Stored } from '@enhanced-csp/platform';
import { z } from 'zod';
import { CACHE_ERRORS } from './errors.ts';
import { openCache } from './open-cache.ts';

const SECRETS: Collection = { name: 'cache_secrets', fields: {} };

export const cache = defineModule({
  name: 'cache',
  needs: ['clock', 'random', 'log', 'metrics', 'store'],
  provides: ['cache'],
  collections: [SECRETS],
  config: z.strictObject({
    entriesMax: z.int().min(1).default(10_000),
    bytesMax: z
      .int()
      .min(1)
      .default(64 * 1024 * 1024),
    ttlMs: z.number().min(1).default(300_000),
    redis: z
      .strictObject({
        url: z.string().min(1),
        connections: z.int().min(2).default(2),
        timeoutMs: z.int().min(1).default(500),
        healthCheckMs: z.int().min(1).default(2000),
        retryOnTimeout: z.boolean().default(true),
        prefix: z.string().min(1).default('csp'),
      })
      .optional(),
  }),
  errors: CACHE_ERRORS,
  async start({ clock, random, log, metrics, store }, { redis, ...limits }) {
    const answers = metrics.counter({
      name: 'csp_cache_answers_total',
      help: 'Answers of the cache, by where they came from: memory, stale, redis, made.',
      labels: ['source'],
    });
    const shared = redis && metrics.gauge({ name: 'csp_cache_redis_up', help: 'Whether Redis answers: 1 or 0.' });
    shared?.set(0);
    const opened = await openCache({
      ...limits,
      clock,
      log,
      chance: () => (random.bytes(1)[0] as number) / 256,
      ...(redis === undefined ? {} : { redis: { ...redis, secret: await secretOf(store, random) } }),
      answered: (source) => answers.add(1, source),
      connected: (connected) => shared?.set(connected ? 1 : 0),
    });
    return {
      provides: { cache: opened.cache },
      async health() {
        const { entries, bytes } = opened.figures;
        const memory = `${entries} answers, ${Math.ceil(bytes / 1024)} KiB`;
        // Slower is not unhealthy.
        return {
          healthy: true,
          detail: [memory, opened.trouble ?? (redis && 'shared through Redis')].filter(Boolean).join('; '),
        };
      },
      async stop() {
        opened.close();
      },
    };
  },
});

/** Of the installation: servers of one store share it, made by the first of them. */
async function secretOf(store: Store, random: Random): Promise<Uint8Array> {
  const read = async () => {
    const kept: Stored<{ secret: string }> | undefined = await store.get(SECRETS.name, 'secret');
    return kept === undefined ? undefined : new Uint8Array(Buffer.from(kept.body.secret, 'base64'));
  };
  const known = await read();
  if (known !== undefined) return known;
  const body = { secret: Buffer.from(random.bytes(32)).toString('base64') };
  try {
    await store.commit([{ change: 'put', collection: SECRETS.name, id: 'secret', fields: {}, body, ifVersion: 0 }]);
  } catch {
    // Another server made it in this very moment, or the reading says what is wrong.
  }
  const made = await read();
  if (made === undefined) throw new Error('the secret of the cache could not be kept');
  return made;
}
