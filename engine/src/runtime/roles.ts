/**
 * Who performs and who receives an event, read from its name.
 *
 * - `channel.from.to.payload…`: `from` performs it, `to` receives it;
 * - `channel.role…`: `role` performs it alone (a timeout, a crash);
 * - no role in the first field: the environment performs it.
 *
 * Only the first two fields name roles: what follows is payload, also when it reads like a role.
 */
import type { Alphabet, EventId } from '../csp/index.ts';

/** Performer of the events that name no role. */
export const ENVIRONMENT = 'environment';

export interface Roles {
  readonly names: readonly string[];
  /** Undefined: the environment. */
  performerOf(event: EventId): string | undefined;
  receiversOf(event: EventId): readonly string[];
  /** The same for a name that no event need have: who a message is addressed to. */
  addresseesOf(name: string): readonly string[];
  /** Whether `role`, which may be the environment, performs or receives the event. */
  takesPart(role: string, event: EventId): boolean;
}

interface Parts {
  readonly performer: string | undefined;
  readonly receivers: readonly string[];
}

const NOBODY: readonly string[] = [];

/**
 * Derives performer and receivers of each event of `alphabet`.
 *
 * @example
 * const roles = rolesOf(alphabet, ['buyer', 'seller']);
 * roles.performerOf(alphabet.intern('offer.buyer.seller.3')); // 'buyer'
 */
export function rolesOf(alphabet: Alphabet, names: readonly string[]): Roles {
  if (names.includes(ENVIRONMENT))
    throw new RangeError(`no role can be called ${ENVIRONMENT}: it performs what nobody else does`);
  const known = new Set(names);
  if (known.size !== names.length) throw new RangeError(`two roles have the same name: ${names.join(', ')}`);
  const parts: Parts[] = [];

  const read = (name: string): Parts => {
    const [, from, to] = name.split('.');
    const performer = from !== undefined && known.has(from) ? from : undefined;
    const received = performer !== undefined && to !== undefined && to !== from && known.has(to);
    return { performer, receivers: received ? [to] : NOBODY };
  };
  const partsOf = (event: EventId): Parts => (parts[event] ??= read(alphabet.nameOf(event)));

  return {
    names: [...names],
    performerOf: (event) => partsOf(event).performer,
    receiversOf: (event) => partsOf(event).receivers,
    addresseesOf: (name) => read(name).receivers,
    takesPart: (role, event) => {
      const { performer = ENVIRONMENT, receivers } = partsOf(event);
      return performer === role || receivers.includes(role);
    },
  };
}

/** The event by which a protocol speaks of a crash: `crash.buyer`. */
export function crashEvent(role: string): string {
  return `crash.${role}`;
}
