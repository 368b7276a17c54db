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

/** Most processes are generators and never need a set of their own: a blocked process is to be small. */
const NOTHING: ReadonlySet<Waiting> = new Set();

export class Process<R = unknown> {
  readonly name: string;
  readonly network: Network;
  readonly service: boolean;
  readonly sends: readonly ChannelEnd[];
  readonly receives: readonly ChannelEnd[];
  status: ProcessStatus = 'created';
  result: R | undefined = undefined;
  /** What ended it, for `failed` and `poisoned`; the reason it was given, for `cancelled`. */
  error: unknown = undefined;

  // ── For the network ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Null before the first step, for an async process, and for what is outside. */
  generator: Iterator<Suspension, R, unknown> | null = null;
  readonly body: ((self: never) => unknown) | null;
  /** Its own operation object, lent by channels while it is idle. */
  readonly offer: Offer;
  /** The operation it waits in, if it waits. */
  waiting: Waiting | null = null;
  /** The pending operations of an async process. */
  pending: ReadonlySet<Waiting> = NOTHING;
  cancelling = false;
  /** Somebody is told of its end who answers for it: its failure is not the network's. */
  supervised = false;
  over = false;
  /** For each choice it writes anew each time: the guard that fired last. */
  rotations: Map<string, Rotation> | null = null;
  ended: ((process: never) => void)[] | null = null;

  constructor(network: Network, name: string, body: AnyBody<R> | null, options: ProcessOptions = {}) {
    this.network = network;
    this.name = name;
    this.body = body;
    this.service = options.service ?? false;
    this.sends = options.sends ?? [];
    this.receives = options.receives ?? [];
    this.offer = new Offer(this);
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
    return this.over;
  }

  /** Called once, when the process has ended. */
  whenOver(callback: (process: Process<R>) => void): void {
    if (this.isOver) callback(this);
    else this.ended = [...(this.ended ?? []), callback];
  }

  block(waiting: Waiting): void {
    if (this.pending === NOTHING) this.pending = new Set();
    (this.pending as Set<Waiting>).add(waiting);
    if (this.pending.size === 1) this.network.home(this);
  }

  unblock(waiting: Waiting): void {
    if (!(this.pending as Set<Waiting>).delete(waiting))
      throw new MisuseError(`process ${this.name} did not wait in this operation`);
    if (this.pending.size === 0) this.network.abroad(this);
  }

  /** What it is blocked in. Empty for a process that can go on. */
  blockedIn(): readonly Waiting[] {
    if (this.generator === null) return [...this.pending];
    return this.waiting === null ? [] : [this.waiting];
  }
}
