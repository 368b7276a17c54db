/**
 * What a durable process sees: operations that are written down when they have happened, and answered from the journal when the process is run again.
 *
 * The operations are counted. While there is an outcome for the next one, it is the answer, and nobody else notices; from there on it is performed.
 */
import { choice, type Guard, type Timeout } from '../choice.ts';
import { UnlawfulEventError } from '../enforcement.ts';
import { MisuseError, TimeoutError } from '../errors.ts';
import { type Operation, WAITING, type Waiting } from '../operation.ts';
import { sourceLineOf } from '../source-line.ts';
import { type DurableChannel, type Envelope, type Taker, Taking } from './channel.ts';
import { EffectError, NonDeterminismError } from './errors.ts';
import { describeOutcome, type History, type Outcome } from './history.ts';
import type { Deed, Entry, Place } from './journal.ts';
import { jsonOf, sameJson } from './json.ts';
import { DurableOperation, type Plan } from './operation.ts';

export interface DurableReceiveOptions<T> {
  /** Milliseconds on the clock of the network; counted anew after a recovery. Not in a guard: there a choice has a timeout. */
  readonly timeout?: number;
  /** Receives only a value for which it is true. */
  readonly filter?: (value: T) => boolean;
}

/** A guard; what is falsy is left out. */
export type DurableGuard = DurableOperation<unknown> | Timeout | false | null | undefined;
type ValueOf<G> = G extends DurableOperation<infer T> ? T : G extends Timeout ? undefined : never;
export type DurablyChosen<G> = {
  [K in keyof G & string]: { readonly guard: K; readonly value: ValueOf<G[K]> };
}[keyof G & string];

/** What a process needs of its network. */
export interface Recorder {
  readonly name: string;
  /** @throws when nothing can be written any more */
  check(): void;
  write(entry: Entry, changes?: readonly unknown[]): void;
  sent(channel: string, sender: Place, output: string | undefined, value: unknown, taker: Taker): void;
  taken(channel: string, envelope: Envelope, taking: Taking): void;
  /** When too much is unwritten: what to wait for. */
  crowded(): Operation<void> | null;
  settled(): Operation<void>;
  awaited<T>(begin: () => Promise<T>): Operation<T>;
  delay(milliseconds: number): Operation<void>;
  stop(): Operation<never>;
  now(): number;
  random(process: string): number;
}

export class DurableProcess {
  readonly name: string;
  readonly #recorder: Recorder;
  readonly #codeVersion: string;
  #version: string;
  #offer: number;
  readonly #base: number;
  /** Null: what is performed is new. */
  #outcomes: readonly (Outcome | undefined)[] | null;
  #performing = false;
  #live: Waiting | null = null;

  constructor(recorder: Recorder, name: string, codeVersion: string, history: History | undefined) {
    this.#recorder = recorder;
    this.name = name;
    this.#codeVersion = codeVersion;
    this.#version = history?.version ?? codeVersion;
    this.#base = history?.base ?? 0;
    this.#offer = this.#base;
    this.#outcomes = history === undefined || history.outcomes.length === 0 ? null : history.outcomes;
  }

  /** The version of the code that began it, or reached its last checkpoint: code that accepts older ones decides by it. */
  get version(): string {
    return this.#version;
  }

  /** Whether its operations are answered from the journal still. */
  get replaying(): boolean {
    return this.#outcomes !== null;
  }

  /** Operations so far. */
  get operations(): number {
    return this.#offer;
  }

