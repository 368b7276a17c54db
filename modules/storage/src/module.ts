/** The embedded store as a module: it makes the tables of all modules in the assembly, and provides `store`. */
import { join } from 'node:path';
import { defineModule } from '@enhanced-csp/platform';
import { z } from 'zod';
import { STORAGE_ERRORS } from './errors.ts';
import { openStore } from './open-store.ts';

export const storage = defineModule({
  name: 'storage',
  protocol: new URL('../protocol.csp', import.meta.url),
  needs: ['clock', 'catalog', 'log'],
  provides: ['store'],
  config: z.strictObject({
    folder: z.string().min(1),
    /** Commits that may wait for the disk. */
    queueMax: z.int().min(1).default(10_000),
    queueBytesMax: z
      .int()
      .min(1)
      .default(256 * 1024 * 1024),
  }),
  errors: STORAGE_ERRORS,
  async start({ clock, catalog, log }, { folder, queueMax, queueBytesMax }) {
    const { store, afterCrash, close } = openStore(folder, {
      collections: catalog.collections(),
      now: () => clock.now(),
      queueMax,
      queueBytesMax,
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
