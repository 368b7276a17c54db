/** The store as a module, embedded or on a database server: it makes the tables of all modules in the assembly, and provides `store`. */
import { join } from 'node:path';
import { defineModule } from '@enhanced-csp/platform';
import { z } from 'zod';
import { STORAGE_ERRORS } from './errors.ts';

export const storage = defineModule({
  name: 'storage',
  needs: ['clock', 'catalog', 'log'],
  provides: ['store'],
  config: z.strictObject({
    folder: z.string().min(1),
    /** `sqlite`, or the URL of a database server. */
    url: z.string().default('sqlite'),
    /** Connections for reads, of a database server. */
    pool: z
      .strictObject({
        size: z.int().min(1).default(10),
        overflow: z.int().min(0).default(10),
        timeoutMs: z.number().min(1).default(30_000),
        recycleMs: z.number().min(0).default(3_600_000),
      })
      .prefault({}),
    /** URLs of read replicas, and how far behind they may be. */
    replicas: z.array(z.string()).default([]),
    replicaLagMaxMs: z.number().min(0).default(10_000),
    /** Searches that take longer are told in the log; 0: none is. */
    slowMs: z.number().min(0).default(0),
    /** Lets in databases whose dialect is written, not executed. */
    experimental: z.boolean().default(false),
    /** Commits that may wait for the disk. */
    queueMax: z.int().min(1).default(10_000),
    queueBytesMax: z
      .int()
      .min(1)
      .default(256 * 1024 * 1024),
  }),
  errors: STORAGE_ERRORS,
  async start({ clock, catalog, log }, { folder, url, ...options }) {
    // Each database is loaded by those who use it.
    if (url !== 'sqlite') {
      const { openRemoteStore } = await import('./remote/open.ts');
      const { store, replicas, name, close } = await openRemoteStore(url, {
        ...options,
        collections: catalog.collections(),
        now: () => clock.now(),
        log,
      });
      return {
        provides: { store },
        async health() {
          await store.length('health');
          const { commits, groups, retries } = store.figures;
          const reads = replicas === undefined ? '' : `, ${replicas.health}`;
          return {
            healthy: true,
            detail: `${name}: ${commits} commits in ${groups} transactions, ${retries} retries${reads}`,
          };
        },
        stop: close,
      };
    }
    const { openStore } = await import('./open-store.ts');
    const { store, afterCrash, close } = openStore(folder, {
      collections: catalog.collections(),
      now: () => clock.now(),
      queueMax: options.queueMax,
      queueBytesMax: options.queueBytesMax,
      slowMs: options.slowMs,
      log,
    });
    if (afterCrash)
      log.warn({ folder }, 'the server before this one did not stop cleanly; its acknowledged work is here');
    return {
      provides: { store },
      async health() {
        await store.length('health');
        const { commits, groups } = store.figures;
        return { healthy: true, detail: `${join(folder, 'csp.db')}: ${commits} commits in ${groups} transactions` };
      },
      async stop() {
        close();
      },
    };
  },
});
