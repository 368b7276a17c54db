/** A module for the tests of the gateway: things that can be made, looked at and made to fail. */
import { createHash } from 'node:crypto';
import {
  type Capabilities,
  type Clock,
  defineOperation,
  Fault,
  html,
  type Operation,
  type Page,
  refuseStale,
  type Store,
  type Stored,
  type Stream,
} from '@enhanced-csp/platform';
import { z } from 'zod';

/** Of this machine. */
export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, wake) {
    const timer = setTimeout(wake, milliseconds);
    return () => clearTimeout(timer);
  },
};

const Thing = z.object({ thing_id: z.string(), name: z.string(), size: z.int() });

export interface Demo {
  readonly operations: readonly Operation[];
  readonly streams: readonly Stream[];
  readonly pages: readonly Page[];
  /** The operation `things.wait` runs. */
  readonly waiting: Promise<void>;
  /** Lets it answer. */
  release(): void;
  readonly aborted: string[];
}

export function demo(): Demo {
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let begin = () => {};
  const waiting = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const aborted: string[] = [];
  let counted = 0;
  const base = { errors: ['CSP-TST-001'], permission: 'things:any', rateClass: 'read', idempotent: true } as const;
  const operations = [
    defineOperation({
      ...base,
      id: 'things.list',
      summary: 'Lists things.',
      route: 'GET /things',
      input: z.strictObject({
        limit: z.int().min(1).max(100).default(10),
        ratio: z.number().optional(),
        active: z.boolean().optional(),
        tags: z.array(z.string()).optional(),
        name: z.string().optional().describe('Only things of this name.'),
      }),
      output: z.object({ asked: z.unknown() }),
      examples: [{ name: 'ten', input: { limit: 10 } }],
      run: async (input) => ({ asked: input }),
    }),
    defineOperation({
      ...base,
      id: 'things.create',
      summary: 'Makes a thing.',
      route: 'POST /things',
      outcome: 'created',
      input: z.strictObject({
        name: z.string().min(1),
        size: z.int().default(1),
        nested: z.object({ deep: z.string() }).optional(),
      }),
      output: Thing,
      rateClass: 'write',
      idempotent: false,
      examples: [
        { name: 'one', input: { name: 'a thing' }, output: { thing_id: 'thing_1', name: 'a thing', size: 1 } },
      ],
      run: async ({ name, size }) =>
        ({ thing_id: 'thing_1', name, size, internal: 'never shown' }) as z.input<typeof Thing>,
    }),
    defineOperation({
      ...base,
      id: 'things.put',
      summary: 'One commit, and nothing else.',
      route: 'POST /stored/{thing_id}',
      outcome: 'created',
      input: z.strictObject({ thing_id: z.string(), name: z.string() }),
      output: z.object({ thing_id: z.string(), name: z.string() }),
      idempotent: false,
      examples: [],
      async plan({ thing_id, name }) {
        if (name === 'wrong') throw new Fault('CSP-TST-001', 'conflict', 'Such a name is refused.');
        const change = { change: 'put', collection: 'things', id: thing_id, fields: {}, body: name } as const;
        return { changes: [change], output: { thing_id, name }, committed: () => aborted.push(`told ${name}`) };
      },
      run: async () => {
        throw new Error('planned in these tests, never run');
      },
    }),
    defineOperation({
      ...base,
      id: 'things.get',
      summary: 'Shows a thing.',
      route: 'GET /things/{thing_id}',
      input: z.object({ thing_id: z.string() }),
      output: Thing,
      examples: [],
      run: async ({ thing_id }) => {
        if (thing_id !== 'thing_1')
          throw new Fault('CSP-TST-001', 'not found', `There is no thing ${thing_id}.`, {
            details: { thing_id, status: 'shadow' },
          });
        return { thing_id, name: 'a thing', size: 1 };
      },
    }),
    defineOperation({
      ...base,
      id: 'things.text',
      summary: 'Shows the text of a thing, in two forms.',
      route: 'GET /things/{thing_id}/text',
      input: z.object({ thing_id: z.string() }),
      output: z.object({ text: z.string() }),
      raw: { mediaType: 'application/x-ndjson', of: ({ text }) => text },
      examples: [],
      run: async () => ({ text: '{"line":1}\n{"line":2}\n' }),
    }),
    defineOperation({
      ...base,
      id: 'things.count',
      summary: 'Counts, and has a version.',
      route: 'POST /counters/{counter_id}',
      input: z.object({ counter_id: z.string() }),
      output: z.object({ count: z.int() }),
      idempotent: false,
      version: ({ count }) => count,
      examples: [],
      async run(_, call) {
        refuseStale(call, counted);
        return { count: ++counted };
      },
    }),
    defineOperation({
      ...base,
      id: 'things.counted',
      deprecated: { since: '2026-01-01T00:00:00Z', sunset: '2027-01-01T00:00:00Z' },
      summary: 'How far it counted.',
      route: 'GET /counters/{counter_id}',
      input: z.object({ counter_id: z.string() }),
      output: z.object({ count: z.int() }),
      version: ({ count }) => count,
      examples: [],
      run: async () => ({ count: counted }),
    }),
    defineOperation({
      ...base,
      id: 'things.rename',
      summary: 'Renames a thing.',
      route: 'PUT /things/{thing_id}',
      input: z.object({ thing_id: z.string(), name: z.string() }),
      output: z.object({ thing_id: z.string(), name: z.string() }),
      examples: [],
      run: async (input) => input,
    }),
    defineOperation({
      ...base,
      id: 'things.tag',
      summary: 'Takes any JSON.',
      route: 'PATCH /things/{thing_id}',
      input: z.strictObject({ thing_id: z.string(), tag: z.json() }),
      output: z.object({ tag: z.json() }),
      examples: [],
      run: async ({ tag }) => ({ tag }),
    }),
    defineOperation({
      ...base,
      id: 'things.fail',
      summary: 'Faults as it is told.',
      route: 'POST /things/fail',
      input: z.object({ kind: z.string() }),
      output: z.object({}),
      examples: [],
      run: async ({ kind }) => {
        if (kind === 'defect') throw new TypeError('a secret of the implementation');
        throw new Fault('CSP-TST-001', kind as 'invalid', 'As told.');
      },
    }),
    defineOperation({
      ...base,
      id: 'things.lie',
      summary: 'Answers something else than it declares.',
      route: 'POST /things/lie',
      input: z.object({}),
      output: z.object({ promised: z.string() }),
      examples: [],
      run: async () => ({}) as { promised: string },
    }),
    defineOperation({
      ...base,
      id: 'things.wait',
      summary: 'Waits until the test lets it go, or until it is aborted.',
      route: 'POST /things/wait',
      outcome: 'accepted',
      input: z.object({}),
      output: z.object({ waited: z.literal(true) }),
      rateClass: 'verify',
      examples: [],
      run: (_, { signal, requestId }) =>
        new Promise((resolve, reject) => {
          begin();
          void released.then(() => resolve({ waited: true }));
          signal.addEventListener('abort', () => {
            aborted.push(requestId);
            reject(new Fault('CSP-TST-001', 'timed out', 'Aborted.'));
          });
        }),
    }),
  ];
  const pages: Page[] = [
    {
      path: '/things/{thing_id}',
      operation: 'things.get',
      async render({ thing_id = '', filter = '' }) {
        return { title: `Thing ${thing_id}`, body: html`<p>${filter}</p>` };
      },
    },
    {
      path: '/things',
      navigation: 'Things',
      render: async () => ({ title: 'Things', body: html`<p>none</p>`, refreshSeconds: 5 }),
    },
  ];
  const streams = [
    { topic: 'process_events', summary: 'What processes do.', notification: z.unknown(), permission: 'things:any' },
    {
      topic: 'thing.{thing_id}',
      summary: 'One thing.',
      notification: z.unknown(),
      permission: 'things:any',
      route: 'GET /things/{thing_id}' as const,
      publish: 'POST /things/{thing_id}' as const,
    },
  ];
  return { operations, streams, pages, waiting, release, aborted };
}

