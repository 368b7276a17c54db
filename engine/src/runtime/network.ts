/**
 * The network: the scheduler of processes that share channels, on one thread, without promises.
 *
 * A run queue of ready processes; a trampoline that resumes one at a time until none is ready. Then the network is quiescent, which is known
 * exactly because nothing runs beside it: time may pass, or something outside may go on, or it is finished, or it is a deadlock.
 *
 * With a seed the next process is drawn at random instead of the oldest: the same seed gives the same run, another seed another interleaving.
 */
import { Channel, type ChannelOptions } from './channel.ts';
import { type Clock, TIMEOUT, type Timer, type TimerRank, Timers } from './clock.ts';
import { DeadlockError, diagnose } from './deadlock.ts';
import { ClosedError, KilledError, MisuseError, PoisonedError, ProcessError } from './errors.ts';
import { Input, Output } from './mobile.ts';
import { MultiwayEvent } from './multiway.ts';
import { COMPLETED, Offer, type Port } from './offer.ts';
import { type Body, IDLE, ISSUED, PARK, PARKED, type Request, type Suspension, WAITING } from './operation.ts';
import { type AnyBody, Process, type ProcessOptions } from './process.ts';
import { Ring } from './ring.ts';
import type { Schedule } from './schedule.ts';
import { Seeded } from './seeded.ts';

export interface NetworkOptions {
  /** Real time. Absent: virtual time, from 0. */
  readonly clock?: Clock;
  /** Draws the order of processes. Absent: first ready, first resumed. */
  readonly seed?: number;
  /**
   * Decides the order of processes, and which of several ready guards of a fair choice fires. Then every operation is a step of its own, after which any
   * ready process may go on, so that nothing that could happen between two operations is missed.
   */
  readonly schedule?: Schedule;
  /** Told when a process has failed: `fail` (the default) ends the whole network, `continue` lets the others go on. */
  readonly onFailure?: (process: Process, error: unknown) => 'fail' | 'continue';
  /** Told once of each guard that can never fire, or starve, as soon as its choice is written. */
  readonly onWarning?: (warning: Warning) => void;
  /** Told, outside a run, that there is something to do: whoever drives the network should call `pump`. */
  readonly onWork?: () => void;
  /** The process that awaits an operation outside any generator. Absent or undefined: `main`. */
  readonly outside?: () => Process | undefined;
}

export interface Warning {
  readonly kind: 'starvation';
  readonly process: string;
  readonly guard: string;
  readonly message: string;
}

export type Standing =
  | 'busy' // the budget was spent
  | 'timer' // real time has to pass
  | 'abroad' // an async process or outside work goes on
  | 'quiescent'; // nothing goes on by itself

export type Outcome =
  | { readonly kind: 'terminated' }
  | { readonly kind: 'deadlock'; readonly error: DeadlockError }
  | { readonly kind: 'failed'; readonly error: ProcessError }
  /** Only time, a signal or work outside can bring it on. */
  | { readonly kind: 'waiting' }
  /** The steps allowed were not enough. */
  | { readonly kind: 'unfinished' };

/** Each generator function has a prototype of its own: looking `next` up at each of them costs more than calling it. */
const nativeNext = (function* (): Generator<Suspension, void> {})().next as Generator<Suspension, unknown>['next'];

/** A process that asks this often in one turn, in vain, is spinning: nobody else can ever answer it. */
const FRUITLESS_MAX = 1_000_000;
/** Resumptions between two turns of the host: about a millisecond. */
const BUDGET = 2_000;

/**
 * @example
 * const network = new Network();
 * const greetings = network.channel<string>('greetings');
 * network.spawn('hello', function* () { yield* greetings.send('Hello World'); });
 * network.spawn('reader', function* () { return yield* greetings.receive(); });
 * network.run(); // { kind: 'terminated' }
 */
export class Network {
  readonly timers = new Timers();
  /** The process being resumed; null outside the trampoline and in async code. */
  current: Process | null = null;
  /** Whoever awaits operations without being a process. */
  readonly main: Process;
  failure: ProcessError | undefined = undefined;
  /** Decides between ready guards, and after every operation. Null: fair choices rotate, and a process goes on as long as it can. */
  readonly schedule: Schedule | null;

