/** Kinds of processes that modules bring: a configuration, specified; everything after that is as for any other process. */
import { defineModule, defineProcessKind, Fault, type Module } from '@enhanced-csp/platform';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { newFolder, openPlatform, type TestPlatform } from './platform.ts';

const pipe = (stages: number): string =>
  `let S(0) = SKIP\n    S(n) = source?x -> sink!x -> S(n - 1)\nwithin S(${stages})`;

const kinds: Module = defineModule({
  name: 'kinds',
  needs: [],
  config: z.strictObject({}),
  errors: {},
  start: async () => ({
    processKinds: {
      relay: defineProcessKind({
        description: 'Passes on so many messages.',
        config: z.strictObject({ messages: z.int().min(1).max(9).default(1) }),
        specify: ({ messages }) => ({ inputs: ['source'], outputs: ['sink'], behavior: pipe(messages) }),
      }),
      steps: defineProcessKind({
        description: 'In step notation, from any channel to another.',
        config: z.strictObject({ from: z.string(), to: z.string() }),
        specify: ({ from, to }) => ({
          inputs: [from],
          outputs: [to],
          behavior: `RECEIVE ${from} -> SEND ${to} -> STOP`,
        }),
      }),
      livelock: defineProcessKind({
        description: 'Goes on without anybody seeing anything.',
        config: z.strictObject({}),
        specify: () => ({
          inputs: ['source'],
          outputs: [],
          behavior: '(let L = source?x -> L within L) \\ {| source |}',
        }),
      }),
      typo: defineProcessKind({
        description: 'Not CSPM.',
        config: z.strictObject({}),
        specify: () => ({ inputs: ['source'], outputs: [], behavior: 'source?x ->\n  souce?y -> SKIP' }),
      }),
      defect: defineProcessKind({
        description: 'Throws, or answers nonsense.',
        config: z.strictObject({ how: z.enum(['throw', 'fault', 'nonsense', 'promise']) }),
        specify({ how }) {
          if (how === 'throw') throw new Error('no idea');
          if (how === 'fault') throw new Fault('CSP-KND-001', 'unprocessable', 'not on Sundays');
          return (how === 'nonsense' ? { inputs: ['1'], outputs: [], behavior: '' } : Promise.resolve()) as never;
        },
      }),
    },
    stop: async () => {},
  }),
}) as unknown as Module;

const { folder, remove } = newFolder();
let platform: TestPlatform;
beforeAll(async () => {
  platform = await openPlatform(folder, {}, undefined, [kinds]);
});
afterAll(async () => {
  await platform.stop();
  remove();
});

const create = (type: string, config?: object) =>
  platform.run('processes.create', { name: 'p', type, ...(config && { config }) });
const fault = (type: string, config?: object) =>
  platform.fault('processes.create', { name: 'p', type, ...(config && { config }) });

test('it is shown as it was asked for, with the specification that was made', async () => {
  const made = await create('kinds.relay', { messages: 2 });
  expect(made).toMatchObject({ type: 'kinds.relay', verdict: 'well-formed', translation: { cspm: pipe(2) } });
  const { process_id } = made;
  expect(await platform.run('processes.get', { process_id })).toMatchObject({
    type: 'kinds.relay',
    config: { messages: 2 },
    definition: { inputs: ['source'], outputs: ['sink'], behavior: pipe(2) },
  });
  const { processes } = await platform.run('processes.list', { type: 'kinds.relay' });
  expect(processes).toMatchObject([{ process_id, type: 'kinds.relay' }]);
  expect(await platform.run('processes.update', { process_id, name: 'q' })).toMatchObject({
    name: 'q',
    type: 'kinds.relay',
  });
  expect(await platform.fault('processes.update', { process_id, definition: { behavior: 'STOP' } })).toMatchObject({
    code: 'CSP-CNV-017',
  });
});

