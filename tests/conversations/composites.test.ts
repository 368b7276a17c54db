/** Composite processes: made of others, verified as a whole, and run as verified. */
import { openProtocol } from '@enhanced-csp/engine';
import { TICK } from '@enhanced-csp/engine/csp';
import { Fault } from '@enhanced-csp/platform';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, newFolder, openPlatform, type TestPlatform } from './platform.ts';

const { folder, remove } = newFolder();
let platform: TestPlatform;
beforeAll(async () => {
  platform = await openPlatform(folder);
});
afterAll(async () => {
  await platform.stop();
  remove();
});

const channelNamed = async (name: string): Promise<string | undefined> =>
  (await platform.run('channels.list', { name, limit: 1 })).channels[0]?.channel_id;
const send = async (name: string, data: unknown, timeout = 5) =>
  platform.run('channels.send', { channel_id: await channelNamed(name), event: { data }, timeout });
const receive = async (name: string, timeout = 5) =>
  (await platform.run('channels.receive', { channel_id: await channelNamed(name), timeout })).event.data;

async function atomic(inputs: string[], outputs: string[], behavior: string, name = 'part'): Promise<string> {
  const definition = { inputs, outputs, behavior };
  return (await platform.run('processes.create', { name, definition })).process_id;
}
const compose = (definition: Record<string, unknown>, name = 'whole'): Promise<Answer> =>
  platform.run('processes.create', { name, type: 'composite', definition });
const refused = (definition: Record<string, unknown>) =>
  platform.fault('processes.create', { name: 'whole', type: 'composite', definition });
async function started(definition: Record<string, unknown>): Promise<string> {
  const { process_id } = await compose(definition);
  await platform.run('processes.start', { process_id });
  return process_id;
}
async function statusOf(process_id: string, wanted: string): Promise<Answer> {
  for (let i = 0; i < 300; i++) {
    const state = await platform.run('processes.get', { process_id });
    if (state.status === wanted) return state;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`the process never was ${wanted}`);
}
const traceOf = async (process_id: string): Promise<string[]> =>
  (await platform.run('processes.trace', { process_id })).trace.map(({ event }: { event: string }) => event);

