/**
 * `npm run package`: the package `enhanced-csp` as others install it, in `build/package`: the bundle, declarations, templates, models. It stands alone: the
 * packages of the workspace are in the bundle, and of those from elsewhere only zod is a dependency, for the types of schemas.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { doorsOf, ownSpecifiers } from './package/own-specifiers.ts';
import { thirdPartyLicenses } from './package/third-party-licenses.ts';

const ROOT = join(import.meta.dirname, '..');
const OUTPUT = join(ROOT, 'build/package');
const DOORS = { '.': 'index', './module': 'module', './test-kit': 'test-kit' };

rmSync(OUTPUT, { recursive: true, force: true });
mkdirSync(OUTPUT, { recursive: true });
execFileSync(process.execPath, [join(ROOT, 'scripts/bundle.ts')], { stdio: 'inherit' });
declarations();

const inputs = JSON.parse(readFileSync(join(ROOT, 'apps/cli/dist/inputs.json'), 'utf8')) as {
  files: readonly string[];
  packages: readonly string[];
};
for (const name of inputs.files) cpSync(join(ROOT, 'apps/cli/dist', name), join(OUTPUT, 'dist', name));
for (const [from, to] of [
  ['apps/cli/bin', 'bin'],
  ['templates', 'templates'],
  ['models', 'models'],
  ['README.md', 'README.md'],
  ['LICENSE', 'LICENSE'],
] as const)
  cpSync(join(ROOT, from), join(OUTPUT, to), { recursive: true });
writeFileSync(join(OUTPUT, 'THIRD-PARTY-LICENSES'), thirdPartyLicenses(inputs.packages, ROOT));

const { name, version, description, license, type, bin, dependencies } = JSON.parse(
  readFileSync(join(ROOT, 'apps/cli/package.json'), 'utf8'),
);
const manifest = {
  name,
  version,
  description,
  license,
  type,
  engines: { node: '>=24' },
  bin,
  exports: Object.fromEntries(
    Object.entries(DOORS).map(([door, file]) => [
      door,
      { types: `./types/apps/cli/src/${file}.d.ts`, default: `./dist/${file}.js` },
    ]),
  ),
  dependencies: { zod: dependencies.zod },
};
writeFileSync(join(OUTPUT, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const files = globSync('**/*', { cwd: OUTPUT }).filter((path) => statSync(join(OUTPUT, path)).isFile());
const bytes = files.reduce((sum, path) => sum + statSync(join(OUTPUT, path)).size, 0);
console.log(`${dirname(OUTPUT)}/package: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB unpacked`);

/** What is reached through node_modules is not written; so the packages of the workspace are named by their files. */
function declarations(): void {
  const doors = doorsOf(ROOT);
  const project = join(ROOT, 'build/declarations.json');
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    emitDeclarationOnly: true,
    resolveJsonModule: true,
    rootDir: '..',
    outDir: './package/types',
    paths: Object.fromEntries([...doors].map(([name, file]) => [name, [`../${file}`]])),
  };
  const files = Object.values(DOORS).map((file) => `../apps/cli/src/${file}.ts`);
  writeFileSync(project, JSON.stringify({ extends: '../tsconfig.json', compilerOptions, include: [], files }));
  execFileSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', project], { stdio: 'inherit' });
  ownSpecifiers(join(OUTPUT, 'types'), doors);
}
