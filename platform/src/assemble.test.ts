import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { assemble } from './assemble.ts';
import type { Capabilities, Clock } from './capabilities.ts';
import { html } from './html.ts';
import { defineModule, type Module, type Started } from './module.ts';
import { defineOperation } from './operation.ts';

const clock: Clock = { now: () => 0, monotonic: () => 0, after: () => () => {} };

function module(name: string, more: Partial<Module> & { started?: Partial<Started> } = {}): Module {
  const { started, ...rest } = more;
  return {
    ...defineModule({
      name,
      needs: [],
      config: z.strictObject({ size: z.number().default(1) }),
      errors: {},
      async start() {
        return { stop: async () => {}, ...started };
      },
    }),
    ...rest,
  };
}

function operation(id: string, route: Parameters<typeof defineOperation>[0]['route']) {
  return defineOperation({
    id,
    summary: id,
    route,
    input: z.object({}),
    output: z.object({}),
    errors: [],
    permission: 'x:y',
    rateClass: 'read',
    idempotent: true,
    examples: [],
    run: async () => ({}),
  });
}

describe('assemble', () => {
  test('starts in order and stops in reverse, each once', async () => {
    const order: string[] = [];
    const make = (name: string) =>
      module(name, {
        async start() {
          order.push(`start ${name}`);
          return {
            async stop() {
              order.push(`stop ${name}`);
            },
          };
        },
      });
    const platform = await assemble([make('a'), make('b'), make('c')], {}, {});
    expect(platform.modules).toEqual(['a', 'b', 'c']);
    await Promise.all([platform.stop(), platform.stop()]);
    expect(order).toEqual(['start a', 'start b', 'start c', 'stop c', 'stop b', 'stop a']);
  });

  test('a module gets what it declared and nothing else; what one provides the next one has', async () => {
    let given: object = {};
    const store = { commit: async () => {} } as unknown as Capabilities['store'];
    const provider = module('provider', { provides: ['store'], started: { provides: { store } } });
    const user = module('user', {
      needs: ['clock', 'store'],
      async start(capabilities) {
        given = capabilities;
        return { stop: async () => {} };
      },
    });
    await assemble([provider, user], {}, { clock });
    expect(given).toEqual({ clock, store });
    await expect(assemble([user, provider], {}, { clock })).rejects.toMatchObject({
      code: 'CSP-PLT-001',
      message: expect.stringContaining('Put provider before user'),
    });
    await expect(assemble([user], {}, { clock })).rejects.toThrow(/Add a module that provides store/);
    await expect(assemble([module('liar', { provides: ['store'] })], {}, {})).rejects.toMatchObject({
      code: 'CSP-PLT-004',
    });
  });

  test('the configuration is read by the schema of the module', async () => {
    let config: unknown;
    const one = module('one', {
      async start(_, given) {
        config = given;
        return { stop: async () => {} };
      },
    });
    await assemble([one], {}, {});
    expect(config).toEqual({ size: 1 });
    await assemble([one], { one: { size: 5 }, absent: { anything: true } }, {});
    expect(config).toEqual({ size: 5 });
    await expect(assemble([one], { one: { size: 'big' } }, {})).rejects.toMatchObject({
      code: 'CSP-PLT-003',
      message: expect.stringContaining('size'),
    });
  });

  test('what stands before a module that faults is stopped, and its fault is the one thrown', async () => {
    const stopped: string[] = [];
    const first = module('first', { started: { stop: async () => void stopped.push('first') } });
    const broken = module('broken', {
      async start() {
        throw new Error('no disk');
      },
    });
    await expect(assemble([first, broken, module('never')], {}, {})).rejects.toThrow('no disk');
    expect(stopped).toEqual(['first']);
  });

  test('a module that cannot stop does not keep the others from stopping', async () => {
    const stopped: string[] = [];
    const first = module('first', { started: { stop: async () => void stopped.push('first') } });
    const stuck = module('stuck', { started: { stop: async () => Promise.reject(new Error('stuck')) } });
    const platform = await assemble([first, stuck], {}, {});
    await expect(platform.stop()).rejects.toMatchObject({
      code: 'CSP-PLT-005',
      message: expect.stringContaining('stuck'),
    });
    expect(stopped).toEqual(['first']);
  });

  test.each([
    ['module', [module('a'), module('a')]],
    ['operation', [{ operations: [operation('x.get', 'GET /x')] }, { operations: [operation('x.get', 'GET /y')] }]],
    [
      'route',
      [{ operations: [operation('x.get', 'GET /x/{id}')] }, { operations: [operation('y.get', 'GET /x/{name}')] }],
    ],
    [
      'page',
      [{ pages: [{ path: '/p', render: async () => ({}) }] }, { pages: [{ path: '/p', render: async () => ({}) }] }],
    ],
    ['stream', [{ streams: [{ topic: 'talk.{a}' }] }, { streams: [{ topic: 'talk.{b}' }] }]],
  ])('a %s declared twice is refused', async (kind, offers) => {
    const modules = offers.map((offer, index) =>
      'start' in offer ? offer : module(`m${index}`, { started: offer as Partial<Started> }),
    );
    await expect(assemble(modules as Module[], {}, {})).rejects.toMatchObject({
      code: 'CSP-PLT-002',
      details: { kind },
    });
  });

  test('collections declared twice are refused before anything starts', async () => {
    let started = false;
    const collections = [{ name: 'things', fields: {} }];
    const one = module('one', {
      collections,
      async start() {
        started = true;
        return { stop: async () => {} };
      },
    });
    await expect(assemble([one, module('two', { collections })], {}, {})).rejects.toMatchObject({
      code: 'CSP-PLT-002',
    });
    expect(started).toBe(false);
  });

  test('what a module brings by name has the name of the module before it; a panel without its topic is refused', async () => {
    const decide = () => undefined;
    const topic = { topic: 'ticks', summary: 'Ticks.', notification: z.unknown(), permission: 'x:read' };
    const panel = { title: 'Ticks', topic: 'ticks', render: async () => html`<p>1</p>` };
    const told: string[] = [];
    const bringing = (name: string, started: Partial<Started>) => module(name, { started });
    const { catalog } = await assemble(
      [
        bringing('a', {
          streams: [topic],
          agents: { one: { description: '', decide } },
          ready: () => void told.push('a'),
        }),
        bringing('b', {
          agents: { one: { description: '', decide } },
          panels: { ticks: panel },
          ready: () => void told.push('b'),
        }),
      ],
      {},
      {},
    );
    expect([...catalog.agents().keys()]).toEqual(['a.one', 'b.one']);
    expect([...catalog.panels()]).toEqual([['b.ticks', panel]]);
    expect([catalog.policies().size, catalog.processKinds().size]).toEqual([0, 0]);
    expect(told).toEqual(['a', 'b']);
    const alone = assemble(
      [bringing('a', { streams: [topic], panels: { late: { ...panel, topic: 'tick' } } })],
      {},
      {},
    );
    await expect(alone).rejects.toMatchObject({
      code: 'CSP-PLT-013',
      message: expect.stringContaining('Did you mean ticks?'),
    });
  });

  test('the catalog shows what is offered; health is that of every module, also of one that throws', async () => {
    const platform = await assemble(
      [
        module('well', {
          started: {
            operations: [operation('x.get', 'GET /x')],
            health: async () => ({ healthy: true, detail: 'fine' }),
          },
        }),
        module('ill', { started: { health: async () => Promise.reject(new Error('disk gone')) } }),
        module('plain', { errors: { 'CSP-PLN-001': { kind: 'invalid', title: 'Plain', next: 'Nothing.' } } }),
      ],
      {},
      {},
    );
    expect(platform.catalog.operations().map(({ id }) => id)).toEqual(['x.get']);
    expect(platform.catalog.errors()).toHaveProperty('CSP-PLN-001');
    expect(platform.catalog.errors()).toHaveProperty('CSP-PLT-001');
    expect(await platform.catalog.health()).toEqual({
      healthy: false,
      modules: {
        well: { healthy: true, detail: 'fine' },
        ill: { healthy: false, detail: 'disk gone' },
        plain: { healthy: true, detail: 'running' },
      },
    });
  });
});
