/**
 * Exploration: runs a system in every interleaving, or in many drawn from a seed, in virtual time.
 *
 * What runs is the real code, built anew for each run; a schedule decides which ready process goes next after each operation, and which of several ready
 * guards of a fair choice fires. Depth first over those decisions: the memory of one run. A priority choice, and the order in which those who wait at one
 * end of a channel are served, are promised and therefore not varied.
 *
 * Stateless search after Godefroid, Model checking for programming languages using VeriSoft, POPL 1997.
 */
import type { DeadlockError } from './deadlock.ts';
import { MisuseError } from './errors.ts';
import { Network } from './network.ts';
import { Recorded } from './schedule.ts';
import { Seeded } from './seeded.ts';

/**
 * Builds the processes in `network`, the same ones each time. What it returns is asked for what is observed once the run is over; two runs are
 * the same outcome when that is the same as JSON.
 */
export type System<R> = (network: Network) => (() => R) | undefined;

export interface ExploreOptions {
  /** All of them, or a number of them drawn from the seed. */
  readonly schedules: 'all' | number;
  readonly seed?: number;
  /** `fair`: ready guards of a fair choice take turns, as they do in an ordinary run. Default: any of them may fire. */
  readonly choices?: 'any' | 'fair';
  /** With `all`: gives up behind this number; then `complete` is false. Default: 1 000 000. */
  readonly schedulesMax?: number;
  /** A run of more steps is `unfinished`. Default: 10 000. */
  readonly stepsMax?: number;
}

export type RunKind = 'terminated' | 'deadlock' | 'failed' | 'unfinished';

export interface Run<R> {
  readonly kind: RunKind;
  readonly observed: R | undefined;
  /** The report of a deadlock, the error of a failure. */
  readonly error: Error | undefined;
  /** Brings this very run about again: see `replay`. */
  readonly token: string;
}

export interface Explored<R> extends Run<R> {
  /** Schedules that end like this; `token` is one of the shortest of them. */
  readonly schedules: number;
}

export interface Exploration<R> {
  readonly schedules: number;
  /** Whether these are all the schedules there are. */
  readonly complete: boolean;
  /** Each way to end, once, the most frequent first. */
  readonly outcomes: readonly Explored<R>[];
  readonly deadlocks: readonly (Explored<R> & { readonly error: DeadlockError })[];
}

/**
 * Runs `system` in all its interleavings, or in some.
 *
 * @throws MisuseError when the system has async processes, or is not the same each time it is built
 * @example
 * const { outcomes } = explore((network) => {
 *   const c = network.channel<string>('c');
 *   const got: string[] = [];
 *   for (const name of ['a', 'b']) network.spawn(name, function* () { yield* c.send(name); });
 *   network.spawn('reader', function* () { got.push(yield* c.receive(), yield* c.receive()); });
 *   return () => got;
 * }, { schedules: 'all' });
 * outcomes.map((outcome) => outcome.observed); // [['a', 'b'], ['b', 'a']]
 */
export function explore<R>(system: System<R>, options: ExploreOptions): Exploration<R> {
  const { schedules, seed = 0, choices = 'any', schedulesMax = 1_000_000, stepsMax = 10_000 } = options;
  const found = new Map<string, Explored<R>>();
  let count = 0;
  let complete = false;
  const add = (schedule: Recorded) => {
    const run = runOnce(system, schedule, stepsMax);
    const key = `${run.kind} ${JSON.stringify(run.observed)} ${run.error?.message}`;
    const seen = found.get(key);
    const shortest = seen !== undefined && seen.token.length <= run.token.length ? seen : run;
    found.set(key, { ...shortest, schedules: (seen?.schedules ?? 0) + 1 });
    count++;
  };
  if (schedules === 'all') {
    let expected: readonly number[] = [];
    for (let next: number[] | undefined = []; next !== undefined && count < schedulesMax; ) {
      const schedule: Recorded = new Recorded(next, { choices, expected });
      add(schedule);
      next = schedule.following();
      expected = schedule.counts;
      complete = next === undefined;
    }
  } else {
    const random = new Seeded(seed);
    while (count < schedules) add(new Recorded([], { choices, beyond: random }));
  }
  const outcomes = [...found.values()].sort((x, y) => y.schedules - x.schedules);
  const deadlocks = outcomes.filter((outcome) => outcome.kind === 'deadlock') as Exploration<R>['deadlocks'][number][];
  return { schedules: count, complete, outcomes, deadlocks };
}

/**
 * The run of `system` that a token names; `choices` as in the exploration it comes from.
 *
 * @throws MisuseError when the token is of another system
 * @example
 * const { deadlocks } = explore(system, { schedules: 'all' });
 * replay(system, deadlocks[0]!.token).error; // the same deadlock
 */
export function replay<R>(
  system: System<R>,
  token: string,
  options: Pick<ExploreOptions, 'choices' | 'stepsMax'> = {},
): Run<R> {
  if (!/^s(?:[0-9a-z]+(?:\.[0-9a-z]+)*)?$/.test(token))
    throw new MisuseError(`'${token}' is no token of a run; it comes with each outcome of explore`);
  const picks =
    token === 's'
      ? []
      : token
          .slice(1)
          .split('.')
          .map((pick) => Number.parseInt(pick, 36));
  return runOnce(system, new Recorded(picks, { choices: options.choices ?? 'any' }), options.stepsMax ?? 10_000);
}

function runOnce<R>(system: System<R>, schedule: Recorded, stepsMax: number): Run<R> {
  const network = new Network({ schedule });
  const observe = system(network);
  const outcome = network.run({ stepsMax });
  schedule.finish();
  if (outcome.kind === 'waiting')
    throw new MisuseError(
      'the system waits for something outside: only generator processes in virtual time can be explored',
    );
  if (outcome.kind === 'failed' && outcome.error.cause instanceof MisuseError) throw outcome.error.cause;
  const error = 'error' in outcome ? outcome.error : undefined;
  return { kind: outcome.kind, observed: observe?.(), error, token: tokenOf(schedule.picks) };
}

/** Beyond its end a schedule takes the first possibility, so zeros at the end say nothing. */
function tokenOf(picks: readonly number[]): string {
  const length = picks.findLastIndex((pick) => pick !== 0) + 1;
  return `s${picks
    .slice(0, length)
    .map((pick) => pick.toString(36))
    .join('.')}`;
}
