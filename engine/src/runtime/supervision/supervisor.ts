/**
 * A supervisor: starts its children in order, restarts them by a strategy, ends them in reverse order.
 *
 * It is a process of the network like its children, so its decisions take part in seeds, virtual time and exploration. Exits are queued and
 * answered one at a time; an exit of an incarnation that has been replaced says nothing any more.
 *
 * More than `intensity` restarts within `period` milliseconds: the supervisor ends its children and then itself, with `ShutdownError`, and whoever
 * supervises it goes on from there. Without anybody above it the network fails: an end is never silent.
 *
 * The rules are those of the manual pages `supervisor` and "Supervisor Behaviour" of Erlang/OTP 25.
 */
import type { Channel } from '../channel.ts';
import { sliding } from '../channel.ts';
import { TimeoutError } from '../errors.ts';
import type { Network } from '../network.ts';
import type { Operation, Suspension } from '../operation.ts';
import type { Process } from '../process.ts';
import { type AutoShutdown, type Child, type ChildSpecification, childOf, type Incarnation } from './child.ts';
import { exitOf, isAbnormal, ShutdownError } from './exit.ts';

/** `simple one for one`: children come and go, have no order, and are forgotten when they are not restarted. */
export type Strategy = 'one for one' | 'one for all' | 'rest for one' | 'simple one for one';

export interface SupervisorOptions {
  readonly strategy?: Strategy;
  /** Restarts allowed within a period. Absent: 1. */
  readonly intensity?: number;
  /** Milliseconds. Absent: 5000. */
  readonly period?: number;
  readonly autoShutdown?: AutoShutdown;
  /** Told before each restart, and when it gives up. */
  readonly onEvent?: (event: SupervisionEvent) => void;
}

export type SupervisionEvent =
  | { readonly kind: 'restart'; readonly child: string; readonly at: number; readonly cause: unknown }
  | { readonly kind: 'gives up'; readonly child: string; readonly at: number; readonly cause: unknown }
  | { readonly kind: 'auto shutdown'; readonly child: string; readonly at: number };

/** What became of a command. `simple one for one`: supervisors of that strategy do not have this command. */
export type Answer =
  | 'done'
  | 'already started'
  | 'already present'
  | 'not found'
  | 'running'
  | 'simple one for one'
  | 'over';

export interface ChildStanding {
  readonly id: string;
  readonly type: 'worker' | 'supervisor';
  readonly process: Process | null;
  /** Incarnations so far. */
  readonly starts: number;
}

/** A child that has been asked to end. */
interface Ending {
  readonly process: Process;
  readonly over: Channel<true>;
  /** Time on the network's clock at which it is killed. */
  readonly deadline: number;
}

type Steps<T> = Generator<Suspension, T, unknown>;

interface Command {
  perform(): Answer | Steps<Answer>;
  readonly answer: Channel<Answer>;
}

/**
 * @example
 * const supervisor = new Supervisor(network, 'root', [
 *   { id: 'worker', start: () => function* () { yield* work.receive(); } },
 * ], { strategy: 'one for all', intensity: 3, period: 10_000 });
 * supervisor.start();
 */
export class Supervisor {
  readonly name: string;
  readonly #network: Network;
  readonly #options: SupervisorOptions;
  readonly #strategy: Strategy;
  readonly #intensity: number;
  readonly #period: number;
  readonly #autoShutdown: AutoShutdown;
  /** In the order they were started. */
  #children: Child[] = [];
  /** Times of restarts within the last period, oldest first. */
  #restarts: number[] = [];
  readonly #initial: readonly ChildSpecification[];
  readonly #exits: Process[] = [];
  readonly #commands: Command[] = [];
  readonly #news: Channel<true>;
  #process: Process | null = null;

  constructor(
    network: Network,
    name: string,
    children: readonly ChildSpecification[] = [],
    options: SupervisorOptions = {},
  ) {
    const { strategy = 'one for one', intensity = 1, period = 5000, autoShutdown = 'never' } = options;
    if (!(Number.isSafeInteger(intensity) && intensity >= 0))
      throw new RangeError(`supervisor ${name}: intensity is a number of restarts from 0, not ${intensity}`);
    if (!(period > 0)) throw new RangeError(`supervisor ${name}: period is in milliseconds above 0, not ${period}`);
    this.#network = network;
    this.name = name;
    this.#options = options;
    this.#strategy = strategy;
    this.#intensity = intensity;
    this.#period = period;
    this.#autoShutdown = autoShutdown;
    this.#news = network.channel<true>(`${name}.news`, { buffer: sliding(1) });
    this.#initial = children;
    this.#begin();
  }

