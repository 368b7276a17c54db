/** The work of `csp bench verify`, loaded when the command is called. */
import { readFileSync } from 'node:fs';
import { check, type Report } from '@enhanced-csp/engine';
import { COUNTED } from '../../../../models/bench/philosophers.ts';
import type { VerifyFlags } from '../commands/bench.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { amount, figuresJson, rateOf } from '../load-report.ts';
import { progressLines } from '../progress-line.ts';
import { tableOf } from '../readable.ts';
import { includeFrom, readScript } from '../script-file.ts';
import { exitCodeOf, verdictLine } from './check.ts';

const PHILOSOPHERS = new URL('../../../../models/bench/philosophers.csp', import.meta.url);

interface Run {
  readonly report: Report;
  readonly milliseconds: number;
  readonly cpu_milliseconds: number;
}

export function benchVerify(this: Context, flags: VerifyFlags, file?: string): void {
  const { repeat, philosophers } = flags;
  const counted = file === undefined ? COUNTED.get(philosophers)?.states : undefined;
  if (file === undefined && counted === undefined)
    throw new CommandFailed(EXIT.usage, `--philosophers: 6, 7 or 8 have been counted, not ${philosophers}`);
  const name = file ?? `philosophers.csp, ${philosophers} of them`;
  const source =
    file === undefined
      ? readFileSync(PHILOSOPHERS, 'utf8').replace(/^N = \d+$/m, `N = ${philosophers}`)
      : readScript(file);
  const options = { file: file ?? 'philosophers.csp', include: includeFrom, now: () => performance.now() };

  const before = process.memoryUsage.rss();
  let peak = before;
  const lineOf = progressLines(options.now);
  const first = check(source, {
    ...options,
    onProgress: ({ text }, progress) => {
      peak = Math.max(peak, process.memoryUsage.rss());
      const line = lineOf(text, progress);
      if (line !== undefined) this.progress(line);
    },
    onDecided: (assertion) => {
      peak = Math.max(peak, process.memoryUsage.rss());
      this.say(verdictLine(assertion, this.paint));
    },
  });
  refuseOther(first, counted);

  const runs = Array.from({ length: repeat }, (_, index): Run => {
    this.progress(`run ${index + 1} of ${repeat}`);
    const cpu = process.cpuUsage();
    const begun = performance.now();
    const report = check(source, options);
    const milliseconds = performance.now() - begun;
    const { user, system } = process.cpuUsage(cpu);
    if (statesOf(report).join() !== statesOf(first).join())
      throw new CommandFailed(EXIT.defect, 'the same script had another number of states in another run');
    return { report, milliseconds, cpu_milliseconds: (user + system) / 1000 };
  });
  show(this, flags, { name, first, runs, memory: peak - before });
}

/** @throws CommandFailed when a verdict is not what it must be: then there is nothing to measure. */
export function refuseOther(report: Report, counted: number | undefined): void {
  const [error] = report.diagnostics.filter(({ severity }) => severity === 'error');
  if (error !== undefined)
    throw new CommandFailed(
      EXIT.invalidInput,
      `${error.file}:${error.line}:${error.column}: ${error.code} ${error.message}`,
    );
  const exitCode = exitCodeOf(report);
  if (exitCode !== EXIT.ok)
    throw new CommandFailed(exitCode, 'not every assertion holds: there is nothing to measure; see csp check');
  if (report.assertions.length === 0) throw new CommandFailed(EXIT.invalidInput, `${report.file} asserts nothing`);
  if (counted !== undefined && statesOf(report).some((states) => states !== counted))
    throw new CommandFailed(
      EXIT.propertyFails,
      `the philosophers have ${amount(counted)} states, and ${statesOf(report).map(amount).join(', ')} were found`,
    );
}

function statesOf({ assertions }: Report): readonly number[] {
  return assertions.map(({ states }) => states);
}

function show(
  context: Context,
  { json, repeat }: VerifyFlags,
  measured: { readonly name: string; readonly first: Report; readonly runs: readonly Run[]; readonly memory: number },
): void {
  const { name, first, runs, memory } = measured;
  const assertions = first.assertions.map(({ text, states, transitions }, index) => {
    const milliseconds = median(runs.map(({ report }) => report.assertions[index]?.milliseconds ?? 0));
    return { text, states, transitions, milliseconds, states_per_second: rateOf(states, milliseconds) };
  });
  const states = statesOf(first).reduce((sum, one) => sum + one, 0);
  const milliseconds = median(runs.map((run) => run.milliseconds));
  const cpu_milliseconds = median(runs.map((run) => run.cpu_milliseconds));
  const figures = {
    file: name,
    repeat,
    states,
    milliseconds,
    cpu_milliseconds,
    states_per_second: rateOf(states, milliseconds),
    memory_bytes: memory,
    assertions,
  };
  if (json) {
    context.print(figuresJson(figures));
    return;
  }
  context.print(
    tableOf(
      assertions.map((one) => ({
        states: amount(one.states),
        'states/s': amount(one.states_per_second),
        ms: one.milliseconds.toFixed(1),
        assertion: one.text,
      })),
      context.paint,
    ),
  );
  context.print(
    `${context.paint.strong(`${amount(figures.states_per_second)} states/s`)}  ${amount(states)} states in ${milliseconds.toFixed(0)} ms from source to verdict, ${cpu_milliseconds.toFixed(0)} ms of processor time; median of ${repeat}`,
  );
  context.print(`${(memory / 2 ** 20).toFixed(1)} MB taken at the peak, by everything: source, evaluation, states`);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}
