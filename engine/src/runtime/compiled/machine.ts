/**
 * A run of a compiled process: one object that walks the linked table and meets others on the channels of a network.
 *
 * No generator, and no generated program text: in an experiment that took between 0.6 and 1.2 times as long, and it needs evaluation, which content security
 * policies forbid and nobody can review. Two of them that meet on a plain channel exchange the value directly (see `direct.ts`); with everything else it
 * performs the same offers as the other tiers, so all three meet on one channel. In steady state it allocates nothing, choices excepted. Where the
 * specification leaves the decision to the process, the seed decides. What it has reached is one state, so a snapshot is a number.
 */
import type { Channel } from '../channel.ts';
import { choice, type Guard, timeout } from '../choice.ts';
import { type DirectOffer, SHUT } from '../direct.ts';
import type { Enforcement } from '../enforcement.ts';
import { MisuseError } from '../errors.ts';
import type { Offer, OfferTerms } from '../offer.ts';
import {
  type End,
  IDLE,
  type Operation,
  PARKED,
  type State,
  type Suspension,
  WAITING,
  type Waiting,
} from '../operation.ts';
import type { Process } from '../process.ts';
import { Seeded } from '../seeded.ts';
import { type Action, actionAt, type Gate, type Program, type Step } from './program.ts';
import { CHOOSE, DRAW, END, RECEIVE, SEND, STOP } from './table.ts';

export interface RunOptions {
  /** For the decisions that the specification leaves to the process. Absent: 0. */
  readonly seed?: number;
  readonly enforcement?: Enforcement;
  /** Names received from senders that are not compiled: their events are enforced when they are received. Those of compiled senders are when sent. */
  readonly observes?: readonly string[];
  /** A state of an earlier run, to go on from. */
  readonly from?: number;
  /** Told of each state that is reached by an event. */
  readonly onState?: (state: number) => void;
}

type Performing = Iterator<Suspension, unknown, unknown>;
const ALONE = 'alone';

export class Machine implements Iterator<Suspension, void, unknown>, DirectOffer, Waiting {
  readonly process: Process;
  #step: Step;
  /** What happened while it waited directly; its next state follows when it is resumed. */
  #happened: Action | null = null;
  /** By number of wire: where it may meet others directly; null where only ordinary offers will do. */
  readonly #direct: readonly (Channel<unknown> | null)[];
  readonly #channels: readonly Channel<unknown>[];
  readonly #enforcement: Enforcement | null;
  readonly #onState: ((state: number) => void) | null;
  /** The ordinary offer or choice it waits in. */
  #pending: Performing | null = null;
  readonly #options: RunOptions;
  /** Made when first needed: most processes never decide anything, or offer a choice. */
  #chance: Seeded | null = null;
  #choices: Map<Step, Performing> | null = null;
  #terms: Map<Gate, OfferTerms> | null = null;

  constructor(
    process: Process,
    program: Program,
    from: number,
    channels: readonly Channel<unknown>[],
    options: RunOptions,
  ) {
    this.process = process;
    this.#step = program.steps[from]!;
    this.#channels = channels;
    this.#options = options;
    this.#enforcement = options.enforcement ?? null;
    this.#onState = options.onState ?? null;
    // Whoever explores schedules wants every operation to be a step of its own.
    const scheduled = process.network.schedule !== null;
    const ordinary = (wire: number) => scheduled || this.#observes(program.wires[wire]!);
    this.#direct = program.wires.some((_, wire) => ordinary(wire))
      ? channels.map((channel, wire) => (ordinary(wire) ? null : channel))
      : channels;
  }