describe('each operator', () => {
  test('sequential: the second begins when the first has ended; each part holds messages of its own', async () => {
    const first = await atomic(['sa'], ['sb'], 'RECEIVE sa -> SEND sb -> STOP');
    const second = await atomic(['sa'], ['sc'], 'RECEIVE sa -> SEND sc -> STOP');
    const process_id = await started({ operator: 'sequential', processes: [first, second] });
    await send('sa', 1);
    await expect(send('sa', 2, 0)).rejects.toMatchObject({ code: 'CSP-CNV-012' });
    expect(await receive('sb')).toBe(1);
    await send('sa', 2);
    expect(await receive('sc')).toBe(2);
    const end = await statusOf(process_id, 'terminated');
    expect(end).toMatchObject({
      type: 'composite',
      definition: { operator: 'sequential', processes: [first, second], inputs: ['sa'], outputs: ['sb', 'sc'] },
      metadata: { events_processed: 4 },
    });
    expect(await traceOf(process_id)).toEqual(['sa.message', 'sb.message', 'sa.message', 'sc.message']);
    expect(await platform.run('processes.list', { type: 'composite', status: 'terminated' })).toMatchObject({
      processes: [{ process_id, type: 'composite' }],
      total: 1,
    });
  });

  test('parallel, hidden inside: what is sent arrives, and nobody outside sees how', async () => {
    const left = await atomic(['pin'], ['pmid'], 'pin?x -> pmid!x -> PROCESS');
    const right = await atomic(['pmid'], ['pout'], 'pmid?x -> pout!x -> PROCESS');
    const process_id = await started({ operator: 'parallel', processes: [left, right], hide: ['pmid'] });
    for (let i = 0; i < 3; i++) {
      await send('pin', { i });
      // A pipe of two holds two.
      await send('pin', { i: i + 100 });
      expect(await receive('pout')).toEqual({ i });
      expect(await receive('pout')).toEqual({ i: i + 100 });
    }
    expect(await channelNamed('pmid')).toBeUndefined();
    expect(await platform.run('processes.stop', { process_id })).toMatchObject({ metadata: { events_processed: 12 } });
    expect([...new Set(await traceOf(process_id))]).toEqual(['pin.message', 'pout.message']);
    await platform.run('processes.delete', { process_id });
    expect(await platform.fault('processes.get', { process_id })).toMatchObject({ code: 'CSP-CNV-003' });
  });

  test('parallel, not hidden: it is in the trace; one sends and several receive', async () => {
    const from = await atomic(['qa'], ['qb'], 'RECEIVE qa -> SEND qb -> STOP');
    const to = (name: string) => atomic(['qb'], [name], `RECEIVE qb -> SEND ${name} -> STOP`);
    const process_id = await started({ operator: 'parallel', processes: [from, await to('qc'), await to('qd')] });
    await send('qa', 'all');
    expect([await receive('qd'), await receive('qc')]).toEqual(['all', 'all']);
    await statusOf(process_id, 'terminated');
    expect(await traceOf(process_id)).toEqual(['qa.message', 'qb.message', 'qd.message', 'qc.message']);
  });

  test('parallel on some of the shared channels: on the others each meets partners of its own', async () => {
    const one = await atomic(['ra', 'rgo'], [], 'rgo?x -> ra?x -> SKIP');
    const process_id = await started({ operator: 'parallel', processes: [one, one], synchronize: ['rgo'] });
    await send('rgo', 0);
    await send('ra', 1);
    await send('ra', 2);
    await statusOf(process_id, 'terminated');
    expect(await traceOf(process_id)).toEqual(['rgo.message', 'ra.message', 'ra.message']);
  });

  test('interleaving: both on one channel, each with what it received', async () => {
    const one = await atomic(['ia'], ['ib'], 'RECEIVE ia -> SEND ib -> STOP');
    const process_id = await started({ operator: 'interleaving', processes: [one, one] });
    await send('ia', 1);
    await send('ia', 2);
    expect([await receive('ib'), await receive('ib')].sort()).toEqual([1, 2]);
    await statusOf(process_id, 'terminated');
  });

  test('choice: the first partner decides', async () => {
    const left = await atomic(['ca'], ['cb'], 'RECEIVE ca -> SEND cb -> STOP');
    const right = await atomic(['cc'], ['cd'], 'RECEIVE cc -> SEND cd -> STOP');
    const process_id = await started({ operator: 'choice', processes: [left, right] });
    await send('cc', 'right');
    await expect(send('ca', 'left', 0)).rejects.toMatchObject({ code: 'CSP-CNV-012' });
    expect(await receive('cd')).toBe('right');
    await statusOf(process_id, 'terminated');
  });

  test('interrupt: the second takes over at any time, until the first has ended', async () => {
    const work = await atomic(['na'], ['nb'], 'RECEIVE na -> SEND nb -> STOP');
    const alarm = await atomic(['nstop'], [], 'RECEIVE nstop -> STOP');
    const definition = { operator: 'interrupt', processes: [work, alarm] };
    const interrupted = await started(definition);
    await send('na', 1);
    await send('nstop', 1);
    await statusOf(interrupted, 'terminated');
    await expect(receive('nb', 0)).rejects.toMatchObject({ code: 'CSP-CNV-012' });
    const undisturbed = await started(definition);
    await send('na', 1);
    expect(await receive('nb')).toBe(1);
    await statusOf(undisturbed, 'terminated');
  });

  test('renaming and hiding, of composites too', async () => {
    const copy = await atomic(['ha'], ['hb'], 'ha?x -> hb!x -> PROCESS');
    const left = (await compose({ operator: 'renaming', processes: [copy], rename: { hb: 'hm' } })).process_id;
    const right = (await compose({ operator: 'renaming', processes: [copy], rename: { ha: 'hm' } })).process_id;
    const pipe = (await compose({ operator: 'parallel', processes: [left, right] })).process_id;
    const process_id = await started({ operator: 'hiding', processes: [pipe], hide: ['hm'] });
    await send('ha', 'through');
    expect(await receive('hb')).toBe('through');
    await platform.run('processes.stop', { process_id });
    expect(await traceOf(process_id)).toEqual(['ha.message', 'hb.message']);
  });
});

