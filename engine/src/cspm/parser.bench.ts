/**
 * CPU time to parse one megabyte of CSPM, and the same script twice as long: the time must double, not square.
 *
 *   node engine/src/cspm/parser.bench.ts [--json]
 */
import { parse } from './parser.ts';

const CHARACTERS = 1_000_000;
const RUNS = 5;

/** Declarations of every common form, numbered so that no two are clauses of one function. */
function script(characters: number): string {
  let text = 'datatype Message = Offer.{0..9} | Accept | Withdraw\nchannel send, receive : {0..3}.{0..3}.Message\n';
  for (let n = 0; text.length < characters; n++) {
    text += `
-- agent ${n}
AGENT${n}(me, <partner>^others, limit) =
  let
    better(Offer.x, y) = x < y and y <= limit
    better(_, _) = false
    SEEN = {Offer.p | p <- {0..9}, p % 2 == ${n % 2}, not p > limit}
  within
    send.me.partner?m:SEEN -> (if better(m, ${n % 10}) then AGENT${n}(me, others, limit - 1) else STOP)
    [] (|~| o : set(others) @ receive.o.me$x -> AGENT${n}(me, <o, partner>, #others + 2 * limit))
    [] limit == 0 & receive!partner!me?x -> SKIP
AGENT${n}(me, <>, _) = SKIP
SYSTEM${n} = (|| i : {0..3} @ [{|send.i, receive.i|}] AGENT${n}(i, <j | j <- <0..3>, j != i>, 5))[[send.0 <- receive.0]] \\ {|receive|}
assert SYSTEM${n} :[deadlock free [F]]
`;
  }
  return text;
}

function cpuMilliseconds(source: string): number {
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage();
    const { script: parsed, diagnostics } = parse(source, { file: 'bench' });
    const { user, system } = process.cpuUsage(before);
    if (diagnostics.length > 0 || parsed.declarations.length === 0) throw new Error('the bench script does not parse');
    times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[RUNS >> 1]!;
}

cpuMilliseconds(script(CHARACTERS / 4)); // compiles what the figures measure
const once = cpuMilliseconds(script(CHARACTERS));
const twice = cpuMilliseconds(script(2 * CHARACTERS));
const figures = [
  { figure: 'parse 1 MB of CSPM', unit: 'ms CPU', ours: once, must: 1000, aim: 300 },
  { figure: 'parse 2 MB over 1 MB', unit: 'ratio', ours: twice / once, must: 3, aim: 2.2 },
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
