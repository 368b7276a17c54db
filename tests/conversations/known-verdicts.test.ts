/** A script that was checked is not checked again, and what is answered is the same. */
import { cache } from '@enhanced-csp/cache';
import type { Module } from '@enhanced-csp/platform';
import { expect, test } from 'vitest';
import { type Answer, newFolder, openPlatform } from './platform.ts';

const behaviors = ['a?x -> b!x -> SKIP', 'STOP -> SKIP', 'a?x -> nowhere!x -> SKIP', 'RECEIVE a -> SEND b -> STOP'];

test('the same answers with and without a cache, and one check for each script', async () => {
  const folders = [newFolder(), newFolder()] as const;
  const made: string[] = [];
  const counting: Module = {
    ...cache,
    async start(needs, config) {
      const started = await cache.start(needs, config as never);
      const kept = started.provides!.cache!;
      return {
        ...started,
        provides: {
          cache: {
            ...kept,
            through: (key, options, make) =>
              kept.through(key, options, () => {
                made.push(key);
                return make();
              }),
          },
        },
      };
    },
  };
  const without = await openPlatform(folders[0].folder);
  const having = await openPlatform(folders[1].folder, {}, undefined, [counting]);
  const same = ({ process_id: _, created_at: __, updated_at: ___, channels: ____, assertions, ...rest }: Answer) => ({
    ...rest,
    assertions: assertions?.map(({ milliseconds: _____, ...one }: Answer) => one),
  });
  for (let number = 0; number < 8; number++) {
    const behavior = behaviors[number % behaviors.length];
    const draft = { name: `p${number}`, definition: { inputs: ['a'], outputs: ['b'], behavior } };
    const [one, other] = [await without.run('processes.create', draft), await having.run('processes.create', draft)];
    expect(same(other)).toEqual(same(one));
    if (one.verdict !== 'well-formed') continue;
    const start = async (platform: typeof having, { process_id }: Answer) =>
      platform.run('processes.start', { process_id });
    expect(same(await start(having, other))).toEqual(same(await start(without, one)));
  }
  // Four behaviors are loaded, two of them the same in CSPM; what is well-formed is verified.
  expect(made.length).toBe(new Set(made).size);
  expect(made.length).toBeLessThanOrEqual(behaviors.length * 2);
  await without.stop();
  await having.stop();
  for (const { remove } of folders) remove();
});
