/**
 * Durable processes that are killed: a teller takes deposits out of a buffer and gives each to the worker that is free; a worker has an effect outside,
 * which is a line on the standard output, and a booking in the store. Deposits come as lines; each is answered when it survives. Now and then the teller
 * wants to close with a deposit in hand, which the specification refuses.
 */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CSPEngine,
  type DurableChannel,
  DurableNetwork,
  type DurableProcess,
  openJournal,
  openProtocol,
  UnlawfulEventError,
} from 'enhanced-csp';
import { AUDIT, BOOKINGS, BUFFER, eventOf, JOURNAL, WORKERS } from './durable-bank.ts';

const say = (line: string): void => void writeSync(1, `${line}\n`);
const {
  journal,
  store,
  close: closeStore,
} = await openJournal(process.argv[2] as string, JOURNAL, {
  takeOver: true, // The one before was killed.
  audit: { ...AUDIT, sha256, at: () => new Date().toISOString(), eventOf },
});
const opened = openProtocol({ ...AUDIT.protocol, roles: ['teller'] }, { file: 'bank.csp' });
if (opened.kind === 'ill-formed') throw new Error(JSON.stringify(opened.diagnostics));
const engine = new CSPEngine({ open: true });
const durable = await DurableNetwork.open(engine, journal, {
  name: JOURNAL,
  now: Date.now,
  monitor: opened.protocol.monitor,
  eventOf,
  onBroken(error) {
    say(`broken ${error}`);
    process.exit(3);
  },
});

const deposits = durable.channel<string>('deposits', { buffer: BUFFER });
const close = durable.channel<string>('close', { buffer: 1 });
const desks = WORKERS.map((worker) => durable.channel<string>(worker));

durable.process<void, { given: number }>('teller', function* (self, state = { given: 0 }) {
  for (let { given } = state; ; ) {
    const deposit = yield* self.receive(deposits);
    if (given % 10 === 3) yield* closeTooEarly(self, deposit);
    yield* self.choice(Object.fromEntries(desks.map((desk) => [desk.name, self.send(desk, deposit)])));
    if (++given % 100 === 0) yield* self.checkpoint({ given });
  }
});

function* closeTooEarly(self: DurableProcess, deposit: string) {
  try {
    yield* self.send(close, deposit);
  } catch (error) {
    if (error instanceof UnlawfulEventError) return;
    throw error;
  }
  throw new Error(`closed with ${deposit} in hand`);
}

async function clerk(self: DurableProcess, desk: DurableChannel<string>, from = 0): Promise<void> {
  for (let served = from; ; ) {
    const deposit = await self.receive(desk);
    await self.effect((key) => say(`effect ${key} ${deposit}`));
    await self.write({ change: 'append', stream: BOOKINGS, entries: [new TextEncoder().encode(deposit)] });
    if (++served % 20 === 0) await self.checkpoint(served);
  }
}

function* cashier(self: DurableProcess, desk: DurableChannel<string>, from = 0) {
  for (let served = from; ; ) {
    const deposit = yield* self.receive(desk);
    // Time and chance are part of the run that is replayed.
    if ((yield* self.random()) < 0.1) yield* self.delay(2);
    yield* self.effect((key) => say(`effect ${key} ${deposit}`));
    yield* self.write({ change: 'append', stream: BOOKINGS, entries: [new TextEncoder().encode(deposit)] });
    if (++served % 20 === 0) yield* self.checkpoint(served);
  }
}

for (const [index, desk] of desks.entries())
  durable.process<void, number>(desk.name, (self, from) => (index % 2 === 0 ? clerk : cashier)(self, desk, from));
await engine.start();
say(`ready ${journal.epoch}`);

for await (const line of createInterface({ input: process.stdin })) {
  const [command, argument] = line.split(' ') as [string, string];
  if (command === 'deposit')
    void durable.send(deposits, argument, { key: argument }).then((outcome) => say(`answered ${argument} ${outcome}`));
  else if (command === 'drain') {
    for (let waited = 0; (await store.length(BOOKINGS)) < Number(argument) && waited < 30_000; waited += 20)
      await pause(20);
    await durable.settled();
    await closeStore();
    process.exit(0);
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest();
}
