/** Whatever is sent to whatever operation: an answer of the documented form, never a defect. The requests are made from the OpenAPI document. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { startServer } from './server.ts';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, { readonly properties?: Readonly<Record<string, unknown>> }>>;
  };
}

interface Described {
  readonly operationId: string;
  readonly 'x-rate-class': string;
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: { readonly $ref: string } } };
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e308',
    'null',
    'STOP',
    'a?x -> SKIP',
    '../../etc/passwd',
    "' OR 1=1 --",
    '\u0000',
    '\ud800',
    '__proto__',
    'constructor',
    'running',
    'atomic',
  ),
);
const value = fc.oneof(
  text,
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
  fc.array(text, { maxLength: 3 }),
  fc.object({ maxDepth: 2, maxKeys: 3 }),
);

test('no request makes a defect', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'csp-fuzz-'));
  const lines: string[] = [];
  const server = await startServer({
    folder,
    env: {},
    flags: { port: 0, 'rate.verify_per_minute': 120, 'rate.burst': 20 },
    writeLog: (line) => lines.push(line),
  });
  try {
    const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as Document;
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => ({ path, method: method.toUpperCase(), described })),
    );
    expect(operations.length).toBeGreaterThan(10);
    const statuses = new Map<number, number>();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...operations),
        fc.infiniteStream(value),
        fc.infiniteStream(fc.boolean()),
        async (operation, values, coins) => {
          const next = () => values.next().value as unknown;
          const { parameters = [], requestBody } = operation.described;
          const url = new URL(
            server.url +
              operation.path.replace(
                /\{[^}]+\}/g,
                () => encodeURIComponent(String(next()).toWellFormed()).replaceAll('.', '%2E') || 'x',
              ),
          );
          for (const { name } of parameters.filter((one) => one.in === 'query'))
            if (coins.next().value) url.searchParams.append(name, String(next()).toWellFormed());
          const reference = requestBody?.content['application/json'].schema.$ref.split('/').at(-1) ?? '';
          const properties = Object.keys(document.components.schemas[reference]?.properties ?? {}).filter(
            () => coins.next().value,
          );
          const body =
            requestBody === undefined
              ? undefined
              : JSON.stringify(Object.fromEntries(properties.map((name) => [name, next()])));
          const response = await fetch(url, {
            method: operation.method,
            signal: AbortSignal.timeout(10_000),
            ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
          });
          statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
          const answer = (await response.text()) || '{}';
          expect(response.status, `${operation.method} ${url} ${body}: ${answer}`).not.toBe(500);
          if (response.status < 400) return;
          expect(response.headers.get('content-type')).toContain('application/problem+json');
          expect(JSON.parse(answer)).toMatchObject({
            status: response.status,
            code: expect.stringMatching(/^CSP-/),
            next: expect.any(String),
          });
        },
      ),
      { numRuns: 250, seed: 41, endOnFailure: true },
    );
    // Had every request been refused at the door, nothing behind it would have been tried.
    expect(statuses.get(200) ?? 0).toBeGreaterThan(5);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