  next(): IteratorResult<Suspension, void> {
    if (this.#happened !== null) {
      const action = this.#happened;
      this.#happened = null;
      this.#arrive(action);
    }
    for (;;) {
      const step = this.#step;
      if (step.kind < SEND) {
        if (step.kind === END) return { done: true, value: undefined };
        if (step.kind !== STOP) {
          this.#settle(step);
          continue;
        }
      } else if (step.kind !== CHOOSE && this.#pending === null) {
        const gate = step.gate!;
        const channel = this.#direct[gate.wire]!;
        if (channel !== null) {
          const other = channel.direct;
          if (other === null || (other === SHUT && channel.open())) {
            channel.direct = this;
            if (this.process.waiting !== this) this.process.waiting = this;
            return PARKED;
          }
          if (other === this) return PARKED; // Only a report resumes a process that waits.
          if (other !== SHUT) {
            if (step.kind === SEND) {
              if (!other.sending && other.receiveFrom(this)) {
                channel.met(this.process, other.process);
                this.#arrive(gate.only!);
                continue;
              }
            } else if (other.sending) {
              const action = actionAt(gate, other.value);
              if (action !== undefined && other.deliver()) {
                channel.met(other.process, this.process);
                other.goOn();
                this.#arrive(action);
                continue;
              }
            }
          }
        }
      }
      const parked = this.#offer(step);
      if (parked !== null) return parked;
    }
  }

  return(): IteratorResult<Suspension, void> {
    this.#pending = null;
    return { done: true, value: undefined };
  }

  // ── While it waits directly ───────────────────────────────────────────────────────────────────────────────────────

  get sending(): boolean {
    return this.#step.kind === SEND;
  }

  get value(): unknown {
    return this.#step.gate!.value;
  }

  deliver(): boolean {
    return this.#enforcement === null || this.#enforcement.admits(this.#step.gate!.only!.event, this.process);
  }

  receiveFrom(sender: DirectOffer): boolean {
    const action = actionAt(this.#step.gate!, sender.value);
    if (action === undefined || !sender.deliver()) return false;
    this.#happened = action;
    this.process.network.ready(this.process);
    return true;
  }

  goOn(): void {
    this.#happened = this.#step.gate!.only;
    this.process.network.ready(this.process);
  }

  enlist(): void {
    const gate = this.#step.gate!;
    const { offer } = this.process;
    offer.port = this.#channels[gate.wire]!;
    offer.sending = this.sending;
    offer.value = gate.value;
    offer.options = this.#termsOf(gate) ?? null;
    this.#pending = offer;
    offer.park();
  }

  get kind(): 'send' | 'receive' {
    return this.sending ? 'send' : 'receive';
  }

  get state(): State {
    return this.#waitsAt() === null ? IDLE : WAITING;
  }

  get bounded(): boolean {
    return false;
  }

  get origin(): Error | null {
    return this.process.offer.origin;
  }

  ends(): readonly End[] {
    return this.#enlisted().ends();
  }

  withdraw(): void {
    const channel = this.#waitsAt();
    if (channel !== null) channel.direct = null;
  }

  fail(error: unknown): void {
    this.#enlisted().fail(error);
  }

  #waitsAt(): Channel<unknown> | null {
    const { gate } = this.#step;
    if (gate === null) return null;
    const channel = this.#channels[gate.wire]!;
    return channel.direct === this ? channel : null;
  }

