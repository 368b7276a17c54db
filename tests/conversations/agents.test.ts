/** Agents that modules bring: they take part by the door everybody takes. */
import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { View } from '@enhanced-csp/engine';
import { type AgentKind, defineModule, type Module } from '@enhanced-csp/platform';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { agents as negotiators } from '../../models/negotiation.agents.ts';
import { newFolder, openPlatform, type TestPlatform } from './platform.ts';

const { folder, remove } = newFolder();
let platform: TestPlatform;
afterEach(() => platform.stop().finally(remove));

const PING = `--@ conversation PING roles a, b
datatype R = a | b
channel ping : R.R.{0..1}
channel crash : R
PING = ping.a.b?n -> (ping.b.a.n -> PING [] crash.b -> ENDED) [] crash.a -> SKIP
ENDED = crash.a -> SKIP
`;

const cast = (agents: Readonly<Record<string, AgentKind>>): Module =>
  defineModule({
    name: 'cast',
    needs: [],
    config: z.strictObject({}),
    errors: {},
    start: async () => ({ agents, stop: async () => {} }),
  }) as unknown as Module;

async function open(agents: Readonly<Record<string, AgentKind>>, source = PING, name = 'ping') {
  platform = await openPlatform(folder, {}, undefined, [cast(agents)]);
  const { protocol_id } = await platform.run('protocols.define', { name, source });
  expect(await platform.run('protocols.verify', { protocol_id })).toMatchObject({ status: 'verified' });
  return protocol_id as string;
}

/** What the log of a conversation says once `enough` of it is there. */
async function log(conversation_id: string, enough: (events: readonly { kind: string; event?: string }[]) => boolean) {
  for (;;) {
    const { events } = await platform.run('conversations.events', { conversation_id, limit: 1000 });
    if (enough(events)) return events as { kind: string; role?: string; event?: string; reason?: string }[];
    await after(5);
  }
}
const words = (events: readonly { kind: string; role?: string; event?: string }[]) =>
  events.map(({ kind, role, event }) => [kind, role, event].filter((one) => one !== undefined).join(' '));
const closed = (events: readonly { kind: string }[]) => events.at(-1)?.kind === 'closed';

test('a whole cast holds a negotiation to its end', async () => {
  const kinds = Object.entries(negotiators).map(
    ([role, decide]) => [role, { description: role, roles: [role], decide }] as const,
  );
  const source = readFileSync(new URL('../../models/negotiation.csp', import.meta.url), 'utf8');
  const protocol_id = await open(Object.fromEntries(kinds), source, 'negotiation');
  const agents = Object.fromEntries(kinds.map(([role]) => [role, `cast.${role}`]));
  const { conversation_id, ...started } = await platform.run('conversations.start', { protocol_id, agents });
  expect(started).toMatchObject({ agents });
  const events = await log(conversation_id, closed);
  expect(events.at(-1)).toMatchObject({ kind: 'closed', reason: 'terminated' });
  expect(words(events).some((line) => line.startsWith('event buyer pay.buyer.seller'))).toBe(true);
  expect(events.every(({ kind }) => kind !== 'refusal')).toBe(true);
});

test('an agent may be an object of a class, with a state of its own', async () => {
  class Counter implements AgentKind {
    readonly description = 'Counts what it is asked.';
    asked = 0;
    decide({ may }: View): string | undefined {
      this.asked++;
      return may.find((event) => event.startsWith('ping.b'));
    }
  }
  const counter = new Counter();
  const protocol_id = await open({ counter });
  const { conversation_id } = await platform.run('conversations.start', { protocol_id, agents: { b: 'cast.counter' } });
  await platform.run('conversations.attempt', { conversation_id, role: 'a', event: 'ping.a.b.1' });
  await log(conversation_id, (events) => events.length === 3);
  expect(counter.asked).toBe(1);
});

test('what there is, and typed refusals of what there is not', async () => {
  const protocol_id = await open({
    polite: { description: 'Answers.', roles: ['b'], protocols: ['ping'], decide: () => undefined },
    elsewhere: { description: 'Knows another one.', protocols: ['pong'], decide: () => undefined },
  });
  expect(await platform.run('agents.kinds')).toEqual({
    agents: [
      { name: 'cast.polite', description: 'Answers.', roles: ['b'], protocols: ['ping'] },
      { name: 'cast.elsewhere', description: 'Knows another one.', protocols: ['pong'] },
    ],
  });
  const fault = (agents: object) => platform.fault('conversations.start', { protocol_id, agents });
  expect(await fault({ b: 'cast.polit' })).toMatchObject({ code: 'CSP-CNV-021', kind: 'unprocessable' });
  expect((await fault({ b: 'cast.polit' })).message).toContain('did you mean cast.polite?');
  expect(await fault({ a: 'cast.polite' })).toMatchObject({ code: 'CSP-CNV-022' });
  expect(await fault({ a: 'cast.elsewhere' })).toMatchObject({ code: 'CSP-CNV-022' });
  expect(await fault({ c: 'cast.polite' })).toMatchObject({ code: 'CSP-CNV-007' });
});