describe('verification', () => {
  const fails = async (definition: Record<string, unknown>) => {
    const { process_id, verdict } = await compose(definition);
    expect(verdict).toBe('well-formed');
    const fault = await platform.fault('processes.start', { process_id });
    expect(fault).toMatchObject({ code: 'CSP-CNV-008', kind: 'unprocessable', details: { verdict: 'fails' } });
    return (fault.details!.assertions as Answer[]).filter(({ verdict }) => verdict === 'fails');
  };

  test('parts that wait for each other are refuted, with the reason', async () => {
    const one = await atomic(['va'], ['vb'], 'va?x -> vb!x -> SKIP', 'the buyer');
    const other = await atomic(['vb'], ['va'], 'vb?x -> va!x -> SKIP', '2nd');
    const [deadlock] = await fails({ operator: 'parallel', processes: [one, other] });
    expect(deadlock).toMatchObject({ text: expect.stringContaining('deadlock free'), obligation: true });
    expect(deadlock.counterexample.trace).toEqual([]);
    expect(deadlock.explanation).toContain(
      'the_buyer_1::PROCESS offers va.message, which part_2nd_2::PROCESS refuses.',
    );
  });

  test('parts that talk to each other for ever are refuted, hidden or not', async () => {
    const one = await atomic([], ['wa'], 'wa!message -> PROCESS');
    const other = await atomic(['wa'], [], 'wa?x -> PROCESS');
    for (const hide of [{}, { hide: ['wa'] }]) {
      const failing = await fails({ operator: 'parallel', processes: [one, other], ...hide });
      expect(failing[0].text).toContain('divergence free');
      expect(failing[0].explanation[1]).toBe('part_1::PROCESS and part_2::PROCESS go round, unseen: wa.message.');
    }
  });

  test.each(['choice', 'interrupt'])('what is hidden decides nothing: %s', async (operator) => {
    // Names that the script of what is performed would like to have, too.
    const names =
      operator === 'choice' ? ['e', 'Open', 'Left', 'Right', 'step'] : ['i1', 'PERFORMED', 'i3', 'part_1', 'i5'];
    const [one, two, begin, end, other] = names as [string, string, string, string, string];
    const left = await atomic([], [one], `SEND ${one} -> STOP`);
    const right = await atomic([one, two], [end], `RECEIVE ${one} -> RECEIVE ${two} -> SEND ${end} -> STOP`);
    const hidden = await compose({ operator: 'parallel', processes: [left, right], hide: [one] });
    const still = await atomic([begin], [other], `${begin}?x -> ${other}!x -> SKIP`);
    const definition = { operator, processes: [still, hidden.process_id] };
    const first = await started(definition);
    await send(begin, 1);
    expect(await receive(other)).toBe(1);
    await statusOf(first, 'terminated');
    const second = await started(definition);
    await send(two, 2);
    expect(await receive(end)).toBe(2);
    await statusOf(second, 'terminated');
    expect(await traceOf(second)).toEqual([`${two}.message`, `${end}.message`]);
  });

  test('a variable of one part that is a channel of another stays a variable', async () => {
    const one = await atomic(['ya'], ['yb'], "ya?yc -> ya?yc' -> yb!yc' -> SKIP");
    const other = await atomic(['yc', "yc'"], ['yd'], "yc?step -> yc'?step -> yd!step -> SKIP");
    const process_id = await started({ operator: 'sequential', processes: [one, other] });
    await send('ya', 1);
    await send('ya', 2);
    expect(await receive('yb')).toBe(2);
    await platform.run('processes.stop', { process_id });
  });
});

describe('what cannot be composed', () => {
  test('is said, with the place', async () => {
    const one = await atomic(['za'], ['zb'], 'RECEIVE za -> SEND zb -> STOP', 'one');
    const wrong = await atomic(['za'], ['zb'], 'STOP -> SKIP', 'wrong');
    expect(await refused({ operator: 'choice', processes: [one, 'proc_none'] })).toMatchObject({ code: 'CSP-CNV-003' });
    const cases: [Record<string, unknown>, string][] = [
      [{ operator: 'choice', processes: [one, wrong] }, 'wrong is ill-formed'],
      [
        { operator: 'hiding', processes: [one], hide: ['zz'] },
        'zz cannot be hidden: the channels of the parts are za, zb',
      ],
      [{ operator: 'renaming', processes: [one], rename: { zz: 'za' } }, 'zz cannot be renamed'],
      [{ operator: 'parallel', processes: [one, one], synchronize: ['zz'] }, 'no two of the parts have the channel zz'],
      [{ operator: 'parallel', processes: [one, one] }, 'one and one both send on zb'],
    ];
    for (const [definition, message] of cases) {
      const fault = await refused(definition);
      expect(fault).toMatchObject({ code: 'CSP-CNV-017', kind: 'unprocessable' });
      expect(fault.message).toContain(message);
    }
  });

  test.each([
    [{ behavior: 'SKIP' }, 'type'],
    [{ operator: 'interrupt', processes: ['a', 'b', 'c'] }, 'definition.processes'],
    [{ operator: 'hiding', processes: ['a'] }, 'definition.hide'],
    [{ operator: 'choice', processes: ['a', 'b'], rename: { a: 'b' } }, 'definition.rename'],
    [{ operator: 'choice', processes: ['a', 'b'], inputs: ['a'] }, 'definition.inputs'],
  ])('%j is no definition', (definition, path) => {
    const { input } = platform.platform.catalog.operations().find(({ id }) => id === 'processes.create')!;
    const { error } = input.safeParse({ name: 'c', type: 'composite', definition });
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
  });

  test('too deep, and too many', async () => {
    const one = await atomic(['la'], [], 'la?x -> SKIP');
    const join = (processes: string[]) => ({ operator: 'sequential', processes });
    const many = (await compose(join(Array(16).fill(one)))).process_id;
    const fault = await refused(join([many, many, one]));
    expect([fault.code, fault.message]).toEqual(['CSP-CNV-017', expect.stringContaining('this one has 33, 2 and')]);
    let deep = one;
    const rename = { operator: 'renaming', rename: { la: 'la' } };
    for (let depth = 1; depth <= 8; depth++) deep = (await compose({ ...rename, processes: [deep] })).process_id;
    expect((await refused({ ...rename, processes: [deep] })).message).toContain('this one has 1, 9 and');
  });
});