  #enlisted(): Offer {
    const channel = this.#waitsAt();
    if (channel !== null) {
      channel.direct = SHUT;
      this.enlist();
    }
    return this.process.offer;
  }

  // ── By ordinary offers ────────────────────────────────────────────────────────────────────────────────────────────

  /** Performs what the step offers. Null: that is done, or something else instead. */
  #offer(step: Step): IteratorResult<Suspension, void> | null {
    let performing = this.#pending;
    if (performing === null) {
      // What it performs alone is as likely as an offer; and when nobody takes the offer at this instant, it is performed all the same.
      if (step.kind === CHOOSE && step.alone.length > 0 && this.#random.chance(0.5)) {
        this.#performAlone(step);
        return null;
      }
      performing = this.#perform(step);
    }
    const result = performing.next();
    if (result.done !== true) {
      this.#pending = performing;
      return result as IteratorResult<Suspension, void>;
    }
    this.#pending = null;
    const action = this.#actionOf(step, result.value);
    if (action === null) this.#performAlone(step);
    else this.#arrive(action);
    return null;
  }

  #perform(step: Step): Performing {
    const { network } = this.process;
    // STOP waits for ever on a channel that nobody else has: it is part of every deadlock, and of its report.
    if (step.kind === STOP) return performingOf(network.channel<unknown>('STOP').receive());
    if (step.kind === CHOOSE) return this.#choiceAt(step);
    const gate = step.gate!;
    const channel = this.#channels[gate.wire]!;
    const terms = this.#termsOf(gate);
    return performingOf(step.kind === SEND ? channel.send(gate.value, terms) : channel.receive(terms));
  }

  /** Internal steps, and what is performed alone. */
  #settle(step: Step): void {
    if (step.kind === DRAW) this.#step = this.#draw(step.targets);
    else this.#performAlone(step);
  }

  #performAlone({ alone }: Step): void {
    const action = this.#random.pick(alone);
    this.#enforcement?.perform(action.event, this.process);
    this.#arrive(action);
  }

  /** Null: nobody took the offer, and there is something to do alone. */
  #actionOf(step: Step, value: unknown): Action | null {
    if (step.kind === SEND) return step.gate!.only!;
    if (step.kind === RECEIVE) return this.#received(step.gate!, value);
    const chosen = value as { readonly guard: string; readonly value: unknown };
    if (chosen.guard === ALONE) return null;
    const gate = step.gates[Number(chosen.guard)]!;
    return gate.port.sending ? gate.only! : this.#received(gate, chosen.value);
  }

  #received(gate: Gate, value: unknown): Action {
    const action = actionAt(gate, value);
    if (action === undefined)
      throw new MisuseError(`${gate.port.channel} carried ${String(value)}, which the process has no event for`);
    if (this.#observes(gate.port)) this.#enforcement?.perform(action.event);
    return action;
  }

  #arrive(action: Action): void {
    this.#step = action.next ?? this.#draw(action.targets);
    if (this.#onState !== null) this.#onState(this.#step.state);
  }

  #draw(targets: readonly Step[]): Step {
    return targets.length === 1 ? targets[0]! : targets[this.#random.below(targets.length)]!;
  }

  get #random(): Seeded {
    return (this.#chance ??= new Seeded(this.#options.seed ?? 0));
  }

  #observes({ sending, channel }: { readonly sending: boolean; readonly channel: string }): boolean {
    return !sending && this.#options.observes?.includes(channel) === true;
  }

  /** A send is enforced at the moment of delivery. */
  #termsOf(gate: Gate): OfferTerms | undefined {
    const enforcement = this.#enforcement;
    if (!gate.port.sending || enforcement === null) return gate.terms;
    this.#terms ??= new Map();
    let terms = this.#terms.get(gate);
    if (terms === undefined) {
      const { event } = gate.only!;
      this.#terms.set(gate, (terms = { commit: () => enforcement.perform(event, this.process) }));
    }
    return terms;
  }

  /** Made when first needed, and kept. */
  #choiceAt(step: Step): Performing {
    this.#choices ??= new Map();
    let kept = this.#choices.get(step);
    if (kept === undefined) this.#choices.set(step, (kept = this.#choiceOf(step)));
    return kept;
  }

  #choiceOf({ gates, alone }: Step): Performing {
    const guards: Record<string, Guard> = alone.length > 0 ? { [ALONE]: timeout(0) } : {};
    gates.forEach((gate, index) => {
      const channel = this.#channels[gate.wire]!;
      const terms = this.#termsOf(gate);
      guards[index] = gate.port.sending ? channel.send(gate.value, terms) : channel.receive(terms);
    });
    return choice(guards) as unknown as Performing;
  }
}

function performingOf(operation: Operation<unknown>): Performing {
  return operation[Symbol.iterator]();
}
