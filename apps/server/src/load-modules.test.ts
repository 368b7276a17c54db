/** Modules of others, from files and packages; and every way in which one can be wrong, by name. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { type RunningServer, startServer } from './server.ts';

let folder = '';
let server: RunningServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** A module as plain JavaScript, with any schema that can be parsed with. */
const text = (members: string, start = 'return { stop: async () => {} }') => `
export const one = {
  name: 'one', needs: [], errors: {}, config: { safeParse: (data) => ({ success: true, data }) },
  async start(capabilities, config) { ${start} },
  ${members}
};`;

async function start(files: Readonly<Record<string, string>>, modules: string): Promise<RunningServer> {
  folder = mkdtempSync(join(tmpdir(), 'csp-modules-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  writeFileSync(join(folder, 'csp.yaml'), `modules: ${modules}\n`);
  server = await startServer({ folder, env: {}, flags: { port: 0 }, writeLog: () => {} });
  return server;
}

const page =
  "return { documents: [{ path: '/one', type: 'text/plain', render: async () => JSON.stringify(config) }], stop: async () => {} }";

test.each([
  ['a file', { 'one.mjs': text('', page) }, './one.mjs'],
  ['a folder', { 'one/package.json': '{ "exports": "./main.mjs" }', 'one/main.mjs': text('', page) }, './one'],
  ['a folder with an index', { 'one/index.ts': text('', page) }, './one'],
  [
    'a package',
    {
      'node_modules/one/package.json': '{ "name": "one", "type": "module", "exports": "./main.js" }',
      'node_modules/one/main.js': text('', page),
    },
    'one',
  ],
])('from %s, with its configuration, before the gateway', async (_, files, from) => {
  const { url, platform } = await start(files, `[{ from: ${from}, config: { size: 3 } }]`);
  expect(platform.modules.slice(-2)).toEqual(['one', 'gateway']);
  expect(await (await fetch(`${url}/one`)).json()).toEqual({ size: 3 });
});

const operation = (id: string, route: string) =>
  `return { operations: [{ id: '${id}', route: '${route}', errors: [], examples: [] }], stop: async () => {} }`;

test.each([
  ['is not there', {}, './none.mjs', 'CSP-PLT-010', /\.\/none\.mjs cannot be loaded/],
  ['is no package', {}, 'no-such-package', 'CSP-PLT-010', /no-such-package cannot be loaded/],
  ['cannot be parsed', { 'one.mjs': 'export const' }, './one.mjs', 'CSP-PLT-010', /one\.mjs/],
  [
    'exports something else',
    { 'one.mjs': 'export const other = 1' },
    './one.mjs',
    'CSP-PLT-010',
    /exports 0 modules \(other\)/,
  ],
  [
    'throws in start',
    { 'one.mjs': text('', "throw new Error('no luck')") },
    './one.mjs',
    'CSP-PLT-011',
    /Module one \(\.\/one\.mjs\) did not start: no luck/,
  ],
  [
    'asks for an unknown capability',
    { 'one.mjs': text("needs: ['stroe']") },
    './one.mjs',
    'CSP-PLT-001',
    /Module one needs stroe.*Did you mean store\?/,
  ],
  [
    'takes the name of another',
    { 'one.mjs': text("name: 'telemetry'") },
    './one.mjs',
    'CSP-PLT-002',
    /module telemetry is declared twice/,
  ],
  [
    'takes the id of another',
    { 'one.mjs': text('', operation('processes.list', 'GET /x')) },
    './one.mjs',
    'CSP-PLT-002',
    /operation processes\.list is declared twice, by conversations and by one/,
  ],
  [
    'takes the route of another',
    { 'one.mjs': text('', operation('x.y', 'GET /processes/{id}')) },
    './one.mjs',
    'CSP-PLT-002',
    /by conversations and by one/,
  ],
])('one that %s is refused', async (_, files, from, code, message) => {
  await expect(start(files as Record<string, string>, `[${from}]`)).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message),
  });
});
