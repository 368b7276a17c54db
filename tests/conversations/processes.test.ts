import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newFolder, openPlatform, type TestPlatform } from './platform.ts';

const { folder, remove } = newFolder();
let platform: TestPlatform;
beforeAll(async () => {
  platform = await openPlatform(folder);
});
afterAll(async () => {
  await platform.stop();
  remove();
});

let count = 0;
/** Names of two channels that no other test uses. */
const pair = (): [string, string] => [`in${++count}`, `out${count}`];
const channelNamed = async (name: string): Promise<string> => {
  const { channels } = await platform.run('channels.list', { limit: 1000 });
  return channels.find((one: { name: string }) => one.name === name).channel_id;
};
const send = async (name: string, data: unknown) =>
  platform.run('channels.send', { channel_id: await channelNamed(name), event: { type: 'message', data }, timeout: 5 });
const receive = async (name: string) =>
  platform.run('channels.receive', { channel_id: await channelNamed(name), timeout: 5 });
const create = (inputs: string[], outputs: string[], behavior: string) =>
  platform.run('processes.create', { name: 'p', type: 'atomic', definition: { inputs, outputs, behavior } });
async function statusOf(process_id: string, wanted: string): Promise<Record<string, unknown>> {
  for (let i = 0; i < 200; i++) {
    const state = await platform.run('processes.get', { process_id });
    if (state.status === wanted) return state;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`the process never was ${wanted}`);
}

describe('the API reference', () => {
  test('STOP -> SKIP: created, with diagnostics, a place and a fix; and never started', async () => {
    const body = await platform.run('processes.create', {
      name: 'my_process',
      type: 'atomic',
      definition: { inputs: ['channel_a'], outputs: ['channel_b'], behavior: 'STOP -> SKIP' },
    });
    expect(body).toMatchObject({ name: 'my_process', type: 'atomic', status: 'created', verdict: 'ill-formed' });
    expect(body.process_id).toMatch(/^proc_/);
    expect(body.diagnostics.length).toBeGreaterThan(0);
    expect(body.diagnostics[0]).toMatchObject({ severity: 'error', line: 1 });
    expect(body.diagnostics.some((one: { fix?: string }) => one.fix !== undefined)).toBe(true);
    const fault = await platform.fault('processes.start', { process_id: body.process_id });
    expect(fault).toMatchObject({ code: 'CSP-CNV-008', kind: 'unprocessable', details: { verdict: 'ill-formed' } });
    expect(await platform.run('processes.get', { process_id: body.process_id })).toMatchObject({ status: 'created' });
  });

  test('step notation is translated in sight, and runs', async () => {
    const body = await platform.run('processes.create', {
      name: 'hello_world_process',
      definition: {
        inputs: ['user_input'],
        outputs: ['response'],
        behavior: 'RECEIVE user_input -> \nSEND response -> \nSTOP\n',
      },
    });
    expect(body).toMatchObject({
      status: 'created',
      verdict: 'well-formed',
      translation: { cspm: 'user_input?x -> response!x -> SKIP' },
    });
    expect(body.translation.notes[0]).toContain('STOP');
    const { process_id } = body;
    const heard = platform.listen('process_events');
    expect(await platform.run('processes.start', { process_id })).toMatchObject({
      status: 'running',
      metadata: { events_processed: 0 },
    });
    await send('user_input', { content: 'Hello, World!' });
    expect(await receive('response')).toMatchObject({
      event: { data: { content: 'Hello, World!' }, sender: process_id },
    });
    const end = await statusOf(process_id, 'terminated');
    expect(end.metadata).toMatchObject({ events_processed: 2 });
    expect((end.metadata as { cpu_milliseconds: number }).cpu_milliseconds).toBeGreaterThanOrEqual(0);
    expect(end.metadata).not.toHaveProperty('memory_usage');
    const told = heard.map(({ data }) => data as { status?: string; event?: string });
    expect(told.flatMap(({ status, event }) => status ?? event ?? [])).toEqual([
      'verified',
      'running',
      'user_input.message',
      'response.message',
      'terminated',
    ]);
  });
});

