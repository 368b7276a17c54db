/** Waiting for time to pass, or for the others to have their turn. */
import { SLEEP, type Timer } from './clock.ts';
import { MisuseError } from './errors.ts';
import {
  DONE,
  type End,
  FAILED,
  IDLE,
  ISSUED,
  type Operation,
  PARKED,
  type Settle,
  type State,
  type Suspension,
  WAITING,
  type Waiting,
} from './operation.ts';
import type { Process } from './process.ts';

/** Sleeps for `milliseconds`; null: only lets every other ready process go first. */
export class Sleep implements Operation<void>, Iterator<Suspension, void, unknown>, Waiting {
  readonly kind = 'sleep';
  readonly bounded = true;
  state: State = ISSUED;
  origin: Error | null = null;
  readonly #process: Process;
  readonly #milliseconds: number | null;
  #timer: Timer | null = null;
  #settle: Settle | null = null;
  #error: unknown = undefined;

  constructor(process: Process, milliseconds: number | null) {
    this.#process = process;
    this.#milliseconds = milliseconds;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Suspension, void> {
    if (this.state === ISSUED) {
      this.#park();
      return PARKED;
    }
    if (this.state === WAITING) {
      this.origin = new Error();
      return PARKED;
    }
    if (this.state === FAILED) {
      this.state = IDLE;
      throw this.#error;
    }
    if (this.state !== DONE) throw new MisuseError('a delay was performed twice; ask for a new one each time');
    this.state = IDLE;
    return { done: true, value: undefined };
  }

  // biome-ignore lint/suspicious/noThenProperty: see `Operation`.
  then(resolve: (value: undefined) => unknown, reject: (error: unknown) => unknown): void {
    if (this.state !== ISSUED)
      return void reject(new MisuseError('a delay was performed twice; ask for a new one each time'));
    this.#settle = { resolve: resolve as (value: unknown) => unknown, reject };
    this.#park();
    this.#process.block(this);
    this.#process.network.stir();
  }

  ends(): readonly End[] {
    return [];
  }

  withdraw(): void {
    if (this.#timer !== null) this.#process.network.timers.cancel(this.#timer);
    this.#timer = null;
    if (this.state === WAITING) this.state = IDLE;
  }

  fail(error: unknown): void {
    this.withdraw();
    this.state = FAILED;
    this.#error = error;
    this.#wake((settle) => settle.reject(error));
  }

  #park(): void {
    this.state = WAITING;
    this.#process.waiting = this;
    const { network } = this.#process;
    const wake = () => {
      this.#timer = null;
      this.state = DONE;
      this.#wake((settle) => settle.resolve(undefined));
    };
    if (this.#milliseconds !== null) this.#timer = network.at(this.#milliseconds, SLEEP, wake);
    else if (this.#settle === null) wake();
    else this.#timer = network.at(0, SLEEP, wake);
  }

  #wake(answer: (settle: Settle) => void): void {
    if (this.#settle === null) this.#process.network.ready(this.#process);
    else {
      this.#process.unblock(this);
      answer(this.#settle);
    }
  }
}
