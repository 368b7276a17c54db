/** A gateway over the demo module and a store in memory; `closeDemos` goes into `afterEach`. */
import {
  type Capabilities,
  notificationsInMemory,
  type Panel,
  PLATFORM_ERRORS,
  randomFrom,
  type Store,
} from '@enhanced-csp/platform';
import { demo, memoryStore, sha256, silent } from './demo.fixture.ts';
import { GATEWAY_ERRORS } from './errors.ts';
import { type GatewayOptions, openGateway } from './gateway.ts';

const closing: (() => Promise<void>)[] = [];
export async function closeDemos(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

const none = { perMinute: 0, burst: 1 };

export function openDemo(
  options: Partial<GatewayOptions> = {},
  panels: ReadonlyMap<string, Panel> = new Map(),
  time: Partial<Capabilities['clock']> = {},
) {
  const clock: Capabilities['clock'] = { now: () => 0, monotonic: () => 0, after: () => () => {}, ...time };
  const rows = demo();
  const notifications = notificationsInMemory({ clock, keep: 100 });
  let count = 0;
  const memory = memoryStore();
  const store: Store = {
    ...memory,
    commit: (changes) => {
      count += 1;
      return memory.commit(changes);
    },
  };
  const errors = {
    ...PLATFORM_ERRORS,
    ...GATEWAY_ERRORS,
    'CSP-TST-001': { kind: 'not found', title: 'No such thing', next: 'Make one.' },
  } as const;
  const gateway = openGateway(
    {
      clock,
      notifications,
      store,
      random: randomFrom((bytes) => crypto.getRandomValues(new Uint8Array(bytes)), clock),
      log: silent,
      hash: sha256,
      catalog: {
        collections: () => [],
        errors: () => errors,
        operations: () => rows.operations,
        streams: () => rows.streams,
        pages: () => rows.pages,
        agents: () => new Map(),
        processKinds: () => new Map(),
        policies: () => new Map(),
        panels: () => panels,
        health: async () => ({ healthy: true, modules: {} }),
      },
    },
    {
      name: 'Test',
      version: '1.2.3',
      host: '127.0.0.1',
      debug: false,
      bodyBytesMax: 10_000,
      runningMax: 100,
      origins: [],
      hstsSeconds: 0,
      rate: { read: none, write: none, verify: none },
      graphql: { aliasesMax: 100, rootFieldsMax: 50 },
      ...options,
    },
  );
  closing.push(() => gateway.close(0));
  return { app: gateway.app, gateway, rows, store, notifications, commits: () => count };
}
