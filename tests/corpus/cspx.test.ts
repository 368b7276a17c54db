/** The problems of cspx: published verdicts, reasons, and lengths of minimal counterexamples. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, type Report, type ReportedAssertion } from '@enhanced-csp/engine';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';

const FOLDER = 'tests/corpus/cspx/problems';
const problems = readdirSync(FOLDER);
const now = () => performance.now();

/** cspx writes `eq: x` or plainly `x`. */
const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'eq' in value ? value.eq : value;

interface Expected {
  readonly status: 'pass' | 'fail' | 'error' | undefined;
  readonly checks: readonly {
    readonly model?: unknown;
    readonly status: unknown;
    readonly counterexample?: Record<string, unknown>;
  }[];
}

function read(problem: string): { expected: Expected; command: readonly string[]; report: Report } {
  const at = (name: string) => readFileSync(join(FOLDER, problem, name), 'utf8');
  const { checks, status } = parseYaml(at('expect.yaml')) as { checks: Expected['checks']; status: unknown };
  const command = (parseYaml(at('problem.yaml')) as { run: { cmd: string[] } }).run.cmd;
  const source = command[1] === 'refine' ? joined(at('spec.cspm'), at('impl.cspm'), command[3]!) : at('model.cspm');
  return {
    expected: { status: plain(status) as Expected['status'], checks },
    command,
    report: check(source, { file: problem, now }),
  };
}

/** cspx refines across two files; CSPM says it in one. */
function joined(specification: string, implementation: string, model: string): string {
  const own = implementation.split('\n').filter((line) => !specification.includes(line) || line.trim() === '');
  return `${specification}\n${own.join('\n')}\nassert SPEC [${model}= IMPL\n`;
}

/** The assertions that the command of the problem is about. */
function subject(report: Report, command: readonly string[]): readonly ReportedAssertion[] {
  const property = command[command.indexOf('--assert') + 1];
  if (!command.includes('--assert')) return report.assertions;
  return report.assertions.filter((a) => a.text.includes(property!)).slice(-1);
}

/** cspx counts the internal steps of a divergence in its trace. */
const lengthOf = ({ trace, loop }: NonNullable<ReportedAssertion['counterexample']>): number =>
  trace.length + (loop?.length ?? 0);

test('all seventeen are here', () => {
  expect(problems).toHaveLength(17);
});

describe.each(problems.filter((problem) => !problem.startsWith('P906')))('%s', (problem) => {
  const { expected, command, report } = read(problem);

  if (command[1] === 'typecheck') {
    test(`the script is ${expected.status === 'pass' ? 'well-formed' : 'refused'}`, () => {
      expect(report.diagnostics.some((d) => d.severity === 'error')).toBe(expected.status !== 'pass');
    });
    return;
  }

  test('verdicts', () => {
    expect(report.diagnostics.filter((d) => d.severity === 'error')).toEqual([]);
    const verdicts = subject(report, command).map((a) => (a.verdict === 'holds' ? 'pass' : 'fail'));
    expect(verdicts).toEqual(expected.checks.map((c) => plain(c.status)));
  });

  test('counterexamples', () => {
    for (const [index, assertion] of subject(report, command).entries()) {
      const wanted = expected.checks[index]?.counterexample;
      if (wanted?.present === false) expect(assertion.counterexample).toBeUndefined();
      if (wanted?.trace_len !== undefined) expect(lengthOf(assertion.counterexample!)).toBe(plain(wanted.trace_len));
      const tags = (wanted?.tags as { contains?: string[] } | undefined)?.contains ?? [];
      const kind = assertion.counterexample?.kind;
      if (tags.includes('deadlock')) expect(kind).toBe('deadlock');
      if (tags.includes('divergence')) expect(kind).toBe('divergence');
      if (tags.includes('nondeterminism')) expect(kind).toBe('nondeterminism');
      if (tags.includes('refusal_mismatch')) expect(kind).toBe('refusal');
    }
  });
});

test('P906, which cspx does not decide: the implementation diverges, so it does not refine STOP in FD', () => {
  const { report } = read('P906_fd_refine_divergence_bench');
  expect(report.assertions.map((a) => [a.verdict, a.counterexample?.kind])).toEqual([['fails', 'divergence']]);
});
