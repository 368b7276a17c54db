/**
 * A conversation between agents that run as processes of one network.
 *
 * An agent that throws has crashed, and one that is put in quarantine counts as crashed: it performs the crash event of the protocol if there is one, is out,
 * and the others go on. The seat of an agent that is gone still takes delivery, since what the protocol lets others say to it they may say.
 */
import { type Channel, sliding } from './channel.ts';
import type { Faults } from './faults.ts';
import { Network, type Outcome } from './network.ts';
import type { Body } from './operation.ts';
import type { Process } from './process.ts';
import type { Offered, Quiescence } from './quiescence.ts';
import { ENVIRONMENT } from './roles.ts';
import { type Message, messageOf, OverError, RefusedError, Seat, type Speaking } from './seat.ts';
import { type Attempt, Session, type SessionOptions } from './session.ts';

/** An agent program: a generator function over its seat. */
export type Agent = (seat: Seat) => Speaking<unknown>;

export type AgentEnd =
  | { readonly kind: 'talking' }
  | { readonly kind: 'done'; readonly result: unknown }
  | { readonly kind: 'crashed'; readonly error: unknown };

export interface ConversationOptions {
  readonly session: Session;
  readonly network: Network;
  /** One agent for each role; `environment` may have one too. */
  readonly agents: Readonly<Record<string, Agent>>;
  readonly faults?: Faults;
}

/** What the seats ask of their conversation. */
export interface Conversation {
  readonly session: Session;
  /** How each agent stands. */
  readonly ends: Readonly<Record<string, AgentEnd>>;
  /** Ends the conversation where the protocol may end, for the agents that still wait. */
  finish(): void;
  pass(role: string): Speaking<void>;
  inboxFor(role: string, event: string): Channel<Message> | undefined;
  /** Says that this one event is all that the role waits for; undefined: it does not wait any more. */
  waitsWith(role: string, event: string | undefined): void;
  /** Says which events the role offers among others. */
  offers(role: string, events: readonly string[]): void;
  /** When nothing moves any more: who should have moved. */
  quiescence(): Quiescence;
  /** What came of an attempt was an error, and its agent knows: a quarantine is told to the others. */
  failed(role: string, error: unknown): void;
  commit(role: string, event: string): void;
  refuseUnlessPossible(role: string, event: string): void;
  happened(role: string, event: string): void;
}

/**
 * Seats the agents: each becomes a process of `network`, which the caller runs.
 *
 * @throws RangeError when a role has no agent, or an agent no role
 */
export function converse(options: ConversationOptions): Conversation {
  return new Table(options);
}

/** Number of notices a seat remembers while its agent does not listen; the oldest are lost first. */
const NOTICES_MAX = 64;

/** A crash that was injected by a fault plan. */
export class InjectedCrash extends Error {
  constructor(role: string) {
    super(`the fault plan crashes ${role} here`);
    this.name = 'InjectedCrash';
  }
}

class Table implements Conversation {
  readonly session: Session;
  readonly ends: Record<string, AgentEnd> = {};
  readonly #network: Network;
  readonly #faults: Faults | undefined;
  readonly #processes = new Map<string, Process>();
  readonly #inboxes = new Map<string, Channel<Message>>();
  readonly #notices = new Map<string, Channel<Message>>();
  /** The event each waiting performer waits to deliver. */
  readonly #pending = new Map<string, string>();
  /** The events that each performer in a choice offers. */
  readonly #offered = new Map<string, readonly string[]>();
  readonly #steps = new Map<string, number>();

  constructor({ session, network, agents, faults }: ConversationOptions) {
    this.session = session;
    this.#network = network;
    this.#faults = faults;
    for (const role of session.roleNames)
      if (agents[role] === undefined) throw new RangeError(`role ${role} has no agent`);
    for (const role of Object.keys(agents)) {
      if (role !== ENVIRONMENT && !session.roleNames.includes(role))
        throw new RangeError(`there is an agent for ${role}, which is no role of this conversation`);
      this.#inboxes.set(role, network.channel<Message>(`messages to ${role}`));
      this.#notices.set(role, network.channel<Message>(`notices to ${role}`, { buffer: sliding(NOTICES_MAX) }));
      this.ends[role] = { kind: 'talking' };
    }
    for (const [role, agent] of Object.entries(agents))
      this.#processes.set(role, network.spawn(role, this.#sit(role, agent)));
  }

