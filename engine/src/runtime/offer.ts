/**
 * An offer to send or to receive on one channel: the operation object, its place in the channel's queue, and the guard of a choice, all in one.
 *
 * Every generator process owns one and uses it again for each single operation, so that a rendezvous allocates nothing. It is lent out only while
 * idle; whoever wants a second one at the same time (the guards of a choice, an async process) gets a new object.
 *
 * Invariants:
 *   - an offer is queued exactly while it is waiting;
 *   - it leaves all the queues it waits in at once: it is taken once or withdrawn, never both.
 */
import type { Choice } from './choice.ts';
import { TIMEOUT, type Timer } from './clock.ts';
import { MisuseError, TimeoutError, WithdrawnError } from './errors.ts';
import type { Hold } from './extended.ts';
import type { Network } from './network.ts';
import {
  DONE,
  type End,
  FAILED,
  HELD,
  IDLE,
  ISSUED,
  type Operation,
  PARKED,
  type Settle,
  type Signal,
  type State,
  type Suspension,
  WAITING,
  type Waiting,
} from './operation.ts';
import type { Process } from './process.ts';

export interface OfferOptions {
  /** Milliseconds on the clock of the network, after which the offer is withdrawn and `TimeoutError` is thrown. */
  readonly timeout?: number;
  /** Withdraws the offer: `WithdrawnError`. If the offer was taken first, the operation has happened and the signal does nothing. */
  readonly signal?: Signal;
  /**
   * For a send: called at the moment of delivery, before the receiver has the value. If it throws, nothing is delivered, the sender gets the error and
   * the receiver waits on. It must not touch channels. It is told the options the receiver asked with (null: it had none, or the value is buffered), and the offer.
   */
  readonly commit?: (taker: OfferOptions | null, offer: { readonly value: unknown; readonly process: Process }) => void;
}

/** With what only the channel looks at. */
export interface OfferTerms extends OfferOptions {
  /** A receiver takes only values it accepts. */
  readonly filter?: (value: unknown) => boolean;
  /** A receiver keeps the sender until this is released. */
  readonly hold?: Hold;
}

/** What an offer needs of its channel, whatever the type of its values. */
export interface Port {
  readonly name: string;
  readonly network: Network;
  /** Neither sends nor receives: all parties agree. */
  readonly multiway: boolean;
  put(offer: Offer): boolean;
  take(offer: Offer): boolean;
  /** Whether `put` or `take` would succeed at this moment. */
  possible(offer: Offer): boolean;
  /** Whether that is so at every moment. */
  neverWaits(offer: Offer): boolean;
  enqueue(offer: Offer): void;
  dequeue(offer: Offer): void;
  /** Closed in the direction of the offer, with nothing left for it. */
  exhausted(offer: Offer): boolean;
  partnersOf(offer: Offer): readonly Process[];
}

/** What few offers need: those of async processes, those that time or a signal may end, those in a report. */
class Particulars {
  settle: Settle | null = null;
  origin: Error | null = null;
  timer: Timer | null = null;
  unlisten: (() => void) | null = null;
}

export class Offer implements Operation<unknown>, Iterator<Suspension, unknown, unknown>, Waiting {
  process: Process;
  state: State = IDLE;
  port: Port | null = null;
  sending = false;
  /** What it sends, then undefined, unless it is a guard, which may send again; what it has received; what it failed with. */
  value: unknown = undefined;
  options: OfferTerms | null = null;
  /** Neighbors in the channel's queue; see `queue.ts`. */
  previous: Offer | null = null;
  following: Offer | null = null;
  choice: Choice | null = null;
  index = 0;
  #particulars: Particulars | null = null;

