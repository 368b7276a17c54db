/** The scripts of a corpus, each with what is published about it. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** How far a script of libcspm's tests must come, or which assertions must have which verdict. */
export type Expectation =
  | {
      readonly kind: 'phase';
      readonly phase: 'parse' | 'desugar' | 'types' | 'eval' | 'print';
      readonly passes: boolean;
    }
  /** The only assertion of the script; undefined: nobody knows. */
  | { readonly kind: 'assertion'; readonly holds: boolean | undefined }
  /** Every assertion holds but those below a comment `-- Should fail`, and those known to fail by argument. */
  | { readonly kind: 'as commented' }
  /** A problem of cspx: a folder with its own file of expectations. */
  | { readonly kind: 'problem' };

export interface Case {
  readonly class: string;
  readonly path: string;
  readonly expectation: Expectation;
  /** Scripts of the same twin mean the same: their verdicts must agree. */
  readonly twin?: string;
}

const PHASES = {
  parser: 'parse',
  prettyprinter: 'print',
  desugar: 'desugar',
  typechecker: 'types',
  evaluator: 'eval',
} as const;

/** Every case below `root`, which holds one folder a set and, where verdicts are not in the names of folders, `INDEX.tsv`. */
export function casesOf(root: string): readonly Case[] {
  const rows = existsSync(join(root, 'INDEX.tsv')) ? table(join(root, 'INDEX.tsv')) : [];
  const support = new Set(rows.filter((row) => row.expected.includes('support file')).map((row) => row.path));
  return [
    ...libcspm(root, support),
    ...problems(root),
    ...rows.flatMap((row) => (support.has(row.path) ? [] : indexed(root, row))),
  ];
}

/** libcspm says what it expects by folders: `typechecker/should_fail`. */
function libcspm(root: string, support: ReadonlySet<string>): Case[] {
  const tests = [join(root, 'libcspm/tests'), join(root, 'libcspm')].find((folder) =>
    existsSync(join(folder, 'parser')),
  );
  if (tests === undefined) return [];
  return globSync('*/should_*/*.csp', { cwd: tests })
    .sort()
    .filter((path) => !support.has(`tests/${path}`))
    .map((path) => {
      const [part, outcome] = path.split('/') as [keyof typeof PHASES, string];
      const expectation = { kind: 'phase', phase: PHASES[part], passes: outcome === 'should_pass' } as const;
      return { class: `libcspm ${part} ${outcome}`, path: join(tests, path), expectation };
    });
}

function problems(root: string): Case[] {
  const folder = join(root, 'cspx/problems');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((name) => ({ class: 'cspx problems', path: join(folder, name), expectation: { kind: 'problem' } }));
}

function indexed(root: string, { origin, path, expected }: Row): Case[] {
  const set = origin.split('/')[1];
  if (set === 'cspm-examples') {
    const [, part = '', name = ''] = path.split('/');
    const holds = expected === 'PASS' ? true : expected === 'FAIL' ? false : undefined;
    const expectation: Expectation = { kind: 'assertion', holds };
    const twin = part === 'manual_tests' ? {} : { twin: name.replace('.csp', '') };
    return [{ class: `wittiger ${part.replace('_', ' ')}`, path: join(root, 'wittiger', path), expectation, ...twin }];
  }
  if (set === 'tyger') {
    // What tyger prints is a library in parts: several names it uses are defined in no file of the set, so only its syntax is asked for.
    const accepted = expected === 'accept';
    const expectation = { kind: 'phase', phase: accepted ? 'parse' : 'types', passes: accepted } as const;
    return [{ class: `tyger ${accepted ? 'CSPM' : 'not CSPM'}`, path: join(root, 'tyger', path), expectation }];
  }
  if (set === 'processj-csp') {
    // `alt-spec.csp` is a part as well: no file of the set defines its Processes.
    const whole: Expectation = { kind: 'as commented' };
    const part: Expectation = { kind: 'phase', phase: 'parse', passes: true };
    const expectation = path === 'alt-spec.csp' ? part : whole;
    return [{ class: 'processj', path: join(root, 'processj', path), expectation }];
  }
  return [];
}

interface Row {
  readonly origin: string;
  readonly path: string;
  readonly expected: string;
}

function table(file: string): Row[] {
  const [, ...lines] = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [origin = '', path = '', , , , expected = ''] = line.split('\t');
    return { origin, path, expected };
  });
}
