/** A copy of the engine with its tests, in which a file can be broken. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Mutant } from '../../tests/mutants/mutants.ts';

/** By what paths in the engine begin with, the longest counts: the tests that are asked first. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  csp: ['engine/src/csp/transitions.test.ts', 'tests/laws/'],
  lts: [
    'engine/src/lts/normalize.test.ts',
    'engine/src/lts/projection.test.ts',
    'engine/src/lts/compile.test.ts',
    'engine/src/lts/formats/',
    'engine/src/lts/compress/',
    'engine/src/deadline.test.ts',
  ],
  refine: ['engine/src/refine/'],
  runtime: ['session', 'quiescence', 'enforcement', 'converse'].map((name) => `engine/src/runtime/${name}.test.ts`),
  'runtime/durable': ['engine/src/runtime/durable/', 'tests/faults/'],
  'runtime/supervision': ['engine/src/runtime/supervision/', 'tests/faults/'],
  audit: ['engine/src/audit/audit.test.ts'],
  'realizability.ts': ['engine/src/realizability.test.ts'],
  'restart-groups.ts': ['engine/src/restart-groups.test.ts'],
};
const ALL = [
  ...Object.values(BESIDE).flat(),
  'engine/src/check.test.ts',
  'engine/src/shrink.test.ts',
  'tests/reference/denotation.test.ts',
  'tests/reference/fuzz.test.ts',
];

/** A run that takes longer hangs, and that is noticed too. Seconds. */
const PATIENCE = 300;

export class Copy {
  readonly #root = mkdtempSync(join(tmpdir(), 'mutants-'));

  constructor() {
    for (const path of [
      'engine',
      'tests/laws',
      'tests/reference',
      'tests/faults',
      'models',
      'package.json',
      'vitest.config.ts',
    ])
      cpSync(path, join(this.#root, path), { recursive: true });
    const modules = join(this.#root, 'node_modules');
    mkdirSync(join(modules, '@enhanced-csp'), { recursive: true });
    symlinkSync(join(this.#root, 'engine'), join(modules, '@enhanced-csp/engine'));
    for (const name of readdirSync('node_modules'))
      if (!name.includes('enhanced-csp')) symlinkSync(resolve('node_modules', name), join(modules, name));
  }

  /** False: the source has changed, and the mutant means nothing any more. */
  patch({ file, find, replace }: Mutant): boolean {
    const source = readFileSync(join('engine/src', file), 'utf8');
    if (source.split(find).length !== 2) return false;
    writeFileSync(
      join(this.#root, 'engine/src', file),
      source.replace(find, () => replace),
    );
    return true;
  }

  restore({ file }: Mutant): void {
    cpSync(join('engine/src', file), join(this.#root, 'engine/src', file));
  }

  /** The first test that fails, of those beside `file` or else of all; undefined when all pass. */
  firstFailure(file: string): string | undefined {
    const [longest = ''] = Object.keys(BESIDE)
      .filter((path) => file.startsWith(path))
      .sort((a, b) => b.length - a.length);
    const beside = BESIDE[longest];
    return (beside && this.#run(beside)) ?? this.#run(ALL);
  }

  #run(tests: readonly string[]): string | undefined {
    const vitest = join(this.#root, 'node_modules/.bin/vitest');
    const report = join(this.#root, 'report.json');
    const options = ['run', ...tests, '--bail=1', '--reporter=json', `--outputFile=${report}`, '--maxWorkers=1'];
    const { stderr, status } = spawnSync(vitest, options, {
      cwd: this.#root,
      encoding: 'utf8',
      timeout: PATIENCE * 1_000,
      killSignal: 'SIGKILL',
      maxBuffer: 2 ** 28,
    });
    if (status === 0) return undefined;
    if (status === null) return `${tests.join(' ')}: no end after ${PATIENCE} s`;
    if (!existsSync(report)) throw new Error(`the tests do not run: ${stderr}`);
    const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Results;
    rmSync(report);
    for (const { name, assertionResults, message } of testResults) {
      const failed = assertionResults.find((result) => result.status === 'failed');
      const path = name.slice(this.#root.length + 1);
      if (failed !== undefined) return `${path}: ${failed.fullName}`;
      if (message !== '' && assertionResults.length === 0) return `${path}: ${message.split('\n')[0]}`;
    }
    throw new Error(`the tests fail, but none of them: ${stderr}`);
  }

  remove(): void {
    rmSync(this.#root, { recursive: true });
  }
}

interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}
