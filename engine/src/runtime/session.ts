/**
 * A session: one running conversation, enforced.
 *
 * Every attempt to perform an event goes through `attempt` and is answered before anything is delivered: accepted, and the conversation has
 * moved on; or refused, and it has not. In-process agents and remote ones use the same door. Synchronous, without clock or I/O.
 *
 * What the protocol does not allow is, by mode, delivered all the same and only told (`observe`: the conversation stays where the protocol has it), refused
 * (`block`), or refused and, when it is the role's own fault, its last act (`quarantine`).
 */
import { type EventId, TAU, TICK } from '../csp/index.ts';
import { type NodeId, REFUSED } from '../lts/index.ts';
import { someOf } from './in-words.ts';
import type { Monitor } from './monitor.ts';
import { type Offered, type Quiescence, quiescenceAt } from './quiescence.ts';
import { crashEvent, ENVIRONMENT, type Roles } from './roles.ts';

export type RefusalReason =
  | 'unknown event' // no trace of the protocol has it
  | 'not yours' // another role performs it
  | 'not now' // out of turn
  | 'over' // the conversation has ended
  | 'crashed'; // the role has crashed or is in quarantine

/** What happens to an event that the protocol does not allow. */
export type Mode = 'observe' | 'block' | 'quarantine';

export type Attempt =
  | { readonly kind: 'accepted'; readonly role: string; readonly event: string; readonly sequence: number }
  | (Unlawful & {
      readonly kind: 'refused';
      /** The role is out of the conversation because of it, and what the protocol then had it perform, if anything. */
      readonly quarantine?: { readonly crash?: string };
    })
  /** Delivered, although the protocol does not allow it: `observe`. */
  | (Unlawful & { readonly kind: 'unlawful' });

interface Unlawful {
  readonly role: string;
  readonly event: string;
  readonly sequence: number;
  readonly reason: RefusalReason;
  /** In words: what came, what was expected, and from whom. */
  readonly message: string;
  /** Names of the events this role may perform now. */
  readonly expected: readonly string[];
}

export type SessionStatus =
  | 'running'
  | 'terminated'
  /** No event is possible, and the end was not reached: a deadlock of the protocol. */
  | 'stuck';

export interface SessionOptions {
  readonly monitor: Monitor;
  readonly roles: Roles;
  /** Sees every attempt in order, whatever came of it, before `attempt` returns. What it throws, `attempt` throws. */
  readonly record?: (attempt: Attempt) => void;
  /** Absent: `block`. */
  readonly mode?: Mode;
  /** The monitor of each role by itself; see `localMonitors`. Needed in quarantine, which must not punish whoever has lost a race. */
  readonly local?: Readonly<Record<string, Monitor>>;
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
  readonly mode: Mode;
  readonly #places: readonly Place[];
  #node: NodeId;
  #sequence = 0;

  /** @throws RangeError when a role has no local monitor, in quarantine */
  constructor({ monitor, roles, record, mode = 'block', local = {} }: SessionOptions) {
    this.#monitor = monitor;
    this.#roles = roles;
    this.#record = record;
    this.mode = mode;
    this.#node = monitor.initial;
    this.#places = mode === 'quarantine' ? roles.names.map((role) => placeOf(role, local[role])) : [];
  }