  readonly #options: NetworkOptions;
  readonly #queue = new Ring<Process>(64);
  readonly #order: Schedule | null;
  /** Those started and not over, in order of their start: a list through the processes themselves. */
  #earliest: Process | null = null;
  #latest: Process | null = null;
  /** Those of them that have declared their ends: few, so that a report need not ask all. */
  readonly #declaring = new Set<Process>();
  readonly #scratch: Offer;
  /** Async processes that have begun. */
  readonly #foreign = new WeakSet<Process>();
  readonly #warned = new Set<string>();
  #required = 0;
  #abroad = 0;
  #virtualNow = 0;
  #pumping = false;
  #fruitless = 0;
  #armed: { readonly at: number; readonly cancel: () => void } | null = null;

  constructor(options: NetworkOptions = {}) {
    this.#options = options;
    this.schedule = options.schedule ?? null;
    this.#order = this.schedule ?? (options.seed === undefined ? null : new Seeded(options.seed));
    this.main = new Process(this, 'main', null);
    this.#scratch = new Offer(this.main);
  }

  /** A channel between processes of this network. */
  channel<T>(name: string, options?: ChannelOptions): Channel<T> {
    return new Channel<T>(this, name, options);
  }

  /** A channel known by its two ends only, each of which moves when it is sent. */
  mobile<T>(name: string, options?: ChannelOptions): { readonly input: Input<T>; readonly output: Output<T> } {
    const channel = this.channel<T>(name, options);
    return { input: new Input(channel), output: new Output(channel) };
  }

  /**
   * An event that happens when all its parties perform it together: those given, and processes created with it among their `events`. A party that is
   * over blocks it for ever, as in CSP.
   */
  event(name: string, parties: readonly Process[] = []): MultiwayEvent {
    return new MultiwayEvent(this, name, {
      kind: 'all',
      parties: parties.map((process) => ({ kind: 'process', process })),
    });
  }

  /** An event whose parties leave it when they are over: the others go on without them. */
  barrier(name: string, parties: readonly Process[] = []): MultiwayEvent {
    const all = parties.map((process) => ({ kind: 'process', process }) as const);
    return new MultiwayEvent(this, name, { kind: 'all', parties: all }, true);
  }

  /** Adds a generator process; it is ready at once, and runs when the network does. */
  spawn<R>(name: string, body: Body<R>, options?: ProcessOptions): Process<R> {
    return this.start(this.create(name, body, options));
  }

  /** A process that does nothing until `start`. */
  create<R>(name: string, body: AnyBody<R>, options?: ProcessOptions): Process<R> {
    const process = new Process<R>(this, name, body, options);
    for (const event of options?.events ?? []) event.enroll(process as Process);
    return process;
  }

  start<R>(process: Process<R>): Process<R> {
    if (process.status !== 'created') return process;
    process.status = 'running';
    this.#enlist(process as Process);
    if (!process.service) this.#required++;
    this.ready(process as Process);
    return process;
  }

