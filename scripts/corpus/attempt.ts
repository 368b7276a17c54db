/** One case of the corpus, decided. Runs in a process of its own, which is killed when it takes too long. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { check, load, type Report, type ReportedAssertion } from '@enhanced-csp/engine';
import {
  EvaluationFault,
  type IncludeLoader,
  parse,
  parseExpression,
  printScript,
  type Syntax,
} from '@enhanced-csp/engine/cspm';
import { parse as parseYaml } from 'yaml';
import type { Case, Expectation } from './cases.ts';
import { differs } from './expected-process.ts';

export interface Outcome {
  readonly kind: 'right' | 'wrong' | 'undecided' | 'crashed';
  /** Why it is not right, or what was decided where nothing is published. */
  readonly detail?: string;
  /** Verdict of the only assertion, for twins. */
  readonly holds?: boolean;
}

export const LIMIT_MS = 10_000;

export function attempt(subject: Case): Outcome {
  const { path, expectation } = subject;
  switch (expectation.kind) {
    case 'phase':
      return reaches(path, expectation);
    case 'assertion':
      return verdict(path, expectation.holds);
    case 'as commented':
      return asCommented(path);
    case 'problem':
      return problem(path);
    default:
      return expectation satisfies never;
  }
}

const include: IncludeLoader = (path, from) => {
  const file = resolve(dirname(from), path);
  return existsSync(file) ? { file, source: read(file) } : undefined;
};

