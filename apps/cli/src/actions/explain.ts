/** The work of `csp explain`, loaded when the command is called. */
import { check, type Report, type ReportedShrunk, shrinkData } from '@enhanced-csp/engine';
import type { Flags } from '../commands/explain.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { story } from '../explain.ts';
import { includeFrom, readScript } from '../script-file.ts';
import { exitCodeOf, verdictLine } from './check.ts';

export function explainAssertion(this: Context, flags: Flags, file: string): void {
  const source = readScript(file);
  const options = {
    file,
    include: includeFrom,
    now: () => performance.now(),
    ...(flags.timeout !== undefined && { timeoutMs: flags.timeout * 1000 }),
    ...(flags.maxStates !== undefined && { stateCountMax: flags.maxStates }),
  };
  const report = check(source, { ...options, ...(flags.assert !== undefined && { only: flags.assert - 1 }) });
  const [found, ...others] = worthTelling(report);
  const only = flags.assert === undefined ? report.assertions.indexOf(found!) : flags.assert - 1;
  const shrunk = flags.shrink && found?.counterexample ? shrinkData(source, { ...options, only }) : undefined;
  const first = found && { ...found, ...(shrunk && { shrunk }) };
  if (flags.json) this.print(JSON.stringify({ ...report, assertions: first === undefined ? [] : [first] }));
  else {
    for (const d of report.diagnostics)
      this.say(`${d.file}:${d.line}:${d.column}: ${d.severity} ${d.code} ${d.message}`);
    if (first !== undefined) {
      this.print(`${file}:${first.line}`);
      this.print(verdictLine(first, this.paint));
      if (shrunk) this.print(`\n${leastData(shrunk)}`);
      const told = shrunk?.assertion ?? first;
      if (told.counterexample) this.print(`\n${story(told, told.counterexample)}`);
    }
    const more = others.map((one) => report.assertions.indexOf(one) + 1);
    if (more.length > 0) this.say(this.paint.faint(`there are other counterexamples: --assert ${more.join(', ')}`));
  }
  const wrong = report.diagnostics.some(({ severity }) => severity === 'error');
  if (first === undefined && !wrong)
    throw new CommandFailed(
      EXIT.notFound,
      flags.assert === undefined
        ? `${file} asserts nothing`
        : `${file} has no assertion ${flags.assert}; it has ${report.assertions.length}`,
    );
  this.end(exitCodeOf({ ...report, assertions: first === undefined ? [] : [first] }));
}

function leastData({ numbers, checks, complete }: ReportedShrunk): string {
  const effort = `${checks} check${checks === 1 ? '' : 's'}`;
  const bound = complete
    ? `${numbers.length === 0 ? 'no number at the top of the script' : 'none of them'} can be made smaller alone; ${effort}`
    : `the limits ended the search after ${effort}, there may be less`;
  if (numbers.length === 0) return `It needs the data it has: ${bound}.`;
  const each = numbers.map(({ name, least, given }) => `${name} = ${least} (given: ${given})`);
  return `It fails already with ${each.join(', ')}; ${bound}.`;
}

/** Assertions with a counterexample; or else the first. */
function worthTelling({ assertions }: Report): Report['assertions'] {
  const told = assertions.filter((assertion) => assertion.counterexample);
  return told.length > 0 ? told : assertions.slice(0, 1);
}