  /** Processes that have been started and are not over. */
  get processes(): readonly Process[] {
    const processes: Process[] = [];
    for (let process = this.#earliest; process !== null; process = process.later) processes.push(process);
    return processes;
  }

  /** Number of those without the services. */
  get required(): number {
    return this.#required;
  }

  now(): number {
    return this.#options.clock?.now() ?? this.#virtualNow;
  }

  /**
   * Runs until nothing goes on by itself, virtual time included.
   *
   * @throws MisuseError when called by one of its own processes
   */
  run(options: { readonly stepsMax?: number } = {}): Outcome {
    let left = options.stepsMax ?? Number.POSITIVE_INFINITY;
    for (;;) {
      const standing = this.pump(Math.min(left, BUDGET));
      left -= BUDGET;
      if (standing === 'busy') {
        if (left <= 0) return { kind: 'unfinished' };
        continue;
      }
      if (this.failure !== undefined) return { kind: 'failed', error: this.failure };
      if (standing !== 'quiescent') return { kind: 'waiting' };
      if (this.#required === 0 && this.main.pending.size === 0) return { kind: 'terminated' };
      const error = this.deadlock();
      return error === undefined ? { kind: 'waiting' } : { kind: 'deadlock', error };
    }
  }

  /**
   * Resumes ready processes, at most `budget` times, and lets virtual time pass when none is ready. Whoever drives a network lets its host breathe
   * between two calls.
   */
  pump(budget: number = BUDGET): Standing {
    if (this.#pumping) throw new MisuseError('a process cannot run the network it is part of');
    this.#pumping = true;
    try {
      let left = budget;
      this.#fireDue(); // Also when the queue never empties.
      for (;;) {
        while (this.#queue.length > 0) {
          if (left-- <= 0) return 'busy';
          this.#resume(
            this.#order === null ? this.#queue.shift() : this.#queue.take(this.#order.below(this.#queue.length)),
          );
        }
        if (this.#abroad > 0) return 'abroad';
        const timer = this.timers.peek();
        if (timer === undefined) return 'quiescent';
        if (this.#options.clock === undefined) {
          if (this.#required === 0 && this.main.pending.size === 0) return 'quiescent'; // Services alone do not make time pass.
          this.#virtualNow = timer.at;
        } else if (timer.at > this.#options.clock.now()) {
          this.#arm(timer.at, this.#options.clock);
          return 'timer';
        }
        this.timers.pop();
        timer.fire();
        left--;
      }
    } finally {
      this.current = null;
      this.#pumping = false;
      COMPLETED.value = undefined;
    }
  }

  /** The deadlock a quiescent network is in; undefined when something outside can still bring it on. */
  deadlock(): DeadlockError | undefined {
    const blocked = [this.main, ...this.processes].filter((process) => process.blockedIn().length > 0);
    const required = blocked.filter((process) => !process.service);
    if (required.length === 0) return undefined;
    if (blocked.some((process) => process.blockedIn().some((waiting) => waiting.bounded))) return undefined;
    return diagnose([...required, ...blocked.filter((process) => process.service)]);
  }

  /**
   * Ends a process where it is: its offer is withdrawn and its `finally` blocks run. They may communicate; the process is over when they are.
   */
  cancel(process: Process, reason: unknown = 'cancelled'): void {
    if (process.isOver || process.cancelling) return;
    if (process === this.current) throw new MisuseError(`process ${process.name} cannot cancel itself; it can return`);
    process.cancelling = true;
    process.error = reason;
    const { generator } = process;
    if (generator === null) {
      for (const waiting of [...process.pending])
        waiting.fail(reason instanceof Error ? reason : new Error(String(reason)));
      if (!this.#foreign.has(process)) this.#end(process, 'cancelled');
      return;
    }
    process.waiting?.withdraw();
    process.waiting = null;
    const interrupted = this.current;
    this.current = process;
    try {
      const step = generator.return?.() ?? { done: true, value: undefined };
      if (step.done) this.#end(process, 'cancelled');
      else this.#suspend(process, step.value);
    } catch (error) {
      this.#fail(process, error);
    } finally {
      this.current = interrupted;
    }
  }

  /** Ends a process at once: its offers are withdrawn, and none of its code runs again, not even its `finally` blocks. */
  kill(process: Process): void {
    if (process.isOver) return;
    if (process === this.current) throw new MisuseError(`process ${process.name} cannot kill itself; it can return`);
    const away = this.#foreign.delete(process) && process.pending.size === 0;
    process.waiting?.withdraw();
    for (const waiting of process.pending) waiting.withdraw();
    process.error = new KilledError(process.name);
    this.#end(process, 'cancelled');
    if (away) this.#abroad--;
    this.stir();
  }

  /** Ends the operation a process waits in with an error, which is thrown there. False when it waits in none. */
  interrupt(process: Process, error: unknown): boolean {
    const { waiting } = process;
    if (process.isOver || waiting === null || waiting.state !== WAITING) return false;
    waiting.fail(error);
    return true;
  }

  // ── For operations ────────────────────────────────────────────────────────────────────────────────────────────────

  /** An operation object for whoever runs now: the process's own when it is free. */
  issue(port: Port): Offer {
    const { current } = this;
    let offer: Offer;
    if (current !== null && current.offer.state === IDLE) offer = current.offer;
    else {
      offer = new Offer(current ?? this.outside());
      if (current === null) offer.origin = new Error();
    }
    offer.state = ISSUED;
    if (offer.port !== port) offer.port = port;
    return offer;
  }

  outside(): Process {
    return this.#options.outside?.() ?? this.main;
  }

  ready(process: Process): void {
    this.#queue.push(process);
    if (!this.#pumping) this.stir();
  }

  /** There may be something to do, or a quiescence to judge. */
  stir(): void {
    if (!this.#pumping) this.#options.onWork?.();
  }

  at(milliseconds: number, rank: TimerRank, fire: () => void): Timer {
    const timer = this.timers.add(this.now() + Math.max(0, milliseconds), rank, fire);
    this.stir();
    return timer;
  }

  /** An async process waits in an operation from now on. */
  home(process: Process): void {
    if (process !== this.main && !process.isOver) this.#abroad--;
  }

  /** An async process goes on from now on. */
  abroad(process: Process): void {
    if (process !== this.main && !process.isOver) this.#abroad++;
    this.stir();
  }

  /** Something outside the network goes on that will stir it; the result says that it is over. Until then nothing is a deadlock. */
  external(): () => void {
    let over = false;
    this.#abroad++;
    return () => {
      if (over) return;
      over = true;
      this.#abroad--;
      this.stir();
    };
  }

  /** Where a fair choice begins: anywhere under a seed, else with its first guard. */
  anyOf(count: number): number {
    return this.#order === null || this.schedule !== null ? 0 : this.#order.below(count);
  }

  /** A passing offer for the operations that never wait. */
  scratch(port: Port, sending: boolean, value: unknown): Offer {
    const offer = this.#scratch;
    offer.process = this.current ?? this.main;
    offer.port = port;
    offer.sending = sending;
    offer.value = value;
    offer.options = null;
    return offer;
  }

  isScratch(offer: Offer): boolean {
    return offer === this.#scratch;
  }

  fruitless(channel: string): void {
    if (this.current === null || ++this.#fruitless < FRUITLESS_MAX) return;
    throw new MisuseError(
      `process ${this.current.name} has asked channel ${channel} a million times in one turn; nobody else can run: receive, or pause`,
    );
  }

  warn(warning: Warning): void {
    const { onWarning } = this.#options;
    if (onWarning === undefined || this.#warned.has(warning.message)) return;
    this.#warned.add(warning.message);
    onWarning(warning);
  }

  usersOf(channel: unknown, action: 'send' | 'receive', last: Process | null): readonly Process[] {
    const users = new Set<Process>();
    for (const process of this.#declaring) {
      const ends: readonly unknown[] = action === 'send' ? process.sends : process.receives;
      if (ends.includes(channel)) users.add(process);
    }
    if (last !== null) users.add(last);
    return [...users];
  }

  // ── The trampoline ────────────────────────────────────────────────────────────────────────────────────────────────

  #resume(process: Process): void {
    if (process.status !== 'running') return; // Ended while it was ready.
    this.#fruitless = 0;
    try {
      const generator = process.generator ?? this.#begin(process);
      if (generator === null) return;
      this.current = process;
      const step = process.native
        ? (nativeNext.call(generator as Generator<Suspension, unknown>) as IteratorResult<Suspension, unknown>)
        : generator.next();
      if (step === PARKED) return;
      if (step.done) this.#end(process, process.cancelling ? 'cancelled' : 'done', step.value);
      else this.#suspend(process, step.value);
    } catch (error) {
      this.#fail(process, error);
    }
  }

  #suspend(process: Process, suspension: unknown): void {
    if (suspension === PARK) return;
    if (typeof suspension !== 'object' || suspension === null || !('begin' in suspension))
      throw new MisuseError(`process ${process.name} used yield; operations are performed with yield*`);
    (suspension as Request).begin(process);
  }

  /** Calls the body for the first time. Null: it is an async process, and abroad. */
  #begin(process: Process): Process['generator'] {
    this.current = null; // What an async function does before its first await, it does outside.
    const body = process.body!;
    process.body = null;
    const made = body(process as never);
    if (typeof made === 'object' && made !== null) {
      if ('next' in made && typeof made.next === 'function') {
        process.generator = made as Iterator<never, unknown, unknown>;
        process.native = made.next === nativeNext;
        return process.generator;
      }
      if ('then' in made && typeof made.then === 'function') {
        this.#foreign.add(process);
        if (process.pending.size === 0) this.#abroad++;
        (made as PromiseLike<unknown>).then(
          (result) =>
            this.#returned(process, () => this.#end(process, process.cancelling ? 'cancelled' : 'done', result)),
          (error: unknown) => this.#returned(process, () => this.#fail(process, error)),
        );
        return null;
      }
    }
    this.#end(process, 'done', made);
    return null;
  }

  #returned(process: Process, end: () => void): void {
    if (process.isOver) return; // Killed: nobody waits for it any more.
    // An operation left pending by an async body that has returned is nobody's any more.
    for (const waiting of [...process.pending])
      waiting.fail(new MisuseError(`process ${process.name} ended while it waited`));
    this.#abroad--;
    end();
    this.stir();
  }

  #end(process: Process, status: 'done' | 'cancelled' | 'poisoned' | 'failed', result?: unknown): void {
    if (process.status === 'running' && !process.service) this.#required--;
    process.status = status;
    process.result = result;
    process.waiting = null;
    this.#delist(process);
    process.announceEnd();
  }

  #enlist(process: Process): void {
    process.earlier = this.#latest;
    if (this.#latest === null) this.#earliest = process;
    else this.#latest.later = process;
    this.#latest = process;
    if (process.sends.length + process.receives.length > 0) this.#declaring.add(process);
  }

  /** Nothing happens to a process that was never started, or is not in the list any more. */
  #delist(process: Process): void {
    const { earlier, later } = process;
    if (earlier !== null) earlier.later = later;
    else if (this.#earliest === process) this.#earliest = later;
    if (later !== null) later.earlier = earlier;
    else if (this.#latest === process) this.#latest = earlier;
    process.earlier = null;
    process.later = null;
    this.#declaring.delete(process);
  }

  #fail(process: Process, error: unknown): void {
    process.error = error;
    // The end of what it reads is the ordinary end of a reader; poison ends everybody, and is passed on.
    if (error instanceof ClosedError && error.action !== 'send') {
      this.#end(process, 'done');
      return;
    }
    if (error instanceof PoisonedError) {
      this.#end(process, 'poisoned');
      for (const channel of [...process.sends, ...process.receives]) channel.poison(error.cause);
      return;
    }
    this.#end(process, 'failed');
    if (process.supervised) return;
    if (error instanceof DeadlockError) return; // Whoever waited for the network has been told.
    if (process.cancelling || (this.#options.onFailure?.(process, error) ?? 'fail') === 'continue') return;
    this.failure ??= new ProcessError(process.name, error);
    for (const other of this.processes) if (other !== this.current) this.cancel(other, this.failure);
  }

  #fireDue(): void {
    const { clock } = this.#options;
    if (clock === undefined) return;
    const now = clock.now();
    for (let timer = this.timers.peek(); timer !== undefined && timer.at <= now; timer = this.timers.peek()) {
      if (timer.rank === TIMEOUT && timer.at === now && this.#queue.length > 0) return; // A value may still come in time.
      this.timers.pop();
      timer.fire();
    }
  }

  #arm(at: number, clock: Clock): void {
    if (this.#armed !== null && this.#armed.at <= at) return;
    this.#armed?.cancel();
    const cancel = clock.after(Math.max(0, at - clock.now()), () => {
      this.#armed = null;
      this.stir();
    });
    this.#armed = { at, cancel };
  }

  /** Lets go of the host's timer. */
  disarm(): void {
    this.#armed?.cancel();
    this.#armed = null;
  }
}
