/** `bin/csp.js` in a tree of its own: which of bundle and sources it starts, and where stacks point. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { VERSION } from './version.ts';

const BIN = join(import.meta.dirname, '../bin/csp.js');
let root = '';
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** `apps/cli` with a command that says where it was loaded from. */
function tree(bundled = "export const run = () => console.log('bundle');\n"): void {
  root = mkdtempSync(join(tmpdir(), 'csp-bundle-'));
  for (const folder of ['bin', 'src', 'dist']) mkdirSync(join(root, 'apps/cli', folder), { recursive: true });
  cpSync(BIN, join(root, 'apps/cli/bin/csp.js'));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  write('apps/cli/src/app.ts', "export const run = (): void => console.log('sources');\n");
  write('apps/cli/dist/app.js', bundled);
  stamp();
}

function stamp(): void {
  const path = 'apps/cli/src/app.ts';
  const { size, mtimeMs } = statSync(join(root, path));
  const text = "export const run = (): void => console.log('sources');\n";
  const sha256 = createHash('sha256').update(text).digest('hex');
  write('apps/cli/dist/inputs.json', JSON.stringify({ inputs: [[path, size, mtimeMs, sha256]] }));
}

const write = (path: string, text: string) => writeFileSync(join(root, path), text);

function csp(): { readonly out: string; readonly err: string } {
  const { stdout, stderr } = spawnSync(process.execPath, [join(root, 'apps/cli/bin/csp.js')], { encoding: 'utf8' });
  return { out: stdout.trim(), err: stderr };
}

test('the bundle, while the sources are those it was made from; a new time alone changes nothing', () => {
  tree();
  expect(csp().out).toBe('bundle');
  utimesSync(join(root, 'apps/cli/src/app.ts'), 1, 1);
  expect(csp().out).toBe('bundle');
});

test('the sources, once one of them differs, also by as many bytes; and where there is no bundle', () => {
  tree();
  write('apps/cli/src/app.ts', "export const run = (): void => console.log('changed');\n");
  expect(csp().out).toBe('changed');
  rmSync(join(root, 'apps/cli/dist'), { recursive: true });
  expect(csp().out).toBe('changed');
});

test('the bundle where there are no sources: an installed package', () => {
  tree();
  rmSync(join(root, 'apps/cli/src'), { recursive: true });
  rmSync(join(root, 'apps/cli/dist/inputs.json'));
  expect(csp().out).toBe('bundle');
});

test('a stack names the line of the source', () => {
  tree("\nexport function run() {\n  throw new Error('a defect');\n}\n//# sourceMappingURL=app.js.map\n");
  // The third line of the bundle is the tenth of its source (source map v3: line, then VLQ of column, source, line, column).
  write('apps/cli/dist/app.js.map', '{"version":3,"sources":["../src/origin.ts"],"names":[],"mappings":";;AASA"}');
  expect(csp().err).toMatch(/Error: a defect\n {4}at run \(file:.*\/apps\/cli\/src\/origin\.ts:10:1\)/);
});

test('the version is that of the package, whoever says it', async () => {
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'));
  expect(VERSION).toBe(version);
  const { stdout } = spawnSync(process.execPath, [BIN, '--version'], { encoding: 'utf8' });
  expect(stdout).toBe(`${version}\n`);
});
