import type { Store } from '@enhanced-csp/platform';
import { expect, test } from 'vitest';
import { ENTRIES_KEPT, entryChange, forgetChanges, oldestOf, readEntries } from './process-log.ts';

test('is bounded: the oldest entries go, and it says so', async () => {
  const kept = new Map<string, unknown>();
  const store = { get: async (_: string, id: string) => kept.get(id) } as unknown as Store;
  const total = ENTRIES_KEPT + 7;
  for (let sequence = 0; sequence < total; sequence++) {
    const change = entryChange({ process_id: 'p', sequence, at: '', kind: 'status', status: 'running' });
    if (change.change === 'put') kept.set(change.id, { id: change.id, version: 1, body: change.body });
  }
  expect(kept.size).toBe(ENTRIES_KEPT);
  expect(oldestOf(total)).toBe(7);
  const read = (from: number, limit: number) => readEntries(store, 'p', { from, limit, logged: total });
  expect((await read(0, 3)).map(({ sequence }) => sequence)).toEqual([7, 8, 9]);
  expect((await read(total - 2, 10)).map(({ sequence }) => sequence)).toEqual([total - 2, total - 1]);
  expect(await read(total, 10)).toEqual([]);
  expect(forgetChanges('p', total)).toHaveLength(ENTRIES_KEPT);
  expect(forgetChanges('p', 3)).toHaveLength(3);
});