  #sit(role: string, agent: Agent): Body<unknown> {
    const table = this;
    return function* (self) {
      const inbox = table.#inboxes.get(role)!;
      const notices = table.#notices.get(role)!;
      try {
        const result = yield* agent(new Seat(table, role, self, { inbox, notices }));
        if (table.ends[role]!.kind === 'talking') table.ends[role] = { kind: 'done', result };
      } catch (error) {
        const left = error instanceof OverError || (error instanceof RefusedError && error.attempt.reason === 'over');
        if (left && table.ends[role]!.kind === 'talking') table.ends[role] = { kind: 'done', result: undefined };
        else table.#crash(role, error);
      }
      table.#network.spawn(`the empty seat of ${role}`, taking(inbox), { service: true });
    };
  }

  #crash(role: string, error: unknown): void {
    if (this.ends[role]!.kind === 'crashed') return; // In quarantine already.
    this.ends[role] = { kind: 'crashed', error };
    if (role === ENVIRONMENT) return;
    const attempt = this.session.crash(role, error instanceof Error ? error.message : String(error));
    if (attempt?.kind === 'accepted') this.happened(role, attempt.event);
    else this.#settle();
  }

  finish(): void {
    for (const process of this.#processes.values()) this.#network.interrupt(process, new OverError('terminated'));
  }

  /** What happens to an agent before each step it takes. */
  *pass(role: string): Speaking<void> {
    const end = this.ends[role]!;
    if (end.kind === 'crashed') throw end.error;
    if (this.#faults === undefined) return;
    const step = (this.#steps.get(role) ?? 0) + 1;
    this.#steps.set(role, step);
    const fault = this.#faults.before(role, step);
    if (fault?.kind === 'crash') throw new InjectedCrash(role);
    if (fault?.kind === 'delay') yield* this.#processes.get(role)!.delay(fault.milliseconds);
  }

  /** Where the event has to be delivered. Undefined when it is performed alone, or will be refused anyway. */
  inboxFor(role: string, event: string): Channel<Message> | undefined {
    if (this.session.mode !== 'observe' && !this.session.may(role).includes(event)) return undefined;
    const [receiver] = this.session.receiversOf(event);
    // Where it is only observed, somebody may speak to himself in another name.
    return receiver === undefined || receiver === role ? undefined : this.#inboxes.get(receiver);
  }

  waitsWith(role: string, event: string | undefined): void {
    if (event === undefined) this.#pending.delete(role);
    else this.#pending.set(role, event);
  }

  offers(role: string, events: readonly string[]): void {
    this.#offered.set(role, events);
  }

  quiescence(): Quiescence {
    return this.session.quiescence((role) => this.#offerOf(role));
  }

  #offerOf(role: string): Offered {
    const process = this.#processes.get(role);
    // The seat of whoever is gone takes delivery.
    if (process === undefined || process.isOver) return { performs: [], listens: true };
    const pending = this.#pending.get(role);
    const inbox = this.#inboxes.get(role)!.name;
    const ends = process.waiting?.ends() ?? [];
    return {
      performs: pending === undefined ? (this.#offered.get(role) ?? []) : [pending],
      listens: ends.some(({ action, channel }) => action === 'receive' && channel === inbox),
    };
  }

  commit(role: string, event: string): void {
    const attempt: Attempt = this.session.attempt(role, event);
    if (attempt.kind === 'refused') throw new RefusedError(attempt);
    this.#pending.delete(role); // It has happened, although its performer does not know yet.
  }

  failed(role: string, error: unknown): void {
    if (!(error instanceof RefusedError) || error.attempt.quarantine === undefined) return;
    this.ends[role] = { kind: 'crashed', error };
    const { crash } = error.attempt.quarantine;
    if (crash === undefined) this.#settle();
    else this.happened(role, crash);
  }

  refuseUnlessPossible(role: string, event: string): void {
    if (this.session.mode === 'observe' || this.session.may(role).includes(event))
      throw new RangeError(`${event} has no receiver: perform it`);
    this.commit(role, event);
  }

  happened(role: string, event: string): void {
    if (this.session.receiversOf(event).length === 0)
      for (const [other, notices] of this.#notices)
        if (other !== role && this.ends[other]!.kind === 'talking') notices.trySend(messageOf(event, role, true));
    this.#settle();
  }

  /** After each change: who waits for what has become impossible is told, and when nothing is possible any more everybody is. */
  #settle(): void {
    const { status } = this.session;
    for (const [role, process] of this.#processes) {
      const pending = this.#pending.get(role);
      if (pending !== undefined && this.session.mode !== 'observe' && !this.session.possible(pending)) {
        const attempt = this.session.attempt(role, pending);
        if (attempt.kind === 'refused') this.#network.interrupt(process, new RefusedError(attempt));
      } else if (status !== 'running') this.#network.interrupt(process, new OverError(status));
    }
  }
}

function taking(inbox: Channel<Message>): Body<never> {
  return function* () {
    for (;;) yield* inbox.receive();
  };
}

export interface Played {
  readonly session: Session;
  /** Every attempt, whatever came of it, in order. */
  readonly attempts: readonly Attempt[];
  readonly outcome: Outcome;
  /** Where it stopped although the protocol has not ended: who should have moved. */
  readonly quiescence?: Quiescence;
  readonly ends: Readonly<Record<string, AgentEnd>>;
  /** Virtual milliseconds it took. */
  readonly milliseconds: number;
}

/**
 * Plays a whole conversation at once, in virtual time. The same seed gives the same conversation.
 *
 * @example
 * const { session, attempts } = playSession({ monitor, roles, agents: { buyer, seller }, seed: 7 });
 * session.trace; // ['offer.buyer.seller.3', 'accept.seller.buyer']
 */
export function playSession(
  options: SessionOptions & {
    readonly agents: Readonly<Record<string, Agent>>;
    readonly seed?: number;
    readonly faults?: Faults;
    readonly stepsMax?: number;
  },
): Played {
  const attempts: Attempt[] = [];
  const session = new Session({
    ...options,
    record: (attempt) => {
      options.record?.(attempt);
      attempts.push(attempt);
    },
  });
  const network = new Network(options.seed === undefined ? {} : { seed: options.seed });
  const conversation = converse({
    session,
    network,
    agents: options.agents,
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  });
  const limits = { stepsMax: options.stepsMax ?? 1_000_000 };
  let outcome = network.run(limits);
  if (outcome.kind === 'deadlock' && session.mayEnd) {
    conversation.finish();
    outcome = network.run(limits);
  }
  const silent = outcome.kind === 'deadlock' && session.status === 'running';
  return {
    session,
    attempts,
    outcome,
    ...(silent && { quiescence: conversation.quiescence() }),
    ends: conversation.ends,
    milliseconds: network.now(),
  };
}