test('it is verified and run like any other, over a restart too', async () => {
  const { process_id } = await create('kinds.relay');
  expect(await platform.run('processes.start', { process_id })).toMatchObject({ status: 'running', verdict: 'holds' });
  const { channels } = await platform.run('processes.get', { process_id });
  await platform.run('channels.send', { channel_id: channels.source, event: { data: 'hello' }, timeout: 5 });
  await platform.stop();
  // Its specification is its own by now: the module may go.
  platform = await openPlatform(folder);
  const { event } = await platform.run('channels.receive', { channel_id: channels.sink, timeout: 5 });
  expect(event).toMatchObject({ data: 'hello' });
  await expect
    .poll(async () => (await platform.run('processes.get', { process_id })).status, { timeout: 5000 })
    .toBe('terminated');
  await platform.stop();
  platform = await openPlatform(folder, {}, undefined, [kinds]);
});

test('it can be part of a composite', async () => {
  const first = await create('kinds.steps', { from: 'a', to: 'b' });
  const second = await create('kinds.steps', { from: 'b', to: 'c' });
  const { process_id } = await platform.run('processes.create', {
    name: 'both',
    type: 'composite',
    definition: { operator: 'parallel', processes: [first.process_id, second.process_id], hide: ['b'] },
  });
  expect(await platform.run('processes.start', { process_id })).toMatchObject({ status: 'running' });
  await platform.run('processes.stop', { process_id });
});

test('nothing runs that was not verified, and diagnostics point into the specification', async () => {
  const typo = await create('kinds.typo');
  expect(typo).toMatchObject({ verdict: 'ill-formed', diagnostics: [{ line: 2, column: 3 }] });
  expect(typo.translation.cspm.split('\n')[1].slice(2)).toMatch(/^souce/);
  expect(await platform.fault('processes.start', { process_id: typo.process_id })).toMatchObject({
    code: 'CSP-CNV-008',
  });
  const { process_id } = await create('kinds.livelock');
  expect(await platform.fault('processes.start', { process_id })).toMatchObject({
    code: 'CSP-CNV-008',
    details: { verdict: 'fails' },
  });
});

test('what there is, and what a configuration must be', async () => {
  const { kinds } = await platform.run('processes.kinds');
  expect(kinds.slice(0, 3)).toMatchObject([
    { type: 'atomic' },
    { type: 'composite' },
    {
      type: 'kinds.relay',
      description: 'Passes on so many messages.',
      config: { type: 'object', properties: { messages: { type: 'integer', maximum: 9, default: 1 } } },
    },
  ]);
});

test('typed refusals', async () => {
  const unknown = await fault('kinds.realy');
  expect(unknown).toMatchObject({ code: 'CSP-CNV-023', kind: 'unprocessable' });
  expect(unknown.details.kinds).toEqual([
    'atomic',
    'composite',
    'kinds.relay',
    'kinds.steps',
    'kinds.livelock',
    'kinds.typo',
    'kinds.defect',
  ]);
  expect(unknown.message).toContain('Did you mean kinds.relay?');
  expect(await fault('kinds.relay', { messages: 0 })).toMatchObject({
    code: 'CSP-CNV-024',
    details: { errors: [{ pointer: '/config/messages' }] },
  });
  for (const how of ['throw', 'nonsense', 'promise'])
    expect(await fault('kinds.defect', { how })).toMatchObject({ code: 'CSP-CNV-025', kind: 'internal' });
  expect(await fault('kinds.defect', { how: 'fault' })).toMatchObject({ code: 'CSP-KND-001' });
});

test('a definition or a configuration, not both', () => {
  const input = platform.platform.catalog.operations().find(({ id }) => id === 'processes.create')!.input;
  const wrong = (given: object) =>
    input.safeParse({ name: 'p', ...given }).error?.issues.map(({ path }) => path.join('.'));
  expect(wrong({ type: 'kinds.relay', definition: { behavior: 'STOP' } })).toEqual(['definition']);
  expect(wrong({ definition: { behavior: 'STOP' }, config: {} })).toEqual(['config']);
  expect(wrong({ type: 'atomic' })).toEqual(['definition']);
  expect(wrong({ type: 'kinds.relay' })).toBeUndefined();
});
