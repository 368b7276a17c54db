/** Every operation that lists: pages by cursor, filters, and refusals of what is no cursor of the list. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, newFolder, openPlatform, type TestPlatform } from './platform.ts';

const HELLO = `datatype Role = alice | bob
channel hi : Role.Role
HELLO = hi.alice.bob -> hi.bob.alice -> SKIP
--@ conversation HELLO roles alice, bob`;

const { folder, remove } = newFolder();
let platform: TestPlatform;
let verified: string;
beforeAll(async () => {
  platform = await openPlatform(folder);
  for (let number = 0; number < 7; number++) {
    await platform.run('channels.create', { name: `c${number}`, type: number % 2 ? 'buffered' : 'synchronous' });
    await platform.run('processes.create', {
      name: `p${number % 3}`,
      definition: { inputs: ['c0'], outputs: [], behavior: number % 2 ? 'c0?x -> SKIP' : 'STOP -> SKIP' },
    });
    const { protocol_id } = await platform.run('protocols.define', { name: `q${number}`, source: HELLO });
    if (number > 0) continue;
    verified = protocol_id;
    await platform.run('protocols.verify', { protocol_id });
  }
  for (let number = 0; number < 7; number++)
    await platform.run('conversations.start', { protocol_id: verified, ...(number % 2 && { name: 'odd' }) });
});
afterAll(async () => {
  await platform.stop();
  remove();
});

const LISTS = [
  { list: 'channels', id: 'channel_id', filter: { type: 'buffered' }, expected: 3 },
  { list: 'channels', id: 'channel_id', filter: { security_level: 'high' }, expected: 0 },
  { list: 'processes', id: 'process_id', filter: { verdict: 'well-formed', name: 'p1' }, expected: 1 },
  { list: 'processes', id: 'process_id', filter: { type: 'atomic', status: 'created' }, expected: 7 },
  { list: 'protocols', id: 'protocol_id', filter: { status: 'verified' }, expected: 1 },
  { list: 'protocols', id: 'protocol_id', filter: { name: 'q3' }, expected: 1 },
  { list: 'conversations', id: 'conversation_id', filter: { name: 'odd' }, expected: 3 },
  { list: 'conversations', id: 'conversation_id', filter: { protocol: 'q0', status: 'running' }, expected: 7 },
];

describe.each(LISTS)('$list $filter', ({ list, id, filter, expected }) => {
  const operation = `${list}.list`;
  const idsOf = (answer: Answer): string[] => answer[list].map((one: Record<string, string>) => one[id]);

  test('is what a filter of all of them gives, by offset and by cursor', async () => {
    const all = await platform.run(operation, { limit: 1000 });
    expect(all.total).toBe(7);
    expect(all.next_cursor).toBeUndefined();
    const filtered = await platform.run(operation, { ...filter, limit: 1000 });
    expect(filtered.total).toBe(expected);
    expect(idsOf(all).filter((one) => idsOf(filtered).includes(one))).toEqual(idsOf(filtered));
    const seen: string[] = [];
    for (let after: string | undefined, page = 0; page === 0 || after !== undefined; page++) {
      const answer = await platform.run(operation, { ...filter, limit: 2, ...(after && { after }) });
      seen.push(...idsOf(answer));
      after = answer.next_cursor;
    }
    expect(seen).toEqual(idsOf(filtered));
  });

  test('a cursor of other filters or of nothing is refused, and so is one with an offset', async () => {
    const { next_cursor } = await platform.run(operation, { limit: 2 });
    const wrong = [
      { ...filter, after: next_cursor },
      { after: next_cursor, offset: 2 },
      { after: 'x' },
      { after: btoa('["x",1,null]') },
      { after: btoa(JSON.stringify([JSON.stringify([operation, 'created', {}]), -1, null])) },
      { after: `${next_cursor}é` },
    ];
    for (const input of wrong)
      expect(await platform.fault(operation, input)).toMatchObject({ code: 'CSP-PLT-007', kind: 'invalid' });
    const elsewhere = list === 'channels' ? 'processes.list' : 'channels.list';
    expect(await platform.fault(elsewhere, { after: next_cursor })).toMatchObject({ code: 'CSP-PLT-007' });
  });

  test('created in between: the moment itself is in it, its end is not; in any time zone', async () => {
    const all = idsOf(await platform.run(operation, { limit: 1000 }));
    const moments = await Promise.all(
      all.map(async (one): Promise<string> => (await platform.run(`${list}.get`, { [id]: one })).created_at),
    );
    const moment = moments.toSorted()[3] as string;
    const local = new Date(Date.parse(moment) + 3_600_000).toISOString().replace('Z', '+01:00');
    const later = await platform.run(operation, { created_from: local, limit: 1000 });
    expect(later.total).toBe(moments.filter((one) => one >= moment).length);
    const earlier = await platform.run(operation, { created_before: moment, limit: 1000 });
    expect(earlier.total).toBe(moments.filter((one) => one < moment).length);
  });
});
