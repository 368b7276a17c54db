import { afterEach, expect, test } from 'vitest';
import { cached, disableCaching, enableCaching, invalidate } from './index.ts';

afterEach(() => disableCaching());

test('the guide: expensive answers are made once, invalidated by tags, and made without Redis when it is away', async () => {
  let made = 0;
  const analysis = cached(
    async function analysis(text: string) {
      made += 1;
      return { length: text.length };
    },
    { ttl: 300, level: 'L1', tags: ['texts'] },
  );
  expect(await analysis('Hello')).toEqual({ length: 5 });
  expect(await analysis('Hello')).toEqual({ length: 5 });
  expect(made).toBe(1);
  await invalidate('texts');
  await analysis('Hello');
  expect(made).toBe(2);
  await enableCaching({ redisUrl: 'redis://127.0.0.1:1/0', defaultTtl: 300 });
  expect(await analysis('Hello')).toEqual({ length: 5 });
  await analysis('Hello');
  expect(made).toBe(3);
  await expect(invalidate('texts')).rejects.toMatchObject({ code: 'CSP-CCH-001' });
  await analysis('Hello');
  expect(made).toBe(4);
});
