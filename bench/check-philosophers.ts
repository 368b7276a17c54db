/**
 * One measurement of the checker in a process of its own, for `bench/check.ts`; prints JSON.
 *
 *   node --expose-gc bench/check-philosophers.ts explore|measure|memory N
 */
import { readFileSync } from 'node:fs';
import { load } from '../engine/src/load.ts';
import { compile, type Lts } from '../engine/src/lts/index.ts';
import { NarrowLts } from '../engine/src/lts/narrow-lts.ts';
import { divergenceFree, refines, type Verdict } from '../engine/src/refine/index.ts';

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  /** Of CPU, from source to verdict. */
  readonly milliseconds: number;
}

export interface Measured extends Explored {
  /** CPU time of refinement over that of plain exploration: medians of runs in turn, all warm. */
  readonly overheadT: number;
  readonly overheadFD: number;
}

const RUNS = 7;
const [what, n] = process.argv.slice(2);
const model = readFileSync(new URL('../models/bench/philosophers.csp', import.meta.url), 'utf8');
const source = model.replace(/^N = \d+$/m, `N = ${n}`);

switch (what) {
  case 'explore':
    console.log(JSON.stringify(explore()));
    break;
  case 'measure':
    console.log(JSON.stringify(measure()));
    break;
  case 'memory':
    console.log(JSON.stringify({ bytesPerState: bytesPerState() }));
    break;
  default:
    throw new Error(`unknown measurement ${what}`);
}

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The three assertions of the model: plain exploration, refinement in T, refinement in FD. */
function checks() {
  const { evaluation, diagnostics } = load(source, { file: 'philosophers.csp' });
  const [plain, inT, inFD] = evaluation?.assertions ?? [];
  if (plain?.form !== 'property' || inT?.form !== 'refinement' || inFD?.form !== 'refinement') {
    throw new Error(`the model has other assertions, or errors: ${JSON.stringify(diagnostics)}`);
  }
  const { terms } = evaluation!;
  return {
    plain: (onStates?: (states: number) => void, onCompiled?: (lts: Lts) => void): Verdict => {
      const lts = compile(terms, plain.process());
      onCompiled?.(lts);
      return divergenceFree(lts, { onProgress: ({ states }) => onStates?.(states) });
    },
    T: (): Verdict => refines('T', compile(terms, inT.specification()), compile(terms, inT.implementation())),
    FD: (): Verdict => refines('FD', compile(terms, inFD.specification()), compile(terms, inFD.implementation())),
  };
}

function holding(verdict: Verdict): Verdict {
  if (verdict.kind !== 'holds') throw new Error(`expected to hold: ${verdict.kind}`);
  return verdict;
}

function explore(): Explored {
  const start = cpuMilliseconds();
  const { states, transitions } = holding(checks().plain());
  return { states, transitions, milliseconds: cpuMilliseconds() - start };
}

function measure(): Measured {
  const explored = explore();
  const { plain, T, FD } = checks();
  const times = { plain: [] as number[], T: [] as number[], FD: [] as number[] };
  for (let run = -2; run < RUNS; run++) {
    for (const [name, check] of Object.entries({ plain, T, FD }) as ['plain' | 'T' | 'FD', () => Verdict][]) {
      globalThis.gc?.();
      const start = cpuMilliseconds();
      const { states } = holding(check());
      if (states !== explored.states) throw new Error(`${name}: ${states} pairs, expected ${explored.states}`);
      if (run >= 0) times[name].push(cpuMilliseconds() - start);
    }
  }
  const median = (list: number[]): number => list.sort((x, y) => x - y)[list.length >> 1]!;
  return {
    ...explored,
    overheadT: median(times.T) / median(times.plain),
    overheadFD: median(times.FD) / median(times.plain),
  };
}

/** What typed arrays, and the kernel's memory, take at the last report of progress, just before the end, for each state known by then. */
function bytesPerState(): number {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  const { plain } = checks();
  let kernel = (): number => 0;
  globalThis.gc();
  const before = process.memoryUsage().arrayBuffers;
  let last = { states: 0, bytes: 0 };
  let seen = 0;
  const { states } = holding(
    plain(
      (known) => {
        seen++;
        if (seen % 32 !== 0) return;
        globalThis.gc!();
        last = { states: known, bytes: process.memoryUsage().arrayBuffers - before + kernel() };
      },
      (lts) => {
        if (lts instanceof NarrowLts) kernel = () => lts.kernelByteCount;
      },
    ),
  );
  if (last.states < 0.9 * states) throw new Error('progress was not reported near the end');
  return last.bytes / last.states;
}
