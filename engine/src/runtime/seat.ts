/**
 * A seat: what an agent that runs as a process of a network may do in its conversation.
 *
 * A message is delivered by rendezvous: the performer waits until the receiver listens, then the session checks the event, and only when it is
 * accepted does the receiver have the message. An event performed alone is checked at once, and the other seats get a notice of it.
 */
import type { Channel } from './channel.ts';
import { choice, priority, timeout } from './choice.ts';
import type { Conversation } from './converse.ts';
import type { Suspension } from './operation.ts';
import type { Process } from './process.ts';
import type { Attempt, SessionStatus } from './session.ts';

export interface Message {
  /** The whole name: `offer.buyer.seller.3`. */
  readonly event: string;
  readonly channel: string;
  readonly from: string;
  /** Undefined for a notice: `from` has done this alone. */
  readonly to: string | undefined;
  /** What follows channel and roles: `['3']`. */
  readonly payload: readonly string[];
}

export type Step =
  | { readonly kind: 'performed'; readonly event: string }
  | { readonly kind: 'received'; readonly message: Message }
  | { readonly kind: 'timeout' };

/** The protocol does not allow the event; nothing was delivered. */
export class RefusedError extends Error {
  readonly attempt: Extract<Attempt, { kind: 'refused' }>;
  constructor(attempt: Extract<Attempt, { kind: 'refused' }>) {
    super(attempt.message);
    this.name = 'RefusedError';
    this.attempt = attempt;
  }
}

/** The conversation has ended while the agent waited. An agent that does not catch it has simply finished. */
export class OverError extends Error {
  readonly status: SessionStatus;
  constructor(status: SessionStatus) {
    super(`the conversation is over: ${status}`);
    this.name = 'OverError';
    this.status = status;
  }
}

export type Speaking<R> = Generator<Suspension, R, unknown>;

export class Seat {
  readonly role: string;
  readonly #conversation: Conversation;
  readonly #process: Process;
  readonly #inbox: Channel<Message>;
  readonly #notices: Channel<Message>;

  constructor(
    conversation: Conversation,
    role: string,
    process: Process,
    channels: { readonly inbox: Channel<Message>; readonly notices: Channel<Message> },
  ) {
    this.#conversation = conversation;
    this.role = role;
    this.#process = process;
    this.#inbox = channels.inbox;
    this.#notices = channels.notices;
  }

  /** Names of the events this role may perform now. */
  may(): readonly string[] {
    return this.#conversation.session.may(this.role);
  }

  get status(): SessionStatus {
    return this.#conversation.session.status;
  }

  now(): number {
    return this.#process.now();
  }

  *sleep(milliseconds: number): Speaking<void> {
    yield* this.#conversation.pass(this.role);
    yield* this.#process.delay(milliseconds);
  }

  /** Neither speaks nor listens until the conversation is over. */
  *nothing(): Speaking<never> {
    this.#over();
    yield* this.#process.network.channel<never>(`nothing, for ${this.role}`).receive();
    throw new OverError(this.status);
  }

  /**
   * Performs an event: returns when it has been accepted and delivered.
   *
   * @throws RefusedError when the protocol does not allow it, also when that only becomes so while the receiver does not listen; not where it is only observed
   * @throws TimeoutError when the receiver did not listen in time; then the event has not happened
   */
  *perform(event: string, options: { readonly timeout?: number } = {}): Speaking<void> {
    yield* this.#conversation.pass(this.role);
    const inbox = this.#conversation.inboxFor(this.role, event);
    const commit = (): void => this.#conversation.commit(this.role, event);
    try {
      if (inbox === undefined) {
        commit();
        yield* this.#process.pause(); // Whoever performs by himself for ever must not keep the others from it.
      } else {
        this.#conversation.waitsWith(this.role, event);
        yield* inbox.send(messageOf(event, this.role), { ...options, commit });
      }
    } catch (error) {
      this.#conversation.failed(this.role, error);
      if (inbox === undefined) yield* this.#process.pause();
      throw error;
    } finally {
      this.#conversation.waitsWith(this.role, undefined);
    }
    this.#conversation.happened(this.role, event);
  }

  /**
   * The next message or notice for this role; undefined when none came within `timeout` milliseconds. Notices come first. What others say to each
   * other is not told, even when it makes this role's turn: where that can be, look at `may` after a timeout.
   *
   * @throws OverError when the conversation ends
   */
  await(): Speaking<Message>;
  await(options: { readonly timeout: number }): Speaking<Message | undefined>;
  *await(options: { readonly timeout?: number } = {}): Speaking<Message | undefined> {
    yield* this.#conversation.pass(this.role);
    this.#over();
    const chosen = yield* priority({
      notice: this.#notices.receive(),
      message: this.#inbox.receive(),
      late: options.timeout !== undefined && timeout(options.timeout),
    });
    return chosen.guard === 'late' ? undefined : chosen.value;
  }

  /**
   * Offers to perform any of `perform`, and to listen; whichever comes first happens. For protocols in which two roles may speak at the same time.
   * The events need receivers: what one performs alone never has to wait.
   */
  *choose(options: { readonly perform: readonly string[]; readonly timeout?: number }): Speaking<Step> {
    yield* this.#conversation.pass(this.role);
    this.#over();
    const guards: Record<
      string,
      ReturnType<typeof timeout> | ReturnType<Channel<Message>['receive'] | Channel<Message>['send']>
    > = {
      'a notice': this.#notices.receive(),
      'a message': this.#inbox.receive(),
    };
    let chosen: { readonly guard: string; readonly value: unknown };
    try {
      for (const event of options.perform) {
        const inbox = this.#conversation.inboxFor(this.role, event);
        if (inbox === undefined) this.#conversation.refuseUnlessPossible(this.role, event);
        else
          guards[event] = inbox.send(messageOf(event, this.role), {
            commit: () => this.#conversation.commit(this.role, event),
          });
      }
      if (options.timeout !== undefined) guards['a timeout'] = timeout(options.timeout);
      this.#conversation.offers(this.role, options.perform);
      chosen = yield* choice(guards);
    } catch (error) {
      this.#conversation.failed(this.role, error);
      throw error;
    } finally {
      this.#conversation.offers(this.role, []);
    }
    if (chosen.guard === 'a timeout') return { kind: 'timeout' };
    if (chosen.value !== undefined) return { kind: 'received', message: chosen.value as Message };
    this.#conversation.happened(this.role, chosen.guard);
    return { kind: 'performed', event: chosen.guard };
  }

  #over(): void {
    const { status } = this;
    if (status !== 'running') throw new OverError(status);
  }
}

export function messageOf(event: string, from: string, alone = false): Message {
  const [channel = '', , to, ...payload] = event.split('.');
  return alone
    ? { event, channel, from, to: undefined, payload: event.split('.').slice(2) }
    : { event, channel, from, to, payload };
}
