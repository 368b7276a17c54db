/**
 * Choice between offers to send, offers to receive and timeouts: exactly one of them happens.
 *
 * Fair by default: the search starts behind the guard that fired last, whether it was found ready or a partner came for it while the choice waited. So a
 * guard that stays ready fires within as many selections as there are guards. A choice that is written anew in each round of a loop goes on where its
 * process left it: it is known by its guards' names and channels. `priority` always searches in the order written.
 *
 * A process never meets itself: all guards are tried before any is queued, and none is tried while they are. The same channel may stand in several
 * guards, in both directions. A guard on a closed channel is left out; when all are, the choice throws `ClosedError`. A poisoned channel poisons the choice.
 */
import { TIMEOUT, type Timer } from './clock.ts';
import { ClosedError, MisuseError, WithdrawnError } from './errors.ts';
import type { Network } from './network.ts';
import { Offer } from './offer.ts';
import {
  DONE,
  type End,
  FAILED,
  HELD,
  IDLE,
  ISSUED,
  type Operation,
  PARKED,
  type Request,
  type Settle,
  type Signal,
  type State,
  type Suspension,
  WAITING,
  type Waiting,
} from './operation.ts';
import type { Process, Rotation } from './process.ts';
import { Registration } from './registration.ts';

export interface Timeout {
  readonly kind: 'timeout';
  readonly milliseconds: number;
}

/** A guard that fires when nothing else did for `milliseconds`, on the clock of the network. A value that comes at that very instant wins. */
export function timeout(milliseconds: number): Timeout {
  return { kind: 'timeout', milliseconds };
}

/** A guard; what is falsy is left out, so that a condition can be written in front: `more && channel.receive()`. */
export type Guard = Operation<unknown> | Timeout | false | null | undefined;
type ValueOf<G> = G extends Operation<infer T> ? T : G extends Timeout ? undefined : never;

/** Which guard fired, and what it received: a union over the guards, on `guard`. */
export type Chosen<G> = { [K in keyof G & string]: { readonly guard: K; readonly value: ValueOf<G[K]> } }[keyof G &
  string];

export interface ChoiceOptions {
  readonly signal?: Signal;
}

/**
 * Fair choice. May be kept and performed again, in which case it offers the same again.
 *
 * @example
 * const chosen = yield* choice({ order: orders.receive(), out: reports.send(report), late: timeout(30) });
 * if (chosen.guard === 'order') handle(chosen.value);
 */
export function choice<G extends Readonly<Record<string, Guard>>>(
  guards: G,
  options?: ChoiceOptions,
): Operation<Chosen<G>> {
  return new Choice(guards, false, options) as unknown as Operation<Chosen<G>>;
}

/** Choice in the order written: a later guard fires only when no earlier one can. A later one may starve. */
export function priority<G extends Readonly<Record<string, Guard>>>(
  guards: G,
  options?: ChoiceOptions,
): Operation<Chosen<G>> {
  return new Choice(guards, true, options) as unknown as Operation<Chosen<G>>;
}

export class Choice implements Operation<unknown>, Iterator<Suspension, unknown, unknown>, Waiting, Request {
  readonly kind = 'choice';
  state: State = IDLE;
  settle: Settle | null = null;
  origin: Error | null = null;
  readonly #offers: Offer[] = [];
  readonly #names: string[] = [];
  readonly #timeouts: { readonly name: string; readonly milliseconds: number }[] = [];
  readonly #priority: boolean;
  readonly #signal: Signal | undefined;
  readonly #rotation: Rotation;
  #network: Network | null = null;
  #process: Process | null = null;
  #timers: Timer[] = [];
  #unlisten: (() => void) | null = null;
  #error: unknown = undefined;
  #held: Offer | null = null;
  /** Null: its guards wait in queues. */
  #registration: Registration | null = null;
  /** How often it has waited; when that is clear it is tried once whether its guards can stay registered. */
  #waits = 0;
  readonly #result: { done: true; value: unknown } = { done: true, value: undefined };

