import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{engine,platform,modules,apps}/**/*.test.ts', 'tests/**/*.test.ts'],
    testTimeout: 30_000,
  },
});
