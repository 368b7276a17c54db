/**
 * `npm run judges [-- NAME...]`: a running server and its documents before programs that nobody here wrote. What a judge needs is installed when it is
 * not there; a judge that cannot be had fails, and so does one that does not find the error that is planted for it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startServer } from '@enhanced-csp/server';
import { chromium } from './judges/chromium.ts';
import { graphqlHttp } from './judges/graphql.ts';
import type { Judge, Subject } from './judges/judge.ts';
import { linter, prism, respect } from './judges/openapi.ts';
import { prometheus, promtool } from './judges/prometheus.ts';

const JUDGES: readonly Judge[] = [
  linter('openapi'),
  linter('arazzo'),
  respect,
  prism,
  graphqlHttp,
  promtool,
  prometheus,
  chromium,
];

const wanted = process.argv.slice(2);
const chosen = JUDGES.filter(({ name }) => wanted.length === 0 || wanted.some((one) => name.includes(one)));
if (chosen.length === 0) {
  console.error(`There is no judge ${wanted.join(', ')}; there are ${JUDGES.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), 'csp-judges-'));
// Judges are quicker than people: how many scripts may be verified a minute is not what they are here for.
const flags = { port: 0, 'rate.verify_per_minute': 0, 'telemetry.sample_seconds': 1 };
const server = await startServer({ folder, env: {}, flags, writeLog: () => {} });
let failed = 0;
try {
  for (const judge of chosen) if (!(await passes(judge, { server, folder }))) failed += 1;
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
console.log(
  failed === 0 ? `\n${chosen.length} judges, no complaint` : `\n${failed} of ${chosen.length} judges complain`,
);
process.exitCode = failed === 0 ? 0 : 1;

async function passes({ name, judge, control }: Judge, subject: Subject): Promise<boolean> {
  try {
    const { examined, complaints } = await judge(subject);
    const { complaints: found } = await control(subject);
    const blind = found.length === 0;
    console.log(`${complaints.length > 0 || blind ? '✗' : '✓'} ${name}: ${examined}`);
    for (const complaint of complaints) console.log(`    ${complaint}`);
    if (blind) console.log('    it does not find what was planted');
    else console.log(`    finds what was planted: ${found[0]?.split('\n')[0]?.slice(0, 120)}`);
    return complaints.length === 0 && !blind;
  } catch (fault) {
    console.log(`✗ ${name}: ${(fault as Error).message}`);
    return false;
  }
}
