/** What is there after all kills, against what was acknowledged. Read from the store itself, by the engine's audit, without the server. */
import { createHash } from 'node:crypto';
import { auditFile } from '@enhanced-csp/engine';
import type { Store } from '@enhanced-csp/platform';
import { type Place, storeOf } from './places.ts';
import type { Acknowledged, Attempt } from './workload.ts';
import { request } from './workload.ts';

export interface Findings {
  readonly lost: string[];
  readonly doubled: string[];
  /** Broken logs, wrong order, and whatever else must not be. */
  readonly wrong: string[];
}

const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

/** The log of a conversation passes the audit, and has every attempt that was acknowledged, at its place. */
export async function examineConversation(
  url: string,
  id: string,
  acknowledged: Acknowledged,
  findings: Findings,
): Promise<void> {
  const { body } = await request(url, 'GET', `/conversations/${id}/log`);
  const report = auditFile(new TextEncoder().encode(body.log), { sha256 });
  if (!report.passed) findings.wrong.push(`${id}: the log does not pass: ${JSON.stringify(report)}`);
  const leaves = (body.log as string)
    .trimEnd()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
  for (const attempt of acknowledged.attempts) {
    if (attempt.conversation_id !== id) continue;
    const leaf = leaves[attempt.sequence];
    if (leaf?.kind !== attempt.kind || leaf.event !== attempt.event)
      findings.lost.push(`${id}: ${JSON.stringify(attempt)}`);
  }
}

/** Every payload that was acknowledged is kept under its sequence number, and none twice. */
export async function examinePayloads(
  url: string,
  id: string,
  acknowledged: Acknowledged,
  findings: Findings,
): Promise<void> {
  const sequenceOf = new Map<string, number>();
  for (let from = 0; ; ) {
    const { body } = await request(url, 'GET', `/conversations/${id}/events?from=${from}&limit=1000`);
    for (const { sequence, payload } of body.events) {
      if (payload === undefined) continue;
      if (sequenceOf.has(payload))
        findings.doubled.push(`${id}: ${payload} at ${sequenceOf.get(payload)} and ${sequence}`);
      sequenceOf.set(payload, sequence);
    }
    if (body.next === from) break;
    from = body.next;
  }
  const own = acknowledged.attempts.filter((attempt) => attempt.conversation_id === id);
  for (const { kind, nonce, sequence } of own)
    if (kind === 'event' && sequenceOf.get(nonce) !== sequence)
      findings.lost.push(`${id}: payload ${nonce} of entry ${sequence}`);
  inOrder(own, `the answers of ${id}`, findings);
}

/** The journal of a channel has each acknowledged event once; what is buffered is what was sent and not received. */
export async function examineChannel(
  place: Place,
  channel_id: string,
  acknowledged: Acknowledged,
  findings: Findings,
): Promise<void> {
  const messages = { name: 'messages', fields: { channel: 'text', sequence: 'integer' } } as const;
  const { store, close } = await storeOf(place, [messages]);
  try {
    const entries = await allEntries(store, `channel.${channel_id}`);
    const sent = new Map<string, number>();
    const received = new Map<number, number>();
    for (const [index, entry] of entries.entries()) {
      if (entry.seq !== index) findings.wrong.push(`entry ${index} of the channel says it is ${entry.seq}`);
      if (entry.kind !== 'received') {
        if (sent.has(entry.type))
          findings.doubled.push(`${entry.type} was sent at ${sent.get(entry.type)} and ${index}`);
        sent.set(entry.type, index);
      }
      if (entry.kind !== 'sent') {
        const of = entry.of ?? index;
        if (received.has(of)) findings.doubled.push(`event ${of} was received at ${received.get(of)} and ${index}`);
        received.set(of, index);
      }
    }
    for (const { type, sequence } of acknowledged.sent)
      if (sent.get(type) !== sequence) findings.lost.push(`sent ${type} at ${sequence}`);
    for (const { type, sequence, sent: of } of acknowledged.received)
      if (received.get(of) !== sequence || sent.get(type) !== of) findings.lost.push(`received ${type} at ${sequence}`);
    const where = { channel: channel_id };
    const { total } = await store.find(messages.name, { where, limit: 0, offset: 0 });
    if (total !== sent.size - received.size)
      findings.wrong.push(`${total} events are buffered, ${sent.size - received.size} were sent and not received`);
  } finally {
    await close();
  }
}

interface Entry {
  readonly seq: number;
  readonly kind: 'sent' | 'received' | 'communicated';
  readonly type: string;
  readonly of?: number;
}

async function allEntries(store: Store, stream: string): Promise<Entry[]> {
  const length = await store.length(stream);
  const entries = await store.read(stream, { from: 0, limit: length });
  return entries.map((bytes) => JSON.parse(new TextDecoder().decode(bytes)) as Entry);
}

function inOrder(attempts: readonly Attempt[], what: string, findings: Findings): void {
  for (let i = 1; i < attempts.length; i++)
    if (attempts[i]!.sequence <= attempts[i - 1]!.sequence)
      findings.wrong.push(`${what} are out of order at ${attempts[i]!.sequence}`);
}
