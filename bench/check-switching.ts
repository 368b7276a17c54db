/**
 * Networks that take each other's place, explored as components and as terms, in one process; prints JSON.
 *
 *   node bench/check-switching.ts N
 */
import { readFileSync } from 'node:fs';
import { load } from '../engine/src/load.ts';
import { compile, type Lts, Transitions, termLts } from '../engine/src/lts/index.ts';

export interface Switched {
  readonly states: number;
  readonly transitions: number;
  /** Of CPU, compilation included. */
  readonly components: number;
  readonly terms: number;
}

const [n] = process.argv.slice(2);
const model = readFileSync(new URL('../models/bench/turns.csp', import.meta.url), 'utf8');
const source = model.replace(/^N = \d+$/m, `N = ${n}`);

/** Each way reads the script anew: a store of terms remembers their steps. */
function explored(way: (...given: Parameters<typeof termLts>) => Lts): {
  counts: readonly number[];
  milliseconds: number;
} {
  const { evaluation, diagnostics } = load(source, { file: 'turns.csp' });
  const [plain] = evaluation?.assertions ?? [];
  if (evaluation === undefined || plain?.form !== 'property') throw new Error(JSON.stringify(diagnostics));
  const before = process.cpuUsage();
  const lts = way(evaluation.terms, plain.process());
  const steps = new Transitions();
  let transitions = 0;
  for (let state = 0; state < lts.stateCount; state++) {
    lts.successors(state as Lts['initial'], steps);
    transitions += steps.length;
  }
  const { user, system } = process.cpuUsage(before);
  return { counts: [lts.stateCount, transitions], milliseconds: (user + system) / 1000 };
}

const components = explored(compile);
const terms = explored(termLts);
if (components.counts.join() !== terms.counts.join())
  throw new Error(`${components.counts} as components, ${terms.counts} as terms`);
const [states, transitions] = components.counts as [number, number];
const switched: Switched = { states, transitions, components: components.milliseconds, terms: terms.milliseconds };
console.log(JSON.stringify(switched));
