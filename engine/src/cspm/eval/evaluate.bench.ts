/**
 * CPU time from a parsed megabyte of CSPM to an evaluation, the same for twice as much, and the time to make one state of a process that counts.
 *
 *   node engine/src/cspm/eval/evaluate.bench.ts [--json]
 */
import type { Process } from '../../csp/index.ts';
import { parse, parseExpression } from '../parser.ts';
import { evaluate } from './evaluate.ts';

const CHARACTERS = 1_000_000;
const RUNS = 5;
const STATES = 50_000;

function script(characters: number): string {
  let text = 'channel c : {0..9}.{0..9}\nchannel d\n';
  for (let n = 0; text.length < characters; n++) {
    text += `
P${n}(x, y) =
  x < 9 & c.x!y -> P${n}(x + 1, y)
  [] c?a:{0..3}?b -> (if a == b then d -> P${Math.max(0, n - 1)}(a, b) else SKIP)
  [] c!${n % 10}!1 -> c.1.${n % 10} -> SKIP
Q${n} = let f(z) = (z * 7) % 10 within P${n}(f(3), f(4)) ; Q${n}
assert Q${n} :[divergence free]
`;
  }
  return text;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >> 1]!;
}

function cpuMilliseconds(run: () => void): number {
  return median(
    Array.from({ length: RUNS }, () => {
      const before = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    }),
  );
}

function evaluating(characters: number): number {
  const parsed = parse(script(characters), { file: 'bench' });
  return cpuMilliseconds(() => {
    const { diagnostics, definitions } = evaluate(parsed.script);
    if (parsed.diagnostics.length + diagnostics.length > 0 || definitions.length === 0) {
      throw new Error('the bench script does not evaluate');
    }
  });
}

function counting(): number {
  const parsed = parse('channel d : {0..9}\nCOUNT(n) = d!(n % 10) -> COUNT(n + 1)\n', { file: 'bench' });
  const { expression } = parseExpression('COUNT(0)', { file: 'bench' });
  return cpuMilliseconds(() => {
    let state: Process = evaluate(parsed.script).process(expression!);
    for (let i = 0; i < STATES; i++) {
      const body: Process = state.kind === 'call' ? state.unfold() : state;
      if (body.kind !== 'prefix') throw new Error('the bench process stopped');
      state = body.branches[0]!.next;
    }
  });
}

evaluating(CHARACTERS / 4); // compiles what the figures measure
const once = evaluating(CHARACTERS);
const twice = evaluating(2 * CHARACTERS);
const figures = [
  { figure: 'evaluate 1 MB of CSPM', unit: 'ms CPU', ours: once, must: 1000, aim: 300 },
  { figure: 'evaluate 2 MB over 1 MB', unit: 'ratio', ours: twice / once, must: 3, aim: 2.2 },
  { figure: 'one state of a counter', unit: 'µs CPU', ours: (counting() * 1000) / STATES, must: 50, aim: 5 },
].map((figure) => ({ ...figure, peer: null, peerName: null, ratio: null, holds: figure.ours <= figure.must }));
for (const figure of figures) {
  const { figure: name, ours, unit, must, holds } = figure;
  console.log(
    process.argv.includes('--json')
      ? JSON.stringify(figure)
      : `${name}: ${ours.toFixed(1)} ${unit} (must ${must}): ${holds ? 'holds' : 'fails'}`,
  );
}
process.exitCode = figures.every(({ holds }) => holds) ? 0 : 1;
