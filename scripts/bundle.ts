/**
 * `npm run bundle`: the command, the server and the library as a few files of plain JavaScript in `apps/cli/dist`, so that a start reads tens of
 * files and not hundreds. What is loaded late in the sources is loaded late from the bundle. `npm ci` calls it.
 *
 * `dist/inputs.json` says which sources it was made from; `apps/cli/bin/csp.js` takes the bundle only while they are unchanged.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { addresses } from './bundle/addresses.ts';

const ROOT = join(import.meta.dirname, '..');
const OUTPUT = join(ROOT, 'apps/cli/dist');
/** Chunks of a bundle before stay for a day: a server that runs may still load them. */
const KEEP_MS = 24 * 3600 * 1000;
/** What decides, beside the sources, which code an import means. */
const MANIFESTS = ['package-lock.json', 'node_modules/.package-lock.json'];

const output = await build().catch((error: unknown) => {
  // An installation goes on: without a bundle, the sources run.
  if (process.env.npm_lifecycle_event !== 'prepare') throw error;
  console.error(`no bundle, so csp starts from its sources: ${error instanceof Error ? error.message : String(error)}`);
  process.exit();
});

const written = new Set(output.map(({ fileName }) => fileName));
const own = new Set(
  output
    .flatMap((file) => (file.type === 'chunk' ? file.moduleIds : file.originalFileNames))
    .map((id) => relative(ROOT, id.replace(/\?.*$/, '')).replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('..') && !path.includes('node_modules/') && existsSync(join(ROOT, path))),
);
for (const path of [...own]) {
  const manifest = /^((apps|modules|packages)\/[^/]+|engine|platform)\//.exec(path)?.[0];
  if (manifest !== undefined) own.add(`${manifest}package.json`);
}
for (const path of MANIFESTS) if (existsSync(join(ROOT, path))) own.add(path);

const inputs = [...own].sort().map((path) => {
  const { size, mtimeMs } = statSync(join(ROOT, path));
  return [
    path,
    size,
    mtimeMs,
    createHash('sha256')
      .update(readFileSync(join(ROOT, path)))
      .digest('hex'),
  ] as const;
});
mkdirSync(OUTPUT, { recursive: true });
const packages = output
  .flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
  .flatMap((id) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(id)?.[1] ?? []);
writeFileSync(
  join(OUTPUT, 'inputs.json'),
  JSON.stringify({ inputs, files: [...written], packages: [...new Set(packages)].sort() }),
);

for (const name of readdirSync(OUTPUT)) {
  const file = join(OUTPUT, name);
  if (!written.has(name) && name !== 'inputs.json' && Date.now() - statSync(file).mtimeMs > KEEP_MS)
    rmSync(file, { recursive: true });
}
const bytes = output.reduce((sum, file) => sum + (file.type === 'chunk' ? file.code.length : 0), 0);
console.log(`apps/cli/dist: ${inputs.length} sources, ${(bytes / 1e6).toFixed(1)} MB`);

async function build() {
  // Not there after `npm ci --omit=dev`.
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    cwd: ROOT,
    platform: 'node',
    input: {
      app: 'apps/cli/src/app.ts',
      index: 'apps/cli/src/index.ts',
      module: 'apps/cli/src/module.ts',
      'test-kit': 'apps/cli/src/test-kit.ts',
    },
    transform: { target: 'node24' },
    tsconfig: false,
    plugins: [addresses()],
  });
  const { output } = await bundle.write({
    dir: OUTPUT,
    format: 'esm',
    sourcemap: true,
    // Where the sources are, seen from the map, is enough: their text is beside it.
    sourcemapExcludeSources: true,
    chunkFileNames: '[name]-[hash].js',
    assetFileNames: '[name]-[hash][extname]',
  });
  await bundle.close();
  return output;
}
