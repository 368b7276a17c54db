/**
 * Operations: what a process does with others, as objects that can be performed in two ways.
 *
 *   const v = yield* channel.receive();   // in a generator process: typed, no promise, no allocation in steady state
 *   const v = await channel.receive();    // in an async process or outside: the same offer on the same channel
 *
 * An operation does nothing until it is performed. `yield*` calls `next`: if the operation can complete it does, and the generator is not even
 * suspended; otherwise it is parked and the trampoline of the network takes over. `await` calls `then`, which is given callbacks; the core
 * itself never makes a promise.
 */
import type { Network } from './network.ts';
import type { Process } from './process.ts';

/** What a process hands to its trampoline. Only `yield*` over an operation makes one. */
export type Suspension = typeof PARK | Request;
export const PARK = { kind: 'park' } as const;
export const PARKED: IteratorYieldResult<Suspension> = { done: false, value: PARK };

/** A suspension that needs to know its network first. */
export interface Request {
  begin(process: Process): void;
}

export interface Operation<T> {
  [Symbol.iterator](): Iterator<Suspension, T, unknown>;
  then(resolve: (value: T) => unknown, reject: (error: unknown) => unknown): void;
}

/** The body of a generator process. */
export type Body<R> = (self: Process<R>) => Iterator<Suspension, R, unknown>;

export interface Settle {
  resolve(value: unknown): unknown;
  reject(error: unknown): unknown;
}

/** The part of `AbortSignal` that is needed; any will do. */
export interface Signal {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** States of an operation object. An idle one may be issued again; a waiting one is in a queue, and nowhere else. */
export const IDLE = 0;
export const ISSUED = 1;
export const WAITING = 2;
export const DONE = 3;
export const FAILED = 4;
/** Taken by the receiver of an extended rendezvous, which has not let go yet: in no queue, not to be withdrawn. */
export const HELD = 5;
export type State = typeof IDLE | typeof ISSUED | typeof WAITING | typeof DONE | typeof FAILED | typeof HELD;

/** What a parked process waits in, for reports and for withdrawal. */
export interface Waiting {
  readonly kind: 'send' | 'receive' | 'sync' | 'choice' | 'sleep';
  readonly state: State;
  /** Channels and directions; empty for a sleep. */
  ends(): readonly End[];
  /** Whether time or a signal may still end it. */
  readonly bounded: boolean;
  /** Made where the operation was written (async), or when a report asks for it (generators). */
  origin: Error | null;
  /** Takes the offer back: it has not happened. */
  withdraw(): void;
  /** Ends the operation with an error; the offer has been taken back. */
  fail(error: unknown): void;
}

export interface End {
  readonly channel: string;
  readonly action: 'send' | 'receive' | 'sync';
  readonly network: Network;
  /** Processes known for the other end: declared, or seen there last. */
  partners(): readonly Process[];
}
