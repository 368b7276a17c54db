/** One contract for each operation and surface: every example of every row gives what it says, wherever it is asked for. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, startServer } from '@enhanced-csp/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { performExamples, type Surface } from './examples.ts';
import { batch, graphql, graphqlSocket, rest } from './surfaces.ts';

const folder = mkdtempSync(join(tmpdir(), 'csp-contract-'));
let server: RunningServer;
let sdl = '';
beforeAll(async () => {
  const flags = { port: 0, 'rate.verify_per_minute': 0 };
  server = await startServer({ folder, env: {}, flags, writeLog: () => {} });
  sdl = await (await fetch(`${server.url}/schema.graphql`)).text();
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function holds(surface: Surface): Promise<void> {
  const { catalog } = server.platform;
  const shown = new Set<string>();
  for await (const { operation, example, answer } of performExamples(catalog, surface)) {
    const where = `${operation.id}, ${example.name}, by ${surface.name}`;
    expect(operation.output.safeParse(answer).error, where).toBeUndefined();
    if (example.output !== undefined) expect(answer, where).toMatchObject(example.output as object);
    shown.add(operation.id);
  }
  expect([...shown].sort(), 'every row has an example').toEqual(
    catalog
      .operations()
      .map(({ id }) => id)
      .sort(),
  );
}

test('REST at /api', () => holds(rest(server.url, '/api')));
test('REST at /api/v1', () => holds(rest(server.url, '/api/v1')));
test('a batch', () => holds(batch(server.url)));
test('GraphQL over HTTP', () => holds(graphql(server.url, sdl)));
test('GraphQL over WebSocket', async () => {
  const surface = graphqlSocket(server.url, sdl);
  await holds(surface).finally(surface.close);
});

test('an answer that is not what the example says is found', async () => {
  const honest = rest(server.url, '/api');
  const liar: Surface = {
    name: 'a liar',
    async perform(operation, input) {
      const answer = await honest.perform(operation, input);
      return operation.id === 'channels.receive' ? { ...answer, event: { ...answer.event, priority: 'low' } } : answer;
    },
  };
  await expect(holds(liar)).rejects.toThrow('channels.receive, the API reference, by a liar');
});