/** Old scripts are windows-1252 where they are not ASCII. */
function read(file: string): string {
  const bytes = readFileSync(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

const checked = (file: string): Report =>
  check(read(file), { file, include, now: () => performance.now(), timeoutMs: LIMIT_MS * 0.8 });

function reaches(file: string, { phase, passes }: Extract<Expectation, { kind: 'phase' }>): Outcome {
  const wrong = errors(file, phase);
  const refused = wrong.find((error) => error.startsWith('CSP-EVL-013'));
  if (refused !== undefined) return { kind: 'undecided', detail: refused };
  if (passes === (wrong.length === 0)) return { kind: 'right' };
  return { kind: 'wrong', detail: passes ? wrong[0]! : 'no diagnostic' };
}

function errors(file: string, phase: Extract<Expectation, { kind: 'phase' }>['phase']): string[] {
  const source = read(file);
  const until = phase === 'print' || phase === 'parse' ? 'parse' : phase === 'eval' ? 'eval' : 'types';
  const { script, diagnostics, evaluation } = load(source, { file, include, until });
  const found = diagnostics
    .filter(({ severity }) => severity === 'error')
    .map(({ code, span, message }) => `${code} ${span.line}:${span.column} ${message}`);
  if (found.length > 0) return found;
  if (phase === 'print') {
    const printed = printScript(script);
    const again = parse(printed, { file, include });
    if (again.diagnostics.length > 0) return [`printed, it does not parse: ${again.diagnostics[0]!.message}`];
    return printScript(again.script) === printed ? [] : ['printed twice, it differs'];
  }
  if (evaluation === undefined || phase !== 'eval') return [];

  // libcspm evaluates what is called test… (a boolean) and procTest… (a process, which is as one of the texts beside the script says).
  for (const name of script.declarations.flatMap((d) => (d.kind === 'pattern' ? namesOf(d.pattern) : []))) {
    const expression = parseExpression(name, { file }).expression!;
    try {
      if (name.startsWith('procTest')) {
        const printed = expectedTexts(file, name);
        const difference = differs(source, { file, include }, name, printed);
        if (difference !== undefined) found.push(difference);
      } else if (name.startsWith('test')) {
        const value = String(evaluation.value(expression));
        if (value !== 'true') found.push(`${name} = ${value}`);
      }
    } catch (error) {
      if (!(error instanceof EvaluationFault)) throw error;
      found.push(`${error.diagnostic.code} ${error.message}`);
    }
  }
  return found;
}

/** `SCRIPT-NAME-expected.txt`, or several that end in a number. */
function expectedTexts(file: string, name: string): string[] {
  const stem = `${file.slice(0, -'.csp'.length)}-${name}-expected`;
  return ['', '1', '2', '3', '4']
    .map((n) => `${stem}${n}.txt`)
    .filter(existsSync)
    .map(read);
}

function namesOf(pattern: Syntax.Pattern): string[] {
  if (pattern.kind === 'name') return [pattern.name.parts.join('::')];
  if (pattern.kind === 'paren') return namesOf(pattern.inner);
  if ('elements' in pattern) return pattern.elements.flatMap(namesOf);
  return 'left' in pattern ? [...namesOf(pattern.left), ...namesOf(pattern.right)] : [];
}

function verdict(file: string, published: boolean | undefined): Outcome {
  const { diagnostics, assertions } = checked(file);
  const [only] = assertions;
  if (only === undefined) return { kind: 'wrong', detail: diagnostics[0]?.message ?? 'no assertion' };
  if (only.verdict === 'unknown' || only.verdict === 'error')
    return { kind: 'undecided', detail: only.reason ?? only.verdict };
  const holds = only.verdict === 'holds';
  if (published === undefined) return { kind: 'right', holds, detail: `${only.verdict}; nothing is published` };
  return { kind: holds === published ? 'right' : 'wrong', holds, ...(holds !== published && { detail: only.verdict }) };
}

/**
 * The last assertion of processj's set fails, though no comment says so: the specification begins with a choice of write and start_read, while the
 * implementation, equal to one that begins with write only, refuses start_read.
 */
const UNMARKED = 'GENERIC_CHANNEL(0, 1, 0) [FD= RESTRICTED_PJ_CHAN_SYSTEM(0, 1, 0, 1, <0,1>)';

function asCommented(file: string): Outcome {
  const { diagnostics, assertions } = checked(file);
  const error = diagnostics.find(({ severity }) => severity === 'error');
  if (error !== undefined) return { kind: 'wrong', detail: `${error.line}:${error.column} ${error.message}` };
  const lines = read(file).split(/\r?\n/);
  const published = ({ line, text }: ReportedAssertion) =>
    text === UNMARKED || /should fail/i.test(lines[line - 2] ?? '') ? 'fails' : 'holds';
  const decided = (a: ReportedAssertion) => a.verdict === 'holds' || a.verdict === 'fails';
  const wrong = assertions.find((a) => decided(a) && a.verdict !== published(a));
  if (wrong !== undefined) return { kind: 'wrong', detail: `${wrong.line}: ${wrong.text} ${wrong.verdict}` };
  const open = assertions.find((a) => !decided(a));
  return open === undefined ? { kind: 'right' } : { kind: 'undecided', detail: `${open.line}: ${open.reason}` };
}

/** cspx writes `eq: x` or plainly `x`. */
const plain = (value: unknown): unknown =>
  typeof value === 'object' && value !== null && 'eq' in value ? value.eq : value;

interface Expected {
  readonly status: unknown;
  readonly checks: readonly { readonly status: unknown }[];
}

function problem(folder: string): Outcome {
  const at = (name: string) => read(join(folder, name));
  const expected = parseYaml(at('expect.yaml')) as Expected;
  const { cmd } = (parseYaml(at('problem.yaml')) as { run: { cmd: string[] } }).run;
  const status = plain(expected.status);
  const source = cmd[1] === 'refine' ? joined(at('spec.cspm'), at('impl.cspm'), cmd[3]!) : at('model.cspm');
  const report = check(source, { file: folder, now: () => performance.now(), timeoutMs: LIMIT_MS * 0.8 });
  const error = report.diagnostics.find(({ severity }) => severity === 'error');
  if (cmd[1] === 'typecheck')
    return (status === 'pass') === (error === undefined)
      ? { kind: 'right' }
      : { kind: 'wrong', detail: error?.message ?? 'no diagnostic' };
  if (error !== undefined) return { kind: 'wrong', detail: error.message };
  const decided = subjects(report, cmd);
  if (decided.some((a) => a.verdict === 'unknown' || a.verdict === 'error'))
    return { kind: 'undecided', detail: decided[0]?.reason ?? '' };
  const verdicts = decided.map((a) => (a.verdict === 'holds' ? 'pass' : 'fail')).join(' ');
  if (status !== 'pass' && status !== 'fail') return { kind: 'right', detail: `${verdicts}; cspx does not decide it` };
  const published = expected.checks.map((c) => plain(c.status)).join(' ');
  return verdicts === published ? { kind: 'right' } : { kind: 'wrong', detail: `${verdicts}, published ${published}` };
}

/** cspx refines across two files; CSPM says it in one. */
function joined(specification: string, implementation: string, model: string): string {
  const own = implementation.split('\n').filter((line) => !specification.includes(line) || line.trim() === '');
  return `${specification}\n${own.join('\n')}\nassert SPEC [${model}= IMPL\n`;
}

/** The assertions that the command of a problem is about. */
function subjects({ assertions }: Report, command: readonly string[]): readonly ReportedAssertion[] {
  if (!command.includes('--assert')) return assertions;
  const property = command[command.indexOf('--assert') + 1]!;
  return assertions.filter((a) => a.text.includes(property)).slice(-1);
}
