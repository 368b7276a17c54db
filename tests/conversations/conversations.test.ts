import { createPublicKey, verify } from 'node:crypto';
import { openProtocol } from '@enhanced-csp/engine';
import { auditLog, parseKey, readLog } from '@enhanced-csp/engine/audit';
import { ENVIRONMENT } from '@enhanced-csp/engine/runtime';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newFolder, openPlatform, sha256, signer, type TestPlatform } from './platform.ts';

const HAGGLE = `--@ conversation HAGGLE roles buyer, seller
datatype Role = buyer | seller
channel ask, counter : Role.Role.{1..3}
channel take, leave : Role.Role
HAGGLE = ask.buyer.seller?p -> (take.seller.buyer -> SKIP |~| counter.seller.buyer$q -> HAGGLE |~| leave.seller.buyer -> SKIP)
`;

const { folder, remove } = newFolder();
let platform: TestPlatform;
let protocol_id: string;
beforeAll(async () => {
  platform = await openPlatform(folder);
  ({ protocol_id } = await platform.run('protocols.define', { name: 'haggle', source: HAGGLE }));
  expect(await platform.run('protocols.verify', { protocol_id })).toMatchObject({ status: 'verified' });
});
afterAll(async () => {
  await platform.stop();
  remove();
});

const start = async (name = 'talk') =>
  (await platform.run('conversations.start', { protocol_id, name })).conversation_id as string;
const perform = (conversation_id: string, role: string, event: string, payload?: unknown) =>
  platform.run('conversations.attempt', { conversation_id, role, event, ...(payload !== undefined && { payload }) });
const refused = (conversation_id: string, role: string, event: string) =>
  platform.fault('conversations.attempt', { conversation_id, role, event });

/** The audit, by the engine alone, of what the platform exports. */
async function audit(conversation_id: string) {
  const { log, key, root } = await platform.run('conversations.log', { conversation_id });
  const read = readLog(new TextEncoder().encode(log), { sha256 });
  const { source, system, roles } = read.protocol!;
  const opened = openProtocol({ source, system, roles }, { file: 'log' });
  if (opened.kind !== 'open') throw new Error('the protocol of the log does not open');
  const { lts, roles: who } = opened.protocol;
  const report = auditLog(read, {
    sha256,
    signedBy: { keys: [parseKey(sha256, key)!], verify: ed25519 },
    behavior: { lts, performerOf: (event) => who.performerOf(event) ?? ENVIRONMENT },
  });
  expect(report.root).toBe(root);
  return report;
}

const ed25519 = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean => {
  const x = Buffer.from(publicKey).toString('base64url');
  return verify(null, message, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }), signature);
};

