/**
 * Ten things by GraphQL, in a process of its own: `server.ts ours`, or `server.ts peer FOLDER` with mercurius and its compiler of queries, from FOLDER. Prints
 * its address, and for each line it reads the microseconds of processor time it has spent; ends with its stdin.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { defineOperation, type Module } from '@enhanced-csp/platform';
import { MODULES, startServer } from '@enhanced-csp/server';
import { z } from 'zod';

const THINGS = Array.from({ length: 10 }, (_, index) => ({
  thing_id: `thing_${index}`,
  name: `The thing with number ${index}`,
  size: index * 100,
  active: index % 2 === 0,
}));

const thing = z.object({ thing_id: z.string(), name: z.string(), size: z.int(), active: z.boolean() });
const things: Module = {
  name: 'things',
  needs: [],
  config: z.object({}),
  errors: {},
  async start() {
    const list = defineOperation({
      id: 'things.list',
      summary: 'Lists things.',
      route: 'GET /things',
      input: z.strictObject({ limit: z.int().min(1).max(100).default(10) }),
      output: z.object({ things: z.array(thing) }),
      errors: [],
      permission: 'things:read',
      rateClass: 'read',
      idempotent: true,
      examples: [],
      run: async ({ limit }) => ({ things: THINGS.slice(0, limit) }),
    });
    return { operations: [list], stop: async () => {} };
  },
};

/** What ours prints for the operation above, in the words of its schema. */
const SCHEMA = `
  type ThingsListOutputThingsItem { thing_id: String! name: String! size: Int! active: Boolean! }
  type ThingsListOutput { things: [ThingsListOutputThingsItem!]! }
  type Query { thingsList(limit: Int): ThingsListOutput! }
`;

async function ours() {
  const folder = mkdtempSync(join(tmpdir(), 'csp-bench-graphql-'));
  const wanted = MODULES.filter(({ name }) => ['storage', 'gateway'].includes(name));
  const modules = [...wanted.slice(0, -1), things, ...wanted.slice(-1)];
  const { url, stop } = await startServer({ folder, env: {}, flags: { port: 0 }, modules, writeLog: () => {} });
  const end = async () => {
    await stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, end };
}

async function peer(folder: string) {
  const load = createRequire(join(resolve(folder), 'package.json'));
  const app = load('fastify')();
  const resolvers = {
    Query: { thingsList: async (_: unknown, { limit = 10 }) => ({ things: THINGS.slice(0, limit) }) },
  };
  await app.register(load('mercurius'), { schema: SCHEMA, resolvers, jit: 1 });
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), end: () => app.close() };
}

const [kind, folder = ''] = process.argv.slice(2);
const { url, end } = await (kind === 'ours' ? ours() : peer(folder));
console.log(url);
for await (const _ of createInterface({ input: process.stdin })) {
  const { user, system } = process.cpuUsage();
  console.log(user + system);
}
await end();
process.exit(0);
