/**
 * The checker against SPIN: dining philosophers, one thread, every state.
 *
 *   npm run bench:check [-- --json] [-- --runs 5]
 *
 * Each size runs in fresh processes, ours and SPIN's in turn, and the medians of their CPU times are compared after the counts of states and transitions have been found
 * equal. Ours is load, compile and exploration with parent pointers, from CSPM source, with a cold compiler; SPIN's is its verifier without partial-order reduction
 * (generating and compiling it is not counted). SPIN counts one state and two transitions more: its initial process starts the others.
 *
 * Then, with a bound instead of a peer: refinement over reachability, memory, minimization, a megabyte of script, and two networks that nobody explores state by state.
 * Last, networks that take each other's place, against their terms.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { COUNTED } from '../models/bench/philosophers.ts';
import type { Minimized } from './check-minimize.ts';
import type { Decided } from './check-networks.ts';
import type { Explored, Measured } from './check-philosophers.ts';
import type { Switched } from './check-switching.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' } },
});
const RUNS = Number(values.runs);

/** Milliseconds of CPU time. */
interface Parsed {
  readonly milliseconds: number;
  readonly parsing: number;
}

interface Figure {
  readonly figure: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly peerName: string | null;
  readonly ratio: number | null;
  readonly must: number | null;
  readonly aim: number | null;
  readonly holds: boolean | null;
}

const folder = mkdtempSync(join(tmpdir(), 'bench-check-'));
try {
  for (const n of COUNTED.keys()) againstSpin(n);
  const measured = child('measure', 7) as Measured;
  expectCounts(7, measured);
  limit('philosophers N=7: refinement over reachability, T', 'ratio', measured.overheadT, 1.6, 1.2);
  limit('philosophers N=7: refinement over reachability, FD', 'ratio', measured.overheadFD, 2, 1.2);
  const memory = child('memory', 8) as { bytesPerState: number };
  limit('philosophers N=8: memory with parents', 'bytes/state', memory.bytesPerState, 24, 10);
  minimized('sbisim', 46_656, 0.3, 0.15);
  minimized('dbisim', 6, 0.5, 0.2);
  minimized('wbisim', 6, 0.5, 0.2);
  parsed();
  compressed('philosophers', 100, 'deadlock and its run, replayed');
  compressed('milner', 1000, 'equals its ring in FD, both ways');
  switched(5);
} finally {
  rmSync(folder, { recursive: true });
}

function againstSpin(n: number): void {
  const verifier = buildVerifier(n);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const explored = child('explore', n) as Explored;
    expectCounts(n, explored);
    ours.push(explored.milliseconds);
    if (verifier !== undefined) theirs.push(runVerifier(verifier, n));
  }
  const { states } = COUNTED.get(n)!;
  const rate = (milliseconds: number): number => round(states / (milliseconds / 1000));
  const mine = rate(median(ours));
  const peer = theirs.length === 0 ? null : rate(median(theirs));
  const ratio = peer === null ? null : round(mine / peer, 2);
  const goal = n === 8 ? { must: 4, aim: 10 } : { must: null, aim: null };
  print({
    figure: `philosophers N=${n}: states per CPU second from CSPM source`,
    unit: 'states/s',
    ours: mine,
    peer,
    peerName: peer === null ? null : 'SPIN -DNOREDUCE -DSAFETY',
    ratio,
    ...goal,
    holds: ratio === null || goal.must === null ? null : ratio >= goal.must,
  });
}

/** A system of 46,656 states and 246,612 transitions; for the weak equivalences hidden but for one event, when mCRL2 (branching, with divergence) has come to 6 blocks as well. */
function minimized(by: string, blocks: number, must: number, aim: number): void {
  const script = fileURLToPath(new URL('./check-minimize.ts', import.meta.url));
  const found = JSON.parse(execFileSync(process.execPath, [script, by], { encoding: 'utf8' })) as Minimized;
  expectCounts(6, found);
  if (found.blocks !== blocks) throw new Error(`${by}: ${found.blocks} blocks, expected ${blocks}`);
  limit(`${by} of 46,656 states and 246,612 transitions`, 'CPU seconds', found.milliseconds / 1000, must, aim);
}

/** A megabyte of script, from text to types. */
function parsed(): void {
  const script = fileURLToPath(new URL('./check-parse.ts', import.meta.url));
  const { milliseconds, parsing } = JSON.parse(
    execFileSync(process.execPath, [script], { encoding: 'utf8' }),
  ) as Parsed;
  limit('1 MB of CSPM: tokens and tree, with a cold compiler', 'CPU seconds', parsing / 1000, 1, 0.5);
  limit('1 MB of CSPM: types too, with a cold compiler', 'CPU seconds', milliseconds / 1000, null, 1);
}

