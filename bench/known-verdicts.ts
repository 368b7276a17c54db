/**
 * `npm run bench:cache [-- --json]`: the same protocol is defined and verified again and again, as clients do that bring theirs along. With the cache
 * and without it, in turns, each on a platform of its own; processor time of this process and of the checking ones (Linux counts it in nanoseconds).
 * Equal verdicts are asserted.
 */
import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cache } from '@enhanced-csp/cache';
import { newFolder, openPlatform, type TestPlatform } from '../tests/conversations/platform.ts';

const ROUNDS = 12;
const source = readFileSync(join(import.meta.dirname, '../models/negotiation.csp'), 'utf8');
const folders = [newFolder(), newFolder()] as const;
const platforms = {
  ours: await openPlatform(folders[0].folder, {}, undefined, [cache]),
  peer: await openPlatform(folders[1].folder),
};

async function verify(platform: TestPlatform): Promise<{ readonly verdicts: string[]; readonly cpuMs: number }> {
  const before = cpuMs();
  const { protocol_id } = await platform.run('protocols.define', { name: 'negotiation', source });
  const { assertions } = await platform.run('protocols.verify', { protocol_id });
  return {
    verdicts: assertions.map(({ text, verdict }: Record<string, string>) => `${verdict}: ${text}`),
    cpuMs: cpuMs() - before,
  };
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  const tasks = children.flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((task) => `/proc/${pid}/task/${task}`));
  const ofChildren = tasks.map((task) => Number(readFileSync(`${task}/schedstat`, 'utf8').split(' ')[0]));
  return (user + system) / 1e3 + ofChildren.reduce((sum, one) => sum + one, 0) / 1e6;
}

const times = { ours: [] as number[], peer: [] as number[] };
// The first round starts the checking processes, and fills the cache: it counts for neither.
for (let round = 0; round <= ROUNDS; round++) {
  const [ours, peer] = [await verify(platforms.ours), await verify(platforms.peer)];
  assert.deepEqual(ours.verdicts, peer.verdicts);
  if (round === 0) continue;
  times.ours.push(ours.cpuMs);
  times.peer.push(peer.cpuMs);
}
for (const platform of Object.values(platforms)) await platform.stop();
for (const { remove } of folders) remove();

const median = (values: number[]) => values.toSorted((one, other) => one - other)[values.length >> 1] as number;
const [ours, peer] = [median(times.ours), median(times.peer)];
const [must, aim] = [0.5, 0.1];
const ratio = ours / peer;
const figure = {
  figure: 'a protocol verified again',
  unit: 'ms CPU',
  ours,
  peer,
  peerName: 'without the cache',
  ratio,
  must,
  aim,
};
if (process.argv.includes('--json')) console.log(JSON.stringify({ ...figure, holds: ratio <= must }));
else
  console.log(
    `a protocol verified again: ${ours.toFixed(2)} ms CPU, without the cache ${peer.toFixed(2)}: ${ratio.toFixed(3)} (must ${must}, aim ${aim})`,
  );
process.exitCode = ratio <= must ? 0 : 1;
