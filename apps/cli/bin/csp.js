#!/usr/bin/env node
// Plain JavaScript, so that an older Node can say what it lacks; and so that what is compiled once is kept for the next start.
import { existsSync, readFileSync, statSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

const [major] = process.versions.node.split('.');
if (Number(major) < 24) {
  process.stderr.write(
    `csp needs Node 24 or newer; this is ${process.versions.node}. In a checkout: npm ci, then npx csp\n`,
  );
  process.exit(2);
}
const home = fileURLToPath(new URL('..', import.meta.url));
const [first, ...rest] = process.argv.slice(2);
if (rest.length === 0 && (first === '--version' || first === '-v')) {
  // Scripts ask this often, and nothing else needs to be loaded for it.
  process.stdout.write(`${JSON.parse(readFileSync(`${home}package.json`, 'utf8')).version}\n`);
} else {
  module.enableCompileCache();
  // Whoever reads no more, as `head` does, has what was wanted.
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const bundled = isCurrent(home);
  if (bundled) showSourcePlaces(new URL('../dist/', import.meta.url).href);
  const { run } = await import(bundled ? '../dist/app.js' : '../src/app.ts');
  await run(process.argv.slice(2), process);
}

/** Whether there is a bundle, made from the sources as they are now. Where there are no sources, it is what there is. */
function isCurrent(folder) {
  if (!existsSync(`${folder}src/app.ts`)) return true;
  let inputs;
  try {
    ({ inputs } = JSON.parse(readFileSync(`${folder}dist/inputs.json`, 'utf8')));
  } catch {
    return false;
  }
  // Of another version of the bundler.
  if (!Array.isArray(inputs)) return false;
  const root = `${folder}../../`;
  return inputs.every(([path, size, modified, sha256]) => {
    const found = statSync(root + path, { throwIfNoEntry: false });
    if (found === undefined || found.size !== size) return false;
    // Copied or checked out anew: another time, and the same text.
    return found.mtimeMs === modified || sha256Of(readFileSync(root + path)) === sha256;
  });
}

/** Loaded only when it is asked for: it would be a tenth of the start of a command. */
function sha256Of(bytes) {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(bytes).digest('hex');
}

/**
 * Stacks name the lines of the sources. Node's own source maps are read with every file and cost 20 MB; these, when the first stack is written.
 */
function showSourcePlaces(folder) {
  const maps = new Map();
  const sourceOf = (frame) => {
    const file = frame.getFileName();
    if (!file?.startsWith(folder)) return undefined;
    if (!maps.has(file)) {
      try {
        maps.set(file, new module.SourceMap(JSON.parse(readFileSync(new URL(`${file}.map`), 'utf8'))));
      } catch {
        maps.set(file, undefined);
      }
    }
    const entry = maps.get(file)?.findEntry(frame.getLineNumber() - 1, frame.getColumnNumber() - 1);
    if (entry?.originalSource === undefined) return undefined;
    const { href } = new URL(entry.originalSource, file);
    return {
      from: `${file}:${frame.getLineNumber()}:${frame.getColumnNumber()}`,
      to: `${href}:${entry.originalLine + 1}:${entry.originalColumn + 1}`,
    };
  };
  Error.prepareStackTrace = (error, frames) => {
    const lines = frames.map((frame) => {
      const source = sourceOf(frame);
      const line = String(frame);
      return `\n    at ${source === undefined ? line : line.replace(source.from, source.to)}`;
    });
    return `${errorLine(error)}${lines.join('')}`;
  };
}

function errorLine(error) {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    return 'Error';
  }
}
