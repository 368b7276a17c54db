/** `npm test`: the module in a whole platform, over REST, GraphQL and WebSocket. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestPlatform, type TestPlatform } from 'enhanced-csp/test-kit';
import { greeter } from './greeter.ts';

let platform: TestPlatform;
before(async () => {
  platform = await startTestPlatform(greeter, { salutation: 'Good day' });
});
after(() => platform.stop());

test('REST', async () => {
  const made = await platform.request('POST', '/api/greetings', { name: 'Ada' });
  assert.equal(made.status, 201);
  assert.equal((made.body as { text: string }).text, 'Good day, Ada!');
  const missing = await platform.request('GET', '/api/greetings/greet_none');
  assert.equal((missing.body as { code: string }).code, 'CSP-GRT-001');
});

test('GraphQL', async () => {
  const { greetingsList } = (await platform.query('{ greetingsList { greetings { name } } }')) as {
    greetingsList: { greetings: readonly { name: string }[] };
  };
  assert.deepEqual(
    greetingsList.greetings.map(({ name }) => name),
    ['Ada'],
  );
});

test('WebSocket', async () => {
  const socket = new WebSocket(`${platform.url.replace('http', 'ws')}/ws`);
  const heard = new Promise<{ data: { text: string } }>((resolve) => {
    socket.onmessage = ({ data }) => {
      const frame = JSON.parse(String(data));
      if (frame.type === 'subscribed') void platform.request('POST', '/api/greetings', { name: 'Grace' });
      if (frame.type === 'event') resolve(frame);
    };
  });
  socket.onopen = () => socket.send(JSON.stringify({ action: 'subscribe', channels: ['greetings'] }));
  assert.equal((await heard).data.text, 'Good day, Grace!');
  socket.close();
});