/** A store in memory, enough for the gateway: records, conflicts, no streams. */
export function memoryStore(): Store {
  const records = new Map<string, { collection: string; id: string; version: number; body: unknown }>();
  const keyOf = (collection: string, id: string) => `${collection}/${id}`;
  return {
    async commit(changes) {
      for (const one of changes)
        if (one.change === 'put' && one.ifVersion !== undefined) {
          const version = records.get(keyOf(one.collection, one.id))?.version ?? 0;
          if (version !== one.ifVersion) throw new Fault('CSP-STO-001', 'conflict', 'Changed in between.');
        }
      for (const one of changes) {
        if (one.change === 'append') throw new Error('no streams here');
        const key = keyOf(one.collection, one.id);
        if (one.change === 'delete') records.delete(key);
        else {
          const version = (records.get(key)?.version ?? 0) + 1;
          records.set(key, { collection: one.collection, id: one.id, version, body: structuredClone(one.body) });
        }
      }
    },
    async get<Body>(collection: string, id: string) {
      return records.get(keyOf(collection, id)) as Stored<Body> | undefined;
    },
    async find<Body>(collection: string, { limit, offset }: { limit: number; offset: number }) {
      const found = [...records.values()].filter((one) => one.collection === collection);
      return { records: found.slice(offset, offset + limit) as unknown as Stored<Body>[], total: found.length };
    },
    read: async () => [],
    length: async () => 0,
  };
}

export const sha256: Capabilities['hash'] = { sha256: (bytes) => createHash('sha256').update(bytes).digest() };

export const silent: Capabilities['log'] = { debug() {}, info() {}, warn() {}, error() {} };
