/**
 * CPU time to find the types of one megabyte of CSPM, already parsed, and of the same script twice as long: the time must double, not square.
 * Once with small groups of declarations, once with all of them in one group.
 *
 *   node engine/src/cspm/types/check-types.bench.ts [--json]
 */
import { parse } from '../parser.ts';
import { checkTypes } from './index.ts';

const CHARACTERS = 1_000_000;
const RUNS = 5;

function small(characters: number): string {
  let text = 'datatype Message = Offer.{0..9}.Bool | Accept\nchannel send : {0..3}.Message\nchannel done : Bool\n';
  for (let n = 0; text.length < characters; n++) {
    text += `
best${n}(Offer.x.b, <y> ^ rest) = if b and x < y then best${n}(Offer.x.b, rest) else <y, x + ${n}>
best${n}(_, rest) = rest
AGENT${n}(me, limits) =
  let
    SEEN = {p | p <- {0..9}, member(p, limits)}
  within
    send.me?m -> WAITER${n}(union(limits, {#best${n}(m, <1>)})) [] done?b -> (if b then SKIP else AGENT${n}(me + 1, SEEN))
WAITER${n}(s) = |~| y : s @ send.y.Accept -> AGENT${Math.max(0, n - 1)}(y, s) [| {| done |} |] done!false -> STOP
`;
  }
  return text;
}

function chained(characters: number): string {
  let text = 'channel c : Int\n';
  let n = 0;
  for (; text.length < characters; n++) text += `R${n}(x, s) = c!x -> R${n + 1}(x + 1, s ^ <x>)\n`;
  return `${text}R${n}(x, s) = R0(head(s), s)\n`;
}

function cpuMilliseconds(source: string): number {
  const { script } = parse(source, { file: 'bench' });
  const times: number[] = [];
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage();
    const { diagnostics } = checkTypes(script);
    const { user, system } = process.cpuUsage(before);
    if (diagnostics.length > 0) throw new Error(`the bench script has errors: ${diagnostics[0]!.message}`);
    times.push((user + system) / 1000);
  }
  return times.sort((a, b) => a - b)[RUNS >> 1]!;
}

const figures = [
  { name: 'small groups', build: small },
  { name: 'one group', build: chained },
].flatMap(({ name, build }) => {
  const once = cpuMilliseconds(build(CHARACTERS));
  const twice = cpuMilliseconds(build(2 * CHARACTERS));
  return [
    { figure: `types of 1 MB of CSPM, ${name}`, unit: 'ms CPU', ours: once, must: 2000, aim: 500 },
    { figure: `types of 2 MB over 1 MB, ${name}`, unit: 'ratio', ours: twice / once, must: 3, aim: 2.2 },
  ];
});
for (const each of figures) {
  const figure = { ...each, peer: null, peerName: null, ratio: null, holds: each.ours <= each.must };
  const { figure: name, ours, unit, must, holds } = figure;
  console.log(
    process.argv.includes('--json')
      ? JSON.stringify(figure)
      : `${name}: ${ours.toFixed(1)} ${unit} (must ${must}): ${holds ? 'holds' : 'fails'}`,
  );
  if (!holds) process.exitCode = 1;
}
