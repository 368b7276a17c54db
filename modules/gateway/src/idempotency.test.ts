import { type Clock, Fault, type Store } from '@enhanced-csp/platform';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memoryStore, sha256 } from './demo.fixture.ts';
import { type Answer, IDEMPOTENCY_KEYS, IdempotencyKeys } from './idempotency.ts';

const HOUR = 60 * 60 * 1000;
const request = (input: unknown = { amount: 1 }) => ({ principal: 'me', operation: 'pay', input });
const answer = (status: number, body = String(status)): Answer => ({ status, headers: { a: 'b' }, body });

function open(store: Store = memoryStore()) {
  let now = 0;
  const clock: Clock = { now: () => now, monotonic: () => now, after: () => () => {} };
  const performed: number[] = [];
  const keys = new IdempotencyKeys({ store, hash: sha256, clock });
  return {
    keys,
    store,
    performed,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
    once: (key: string, status = 201, asked = request()) =>
      keys.once(key, asked, async () => answer(status, `answer ${performed.push(status)}`)),
  };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (fault: Fault) => fault.code,
  );

describe('a key', () => {
  test('gets the stored answer for 24 hours, also from the next server', async () => {
    const { once, pass, performed, store } = open();
    expect(await once('k')).toEqual({ status: 201, headers: { a: 'b' }, body: 'answer 1' });
    pass(24 * HOUR - 1);
    const again = await once('k');
    expect(again).toEqual({ status: 201, headers: { a: 'b', 'idempotency-replayed': 'true' }, body: 'answer 1' });
    expect((await open(store).once('k')).body).toBe('answer 1');
    expect(performed).toHaveLength(1);
    pass(1);
    expect((await once('k')).body).toBe('answer 2');
  });

  test('belongs to one request of one principal', async () => {
    const { once, keys } = open();
    await once('k');
    expect(await codeOf(once('k', 201, request({ amount: 2 })))).toBe('CSP-GTW-017');
    expect(await codeOf(once('k', 201, { ...request(), operation: 'refund' }))).toBe('CSP-GTW-017');
    const other = await keys.once('k', { ...request(), principal: 'you' }, async () => answer(200));
    expect(other.body).toBe('200');
  });

  test.each([
    [201, true],
    [400, true],
    [404, true],
    [409, true],
    [422, true],
    [500, true],
    [429, false],
    [503, false],
    [504, false],
  ])('with the answer %i: kept is %s', async (status, kept) => {
    const { once } = open();
    await once('k', status);
    expect((await once('k', 200)).status).toBe(kept ? status : 200);
  });

  test('that still runs waits; one whose server ended is not called done', async () => {
    const { keys, store } = open();
    let finish = (_: Answer) => {};
    const running = keys.once('k', request(), () => new Promise((resolve) => (finish = resolve)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await codeOf(keys.once('k', request(), async () => answer(1)))).toBe('CSP-GTW-018');
    expect(await codeOf(open(store).once('k')), 'seen by the next server').toBe('CSP-GTW-019');
    finish(answer(200));
    expect((await running).status).toBe(200);
  });

  test.each(['', ' ', 'a b', 'ü', 'x'.repeat(256)])('%j is refused', async (key) => {
    const { once, performed } = open();
    expect(await codeOf(once(key))).toBe('CSP-GTW-020');
    expect(performed).toEqual([]);
  });
});

test('whatever the order of requests, each key is performed once, and its answer is always the first', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(4), { maxLength: 30 }), async (order) => {
      const { once, performed } = open();
      const first = new Map<number, string>();
      for (const key of order) {
        const { body } = await once(`key-${key}`);
        if (!first.has(key)) first.set(key, body);
        expect(body).toBe(first.get(key));
      }
      expect(performed).toHaveLength(new Set(order).size);
    }),
    { seed: 5, numRuns: 50 },
  );
});

test('keys that are over are forgotten', async () => {
  const { once, pass, store } = open();
  for (let key = 0; key < 100; key++) await once(`old-${key}`);
  pass(25 * HOUR);
  for (let key = 0; key < 100; key++) await once(`new-${key}`);
  const { total } = await store.find(IDEMPOTENCY_KEYS.name, { limit: 1, offset: 0 });
  expect(total).toBe(100);
});

test('when the claim cannot be written, nothing is performed', async () => {
  const failing: Store = {
    ...memoryStore(),
    commit: async () => {
      throw new Fault('CSP-STO-005', 'unavailable', 'No.');
    },
  };
  const { once, performed } = open(failing);
  expect(await codeOf(once('k'))).toBe('CSP-STO-005');
  expect(performed).toEqual([]);
});
