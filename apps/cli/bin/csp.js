#!/usr/bin/env node
// Plain JavaScript, so that an older Node can say what it lacks; and so that what is compiled once is kept for the next start.
import module from 'node:module';

const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `csp needs Node 24 or newer; this is ${process.versions.node}. In a checkout: npm ci, then npx csp\n`,
  );
  process.exit(2);
}
module.enableCompileCache();
const { run } = await import('../src/app.ts');
await run(process.argv.slice(2), process);