  /** Starts it on its own, with nobody above it. */
  start(): Process {
    const process = this.#network.create(this.name, this.#bodyOf(), { service: true });
    this.#network.start(process);
    return process;
  }

  /** As a child of another supervisor. */
  asChild(about: Partial<Omit<ChildSpecification, 'start' | 'type'>> = {}): ChildSpecification {
    const options = { service: true };
    const start = ({ ready }: Incarnation) => this.#bodyOf(ready);
    return { id: this.name, options, ...about, type: 'supervisor', awaited: true, start };
  }

  /** Adds a child and starts it. */
  startChild(specification: ChildSpecification): Operation<Answer> {
    const child = childOf(specification, this.#autoShutdown);
    return this.#command(() => {
      const present = this.#find(specification.id);
      if (present !== undefined) return present.process === null ? 'already present' : 'already started';
      this.#children.push(child);
      return this.#startAndAnswer(child);
    });
  }

  /** Ends a child and keeps its specification, unless it is temporary. */
  terminateChild(id: string): Operation<Answer> {
    return this.#command(() => this.#terminateById(id));
  }

  /** Starts a child that is not running. */
  restartChild(id: string): Operation<Answer> {
    return this.#command(() => {
      if (this.#strategy === 'simple one for one') return this.#strategy;
      const child = this.#find(id);
      if (child === undefined) return 'not found';
      if (child.process !== null) return 'running';
      return this.#startAndAnswer(child);
    });
  }

  /** Forgets a child that is not running. */
  deleteChild(id: string): Operation<Answer> {
    return this.#command(() => {
      if (this.#strategy === 'simple one for one') return this.#strategy;
      const child = this.#find(id);
      if (child === undefined) return 'not found';
      if (child.process !== null) return 'running';
      this.#remove(child);
      return 'done';
    });
  }

  /** Its children, in the order they were started. */
  get children(): readonly ChildStanding[] {
    return this.#children.map(({ specification: { id, type = 'worker' }, process, starts }) => ({
      id,
      type,
      process,
      starts,
    }));
  }

  // ── Its process ───────────────────────────────────────────────────────────────────────────────────────────────────

  /** Each incarnation begins with the children it was made with; those that were added since are gone. */
  #bodyOf(ready?: () => void): (self: Process) => Steps<void> {
    return (self) => {
      this.#process = self;
      this.#begin();
      self.whenOver(() => this.#abandon(self));
      return this.#supervise(ready);
    };
  }

  *#supervise(ready: (() => void) | undefined): Steps<void> {
    try {
      for (const child of [...this.#children]) yield* this.#startChild(child);
      ready?.();
      for (;;) {
        yield* this.#news.receive();
        for (;;) {
          const exited = this.#exits.shift();
          if (exited !== undefined) {
            if (yield* this.#answerExit(exited)) return;
            continue;
          }
          const command = this.#commands.shift();
          if (command === undefined) break;
          const answer = command.perform();
          command.answer.trySend(typeof answer === 'string' ? answer : yield* answer);
        }
      }
    } finally {
      yield* this.#terminateAll(this.#children);
    }
  }

  /** Whether the supervisor is to end. */
  *#answerExit(exited: Process): Steps<boolean> {
    const child = this.#children.find(({ process }) => process === exited);
    if (child === undefined) return false;
    child.process = null;
    const exit = exitOf(exited);
    child.cause = exit.reason === 'normal' ? undefined : exit.cause;
    if (child.restart === 'permanent' || (child.restart === 'transient' && isAbnormal(exit))) {
      if (!this.#mayRestart()) {
        this.#tell('gives up', child);
        throw new ShutdownError(
          `supervisor ${this.name} gives up: more than ${this.#intensity} restarts in ${this.#period} ms, the last of ${child.specification.id}`,
          { cause: child.cause },
        );
      }
      this.#tell('restart', child);
      yield* this.#restart(child);
      return false;
    }
    if (child.restart === 'temporary' || this.#strategy === 'simple one for one') this.#remove(child);
    return this.#endsWith(child);
  }

  *#restart(child: Child): Steps<void> {
    if (this.#strategy === 'one for one' || this.#strategy === 'simple one for one') {
      yield* this.#startChild(child);
      return;
    }
    const from = this.#strategy === 'one for all' ? 0 : this.#children.indexOf(child);
    const group = this.#children.slice(from);
    for (const other of group) if (other !== child) other.cause = child.cause;
    yield* this.#terminateAll(group);
    // A temporary child is never restarted, not even with its group.
    for (const other of group)
      if (other.restart === 'temporary') this.#remove(other);
      else yield* this.#startChild(other);
  }

  /** Whether a significant child that ended by itself takes the supervisor with it. */
  #endsWith(child: Child): boolean {
    if (child.specification.significant !== true) return false;
    const last = !this.#children.some(({ specification, process }) => specification.significant && process !== null);
    if (this.#autoShutdown === 'all significant' && !last) return false;
    this.#options.onEvent?.({ kind: 'auto shutdown', child: child.specification.id, at: this.#network.now() });
    return true;
  }

  #mayRestart(): boolean {
    const now = this.#network.now();
    this.#restarts = [...this.#restarts.filter((at) => at >= now - this.#period), now];
    return this.#restarts.length <= this.#intensity;
  }

  *#startAndAnswer(child: Child): Steps<Answer> {
    yield* this.#startChild(child);
    return 'done';
  }

  *#startChild(child: Child): Steps<void> {
    const { specification } = child;
    const { id, options, awaited = false } = specification;
    const begun = awaited ? this.#network.channel<true>(`${id}.ready`, { buffer: sliding(1) }) : null;
    const ready = () => void begun?.trySend(true);
    const incarnation = { restarts: child.starts, cause: child.cause, ready };
    const process = this.#network.create(id, (self: Process) => specification.start(incarnation)(self), options);
    process.supervised = true;
    child.process = process;
    child.starts++;
    process.whenOver(() => {
      this.#exits.push(process);
      this.#news.trySend(true);
      ready();
    });
    this.#network.start(process);
    if (begun !== null) yield* begun.receive();
  }

  *#terminateAll(children: readonly Child[]): Steps<void> {
    if (this.#strategy !== 'simple one for one')
      for (const child of [...children].reverse()) yield* this.#awaitEnd(this.#ask(child));
    else for (const ending of children.map((child) => this.#ask(child))) yield* this.#awaitEnd(ending);
  }

  *#terminateById(id: string): Steps<Answer> {
    const child = this.#find(id);
    if (child === undefined) return 'not found';
    yield* this.#awaitEnd(this.#ask(child));
    if (child.restart === 'temporary' || this.#strategy === 'simple one for one') this.#remove(child);
    return 'done';
  }

  /** Asks a child to end. Null: it is over. */
  #ask(child: Child): Ending | null {
    const { process, shutdown } = child;
    child.process = null;
    if (process === null || process.isOver) return null;
    if (shutdown === 'kill') {
      this.#network.kill(process);
      return null;
    }
    const over = this.#network.channel<true>(`${process.name}.over`, { buffer: 1 });
    process.whenOver(() => over.trySend(true));
    this.#network.cancel(process, new ShutdownError(`ended by supervisor ${this.name}`));
    const deadline = this.#network.now() + (shutdown === 'infinity' ? Number.POSITIVE_INFINITY : shutdown);
    return { process, over, deadline };
  }

  *#awaitEnd(ending: Ending | null): Steps<void> {
    if (ending === null) return;
    const { process, over, deadline } = ending;
    try {
      const timeout = Math.max(0, deadline - this.#network.now());
      yield* over.receive(timeout === Number.POSITIVE_INFINITY ? {} : { timeout });
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      this.#network.kill(process);
    }
  }

  /** A supervisor that was killed leaves no orphans, and no command without an answer. */
  #abandon(self: Process): void {
    if (this.#process !== self) return;
    for (const child of [...this.#children].reverse()) {
      if (child.process !== null) this.#network.kill(child.process);
      child.process = null;
    }
    this.#exits.length = 0;
    for (const { answer } of this.#commands.splice(0)) answer.trySend('over');
  }

  #command(perform: () => Answer | Steps<Answer>): Operation<Answer> {
    const answer = this.#network.channel<Answer>(`${this.name}.answer`, { buffer: 1 });
    if (this.#process === null || this.#process.isOver) answer.trySend('over');
    else {
      this.#commands.push({ answer, perform });
      this.#news.trySend(true);
    }
    return answer.receive();
  }

  #begin(): void {
    this.#restarts = [];
    this.#children = [];
    for (const specification of this.#initial) {
      if (this.#find(specification.id) !== undefined)
        throw new RangeError(`supervisor ${this.name} has two children called ${specification.id}`);
      this.#children.push(childOf(specification, this.#autoShutdown));
    }
  }

  #remove(child: Child): void {
    this.#children = this.#children.filter((other) => other !== child);
  }

  #find(id: string): Child | undefined {
    return this.#children.find(({ specification }) => specification.id === id);
  }

  #tell(kind: 'restart' | 'gives up', child: Child): void {
    this.#options.onEvent?.({ kind, child: child.specification.id, at: this.#network.now(), cause: child.cause });
  }
}
