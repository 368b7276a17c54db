import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, test } from 'vitest';
import { commandIn } from './command.fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'csp-db-'));
afterAll(() => rmSync(folder, { recursive: true }));

const csp = commandIn({});

test('csp db: made, looked at, saved, verified, put back; what is wrong says so', async () => {
  const data = ['--data', join(folder, 'data')];
  const file = join(folder, 'saved.db');
  expect((await csp('db', 'status', ...data)).exitCode).toBe(3);
  expect((await csp('db', 'migrate', ...data)).exitCode).toBe(0);
  expect(JSON.parse((await csp('db', 'status', '--json', ...data)).out)).toEqual({
    steps: [{ name: '0001-streams', applied: true }],
  });
  expect((await csp('db', 'backup', file, ...data)).out).toMatch(/^entry +0 {2}e3b0c44298fc1c14$/m);
  expect((await csp('db', 'backup', file, ...data)).exitCode).toBe(4);
  expect((await csp('db', 'restore', '--verify', file)).exitCode).toBe(0);
  expect((await csp('db', 'restore', file, ...data)).exitCode).toBe(0);
  writeFileSync(file, 'not a database, only some words that stand in the place of one');
  expect(await csp('db', 'restore', '--verify', file)).toMatchObject({
    exitCode: 5,
    err: expect.stringMatching(/^csp: CSP-STO-007 .* cannot be used.*\n {2}next: .* restore a backup.*\n$/),
  });
  const away = await csp('db', 'copy-to', 'postgresql://csp:s3cret@127.0.0.1:1/csp', ...data);
  expect(away.exitCode).toBe(6);
  expect(away.err).toContain('127.0.0.1:1/csp');
  expect(away.err).not.toContain('s3cret');
});

test('csp db backup and restore --verify: every conversation in it is audited; one changed byte is found', async () => {
  const { startServer } = await import('@enhanced-csp/server');
  const { connect } = await import('../../../packages/client/src/index.ts');
  const home = join(folder, 'home');
  const file = join(folder, 'audited.db');
  mkdirSync(home);
  const data = ['--data', join(home, 'csp-data')];
  const server = await startServer({ folder: home, env: {}, flags: { port: 0 }, writeLog: () => {} });
  const csp_ = connect({ url: server.url });
  const { protocol_id } = await csp_.protocols.define({
    name: 'hello',
    source:
      '--@ conversation HELLO roles alice, bob\ndatatype Role = alice | bob\nchannel hello : Role.Role\nHELLO = hello.alice.bob -> hello.bob.alice -> SKIP\n',
  });
  await csp_.protocols.verify({ protocol_id });
  for (let number = 0; number < 3; number++) {
    const { conversation_id } = await csp_.conversations.start({ protocol_id });
    await csp_.conversations.attempt({ conversation_id, role: 'alice', event: 'hello.alice.bob' });
    if (number > 0) await csp_.conversations.attempt({ conversation_id, role: 'bob', event: 'hello.bob.alice' });
  }
  const made = await csp('db', 'backup', '--verify', '--json', file, ...data);
  expect(made.exitCode, made.err).toBe(0);
  expect(JSON.parse(made.out).audit).toEqual({ conversations: 3, leaves: 10, failures: [] });
  await server.stop();
  expect((await csp('db', 'restore', '--verify', file)).out).toContain(
    '3 conversations with 10 leaves audited, 0 failed',
  );

  const changes: [change: string, message: RegExp][] = [
    [
      "UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), 'hello.bob.alice', 'hello.bob.alicf') AS BLOB)",
      /line \d/,
    ],
    [
      'UPDATE entry SET bytes = CAST(replace(CAST(bytes AS TEXT), \'"at":"2\', \'"at":"1\') AS BLOB) WHERE sequence = 1',
      /line \d/,
    ],
    ['DELETE FROM record_conversations', /its record is not there/],
    ['DELETE FROM entry; DELETE FROM stream', /its log is not there/],
    ["UPDATE record_conversations SET body = json_set(body, '$.accepted', 7)", /its record counts 7/],
  ];
  for (const [change, message] of changes) {
    const spoiled = join(folder, 'spoiled.db');
    copyFileSync(file, spoiled);
    const database = new DatabaseSync(spoiled);
    database.exec(change);
    database.close();
    const found = await csp('db', 'restore', '--verify', spoiled);
    expect(found.exitCode, change).toBe(1);
    expect(found.out, change).toMatch(message);
  }
});

