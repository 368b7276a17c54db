/** The house keeps its one rule: imports go up the list in `scripts/layers.ts`. Each check is shown to catch what it is for. */
import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cycles, importsOf, packagesUsed, type SourceFile, violations } from '../scripts/imports.ts';
import { layerOf, MAY_IMPORT, rowOf } from '../scripts/layers.ts';

const files: SourceFile[] = globSync('{engine,platform,modules,apps,tests,bench,scripts,models}/**/*.ts', {
  exclude: (path) => String(path).includes('node_modules'),
}).map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(path, 'utf8') }));

const source = files.filter((file) => !file.path.endsWith('.test.ts'));

describe('the tree', () => {
  test('is read: every layer of the table has files', () => {
    expect(files.length).toBeGreaterThan(50);
    const present = new Set(files.map((file) => layerOf(file.path)));
    for (const layer of ['engine/csp', 'engine/cspm', 'engine/lts', 'engine/refine', 'engine/runtime', 'engine/audit'])
      expect(present).toContain(layer);
  });

  test('every file stands in a layer that has a row', () => {
    for (const file of files) expect(rowOf(MAY_IMPORT, layerOf(file.path) ?? ''), file.path).toBeDefined();
  });

  test('imports go up, never down, never sideways between modules, and through the door', () => {
    expect(violations(source)).toEqual([]);
  });

  test.each([...globSync('{engine,platform}/package.json'), ...globSync('{modules,apps}/*/package.json')])(
    '%s declares what its files import, and no more',
    (path) => {
      const { dependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as { dependencies?: Record<string, string> };
      const used = packagesUsed(files.filter((file) => file.path.startsWith(`${dirname(path)}/`)));
      expect(Object.keys(dependencies).sort()).toEqual([...used].sort());
      for (const version of Object.values(dependencies)) expect(version, 'exact versions').toMatch(/^\d+\.\d+\.\d+$/);
    },
  );

  test('no files import each other in a circle at run time', () => {
    expect(cycles(source)).toEqual([]);
  });
});

describe('each check catches what it is for', () => {
  const planted = (path: string, text: string) => violations([{ path, text }]).map((violation) => violation.message);

  test.each([
    ['engine/src/refine/check.ts', "import { run } from '../runtime/index.ts';", 'may not import engine/runtime'],
    ['engine/src/csp/events.ts', "import type { Lts } from '../lts/index.ts';", 'may not import engine/lts'],
    ['platform/src/module.ts', "import { x } from '@enhanced-csp/storage';", 'may not import modules/storage'],
    ['modules/gateway/src/rest.ts', "import { x } from '@enhanced-csp/storage';", 'may not import modules/storage'],
    [
      'modules/gateway/src/rest.ts',
      "import { x } from '../../storage/src/index.ts';",
      'may not import modules/storage',
    ],
    ['modules/storage/src/db.ts', "import { startServer } from '@enhanced-csp/server';", 'may not import apps/server'],
    ['engine/src/audit/log.ts', "import { Lts } from '../lts/lts.ts';", 'through the wall'],
    ['engine/src/audit/log.ts', "import { createHash } from 'node:crypto';", "may not use 'node:crypto'"],
    ['engine/src/lts/lts.ts', "import _ from 'lodash';", "may not use 'lodash'"],
    ['engine/src/lts/lts.ts', "const x = await import('node:fs');", "may not use 'node:fs'"],
    ['engine/src/runtime/clock.ts', 'const now = Date.now();', "may not use 'Date.now'"],
    ['engine/src/runtime/clock.ts', 'setTimeout(() => {}, 1);', 'timer'],
    ['engine/src/runtime/seed.ts', 'const x = Math.random();', "may not use 'Math.random'"],
  ])('%s: %s', (path, text, message) => {
    expect(planted(path, text).join()).toContain(message);
  });

  test('what is allowed passes', () => {
    expect(planted('engine/src/refine/check.ts', "import { type Lts } from '../lts/index.ts';")).toEqual([]);
    expect(planted('apps/server/src/main.ts', "import { storage } from '@enhanced-csp/storage';")).toEqual([]);
    expect(planted('engine/src/lts/lts.ts', '// Date.now() would be wrong here')).toEqual([]);
  });

  test('a circle of three is found, a circle of types is not one', () => {
    const circle = (keyword: string) =>
      cycles([
        { path: 'engine/src/csp/a.ts', text: `${keyword} { b } from './b.ts';` },
        { path: 'engine/src/csp/b.ts', text: `${keyword} { c } from './c.ts';` },
        { path: 'engine/src/csp/c.ts', text: `${keyword} { a } from './a.ts';` },
      ]);
    expect(circle('import')).toEqual([['engine/src/csp/a.ts', 'engine/src/csp/b.ts', 'engine/src/csp/c.ts']]);
    expect(circle('import type')).toEqual([]);
  });

  test('imports over several lines are read', () => {
    expect(importsOf({ path: 'a.ts', text: "import {\n  x,\n  y,\n} from './b.ts';\n" })).toEqual([
      { specifier: './b.ts', line: 4, typeOnly: false },
    ]);
  });
});
