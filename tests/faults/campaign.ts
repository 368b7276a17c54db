/**
 * A campaign of faults in virtual time: ten requests from a client to a server, over links that lose, double and delay, while server and links are
 * killed. The client asks again when there is no reply in time; the server knows what it has done. Everything is drawn from the seed.
 */
import { type DurableChannel, DurableNetwork, type DurableSteps, MemoryJournal } from '@enhanced-csp/engine/durable';
import { CSPEngine, Seeded, timeout } from '@enhanced-csp/engine/runtime';
import { Supervisor } from '@enhanced-csp/engine/supervision';

/** Who starts again what was killed, and from where. */
export type Policy = 'nobody' | 'from the beginning' | 'from the journal';

export interface Faults {
  /** Probabilities, for each message on each link. */
  readonly drop: number;
  readonly duplicate: number;
  readonly delay: number;
  /** Virtual milliseconds from one kill to the next, at most; 0: no kills. */
  readonly killEveryMs: number;
}

export const NO_FAULTS: Faults = { drop: 0, duplicate: 0, delay: 0, killEveryMs: 0 };
export const ALL_FAULTS: Faults = { drop: 0.15, duplicate: 0.15, delay: 0.3, killEveryMs: 120 };

export const REQUESTS = 10;
const PATIENCE_MS = 40;
const TRIES_MAX = 25;
const DELAY_MS_MAX = 60;
const KILLS_UNTIL_MS = 60_000;

export interface Played {
  /** Requests that were answered. */
  readonly answered: number;
  /** Effects beyond the first, of any request. */
  readonly doubled: number;
  /** Answered without an effect. */
  readonly invented: number;
  readonly kills: number;
  /** Virtual milliseconds until the client was done, or had given up. */
  readonly milliseconds: number;
}

type Wire = DurableChannel<number>;

export async function play(policy: Policy, faults: Faults, seed: number): Promise<Played> {
  const engine = new CSPEngine({ open: true, seed });
  const random = new Seeded(seed);
  const chance = () => random.next() / 2 ** 32;
  const journal = new MemoryJournal();
  const durable = await DurableNetwork.open(engine, journal.open(), { name: 'campaign', random: chance });
  const wire = (name: string): Wire => durable.channel<number>(name, { buffer: 64 });
  const [asked, arriving, replied, returning] = ['asked', 'arriving', 'replied', 'returning'].map(wire) as [
    Wire,
    Wire,
    Wire,
    Wire,
  ];

  const link = (from: Wire, to: Wire): DurableSteps<void, unknown> =>
    function* (self) {
      for (;;) {
        const message = yield* self.receive(from);
        if ((yield* self.random()) < faults.drop) continue;
        if ((yield* self.random()) < faults.delay) yield* self.delay(Math.ceil((yield* self.random()) * DELAY_MS_MAX));
        yield* self.send(to, message);
        if ((yield* self.random()) < faults.duplicate) yield* self.send(to, message);
      }
    };
  const server: DurableSteps<void, unknown> = function* (self) {
    const done = new Set<number>();
    for (;;) {
      const request = yield* self.receive(arriving);
      yield* self.delay(3); // It is killed here too: asked, and not done yet.
      if (!done.has(request)) yield* self.write(request);
      done.add(request);
      yield* self.delay(3); // Done, and not answered yet.
      yield* self.send(replied, request);
    }
  };

  const child = (id: string, body: DurableSteps<void, unknown>) => ({
    id,
    options: { service: true },
    restart: policy === 'nobody' ? ('temporary' as const) : ('permanent' as const),
    start: ({ restarts }: { readonly restarts: number }) =>
      durable.incarnation(policy === 'from the beginning' ? `${id} ${restarts}` : id, body),
  });
  const supervisor = new Supervisor(
    engine.network,
    'root',
    [child('server', server), child('there', link(asked, arriving)), child('back', link(replied, returning))],
    { intensity: 10_000 },
  );
  supervisor.start();

  let kills = 0;
  if (faults.killEveryMs > 0)
    engine.process(
      'killer',
      function* (self) {
        const moments = new Seeded(seed + 1);
        while (self.now() < KILLS_UNTIL_MS) {
          yield* self.delay(1 + moments.below(faults.killEveryMs));
          const standing = moments.pick(['server', 'server', 'there', 'back']);
          const victim = supervisor.children.find(({ id }) => id === standing)?.process ?? null;
          if (victim === null || victim.isOver) continue;
          engine.network.kill(victim);
          kills++;
        }
      },
      { service: true },
    );

  const client = durable.process<number, never>('client', function* (self) {
    let answered = 0;
    for (let request = 1; request <= REQUESTS; request++)
      for (let tries = 0; tries < TRIES_MAX; tries++) {
        // Where nobody takes requests away any more there is no room for one more.
        yield* self.choice({ asked: self.send(asked, request), late: timeout(PATIENCE_MS) });
        if (!(yield* heard(self, request))) continue;
        answered++;
        break;
      }
    return answered;
  });
  /** Whether the reply to this request comes in time; others are late. */
  function* heard(self: Parameters<typeof server>[0], request: number) {
    const until = (yield* self.now()) + PATIENCE_MS;
    for (;;) {
      const left = until - (yield* self.now());
      if (left <= 0) return false;
      const chosen = yield* self.choice({ reply: self.receive(returning), late: timeout(left) });
      if (chosen.guard === 'late') return false;
      if (chosen.value === request) return true;
    }
  }

  const answered = await engine.run(client);
  const milliseconds = engine.network.now();
  const effects = journal.changes as number[];
  const distinct = new Set(effects).size;
  return {
    answered,
    doubled: effects.length - distinct,
    invented: Math.max(0, answered - distinct),
    kills,
    milliseconds,
  };
}

export interface Score {
  readonly policy: Policy;
  readonly schedules: number;
  readonly requests: number;
  readonly answered: number;
  readonly doubled: number;
  readonly invented: number;
  readonly kills: number;
  /** Virtual milliseconds for a request, all of them counted. */
  readonly msPerRequest: number;
}

export async function campaign(policy: Policy, faults: Faults, schedules: number, firstSeed = 0): Promise<Score> {
  const sum = { answered: 0, doubled: 0, invented: 0, kills: 0, milliseconds: 0 };
  for (let seed = firstSeed; seed < firstSeed + schedules; seed++) {
    const played = await play(policy, faults, seed);
    for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += played[name];
  }
  const { milliseconds, ...counts } = sum;
  const requests = schedules * REQUESTS;
  return { policy, schedules, requests, ...counts, msPerRequest: milliseconds / requests };
}
