/** A real browser opens the page of the API, and an operation is sent from it: nothing may be asked of another site, refused by the policy, or thrown. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { freePort, fromDebian, type Judge, type Opinion, type Subject, start } from './judge.ts';

// biome-ignore lint/suspicious/noExplicitAny: messages of the DevTools protocol
type Message = any;

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--window-size=1100,900'],
];

async function look(url: string, origin: string, { folder }: Subject, use: string, shot?: string): Promise<Opinion> {
  const port = await freePort();
  const args = [...FLAGS, `--user-data-dir=${join(folder, `chromium-${port}`)}`, `--remote-debugging-port=${port}`];
  const browser = await start(fromDebian('chromium', 'chromium'), [...args, 'about:blank'], async () => {
    const ready = await fetch(`http://127.0.0.1:${port}/json/version`).catch(() => undefined);
    return ready?.ok === true;
  });
  try {
    const targets = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as Message[];
    const page = targets.find(({ type }) => type === 'page');
    const socket = new WebSocket(page.webSocketDebuggerUrl);
    await new Promise((resolve) => socket.once('open', resolve));
    const complaints: string[] = [];
    const asked: string[] = [];
    const answers = new Map<number, (result: Message) => void>();
    let loaded = () => {};
    const load = new Promise<void>((resolve) => {
      loaded = resolve;
    });
    socket.on('message', (data) => {
      const { id, result, method, params } = JSON.parse(String(data)) as Message;
      if (id !== undefined) answers.get(id)?.(result);
      else if (method === 'Page.loadEventFired') loaded();
      else if (method === 'Network.requestWillBeSent') asked.push(params.request.url);
      else if (method === 'Log.entryAdded') complaints.push(`${params.entry.level}: ${params.entry.text}`);
      else if (method === 'Runtime.exceptionThrown') complaints.push(params.exceptionDetails.text);
    });
    let count = 0;
    const ask = (method: string, params: object = {}) =>
      new Promise<Message>((resolve) => {
        answers.set(++count, resolve);
        socket.send(JSON.stringify({ id: count, method, params }));
      });
    for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await ask(`${domain}.enable`);
    await ask('Page.navigate', { url });
    await load;
    const { result } = await ask('Runtime.evaluate', { expression: use, awaitPromise: true });
    if (result.value !== true) complaints.push(`the page answered ${JSON.stringify(result)}`);
    for (const one of asked)
      if (!one.startsWith(origin) && !one.startsWith('data:')) complaints.push(`asked another site: ${one}`);
    if (shot !== undefined)
      writeFileSync(
        shot,
        Buffer.from((await ask('Page.captureScreenshot', { captureBeyondViewport: false })).data, 'base64'),
      );
    socket.terminate();
    return { examined: `/docs with one operation sent, ${asked.length} requests, none to another site`, complaints };
  } finally {
    await browser.stop();
  }
}

/** As a person would: opens an operation, presses its button, waits for the answer. */
const SEND = `(async () => {
  const operation = document.getElementById('metrics.read');
  operation.open = true;
  operation.querySelector('button').click();
  for (let wait = 0; wait < 100; wait++) {
    if (operation.querySelector('.status').textContent.startsWith('200')) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  operation.scrollIntoView();
  return operation.querySelector('.response').textContent.includes('"uptime"');
})()`;

export const chromium: Judge = {
  name: 'chromium',
  judge: (subject) =>
    look(`${subject.server.url}/docs#metrics.read`, subject.server.url, subject, SEND, process.env.JUDGES_SCREENSHOT),
  control: (subject) =>
    look(`data:text/html,<img src="http://127.0.0.1:9/elsewhere.png">`, subject.server.url, subject, 'true'),
};
