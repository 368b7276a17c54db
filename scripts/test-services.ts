/**
 * `npm run test:services [-- --own] [-- FILTER …]`: the tests that need real servers. One that does not run, or does not let the tests in, is started on
 * a free port with a data folder that is thrown away; one that is not installed is installed from Debian's packages. What cannot be had is a
 * failure, never a skip. `--own`: servers of our own, whatever runs.
 */
import { startVitest } from 'vitest/node';
import { type Provided, provide } from './services/provide.ts';
import { SERVICES } from './services/services.ts';

const args = process.argv.slice(2);
const own = args.includes('--own');
const provided: Provided[] = [];
try {
  for (const service of SERVICES) {
    const one = await provide(service, { own });
    provided.push(one);
    console.log(`${service.name}: ${one.how}`);
  }
  const [postgres, mariadb, redis] = provided.map(({ url }) => url);
  process.env.CSP_TEST_DATABASES = `${postgres} ${mariadb}`;
  process.env.CSP_TEST_REDIS = redis;
  const vitest = await startVitest(
    'test',
    args.filter((one) => !one.startsWith('-')),
    {
      watch: false,
      include: ['**/*.services.test.ts', 'modules/storage/src/*-contract.test.ts'],
      exclude: ['**/node_modules/**'],
    },
  );
  await vitest.close();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
} finally {
  for (const { end } of provided) await end();
}