describe('a conversation', () => {
  test('is held to its end, and its log passes the audit', async () => {
    const id = await start();
    const heard = platform.listen(`conversation.${id}`);
    expect(await perform(id, 'buyer', 'ask.buyer.seller.2', { words: 'two?' })).toMatchObject({
      sequence: 1,
      status: 'running',
    });
    expect(await perform(id, 'seller', 'counter.seller.buyer.3')).toMatchObject({ sequence: 2 });
    await perform(id, 'buyer', 'ask.buyer.seller.3');
    expect(await perform(id, 'seller', 'take.seller.buyer')).toMatchObject({
      sequence: 4,
      status: 'terminated',
      expected: [],
    });

    expect(await platform.run('conversations.get', { conversation_id: id })).toMatchObject({
      status: 'terminated',
      accepted: 4,
      refused: 0,
    });
    const { trace } = await platform.run('conversations.trace', { conversation_id: id });
    expect(trace.map(({ event }: { event: string }) => event)).toEqual([
      'ask.buyer.seller.2',
      'counter.seller.buyer.3',
      'ask.buyer.seller.3',
      'take.seller.buyer',
    ]);
    const { events, next } = await platform.run('conversations.events', { conversation_id: id, from: 1, limit: 1 });
    expect(events).toMatchObject([{ sequence: 1, kind: 'event', payload: { words: 'two?' } }]);
    expect(next).toBe(2);
    expect(heard.map(({ data }) => (data as { kind: string }).kind)).toEqual([
      'event',
      'event',
      'event',
      'event',
      'closed',
    ]);
    expect(await audit(id)).toMatchObject({
      passed: true,
      authenticity: { kind: 'signed' },
      conformance: { kind: 'conforms', accepted: 4, ending: 'terminated' },
    });
  });

  test('refuses before delivery, says what was expected, and remembers', async () => {
    const id = await start();
    const outOfTurn = await refused(id, 'seller', 'take.seller.buyer');
    expect(outOfTurn).toMatchObject({
      code: 'CSP-CNV-006',
      kind: 'refused',
      details: { reason: 'not now', expected: [], sequence: 1 },
    });
    expect(await refused(id, 'seller', 'ask.buyer.seller.1')).toMatchObject({ details: { reason: 'not yours' } });
    expect(await refused(id, 'buyer', 'steal.buyer')).toMatchObject({
      details: {
        reason: 'unknown event',
        expected: ['ask.buyer.seller.1', 'ask.buyer.seller.2', 'ask.buyer.seller.3'],
      },
    });
    expect(await platform.run('conversations.trace', { conversation_id: id })).toMatchObject({ trace: [] });
    expect(await platform.run('conversations.verdict', { conversation_id: id })).toMatchObject({
      verdict: 'conforming',
      accepted: 0,
      refused: 3,
    });
    expect(await audit(id)).toMatchObject({ passed: true, conformance: { kind: 'conforms', refused: 3 } });
  });

  test('a stranger has no voice, and leaves no entry', async () => {
    const id = await start();
    expect(await refused(id, 'mallory', 'ask.buyer.seller.1')).toMatchObject({
      code: 'CSP-CNV-007',
      details: { roles: ['buyer', 'seller'] },
    });
    expect((await platform.run('conversations.log', { conversation_id: id })).size).toBe(1);
  });

  test('after its end everything is refused, and that is in the log', async () => {
    const id = await start();
    await perform(id, 'buyer', 'ask.buyer.seller.1');
    await perform(id, 'seller', 'leave.seller.buyer');
    expect(await refused(id, 'buyer', 'ask.buyer.seller.1')).toMatchObject({
      details: { reason: 'over', sequence: 4 },
    });
    expect(await platform.fault('conversations.stop', { conversation_id: id })).toMatchObject({ code: 'CSP-CNV-014' });
    expect(await audit(id)).toMatchObject({ passed: true, conformance: { ending: 'terminated', refused: 1 } });
  });

  test('can be stopped from outside', async () => {
    const id = await start();
    await perform(id, 'buyer', 'ask.buyer.seller.1');
    expect(await platform.run('conversations.stop', { conversation_id: id })).toMatchObject({
      status: 'stopped',
      expected: [],
    });
    expect(await refused(id, 'seller', 'take.seller.buyer')).toMatchObject({ details: { reason: 'over' } });
    expect(await audit(id)).toMatchObject({ passed: true, conformance: { ending: 'stopped' } });
  });

  test('many attempts at once are judged one after the other', async () => {
    const id = await start();
    const attempts = Array.from({ length: 50 }, (_, i) => perform(id, 'buyer', `ask.buyer.seller.${(i % 3) + 1}`));
    const outcomes = await Promise.allSettled(attempts);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await audit(id)).toMatchObject({ passed: true, conformance: { accepted: 1, refused: 49 } });
  });

  test('one flipped byte of its log is found', async () => {
    const id = await start();
    await perform(id, 'buyer', 'ask.buyer.seller.1');
    const { log } = await platform.run('conversations.log', { conversation_id: id });
    const flipped = new TextEncoder().encode(log.replace('ask.buyer.seller.1"', 'ask.buyer.seller.2"'));
    const report = auditLog(readLog(flipped, { sha256 }), { sha256 });
    expect(report.integrity).toMatchObject({ kind: 'broken', findings: [{ line: 2 }] });
  });

  test('text without a canonical form is refused at the door', async () => {
    const id = await start();
    await expect(perform(id, 'buyer', 'ask.buyer.seller.1', { words: '\ud800' })).rejects.toThrow();
    await expect(perform(id, 'buyer', '\udfff')).rejects.toThrow();
    expect((await platform.run('conversations.log', { conversation_id: id })).size).toBe(1);
  });
});