describe('running', () => {
  test('a process that calls itself copies again and again, until it is stopped', async () => {
    const [source, target] = pair();
    const { process_id } = await create([source], [target], `${source}?x -> ${target}!x -> PROCESS`);
    await platform.run('processes.start', { process_id });
    for (let i = 0; i < 5; i++) {
      await send(source, i);
      expect((await receive(target)).event.data).toBe(i);
    }
    expect(await platform.fault('processes.start', { process_id })).toMatchObject({ code: 'CSP-CNV-009' });
    expect(await platform.fault('processes.delete', { process_id })).toMatchObject({ code: 'CSP-CNV-009' });
    expect(await platform.run('processes.stop', { process_id })).toMatchObject({
      status: 'stopped',
      metadata: { events_processed: 10 },
    });
    expect(await platform.fault('processes.stop', { process_id })).toMatchObject({ code: 'CSP-CNV-009' });
    // Withdrawn means withdrawn: nobody is there any more.
    const channel_id = await channelNamed(source);
    expect(await platform.fault('channels.send', { channel_id, event: { data: 1 }, timeout: 0 })).toMatchObject({
      code: 'CSP-CNV-012',
    });
    expect(await platform.run('processes.delete', { process_id })).toEqual({ process_id, deleted: true });
    expect(await platform.fault('processes.get', { process_id })).toMatchObject({ code: 'CSP-CNV-003' });
  });

  test('a choice takes one partner, and withdraws from the other', async () => {
    const [left, right] = pair();
    const { process_id } = await create([left, right], [], `${left}?x -> STOP [] ${right}?x -> SKIP`);
    await platform.run('processes.start', { process_id });
    await send(right, 'r');
    await statusOf(process_id, 'terminated');
    const { waiting_receivers } = await platform.run('channels.get', { channel_id: await channelNamed(left) });
    expect(waiting_receivers).toBe(0);
  });

  describe('where it may terminate, it waits for nobody', () => {
    const started = async (inputs: string[], outputs: string[], behavior: string): Promise<string> => {
      const { process_id } = await create(inputs, outputs, behavior);
      await platform.run('processes.start', { process_id });
      return process_id;
    };
    const ended = async (process_id: string, events_processed: number) =>
      expect(await statusOf(process_id, 'terminated')).toMatchObject({ metadata: { events_processed } });

    test('nobody is there: it ends, whichever of its choices could', async () => {
      const [source, target] = pair();
      for (const behavior of [
        `${source}?x -> PROCESS [] SKIP`,
        `${source}?x -> STOP |~| SKIP`,
        `${target}!message -> PROCESS [] SKIP`,
        `(${source}?x -> SKIP [] SKIP) ||| SKIP`,
        `SKIP [> ${source}?x -> STOP`,
      ])
        await ended(await started([source], [target], behavior), 0);
    });

    test('who is there already is served first', async () => {
      const [source] = pair();
      const { channel_id } = await platform.run('channels.create', { name: source });
      const sent = [1, 2, 3].map((data) => platform.run('channels.send', { channel_id, event: { data }, timeout: 5 }));
      await expect
        .poll(async () => (await platform.run('channels.get', { channel_id })).waiting_senders, { timeout: 5000 })
        .toBe(3);
      await ended(await started([source], [], `${source}?x -> PROCESS [] SKIP`), 3);
      await Promise.all(sent);
    });

    test('so does a composite', async () => {
      const [source, other] = pair();
      const part = await create([source], [], `${source}?x -> PROCESS [] SKIP`);
      const definition = { operator: 'renaming', processes: [part.process_id], rename: { [source]: other } };
      const { channel_id } = await platform.run('channels.create', { name: other });
      const composite = async () => {
        const made = await platform.run('processes.create', { name: 'renamed', type: 'composite', definition });
        return (await platform.run('processes.start', { process_id: made.process_id })).process_id;
      };
      await ended(await composite(), 0);
      const sent = platform.run('channels.send', { channel_id, event: { data: 1 }, timeout: 5 });
      await expect
        .poll(async () => (await platform.run('channels.get', { channel_id })).waiting_senders, { timeout: 5000 })
        .toBe(1);
      await ended(await composite(), 1);
      await sent;
    });

    test('a buffer that is full takes nothing, so it ends', async () => {
      const [, target] = pair();
      await platform.run('channels.create', { name: target, type: 'buffered', buffer_size: 2 });
      await ended(await started([], [target], `${target}!message -> PROCESS [] SKIP`), 2);
    });

    test('where it may not yet, it waits', async () => {
      const [source, target] = pair();
      const process_id = await started([source], [target], `${source}?x -> (${target}!x -> PROCESS [] SKIP)`);
      expect(await platform.run('processes.get', { process_id })).toMatchObject({ status: 'running' });
      await send(source, 1);
      await ended(process_id, 1);
    });
  });

  test('a behavior that stops is stopped, not terminated', async () => {
    const [source] = pair();
    const { process_id } = await create([source], [], `${source}?x -> STOP`);
    await platform.run('processes.start', { process_id });
    await send(source, 1);
    await statusOf(process_id, 'stopped');
  });

  test('two processes talk over one channel', async () => {
    const [source, middle] = pair();
    const [, target] = pair();
    const first = await create([source], [middle], `RECEIVE ${source} -> SEND ${middle} -> STOP`);
    const second = await create([middle], [target], `RECEIVE ${middle} -> SEND ${target} -> STOP`);
    await platform.run('processes.start', { process_id: first.process_id });
    await platform.run('processes.start', { process_id: second.process_id });
    await send(source, 'through');
    expect((await receive(target)).event.data).toBe('through');
    await statusOf(first.process_id, 'terminated');
    await statusOf(second.process_id, 'terminated');
  });

  test('a process that talks to itself for ever is not run', async () => {
    const [source] = pair();
    const { process_id } = await create([source], [], `(let L = ${source}?x -> L within L) \\ {| ${source} |}`);
    expect(await platform.fault('processes.start', { process_id })).toMatchObject({
      code: 'CSP-CNV-008',
      details: { verdict: 'fails' },
    });
  });

  test('an event outside its alphabet is an error of its behavior', async () => {
    const [source] = pair();
    const body = await create([source], [], 'elsewhere?x -> STOP');
    expect(body.verdict).toBe('ill-formed');
    expect(body.diagnostics[0]).toMatchObject({ line: 1, column: 1 });
  });
});

