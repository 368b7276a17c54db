/** How a server for tests is had, machine by machine. */
import { expect, test } from 'vitest';
import { type Machine, wayTo } from '../../scripts/services/provide.ts';

const redis = { name: 'Redis', packages: ['redis-server', 'redis-tools'] };
const machine = (more: Partial<Machine>, commands: readonly string[] = []): Machine => ({
  usable: false,
  installed: false,
  root: false,
  has: (command) => commands.includes(command),
  ...more,
});

test('what runs is used, what is there is started', () => {
  expect(wayTo(redis, machine({ usable: true, installed: true }))).toEqual({ kind: 'use' });
  expect(wayTo(redis, machine({ usable: true, installed: false }))).toEqual({ kind: 'use' });
  expect(wayTo(redis, machine({ installed: true }))).toEqual({ kind: 'start' });
});

test('what is missing is installed, by root or by those who may become root', () => {
  const packages = ['install', '-y', '--no-install-recommends', 'redis-server', 'redis-tools'];
  const apt = ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-q'];
  expect(wayTo(redis, machine({ root: true }, ['apt-get']))).toEqual({
    kind: 'install',
    commands: [
      [...apt, 'update'],
      [...apt, ...packages],
    ],
  });
  expect(wayTo(redis, machine({}, ['apt-get', 'sudo']))).toMatchObject({
    commands: [expect.arrayContaining(['sudo', '-n']), ['sudo', '-n', ...apt, ...packages]],
  });
});

test('what cannot be had is said, with what to do', () => {
  for (const one of [machine({ root: true }), machine({}, ['apt-get'])])
    expect(wayTo(redis, one)).toMatchObject({ kind: 'refuse', why: expect.stringMatching(/redis-server redis-tools/) });
});