describe('receipts', () => {
  test('prove an entry, and expose a log that was rewritten', async () => {
    const id = await start();
    await perform(id, 'buyer', 'ask.buyer.seller.1');
    const { receipt, leaf } = await platform.run('conversations.receipt', { conversation_id: id, sequence: 1 });
    expect(JSON.parse(leaf)).toMatchObject({ seq: 1, event: 'ask.buyer.seller.1' });
    await perform(id, 'seller', 'take.seller.buyer');
    const { log } = await platform.run('conversations.log', { conversation_id: id });
    const options = { sha256, signedBy: { keys: [signer], verify: ed25519 }, receipts: [receipt as string] };
    expect(auditLog(readLog(new TextEncoder().encode(log), { sha256 }), options).authenticity.kind).toBe('signed');
    const other = await start('other');
    await perform(other, 'buyer', 'ask.buyer.seller.1');
    const { log: another } = await platform.run('conversations.log', { conversation_id: other });
    expect(auditLog(readLog(new TextEncoder().encode(another), { sha256 }), options).authenticity.kind).toBe('forged');
    expect(await platform.fault('conversations.receipt', { conversation_id: id, sequence: 99 })).toMatchObject({
      code: 'CSP-CNV-019',
    });
  });
});

describe('after a restart', () => {
  test('a conversation goes on where it was, and its log is one', async () => {
    const id = await start('interrupted');
    await perform(id, 'buyer', 'ask.buyer.seller.2', 'before');
    await refused(id, 'buyer', 'ask.buyer.seller.2');
    await platform.stop();
    platform = await openPlatform(folder);
    expect(await platform.run('conversations.get', { conversation_id: id })).toMatchObject({
      status: 'running',
      accepted: 1,
      refused: 1,
    });
    expect(await refused(id, 'buyer', 'ask.buyer.seller.1')).toMatchObject({
      details: { reason: 'not now', sequence: 3 },
    });
    expect(await perform(id, 'seller', 'take.seller.buyer')).toMatchObject({ sequence: 4, status: 'terminated' });
    expect(await audit(id)).toMatchObject({
      passed: true,
      conformance: { accepted: 2, refused: 2, ending: 'terminated' },
    });
  });
});

describe('pages', () => {
  test('show the conversation as a chart, with refusals and what was expected', async () => {
    const id = await start('<b>bold</b>');
    await perform(id, 'buyer', 'ask.buyer.seller.1');
    await refused(id, 'buyer', 'ask.buyer.seller.1');
    const call = { principal: { id: 'tester', roles: [] }, signal: new AbortController().signal, requestId: 'test' };
    const page = platform.platform.catalog.pages().find(({ path }) => path === '/conversations/{conversation_id}')!;
    const { title, body } = await page.render({ conversation_id: id }, call);
    expect(title).toBe('<b>bold</b>');
    expect(body.text).toContain('<svg role="img"');
    expect(body.text).toMatch(/refused: not now<\/text>.*nothing was expected of it/);
    for (const path of ['/conversations', '/protocols']) {
      const list = await platform.platform.catalog
        .pages()
        .find((one) => one.path === path)!
        .render({}, call);
      expect(list.body.text).not.toContain('<b>bold');
    }
    const protocol = await platform.platform.catalog
      .pages()
      .find(({ path }) => path === '/protocols/{protocol_id}')!
      .render({ protocol_id }, call);
    expect(protocol.body.text).toContain('required of every conversation');
  });
});
