/**
 * The campaign of faults: schedules drawn from seeds, in virtual time, for three policies: nobody restarts what was killed, it is restarted from the
 * beginning, or from the journal. One line a policy.
 *
 *   npm run faults -- [--schedules 1000] [--seed 0] [--json]
 *
 * Exit status 1 when a request is not answered, or has two effects, under the journal; or when the other policies look as good: then the faults are none.
 */
import { parseArgs } from 'node:util';
import { ALL_FAULTS, campaign, type Policy } from '../tests/faults/campaign.ts';

const { values: flags } = parseArgs({
  options: {
    schedules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
});

const POLICIES: readonly Policy[] = ['nobody', 'from the beginning', 'from the journal'];
const scores = [];
for (const policy of POLICIES) {
  const score = await campaign(policy, ALL_FAULTS, Number(flags.schedules), Number(flags.seed));
  scores.push(score);
  if (flags.json) continue;
  const { requests, answered, doubled, kills, msPerRequest } = score;
  process.stdout.write(
    `${policy.padEnd(20)}${((100 * answered) / requests).toFixed(2)} % answered, ${doubled} done twice, ${kills} kills, ${msPerRequest.toFixed(1)} virtual ms a request\n`,
  );
}
const [nobody, beginning, journal] = scores;
const passed =
  journal!.answered === journal!.requests &&
  journal!.doubled + journal!.invented === 0 &&
  nobody!.answered < nobody!.requests &&
  beginning!.doubled > 0;
if (flags.json) process.stdout.write(`${JSON.stringify({ scores, passed })}\n`);
else process.stdout.write(passed ? 'from the journal everything is answered, and done once\n' : 'FAILED\n');
process.exitCode = passed ? 0 : 1;
