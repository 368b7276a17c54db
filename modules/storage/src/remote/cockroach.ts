/**
 * CockroachDB speaks PostgreSQL's protocol, with every transaction serializable and without advisory locks. Written from its documentation
 * and not executed against a server: it is refused unless `database.experimental` asks for it, and said at each start.
 */
import type { Dialect } from './dialect.ts';
import { postgres } from './postgres.ts';

export const cockroach: Dialect = {
  ...postgres,
  name: 'CockroachDB',
  notExecuted: true,
  connect: (url, options) => postgres.connect(url.replace(/^cockroachdb:/, 'postgresql:'), options),
  schemaInTransactions: false,
  lockServer: undefined,
  shareServer: undefined,
};