test('after a restart a running process goes on, with what it holds', async () => {
  const [source, target] = pair();
  const { process_id } = await create([source], [target], `RECEIVE ${source} -> SEND ${target} -> STOP`);
  await platform.run('processes.start', { process_id });
  await send(source, 'kept');
  await platform.stop();
  platform = await openPlatform(folder);
  expect(await platform.run('processes.get', { process_id })).toMatchObject({
    status: 'running',
    metadata: { events_processed: 1 },
  });
  expect((await receive(target)).event.data).toBe('kept');
  await statusOf(process_id, 'terminated');
});

test('lists by status', async () => {
  const { processes, total, limit, offset } = await platform.run('processes.list', {
    status: 'terminated',
    limit: 2,
    offset: 0,
  });
  expect(processes).toHaveLength(2);
  expect(total).toBeGreaterThan(2);
  expect({ limit, offset }).toEqual({ limit: 2, offset: 0 });
});

describe('a process that was never started', () => {
  test('is changed and examined anew, by those who saw its latest version', async () => {
    const [source, target] = pair();
    const { process_id, created_at } = await create([source], [target], 'STOP -> SKIP');
    const seen = await platform.run('processes.get', { process_id });
    expect(seen).toMatchObject({ verdict: 'ill-formed', version: 1 });
    const definition = { inputs: [source], outputs: [target], behavior: `${source}?x -> ${target}!x -> SKIP` };
    const changed = await platform.run('processes.update', { process_id, name: 'better', definition });
    expect(changed).toMatchObject({
      process_id,
      created_at,
      name: 'better',
      verdict: 'well-formed',
      version: 2,
      definition,
    });
    expect(await platform.run('processes.get', { process_id })).toMatchObject({
      verdict: 'well-formed',
      diagnostics: [],
    });
    const operation = platform.platform.catalog.operations().find(({ id }) => id === 'processes.update')!;
    const call = { principal: { id: 'me', roles: [] }, signal: new AbortController().signal, requestId: 'x' };
    await expect(operation.run({ process_id, name: 'late' }, { ...call, ifVersions: [1] })).rejects.toMatchObject({
      code: 'CSP-PLT-006',
      details: { version: 2 },
    });
    expect(await operation.run({ process_id, name: 'in time' }, { ...call, ifVersions: [2] })).toMatchObject({
      version: 3,
    });
    await platform.run('processes.start', { process_id });
    expect(await platform.run('processes.get', { process_id }), 'its figures change by themselves').not.toHaveProperty(
      'version',
    );
    expect(await platform.fault('processes.update', { process_id, name: 'no' })).toMatchObject({ code: 'CSP-CNV-009' });
    expect(operation.input.safeParse({ process_id }).success, 'nothing to change').toBe(false);
  });
});

describe('the log of a process', () => {
  test('tells what happened, in order, in three forms, and goes with the process', async () => {
    const [source] = pair();
    const { process_id } = await create([source], [], `${source}?x -> ${source}?x -> SKIP`);
    const heard = platform.listen(`process.${process_id}`);
    await platform.run('processes.start', { process_id });
    await send(source, 'a');
    await send(source, 'b');
    await statusOf(process_id, 'terminated');
    const { events, oldest, next } = await platform.run('processes.events', { process_id });
    expect(events.map((one: { status?: string; event?: string }) => one.status ?? one.event)).toEqual([
      'created',
      'verified',
      'running',
      `${source}.message`,
      `${source}.message`,
      'terminated',
    ]);
    expect(events.map(({ sequence }: { sequence: number }) => sequence)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([oldest, next]).toEqual([0, 6]);
    expect(heard.map(({ data }) => (data as { sequence: number }).sequence)).toEqual([1, 2, 3, 4, 5]);
    const { trace } = await platform.run('processes.trace', { process_id, from: 4 });
    expect(trace).toMatchObject([{ sequence: 4, event: `${source}.message`, number: 2 }]);
    const { logs } = await platform.run('processes.logs', { process_id, from: 5 });
    expect(logs).toMatchObject([{ level: 'info', message: 'terminated' }]);
    await platform.run('processes.delete', { process_id });
    expect(await platform.fault('processes.logs', { process_id })).toMatchObject({ code: 'CSP-CNV-003' });
  });
});