test('a part that changes or goes does not change the composite; the composite can be changed until it was started', async () => {
  const part = await atomic(['ka'], ['kb'], 'RECEIVE ka -> SEND kb -> STOP');
  const whole = await compose({ operator: 'sequential', processes: [part, part] });
  const { process_id } = whole;
  await platform.run('processes.update', {
    process_id: part,
    definition: { inputs: ['ka'], behavior: 'STOP -> SKIP' },
  });
  await platform.run('processes.delete', { process_id: part });
  const renamed = await platform.run('processes.update', { process_id, name: 'another' });
  expect(renamed).toMatchObject({ name: 'another', translation: whole.translation, verdict: 'well-formed' });
  expect(await platform.fault('processes.update', { process_id, definition: { behavior: 'SKIP' } })).toMatchObject({
    code: 'CSP-CNV-017',
  });
  const copy = await atomic(['kc'], [], 'RECEIVE kc -> STOP');
  const definition = { operator: 'interleaving', processes: [copy, process_id] };
  expect(await platform.run('processes.update', { process_id, definition })).toMatchObject({
    definition: { operator: 'interleaving', inputs: ['kc', 'ka'] },
  });
  await platform.run('processes.start', { process_id });
  await send('ka', 1);
  expect(await receive('kb')).toBe(1);
  await platform.run('processes.stop', { process_id });
});

test('after a restart it goes on, with what each part holds', async () => {
  const one = await atomic(['ta'], ['tb'], 'RECEIVE ta -> SEND tb -> STOP');
  const process_id = await started({ operator: 'interleaving', processes: [one, one] });
  await send('ta', 'first');
  await send('ta', 'second');
  await platform.stop();
  platform = await openPlatform(folder);
  expect(await platform.run('processes.get', { process_id })).toMatchObject({
    status: 'running',
    metadata: { events_processed: 2 },
  });
  expect([await receive('tb'), await receive('tb')].sort()).toEqual(['first', 'second']);
  await statusOf(process_id, 'terminated');
});

/**
 * Compositions by chance, and partners by chance. The judge is the normal form of the composition as it is shown to people: after each event the trace
 * must be one of it, what is offered must not refuse more than it may refuse there, and an end must be possible.
 */
