/** The work of `csp check`, loaded when the command is called. */
import { check, type Report, type ReportedAssertion, type ReportedPrint } from '@enhanced-csp/engine';
import type { Flags } from '../commands/check.ts';
import type { Context, Paint } from '../context.ts';
import { CommandFailed, EXIT, type ExitCode } from '../exit-codes.ts';
import { explain } from '../explain.ts';
import { memoryBound } from '../memory-bound.ts';
import { progressLines } from '../progress-line.ts';
import { sarifOf } from '../sarif.ts';
import { includeFrom, readScript } from '../script-file.ts';

export function checkScript(this: Context, flags: Flags, file: string): void {
  const format = formatOf(flags);
  const source = readScript(file);
  const options = {
    file,
    include: includeFrom,
    now: () => performance.now(),
    dialect: flags.dialect,
    ...(flags.until && { until: flags.until }),
    ...(flags.timeout !== undefined && { timeoutMs: flags.timeout * 1000 }),
    ...(flags.maxStates !== undefined && { stateCountMax: flags.maxStates }),
    ...memoryBound(flags.maxMemory),
  };
  const lineOf = progressLines(options.now);
  const report = check(source, {
    ...options,
    onProgress: ({ text }, progress) => {
      const line = lineOf(text, progress);
      if (line !== undefined) this.progress(line);
    },
    ...(format === 'text' && {
      onPrinted: (print) => this.print(printLine(print, this.paint)),
      onDecided: (assertion) => this.print(verdictLine(assertion, this.paint)),
    }),
  });
  if (format === 'json') this.print(JSON.stringify(report));
  else if (format === 'sarif') this.print(JSON.stringify(sarifOf(report)));
  else {
    for (const d of report.diagnostics)
      this.say(`${d.file}:${d.line}:${d.column}: ${paintSeverity(d.severity, this.paint)} ${d.code} ${d.message}`);
    if (!flags.quiet) for (const text of explain(report)) this.print(`\n${text}`);
    this.say(this.paint.faint(summary(report)));
  }
  this.end(exitCodeOf(report));
}

/** `--format` says it, or `--json` and `--sarif` for short; they may not contradict each other. */
function formatOf({ json, sarif, format }: Flags): 'text' | 'json' | 'sarif' {
  const asked = new Set([
    ...(json ? ['json' as const] : []),
    ...(sarif ? ['sarif' as const] : []),
    ...(format ? [format] : []),
  ]);
  if (asked.size > 1) throw new CommandFailed(EXIT.usage, `one format at a time: ${[...asked].join(' or ')}?`);
  return [...asked][0] ?? 'text';
}

/** The worst that happened decides: a wrong script, then a failed property, then an undecided one. */
export function exitCodeOf(report: Report): ExitCode {
  const has = (verdict: ReportedAssertion['verdict']) => report.assertions.some((a) => a.verdict === verdict);
  const unprinted = report.prints?.some((print) => print.value === undefined) ?? false;
  if (report.diagnostics.some((d) => d.severity === 'error') || has('error') || unprinted) return EXIT.invalidInput;
  if (has('fails')) return EXIT.propertyFails;
  return has('unknown') ? EXIT.timedOut : EXIT.ok;
}

export function verdictLine(assertion: ReportedAssertion, paint: Paint): string {
  const verdict = {
    holds: paint.good('✓ holds  '),
    fails: paint.bad('✗ fails  '),
    unknown: paint.doubtful('? unknown'),
    error: paint.bad('! error  '),
  }[assertion.verdict];
  const effort = paint.faint(
    `${assertion.states.toLocaleString('en')} states, ${assertion.milliseconds.toFixed(0)} ms`,
  );
  const reason = assertion.reason === undefined ? '' : `\n    ${assertion.reason}`;
  const notes = (assertion.notes ?? []).map((note) => `\n    ${paint.faint(`note: ${note}`)}`).join('');
  return `${verdict}  ${assertion.text}  ${effort}${reason}${notes}`;
}

function printLine({ expression, value, reason }: ReportedPrint, paint: Paint): string {
  return value === undefined
    ? `${paint.bad('! print  ')}  ${expression}\n    ${reason}`
    : `${expression} ${paint.faint('=')} ${value}`;
}

function summary(report: Report): string {
  const count = (verdict: ReportedAssertion['verdict']) =>
    report.assertions.filter((a) => a.verdict === verdict).length;
  const errors = report.diagnostics.filter((d) => d.severity === 'error').length;
  const parts = [
    `${count('holds')} hold`,
    `${count('fails')} fail`,
    ...(count('unknown') ? [`${count('unknown')} undecided`] : []),
    ...(count('error') || errors ? [`${count('error') + errors} errors`] : []),
  ];
  return `${report.file}: ${parts.join(', ')}`;
}

function paintSeverity(severity: string, paint: Paint): string {
  return severity === 'error'
    ? paint.bad(severity)
    : severity === 'warning'
      ? paint.doubtful(severity)
      : paint.faint(severity);
}
