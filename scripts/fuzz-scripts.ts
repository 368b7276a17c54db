/**
 * Broken scripts: every script of the corpus and of `models/`, changed at random, loaded, and asked for its values and the first steps of its processes.
 *
 *   npm run fuzz:scripts -- --cases 2000 --seed 1
 *
 * Each case has its own seed: `--seed <that> --cases 1` shows it again, `--print` with its text. What is wrong is a throw that is no fault of the script, or
 * one question that takes longer than two seconds. Exit code 1 when there is any, after all cases; 2 for a wrong option; 0 otherwise.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { load } from '@enhanced-csp/engine';
import { transitions, UnboundedNesting } from '@enhanced-csp/engine/csp';
import { EvaluationFault, parseExpression } from '@enhanced-csp/engine/cspm';
import { type Random, seededRandom } from '../tests/reference/seeded-random.ts';

const SLOW_MS = 2_000;
const STUCK_MS = 10_000;
const DEFINITIONS_MAX = 12;
const STATES_MAX = 12;

/** What one case came to: the phase or question that threw, or took longest. */
interface Outcome {
  readonly seed: number;
  readonly thrown?: string;
  readonly slowest: string;
  readonly slowestMs: number;
  readonly evaluated: boolean;
}

const SEEDS = globSync(['tests/corpus/**/*.csp', 'models/*.csp']).sort();
const PIECES = [
  '(',
  ')',
  '{',
  '}',
  '<',
  '>',
  '[|',
  '|]',
  '[',
  ']',
  '->',
  '[]',
  '|~|',
  '|||',
  ';',
  '\\',
  '@',
  '..',
  '.',
  '?',
  '!',
  '$',
  ',',
  '|',
  '<-',
  '=',
  '==',
  '#',
  '^',
  ' let ',
  ' within ',
  ' if ',
  ' then ',
  ' else ',
  ' and ',
  'Int',
  'Bool',
  'Proc',
  'Events',
  'STOP',
  'SKIP',
  '0',
  '-1',
  '999999999999',
  '1000000',
  '{0..}',
  '{0..99999}',
  'Set(Int)',
  'Seq({0..9})',
  'Set({0..40})',
  '"',
  "'",
  '--',
  '{-',
  '-}',
  '\n',
  '\r',
  '\0',
  'é',
  '\ud800',
  'assert ',
  'channel ',
  'module ',
];

/** A script of the corpus with one to four changes. */
function mutant(random: Random): string {
  const pick = <T>(items: readonly T[]): T => items[random(items.length)]!;
  let text = readFileSync(pick(SEEDS), 'utf8');
  const other = readFileSync(pick(SEEDS), 'utf8');
  for (let changes = 1 + random(4); changes > 0; changes--) {
    const at = random(text.length + 1);
    const end = Math.min(text.length, at + random(1 + random(40)));
    // Most often a word for a word: what is well formed gets further.
    const kind = Math.min(random(20), 6) === 6 ? (random(12) === 0 ? 6 : 5) : random(6);
    const from = random(other.length + 1);
    if (kind === 0) text = text.slice(0, at) + text.slice(end);
    else if (kind === 1) text = text.slice(0, end) + text.slice(at);
    else if (kind === 2) text = text.slice(0, at) + pick(PIECES) + text.slice(at);
    else if (kind === 3) text = text.slice(0, at) + pick(PIECES) + text.slice(end);
    else if (kind === 4) text = text.slice(0, at) + other.slice(from, from + random(80)) + text.slice(at);
    else if (kind === 5) text = renamed(text, pick);
    else text = text.slice(0, at) + pick(PIECES).repeat(1 + random(3_000)) + text.slice(end);
  }
  return text;
}

/** One word in the place of another, here and there: what is well formed and means something else. */
function renamed(text: string, pick: <T>(items: readonly T[]) => T): string {
  const words = [...text.matchAll(/\w+/g)];
  if (words.length === 0) return text;
  const [gone, come] = [pick(words), pick(words)];
  return text.slice(0, gone.index) + come[0] + text.slice(gone.index + gone[0].length);
}

