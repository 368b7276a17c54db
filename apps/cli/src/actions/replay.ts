/** The work of `csp replay`, loaded when the command is called. */
import { type ReportedAssertion, type ReportedCounterexample, replayReport } from '@enhanced-csp/engine';
import type { Flags } from '../commands/replay.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { includeFrom, readScript } from '../script-file.ts';

export function replayCounterexamples(this: Context, flags: Flags, file: string, trace: string): void {
  const assertions = assertionsIn(readScript(trace), trace);
  const end = flags.timeout === undefined ? Number.POSITIVE_INFINITY : performance.now() + flags.timeout * 1000;
  const replayed = replayReport(readScript(file), assertions, {
    file,
    include: includeFrom,
    within: { stopped: () => performance.now() >= end },
  });
  if (replayed === undefined)
    throw new CommandFailed(EXIT.invalidInput, `${file} is wrong; what is wrong says: csp check ${file}`);
  if (replayed.length === 0) throw new CommandFailed(EXIT.invalidInput, `${trace} has no counterexample`);
  if (flags.json) this.print(JSON.stringify({ file, replayed }));
  else
    for (const { line, text, verdict, reason } of replayed) {
      const { good, bad, doubtful } = this.paint;
      const mark = { valid: good('✓ valid    '), 'not valid': bad('✗ not valid'), unknown: doubtful('? unknown  ') };
      this.print(`${mark[verdict]}  line ${line}: ${text}${reason === undefined ? '' : `\n    ${reason}`}`);
    }
  const some = (verdict: (typeof replayed)[number]['verdict']) => replayed.some((one) => one.verdict === verdict);
  this.end(some('not valid') ? EXIT.propertyFails : some('unknown') ? EXIT.timedOut : EXIT.ok);
}

type Told = Pick<ReportedAssertion, 'line' | 'text' | 'counterexample'>;

/** The assertions of a report, or one of them alone; what is anything else is refused. */
function assertionsIn(text: string, file: string): readonly Told[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new CommandFailed(EXIT.invalidInput, `${file} is not JSON`, { cause });
  }
  const list = isObject(json) && Array.isArray(json.assertions) ? json.assertions : [json];
  if (!list.every(isTold))
    throw new CommandFailed(EXIT.invalidInput, `${file} is no report; write one with: csp check SCRIPT --json`);
  return list;
}

function isTold(value: unknown): value is Told {
  return (
    isObject(value) &&
    typeof value.line === 'number' &&
    typeof value.text === 'string' &&
    (value.counterexample === undefined || isCounterexample(value.counterexample))
  );
}

const KINDS: readonly string[] = [
  'trace',
  'refusal',
  'revival',
  'deadlock',
  'divergence',
  'nondeterminism',
  'missing trace',
] satisfies ReportedCounterexample['kind'][];

function isCounterexample(value: unknown): value is ReportedCounterexample {
  if (!isObject(value)) return false;
  const { kind, trace, event, refused, accepted, required, steps, loop } = value;
  return (
    KINDS.includes(kind as string) &&
    isNames(trace) &&
    (event === undefined || typeof event === 'string') &&
    (refused === undefined || (Array.isArray(refused) && refused.every((set) => set === null || isNames(set)))) &&
    (accepted === undefined || isNames(accepted)) &&
    (required === undefined || (Array.isArray(required) && required.every(isNames))) &&
    isSteps(steps) &&
    (loop === undefined || isSteps(loop))
  );
}

function isSteps(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every((step) => isObject(step) && [step.event, step.from, step.to].every((part) => typeof part === 'string'))
  );
}

function isNames(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