  /** Attempts to perform an event on behalf of `role`, which may be `environment`. Sequence numbers count all attempts from 1. */
  attempt(role: string, eventName: string): Attempt {
    const found = this.#monitor.alphabet.find(eventName);
    const event = found === TAU || found === TICK ? undefined : found;
    const wrong = this.#wrong(role, event, eventName);
    const attempt = this.#judged(role, event, eventName, wrong);
    // The record comes first: an attempt that could not be recorded has not happened.
    this.#record?.(attempt);
    this.#sequence = attempt.sequence;
    if (attempt.kind === 'accepted') this.#follow(role, event!, eventName);
    else if (attempt.kind === 'refused' && attempt.quarantine !== undefined)
      this.crash(role, `in quarantine since ${eventName}`);
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
    try {
      return this.#canCrash(role) ? this.attempt(role, crashEvent(role)) : undefined;
    } finally {
      this.#out.set(role, why);
    }
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

  /** Everything that is possible now, and who performs it: not what only a role could that is out. */
  expected(): readonly { readonly event: string; readonly role: string }[] {
    return this.#monitor
      .expected(this.#node)
      .map((event) => ({ event: this.#monitor.alphabet.nameOf(event), role: this.#performerOf(event) }))
      .filter(({ role }) => !this.#out.has(role));
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

  /** Who receives the event, also one that the protocol has never heard of; nobody for an event performed alone. */
  receiversOf(eventName: string): readonly string[] {
    return this.#roles.addresseesOf(eventName);
  }

  /** The roles that have crashed or are in quarantine. */
  get crashed(): readonly string[] {
    return [...this.#out.keys()];
  }

  /**
   * What to say when nothing moves any more: who should have moved. `offers`: what each role waits with; absent, as of roles elsewhere, of which nobody can
   * tell more than that they have not performed anything: they listen.
   */
  quiescence(offers?: (role: string) => Offered): Quiescence {
    return quiescenceAt({ monitor: this.#monitor, node: this.#node, roles: this.#roles, ...(offers && { offers }) });
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

  #judged(role: string, event: EventId | undefined, name: string, wrong: Wrong | undefined): Attempt {
    const about = { role, event: name, sequence: this.#sequence + 1 };
    if (wrong === undefined) return { kind: 'accepted', ...about };
    const unlawful = { ...about, ...wrong, expected: this.may(role) };
    if (this.mode === 'observe') return { kind: 'unlawful', ...unlawful };
    if (this.mode === 'block' || !this.#atFault(role, event, wrong.reason)) return { kind: 'refused', ...unlawful };
    return { kind: 'refused', ...unlawful, quarantine: this.#canCrash(role) ? { crash: crashEvent(role) } : {} };
  }

  /** Moves on, after an event that was accepted. */
  #follow(role: string, event: EventId, name: string): void {
    this.#node = this.#monitor.step(this.#node, event);
    this.#trace.push(name);
    for (const place of this.#places) {
      if (!this.#roles.takesPart(place.role, event)) continue;
      place.node = place.monitor.step(place.node, event);
      if (place.role === role) place.since.clear();
      place.since.add(place.node);
    }
    if (name === crashEvent(role)) this.#out.set(role, 'crashed');
  }

  /** Whether the role could know that the event is not possible, even if it has not read yet what was sent to it. */
  #atFault(role: string, event: EventId | undefined, reason: RefusalReason): boolean {
    const place = this.#places.find((one) => one.role === role);
    if (place === undefined || reason === 'crashed' || this.status !== 'running') return false;
    return reason !== 'not now' || [...place.since].every((node) => place.monitor.step(node, event!) === REFUSED);
  }

  #canCrash(role: string): boolean {
    const event = this.#monitor.alphabet.find(crashEvent(role));
    return event !== undefined && this.#monitor.step(this.#node, event) !== REFUSED;
  }

  #wrong(role: string, event: EventId | undefined, name: string): Wrong | undefined {
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
    if (own.length > 0) return `; it may perform ${someOf(own)}`;
    const others = this.expected().filter((possible) => possible.role !== role);
    if (others.length === 0) return '; nobody may perform anything';
    return `; it is the turn of ${[...new Set(others.map((possible) => possible.role))].join(', ')} (${someOf(others.map((possible) => possible.event))})`;
  }

  #performerOf(event: EventId): string {
    return this.#roles.performerOf(event) ?? ENVIRONMENT;
  }
}

interface Wrong {
  readonly reason: RefusalReason;
  readonly message: string;
}

/** Where a role is, by itself. */
interface Place {
  readonly role: string;
  readonly monitor: Monitor;
  node: NodeId;
  /** Where it was since it last performed something: as far as it may have read. */
  readonly since: Set<NodeId>;
}

function placeOf(role: string, monitor: Monitor | undefined): Place {
  if (monitor === undefined) throw new RangeError(`quarantine needs the local monitor of ${role}: see localMonitors`);
  return { role, monitor, node: monitor.initial, since: new Set([monitor.initial]) };
}
