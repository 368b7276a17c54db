/**
 * A process of a network: a generator (the fast tier), or an async function seen from the outside (the adapter tier).
 *
 * An async process is *abroad* while it runs between two operations: the network cannot see what it waits for there, so it is neither
 * quiescent nor deadlocked. With a pending operation it is blocked in it.
 */
import { MisuseError } from './errors.ts';
import type { Network } from './network.ts';
import { Offer } from './offer.ts';
import type { Operation, Suspension, Waiting } from './operation.ts';
import { Sleep } from './sleep.ts';

export type AsyncBody<R> = (self: Process<R>) => Promise<R>;
export type AnyBody<R> = (self: Process<R>) => Iterator<Suspension, R, unknown> | Promise<R> | R;

/** A channel, whatever it carries. */
export interface ChannelEnd {
  readonly name: string;
  poison(reason: unknown): void;
}

/** Where a fair choice goes on: behind the guard that fired last. */
export interface Rotation {
  last: number;
}

export interface ProcessOptions {
  /** Waiting for ever is its job: it is not counted in a deadlock, and the network ends without it. */
  readonly service?: boolean;
  /** The channels it sends on and receives from, as far as known. Makes deadlock reports exact; poisoned with it. */
  readonly sends?: readonly ChannelEnd[];
  readonly receives?: readonly ChannelEnd[];
  /** Multiway events that happen only when it takes part. */
  readonly events?: readonly { enroll(process: Process): void }[];
}

export type ProcessStatus = 'created' | 'running' | 'done' | 'poisoned' | 'cancelled' | 'failed';

/** What few processes need; a blocked process is to be small, so it is made when first needed. */
class Particulars {
  sends: readonly ChannelEnd[] = NONE;
  receives: readonly ChannelEnd[] = NONE;
  /** The pending operations of an async process. */
  readonly pending = new Set<Waiting>();
  cancelling = false;
  supervised = false;
  rotations: Map<string, Rotation> | null = null;
  ended: ((process: never) => void)[] = [];
}

const NONE: readonly never[] = [];
const NOTHING: ReadonlySet<Waiting> = new Set();

export class Process<R = unknown> {
  readonly name: string;
  readonly network: Network;
  readonly service: boolean;
  status: ProcessStatus = 'created';
  result: R | undefined = undefined;
  /** What ended it, for `failed` and `poisoned`; the reason it was given, for `cancelled`. */
  error: unknown = undefined;

  // ── For the network ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Null before the first step, for an async process, and for what is outside. */
  generator: Iterator<Suspension, R, unknown> | null = null;
  /** Whether that is a generator of the language, not some other iterator. */
  native = false;
  /** Null once it has begun: what only the body refers to is no longer needed. */
  body: ((self: never) => unknown) | null;
  /** Its own operation object, lent by channels while it is idle. */
  readonly offer: Offer;
  /** The operation it waits in, if it waits. */
  waiting: Waiting | null = null;
  /** Neighbors among the processes of the network that are not over, in order of their start. */
  earlier: Process | null = null;
  later: Process | null = null;
  #particulars: Particulars | null = null;

  constructor(network: Network, name: string, body: AnyBody<R> | null, options?: ProcessOptions) {
    this.network = network;
    this.name = name;
    this.body = body;
    this.service = options?.service ?? false;
    if (options?.sends !== undefined) this.#own.sends = options.sends;
    if (options?.receives !== undefined) this.#own.receives = options.receives;
    this.offer = new Offer(this as Process);
  }

  get sends(): readonly ChannelEnd[] {
    return this.#particulars?.sends ?? NONE;
  }

  get receives(): readonly ChannelEnd[] {
    return this.#particulars?.receives ?? NONE;
  }

  get pending(): ReadonlySet<Waiting> {
    return this.#particulars?.pending ?? NOTHING;
  }

  get cancelling(): boolean {
    return this.#particulars?.cancelling ?? false;
  }

  set cancelling(cancelling: boolean) {
    this.#own.cancelling = cancelling;
  }

  /** Somebody is told of its end who answers for it: its failure is not the network's. */
  get supervised(): boolean {
    return this.#particulars?.supervised ?? false;
  }

  set supervised(supervised: boolean) {
    this.#own.supervised = supervised;
  }

  /** For each choice it writes anew each time: the guard that fired last. */
  get rotations(): Map<string, Rotation> {
    return (this.#own.rotations ??= new Map());
  }

  get #own(): Particulars {
    return (this.#particulars ??= new Particulars());
  }

  /** Sleeps for `milliseconds` on the clock of the network. */
  delay(milliseconds: number): Operation<void> {
    if (!(milliseconds >= 0)) throw new RangeError(`process ${this.name} cannot sleep for ${milliseconds} ms`);
    return new Sleep(this, milliseconds);
  }

  /** Lets every other ready process go first. */
  pause(): Operation<void> {
    return new Sleep(this, null);
  }

  /** Milliseconds on the clock of the network; virtual time starts at 0. */
  now(): number {
    return this.network.now();
  }

  get isOver(): boolean {
    return this.status !== 'running' && this.status !== 'created';
  }

  /** Called once, when the process has ended. */
  whenOver(callback: (process: Process<R>) => void): void {
    if (this.isOver) callback(this);
    else this.#own.ended.push(callback);
  }

  /** Tells whoever waits for its end, each once. */
  announceEnd(): void {
    if (this.#particulars === null) return;
    const { ended } = this.#particulars;
    this.#particulars.ended = [];
    for (const callback of ended) callback(this as never);
  }

  block(waiting: Waiting): void {
    const { pending } = this.#own;
    pending.add(waiting);
    if (pending.size === 1) this.network.home(this as Process);
  }

  unblock(waiting: Waiting): void {
    const { pending } = this.#own;
    if (!pending.delete(waiting)) throw new MisuseError(`process ${this.name} did not wait in this operation`);
    if (pending.size === 0) this.network.abroad(this as Process);
  }

  /** What it is blocked in. Empty for a process that can go on. */
  blockedIn(): readonly Waiting[] {
    if (this.generator === null) return [...this.pending];
    return this.waiting === null ? [] : [this.waiting];
  }
}
