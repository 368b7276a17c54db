/**
 * Examining a script: its diagnostics, the verdicts of its assertions and of the obligations put on it, and the table of its behavior.
 * An ordinary function; the worker calls it, and so do tests.
 */
import {
  becauseOf,
  check,
  conversationOf,
  load,
  openProtocol,
  partsOf,
  type ReportedAssertion,
  type ReportedDiagnostic,
  reported,
  sentenceOf,
  withObligations,
} from '@enhanced-csp/engine';
import { EvaluationFault } from '@enhanced-csp/engine/cspm';
import { type BehaviorTable, LimitReached, TRANSITION_COUNT_MAX, tableOf } from '@enhanced-csp/engine/lts';

/** What is performed, where that says more than the system shows. */
export interface Enforced {
  /** Definitions and assertions, put after the source: by them it is the system that is performed. */
  readonly script: string;
  /** The process whose table is made. */
  readonly system: string;
}

export interface Job {
  /** Name shown in diagnostics. */
  readonly file: string;
  readonly source: string;
  /** Default: what the script says in its `--@ conversation` line. */
  readonly system?: string;
  readonly roles?: readonly string[];
  /** `load`: diagnostics only. `verify`: verdicts and table too. */
  readonly until: 'load' | 'verify';
  /** What must hold of the system besides the script's own assertions: `:[divergence free]`. Default: what every conversation must be. */
  readonly obligations?: readonly string[];
  /** Default: the system itself is performed. */
  readonly enforced?: Enforced;
  readonly timeoutMs: number;
  readonly stateCountMax: number;
}

export interface JudgedAssertion extends ReportedAssertion {
  /** Required of every script of its kind, and not stated by the script itself. */
  readonly obligation: boolean;
  /** The counterexample in sentences: what is wrong, then why. */
  readonly explanation?: readonly string[];
}

export interface Examination {
  readonly wellFormed: boolean;
  readonly diagnostics: readonly ReportedDiagnostic[];
  readonly system: string | undefined;
  readonly roles: readonly string[];
  /** `unknown` also when verification was not asked for. */
  readonly verdict: 'holds' | 'fails' | 'unknown';
  readonly assertions: readonly JudgedAssertion[];
  /** Why the verdict is unknown. */
  readonly reason?: string;
  /** Only when the verdict is `holds`. */
  readonly table?: BehaviorTable;
}

/** How much memory is in use, and how much may be: beyond, a verdict is unknown. */
export interface Memory {
  readonly byteCount: () => number;
  readonly byteCountMax: number;
}

export function examine(job: Job, now: () => number, memory?: Memory): Examination {
  const declared = conversationOf(job.source);
  const base = { system: job.system ?? declared?.system, roles: job.roles ?? declared?.roles ?? [] };
  const { evaluation, diagnostics } = load(job.source, { file: job.file });
  const loaded = { ...base, assertions: [], verdict: 'unknown' as const, diagnostics: diagnostics.map(reported) };
  if (evaluation === undefined) return { ...loaded, wellFormed: false };
  const parts = partsOf(job, evaluation, job.file);
  if ('severity' in parts)
    return { ...loaded, wellFormed: false, diagnostics: [...loaded.diagnostics, reported(parts)] };
  if (job.until === 'load') return { ...loaded, wellFormed: true };
  return verify(job, parts.system, parts.roles, now, memory);
}

function verify(
  job: Job,
  system: string,
  roles: readonly string[],
  now: () => number,
  memory: Memory | undefined,
): Examination {
  const { file, timeoutMs, stateCountMax, enforced } = job;
  const started = now();
  const lineCount = job.source.trimEnd().split('\n').length;
  const source = enforced === undefined ? job.source : [job.source.trimEnd(), enforced.script].join('\n');
  const report = check(withObligations(source, system, job.obligations), {
    file,
    now,
    timeoutMs,
    stateCountMax,
    ...memory,
  });
  const assertions = report.assertions.map(
    (one): JudgedAssertion => ({
      ...one,
      obligation: one.line > lineCount,
      ...(one.counterexample && { explanation: [sentenceOf(one), ...becauseOf(one.counterexample)] }),
    }),
  );
  const wellFormed = !report.diagnostics.some(({ severity }) => severity === 'error');
  const examination = { system, roles, wellFormed, diagnostics: report.diagnostics, assertions };
  const failing = assertions.find(({ verdict }) => verdict === 'fails' || verdict === 'error');
  if (!wellFormed || failing !== undefined) return { ...examination, verdict: 'fails' };
  const open = assertions.find(({ verdict }) => verdict === 'unknown');
  if (open !== undefined) return { ...examination, verdict: 'unknown', reason: open.reason ?? 'not decided' };

  const stopped = (): boolean => now() - started >= timeoutMs;
  try {
    const performed = { source, system: enforced?.system ?? system, roles };
    const opened = openProtocol(performed, { file, explore: { stopped, stateCountMax, ...memory } });
    if (opened.kind === 'ill-formed')
      return { ...examination, wellFormed: false, diagnostics: opened.diagnostics.map(reported), verdict: 'fails' };
    const table = tableOf(opened.protocol.normalForm);
    if (table !== undefined) return { ...examination, verdict: 'holds', table };
    return {
      ...examination,
      verdict: 'unknown',
      reason: `its table has more than ${TRANSITION_COUNT_MAX} transitions`,
    };
  } catch (error) {
    if (error instanceof LimitReached)
      return { ...examination, verdict: 'unknown', reason: `stopped: the limit on ${error.spent} was reached` };
    if (error instanceof EvaluationFault)
      return {
        ...examination,
        verdict: 'fails',
        diagnostics: [...examination.diagnostics, reported(error.diagnostic)],
      };
    throw error;
  }
}
