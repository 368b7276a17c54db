/** Database servers for tests: where they are, and databases of their own for each test. */
import { randomUUID } from 'node:crypto';
import mysql from 'mysql2/promise';
import pg from 'pg';

/** URLs, set by `scripts/test-services.ts`. */
export function serversUnderTest(): readonly string[] {
  return (process.env.CSP_TEST_DATABASES ?? '').split(' ').filter((url) => url !== '');
}

/** Asks a server of either kind, beside the store. */
export async function ask(url: string, ...statements: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  let rows: unknown;
  if (url.startsWith('postgres')) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    for (const statement of statements) rows = (await client.query(statement)).rows;
    await client.end();
  } else {
    const connection = await mysql.createConnection(url.replace(/^mariadb:/, 'mysql:'));
    for (const statement of statements) [rows] = await connection.query(statement);
    await connection.end();
  }
  return rows as Record<string, unknown>[];
}

export async function emptyDatabase(server: string): Promise<{ readonly url: string; drop(): Promise<void> }> {
  const name = `csp_test_${randomUUID().replaceAll('-', '').slice(0, 12)}`;
  await ask(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async drop() {
      await ask(server, `DROP DATABASE IF EXISTS ${name}${server.startsWith('postgres') ? ' WITH (FORCE)' : ''}`);
    },
  };
}
