/** A platform of the store and the conversations alone, on a folder of its own: operations are called as the gateway calls them. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conversations } from '@enhanced-csp/conversations';
import {
  assemble,
  type Clock,
  Fault,
  type Module,
  type Notification,
  notificationsInMemory,
  type Platform,
  randomFrom,
  type Store,
} from '@enhanced-csp/platform';
import { systemClock } from '@enhanced-csp/server';
import { storage } from '@enhanced-csp/storage';

export const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
export const signer = {
  name: 'platform.test',
  publicKey: Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url') as Uint8Array,
  sign: (bytes: Uint8Array): Uint8Array => sign(null, bytes, privateKey),
};

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into field by field; what is missing fails the expectation
export type Answer = any;

export interface TestPlatform {
  readonly folder: string;
  readonly platform: Platform;
  /** Runs an operation: its input goes through its schema, its output too. */
  run(id: string, input?: unknown, signal?: AbortSignal): Promise<Answer>;
  /** The fault it ends in. */
  fault(id: string, input?: unknown): Promise<Fault>;
  listen(topic: string): Notification[];
  stop(): Promise<void>;
}

export function newFolder(): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'csp-test-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** `through`: puts something between the modules and the store, a fault for instance. `between`: modules after the store. `time`: a clock of the test's own. */
export async function openPlatform(
  folder: string,
  config: Record<string, unknown> = {},
  through: (store: Store) => Store = (store) => store,
  between: readonly Module[] = [],
  time: Clock = systemClock,
): Promise<TestPlatform> {
  const store: typeof storage = {
    ...storage,
    async start(capabilities, values) {
      const started = await storage.start(capabilities, values);
      return { ...started, provides: { store: through(started.provides!.store!) } };
    },
  };
  const notifications = notificationsInMemory({ clock: time });
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const platform = await assemble(
    [store, ...between, conversations] as Module[],
    { storage: { folder }, conversations: config },
    {
      clock: time,
      random: randomFrom((count) => randomBytes(count), time),
      hash: { sha256 },
      signer,
      log: quiet,
      notifications,
    },
  );
  const run = async (id: string, input: unknown = {}, signal = new AbortController().signal): Promise<Answer> => {
    const operation = platform.catalog.operations().find((one) => one.id === id);
    if (operation === undefined) throw new Error(`no operation ${id}`);
    const call = { principal: { id: 'tester', roles: [] }, signal, requestId: 'test' };
    return operation.output.parse(await operation.run(operation.input.parse(input), call));
  };
  return {
    folder,
    platform,
    run,
    async fault(id, input) {
      try {
        await run(id, input);
      } catch (error) {
        if (error instanceof Fault) return error;
        throw error;
      }
      throw new Error(`${id} did not fault`);
    },
    listen(topic) {
      const heard: Notification[] = [];
      notifications.subscribe(topic, undefined, (notification) => heard.push(notification));
      return heard;
    },
    stop: () => platform.stop(),
  };
}
