/**
 * The kill test: a real server is killed with SIGKILL at random moments while clients talk; afterwards everything it acknowledged must be there, once.
 *
 *   npm run crash -- --kills 50 [--minutes 10] [--seed 1] [--json]
 *
 * Exit status 1 when an acknowledged event is lost or doubled, a log does not pass its audit, or the time was up before all kills.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { examineChannel, examineConversation, examinePayloads, type Findings } from './crash/evidence.ts';
import { type ServerProcess, startProcess } from './crash/server-process.ts';
import { type Acknowledged, converse, PROTOCOL, receiveAll, request, sendAll } from './crash/workload.ts';

const CONVERSATION_COUNT = 4;
const SENDER_COUNT = 4;
const RECEIVER_COUNT = 2;
const LIFE_MS_MIN = 100;
const LIFE_MS_MAX = 1000;

const { values: flags } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});

const started = performance.now();
const deadline = started + Number(flags.minutes) * 60_000;
const folder = mkdtempSync(join(tmpdir(), 'csp-crash-'));
const random = randomFrom(Number(flags.seed));
const acknowledged: Acknowledged = { attempts: [], sent: [], received: [] };
const findings: Findings = { lost: [], doubled: [], wrong: [] };
let kills = 0;
let server: ServerProcess | undefined;

try {
  server = await startProcess(folder);
  const { conversations, channel } = await prepare(server.url);
  while (kills < Number(flags.kills) && performance.now() < deadline) {
    const clients = talk(server.url, conversations, channel);
    await sleep(LIFE_MS_MIN + random() * (LIFE_MS_MAX - LIFE_MS_MIN));
    await server.kill();
    kills++;
    await clients;
    server = await startProcess(folder);
    for (const id of conversations) await examineConversation(server.url, id, acknowledged, findings);
    if (!flags.json && kills % 10 === 0) process.stderr.write(`${kills} kills, ${total()} acknowledged\n`);
  }
  for (const id of conversations) await examinePayloads(server.url, id, acknowledged, findings);
  const status = await server.stop();
  if (status !== 0) findings.wrong.push(`the last server stopped with status ${status}`);
  await examineChannel(folder, channel, acknowledged, findings);
  await examineChecker(channel);
} finally {
  await server?.kill();
  rmSync(folder, { recursive: true, force: true });
}

const { lost, doubled, wrong } = findings;
const result = {
  kills,
  acknowledged: total(),
  attempts: acknowledged.attempts.length,
  sent: acknowledged.sent.length,
  received: acknowledged.received.length,
  lost: lost.length,
  doubled: doubled.length,
  wrong: wrong.length,
  seconds: Math.round((performance.now() - started) / 100) / 10,
};
const passed = lost.length + doubled.length + wrong.length === 0 && kills === Number(flags.kills) && total() > 0;
if (flags.json) process.stdout.write(`${JSON.stringify({ ...result, passed })}\n`);
else {
  for (const finding of [...lost, ...doubled, ...wrong].slice(0, 20)) process.stdout.write(`${finding}\n`);
  for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(14)}${value}\n`);
  process.stdout.write(passed ? 'nothing acknowledged was lost or doubled\n' : 'FAILED\n');
}
process.exitCode = passed ? 0 : 1;

function total(): number {
  return acknowledged.attempts.length + acknowledged.sent.length + acknowledged.received.length;
}

/** A checker that cannot find a loss says nothing: one is planted, and must be found. */
async function examineChecker(channel: string): Promise<void> {
  const planted: Findings = { lost: [], doubled: [], wrong: [] };
  const never = { sequence: 0, type: 'never sent' };
  await examineChannel(folder, channel, { attempts: [], sent: [never], received: [] }, planted);
  if (planted.lost.length !== 1) findings.wrong.push('the checker did not find a planted loss');
}

/** A verified protocol, conversations under it, and a buffered channel. */
async function prepare(url: string): Promise<{ conversations: string[]; channel: string }> {
  const { body: protocol } = await request(url, 'POST', '/protocols', { name: 'ping', source: PROTOCOL });
  const { body: verdict } = await request(url, 'POST', `/protocols/${protocol.protocol_id}/verify`);
  if (verdict.status !== 'verified') throw new Error(`the protocol is ${JSON.stringify(verdict)}`);
  const conversations: string[] = [];
  for (let i = 0; i < CONVERSATION_COUNT; i++) {
    const { body } = await request(url, 'POST', '/conversations', { protocol_id: protocol.protocol_id });
    conversations.push(body.conversation_id);
  }
  const { body: channel } = await request(url, 'POST', '/channels', {
    name: 'crash',
    type: 'buffered',
    buffer_size: 500,
  });
  return { conversations, channel: channel.channel_id };
}

/** Resolves when every client has found the server gone. What else a client runs into is a finding. */
async function talk(url: string, conversations: readonly string[], channel: string): Promise<void> {
  const clients = [
    ...conversations.map((id) => converse(url, id, acknowledged)),
    ...Array.from({ length: SENDER_COUNT }, () => sendAll(url, channel, acknowledged)),
    ...Array.from({ length: RECEIVER_COUNT }, () => receiveAll(url, channel, acknowledged)),
  ];
  for (const outcome of await Promise.allSettled(clients)) {
    const gone = outcome.status === 'rejected' && isGone(outcome.reason);
    if (!gone)
      findings.wrong.push(`a client ended: ${outcome.status === 'rejected' ? outcome.reason : 'without reason'}`);
  }
}

/** A broken connection, in the words of `fetch`. */
function isGone(error: unknown): boolean {
  return error instanceof TypeError && (error.cause !== undefined || /terminated|fetch failed/.test(error.message));
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