test('one that throws has crashed: the protocol says so, once', async () => {
  const broken = { description: 'Throws.', decide: () => Promise.reject(new Error('no model')) };
  const protocol_id = await open({ broken });
  const agents = { b: 'cast.broken' };
  const { conversation_id } = await platform.run('conversations.start', { protocol_id, agents });
  await platform.run('conversations.attempt', { conversation_id, role: 'a', event: 'ping.a.b.1' });
  expect(words(await log(conversation_id, (events) => events.length >= 3))).toEqual([
    'opened',
    'event a ping.a.b.1',
    'event b crash.b',
  ]);
  await platform.run('conversations.attempt', { conversation_id, role: 'a', event: 'crash.a' });
  expect(words(await log(conversation_id, closed)).length).toBe(5);
});

test('one that answers what is not allowed is refused and told, and does not spin', async () => {
  const told: number[] = [];
  const rogue = {
    description: 'Answers with another number.',
    decide({ may, refused }: View) {
      told.push(refused.length);
      return may[0] === undefined ? undefined : 'ping.b.a.7';
    },
  };
  const protocol_id = await open({ rogue });
  const { conversation_id } = await platform.run('conversations.start', { protocol_id, agents: { b: 'cast.rogue' } });
  await platform.run('conversations.attempt', { conversation_id, role: 'a', event: 'ping.a.b.1' });
  const lines = words(await log(conversation_id, (events) => events.some(({ event }) => event === 'crash.b')));
  expect(lines.filter((line) => line === 'refusal b ping.b.a.7')).toHaveLength(8);
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});

test('where everything is delivered it does not spin either, and silence confuses nobody', async () => {
  const babbler = { description: 'Says what nobody may.', decide: () => 'ping.b.a.7' };
  const protocol_id = await open({ babbler });
  const { conversation_id } = await platform.run('conversations.start', {
    protocol_id,
    mode: 'observe',
    patience_seconds: 0.1,
    agents: { b: 'cast.babbler' },
  });
  const told = platform.listen(`conversation.${conversation_id}`);
  await expect.poll(() => told.some(({ data }) => (data as { kind: string }).kind === 'silent')).toBe(true);
  await platform.run('conversations.attempt', { conversation_id, role: 'a', event: 'ping.a.b.1' });
  const lines = words(await log(conversation_id, (events) => events.some(({ event }) => event === 'crash.b')));
  expect(lines.filter((line) => line === 'unlawful b ping.b.a.7')).toHaveLength(8);
});

test('after a restart the agents sit where they sat, and remember what the log says', async () => {
  const views: View[] = [];
  const counting = {
    description: 'Answers, three times in all.',
    decide(view: View) {
      views.push(view);
      return view.heard.length < 6 ? view.may.find((event) => event.startsWith('ping')) : undefined;
    },
  };
  const protocol_id = await open({ counting });
  const { conversation_id } = await platform.run('conversations.start', {
    protocol_id,
    agents: { b: 'cast.counting' },
  });
  const ask = () => platform.run('conversations.attempt', { conversation_id, role: 'a', event: 'ping.a.b.0' });
  await ask();
  await log(conversation_id, (events) => events.length === 3);
  await platform.stop();
  views.length = 0;

  platform = await openPlatform(folder, {}, undefined, [cast({ counting })]);
  await ask();
  await log(conversation_id, (events) => events.length === 5);
  expect(views[0]?.heard).toEqual(['ping.a.b.0', 'ping.b.a.0', 'ping.a.b.0']);
  await platform.stop();

  // Without the module its role is open to anybody.
  platform = await openPlatform(folder);
  await ask();
  await platform.run('conversations.attempt', { conversation_id, role: 'b', event: 'ping.b.a.0' });
  expect(await platform.run('conversations.get', { conversation_id })).toMatchObject({ accepted: 6, refused: 0 });
});

test('one that takes its time decides on what there was; the conversation judges by what there is', async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  const slow: AgentKind = {
    description: 'Waits to be told.',
    decide() {
      asked.resolve();
      return answer.promise;
    },
  };
  const protocol_id = await open({ slow });
  const { conversation_id } = await platform.run('conversations.start', { protocol_id, agents: { b: 'cast.slow' } });
  await platform.run('conversations.attempt', { conversation_id, role: 'a', event: 'ping.a.b.1' });
  await asked.promise;
  await platform.run('conversations.attempt', { conversation_id, role: 'b', event: 'ping.b.a.1' });
  answer.resolve('ping.b.a.1');
  const events = await log(conversation_id, (found) => found.some(({ kind }) => kind === 'refusal'));
  expect(events.at(-1)).toMatchObject({ role: 'b', event: 'ping.b.a.1', reason: 'not now' });
});
