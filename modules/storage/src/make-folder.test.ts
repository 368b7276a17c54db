import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { makeFolder } from './make-folder.ts';

const made: string[] = [];
afterEach(() => {
  for (const one of made.splice(0)) rmSync(one, { recursive: true, force: true });
});
function temporary(): string {
  made.push(mkdtempSync(join(tmpdir(), 'csp-folder-')));
  return made.at(-1)!;
}

test('all that is missing is made, with its mode, and the uppermost is told', () => {
  const root = temporary();
  const folder = join(root, 'a', 'b', 'c');
  expect(makeFolder(folder, 0o700)).toBe(join(root, 'a'));
  for (const one of ['a', 'a/b', 'a/b/c']) expect(statSync(join(root, one)).mode & 0o777).toBe(0o700);
  expect(makeFolder(folder), 'all of it is there').toBe(undefined);
});

test('a file in the way, and a link that leads nowhere, are the errors of the system', () => {
  const root = temporary();
  writeFileSync(join(root, 'file'), '');
  symlinkSync(join(root, 'nowhere', 'else'), join(root, 'link'));
  expect(() => makeFolder(join(root, 'file'))).toThrow('EEXIST');
  expect(() => makeFolder(join(root, 'file', 'below'))).toThrow('ENOTDIR');
  expect(() => makeFolder(join(root, 'link'))).toThrow('EEXIST');
  expect(existsSync(join(root, 'nowhere'))).toBe(false);
});

// In a process of its own: one that hangs cannot be ended from inside.
test('where nothing can be made it ends, with the error of the system', () => {
  const module = pathToFileURL(join(import.meta.dirname, 'make-folder.ts')).href;
  const script = `import { makeFolder } from ${JSON.stringify(module)}; try { makeFolder('/proc/x/y') } catch (cause) { console.log(cause.code) }`;
  const ran = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 30_000 });
  // ENOENT on Linux; elsewhere there is no /proc, and it cannot be made.
  expect(ran).toMatchObject({ status: 0, stdout: expect.stringMatching(/^E[A-Z]+\n$/) });
});
