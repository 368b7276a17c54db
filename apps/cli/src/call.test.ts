/** `csp call` where a field of an operation has the name of a flag that every command has. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { run } from './app.ts';
import { defineModule, defineOperation, z } from './module.ts';
import { startTestPlatform, type TestPlatform } from './test-kit.ts';

const links = defineModule({
  name: 'links',
  needs: [],
  config: z.strictObject({}),
  errors: {},
  async start() {
    const operation = defineOperation({
      id: 'links.look',
      summary: 'Look at a link',
      route: 'GET /links',
      input: z.strictObject({ url: z.string(), depth: z.coerce.number().default(1) }),
      output: z.object({ url: z.string(), depth: z.number() }),
      errors: [],
      permission: 'links:read',
      rateClass: 'read',
      idempotent: true,
      examples: [],
      run: async (input) => input,
    });
    return { operations: [operation], async stop() {} };
  },
});

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform(links);
});
afterAll(() => platform.stop());

test('it is given by --input, and the flag stays what it is', async () => {
  let out = '';
  const host = { stdout: { write: (text: string) => void (out += text) }, stderr: process.stderr, env: {} };
  const args = ['call', 'links.look', '--url', platform.url, '--input', '{"url":"a:b"}', '--depth', '3', '--json'];
  await run(args, host as unknown as NodeJS.Process);
  expect(JSON.parse(out)).toEqual({ url: 'a:b', depth: 3 });
});