/** A network of so many components that only hierarchical compression decides it; the script asks for none. */
function compressed(model: string, n: number, question: string): void {
  const script = fileURLToPath(new URL('./check-networks.ts', import.meta.url));
  const runs = Array.from({ length: Math.min(RUNS, 3) }, (): Decided => {
    return JSON.parse(execFileSync(process.execPath, [script, model, String(n)], { encoding: 'utf8' }));
  });
  const seconds = median(runs.map(({ milliseconds }) => milliseconds)) / 1000;
  limit(`${model} N=${n}: ${question}, from CSPM source`, 'CPU seconds', seconds, 10, null);
}

/** Networks under sequence and interrupt, as components against as one component of terms; equal counts are asserted there. */
function switched(n: number): void {
  const script = fileURLToPath(new URL('./check-switching.ts', import.meta.url));
  const found = JSON.parse(execFileSync(process.execPath, [script, String(n)], { encoding: 'utf8' })) as Switched;
  const rate = (milliseconds: number): number => round(found.states / (milliseconds / 1000));
  const ratio = round(found.terms / found.components, 2);
  print({
    figure: `two dinners of ${n} and a reset: states per CPU second`,
    unit: 'states/s',
    ours: rate(found.components),
    peer: rate(found.terms),
    peerName: 'one component by the firing rules',
    ratio,
    must: 10,
    aim: 20,
    holds: ratio >= 10,
  });
}

/** A figure that is to stay below a bound, without a peer. */
function limit(figure: string, unit: string, ours: number, must: number | null, aim: number | null): void {
  print({
    figure,
    unit,
    ours: round(ours, 2),
    peer: null,
    peerName: null,
    ratio: null,
    must,
    aim,
    holds: must === null ? null : ours <= must,
  });
}

function child(what: string, n: number): unknown {
  const script = fileURLToPath(new URL('./check-philosophers.ts', import.meta.url));
  return JSON.parse(execFileSync(process.execPath, ['--expose-gc', script, what, String(n)], { encoding: 'utf8' }));
}

function expectCounts(n: number, found: { readonly states: number; readonly transitions: number }): void {
  const { states, transitions } = COUNTED.get(n)!;
  if (found.states !== states || found.transitions !== transitions) {
    throw new Error(
      `N=${n}: ${found.states} states and ${found.transitions} transitions, expected ${states} and ${transitions}`,
    );
  }
}

/** SPIN's verifier for N philosophers, if SPIN and a C compiler are installed. */
function buildVerifier(n: number): string | undefined {
  const model = fileURLToPath(new URL('../models/bench/philosophers.pml', import.meta.url));
  if (spawnSync('spin', [`-DN=${n}`, '-a', model], { cwd: folder }).status !== 0) return undefined;
  const verifier = join(folder, `pan${n}`);
  const flags = ['-O3', '-DNOREDUCE', '-DSAFETY', '-DNOCLAIM', '-DMEMLIM=8000', '-w', '-o', verifier, 'pan.c'];
  return spawnSync('gcc', flags, { cwd: folder }).status === 0 ? verifier : undefined;
}

/** CPU milliseconds of one run, by the shell's `time`, after its counts have been compared with ours. */
function runVerifier(verifier: string, n: number): number {
  const command = `TIMEFORMAT='cpu %U %S'; time '${verifier}' -E -m5000000 -w24`;
  const { stdout, stderr } = spawnSync('bash', ['-c', command], { cwd: folder, encoding: 'utf8' });
  const number = (pattern: RegExp, text: string): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);
  expectCounts(n, {
    states: number(/(\d+) states, stored/, stdout) - 1,
    transitions: number(/(\d+) transitions/, stdout) - 2,
  });
  return 1000 * (number(/cpu ([\d.]+)/, stderr) + number(/cpu [\d.]+ ([\d.]+)/, stderr));
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((x, y) => x - y);
  return sorted[sorted.length >> 1]!;
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

function print(figure: Figure): void {
  if (values.json) {
    console.log(JSON.stringify(figure));
    return;
  }
  const { ours, unit, peer, peerName, ratio, must, aim, holds } = figure;
  const against =
    peer === null ? (unit === 'states/s' ? ', no peer installed' : '') : `, ${peerName} ${peer}: ${ratio}x`;
  const goal =
    must === null
      ? ''
      : ` (must ${must}${aim === null ? '' : `, aim ${aim}`}: ${holds === null ? 'unknown' : holds ? 'holds' : 'MISSED'})`;
  console.log(`${figure.figure}: ${ours} ${unit}${against}${goal}`);
}