  /**
   * Offers to receive; completes with the value.
   *
   * @throws TimeoutError
   * @example
   * const order = yield* self.receive(orders); // in an async process: await
   */
  receive<T>(channel: DurableChannel<T>, options: DurableReceiveOptions<T> = {}): DurableOperation<T> {
    const { timeout, filter } = options as DurableReceiveOptions<unknown>;
    const plan = function* (self: DurableProcess): Plan<T> {
      const { offer, outcome } = yield* self.#next();
      if (outcome !== undefined) {
        if (outcome.action === 'timeout' && outcome.guard === undefined && timeout !== undefined)
          throw new TimeoutError(channel.name, timeout);
        if (outcome.action !== 'receive' || outcome.channel !== channel.name || outcome.guard !== undefined)
          throw self.#diverges(offer, outcome, `to receive on ${channel.name}`);
        return outcome.value as T;
      }
      const taking = new Taking([self.name, offer], {
        ...(timeout !== undefined && { timeout }),
        ...(filter && { filter }),
      });
      try {
        const envelope = yield* self.#performed(channel.wire.receive(taking));
        self.#recorder.taken(channel.name, envelope, taking);
        return jsonOf(envelope.value) as T; // What the process does to it must not reach the journal.
      } catch (error) {
        if (error instanceof TimeoutError) self.#record(offer, 'timeout');
        throw error;
      }
    };
    return this.#operation(plan, { action: 'receive', channel, ...(filter && { filter }) });
  }

  /**
   * Offers `value`, which must be JSON; completes when it is received, or has its place in the buffer.
   *
   * @throws UnlawfulEventError when the specification of the network does not go on with it at the moment of delivery: it has not been sent. A choice
   *   throws it for a guard.
   */
  send<T>(channel: DurableChannel<T>, value: T): DurableOperation<void> {
    const plan = function* (self: DurableProcess): Plan<void> {
      const { offer, outcome } = yield* self.#next();
      if (outcome !== undefined) {
        const same =
          outcome.action === 'send' &&
          outcome.channel === channel.name &&
          outcome.guard === undefined &&
          sameJson(outcome.value, jsonOf(value));
        if (!same) throw self.#diverges(offer, outcome, `to send ${JSON.stringify(value)} on ${channel.name}`);
        refuseAgain(outcome);
        return;
      }
      yield* self.#performed(self.#sending(offer, channel, value));
    };
    return this.#operation(plan, { action: 'send', channel, value });
  }

  /**
   * Fair choice between offers and a timeout: exactly one happens, and which is written down.
   *
   * @example
   * const chosen = yield* self.choice({ order: self.receive(orders), late: timeout(1000) });
   */
  choice<G extends Readonly<Record<string, DurableGuard>>>(guards: G): DurableOperation<DurablyChosen<G>> {
    const plan = function* (self: DurableProcess): Plan<{ readonly guard: string; readonly value: unknown }> {
      const { offer, outcome } = yield* self.#next();
      if (outcome !== undefined) return self.#choseBefore(offer, outcome, guards);
      const takings = new Map<string, Taking>();
      const raw: Record<string, Guard> = {};
      for (const [name, guard] of Object.entries(guards)) {
        if (!guard) continue;
        if (!(guard instanceof DurableOperation)) raw[name] = guard;
        else if (guard.offered === null) throw new MisuseError(`guard ${name} is no offer on a channel, nor a timeout`);
        else if (guard.offered.action === 'send')
          raw[name] = self.#sending(offer, guard.offered.channel, guard.offered.value, name);
        else {
          const { channel, filter } = guard.offered;
          const taking = new Taking([self.name, offer], { guard: name, ...(filter && { filter }) });
          takings.set(name, taking);
          raw[name] = channel.wire.receive(taking);
        }
      }
      const chosen = yield* self.#performed(choice(raw));
      const guard = guards[chosen.guard];
      if (!(guard instanceof DurableOperation)) {
        self.#record(offer, 'timeout', { guard: chosen.guard });
        return { guard: chosen.guard, value: undefined };
      }
      const taking = takings.get(chosen.guard);
      if (taking === undefined) return { guard: chosen.guard, value: undefined };
      const envelope = chosen.value as Envelope;
      self.#recorder.taken(guard.offered!.channel.name, envelope, taking);
      return { guard: chosen.guard, value: jsonOf(envelope.value) };
    };
    return this.#operation(plan) as unknown as DurableOperation<DurablyChosen<G>>;
  }

