/**
 * A session: one running conversation, enforced.
 *
 * Every attempt to perform an event goes through `attempt` and is answered before anything is delivered: accepted, and the conversation has
 * moved on; or refused, and it has not. In-process agents and remote ones use the same door. Synchronous, without clock or I/O.
 */
import { type EventId, TICK } from '../csp/index.ts';
import { type NodeId, REFUSED } from '../lts/index.ts';
import type { Monitor } from './monitor.ts';
import { ENVIRONMENT, type Roles } from './roles.ts';

export type RefusalReason =
  | 'unknown event' // no trace of the protocol has it
  | 'not yours' // another role performs it
  | 'not now' // out of turn
  | 'over' // the conversation has ended
  | 'crashed'; // the role has crashed or is in quarantine

export type Attempt =
  | { readonly kind: 'accepted'; readonly role: string; readonly event: string; readonly sequence: number }
  | {
      readonly kind: 'refused';
      readonly role: string;
      readonly event: string;
      readonly sequence: number;
      readonly reason: RefusalReason;
      /** In words: what came, what was expected, and from whom. */
      readonly message: string;
      /** Names of the events this role may perform now. */
      readonly expected: readonly string[];
    };

export type SessionStatus =
  | 'running'
  | 'terminated'
  /** No event is possible, and the end was not reached: a deadlock of the protocol. */
  | 'stuck';

export interface SessionOptions {
  readonly monitor: Monitor;
  readonly roles: Roles;
  /** Sees every attempt in order, accepted or refused, before `attempt` returns. What it throws, `attempt` throws. */
  readonly record?: (attempt: Attempt) => void;
}

/**
 * @example
 * const session = new Session({ monitor, roles: rolesOf(monitor.alphabet, ['buyer', 'seller']) });
 * session.attempt('buyer', 'offer.buyer.seller.3'); // { kind: 'accepted', … }
 * session.attempt('buyer', 'accept.seller.buyer');  // { kind: 'refused', reason: 'not yours', … }
 */
export class Session {
  readonly #monitor: Monitor;
  readonly #roles: Roles;
  readonly #record: ((attempt: Attempt) => void) | undefined;
  readonly #trace: string[] = [];
  /** Roles that may perform nothing any more, and why. */
  readonly #out = new Map<string, string>();
  #node: NodeId;
  #sequence = 0;

  constructor(options: SessionOptions) {
    this.#monitor = options.monitor;
    this.#roles = options.roles;
    this.#record = options.record;
    this.#node = options.monitor.initial;
  }

  /** Attempts to perform an event on behalf of `role`, which may be `environment`. Sequence numbers count all attempts from 1. */
  attempt(role: string, eventName: string): Attempt {
    const event = this.#monitor.alphabet.find(eventName);
    const refusal = this.#refusal(role, event, eventName);
    const sequence = this.#sequence + 1;
    const attempt: Attempt =
      refusal === undefined
        ? { kind: 'accepted', role, event: eventName, sequence }
        : { kind: 'refused', role, event: eventName, sequence, ...refusal, expected: this.may(role) };
    // The record comes first: an attempt that could not be recorded has not happened.
    this.#record?.(attempt);
    this.#sequence = sequence;
    if (refusal === undefined) {
      this.#node = this.#monitor.step(this.#node, event!);
      this.#trace.push(eventName);
      if (eventName === crashEvent(role)) this.#out.set(role, 'crashed');
    }
    return attempt;
  }

