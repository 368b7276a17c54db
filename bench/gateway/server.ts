/**
 * A server under load, in a process of its own: `ours` as it is; `bare` the same but for two operations, which answer at once, without the store, the
 * monitor and the log. Prints what the benchmark needs to know as one line of JSON, and ends with its stdin.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conversations } from '@enhanced-csp/conversations';
import type { Module, Operation } from '@enhanced-csp/platform';
import { MODULES, startServer } from '@enhanced-csp/server';

const now = new Date(0).toISOString();
const BARE: Readonly<Record<string, Operation['run']>> = {
  'channels.send': async (input) => ({
    channel_id: (input as { channel_id: string }).channel_id,
    sequence: 1,
    status: 'sent',
  }),
  'conversations.attempt': async (input) => ({
    ...(input as { conversation_id: string; role: string; event: string }),
    sequence: 1,
    at: now,
    status: 'running',
    expected: [{ event: 'say.alice.bob', role: 'alice' }],
  }),
};

const bare: Module = {
  ...(conversations as Module),
  async start(capabilities, config) {
    const started = await (conversations as Module).start(capabilities, config);
    const operations = started.operations?.map((row) => ({ ...row, run: BARE[row.id] ?? row.run }));
    return { ...started, ...(operations === undefined ? {} : { operations }) };
  },
};

/** One event again and again: every attempt is accepted, and every one is judged. */
const SOURCE = `--@ conversation TALK roles alice, bob
datatype Role = alice | bob
channel say : Role.Role
TALK = say.alice.bob -> TALK [] say.bob.alice -> TALK
`;

const folder = mkdtempSync(join(tmpdir(), 'csp-bench-gateway-'));
const modules =
  process.argv[2] === 'bare' ? MODULES.map((one) => (one.name === 'conversations' ? bare : one)) : MODULES;
const flags = { port: 0, 'rate.write_per_minute': 0, 'rate.verify_per_minute': 0, 'rate.read_per_minute': 0 };
const server = await startServer({ folder, env: {}, flags, modules, writeLog: () => {} });
const post = async (path: string, body: object) => {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  return (await (await fetch(server.url + path, init)).json()) as Record<string, string>;
};
const { channel_id } = await post('/api/channels', { name: 'load', type: 'sliding', buffer_size: 1000 });
const { protocol_id } = await post('/api/protocols', { name: 'talk', source: SOURCE });
await post(`/api/protocols/${protocol_id}/verify`, {});
const { conversation_id } = await post('/api/conversations', { protocol_id: protocol_id as string });
console.log(JSON.stringify({ url: server.url, channel_id, conversation_id }));

process.stdin.resume();
process.stdin.once('end', async () => {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
