import {
  assemble,
  Fault,
  html,
  type Module,
  notificationsInMemory,
  type Panel,
  randomFrom,
} from '@enhanced-csp/platform';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { clock, memoryStore, sha256, silent } from './demo.fixture.ts';
import { closeDemos, openDemo } from './demo-gateway.fixture.ts';
import { gateway } from './module.ts';
import { PANELS_SCRIPT } from './panels-script.ts';

afterEach(closeDemos);

const HTML = { accept: 'text/html' };
const home = async (panels: Readonly<Record<string, Panel>>, options = {}) => {
  const { app } = openDemo(options, new Map(Object.entries(panels)));
  return { app, page: (await app.inject({ url: '/', headers: HTML })).body };
};

test('a panel stands in its frame, and what it inserts is text', async () => {
  const { app, page } = await home({
    'own.names': { title: '<Names>', render: () => html`<b>${'<script>'}</b>` },
    'own.text': { title: 'Text', render: () => '<i>no markup</i>' as never },
  });
  expect(page).toContain('<section data-panel="own.names">\n<h2>&lt;Names&gt;</h2>\n<div><b>&lt;script&gt;</b></div>');
  expect(page).toContain('<div>&lt;i&gt;no markup&lt;/i&gt;</div>');
  expect(page).not.toContain('<script');
  const one = await app.inject('/panels/own.names');
  expect([one.body, one.headers['content-type']]).toEqual(['<b>&lt;script&gt;</b>', 'text/html; charset=utf-8']);
  expect((await app.inject('/panels/own.none')).statusCode).toBe(404);
});

test('one that throws shows its error in its frame, and not elsewhere', async () => {
  const { page } = await home({
    'own.before': { title: 'Before', render: async () => html`<p>first</p>` },
    'own.fault': {
      title: 'Fault',
      render: () => Promise.reject(new Fault('CSP-TST-001', 'not found', 'There is <no> thing.')),
    },
    'own.defect': {
      title: 'Defect',
      render() {
        throw new Error('secret');
      },
    },
    'own.after': { title: 'After', render: async () => html`<p>last</p>` },
  });
  const frames = page.split('<section').slice(1);
  expect(frames.map((frame) => frame.includes('CSP-'))).toEqual([false, true, true, false]);
  expect(frames[1]).toContain('There is &lt;no&gt; thing.');
  expect(frames[2]).toContain('CSP-GTW-010');
  expect(page).not.toContain('secret');
  expect(page).toContain('<h2>Operations</h2>');
});

test('one that takes too long is not waited for', async () => {
  const late: (() => void)[] = [];
  const { app } = openDemo({}, new Map([['own.slow', { title: 'Slow', render: () => new Promise<never>(() => {}) }]]), {
    after: (_, wake) => {
      late.push(wake);
      return () => {};
    },
  });
  const asked = app.inject({ url: '/', headers: HTML });
  await expect.poll(() => late.length).toBeGreaterThan(0);
  for (const wake of late) wake();
  expect((await asked).body).toContain('CSP-GTW-029');
});

test('one with a topic follows it: by a script of this server', async () => {
  const { app, page } = await home({
    'own.live': { title: 'Live', topic: 'process_events', render: () => html`<p>1</p>` },
  });
  expect(page).toContain('<section data-panel="own.live" data-topic="process_events">');
  expect(page.match(/<script[^>]*>/g)).toEqual(['<script src="/panels.js" defer>']);
  const script = await app.inject('/panels.js');
  expect([script.body, script.headers['content-type']]).toEqual([PANELS_SCRIPT, 'text/javascript; charset=utf-8']);
});

/** The script in a page of one panel, with the network and no browser. */
test('and what is shown changes when the topic tells something', async () => {
  const notifications = notificationsInMemory({ clock });
  let count = 0;
  const module: Module = {
    name: 'own',
    needs: [],
    config: z.object({}),
    errors: {},
    start: async () => ({
      streams: [{ topic: 'ticks', summary: 'Ticks.', notification: z.unknown(), permission: 'ticks:read' }],
      panels: { count: { title: 'Count', topic: 'ticks', render: () => html`<p>${++count}</p>` } },
      stop: async () => {},
    }),
  };
  const platform = await assemble(
    [module, gateway],
    {},
    {
      clock,
      random: randomFrom((bytes) => crypto.getRandomValues(new Uint8Array(bytes)), clock),
      log: silent,
      hash: sha256,
      store: memoryStore(),
      notifications,
    },
  );
  const url = platform.urls.gateway as string;
  const shown = Promise.withResolvers<string>();
  const frame = {
    set innerHTML(text: string) {
      shown.resolve(text);
    },
  };
  const panel = { dataset: { panel: 'own.count', topic: 'ticks' }, querySelector: () => frame };
  let socket: WebSocket | undefined;
  class Connected extends WebSocket {
    constructor(address: string) {
      super(address);
      socket = this;
      this.addEventListener('message', ({ data }) => {
        if (String(data).includes('"subscribed"')) notifications.publish('ticks', {});
      });
    }
  }
  new Function('document', 'location', 'WebSocket', 'fetch', 'setTimeout', PANELS_SCRIPT)(
    { querySelectorAll: () => [panel] },
    { origin: url },
    Connected,
    (path: string) => fetch(url + path),
    () => {},
  );
  expect(await shown.promise).toBe('<p>1</p>');
  socket?.close();
  await platform.stop();
});