  /** Sleeps. The time at which it ends is written down first: a crash does not make it longer. */
  delay(milliseconds: number): DurableOperation<void> {
    if (!(milliseconds >= 0)) throw new RangeError(`process ${this.name} cannot sleep for ${milliseconds} ms`);
    const plan = function* (self: DurableProcess): Plan<void> {
      const begun = yield* self.#next();
      let until = self.#told(begun, 'timer') as number | undefined;
      if (until === undefined)
        self.#record(begun.offer, 'timer', { value: (until = self.#recorder.now() + milliseconds) });
      const ended = yield* self.#next();
      if (ended.outcome !== undefined) {
        self.#told(ended, 'sleep');
        return;
      }
      yield* self.#performed(self.#recorder.delay(Math.max(0, until - self.#recorder.now())));
      self.#record(ended.offer, 'sleep');
    };
    return this.#operation(plan);
  }

  /** Milliseconds on the clock of the network; the same again on replay. */
  now(): DurableOperation<number> {
    return this.#draw('now', () => this.#recorder.now());
  }

  /** From 0 up to 1; the same again on replay. */
  random(): DurableOperation<number> {
    return this.#draw('random', () => this.#recorder.random(this.name));
  }

  /**
   * Work outside, such as a payment or the call of a model: begun when everything before it is durable, and not begun again once its result is.
   * A crash in between begins it once more with the same key, so whoever does the work does it once by that key.
   *
   * @throws EffectError when the work fails
   * @example
   * const receipt = yield* self.effect((key) => bank.charge(order, { idempotencyKey: key }));
   */
  effect<T>(perform: (key: string) => Promise<T> | T): DurableOperation<T> {
    const plan = function* (self: DurableProcess): Plan<T> {
      const next = yield* self.#next();
      const { offer, outcome } = next;
      if (outcome !== undefined) {
        const value = self.#told(next, 'effect');
        if ('error' in outcome && outcome.error !== undefined) throw new EffectError(self.name, offer, outcome.error);
        return value as T;
      }
      const recorder = self.#recorder;
      yield* self.#performed(recorder.settled());
      let value: T;
      try {
        const work = async () => jsonOf(await perform(`${recorder.name}/${self.name}/${offer}`));
        value = yield* self.#performed(recorder.awaited(work));
      } catch (cause) {
        recorder.check(); // Fenced in between: that is no outcome of the work.
        const reason = cause instanceof Error ? cause.message : String(cause);
        self.#record(offer, 'effect', { error: reason });
        throw new EffectError(self.name, offer, reason, { cause });
      }
      self.#record(offer, 'effect', { value });
      return jsonOf(value);
    };
    return this.#operation(plan);
  }

  /**
   * Changes beside the journal, in the terms of its keeper: written in one transaction with the mark that they are, and so exactly once. They must be
   * unconditional; one that conflicts ends the incarnation.
   */
  write(...changes: readonly unknown[]): DurableOperation<void> {
    const plan = function* (self: DurableProcess): Plan<void> {
      const next = yield* self.#next();
      if (next.outcome !== undefined) self.#told(next, 'write');
      else self.#record(next.offer, 'write', {}, changes);
    };
    return this.#operation(plan);
  }

  /** A state, JSON, from which the process can go on: a recovery calls its body with it, and replays only what came after. */
  checkpoint(state: unknown): DurableOperation<void> {
    const plan = function* (self: DurableProcess): Plan<void> {
      // Behind a checkpoint there is nothing to replay: reached while replaying, it is one that the code has moved or added.
      if (self.replaying) return;
      self.#recorder.check();
      const crowded = self.#recorder.crowded();
      if (crowded !== null) yield* self.#performed(crowded);
      self.#version = self.#codeVersion;
      const { name: process, operations: offer, version } = self;
      self.#recorder.write({ kind: 'checkpoint', process, offer, version, state: jsonOf(state) });
    };
    return this.#operation(plan);
  }

  /** STOP: waits for ever, and is part of every deadlock. */
  stop(): DurableOperation<never> {
    const plan = function* (self: DurableProcess): Plan<never> {
      return yield* self.#performed(self.#recorder.stop());
    };
    return this.#operation(plan);
  }

  // ── For the network ───────────────────────────────────────────────────────────────────────────────────────────────

