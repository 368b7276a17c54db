/**
 * The kernels, compiled: writes the modules that hold their binaries, or says which of them are not what their source gives.
 *
 *   npm run kernels [-- --check]
 *
 * The engine needs no build, so the binaries are part of the tree. The compiler is pinned: the same source gives the same bytes. Exit code 1 when one differs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KERNELS = [{ source: 'kernels/word-space/word-space.ts', module: 'engine/src/lts/word-space-binary.ts' }];
const OPTIONS = ['-O3', '--noAssert', '--runtime', 'stub', '--memoryBase', '1024'];
const LINE = 140;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
try {
  for (const { source, module } of KERNELS) {
    const made = compiled(source);
    const held = readFileSync(join(root, module), { encoding: 'utf8', flag: 'a+' });
    if (process.argv.includes('--check')) {
      if (held !== made) {
        console.error(`${module} is not what ${source} gives: npm run kernels`);
        process.exitCode = 1;
      }
    } else if (held !== made) writeFileSync(join(root, module), made);
  }
} finally {
  rmSync(folder, { recursive: true });
}

function compiled(source: string): string {
  const binary = join(folder, 'kernel.wasm');
  const compiler = fileURLToPath(import.meta.resolve('assemblyscript/bin/asc.js'));
  execFileSync(process.execPath, [compiler, source, ...OPTIONS, '-o', binary], { cwd: root, stdio: 'inherit' });
  const lines = readFileSync(binary)
    .toString('base64')
    .match(new RegExp(`.{1,${LINE}}`, 'g'))!;
  return `/** ${source}, compiled by scripts/kernels.ts: a WebAssembly module in base64. */\nexport const WORD_SPACE = \`\n${lines.join('\n')}\n\`;\n`;
}
