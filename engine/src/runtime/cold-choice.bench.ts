/**
 * Choice that must wait each time: one of 2, 16, 256 channels becomes ready after the choice has been offered.
 *
 *   node engine/src/runtime/cold-choice.bench.ts [--json]
 *
 * CPU time for each selection, sender included; the sizes in turn, median of five rounds.
 */
import { choice } from './choice.ts';
import { Network } from './network.ts';
import { Seeded } from './seeded.ts';

const SIZES = [2, 16, 256] as const;
const COUNT = 200_000;

function selections(size: number, count: number): number {
  const network = new Network();
  const random = new Seeded(size);
  const channels = Array.from({ length: size }, (_, i) => network.channel<number>(`c${i}`));
  let sum = 0;
  network.spawn('sender', function* () {
    for (let i = 0; i < count; i++) yield* channels[random.below(size)]!.send(1);
  });
  network.spawn('chooser', function* () {
    const any = choice(Object.fromEntries(channels.map((channel, i) => [`g${i}`, channel.receive()])));
    for (let i = 0; i < count; i++) sum += (yield* any).value;
  });
  const before = process.cpuUsage();
  if (network.run().kind !== 'terminated' || sum !== count) throw new Error(`${sum} of ${count} selections`);
  const { user, system } = process.cpuUsage(before);
  return ((user + system) * 1000) / count;
}

const measured = SIZES.map((): number[] => []);
for (const size of SIZES) selections(size, COUNT / 10);
for (let round = 0; round < 5; round++)
  for (const [i, size] of SIZES.entries()) measured[i]!.push(selections(size, COUNT));
const [two, , many] = measured.map((list) => list.sort((x, y) => x - y)[2]!) as [number, number, number];
const ratio = Number((many / two).toFixed(2));
const figure = {
  figure: 'cold choice over 256 channels, against 2',
  unit: 'ns CPU/selection',
  ours: Math.round(many),
  peer: Math.round(two),
  peerName: 'over 2',
  ratio,
  must: 1.3,
  aim: null,
  holds: ratio <= 1.3,
};
console.log(
  process.argv.includes('--json')
    ? JSON.stringify(figure)
    : `${figure.figure}: ${figure.ours} against ${figure.peer} ${figure.unit}: ${ratio}x (must 1.3: ${figure.holds ? 'holds' : 'MISSED'})`,
);
