/**
 * The runtime against Go's channels at GOMAXPROCS=1.
 *
 *   npm run bench:runtime [-- --json] [-- --runs 5]
 *
 * Each program runs in a fresh process, ours and Go's in turn; equal results are asserted, then the medians of CPU time per operation are compared. Go pays for
 * thread safety and preemption, which one isolate of V8 does not need.
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

const folder = mkdtempSync(join(tmpdir(), 'bench-runtime-'));
try {
  const peer = buildPeer();
  const rendezvous = { must: 0.8, aim: 0.5 };
  against(peer, 'ping-pong', 1_000_000, rendezvous);
  against(peer, 'commstime', 500_000, rendezvous);
  against(peer, 'ring', 1_000_000, rendezvous);
  const compiled = { must: null, aim: 0.25 };
  against(peer, 'compiled-ping-pong', 1_000_000, compiled, 'ping-pong');
  against(peer, 'compiled-commstime', 500_000, compiled, 'commstime');
  against(peer, 'compiled-ring', 1_000_000, compiled, 'ring');
  against(peer, 'enforced-ping-pong', 1_000_000, { must: 1, aim: 0.5 }, 'ping-pong');
  against(peer, 'pipeline', 2_000_000, { must: null, aim: null });
  const two = against(peer, 'choice-2', 1_000_000, { must: null, aim: null });
  against(peer, 'choice-16', 1_000_000, { must: null, aim: null });
  const many = against(peer, 'choice-256', 1_000_000, { must: null, aim: null });
  print({
    figure: 'choice over 256 channels, against 2',
    unit: 'ratio',
    ours: round(many / two, 2),
    must: 1.3,
    aim: null,
  });
  alone('monitor, by event id', 'monitor-ids', 5_000_000, { must: 25, aim: 10 });
  alone('monitor, by name', 'monitor-names', 5_000_000, { must: 150, aim: 60 });
  bytes('memory of a blocked process with its channel', 'memory', 200_000, { must: 600, aim: 500 });
  bytes('the same, of a million', 'memory', 1_000_000, { must: 600, aim: 500 });
  bytes('the same, each with a generator function of its own', 'memory-own', 200_000, { must: null, aim: null });
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

/** Compiled programs pass no values, so that they and Go's program are compared by the number of rendezvous. */
function against(peer: string | undefined, program: string, count: number, goal: Goal, peerProgram = program): number {
  const mine: number[] = [];
  const theirs: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const measured = ours(program, count);
    mine.push(measured.nanoseconds);
    if (peer === undefined) continue;
    const theirMeasurement = JSON.parse(
      execFileSync(peer, [peerProgram, String(count)], { encoding: 'utf8' }),
    ) as Measurement;
    // Go's choice over 256 is measured on fewer rounds; everything else must count the same.
    const counted = Math.abs(theirMeasurement.operations / measured.operations - 1) < 0.01;
    if (program !== peerProgram) {
      if (!counted) throw new Error(`${program}: ${measured.operations} here, ${theirMeasurement.operations} there`);
    } else if (program !== 'choice-256' && theirMeasurement.result !== measured.result)
      throw new Error(`${program}: ${measured.result} here, ${theirMeasurement.result} there`);
    theirs.push(theirMeasurement.nanoseconds);
  }
  const own = median(mine);
  const other = peer === undefined ? null : median(theirs);
  print({
    figure: program,
    unit: 'ns CPU/operation',
    ours: round(own, 1),
    peer: other === null ? null : round(other, 1),
    peerName: other === null ? null : 'Go, GOMAXPROCS=1',
    ratio: other === null ? null : round(own / other, 2),
    ...goal,
  });
  return own;
}

function alone(figure: string, program: string, count: number, goal: Goal): void {
  const nanoseconds = median(Array.from({ length: RUNS }, () => ours(program, count).nanoseconds));
  print({ figure, unit: 'ns CPU/event', ours: round(nanoseconds, 1), ...goal });
}

function bytes(figure: string, program: string, count: number, goal: Goal): void {
  print({ figure, unit: 'bytes', ours: round(ours(program, count).result), ...goal });
}

function ours(program: string, count: number): Measurement {
  const script = fileURLToPath(new URL('./runtime-programs.ts', import.meta.url));
  return JSON.parse(
    execFileSync(process.execPath, ['--expose-gc', script, program, String(count)], { encoding: 'utf8' }),
  );
}

/** The programs in Go, if it is installed. */
function buildPeer(): string | undefined {
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
  const beside = peer === null ? '' : `, ${peerName} ${peer}: ${ratio}x`;
  const goal =
    must === null ? '' : ` (must ${must}, aim ${aim}: ${holds === null ? 'unknown' : holds ? 'holds' : 'MISSED'})`;
  console.log(`${figure.figure}: ${own} ${unit}${beside}${goal}`);
}
