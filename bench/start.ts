/**
 * `npm run bench:start [-- --json]`: from `csp start` on a fresh data folder to the first 200 of `/health`, the memory of the idle server, and what
 * the shortest command costs (`csp --version`, beside Node doing nothing).
 *
 * The peer of the server is the least a server in this language can be: `node:http` answering one constant, started and asked the same way, in turns with
 * ours. The bundle is made anew first, or a change would have the sources measured. Median of the runs. Time is wall time, as a person waits; processor
 * time is printed beside it, since this machine may be shared.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RUNS = 9;
const COMMAND_RUNS = 10;
const CSP = join(import.meta.dirname, '../apps/cli/bin/csp.js');
const BARE =
  "require('node:http').createServer((_, r) => r.end('{\"status\":\"healthy\"}')).listen(+process.argv[1], '127.0.0.1')";

const bundled = spawnSync(process.execPath, [join(import.meta.dirname, '../scripts/bundle.ts')], { encoding: 'utf8' });
if (bundled.status !== 0) throw new Error(`no bundle: ${bundled.stderr}`);

interface Start {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
  readonly idleMegabytes: number;
}

async function measure(command: (port: number, folder: string) => readonly string[]): Promise<Start> {
  const folder = mkdtempSync(join(tmpdir(), 'csp-bench-'));
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(process.execPath, command(port, folder), { stdio: ['ignore', 'ignore', 'inherit'], cwd: folder });
  try {
    while (!(await healthy(port))) {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode} before it was healthy`);
      if (performance.now() - begun > 30_000) throw new Error('not healthy within 30 s');
    }
    const milliseconds = performance.now() - begun;
    const cpuMilliseconds = cpuOf(child);
    // Idle: after the garbage of the start had time to go.
    await new Promise((resolve) => setTimeout(resolve, 500));
    return { milliseconds, cpuMilliseconds, idleMegabytes: residentOf(child) };
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

function healthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const request = get({ port, host: '127.0.0.1', path: '/health', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('error', () => setTimeout(resolve, 2, false));
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** User and system time so far, from the kernel: ticks of 10 ms. */
function cpuOf(child: ChildProcess): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function residentOf(child: ChildProcess): number {
  const [, kilobytes = '0'] = readFileSync(`/proc/${child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/) ?? [];
  return Number(kilobytes) / 1024;
}

/** Processor time of one run of a command, in milliseconds: that of all children that ended, before and after many runs. */
function commandMilliseconds(args: readonly string[]): number {
  const before = endedChildrenCpu();
  for (let run = 0; run < COMMAND_RUNS; run++) spawnSync(process.execPath, args, { stdio: 'ignore' });
  return (endedChildrenCpu() - before) / COMMAND_RUNS;
}

function endedChildrenCpu(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * 10;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

const ours: Start[] = [];
const bare: Start[] = [];
const command = {
  ours: (port: number, folder: string) => [CSP, 'start', '--port', String(port), '--data', join(folder, 'data')],
  bare: (port: number) => ['-e', BARE, String(port)],
};
// The first start fills Node's compile cache and the disk cache, as the first start after an installation does; it is not counted.
await measure(command.ours);
await measure(command.bare);
for (let run = 0; run < RUNS; run++) {
  ours.push(await measure(command.ours));
  bare.push(await measure(command.bare));
}

const versions: number[] = [];
const nothings: number[] = [];
for (let run = 0; run < 5; run++) {
  versions.push(commandMilliseconds([CSP, '--version']));
  nothings.push(commandMilliseconds(['-e', '0']));
}

const json = process.argv.includes('--json');
const holds = [
  report(
    'start to /health',
    'ms',
    each(ours, bare, (start) => start.milliseconds),
    { must: 400, aim: 200 },
  ),
  report(
    'start to /health, processor time',
    'ms',
    each(ours, bare, (start) => start.cpuMilliseconds),
    {},
  ),
  report(
    'idle memory',
    'MB',
    each(ours, bare, (start) => start.idleMegabytes),
    { must: 120, aim: 90 },
  ),
  report('csp --version, processor time', 'ms', [median(versions), median(nothings)], {
    must: 1.5,
    aim: 1.2,
    goal: 'ratio',
    peerName: 'node -e 0',
  }),
];
process.exitCode = holds.every(Boolean) ? 0 : 1;

function each(left: readonly Start[], right: readonly Start[], of: (start: Start) => number): [number, number] {
  return [median(left.map(of)), median(right.map(of))];
}

interface Goal {
  readonly must?: number;
  readonly aim?: number;
  /** What is compared with the goal: our figure, or its ratio to the peer's. */
  readonly goal?: 'ours' | 'ratio';
  readonly peerName?: string;
}

function report(figure: string, unit: string, [our, their]: readonly [number, number], options: Goal): boolean {
  const { must, aim, goal = 'ours', peerName = 'node:http alone' } = options;
  const ratio = Math.round((our / their) * 100) / 100;
  const holds = must === undefined || (goal === 'ours' ? our : ratio) <= must;
  const round = (value: number) => Math.round(value * 10) / 10;
  const line = {
    figure,
    unit,
    ours: round(our),
    peer: round(their),
    peerName,
    ratio,
    must: must ?? null,
    aim: aim ?? null,
    holds,
  };
  const times = goal === 'ratio' ? '×' : '';
  const goals = must === undefined ? '' : `  must ${must}${times}, aim ${aim}${times}: ${holds ? 'holds' : 'FAILS'}`;
  console.log(
    json
      ? JSON.stringify(line)
      : `${figure.padEnd(34)} ${line.ours} ${unit}  (${peerName} ${line.peer} ${unit}, ${ratio}×, median of ${RUNS})${goals}`,
  );
  return holds;
}
