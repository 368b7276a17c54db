import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{engine,platform,modules,apps}/**/*.test.ts', 'tests/**/*.test.ts'],
    // These need servers: `node scripts/test-services.ts`.
    exclude: [...configDefaults.exclude, '**/*.services.test.ts'],
    testTimeout: 30_000,
    // The default leaves a processor to itself, which on two is half of them.
    maxWorkers: '100%',
  },
});
