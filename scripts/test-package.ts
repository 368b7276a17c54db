/**
 * `npm run test:package`: the package as somebody else has it. Packed, unpacked in a folder of its own with nothing of the workspace near, and used: the
 * command, the library, and a module that `csp init` writes, type-checked against the declarations and run by its own tests.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'csp-package-'));
try {
  execFileSync(process.execPath, [join(ROOT, 'scripts/package.ts')], { stdio: 'inherit' });
  execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: join(ROOT, 'build/package'), stdio: 'pipe' });
  const installed = join(folder, 'node_modules/enhanced-csp');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, 'enhanced-csp-0.1.0.tgz'), '-C', installed, '--strip-components', '1']);
  // What npm would install beside it.
  mkdirSync(join(folder, 'node_modules/@types'));
  for (const name of ['zod', 'typescript', '@types/node', 'undici-types', '@typescript'])
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));

  const run = (command: string, args: readonly string[], cwd = folder) =>
    execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const csp = (...args: readonly string[]) => run(process.execPath, [join(installed, 'bin/csp.js'), ...args]);

  assert.equal(csp('--version').trim(), '0.1.0');
  assert.match(csp('check', join(installed, 'models/philosophers.csp'), '--quiet'), /deadlock/);
  said('the command');

  writeFileSync(
    join(folder, 'library.mjs'),
    "import { check } from 'enhanced-csp'; console.log(check('channel a\\nP = a -> P\\nassert P :[deadlock free]').assertions[0].verdict);",
  );
  assert.equal(run(process.execPath, ['library.mjs']).trim(), 'holds');
  said('the library');

  csp('init', '--template', 'module', 'greeter');
  run(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'greeter']);
  writeFileSync(
    join(folder, 'greeter/wrong.ts'),
    "import { defineModule } from 'enhanced-csp/module';\nexport const wrong = defineModule({ name: 'wrong', needs: ['stroe'] });\n",
  );
  assert.throws(
    () =>
      execFileSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'greeter'], {
        cwd: folder,
        stdio: 'pipe',
      }),
    (error: { stdout: Buffer }) => String(error.stdout).includes('stroe'),
  );
  rmSync(join(folder, 'greeter/wrong.ts'));
  said('a module of others, against the declarations; a wrong one is refused');

  run(process.execPath, ['--test'], join(folder, 'greeter'));
  said('its own tests');

  writeFileSync(join(folder, 'csp.yaml'), 'port: 0\nmodules: [./greeter]\n');
  const server = spawn(process.execPath, [join(installed, 'bin/csp.js'), 'start'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('no platform within half a minute')), 30_000);
      let shown = '';
      server.stdout.on('data', (bytes: Buffer) => {
        shown += bytes.toString();
        const found = /http:\S+/.exec(shown)?.[0];
        if (found === undefined) return;
        clearTimeout(late);
        resolve(found);
      });
    });
    for (const path of ['/health', '/api/greetings', '/schema.graphql'])
      assert.equal((await fetch(url + path)).status, 200);
    const made = await fetch(`${url}/api/protocols`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'p', source: 'channel a\nP = a -> P\nassert P :[deadlock free]' }),
    });
    assert.equal(made.status, 201);
  } finally {
    server.kill('SIGTERM');
    await new Promise((resolve) => server.once('exit', resolve));
  }
  said('the platform with it: REST, GraphQL, the checking process');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function said(what: string): void {
  console.log(`✓ ${what}`);
}
