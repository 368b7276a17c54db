/**
 * The runtime against Go's channels at GOMAXPROCS=1, and against JavaScript's libraries for channels.
 *
 *   npm run bench:runtime [-- --json] [-- --runs 5]
 *
 * Each program runs in a fresh process, ours and each peer's in turn; equal results are asserted, then the medians of CPU time per operation are compared. The
 * counts are so large that the compilation of the code, which CPU time includes, hardly counts. Go pays for thread safety and preemption, which one isolate of
 * V8 does not need. A peer that has no such program, or comes to rest in the middle of it, is printed as null.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Measurement } from './runtime-programs.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' } },
});
const RUNS = Number(values.runs);
const UNJUDGED = { must: null, aim: null };

/** How often each program is performed by the libraries, which are slower; those not named here they do not perform. */
const LIBRARY_COUNTS: Readonly<Record<string, number>> = {
  'ping-pong': 500_000,
  pipeline: 500_000,
  commstime: 250_000,
  ring: 500_000,
  'choice-2': 100_000,
  'choice-16': 50_000,
  'choice-256': 5_000,
  'cold-choice-2': 100_000,
  'cold-choice-16': 50_000,
  'cold-choice-256': 5_000,
};
const LIBRARIES = ['@thi.ng/csp', 'medium', 'effect'] as const;
/** Node ends with this when everything has come to rest and a promise is still awaited. */
const UNSETTLED = 13;
/** Rounds in which the libraries take part. */
const LIBRARY_RUNS = Math.min(RUNS, 3);

const folder = mkdtempSync(join(tmpdir(), 'bench-runtime-'));
try {
  const go = buildGo();
  const rendezvous = { must: 0.8, aim: 0.5 };
  compare(go, 'ping-pong', 5_000_000, rendezvous);
  compare(go, 'commstime', 2_000_000, rendezvous);
  compare(go, 'ring', 5_000_000, rendezvous);
  const compiled = { must: null, aim: 0.25 };
  compare(go, 'compiled-ping-pong', 5_000_000, compiled, 'ping-pong');
  compare(go, 'compiled-commstime', 2_000_000, compiled, 'commstime');
  compare(go, 'compiled-ring', 5_000_000, compiled, 'ring');
  compare(go, 'enforced-ping-pong', 5_000_000, { must: 1, aim: 0.5 }, 'ping-pong');
  compare(go, 'pipeline', 5_000_000, UNJUDGED);
  for (const kind of ['choice', 'cold-choice']) {
    const two = compare(go, `${kind}-2`, 3_000_000, UNJUDGED);
    compare(go, `${kind}-16`, 3_000_000, UNJUDGED);
    const many = compare(go, `${kind}-256`, 3_000_000, UNJUDGED);
    print({
      figure: `${kind} over 256 channels, against 2`,
      unit: 'ratio',
      ours: round(many / two, 2),
      must: 1.3,
      aim: null,
    });
  }
  alone('monitor, by event id', 'monitor-ids', 5_000_000, { must: 25, aim: 10 });
  alone('monitor, by name', 'monitor-names', 5_000_000, { must: 150, aim: 60 });
  compare(go, 'million', 1_000_000, UNJUDGED);
  memory(go, 1_000_000, { must: 600, aim: 500 });
} finally {
  rmSync(folder, { recursive: true });
}

interface Goal {
  readonly must: number | null;
  readonly aim: number | null;
}

interface Figure extends Goal {
  readonly figure: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer?: number | null;
  readonly peerName?: string | null;
  readonly ratio?: number | null;
}

/**
 * One program, ours and the peers' in turn. Compiled programs pass no values, so that they and Go's are compared by the number of rendezvous.
 *
 * @returns nanoseconds of CPU for an operation of ours
 */
function compare(go: string | undefined, program: string, count: number, goal: Goal, goProgram = program): number {
  const mine: number[] = [];
  const theirs: number[] = [];
  const libraries = program in LIBRARY_COUNTS ? LIBRARIES.map((name) => ({ name, measured: [] as number[] })) : [];
  const libraryCount = LIBRARY_COUNTS[program]!;
  const expected = libraries.length === 0 ? undefined : ours(program, libraryCount);
  const stuck = new Set<string>();
  for (let run = 0; run < RUNS; run++) {
    const own = ours(program, count);
    mine.push(own.nanoseconds);
    if (go !== undefined) theirs.push(measuredInGo(go, program, goProgram, count, own).nanoseconds);
    if (run >= LIBRARY_RUNS) continue;
    for (const { name, measured } of libraries) {
      if (stuck.has(name)) continue;
      const measurement = library(name, program, libraryCount);
      if (measurement === undefined) stuck.add(name);
      else if (measurement.result !== expected!.result || measurement.operations !== expected!.operations)
        throw new Error(`${program}: ${expected!.result} here, ${measurement.result} in ${name}`);
      else measured.push(measurement.nanoseconds);
    }
  }
  const own = median(mine);
  beside(program, own, go === undefined ? undefined : median(theirs), 'Go, GOMAXPROCS=1', goal);
  for (const { name, measured } of libraries)
    beside(program, own, stuck.has(name) ? undefined : median(measured), name, UNJUDGED);
  return own;
}

