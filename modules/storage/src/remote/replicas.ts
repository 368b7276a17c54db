/**
 * Read replicas: servers that follow the one that is written to, a little behind it. Every group of commits leaves its token in the `writer` row;
 * so the token a replica shows, read before the data, tells exactly which groups it has. One that has every group that was acknowledged when the
 * question came answers as the primary would: who wrote reads what was written. A question that may be answered from behind says so.
 */
import type { Log } from '@enhanced-csp/platform';
import { type Connections, isLost, type Row, type Statement } from './dialect.ts';
import { WRITER_READ } from './statements.ts';

/** How long one that is away is left alone, and one that is behind. */
const AWAY_MS = 5000;
const BEHIND_MS = 50;
/** A replica that takes longer is left out: the primary is there. */
const ANSWER_MS = 2000;
const GROUPS_MAX = 10_000;

interface Replica {
  readonly name: string;
  readonly connections: Connections;
  /** When it is asked again. */
  askedAgain: number;
  away: boolean;
}

interface Group {
  readonly token: string;
  /** When it was acknowledged; infinite: not yet. */
  at: number;
}

export interface ReplicasOptions {
  /** The group the primary had when it was opened. */
  readonly token: string;
  readonly lagMaxMs: number;
  readonly log?: Pick<Log, 'warn' | 'info'>;
  readonly now?: () => number;
}

export class Replicas {
  readonly #replicas: readonly Replica[];
  readonly #options: ReplicasOptions;
  readonly #now: () => number;
  /** In the order of writing; the first one is what older ones became. */
  #groups: Group[];
  #next = 0;
  /** Questions they answered. */
  answered = 0;

  constructor(
    replicas: readonly { readonly name: string; readonly connections: Connections }[],
    options: ReplicasOptions,
  ) {
    this.#replicas = replicas.map((one) => ({ ...one, askedAgain: 0, away: false }));
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#groups = [{ token: options.token, at: Number.NEGATIVE_INFINITY }];
  }

  get health(): string {
    const away = this.#replicas.filter((one) => one.away).map(({ name }) => name);
    const of = `${this.answered} reads from ${this.#replicas.length} replicas`;
    return away.length === 0 ? of : `${of}, away: ${away.join(', ')}`;
  }

  /** Before its COMMIT is sent: a replica may have it before we are told. */
  writing(token: string): void {
    if (this.#groups.at(-1)?.token !== token) this.#groups.push({ token, at: Number.POSITIVE_INFINITY });
  }

  wrote(token: string): void {
    const group = this.#groups.find((one) => one.token === token);
    if (group !== undefined) group.at = this.#now();
    if (this.#groups.length > GROUPS_MAX) this.#groups = this.#groups.slice(-GROUPS_MAX / 2);
  }

  notWritten(token: string): void {
    this.#groups = this.#groups.filter((one) => one.token !== token);
  }

  /** undefined: the primary must be asked. */
  async read(statements: readonly Statement[], mayLag: boolean): Promise<readonly (readonly Row[])[] | undefined> {
    const begun = this.#now();
    const acknowledged = this.#groups.findLast(({ at }) => at !== Number.POSITIVE_INFINITY);
    const replica = this.#pick(begun);
    if (replica === undefined || acknowledged === undefined) return undefined;
    try {
      const [shown, ...rows] = await this.#ask(replica, [WRITER_READ, ...statements]);
      if (replica.away) this.#options.log?.info({ replica: replica.name }, 'a read replica is back');
      replica.away = false;
      if (!this.#hasEnough(String(shown?.[0]?.token), acknowledged, begun, mayLag)) {
        replica.askedAgain = this.#now() + BEHIND_MS;
        return undefined;
      }
      this.answered += 1;
      return rows;
    } catch (cause) {
      // What it refused, its primary may do: a query it canceled to go on following, for instance.
      if (!isLost(cause) && !isLate(cause)) return undefined;
      replica.askedAgain = this.#now() + AWAY_MS;
      if (!replica.away)
        this.#options.log?.warn({ replica: replica.name, cause: (cause as Error).message }, 'a read replica is away');
      replica.away = true;
      return undefined;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#replicas.map(({ connections }) => connections.close().catch(() => {})));
  }

  #pick(now: number): Replica | undefined {
    const usable = this.#replicas.filter(({ askedAgain }) => askedAgain <= now);
    return usable[this.#next++ % Math.max(1, usable.length)];
  }

  async #ask({ connections }: Replica, statements: readonly Statement[]): Promise<readonly (readonly Row[])[]> {
    const session = await withinTime(connections.read(), (one) => void one.release());
    try {
      const rows = await withinTime(session.run(statements), () => {});
      session.release();
      return rows;
    } catch (cause) {
      session.release(isLost(cause) || isLate(cause));
      throw cause;
    }
  }

  #hasEnough(token: string, acknowledged: Group, begun: number, mayLag: boolean): boolean {
    const has = this.#groups.findIndex((one) => one.token === token);
    if (has < 0) return false;
    if (has >= this.#groups.indexOf(acknowledged)) return true;
    // As far behind as the first group it lacks is old.
    return mayLag && begun - (this.#groups[has + 1] as Group).at <= this.#options.lagMaxMs;
  }
}

class TooLate extends Error {}

function isLate(cause: unknown): boolean {
  return cause instanceof TooLate;
}

function withinTime<Result>(answer: Promise<Result>, afterwards: (late: Result) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      reject(new TooLate(`no answer within ${ANSWER_MS / 1000} s`));
    }, ANSWER_MS);
    answer.then(
      (one) => {
        clearTimeout(timer);
        if (late) afterwards(one);
        else resolve(one);
      },
      (cause: unknown) => {
        clearTimeout(timer);
        reject(cause);
      },
    );
  });
}
