/**
 * One measurement of minimization in a process of its own, for `bench/check.ts`; prints JSON.
 *
 *   node bench/check-minimize.ts sbisim|dbisim|wbisim
 *
 * The system is that of six philosophers; for the weak equivalences all is hidden but one who eats.
 */
import { readFileSync } from 'node:fs';
import { TAU } from '../engine/src/csp/index.ts';
import { load } from '../engine/src/load.ts';
import { sbisim } from '../engine/src/lts/compress/sbisim.ts';
import { dbisim, wbisim } from '../engine/src/lts/compress/weak.ts';
import { compile, type StateId, Transitions } from '../engine/src/lts/index.ts';

export interface Minimized {
  /** Of CPU: the median of some runs, the first included, each in turn after its result was found equal. */
  readonly milliseconds: number;
  readonly states: number;
  readonly transitions: number;
  readonly blocks: number;
}

const REDUCTIONS = { sbisim, dbisim, wbisim };
const RUNS = 5;
const what = process.argv[2] as keyof typeof REDUCTIONS;
const model = readFileSync(new URL('../models/bench/philosophers.csp', import.meta.url), 'utf8');
const { evaluation } = load(model, { file: 'philosophers.csp' });
const [plain] = evaluation!.assertions;
if (plain?.form !== 'property') throw new Error('the model has other assertions');
const lts = compile(evaluation!.terms, plain.process());
const steps = new Transitions();
const offsets = [0];
const events: number[] = [];
const targets: number[] = [];
for (let state = 0; state < lts.stateCount; state++) {
  lts.successors(state as StateId, steps);
  const row = Array.from({ length: steps.length }, (_, i) => {
    const name = lts.alphabet.nameOf(steps.eventAt(i));
    return [what === 'sbisim' || name === 'eats.0' ? steps.eventAt(i) : TAU, steps.targetAt(i)] as const;
  });
  row.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (const [event, target] of row) {
    events.push(event);
    targets.push(target);
  }
  offsets.push(events.length);
}
const graph = {
  stateCount: offsets.length - 1,
  offsets: Int32Array.from(offsets),
  events: Int32Array.from(events),
  targets: Int32Array.from(targets),
};
const times: number[] = [];
const blocks = new Set<number>();
for (let run = 0; run < RUNS; run++) {
  const before = process.cpuUsage();
  blocks.add(REDUCTIONS[what]({ graph, labels: new Int32Array(graph.stateCount) }).graph.stateCount);
  const { user, system } = process.cpuUsage(before);
  times.push((user + system) / 1000);
}
if (blocks.size !== 1) throw new Error(`${what}: ${[...blocks].join(', ')} blocks`);
const minimized: Minimized = {
  milliseconds: times.sort((a, b) => a - b)[RUNS >> 1]!,
  states: graph.stateCount,
  transitions: events.length,
  blocks: [...blocks][0]!,
};
console.log(JSON.stringify(minimized));
