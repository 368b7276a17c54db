/**
 * The fast engine against the reference on random pairs of processes.
 *
 *   npm run fuzz -- --pairs 1e6 --seed 1 --workers 2
 *
 * Each pair has its own seed, printed when the engines differ: `--seed <that> --pairs 1` shows it again. `--size` bounds the operators of a process,
 * `--events` its alphabet; processes of at most `--fine` states are compared in V, VD, R and RD too (0: in T, F and FD only). Exit code 1 on the first
 * difference, after making the pair as small as it will go; 2 for a wrong option; 0 otherwise.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { parseArgs } from 'node:util';
import { EVENT_NAMES } from '../tests/reference/recipe.ts';
import type { Job, Total } from './fuzz/run.ts';
import type { Told } from './fuzz/worker.ts';

const { values } = parseArgs({
  options: {
    pairs: { type: 'string', default: '1e4' },
    seed: { type: 'string', default: '1' },
    size: { type: 'string', default: '9' },
    events: { type: 'string', default: '3' },
    fine: { type: 'string', default: '30' },
    workers: { type: 'string', default: '1' },
  },
});
const pairs = whole('pairs', 1, 2 ** 32);
const seed = whole('seed', 0, 2 ** 32);
const size = whole('size', 1, 100);
const events = whole('events', 1, EVENT_NAMES.length);
const fine = whole('fine', 0, 1000);
const workerCount = Math.min(whole('workers', 1, 64), pairs);

const start = Date.now();
let reported = start;
const totals = new Map<number, Total>();
const workers: ChildProcess[] = [];
for (let i = 0; i < workerCount; i++) {
  // Stores of terms are made by the pair and thrown away together: a larger nursery halves the time of collecting them.
  const worker = fork(new URL('./fuzz/worker.ts', import.meta.url), { execArgv: ['--max-semi-space-size=64'] });
  workers.push(worker);
  const share = Math.floor(pairs / workerCount) + (i < pairs % workerCount ? 1 : 0);
  worker.on('message', (told: Told) => ('difference' in told ? differ(told.difference) : hear(i, told.total)));
  worker.on('exit', (code, signal) => {
    if (code !== 0) differ(`a worker ended: ${signal ?? code}\n`);
  });
  worker.send({ firstSeed: seed + i, stride: workerCount, pairs: share, size, events, fine } satisfies Job);
}
process.on('exit', () => {
  for (const worker of workers) worker.kill();
});
await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve))));
progress();

function hear(worker: number, total: Total): void {
  totals.set(worker, total);
  if (Date.now() - reported < 5_000) return;
  reported = Date.now();
  progress();
}

function differ(text: string): never {
  process.stdout.write(text);
  process.exit(1);
}

/** A numeric option; `1e5` is a number. */
function whole(option: keyof typeof values, least: number, most: number): number {
  const value = Number(values[option]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  process.stderr.write(`--${option} takes a whole number from ${least} to ${most}, not '${values[option]}'\n`);
  process.exit(2);
}

function progress(): void {
  const seconds = (Date.now() - start) / 1_000;
  const sum = (key: keyof Total): number => [...totals.values()].reduce((before, total) => before + total[key], 0);
  process.stdout.write(
    `${sum('pairs')} pairs (${sum('skipped')} too large), ${sum('holds')} checks hold, ${sum('fails')} fail, ` +
      `${(sum('states') / 2 / (sum('pairs') - sum('skipped'))).toFixed(1)} states a process; no difference; ` +
      `${Math.round(sum('pairs') / seconds)} pairs/s\n`,
  );
}
