/** Writes until it is killed; `sqlite-store.test.ts` runs it as a process of its own. */
import { writeSync } from 'node:fs';
import { openStore } from './open-store.ts';

const { store } = openStore(process.argv[2] as string, { collections: [{ name: 'notes', fields: {} }], now: Date.now });
const encoder = new TextEncoder();

async function writer(first: number): Promise<void> {
  for (let number = first; ; number += 16) {
    await store.commit([
      { change: 'append', stream: 'numbers', entries: [encoder.encode(String(number))] },
      { change: 'put', collection: 'notes', id: String(number), fields: {}, body: number },
    ]);
    // Synchronous, so that a number is in the pipe before the next one is begun.
    writeSync(1, `${number}\n`);
  }
}

for (let first = 0; first < 16; first++) void writer(first);
