/** Conversations and a channel of a real server under `kill -9`: everything that was acknowledged over HTTP is there once. */
import { setTimeout as sleep } from 'node:timers/promises';
import { examineChannel, examineConversation, examinePayloads, type Findings } from './evidence.ts';
import type { Place } from './places.ts';
import { startProcess } from './server-process.ts';
import { type Acknowledged, converse, PROTOCOL, receiveAll, request, sendAll } from './workload.ts';

const CONVERSATION_COUNT = 4;
const SENDER_COUNT = 4;
const RECEIVER_COUNT = 2;

export async function killServers(
  place: Place,
  options: {
    readonly kills: number;
    readonly deadline: number;
    readonly lifeMs: () => number;
    readonly findings: Findings;
    progress(kills: number, acknowledged: number): void;
  },
): Promise<{ readonly kills: number; readonly acknowledged: Acknowledged }> {
  const { findings } = options;
  const acknowledged: Acknowledged = { attempts: [], sent: [], received: [] };
  let kills = 0;
  let server = await startProcess(place);
  try {
    const { conversations, channel } = await prepare(server.url);
    while (kills < options.kills && performance.now() < options.deadline) {
      const clients = talk(server.url, conversations, channel, acknowledged, findings);
      await sleep(options.lifeMs());
      await server.kill();
      kills++;
      await clients;
      server = await startProcess(place);
      // Each log is read in full: not all of them after each kill.
      const at = kills % conversations.length;
      await examineConversation(server.url, conversations[at]!, acknowledged, findings);
      const { attempts, sent, received } = acknowledged;
      options.progress(kills, attempts.length + sent.length + received.length);
    }
    for (const id of conversations) {
      await examineConversation(server.url, id, acknowledged, findings);
      await examinePayloads(server.url, id, acknowledged, findings);
    }
    const status = await server.stop();
    if (status !== 0) findings.wrong.push(`the last server stopped with status ${status}`);
    await examineChannel(place, channel, acknowledged, findings);
    await examineChecker(place, channel, findings);
  } finally {
    await server.kill();
  }
  return { kills, acknowledged };
}

/** A checker that cannot find a loss says nothing: one is planted, and must be found. */
async function examineChecker(place: Place, channel: string, findings: Findings): Promise<void> {
  const planted: Findings = { lost: [], doubled: [], wrong: [] };
  const never = { sequence: 0, type: 'never sent' };
  await examineChannel(place, channel, { attempts: [], sent: [never], received: [] }, planted);
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
async function talk(
  url: string,
  conversations: readonly string[],
  channel: string,
  acknowledged: Acknowledged,
  findings: Findings,
): Promise<void> {
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
