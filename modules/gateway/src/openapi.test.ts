import { PLATFORM_ERRORS } from '@enhanced-csp/platform';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { demo } from './demo.fixture.ts';
import { GATEWAY_ERRORS } from './errors.ts';
import { openApi } from './openapi.ts';

const rows = demo();
const document = JSON.parse(
  JSON.stringify(
    openApi(
      {
        collections: () => [],
        errors: () => ({
          ...PLATFORM_ERRORS,
          ...GATEWAY_ERRORS,
          'CSP-TST-001': { kind: 'not found', title: 'No such thing', next: 'Make one.' },
        }),
        operations: () => rows.operations,
        streams: () => rows.streams,
        pages: () => rows.pages,
        agents: () => new Map(),
        processKinds: () => new Map(),
        policies: () => new Map(),
        panels: () => new Map(),
        health: async () => ({ healthy: true, modules: {} }),
      },
      { name: 'Test', version: '1.2.3' },
    ),
  ),
);

test('every row is there once, with its parameters where they travel', () => {
  expect(document.openapi).toBe('3.1.0');
  const ids = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(ids.sort()).toEqual(rows.operations.map(({ id }) => id).sort());
  expect(document.paths['/api/things'].get.parameters).toContainEqual({
    name: 'name',
    in: 'query',
    description: 'Only things of this name.',
    schema: { type: 'string' },
  });
  const rename = document.paths['/api/things/{thing_id}'].put;
  expect(rename.parameters).toEqual([{ name: 'thing_id', in: 'path', required: true, schema: { type: 'string' } }]);
  expect(Object.keys(document.components.schemas.ThingsRenameInput.properties)).toEqual(['name']);
  expect(document.paths['/api/things'].post.responses).toHaveProperty('201');
  expect(document.paths['/api/things/wait'].post.responses).toHaveProperty('202');
  expect(document.paths['/api/things/wait'].post).not.toHaveProperty('requestBody');
});

test('every reference leads somewhere', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] as string);
  expect(references.length).toBeGreaterThan(rows.operations.length);
  for (const reference of references) {
    const [hash, ...steps] = reference.split('/');
    expect(hash).toBe('#');
    expect(
      steps.reduce((value, step) => value?.[step], document),
      reference,
    ).toBeDefined();
  }
  expect(references, 'a recursive schema has references to itself').toContain(
    '#/components/schemas/ThingsTagOutputPart0',
  );
});

test('path parameters are those of the path', () => {
  for (const [path, methods] of Object.entries<Record<string, { parameters?: { name: string; in: string }[] }>>(
    document.paths,
  ))
    for (const { parameters = [] } of Object.values(methods))
      expect(parameters.filter((one) => one.in === 'path').map(({ name }) => name)).toEqual(
        [...path.matchAll(/\{(.+?)\}/g)].map((match) => match[1]),
      );
});

test('examples fit the schemas they stand beside, read back by zod', () => {
  const { requestBody, responses } = document.paths['/api/things'].post;
  const input = z.fromJSONSchema(document.components.schemas.ThingsCreateInput);
  const output = z.fromJSONSchema(document.components.schemas.ThingsCreateOutput);
  expect(input.safeParse(requestBody.content['application/json'].examples.one.value).success).toBe(true);
  expect(output.safeParse(responses['201'].content['application/json'].examples.one.value).success).toBe(true);
  expect(input.safeParse({ nmae: 1 }).success, 'a schema that takes everything would prove nothing').toBe(false);
});

test('faults are listed under the status they are answered with', () => {
  const { responses } = document.paths['/api/things/{thing_id}'].get;
  expect(responses['404'].description).toContain('CSP-TST-001');
  expect(responses['400'].content).toHaveProperty('application/problem+json');
});
