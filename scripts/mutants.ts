/**
 * Breaks the checker on purpose, one rule at a time, and requires that the tests notice.
 *
 *   node scripts/mutants.ts --filter tick
 *
 * Each mutant of `tests/mutants` is made in a copy of the engine outside the tree. First the tests beside the broken file run, then, if they all pass, the
 * rest. Prints for each mutant the test that killed it; `--json` prints one line a mutant. Exit code 1 when one survives, or no longer fits the source;
 * 2 for a wrong option.
 */
import { setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { MUTANTS } from '../tests/mutants/mutants.ts';
import { Copy } from './mutants/copy.ts';

const { values } = parseArgs({
  options: { filter: { type: 'string', default: '' }, json: { type: 'boolean', default: false } },
});
const mutants = MUTANTS.filter(({ name, file }) => `${name} ${file}`.includes(values.filter));
if (mutants.length === 0) {
  process.stderr.write(`no mutant has '${values.filter}' in its name or file\n`);
  process.exit(2);
}

setPriority(10);
const copy = new Copy();
const count = { killed: 0, survives: 0, stale: 0 };
try {
  const failure = copy.firstFailure('');
  if (failure !== undefined) throw new Error(`the tests fail without any mutant, so nothing can be said: ${failure}`);
  for (const mutant of mutants) {
    const from = performance.now();
    const fits = copy.patch(mutant);
    const killer = fits ? copy.firstFailure(mutant.file) : undefined;
    copy.restore(mutant);
    const outcome = !fits ? 'stale' : killer === undefined ? 'survives' : 'killed';
    count[outcome]++;
    report({ ...mutant, outcome, killer, seconds: (performance.now() - from) / 1_000 });
  }
} finally {
  copy.remove();
}
if (!values.json)
  process.stdout.write(
    `${count.killed} killed, ${count.survives} survive, ${count.stale} do not fit the source any more\n`,
  );
process.exitCode = count.survives + count.stale === 0 ? 0 : 1;

function report(row: {
  name: string;
  wrong: string;
  outcome: string;
  killer: string | undefined;
  seconds: number;
}): void {
  const { name, wrong, outcome, killer, seconds } = row;
  const line = values.json
    ? JSON.stringify({ name, wrong, outcome, killer, seconds: Number(seconds.toFixed(1)) })
    : `${outcome.padEnd(9)}${name.padEnd(32)}${wrong}${killer === undefined ? '' : `\n${' '.repeat(9)}by ${killer}`}`;
  process.stdout.write(`${line}\n`);
}
