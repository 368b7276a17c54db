/**
 * The kill test: real programs are killed with SIGKILL at random moments while others talk to them; afterwards everything that was acknowledged must be
 * there, once, with its effects, once. And the torn tail: the embedded store with every byte of its last commit cut off or flipped.
 *
 *   npm run crash -- --store sqlite [--kills 200] [--minutes 30] [--seed 1] [--only conversations|durable|torn-tail] [--json]
 *   npm run crash -- --store postgresql [--url postgresql://postgres@127.0.0.1:5432/postgres]
 *
 * Half of the kills are of servers that hold conversations and a channel, half of durable processes under a specification. Exit status 1 when an
 * acknowledged event is lost or an effect doubled, a log does not pass its audit, a planted loss is not found, or the time was up before all kills.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killServers } from './crash/conversations.ts';
import { killDurable } from './crash/durable.ts';
import type { Findings } from './crash/evidence.ts';
import { newPlace, type StoreKind } from './crash/places.ts';
import { tearTail } from './crash/torn-tail.ts';

/** How long a program lives, from the moment it can be talked to. */
const LIVES_MS = { conversations: [100, 1000], durable: [200, 2500] } as const;

const { values: flags } = parseArgs({
  options: {
    store: { type: 'string', default: 'sqlite' },
    url: { type: 'string', default: 'postgresql://postgres@127.0.0.1:5432/postgres' },
    kills: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const kind = flags.store as StoreKind;
if (kind !== 'sqlite' && kind !== 'postgresql') {
  process.stderr.write(`there is no store ${kind}; write sqlite or postgresql\n`);
  process.exit(2);
}

const started = performance.now();
const deadline = started + Number(flags.minutes) * 60_000;
const random = randomFrom(Number(flags.seed));
const findings: Findings = { lost: [], doubled: [], wrong: [] };
const result: Record<string, number> = { kills: 0, acknowledged: 0 };
const parts = ['conversations', 'durable', 'torn-tail'].filter((part) => (flags.only ?? part) === part);
const wanted = Math.ceil(Number(flags.kills) / parts.filter((part) => part !== 'torn-tail').length);

for (const part of parts) {
  const common = {
    kills: wanted,
    deadline,
    lifeMs() {
      const [least, most] = LIVES_MS[part as keyof typeof LIVES_MS];
      return least + random() * (most - least);
    },
    findings,
    progress(kills: number, acknowledged: number) {
      if (!flags.json && kills % 10 === 0)
        process.stderr.write(`${part}: ${kills} kills, ${acknowledged} acknowledged\n`);
    },
  };
  if (part === 'torn-tail') {
    if (kind === 'sqlite') await tear();
    continue;
  }
  const place = await newPlace(kind, flags.url);
  try {
    if (part === 'conversations') {
      const { kills, acknowledged } = await killServers(place, common);
      const { attempts, sent, received } = acknowledged;
      count(kills, attempts.length + sent.length + received.length);
      Object.assign(result, { attempts: attempts.length, sent: sent.length, received: received.length });
    } else {
      const { kills, told } = await killDurable(place, common);
      count(kills, told.answered.size);
      Object.assign(result, {
        deposits: told.answered.size,
        sentAgain: told.seen,
        effects: told.effects.size,
        repeated: told.repeated,
      });
    }
  } finally {
    await place.remove();
  }
}

const { lost, doubled, wrong } = findings;
Object.assign(result, {
  lost: lost.length,
  doubled: doubled.length,
  wrong: wrong.length,
  seconds: Math.round((performance.now() - started) / 100) / 10,
});
const killed = parts.join() === 'torn-tail' || (result.kills! >= Number(flags.kills) && result.acknowledged! > 0);
const passed = lost.length + doubled.length + wrong.length === 0 && killed;
if (flags.json) process.stdout.write(`${JSON.stringify({ store: kind, ...result, passed })}\n`);
else {
  for (const finding of [...lost, ...doubled, ...wrong].slice(0, 20)) process.stdout.write(`${finding}\n`);
  for (const [name, value] of Object.entries({ store: kind, ...result }))
    process.stdout.write(`${name.padEnd(14)}${value}\n`);
  const why = killed
    ? 'FAILED'
    : `FAILED: the time was up after ${result.kills} of ${flags.kills} kills; give more --minutes`;
  process.stdout.write(passed ? 'nothing acknowledged was lost or doubled\n' : `${why}\n`);
}
process.exitCode = passed ? 0 : 1;

function count(kills: number, acknowledged: number): void {
  result.kills! += kills;
  result.acknowledged! += acknowledged;
}

async function tear(): Promise<void> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'csp-torn-'));
  try {
    const { copies, whole, absent, wrong } = await tearTail(folder);
    Object.assign(result, { torn: copies, whole, absent });
    findings.wrong.push(...wrong);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Mulberry32: the moments of the kills can be had again. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
