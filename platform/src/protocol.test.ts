import { expect, test } from 'vitest';
import { z } from 'zod';
import { assemble } from './assemble.ts';
import { defineModule, type Module } from './module.ts';
import { moduleProtocol, type ProtocolDeclaration, type ProtocolMonitor } from './protocol.ts';

const source = `channel ask, commit, tell : {0..1}
GREETER = ask?n -> commit.n -> tell.n -> GREETER
COUNTED(n) = n > 0 & ask.0 -> COUNTED(n - 1)
ENDLESS(n) = ask.0 -> ENDLESS(n + 1)
ALL = ENDLESS(0)
`;
const greeter = moduleProtocol('greeter', { source });

test('what the process allows is performed, anything else is refused and changes nothing', async () => {
  const monitor = await greeter.monitor('GREETER');
  const session = monitor.session();
  expect(session.expected()).toEqual(['ask.0', 'ask.1']);
  session.perform('ask.1');
  expect(() => session.perform('tell.1')).toThrow(
    expect.objectContaining({
      code: 'CSP-PLT-015',
      kind: 'refused',
      message: 'The protocol of greeter does not allow tell.1 now; possible are commit.1.',
      details: { module: 'greeter', event: 'tell.1', expected: ['commit.1'] },
    }),
  );
  expect(() => session.perform('dance')).toThrow(/does not allow dance now/);
  session.perform('commit.1');
  session.perform('tell.1');
  session.perform('ask.0');
  // Another run is at the beginning.
  monitor.session().perform('ask.0');
});

test('a table is made once for each process', async () => {
  expect(greeter.monitor('GREETER')).toBe(greeter.monitor('GREETER'));
  expect((await greeter.monitor('GREETER')).table).toBe((await greeter.monitor('GREETER')).table);
});

test.each<[string, ProtocolDeclaration | undefined, string, RegExp]>([
  ['no protocol', undefined, 'P', /module m cannot be monitored: it declares none/],
  ['no such process', { source }, 'GRETER', /defines no process GRETER without parameters/],
  ['with parameters', { source }, 'COUNTED', /defines no process COUNTED without parameters/],
  ['not CSPM', { source: 'channel a\nP = a -> ' }, 'P', /cannot be monitored: line \d+: /],
  ['too many states', { source }, 'ALL', /cannot be monitored: /],
  ['no such table', { tables: {} }, 'P', /there is no table of P/],
])('%s', async (_, declaration, process, message) => {
  const refused = moduleProtocol('m', declaration).monitor(process);
  await expect(refused).rejects.toMatchObject({ code: 'CSP-PLT-014', message: expect.stringMatching(message) });
});

test('each module gets its own', async () => {
  const monitors: Record<string, ProtocolMonitor> = {};
  const module = (name: string, channel: string): Module =>
    defineModule({
      name,
      needs: ['protocol'],
      protocol: { source: `channel ${channel}\nP = ${channel} -> P` },
      config: z.strictObject({}),
      errors: {},
      async start({ protocol }) {
        monitors[name] = await protocol.monitor('P');
        return { stop: async () => {} };
      },
    }) as unknown as Module;
  await assemble([module('first', 'a'), module('second', 'b')], {}, {});
  expect(Object.entries(monitors).map(([name, monitor]) => [name, monitor.session().expected()])).toEqual([
    ['first', ['a']],
    ['second', ['b']],
  ]);
});