  constructor(process: Process) {
    this.process = process;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Suspension, unknown> {
    if (this.state === DONE) {
      this.state = IDLE;
      COMPLETED.value = this.value;
      return COMPLETED;
    }
    if (this.state !== ISSUED) return this.#resumeOtherwise();
    const port = this.port!;
    if (port.network.current !== this.process) throw new MisuseError(foreign(this));
    // Idle before it is tried: if the channel throws, the object is free again.
    this.state = IDLE;
    if (this.options !== null) this.#refuseAborted(this.options);
    if (this.sending) {
      if (!port.put(this)) return this.#park();
      this.value = undefined;
    } else if (!port.take(this)) return this.#park();
    if ((this.state as State) === HELD) return PARKED;
    if (port.network.schedule !== null) return this.#step();
    COMPLETED.value = this.value;
    return COMPLETED;
  }

  // biome-ignore lint/suspicious/noThenProperty: see `Operation`.
  then(resolve: (value: unknown) => unknown, reject: (error: unknown) => unknown): void {
    if (this.state !== ISSUED) return void reject(new MisuseError(twice(this)));
    if (this.process.generator !== null) return void reject(new MisuseError(awaited(this)));
    const port = this.port!;
    const own = this.#own;
    this.state = IDLE;
    try {
      if (this.options !== null) this.#refuseAborted(this.options);
      const done = this.sending ? port.put(this) : port.take(this);
      if (done && (this.state as State) !== HELD) resolve(this.sending ? undefined : this.value);
      else {
        own.settle = { resolve, reject };
        if (!done) this.park();
        this.process.block(this);
      }
    } catch (error) {
      own.settle = null;
      reject(error);
    }
    port.network.stir();
  }

  /** Called by the channel: the value has been handed over. */
  complete(): void {
    this.state = DONE;
    if (this.sending) this.value = undefined;
    if (this.#particulars === null) this.process.network.ready(this.process);
    else this.#answer(this.#particulars);
  }

  /** Called by the channel: the receiver of an extended rendezvous has the value; `letGo` follows when its body is over. */
  keep(): void {
    if (this.choice !== null) {
      this.choice.keep(this);
      return;
    }
    if (this.state === WAITING) this.#disarm();
    this.state = HELD;
    if (this.process.waiting !== this) this.process.waiting = this;
  }

  letGo(): void {
    if (this.state !== HELD) return;
    if (this.choice === null) this.complete();
    else this.choice.letGo();
  }

  fail(error: unknown): void {
    if (this.choice !== null) {
      this.choice.fail(error);
      return;
    }
    this.withdraw();
    this.state = FAILED;
    this.value = error;
    if (this.#particulars === null) this.process.network.ready(this.process);
    else this.#answer(this.#particulars);
  }

  withdraw(): void {
    if (this.state === HELD) this.state = IDLE;
    if (this.state !== WAITING) return;
    this.port!.dequeue(this);
    this.state = IDLE;
    this.#disarm();
  }

  get kind(): 'send' | 'receive' | 'sync' {
    if (this.port?.multiway === true) return 'sync';
    return this.sending ? 'send' : 'receive';
  }

  get bounded(): boolean {
    return this.#particulars !== null && (this.#particulars.timer !== null || this.#particulars.unlisten !== null);
  }

  get origin(): Error | null {
    return this.#particulars?.origin ?? null;
  }

  set origin(origin: Error | null) {
    this.#own.origin = origin;
  }

  ends(): readonly End[] {
    const port = this.port!;
    return [{ channel: port.name, action: this.kind, network: port.network, partners: () => port.partnersOf(this) }];
  }

  /** Waits from now on. */
  park(): void {
    this.port!.enqueue(this);
    this.state = WAITING;
    if (this.process.waiting !== this) this.process.waiting = this;
    if (this.options !== null) this.#arm(this.options);
  }

  #park(): IteratorResult<Suspension, unknown> {
    this.park();
    return PARKED;
  }

  /** It has happened; whoever goes on from here is for the schedule to say. */
  #step(): IteratorResult<Suspension, unknown> {
    this.state = DONE;
    this.process.network.ready(this.process);
    return PARKED;
  }

  #resumeOtherwise(): IteratorResult<Suspension, unknown> {
    if (this.state === WAITING || this.state === HELD) {
      // Only a report resumes a process that waits: the stack shows where.
      this.origin = new Error();
      return PARKED;
    }
    if (this.state === FAILED) {
      this.state = IDLE;
      throw this.value;
    }
    throw new MisuseError(twice(this));
  }

  get #own(): Particulars {
    return (this.#particulars ??= new Particulars());
  }

  #answer({ settle }: Particulars): void {
    this.#disarm();
    if (settle === null) this.process.network.ready(this.process);
    else {
      this.process.unblock(this);
      if (this.state === FAILED) settle.reject(this.value);
      else settle.resolve(this.value);
    }
  }

  #arm(options: OfferOptions): void {
    const { timeout, signal } = options;
    const { name, network } = this.port!;
    if (timeout !== undefined)
      this.#own.timer = network.at(timeout, TIMEOUT, () => {
        this.#own.timer = null;
        this.fail(new TimeoutError(name, timeout));
      });
    if (signal === undefined) return;
    const abort = () => this.fail(new WithdrawnError(name, signal.reason));
    signal.addEventListener('abort', abort);
    this.#own.unlisten = () => signal.removeEventListener('abort', abort);
  }

  #refuseAborted({ signal }: OfferOptions): void {
    if (signal?.aborted === true) throw new WithdrawnError(this.port!.name, signal.reason);
  }

  #disarm(): void {
    const particulars = this.#particulars;
    if (particulars === null) return;
    if (particulars.timer !== null) this.port!.network.timers.cancel(particulars.timer);
    particulars.timer = null;
    particulars.unlisten?.();
    particulars.unlisten = null;
  }
}

/** Returned by every completion: `yield*` reads its value at once, so that one object is enough. */
export const COMPLETED: { done: true; value: unknown } = { done: true, value: undefined };

function twice(offer: Offer): string {
  return `an operation on ${offer.port?.name} was performed twice; ask the channel for a new one each time`;
}

function foreign(offer: Offer): string {
  const { name, network } = offer.port!;
  const performer = network.current?.name ?? 'nobody';
  return `an operation on ${name} was made by process ${offer.process.name} and performed by ${performer}; each process makes its own`;
}

function awaited(offer: Offer): string {
  return `process ${offer.process.name} is a generator: write yield* and not await for the operation on ${offer.port?.name}`;
}