  /**
   * Takes a role out of the conversation: it performs `crash.<role>` if the protocol has that event and allows it now, and whatever it attempts
   * later is refused. The answer is that attempt, or undefined when the protocol does not speak of the crash.
   */
  crash(role: string, why = 'crashed'): Attempt | undefined {
    if (!this.#roles.names.includes(role))
      throw new RangeError(`this conversation has no role ${role}; its roles are ${this.#roles.names.join(', ')}`);
    if (this.#out.has(role)) return undefined;
    const event = this.#monitor.alphabet.find(crashEvent(role));
    const possible = event !== undefined && this.#monitor.step(this.#node, event) !== REFUSED;
    const attempt = possible ? this.attempt(role, crashEvent(role)) : undefined;
    this.#out.set(role, why);
    return attempt;
  }

  /** Names of the events `role` may perform now. */
  may(role: string): readonly string[] {
    if (this.#out.has(role)) return [];
    const { alphabet } = this.#monitor;
    const own: string[] = [];
    for (const event of this.#monitor.expected(this.#node))
      if (this.#performerOf(event) === role) own.push(alphabet.nameOf(event));
    return own;
  }

  /** Everything that is possible now, and who performs it. */
  expected(): readonly { readonly event: string; readonly role: string }[] {
    return this.#monitor
      .expected(this.#node)
      .map((event) => ({ event: this.#monitor.alphabet.nameOf(event), role: this.#performerOf(event) }));
  }

  /** Whether the event could be performed now by the role it belongs to. Attempts nothing. */
  possible(eventName: string): boolean {
    const event = this.#monitor.alphabet.find(eventName);
    return (
      event !== undefined &&
      this.#monitor.step(this.#node, event) !== REFUSED &&
      !this.#out.has(this.#performerOf(event))
    );
  }

  /** Who receives the event; nobody for an event performed alone. */
  receiversOf(eventName: string): readonly string[] {
    const event = this.#monitor.alphabet.find(eventName);
    return event === undefined ? [] : this.#roles.receiversOf(event);
  }

  /** The roles that have crashed or are in quarantine. */
  get crashed(): readonly string[] {
    return [...this.#out.keys()];
  }

  get status(): SessionStatus {
    if (this.#monitor.terminated(this.#node)) return 'terminated';
    return this.#monitor.expected(this.#node).length > 0 ? 'running' : 'stuck';
  }

  /** Whether the conversation may end here, although it might also go on. */
  get mayEnd(): boolean {
    return this.#monitor.step(this.#node, TICK) !== REFUSED;
  }

  /** Accepted events, in order. */
  get trace(): readonly string[] {
    return this.#trace;
  }

  /** The node of the monitor the conversation has reached. */
  get node(): NodeId {
    return this.#node;
  }

  get roleNames(): readonly string[] {
    return this.#roles.names;
  }

  #refusal(
    role: string,
    event: EventId | undefined,
    name: string,
  ): { reason: RefusalReason; message: string } | undefined {
    const out = this.#out.get(role);
    if (out !== undefined)
      return {
        reason: 'crashed',
        message: `${role} is out of the conversation (${out}) and performs nothing any more`,
      };
    if (event === undefined || !this.#monitor.knows(event))
      return { reason: 'unknown event', message: `no trace of this protocol has ${name}${this.#hint(role)}` };
    const performer = this.#performerOf(event);
    if (role !== ENVIRONMENT && !this.#roles.names.includes(role))
      return {
        reason: 'not yours',
        message: `${name} is performed by ${performer}, and ${role} has no part in this conversation`,
      };
    if (performer !== role)
      return {
        reason: 'not yours',
        message: `${name} is performed by ${performer}, not by ${role}${this.#hint(role)}`,
      };
    const { status } = this;
    if (status === 'terminated')
      return { reason: 'over', message: `the conversation is over: ${name} comes after its end` };
    if (status === 'stuck')
      return { reason: 'over', message: `the conversation is stuck: neither ${name} nor any other event can follow` };
    if (this.#monitor.step(this.#node, event) === REFUSED)
      return { reason: 'not now', message: `${role} may not perform ${name} now${this.#hint(role)}` };
    return undefined;
  }

  #hint(role: string): string {
    const own = this.may(role);
    if (own.length > 0) return `; it may perform ${brief(own)}`;
    const others = this.expected().filter((possible) => possible.role !== role && !this.#out.has(possible.role));
    if (others.length === 0) return '; nobody may perform anything';
    return `; it is the turn of ${[...new Set(others.map((possible) => possible.role))].join(', ')} (${brief(others.map((possible) => possible.event))})`;
  }

  #performerOf(event: EventId): string {
    return this.#roles.performerOf(event) ?? ENVIRONMENT;
  }
}

/** The event by which a protocol speaks of a crash: `crash.buyer`. */
export function crashEvent(role: string): string {
  return `crash.${role}`;
}

function brief(names: readonly string[]): string {
  return names.length > 6 ? `${names.slice(0, 6).join(', ')} or ${names.length - 6} others` : names.join(', ');
}