function attempt(seed: number): Outcome {
  const source = mutant(seededRandom(seed));
  let [slowest, slowestMs] = ['', 0];
  let thrown: string | undefined;
  const timed = <T>(what: string, run: () => T): T | undefined => {
    const start = performance.now();
    try {
      return run();
    } catch (error) {
      const expected = error instanceof EvaluationFault || error instanceof UnboundedNesting;
      if (!expected) thrown ??= `${what}: ${error instanceof Error ? error.stack : String(error)}`;
      return undefined;
    } finally {
      const ms = performance.now() - start;
      if (ms > slowestMs) [slowest, slowestMs] = [what, ms];
    }
  };
  const evaluation = timed('load', () =>
    load(source, { file: `${seed}.csp`, dialect: seed % 2 === 0 ? 'fdr2' : 'fdr4' }),
  )?.evaluation;
  if (evaluation !== undefined) {
    for (const name of evaluation.definitions.slice(0, DEFINITIONS_MAX)) {
      const { expression } = parseExpression(name, { file: 'expression' });
      const process = timed(name, () => evaluation.process(expression!));
      const states = new Set(process === undefined ? [] : [process]);
      for (const state of states) {
        const steps = timed(`${name}: steps`, () => transitions(evaluation.terms, state)) ?? [];
        for (const { target } of steps) if (states.size < STATES_MAX) states.add(target);
      }
    }
    for (const print of evaluation.prints) timed('print', () => print.text());
    for (const assertion of evaluation.assertions) {
      timed(assertion.text, () => (assertion.form === 'refinement' ? assertion.implementation() : assertion.process()));
    }
  }
  return {
    seed,
    slowest,
    slowestMs: Math.round(slowestMs),
    evaluated: evaluation !== undefined,
    ...(thrown !== undefined && { thrown }),
  };
}

if (process.send === undefined) await main();
else process.on('message', (seed: number) => process.send!(attempt(seed)));

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: '2000' },
      seed: { type: 'string', default: '1' },
      print: { type: 'boolean', default: false },
    },
  });
  const [cases, first] = [whole('cases', values.cases), whole('seed', values.seed)];
  let worker: ChildProcess | undefined;
  let [found, evaluated] = [0, 0];
  for (let seed = first; seed < first + cases; seed++) {
    if (values.print) console.log(mutant(seededRandom(seed)));
    worker ??= fork(new URL(import.meta.url));
    const outcome = await answer(worker, seed);
    if (outcome === undefined) {
      worker.kill('SIGKILL');
      worker = undefined;
    } else if (outcome.evaluated) evaluated++;
    const wrong =
      outcome === undefined
        ? `no answer within ${STUCK_MS} ms, or the process died`
        : (outcome.thrown ??
          (outcome.slowestMs > SLOW_MS ? `${outcome.slowest} took ${outcome.slowestMs} ms` : undefined));
    if (wrong === undefined) continue;
    found++;
    console.log(`seed ${seed}: ${wrong}`);
  }
  worker?.disconnect();
  console.log(`${cases} scripts, ${evaluated} of them sound enough to evaluate, ${found} wrong`);
  process.exitCode = found > 0 ? 1 : 0;
}

/** The outcome, or nothing when there is none in time. */
function answer(worker: ChildProcess, seed: number): Promise<Outcome | undefined> {
  return new Promise((resolve) => {
    const done = (outcome?: Outcome): void => {
      clearTimeout(timer);
      worker.off('message', done).off('error', died).off('exit', exited);
      resolve(outcome);
    };
    const exited = (): void => done();
    const died = (error: Error): void => {
      console.log(`seed ${seed}: ${error.message}`);
      done();
    };
    const timer = setTimeout(done, STUCK_MS);
    worker.on('message', done).on('error', died).on('exit', exited);
    worker.send(seed);
  });
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 0) return value;
  console.error(`--${name} must be a whole number, and is ${text}`);
  process.exit(2);
}