  /** Ends what it waits in. */
  interrupt(error: unknown): void {
    if (this.#live?.state === WAITING) this.#live.fail(error); // Else it has happened, and the next one is refused.
  }

  #operation<T>(
    plan: (self: DurableProcess) => Plan<T>,
    offered: ConstructorParameters<typeof DurableOperation>[1] = null,
  ) {
    const guarded = function* (self: DurableProcess): Plan<T> {
      if (self.#performing)
        throw new MisuseError(
          `process ${self.name} is performing an operation; a durable process does one at a time: use choice`,
        );
      self.#performing = true;
      try {
        return yield* plan(self);
      } finally {
        self.#performing = false;
      }
    };
    return new DurableOperation<T>(() => guarded(this), offered as never);
  }

  *#next(): Plan<{ readonly offer: number; readonly outcome: Outcome | undefined }> {
    this.#recorder.check();
    if (this.#outcomes === null) {
      const crowded = this.#recorder.crowded();
      if (crowded !== null) yield* this.#performed(crowded);
    }
    const offer = ++this.#offer;
    const at = offer - this.#base - 1;
    const outcome = this.#outcomes?.[at];
    if (this.#outcomes !== null && at + 1 >= this.#outcomes.length) this.#outcomes = null;
    return { offer, outcome };
  }

  *#performed<T>(operation: Operation<T>): Plan<T> {
    this.#live = operation as unknown as Waiting;
    try {
      return (yield operation) as T;
    } finally {
      this.#live = null;
    }
  }

  #sending(offer: number, channel: DurableChannel<unknown>, given: unknown, guard?: string): Operation<void> {
    const value = jsonOf(given);
    const sender: Place = [this.name, offer];
    const commit = (taker: Taker): void => this.#recorder.sent(channel.name, sender, guard, value, taker);
    return channel.wire.send({ sender, value }, { commit });
  }

  #draw(action: 'now' | 'random', draw: () => number): DurableOperation<number> {
    const plan = function* (self: DurableProcess): Plan<number> {
      const next = yield* self.#next();
      if (next.outcome !== undefined) return self.#told(next, action) as number;
      const value = draw();
      self.#record(next.offer, action, { value });
      return value;
    };
    return this.#operation(plan);
  }

  #record(
    offer: number,
    action: Deed,
    more: { readonly guard?: string; readonly value?: unknown; readonly error?: string } = {},
    changes?: readonly unknown[],
  ): void {
    const { value, ...rest } = more;
    const told = value === undefined ? rest : { ...rest, value };
    this.#recorder.write({ kind: 'performed', process: this.name, offer, action, ...told }, changes);
  }

  /** The value of what it did alone, if it was this. */
  #told({ offer, outcome }: { readonly offer: number; readonly outcome: Outcome | undefined }, action: Deed): unknown {
    if (outcome === undefined) return undefined;
    if (outcome.action !== action || outcome.guard !== undefined) throw this.#diverges(offer, outcome, action);
    return outcome.value;
  }

  #choseBefore(
    offer: number,
    outcome: Outcome,
    guards: Readonly<Record<string, DurableGuard>>,
  ): { readonly guard: string; readonly value: unknown } {
    const guard = outcome.guard === undefined ? undefined : guards[outcome.guard];
    const asked = `to choose between ${Object.keys(guards).join(', ')}`;
    if (!guard || outcome.guard === undefined) throw this.#diverges(offer, outcome, asked);
    const offered = guard instanceof DurableOperation ? guard.offered : null;
    const fits =
      offered === null
        ? outcome.action === 'timeout' && !(guard instanceof DurableOperation)
        : outcome.action === offered.action &&
          'channel' in outcome &&
          outcome.channel === offered.channel.name &&
          (offered.action === 'receive' || sameJson(outcome.value, jsonOf(offered.value)));
    if (!fits) throw this.#diverges(offer, outcome, asked);
    refuseAgain(outcome);
    return { guard: outcome.guard, value: outcome.action === 'receive' ? outcome.value : undefined };
  }

  #diverges(offer: number, outcome: Outcome, asked: string): NonDeterminismError {
    return new NonDeterminismError(this.name, offer, describeOutcome(outcome), asked, sourceLineOf(new Error()));
  }
}

/** What was refused is so again, in the same words, whatever the specification would say now. */
function refuseAgain(outcome: Outcome): void {
  if ('channel' in outcome && outcome.refused !== undefined)
    throw new UnlawfulEventError(outcome.refused.event, outcome.refused.reason);
}
