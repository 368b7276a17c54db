/** `npm test`: the module in a whole platform, over REST, GraphQL and WebSocket. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTestPlatform, type TestPlatform } from 'enhanced-csp/test-kit';
import { greeter } from './greeter.ts';

let platform: TestPlatform;
before(async () => {
  platform = await startTestPlatform(greeter, { salutation: 'Good day', strangers: ['Mallory'] });
});
after(() => platform.stop());

test('REST', async () => {
  const made = await platform.request('POST', '/api/greetings', { name: 'Ada' });
  assert.equal(made.status, 201);
  assert.equal((made.body as { text: string }).text, 'Good day, Ada!');
  const missing = await platform.request('GET', '/api/greetings/greet_none');
  assert.equal((missing.body as { code: string }).code, 'CSP-GRT-001');
});

test('the policy', async () => {
  const denied = await platform.request('POST', '/api/greetings', { name: 'Mallory' });
  assert.equal(denied.status, 403);
  assert.equal((denied.body as { policy: string }).policy, 'greeter.guest-list');
});

test('the kind of process', async () => {
  const made = await platform.request('POST', '/api/processes', {
    name: 'three',
    type: 'greeter.relay',
    config: { messages: 3 },
  });
  assert.equal((made.body as { verdict: string }).verdict, 'well-formed');
});

test('the agent', async () => {
  const { agents } = (await platform.request('GET', '/api/agents/kinds')).body as { agents: { name: string }[] };
  assert.deepEqual(
    agents.map(({ name }) => name),
    ['greeter.polite'],
  );
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
