/** For the tests of modules of others: a whole platform with the module in it, in a folder of its own, on a free port of this machine. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MODULES, startServer } from '@enhanced-csp/server';
import type { Module } from './module.ts';

export interface TestPlatform {
  /** `http://127.0.0.1:40321` */
  readonly url: string;
  /** Lines of its log. */
  readonly log: readonly string[];
  /** Sends JSON and reads JSON. `path` as in `/api/greetings`. */
  request(method: string, path: string, body?: object): Promise<{ readonly status: number; readonly body: unknown }>;
  /** A GraphQL query; rejects with its errors. */
  query(text: string): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * ```ts
 * const platform = await startTestPlatform(greeter);
 * const { status, body } = await platform.request('POST', '/api/greetings', { name: 'Ada' });
 * await platform.stop();
 * ```
 * @param config what the configuration would say under `modules: [{ from, config }]`.
 */
export async function startTestPlatform(module: Module, config: object = {}): Promise<TestPlatform> {
  const folder = mkdtempSync(join(tmpdir(), 'csp-test-kit-'));
  const log: string[] = [];
  const before = MODULES.findIndex(({ name }) => name === 'gateway');
  const clear = () => rmSync(folder, { recursive: true, force: true });
  const server = await startServer({
    folder,
    env: {},
    flags: { port: 0, 'log.level': 'debug' },
    modules: MODULES.toSpliced(before, 0, module),
    moduleConfig: { [module.name]: config },
    writeLog: (line) => log.push(line),
  }).catch((fault: unknown) => {
    clear();
    throw fault;
  });

  async function request(method: string, path: string, body?: object) {
    const answer = await fetch(new URL(path, server.url), {
      method,
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as unknown };
  }

  return {
    url: server.url,
    log,
    request,
    async query(text) {
      const { body } = await request('POST', '/graphql', { query: text });
      const { data, errors } = body as { data?: unknown; errors?: readonly { message: string }[] };
      if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join('; '));
      return data;
    },
    async stop() {
      await server.stop();
      clear();
    },
  };
}