describe('a run is a run of the composition', () => {
  const BEHAVIORS: [string[], string[], string][] = [
    [['a'], ['b'], 'a?x -> b!x -> PROCESS'],
    [['b'], ['c'], 'b?x -> c!x -> PROCESS'],
    [['a'], ['c'], 'RECEIVE a -> SEND c -> STOP'],
    [['c'], [], 'c?x -> SKIP'],
    [['a', 'c'], ['b'], 'a?x -> SKIP [] c?x -> b!x -> SKIP'],
    [['b'], ['a'], 'a!message -> b?x -> SKIP |~| b?x -> STOP'],
    [[], ['a', 'c'], 'a!message -> SKIP ||| c!message -> SKIP'],
    [['d'], ['a'], 'd?x -> a!x -> SKIP'],
  ];

  const OPERATORS = ['sequential', 'parallel', 'choice', 'choice', 'interleaving', 'interrupt', 'hiding', 'renaming'];

  test('on forty compositions', async () => {
    const below = seeded(7);
    const pick = <One>(from: readonly One[]): One => from[below(from.length)]!;
    const known = await Promise.all(BEHAVIORS.map((one) => atomic(...one)));
    const tried = { ran: 0, events: 0, refuted: 0, impossible: 0 };
    for (let round = 0; round < 40; round++) {
      const operator = pick(OPERATORS);
      const definition = {
        operator,
        processes: ['hiding', 'renaming'].includes(operator) ? [pick(known)] : [pick(known), pick(known)],
        ...(operator === 'hiding' && { hide: [pick(['a', 'b', 'c'])] }),
        ...(operator === 'parallel' && below(2) === 0 && { hide: [pick(['a', 'b', 'c'])] }),
        ...(operator === 'renaming' && { rename: { [pick(['a', 'b', 'c'])]: pick(['a', 'd', 'e']) } }),
      };
      const whole = await compose(definition).catch(() => undefined);
      if (whole === undefined) {
        tried.impossible++;
        continue;
      }
      const { process_id } = whole;
      if (whole.translation.cspm.split('endmodule').length <= 6) known.push(process_id);
      const state = await platform.run('processes.start', { process_id }).catch((fault: Fault) => fault);
      if (state instanceof Fault) {
        tried.refuted++;
        expect(state.details!.verdict).not.toBe('ill-formed');
        const failing = (state.details!.assertions as Answer[]).filter(({ verdict }) => verdict === 'fails');
        expect(
          failing.filter(({ text }) => text.includes('[FD=')),
          whole.translation.cspm,
        ).toEqual([]);
      } else {
        tried.ran++;
        tried.events += await judged(state, whole.translation.cspm, below);
      }
    }
    expect(tried.ran).toBeGreaterThan(12);
    expect(tried.events).toBeGreaterThan(40);
  });

  test('and one that is not is found', async () => {
    const one = await atomic(['a'], [], 'a?x -> SKIP');
    const processes = [one, one];
    const { translation } = await compose({ operator: 'choice', processes });
    const { process_id } = await compose({ operator: 'sequential', processes });
    const state = await platform.run('processes.start', { process_id });
    await expect(judged(state, translation.cspm, seeded(1))).rejects.toThrow('after a.message: running, offers a');
    await platform.run('processes.stop', { process_id });
  });

  async function judged(state: Answer, source: string, below: (bound: number) => number): Promise<number> {
    const { process_id, definition, channels } = state;
    const opened = openProtocol({ source, system: 'PROCESS', roles: [] }, { file: 'whole.csp' });
    if (opened.kind !== 'open') throw new Error('the composition does not open');
    const { normalForm } = opened.protocol;
    for (let count = 0; ; count++) {
      const { status, offers } = await atRest(process_id, channels);
      let node = normalForm.initial;
      for (const event of await traceOf(process_id)) {
        node = normalForm.after(node, normalForm.alphabet.find(event)!);
        expect(node, `${source}\n${await traceOf(process_id)}`).toBeGreaterThanOrEqual(0);
      }
      const offered = new Set(offers.map(({ name }) => normalForm.alphabet.find(`${name}.message`)));
      const may =
        status === 'terminated'
          ? normalForm.initials(node).includes(TICK)
          : normalForm.acceptances(node).some((set) => set.every((event) => offered.has(event)));
      expect(
        may,
        `${source}\nafter ${await traceOf(process_id)}: ${status}, offers ${offers.map(({ name }) => name)}`,
      ).toBe(true);
      if (status !== 'running' || count === 8) {
        if (status === 'running') await platform.run('processes.stop', { process_id });
        return count;
      }
      const { name, receives } = offers[below(offers.length)]!;
      if (receives) await send(name, count);
      else await receive(name);
      expect(definition[receives ? 'inputs' : 'outputs']).toContain(name);
    }
  }

  interface Offer {
    readonly name: string;
    readonly receives: boolean;
  }

  /** What it offers when it waits for others only, or how it ended. */
  async function atRest(process_id: string, channels: Record<string, string>) {
    for (let i = 0; i < 1000; i++) {
      const offers: Offer[] = [];
      for (const [name, channel_id] of Object.entries(channels)) {
        const { waiting_senders, waiting_receivers } = await platform.run('channels.get', { channel_id });
        if (waiting_receivers > 0) offers.push({ name, receives: true });
        if (waiting_senders > 0) offers.push({ name, receives: false });
      }
      const { status } = await platform.run('processes.get', { process_id });
      if (status === 'failed') throw new Error((await platform.run('processes.get', { process_id })).reason);
      if (status !== 'running' || offers.length > 0)
        return { status: status as string, offers: status === 'running' ? offers : [] };
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    throw new Error('it neither waits nor ends');
  }
});

/** Numbers below a bound, the same ones each time. */
function seeded(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
