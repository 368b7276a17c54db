/** An owner of a journal for `owners.services.test.ts`: sends numbers and says which are answered, until it is fenced or killed. */
import { writeSync } from 'node:fs';
import { CSPEngine, DurableNetwork, FencedError, openJournal } from 'enhanced-csp';

const [place, name, life] = process.argv.slice(2) as [string, string, string];
const { journal, close } = await openJournal(place, name);
const engine = new CSPEngine({ open: true });
let fenced = false;
const durable = await DurableNetwork.open(engine, journal, {
  name,
  now: Date.now,
  onBroken: (error) => {
    fenced = error instanceof FencedError;
  },
});
const numbers = durable.channel<string>('numbers', { buffer: 1000 });
durable.process<void, number>('counter', function* (self, state = 0) {
  for (let count = state; ; ) {
    yield* self.receive(numbers);
    if (++count % 50 === 0) yield* self.checkpoint(count);
  }
});
await engine.start();
writeSync(1, `owner ${journal.epoch}\n`);
try {
  for (let i = 0; ; i++) {
    await durable.send(numbers, `${life}.${i}`);
    writeSync(1, `sent ${life}.${i}\n`);
  }
} catch (error) {
  writeSync(1, `${fenced ? 'fenced' : `failed ${error}`}\n`);
}
await close().catch(() => {});
process.exit(0);