test('csp db advise: what the platform searches for, asked while it runs; made while it does not; known by the log', async () => {
  const { startServer } = await import('@enhanced-csp/server');
  const { connect } = await import('../../../packages/client/src/index.ts');
  const home = join(folder, 'advised');
  mkdirSync(home);
  const data = ['--data', join(home, 'csp-data')];
  const logged: string[] = [];
  const flags = { port: 0, 'database.slow_seconds': 1e-9, 'log.format': 'json' };
  const server = await startServer({ folder: home, env: {}, flags, writeLog: (line) => logged.push(line) });
  const client = connect({ url: server.url });
  expect((await csp('db', 'advise', '--json', '--slower-than', '0', ...data)).exitCode).toBe(0);
  const { channel_id } = await client.channels.create({ name: 'c', type: 'buffered' });
  await client.channels.send({ channel_id, event: {} });
  await client.processes.create({ name: 'p', definition: { behavior: 'SKIP' } });
  for (const query of [
    { name: 'c', type: 'buffered' },
    { type: 'buffered', created_from: '2026-01-01T00:00:00Z' },
  ] as const)
    await client.channels.list(query);
  await client.processes.list({ name: 'p', status: 'created' });
  await client.channels.list({ name: 'c', type: 'buffered', security_level: 'medium' });

  const quiet = await csp('db', 'advise', ...data);
  expect(quiet).toMatchObject({ exitCode: 0, out: expect.stringMatching(/^nothing to advise: of \d+ kinds/) });
  const asked = await csp('db', 'advise', '--json', '--slower-than', '0', ...data);
  expect(asked.exitCode, asked.err).toBe(1);
  const { advice } = JSON.parse(asked.out) as { advice: { index: string; statement: string; plan: string[] }[] };
  expect(advice.every(({ plan }) => plan.length > 0)).toBe(true);
  // Another witness of what the platform searches for: its own log of what it did.
  const told = logged.flatMap((line) =>
    line.includes('"advice"') && !line.includes('field_security_level =') ? [JSON.parse(line).advice as string] : [],
  );
  expect(told.length).toBeGreaterThanOrEqual(3);
  expect(advice.map(({ statement }) => statement)).toEqual(expect.arrayContaining(told));
  expect((await csp('db', 'advise', '--apply', '--slower-than', '0', ...data)).exitCode).toBe(4);
  await server.stop();

  const made = await csp('db', 'advise', '--apply', '--json', '--slower-than', '0', ...data);
  const rows = JSON.parse(made.out).advice;
  expect(rows.map((row: { index: string }) => row.index)).toHaveLength(advice.length);
  for (const row of rows)
    expect(row).toMatchObject({ made: true, used: expect.any(Boolean), milliseconds_after: expect.any(Number) });
  expect(made.exitCode).toBe(rows.every(({ used }: { used: boolean }) => used) ? 0 : 1);
  expect((await csp('db', 'advise', '--slower-than', '0', ...data)).out).toMatch(/^nothing to advise/);

  const log = join(folder, 'server.log');
  // Three filters: not asked for, and slow.
  writeFileSync(log, `not JSON\n${logged.find((line) => line.includes('field_security_level ='))}\n`);
  const read = ['db', 'advise', '--slower-than', '0', '--log', log, ...data];
  expect(await csp(...read)).toMatchObject({
    exitCode: 1,
    out: expect.stringMatching(/^ {2}\d+\.\d ms in the log: SELECT /m),
  });
  expect(await csp(...read, '--apply')).toMatchObject({
    exitCode: 0,
    out: expect.stringMatching(/^made {2}CREATE INDEX record_channels_by_/),
  });
  expect((await csp(...read)).exitCode).toBe(0);
  expect((await csp('db', 'advise', '--log', join(folder, 'none.log'), ...data)).exitCode).toBe(3);
  expect((await csp('db', 'advise', '--data', join(folder, 'nowhere'))).exitCode).toBe(3);
});
