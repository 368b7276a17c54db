/**
 * The documents of the interfaces are committed, so that a change of them is seen where it is reviewed: `npx vitest run apps/server/src/documents.test.ts -u`
 * writes them anew.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSchema } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { generate, generateDescriptions, type OpenApiDocument } from '../../../packages/client/src/generate.ts';
import { connect, Problem } from '../../../packages/client/src/index.ts';
import { type RunningServer, startServer } from './server.ts';

const ROOT = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'csp-documents-'));
let server: RunningServer;
beforeAll(async () => {
  server = await startServer({ folder, env: {}, flags: { port: 0 }, writeLog: () => {} });
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
});

const get = async (path: string) => (await fetch(server.url + path)).text();
const yaml = (text: string) => stringify(JSON.parse(text), { aliasDuplicateObjects: false, lineWidth: 0 });

test('OpenAPI', async () => {
  await expect(yaml(await get('/openapi.json'))).toMatchFileSnapshot(join(ROOT, 'docs/api/openapi.yaml'));
});

test('AsyncAPI, with references that lead somewhere', async () => {
  const text = await get('/asyncapi.json');
  const document = JSON.parse(text);
  expect(document.asyncapi).toBe('3.0.0');
  const references = [...text.matchAll(/"\$ref": ?"#\/([^"]+)"/g)].map((match) => (match[1] as string).split('/'));
  expect(references.length).toBeGreaterThan(10);
  for (const steps of references)
    expect(
      steps.reduce((value, step) => value?.[step], document),
      steps.join('/'),
    ).toBeDefined();
  await expect(yaml(text)).toMatchFileSnapshot(join(ROOT, 'docs/api/asyncapi.yaml'));
});

test('the GraphQL schema, read back', async () => {
  const text = await get('/schema.graphql');
  expect(Object.keys(buildSchema(text).getQueryType()?.getFields() ?? {})).toContain('processesGet');
  await expect(text).toMatchFileSnapshot(join(ROOT, 'docs/api/schema.sdl'));
});

test('the metrics, by name, kind and meaning', async () => {
  const text = await get('/metrics');
  const rows = [...text.matchAll(/^# HELP (\w+) (.*)\n# TYPE \1 (\w+)$/gm)].map(
    ([, name, help, kind]) => `| \`${name}\` | ${kind} | ${help} |`,
  );
  expect(rows.length).toBeGreaterThan(8);
  const page = [
    '# Metrics',
    '',
    'What `/metrics` tells Prometheus. A metric with labels has no series before the first of what it counts.',
    '',
    '| name | kind | meaning |',
    '|---|---|---|',
    ...rows.sort(),
    '',
  ];
  await expect(page.join('\n')).toMatchFileSnapshot(join(ROOT, 'docs/api/metrics.md'));
});

test('the client is what its generator makes of the document', async () => {
  const document = parse(yaml(await get('/openapi.json'))) as OpenApiDocument;
  await expect(generate(document)).toMatchFileSnapshot(join(ROOT, 'packages/client/src/operations.ts'));
  const described = join(ROOT, 'packages/client/src/described.ts');
  await expect(generateDescriptions(document)).toMatchFileSnapshot(described);
});

test('the client talks to the server: inputs where they travel, problems as problems', async () => {
  const csp = connect({ url: server.url });
  const definition = { inputs: ['a'], outputs: [], behavior: 'a?x -> SKIP' };
  const made = await csp.processes.create({ name: 'echo', definition }, { idempotencyKey: 'once' });
  expect(made).toMatchObject({ name: 'echo', status: 'created', verdict: 'well-formed' });
  const again = await csp.processes.create({ name: 'echo', definition }, { idempotencyKey: 'once' });
  expect(again.process_id).toBe(made.process_id);
  const { process_id } = made;
  const changed = await csp.processes.update({ process_id, name: 'other' }, { ifVersion: 1 });
  expect(changed).toMatchObject({ name: 'other', version: 2 });
  await expect(csp.processes.update({ process_id, name: 'late' }, { ifVersion: 1 })).rejects.toMatchObject({
    status: 412,
    code: 'CSP-PLT-006',
  });
  expect(await csp.processes.list({ status: 'created', limit: 1 })).toMatchObject({ total: 1, limit: 1 });
  expect((await csp.channels.list()).channels).toEqual([]);
  await expect(csp.processes.get({ process_id: 'a/../b' })).rejects.toBeInstanceOf(Problem);
  await expect(csp.processes.get({ process_id: '' })).rejects.toThrow('needs process_id');
  const { results } = await csp.batch.perform({ requests: [{ method: 'GET', path: `/api/processes/${process_id}` }] });
  expect(results).toMatchObject([{ status: 200, body: { name: 'other' } }]);
});
