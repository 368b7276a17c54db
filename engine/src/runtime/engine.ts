/**
 * The engine: a network for programs that live among promises.
 *
 * Generator processes, async processes and the code outside meet on the same channels. The engine pumps its network whenever there is something to
 * do and lets the host breathe in between. The code outside counts as one more participant, called `main`: what it awaits, it waits for.
 * When nobody can go on any more, whoever awaits gets a `DeadlockError` at once.
 *
 * What the host may lend: a clock (else time is virtual), a way to be called soon (else a microtask, which does not let timers and I/O of the
 * host through), and an async context such as Node's `AsyncLocalStorage`, by which an awaited operation is known to belong to its process.
 */
import { AtomicProcess } from './atomic-process.ts';
import type { Buffer, Channel, Enforced } from './channel.ts';
import type { Clock } from './clock.ts';
import { type Composite, compose, composite } from './composite.ts';
import { DeadlockError } from './deadlock.ts';
import { MisuseError, ProcessError } from './errors.ts';
import { Network } from './network.ts';
import type { AnyBody, Process, ProcessOptions } from './process.ts';

/** The part of `AsyncLocalStorage` that is needed. */
export interface AsyncContext {
  run<R>(value: unknown, body: () => R): R;
  getStore(): unknown;
}

export interface EngineOptions {
  readonly clock?: Clock;
  readonly seed?: number;
  /** Calls back after the host had its turn: `setImmediate`. */
  readonly soon?: (callback: () => void) => void;
  readonly context?: AsyncContext;
  /** More may come from outside at any time, as in a server: what `main` awaits is then never a deadlock. */
  readonly open?: boolean;
}

export interface EngineChannelOptions {
  /** `synchronous`, the default: sender and receiver meet. `buffered`: the sender may run ahead by `bufferSize` values. */
  readonly type?: 'synchronous' | 'buffered';
  /** Of a buffered channel: its capacity. Of a synchronous one: how many senders may wait at once. */
  readonly bufferSize?: number;
  /** Says the same as `type: 'buffered'` with a size, and can name a lossy buffer. */
  readonly buffer?: number | Buffer;
  /** Whatever is sent here is an event of a system, and checked at the moment of delivery. */
  readonly enforced?: Enforced;
}

interface Awaiting {
  readonly process: Process | null;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * @example
 * const engine = new CSPEngine();
 * const hello = engine.process('hello', async () => 'Hello World');
 * console.log(await engine.run(hello)); // Hello World
 * await engine.stop();
 */
export class CSPEngine {
  readonly network: Network;
  /** The operators that make composites of processes, for `compose`. */
  readonly composite = composite;
  readonly #options: EngineOptions;
  readonly #soon: (callback: () => void) => void;
  readonly #created = new Set<Process>();
  readonly #awaiting = new Set<Awaiting>();
  #status: 'created' | 'started' | 'stopped' = 'created';
  #scheduled = false;
  /** Whether somebody has been given the failure of the network. */
  #told = false;

  constructor(options: EngineOptions = {}) {
    this.#options = options;
    this.#soon = options.soon ?? ((callback) => void Promise.resolve().then(callback));
    const { clock, seed, context } = options;
    this.network = new Network({
      ...(clock === undefined ? {} : { clock }),
      ...(seed === undefined ? {} : { seed }),
      ...(context === undefined ? {} : { outside: () => context.getStore() as Process | undefined }),
      onWork: () => this.#stir(),
    });
  }

  /** A channel, by name. */
  channel<T>(name: string, options: EngineChannelOptions = {}): Channel<T> {
    const { type, bufferSize, buffer, enforced } = options;
    const checked = enforced === undefined ? {} : { enforced };
    if (buffer !== undefined && type === 'synchronous')
      throw new RangeError(
        `channel ${name}: a synchronous channel has no buffer; say type: 'buffered', or leave the buffer out`,
      );
    if (buffer !== undefined) return this.network.channel<T>(name, { ...checked, buffer });
    if (type === 'buffered') {
      if (bufferSize === undefined)
        throw new RangeError(`channel ${name}: a buffered channel needs a bufferSize; no buffer is unbounded`);
      return this.network.channel<T>(name, { ...checked, buffer: bufferSize });
    }
    if (bufferSize !== undefined) return this.network.channel<T>(name, { ...checked, waitingMax: bufferSize });
    return this.network.channel<T>(name, enforced === undefined ? undefined : checked);
  }

  /** `channel`, with its name among the options. */
  createChannel<T>(options: EngineChannelOptions & { readonly name: string }): Channel<T> {
    return this.channel<T>(options.name, options);
  }

