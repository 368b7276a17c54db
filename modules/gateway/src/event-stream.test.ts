import { afterEach, expect, test } from 'vitest';
import { closeDemos, openDemo } from './demo-gateway.fixture.ts';
import { lastEventOf } from './event-stream.ts';

afterEach(closeDemos);

/** Reads an event stream as the standard says: fields to the colon, events to the empty line, comments skipped. */
async function listen(url: string, headers: Record<string, string> = {}) {
  const abort = new AbortController();
  const response = await fetch(url, { headers: { accept: 'text/event-stream', ...headers }, signal: abort.signal });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  async function take(count: number) {
    const events: { event: string; id: string; data: Record<string, unknown> }[] = [];
    while (events.length < count) {
      const end = text.indexOf('\n\n');
      if (end < 0) {
        const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
        if (done) break;
        text += value;
        continue;
      }
      const fields = new Map(
        text
          .slice(0, end)
          .split('\n')
          .filter((line) => !line.startsWith(':'))
          .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trimStart()] as const),
      );
      text = text.slice(end + 2);
      const data = fields.get('data');
      if (data !== undefined)
        events.push({ event: fields.get('event') ?? 'message', id: fields.get('id') ?? '', data: JSON.parse(data) });
    }
    return events;
  }
  return { response, take, close: () => abort.abort() };
}

async function open() {
  const demo = openDemo();
  const url = await demo.app.listen({ host: '127.0.0.1', port: 0 });
  const publish = (...data: unknown[]) => {
    for (const one of data) demo.notifications.publish('thing.thing_1', one);
  };
  return { ...demo, url: `${url}/api/things/thing_1`, base: url, publish };
}

test('what comes is told, and Last-Event-ID goes on where it was left', async () => {
  const { url, publish } = await open();
  const first = await listen(url);
  expect(first.response.headers.get('content-type')).toContain('text/event-stream');
  publish('a', 'b');
  const [a, b] = await first.take(2);
  expect([a?.data, b?.data]).toMatchObject([
    { channel: 'thing.thing_1', seq: 1, data: 'a' },
    { seq: 2, data: 'b' },
  ]);
  first.close();
  publish('c');
  const second = await listen(url, { 'last-event-id': a?.id ?? '' });
  publish('d');
  expect((await second.take(3)).map(({ data }) => data.data)).toEqual(['b', 'c', 'd']);
  second.close();
});

test('what is gone is told as a gap, before what is still there', async () => {
  const { url, publish } = await open();
  const first = await listen(url);
  publish(0);
  const [seen] = await first.take(1);
  first.close();
  publish(...Array.from({ length: 150 }, (_, index) => index + 1));
  const again = await listen(url, { 'last-event-id': seen?.id ?? '' });
  const [gap, next] = await again.take(2);
  expect([gap?.event, gap?.data, next?.data.data]).toEqual(['gap', { since: 1 }, 51]);
  again.close();
  const other = await listen(url, { 'last-event-id': 'OTHERRUN.3' });
  expect((await other.take(1))[0]?.event, 'sequence numbers of another run mean nothing here').toBe('gap');
  other.close();
});

test('a client that reads nothing is not queued for without bound, and misses nothing that is kept without a word', async () => {
  const { url, publish } = await open();
  const slow = await listen(url);
  const big = 'x'.repeat(100_000);
  for (let index = 0; index < 300; index++) publish({ index, big });
  await new Promise((resolve) => setTimeout(resolve, 20));
  publish('end');
  let expected = 0;
  let gaps = 0;
  for (;;) {
    const [one] = await slow.take(1);
    if (one === undefined) throw new Error('the stream ended');
    if (one.event === 'gap') {
      gaps += 1;
      expect(one.data.since).toBe(expected);
      expected = -1;
      continue;
    }
    const { seq, data } = one.data as { seq: number; data: unknown };
    if (expected >= 0) expect(seq).toBe(expected + 1);
    expected = seq;
    if (data === 'end') break;
  }
  expect(gaps, 'had nothing been left out, the window would not have been tried').toBeGreaterThan(0);
  slow.close();
});

test('what does not exist is not listened to, and JSON stays the answer for others', async () => {
  const { base, url } = await open();
  const missing = await listen(`${base}/api/things/none`);
  expect(missing.response.status).toBe(404);
  missing.close();
  expect(await (await fetch(url)).json()).toMatchObject({ thing_id: 'thing_1' });
});

test('streams end at once when the server stops', async () => {
  const { url, gateway } = await open();
  const stream = await listen(url);
  const begun = performance.now();
  const closed = gateway.close(5000);
  expect(await stream.take(1)).toEqual([]);
  await closed;
  expect(performance.now() - begun).toBeLessThan(1000);
});

test.each([undefined, '', 'x', 'run.', 'run.-1', 'run.1.2', 'a b.1'])('Last-Event-ID %j says nothing', (header) => {
  expect(lastEventOf(header)).toBeUndefined();
});
