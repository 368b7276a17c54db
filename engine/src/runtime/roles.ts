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
  const parts: { performer: string | undefined; receivers: readonly string[] }[] = [];

  const partsOf = (event: EventId) => {
    let found = parts[event];
    if (found === undefined) {
      const [, from, to] = alphabet.nameOf(event).split('.');
      const performer = from !== undefined && known.has(from) ? from : undefined;
      const received = performer !== undefined && to !== undefined && to !== from && known.has(to);
      parts[event] = found = { performer, receivers: received ? [to] : NOBODY };
    }
    return found;
  };

  return {
    names: [...names],
    performerOf: (event) => partsOf(event).performer,
    receiversOf: (event) => partsOf(event).receivers,
  };
}
