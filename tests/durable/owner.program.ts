/**
 * An owner of a journal for `owners.services.test.ts`: sends numbers and says which are answered, until it is fenced or killed. Without `takeOver` it says
 * when it is refused, and tries again; `idle` sends a few and then has nothing to write.
 */
import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { CSPEngine, DurableNetwork, FencedError, openJournal } from 'enhanced-csp';

const [place, name, life, leaseMs, ...words] = process.argv.slice(2) as [string, string, string, string, ...string[]];
const say = (line: string): void => void writeSync(1, `${line}\n`);
const { journal, close } = await owned();
const engine = new CSPEngine({ open: true });
let fenced = false;
let broken = (): void => {};
const over = new Promise<void>((resolve) => {
  broken = resolve;
});
const durable = await DurableNetwork.open(engine, journal, {
  name,
  now: Date.now,
  onBroken: (error) => {
    fenced = error instanceof FencedError;
    broken();
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
say(`owner ${journal.epoch}`);
try {
  for (let i = 0; i < 5 || !words.includes('idle'); i++) {
    await durable.send(numbers, `${life}.${i}`);
    say(`sent ${life}.${i}`);
  }
  await over;
  say('fenced');
} catch (error) {
  say(fenced ? 'fenced' : `failed ${error}`);
}
await close().catch(() => {});
process.exit(0);

async function owned(): Promise<Awaited<ReturnType<typeof openJournal>>> {
  for (;;)
    try {
      const options = { leaseMs: Number(leaseMs), takeOver: words.includes('takeOver'), holder: life };
      return await openJournal(place, name, options);
    } catch (error) {
      const { code, details } = error as { code?: string; details?: { holder: string; leftMs: number } };
      if (code !== 'CSP-STO-019' || details === undefined) throw error;
      say(`refused ${details.holder}`);
      await pause(Math.min(details.leftMs, 50));
    }
}
