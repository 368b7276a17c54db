/** The script that runs a corpus: right on the sample in this folder, and not on one whose verdicts are turned around. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';

interface Line {
  readonly class: string;
  readonly script: string;
  readonly kind: string;
  readonly detail?: string;
}

function corpus(root: string, ...options: string[]): { lines: Line[]; status: number | null } {
  const args = ['scripts/corpus.ts', '--root', root, '--json', ...options];
  const { stdout, status } = spawnSync('node', args, { encoding: 'utf8' });
  const lines = stdout.trim().split('\n').filter((line) => line !== '');
  return { lines: lines.map((line) => JSON.parse(line) as Line), status };
}

test('the sample: nothing wrong, nothing crashes', () => {
  const { lines, status } = corpus('tests/corpus');
  expect(lines.filter(({ kind }) => kind === 'wrong' || kind === 'crashed')).toEqual([]);
  expect(lines.length).toBeGreaterThan(200);
  expect(status).toBe(0);
});

test('scripts in the wrong folder, a wrong verdict, twins that differ', () => {
  const root = mkdtempSync(join(tmpdir(), 'corpus-'));
  try {
    const tests = join(root, 'libcspm/tests');
    cpSync('tests/corpus/libcspm/typechecker/should_pass', join(tests, 'typechecker/should_fail'), { recursive: true });
    cpSync('tests/corpus/libcspm/parser/should_fail', join(tests, 'parser/should_pass'), { recursive: true });
    const files = join(root, 'wittiger/csp-m-files');
    const script = (path: string, assertion: string) => {
      mkdirSync(join(files, path, '..'), { recursive: true });
      writeFileSync(join(files, path), `channel a, b\nP = a -> P\nQ = b -> Q\nassert ${assertion}\n`);
    };
    script('generated/r1.csp', 'P [T= P');
    script('compressed/r1/o.csp', 'P [T= Q');
    script('manual_tests/m.csp', 'P [T= Q');
    script('manual_tests/n.csp', 'P [T= Q');
    const row = (path: string, expected: string) =>
      `wittiger/cspm-examples\tcsp-m-files/${path}\tcommit\tMIT\tassert\t${expected}\tsource`;
    const rows = [
      row('generated/r1.csp', '?'),
      row('compressed/r1/o.csp', '?'),
      row('manual_tests/m.csp', 'PASS'),
      row('manual_tests/n.csp', 'FAIL'),
    ];
    writeFileSync(join(root, 'INDEX.tsv'), `${['head', ...rows].join('\n')}\n`);

    const { lines, status } = corpus(root);
    expect(status).toBe(1);
    expect(lines.filter(({ class: set, kind }) => set.startsWith('libcspm') && kind !== 'wrong')).toEqual([]);
    expect(lines.filter(({ class: set }) => set.startsWith('wittiger')).map(({ kind }) => kind)).toEqual([
      'wrong',
      'wrong',
      'wrong',
      'right',
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test('a process is compared with the equations that are expected, whatever they are called', () => {
  const root = mkdtempSync(join(tmpdir(), 'corpus-'));
  try {
    const folder = join(root, 'libcspm/tests/evaluator/should_pass');
    mkdirSync(folder, { recursive: true });
    mkdirSync(join(root, 'libcspm/tests/parser'));
    const subject = (name: string, ...expected: string[]) => {
      writeFileSync(join(folder, `${name}.csp`), 'channel c : {0..1}\nP(x) = c.x -> P(1-x)\nprocTest1 = P(0) ||| P(1)\n');
      expected.forEach((text, i) => {
        writeFileSync(join(folder, `${name}-procTest1-expected${i === 0 ? '' : i}.txt`), text);
      });
    };
    const equations = (zero: string, one: string, main: string) =>
      `L(0)::Q = ${zero}\n\nL(1)::Q =\n    ${one}\n\nprocTest1 = ${main}\n\nprocTest1`;
    const right = equations('c.0 -> L(1)::Q', 'c.1 -> L(0)::Q', 'L(1)::Q ||| L(0)::Q');
    subject('right', right);
    subject('second', equations('c.0 -> STOP', 'c.1 -> STOP', 'STOP'), right);
    subject('event', equations('c.0 -> L(1)::Q', 'c.0 -> L(0)::Q', 'L(1)::Q ||| L(0)::Q'));
    subject('operator', equations('c.0 -> L(1)::Q', 'c.1 -> L(0)::Q', 'L(1)::Q [] L(0)::Q'));
    subject('target', equations('c.0 -> L(0)::Q', 'c.1 -> L(0)::Q', 'L(1)::Q ||| L(0)::Q'));
    const kinds = Object.fromEntries(corpus(root).lines.map(({ script, kind }) => [basename(script, '.csp'), kind]));
    expect(kinds).toEqual({
      right: 'right',
      second: 'right',
      event: 'wrong',
      operator: 'wrong',
      target: 'wrong',
    });
  } finally {
    rmSync(root, { recursive: true });
  }
});
