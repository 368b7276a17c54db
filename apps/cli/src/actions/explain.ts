/** The work of `csp explain`, loaded when the command is called. */
import { check, type Report } from '@enhanced-csp/engine';
import type { Flags } from '../commands/explain.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { story } from '../explain.ts';
import { includeFrom, readScript } from '../script-file.ts';
import { exitCodeOf, verdictLine } from './check.ts';

export function explainAssertion(this: Context, flags: Flags, file: string): void {
  const report = check(readScript(file), {
    file,
    include: includeFrom,
    now: () => performance.now(),
    ...(flags.assert !== undefined && { only: flags.assert - 1 }),
    ...(flags.timeout !== undefined && { timeoutMs: flags.timeout * 1000 }),
    ...(flags.maxStates !== undefined && { stateCountMax: flags.maxStates }),
  });
  const [first, ...others] = worthTelling(report);
  if (flags.json) this.print(JSON.stringify({ ...report, assertions: first === undefined ? [] : [first] }));
  else {
    for (const d of report.diagnostics)
      this.say(`${d.file}:${d.line}:${d.column}: ${d.severity} ${d.code} ${d.message}`);
    if (first !== undefined) {
      this.print(`${file}:${first.line}`);
      this.print(verdictLine(first, this.paint));
      if (first.counterexample) this.print(`\n${story(first, first.counterexample)}`);
    }
    const more = others.map((one) => report.assertions.indexOf(one) + 1);
    if (more.length > 0) this.say(this.paint.faint(`there are other counterexamples: --assert ${more.join(', ')}`));
  }
  const wrong = report.diagnostics.some(({ severity }) => severity === 'error');
  if (first === undefined && !wrong)
    throw new CommandFailed(
      EXIT.notFound,
      flags.assert === undefined ? `${file} asserts nothing` : `${file} has no assertion ${flags.assert}`,
    );
  this.end(exitCodeOf({ ...report, assertions: first === undefined ? [] : [first] }));
}

/** Assertions with a counterexample; or else the first. */
function worthTelling({ assertions }: Report): Report['assertions'] {
  const told = assertions.filter((assertion) => assertion.counterexample);
  return told.length > 0 ? told : assertions.slice(0, 1);
}