function measuredInGo(go: string, program: string, goProgram: string, count: number, own: Measurement): Measurement {
  const measurement = JSON.parse(execFileSync(go, [goProgram, String(count)], { encoding: 'utf8' })) as Measurement;
  const [wanted, found] =
    program === goProgram ? [own.result, measurement.result] : [own.operations, measurement.operations];
  // Go's choices over many are measured on fewer rounds, each of which counts one; compiled programs end where a turn of the scheduler does.
  const equal =
    program === goProgram
      ? own.result * measurement.operations === measurement.result * own.operations
      : Math.abs(found / wanted - 1) < 0.01;
  if (!equal) throw new Error(`${program}: ${wanted} here, ${found} in Go`);
  return measurement;
}

function beside(figure: string, own: number, other: number | undefined, peerName: string, goal: Goal): void {
  print({
    figure,
    unit: 'ns CPU/operation',
    ours: round(own, 1),
    peer: other === undefined ? null : round(other, 1),
    peerName,
    ratio: other === undefined ? null : round(own / other, own / other < 0.1 ? 4 : 2),
    ...goal,
  });
}

function alone(figure: string, program: string, count: number, goal: Goal): void {
  const nanoseconds = median(Array.from({ length: RUNS }, () => ours(program, count).nanoseconds));
  print({ figure, unit: 'ns CPU/event', ours: round(nanoseconds, 1), ...goal });
}

/** Bytes for each process that is blocked on a channel of its own. The goal is one of bytes, not of a ratio. */
function memory(go: string | undefined, count: number, goal: Goal): void {
  const figure = 'memory of a blocked process with its channel';
  const own = ours('memory', count).result;
  print({ figure, unit: `bytes, of ${count}`, ours: round(own), ...goal });
  print({ figure, unit: 'bytes, of 200000', ours: round(ours('memory', 200_000).result), ...goal });
  const figures = new Map<string, number | undefined>([
    [
      'Go, GOMAXPROCS=1',
      go === undefined
        ? undefined
        : JSON.parse(execFileSync(go, ['memory', String(count)], { encoding: 'utf8' })).result,
    ],
    ...LIBRARIES.map((name) => [name, library(name, 'memory', 100_000)?.result] as const),
  ]);
  for (const [peerName, bytes] of figures)
    print({
      figure,
      unit: 'bytes',
      ours: round(own),
      peer: bytes === undefined ? null : round(bytes),
      peerName,
      ratio: bytes === undefined ? null : round(own / bytes, 2),
      ...UNJUDGED,
    });
  const apart = round(ours('memory-own', 200_000).result);
  print({ figure: 'the same, each with a generator function of its own', unit: 'bytes', ours: apart, ...UNJUDGED });
}

function ours(program: string, count: number): Measurement {
  const measurement = measured('./runtime-programs.ts', [program, String(count)]);
  if (measurement === undefined) throw new Error(`${program} was not measured`);
  return measurement;
}

/** Undefined: the library came to rest before its program was over. */
function library(name: string, program: string, count: number): Measurement | undefined {
  return measured('./runtime-peers.ts', [name, program, String(count)]);
}

function measured(script: string, parameters: readonly string[]): Measurement | undefined {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--expose-gc', file, ...parameters], {
    encoding: 'utf8',
  });
  if (status === UNSETTLED) return undefined;
  if (status !== 0) throw new Error(`${parameters.join(' ')}: ${stderr}`);
  return JSON.parse(stdout);
}

/** The programs in Go, if it is installed. */
function buildGo(): string | undefined {
  const source = fileURLToPath(new URL('./runtime-peer.go', import.meta.url));
  const binary = join(folder, 'peer');
  const env = { ...process.env, GOCACHE: join(folder, 'cache'), GOFLAGS: '-mod=mod', GO111MODULE: 'off' };
  return spawnSync('go', ['build', '-o', binary, source], { cwd: folder, env }).status === 0 ? binary : undefined;
}

function median(list: readonly number[]): number {
  return [...list].sort((x, y) => x - y)[list.length >> 1]!;
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

function print(figure: Figure): void {
  const { unit, ours: own, must, aim, peer = null, peerName = null, ratio = null } = figure;
  const judged = ratio ?? (unit === 'ns CPU/operation' ? null : own);
  const holds = must === null || judged === null ? null : judged <= must;
  if (values.json) {
    console.log(JSON.stringify({ figure: figure.figure, unit, ours: own, peer, peerName, ratio, must, aim, holds }));
    return;
  }
  const other = peerName === null ? '' : peer === null ? `, ${peerName}: none` : `, ${peerName} ${peer}: ${ratio}x`;
  const verdict = holds === null ? 'unknown' : holds ? 'holds' : 'MISSED';
  const goal = must !== null ? ` (must ${must}, aim ${aim}: ${verdict})` : aim !== null ? ` (aim ${aim})` : '';
  console.log(`${figure.figure}: ${own} ${unit}${other}${goal}`);
}
