/**
 * Many WebSocket clients in one process, that listen to one topic and count what they hear: `clients.ts URL TOPIC COUNT`. Prints a line when all are
 * subscribed; each line on its stdin is a number of events to wait for, and answered when every client has heard so many.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

const [url = '', topic = '', count = '0'] = process.argv.slice(2);
const TOGETHER = 200;
let heard = 0;
let subscribed = 0;
let wake = () => {};

async function connect(index: number): Promise<WebSocket> {
  // Addresses of their own, so that there are ports enough.
  const localAddress = `127.0.0.${2 + (index % 4)}`;
  const socket = new WebSocket(url, { localAddress, perMessageDeflate: false });
  // Frames are told apart by their beginning; reading them would be the work of the clients, not of the server.
  socket.on('message', (data: Buffer) => {
    if (data.subarray(0, 15).toString() === '{"type":"event"') heard += 1;
    else subscribed += 1;
    wake();
  });
  await once(socket, 'open');
  socket.send(JSON.stringify({ action: 'subscribe', channels: [topic] }));
  return socket;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition())
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
}

const sockets: WebSocket[] = [];
for (let from = 0; from < Number(count); from += TOGETHER) {
  const some = Array.from({ length: Math.min(TOGETHER, Number(count) - from) }, (_, index) => connect(from + index));
  sockets.push(...(await Promise.all(some)));
}
await until(() => subscribed === sockets.length);
console.log('subscribed');
for await (const line of createInterface({ input: process.stdin })) {
  await until(() => heard >= Number(line) * sockets.length);
  console.log(`${heard}`);
}
for (const socket of sockets) socket.terminate();
