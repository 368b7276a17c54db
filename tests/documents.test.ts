/** Documents tell the truth: the paths and commands they name exist, folder READMEs stay short, and their programs run. */
import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ignored = /node_modules|^build\b|\/corpus\/|\/vectors\//;
const documents = globSync('**/*.md', { exclude: (path) => ignored.test(String(path)) }).filter(
  (path) => !ignored.test(path),
);
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };

/** Words in backquotes that read like a path of this repository. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/`((?:engine|platform|modules|apps|models|bench|tests|scripts|docs)\/[\w./-]+)`/g)].map(
    (match) => match[1]!,
  );
}

function commandsIn(text: string): string[] {
  return [...text.matchAll(/npm run ([\w:-]+)/g)].map((match) => match[1]!).filter((name) => !name.endsWith(':'));
}

/** Targets of links that are files here, without what stands behind `#`. */
function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\((?!\w+:|#)([^)\s#]+)/g)].map((match) => match[1]!);
}

describe('every document', () => {
  test('is found', () => {
    expect(documents).toEqual(
      expect.arrayContaining(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'CHANGELOG.md']),
    );
  });

  test.each(documents)('%s names only paths that exist', (document) => {
    const missing = pathsIn(readFileSync(document, 'utf8')).filter((path) => !existsSync(path));
    expect(missing).toEqual([]);
  });

  test.each(documents)('%s names only scripts that exist', (document) => {
    expect(commandsIn(readFileSync(document, 'utf8')).filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test.each(documents)('%s links only what exists', (document) => {
    const missing = linksIn(readFileSync(document, 'utf8')).filter(
      (path) => !existsSync(join(dirname(document), path)),
    );
    expect(missing).toEqual([]);
  });

  test('of docs is linked by the README, which is their list', () => {
    const linked = linksIn(readFileSync('README.md', 'utf8'));
    expect(globSync('docs/*.md').filter((page) => !linked.includes(page))).toEqual([]);
  });

  test('the readers of paths and commands find what is there', () => {
    expect(pathsIn('see `engine/src/csp/events.ts` and `x`')).toEqual(['engine/src/csp/events.ts']);
    expect(commandsIn('`npm run check` then npm run bench:start')).toEqual(['check', 'bench:start']);
    expect(linksIn('[a](../a.md#b), [c](https://c.org), [d](#e), [f](f/)')).toEqual(['../a.md', 'f/']);
  });
});

describe('folder READMEs', () => {
  const folders = documents.filter((path) => path.endsWith('/README.md') && !path.startsWith('docs/'));

  test.each(folders)('%s has at most ten lines', (path) => {
    const lines = readFileSync(path, 'utf8').trim().split('\n').length;
    expect(lines).toBeLessThanOrEqual(10);
  });

  test('stand in every package and every folder of the engine', () => {
    const wanted = [...globSync('{engine,platform}/package.json'), ...globSync('{modules,apps}/*/package.json')].map(
      dirname,
    );
    const inner = globSync('engine/src/*/index.ts').map(dirname);
    const missing = [...wanted, ...inner, 'models', 'bench', 'tests', 'scripts'].filter(
      (path) => !existsSync(join(path, 'README.md')),
    );
    expect(missing).toEqual([]);
  });
});

test.each(['README.md', 'docs/channels.md', 'docs/enforcement.md'])('the programs of %s run', (document) => {
  const programs = [...readFileSync(document, 'utf8').matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1]!);
  expect(programs.length).toBeGreaterThan(0);
  for (const program of programs) {
    const folder = mkdtempSync(join('tests', '.readme-'));
    try {
      writeFileSync(join(folder, 'program.ts'), program);
      const printed = execFileSync('node', [join(folder, 'program.ts')], { encoding: 'utf8' });
      const expected = [...program.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map((match) => match[1]!);
      expect(printed.trimEnd().split('\n')).toEqual(expected);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
});
