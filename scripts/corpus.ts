/**
 * The checker against published scripts: does each parse, type-check, evaluate and verify as its authors say?
 *
 *   npm run corpus -- --filter wittiger --workers 2
 *
 * Reads `../shared/corpus/cspm` where that is there, else the smaller `tests/corpus`; `--root` names another folder. Each script has ten seconds, in a
 * process of its own. Prints a line a class, and every script that is not right; with `--json` one line a script. Exit code 1 when a verdict is wrong
 * or a script crashes the checker or hangs it; undecided is no failure. 2 for a wrong option.
 */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { LIMIT_MS, type Outcome } from './corpus/attempt.ts';
import { type Case, casesOf } from './corpus/cases.ts';
import { type Decided, decideAll } from './corpus/workers.ts';

const WHOLE = '../shared/corpus/cspm';
const SAMPLE = 'tests/corpus';
const KINDS = ['right', 'wrong', 'undecided', 'crashed'] as const;

const { values } = parseArgs({
  options: {
    root: { type: 'string' },
    filter: { type: 'string', default: '' },
    workers: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const workers = Number(values.workers);
if (!Number.isInteger(workers) || workers < 1 || workers > 64) fail('--workers takes a whole number from 1 to 64');
const root = values.root ?? (existsSync(WHOLE) ? WHOLE : SAMPLE);
if (!existsSync(root)) fail(`there is no folder ${root}`);
if (root === SAMPLE)
  process.stderr.write(`SKIPPED: the whole corpus, ${WHOLE}, is not here; this is the sample in ${SAMPLE}\n`);
const cases = casesOf(root).filter((c) => `${c.class} ${c.path}`.includes(values.filter));
if (cases.length === 0) fail(`no script of ${root} has '${values.filter}' in its class or path`);

const limits = { workers, killAfterMs: LIMIT_MS + 2_000, heapMb: 4_000 };
let count = 0;
const decided = agreeing(await decideAll(cases, limits, progress));
if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');

if (values.json) {
  for (const { subject, outcome, milliseconds } of decided)
    write({
      class: subject.class,
      script: relative(root, subject.path),
      ...outcome,
      milliseconds: Math.round(milliseconds),
    });
} else {
  for (const { subject, outcome } of decided)
    if (outcome.kind !== 'right')
      process.stdout.write(`${outcome.kind.padEnd(9)} ${relative(root, subject.path)}: ${outcome.detail}\n`);
  table();
}
process.exitCode = decided.some(({ outcome }) => outcome.kind === 'wrong' || outcome.kind === 'crashed') ? 1 : 0;

/** Twins that were decided differently: one of them is wrong, whatever is published. */
function agreeing(results: readonly Decided[]): readonly Decided[] {
  const verdicts = new Map<string, Set<boolean>>();
  for (const { subject, outcome } of results)
    if (subject.twin !== undefined && outcome.holds !== undefined)
      verdicts.set(subject.twin, (verdicts.get(subject.twin) ?? new Set()).add(outcome.holds));
  return results.map((result) => {
    if (verdicts.get(result.subject.twin ?? '')?.size !== 2) return result;
    const outcome: Outcome = { ...result.outcome, kind: 'wrong', detail: 'its twin has the other verdict' };
    return { ...result, outcome };
  });
}

function table(): void {
  const classes = [...new Set(cases.map((c: Case) => c.class))];
  const width = Math.max(...classes.map((name) => name.length), 'all'.length);
  const line = (name: string, cells: readonly (string | number)[]) =>
    process.stdout.write(`${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(11)).join('')}\n`);
  const row = (name: string, results: readonly Decided[]) => {
    const slowest = Math.max(...results.map((r) => r.milliseconds));
    const counts = KINDS.map((kind) => results.filter((r) => r.outcome.kind === kind).length);
    line(name, [results.length, ...counts, `${(slowest / 1_000).toFixed(1)} s`]);
  };
  line('', ['scripts', ...KINDS, 'slowest']);
  for (const name of classes)
    row(
      name,
      decided.filter((d) => d.subject.class === name),
    );
  row('all', decided);
}

function progress({ subject }: Decided): void {
  count++;
  if (process.stderr.isTTY)
    process.stderr.write(`\r\x1b[K${count}/${cases.length} ${relative(root, subject.path).slice(0, 60)}`);
}

function write(row: unknown): void {
  process.stdout.write(`${JSON.stringify(row)}\n`);
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