  /** A process, by name: a generator function (the fast tier) or an async function. It runs once the engine does. */
  process<R>(name: string, body: AnyBody<R>, options?: ProcessOptions): Process<R> {
    if (this.#status === 'stopped') throw new MisuseError(`the engine is stopped; process ${name} cannot be added`);
    const { context } = this.#options;
    const within: AnyBody<R> = context === undefined ? body : (self) => context.run(self, () => body(self));
    const process = this.network.create<R>(name, within, options);
    if (this.#status === 'started') this.network.start(process);
    else this.#created.add(process);
    return process;
  }

  /** A process from an `AtomicProcess` object, or from its parts. One without a body stays `created` until it is run. */
  createProcess<R>(
    process:
      | AtomicProcess<R>
      | {
          readonly name: string;
          readonly type?: 'atomic';
          readonly body?: AnyBody<R>;
          readonly options?: ProcessOptions;
        },
  ): Process<R> {
    if (process instanceof AtomicProcess) return this.process<R>(process.name, (self) => process.execute(self));
    const { name, body, options } = process;
    return body === undefined
      ? this.network.create<R>(name, () => undefined as R, options)
      : this.process<R>(name, body, options);
  }

  /**
   * A composite, by name: runs once the engine does; its result is the trace of visible events.
   *
   * @example
   * const { composite } = engine;
   * const trace = await engine.run(engine.compose('system', composite.sequential(P, Q)));
   */
  compose(name: string, system: Composite): Process<readonly string[]> {
    if (this.#status === 'stopped') throw new MisuseError(`the engine is stopped; composite ${name} cannot be added`);
    return compose(this.network, name, system);
  }

  /** Starts every process created so far; later ones start when they are created. */
  async start(): Promise<void> {
    if (this.#status === 'stopped') throw new MisuseError('the engine is stopped; make a new one');
    this.#status = 'started';
    for (const process of this.#created) this.network.start(process);
    this.#created.clear();
    this.#stir();
  }

  /**
   * Starts, and waits: for the result of one process, or until all that are not services are over.
   *
   * @throws ProcessError when a process fails, DeadlockError when none can go on
   */
  run<R>(process: Process<R>): Promise<R>;
  run(): Promise<void>;
  async run(process?: Process): Promise<unknown> {
    await this.start();
    if (process !== undefined) this.network.start(process);
    return new Promise((resolve, reject) => {
      const awaiting: Awaiting = { process: process ?? null, resolve, reject };
      this.#awaiting.add(awaiting);
      process?.whenOver(() => this.#stir());
      this.#stir();
    });
  }

  /**
   * Ends every process, their `finally` blocks included.
   *
   * @throws the failure of a process that no `run` has reported
   */
  async stop(): Promise<void> {
    this.#status = 'stopped';
    for (const process of this.network.processes)
      this.network.cancel(process, new MisuseError('the engine was stopped'));
    for (const waiting of [...this.network.main.pending]) waiting.fail(new MisuseError('the engine was stopped'));
    while (this.network.pump() === 'busy') await new Promise<void>((resolve) => this.#soon(resolve));
    this.network.disarm();
    this.#answer(new MisuseError('the engine was stopped'));
    if (this.network.failure === undefined || this.#told) return;
    this.#told = true;
    throw this.network.failure;
  }

  #stir(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#soon(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    const standing = this.network.pump();
    this.#answer();
    if (standing === 'busy') this.#stir();
    else if (standing === 'quiescent' && this.#status === 'started') this.#judge();
  }

  /** Answers whoever awaits something that is over; the others get `otherwise`, if that is an error. */
  #answer(otherwise?: Error): void {
    for (const awaiting of [...this.#awaiting]) {
      const { over, error } = this.#standingOf(awaiting.process);
      const reason = error ?? (over ? undefined : otherwise);
      if (!over && reason === undefined) continue;
      this.#awaiting.delete(awaiting);
      if (reason === undefined) awaiting.resolve(awaiting.process?.result);
      else awaiting.reject(reason);
    }
  }

  /** Of one process, or of all. Whoever is given the error of a failure has been told. */
  #standingOf(process: Process | null): { readonly over: boolean; readonly error?: Error } {
    const { failure } = this.network;
    if (process === null || process.status === 'cancelled') {
      if (failure === undefined)
        return process === null
          ? { over: this.network.required === 0 }
          : { over: true, error: new MisuseError(`process ${process.name} was cancelled`) };
      this.#told = true;
      return { over: true, error: failure };
    }
    if (process.status !== 'failed' && process.status !== 'poisoned') return { over: process.isOver };
    if (process.error instanceof DeadlockError) return { over: true, error: process.error };
    if (process.error === failure?.cause) this.#told = true;
    return { over: true, error: new ProcessError(process.name, process.error) };
  }

  /** Nothing goes on by itself. Is that a deadlock? */
  #judge(): void {
    const { main } = this.network;
    // Whoever is outside and awaits nothing may still send something.
    if (this.#options.open === true || (main.pending.size === 0 && this.#awaiting.size === 0)) return;
    const deadlock = this.network.deadlock();
    if (deadlock === undefined) return;
    this.#answer(deadlock);
    for (const process of [main, ...this.network.processes])
      for (const waiting of [...process.pending]) waiting.fail(deadlock);
  }
}