  constructor(guards: Readonly<Record<string, Guard>>, priority: boolean, options: ChoiceOptions = {}) {
    this.#priority = priority;
    this.#signal = options.signal;
    let key = '';
    let process: Process | null = null;
    for (const name of Object.keys(guards)) {
      const guard = guards[name];
      key += `${name}\0`;
      this.#names.push(name);
      if (!guard) continue;
      if (guard instanceof Offer) {
        key += guard.port!.name;
        process ??= guard.process;
        this.#adopt(name, guard);
      } else if ('milliseconds' in guard) this.#timeouts.push({ name, milliseconds: guard.milliseconds });
      else throw new MisuseError(`guard ${name} is neither an offer on a channel nor a timeout`);
    }
    if (this.#offers.length === 0 && this.#timeouts.length === 0)
      throw new MisuseError('a choice between no guards would wait for ever');
    if (priority) this.#warnOfStarvation();
    this.#rotation = priority || process === null ? { last: -1 } : rotationOf(process, key, this.#names.length);
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Suspension, unknown> {
    if (this.state === DONE) {
      this.state = IDLE;
      return this.#result;
    }
    if (this.state === IDLE) {
      const network = this.#network;
      if (network === null) return { done: false, value: this };
      if (network.current === null)
        throw new MisuseError('a choice is performed with yield* in a process of its network, or with await');
      if (this.#attempt(network.current)) {
        if ((this.state as State) === HELD) return PARKED;
        return network.schedule === null ? this.#result : this.#step(network.current);
      }
      this.#park();
      return PARKED;
    }
    if (this.state === FAILED) {
      this.state = IDLE;
      throw this.#error;
    }
    // Waiting: only a report resumes it, unless another process performs the same choice.
    if (this.#network!.current !== this.#process)
      throw new MisuseError(`a choice in which process ${this.#process?.name} waits was performed by another`);
    this.origin = new Error();
    return PARKED;
  }

  /** A choice between timeouts only learns its network from the trampoline. */
  begin(process: Process): void {
    this.#network = process.network;
    this.#process = process;
    this.#park();
  }

  // biome-ignore lint/suspicious/noThenProperty: see `Operation`.
  then(resolve: (value: unknown) => unknown, reject: (error: unknown) => unknown): void {
    const network = this.#network;
    if (network === null)
      return void reject(new MisuseError('await delay() of the process, not a choice between timeouts only'));
    if (this.state !== IDLE) return void reject(new MisuseError('a choice that is still waiting was performed again'));
    const process = network.outside();
    try {
      const done = this.#attempt(process);
      if (done && (this.state as State) !== HELD) resolve(this.#result.value);
      else {
        this.settle = { resolve, reject };
        if (!done) this.#park();
        process.block(this);
      }
    } catch (error) {
      reject(error);
    }
    network.stir();
  }

  /** Called by a channel that has matched `offer` and set its result. */
  fire(offer: Offer): void {
    this.withdraw();
    this.#rotation.last = offer.index;
    this.#finish(this.#names[offer.index]!, receivedBy(offer));
  }

  get isWaiting(): boolean {
    return this.state === WAITING;
  }

  /** Called by a channel that a guard is registered with, when it has something to receive. */
  notify(offer: Offer): void {
    this.#registration?.notify(offer);
  }

  /** From now on its guards wait in queues, at once if it is waiting. */
  unregister(): void {
    if (this.#registration === null) return;
    this.#registration.remove();
    this.#registration = null;
    if (this.state === WAITING) this.#enqueue();
  }

  /** Called by a guard whose value has gone to the receiver of an extended rendezvous. */
  keep(offer: Offer): void {
    this.withdraw();
    this.#rotation.last = offer.index;
    this.#result.value = { guard: this.#names[offer.index]!, value: undefined };
    this.#held = offer;
    offer.state = HELD;
    this.state = HELD;
    this.#process!.waiting = this;
  }

  letGo(): void {
    this.#held!.state = IDLE;
    this.#held = null;
    this.state = DONE;
    this.#wake((settle) => settle.resolve(this.#result.value));
  }

  /** Called by a channel that was closed. */
  disable(offer: Offer): void {
    offer.withdraw();
    if (this.#timeouts.length > 0 || this.#offers.some((other) => other.state === WAITING)) return;
    this.fail(new ClosedError(this.#channels(), 'choose'));
  }

  fail(error: unknown): void {
    this.withdraw();
    this.state = FAILED;
    this.#error = error;
    this.#wake((settle) => settle.reject(error));
  }

  withdraw(): void {
    if (this.#held !== null) {
      this.#held.state = IDLE;
      this.#held = null;
      this.state = IDLE;
    }
    if (this.state !== WAITING) return;
    if (this.#registration === null) for (const offer of this.#offers) offer.withdraw();
    for (const timer of this.#timers) this.#network!.timers.cancel(timer);
    this.#timers.length = 0;
    this.#unlisten?.();
    this.#unlisten = null;
    this.state = IDLE;
  }

  get bounded(): boolean {
    return this.#timers.length > 0 || this.#unlisten !== null;
  }

  ends(): readonly End[] {
    return this.#offers
      .filter((offer) => this.#registration !== null || offer.state === WAITING || offer.state === HELD)
      .flatMap((offer) => offer.ends());
  }

  /** Behind a guard that can always fire, none ever does. */
  #warnOfStarvation(): void {
    const always = this.#offers.find((offer) => offer.port!.neverWaits(offer));
    if (always === undefined) return;
    const behind = [
      ...this.#offers.filter((offer) => offer.index > always.index).map((offer) => this.#names[offer.index]!),
      ...this.#timeouts.map(({ name }) => name),
    ];
    const first = this.#names[always.index]!;
    for (const guard of behind)
      this.#network!.warn({
        kind: 'starvation',
        process: always.process.name,
        guard,
        message: `process ${always.process.name}: guard ${guard} never fires, since ${first}, to send on ${always.port!.name}, always can and has priority; use choice, or write ${guard} first`,
      });
  }

  #adopt(name: string, guard: Offer): void {
    if (guard.state !== ISSUED || guard.choice !== null)
      throw new MisuseError(`guard ${name} has been performed, or is a guard of another choice`);
    let offer = guard;
    // The process's own offer is only lent: it must be free for the next operation.
    if (guard.process.offer === guard) {
      offer = new Offer(guard.process);
      offer.port = guard.port;
      offer.sending = guard.sending;
      offer.value = guard.value;
      offer.options = guard.options;
    }
    guard.state = IDLE;
    if (offer.options !== null) {
      if (offer.options.timeout !== undefined || offer.options.signal !== undefined)
        throw new MisuseError(`guard ${name} has a timeout or signal of its own: give them to the choice`);
    }
    offer.choice = this;
    offer.index = this.#names.length - 1;
    this.#network ??= offer.port!.network;
    if (offer.port!.network !== this.#network)
      throw new MisuseError(`guard ${name} is on a channel of another network`);
    this.origin ??= offer.origin;
    this.#offers.push(offer);
  }

  /** Looks for a guard that can fire at this moment, and fires it. */
  #attempt(process: Process): boolean {
    if (this.#signal?.aborted === true) throw new WithdrawnError(this.#channels(), this.#signal.reason);
    if (this.#registration !== null) {
      if (process === this.#process) return this.#takeRegistered(this.#registration);
      this.unregister();
    }
    this.#process = process;
    const offers = this.#offers;
    const count = offers.length;
    let open = this.#timeouts.length;
    let at = this.#priority ? 0 : this.#first(process);
    for (let tried = 0; tried < count; tried++) {
      const offer = offers[at]!;
      const port = offer.port!;
      offer.process = process;
      if (!port.exhausted(offer)) {
        open++;
        if (offer.sending ? port.put(offer) : port.take(offer)) {
          this.#rotation.last = offer.index;
          this.#result.value = { guard: this.#names[offer.index]!, value: receivedBy(offer) };
          return true;
        }
      }
      if (++at === count) at = 0;
    }
    if (open === 0) throw new ClosedError(this.#channels(), 'choose');
    return false;
  }

  #takeRegistered(registration: Registration): boolean {
    const offer = registration.take(this.#rotation.last + 1);
    if (offer === null) return false;
    this.#rotation.last = offer.index;
    this.#result.value = { guard: this.#names[offer.index]!, value: offer.value };
    return true;
  }

  /** It has happened; whoever goes on from here is for the schedule to say. */
  #step(process: Process): IteratorResult<Suspension, unknown> {
    this.state = DONE;
    process.network.ready(process);
    return PARKED;
  }

  /** The place among the offers where the search begins: behind the guard that fired last, or at the ready one that the schedule wants. */
  #first(process: Process): number {
    const { schedule } = process.network;
    if (schedule !== null && schedule.choices !== 'fair') {
      const ready: number[] = [];
      this.#offers.forEach((offer, at) => {
        offer.process = process;
        if (offer.port!.possible(offer)) ready.push(at);
      });
      return ready.length === 0 ? 0 : ready[schedule.below(ready.length)]!;
    }
    const { last } = this.#rotation;
    // Nothing left out up to there: places are indices.
    if (this.#offers[last]?.index === last) return last + 1 === this.#offers.length ? 0 : last + 1;
    return Math.max(
      0,
      this.#offers.findIndex((offer) => offer.index > last),
    );
  }

  #park(): void {
    const network = this.#network!;
    this.state = WAITING;
    this.#process!.waiting = this;
    if (this.#registration === null && !this.#register(network)) this.#enqueue();
    for (const { name, milliseconds } of this.#timeouts)
      this.#timers.push(
        network.at(milliseconds, TIMEOUT, () => {
          this.withdraw();
          this.#finish(name, undefined);
        }),
      );
    const signal = this.#signal;
    if (signal === undefined) return;
    const abort = () => this.fail(new WithdrawnError(this.#channels(), signal.reason));
    signal.addEventListener('abort', abort);
    this.#unlisten = () => signal.removeEventListener('abort', abort);
  }

  #enqueue(): void {
    try {
      for (const offer of this.#offers) {
        const port = offer.port!;
        if (port.exhausted(offer)) continue;
        port.enqueue(offer);
        offer.state = WAITING;
      }
    } catch (error) {
      this.withdraw();
      throw error;
    }
  }

  /** A choice that waits a second time is kept: its guards stay, where that is possible. */
  #register(network: Network): boolean {
    if (++this.#waits !== 2 || this.#priority || network.schedule !== null) return false;
    this.#registration = Registration.of(this.#offers);
    this.#process!.whenOver(() => this.unregister());
    return this.#registration !== null;
  }

  #finish(guard: string, value: unknown): void {
    this.state = DONE;
    this.#result.value = { guard, value };
    this.#wake((settle) => settle.resolve(this.#result.value));
  }

  #wake(answer: (settle: Settle) => void): void {
    const { settle } = this;
    const process = this.#process!;
    this.settle = null;
    if (settle === null) process.network.ready(process);
    else {
      this.state = IDLE;
      process.unblock(this);
      answer(settle);
    }
  }

  #channels(): string {
    return [...new Set(this.#offers.map((offer) => offer.port!.name))].join(', ');
  }
}

/** A guard keeps what it sends, and the name it performs an event by: the choice may offer it again. */
function receivedBy(offer: Offer): unknown {
  return offer.kind === 'receive' ? offer.value : undefined;
}

/** Choices that a process writes anew are remembered up to this number; then it starts afresh. */
const ROTATIONS_MAX = 64;

function rotationOf(process: Process, key: string, count: number): Rotation {
  const { rotations } = process;
  let rotation = rotations.get(key);
  if (rotation === undefined) {
    if (rotations.size >= ROTATIONS_MAX) rotations.clear();
    rotations.set(key, (rotation = { last: process.network.anyOf(count) - 1 }));
  }
  return rotation;
}
