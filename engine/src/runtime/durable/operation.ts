/** Operations of durable processes: plans over operations of the engine, performed by generators and by async functions alike. */

import { MisuseError } from '../errors.ts';
import type { Network } from '../network.ts';
import {
  DONE,
  type End,
  FAILED,
  IDLE,
  ISSUED,
  type Operation,
  PARKED,
  type State,
  type Suspension,
  WAITING,
  type Waiting,
} from '../operation.ts';
import type { Process } from '../process.ts';
import type { DurableChannel } from './channel.ts';

/** What is performed, one operation of the engine after the other. */
export type Plan<T> = Generator<Operation<unknown>, T, unknown>;

/** What the operation would be as a guard of a choice. */
export type Offered =
  | {
      readonly action: 'receive';
      readonly channel: DurableChannel<unknown>;
      readonly filter?: (value: unknown) => boolean;
    }
  | { readonly action: 'send'; readonly channel: DurableChannel<unknown>; readonly value: unknown };

export class DurableOperation<T> implements Operation<T> {
  readonly offered: Offered | null;
  readonly #plan: () => Plan<T>;

  constructor(plan: () => Plan<T>, offered: Offered | null = null) {
    this.#plan = plan;
    this.offered = offered;
  }

  *[Symbol.iterator](): Iterator<Suspension, T, unknown> {
    const plan = this.#plan();
    try {
      let step = plan.next();
      while (step.done !== true) {
        let result: unknown;
        try {
          result = yield* step.value;
        } catch (error) {
          step = plan.throw(error);
          continue;
        }
        step = plan.next(result);
      }
      return step.value;
    } finally {
      plan.return(undefined as never); // A process that is killed or cancelled lets go of it.
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: see `Operation`.
  then(resolve: (value: T) => unknown, reject: (error: unknown) => unknown): void {
    void this.#perform().then(resolve, reject);
  }

  async #perform(): Promise<T> {
    const plan = this.#plan();
    let step = plan.next();
    while (step.done !== true) {
      let result: unknown;
      try {
        result = await begun(step.value);
      } catch (error) {
        step = plan.throw(error);
        continue;
      }
      step = plan.next(result);
    }
    return step.value;
  }
}

/** Performed at once: `await` alone would begin in a later turn, and miss what ends it in between. */
export function begun<T>(operation: Operation<T>): Promise<T> {
  return new Promise((resolve, reject) => operation.then(resolve, reject));
}

/** Waits for a promise. The network knows that something goes on outside, so time stands still and nothing is a deadlock. */
export class Awaited<T> implements Operation<T>, Iterator<Suspension, T, unknown>, Waiting {
  readonly kind = 'sleep';
  readonly bounded = true;
  state: State = ISSUED;
  origin: Error | null = null;
  readonly #network: Network;
  readonly #begin: () => Promise<T>;
  #process: Process | null = null;
  #over: (() => void) | null = null;
  #value: T | undefined = undefined;
  #error: unknown = undefined;

  constructor(network: Network, begin: () => Promise<T>) {
    this.#network = network;
    this.#begin = begin;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Suspension, T> {
    switch (this.state) {
      case ISSUED:
        this.#park();
        return PARKED;
      case DONE:
        this.state = IDLE;
        return { done: true, value: this.#value as T };
      case FAILED:
        this.state = IDLE;
        throw this.#error;
      case WAITING:
        this.origin = new Error(); // Only a report resumes a process that waits.
        return PARKED;
      default:
        throw new MisuseError('what is awaited was performed twice');
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: see `Operation`.
  then(resolve: (value: T) => unknown, reject: (error: unknown) => unknown): void {
    const over = this.#network.external();
    void this.#begin().then(resolve, reject).finally(over);
  }

  ends(): readonly End[] {
    return [];
  }

  withdraw(): void {
    if (this.state === WAITING) this.state = IDLE;
    this.#over?.();
    this.#over = null;
  }

  fail(error: unknown): void {
    if (this.state !== WAITING) return;
    this.#error = error;
    this.#settle(FAILED);
  }

  #park(): void {
    const process = this.#network.current;
    if (process === null)
      throw new MisuseError('a process performs this operation with yield*, or an async one with await');
    this.#process = process;
    this.state = WAITING;
    process.waiting = this;
    this.#over = this.#network.external();
    this.#begin().then(
      (value) => {
        this.#value = value;
        this.#settle(DONE);
      },
      (error: unknown) => this.fail(error),
    );
  }

  #settle(state: typeof DONE | typeof FAILED): void {
    if (this.state !== WAITING) return;
    this.state = state;
    this.#network.ready(this.#process!);
    this.#over?.();
    this.#over = null;
  }
}
