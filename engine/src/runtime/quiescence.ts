/**
 * The verdict on silence: nothing moves any more, and the protocol says who should have moved.
 *
 * A trace cannot tell this; a failure can. Whoever is at a point where the protocol settles on one of the sets `A₁, A₂, …` may refuse X only if some Aᵢ has nothing
 * of X; when everybody waits and nothing happens, everything is refused, so each Aᵢ must have an event that was, by somebody, wrongly refused. A role owes when
 * it was offered (all others who take part were ready) something of every Aᵢ: then it alone breaks the protocol, whatever the rest does. Otherwise those who refused
 * owe together. Roscoe, Understanding Concurrent Systems, section 6.1 (stable failures).
 *
 * A crash is nobody's duty: `crash.<role>` counts as the environment's.
 */
import { type EventId, type EventSet, TICK } from '../csp/index.ts';
import type { NodeId } from '../lts/index.ts';
import { someOf } from './in-words.ts';
import type { Monitor } from './monitor.ts';
import { crashEvent, ENVIRONMENT, type Roles } from './roles.ts';

/** What a role waits with. */
export interface Offered {
  /** Names of the events it offers to perform. */
  readonly performs: readonly string[];
  /** Whether it receives what others send to it. */
  readonly listens: boolean;
}

export interface Quiescence {
  /** Allowed: it may end or stop here, or nothing is known to be required. */
  readonly kind: 'allowed' | 'violation';
  /** Least sets of events; one of every set, at least, had to happen. */
  readonly required: readonly (readonly string[])[];
  /** The roles of which each alone should have moved, with the events it was offered. Empty when only several together are to blame. */
  readonly owing: readonly { readonly role: string; readonly events: readonly string[] }[];
  /** Who was not ready for what was required. */
  readonly refused: readonly { readonly event: string; readonly by: readonly string[] }[];
  /** In words. */
  readonly message: string;
}

const LISTENING: Offered = { performs: [], listens: true };

/** Least sets of which the process settles on offering one; none when it may end or stop here, or nothing is known. */
export function requiredAt(monitor: Monitor, node: NodeId): readonly EventSet[] {
  const acceptances = monitor.acceptances(node);
  return acceptances.some((set) => set.length === 0 || set.includes(TICK)) ? [] : acceptances;
}

/** Judges that nothing moves while the monitor is at `node`. */
export function quiescenceAt({
  monitor,
  node,
  roles,
  offers = () => LISTENING,
}: {
  readonly monitor: Monitor;
  readonly node: NodeId;
  readonly roles: Roles;
  readonly offers?: (role: string) => Offered;
}): Quiescence {
  const acceptances = requiredAt(monitor, node);
  if (acceptances.length === 0)
    return { kind: 'allowed', required: [], owing: [], refused: [], message: 'it may end or stop here' };

  const nameOf = (event: EventId): string => monitor.alphabet.nameOf(event);
  const missing = new Map<EventId, readonly string[]>();
  for (const event of new Set(acceptances.flat())) {
    const role = roles.performerOf(event) ?? ENVIRONMENT;
    const performer = nameOf(event) === crashEvent(role) ? ENVIRONMENT : role;
    const away = roles.receiversOf(event).filter((role) => !offers(role).listens);
    if (!offers(performer).performs.includes(nameOf(event))) away.unshift(performer);
    missing.set(event, away);
  }
  const owes = (role: string): Quiescence['owing'] => {
    const isOffered = (event: EventId): boolean => {
      const away = missing.get(event)!;
      return away.length > 0 && away.every((other) => other === role);
    };
    if (!acceptances.every((set) => set.some(isOffered))) return [];
    return [{ role, events: [...missing.keys()].filter(isOffered).map(nameOf) }];
  };
  const ofRoles = roles.names.flatMap(owes);
  const owing = ofRoles.length > 0 ? ofRoles : owes(ENVIRONMENT);
  const refused = [...missing].map(([event, by]) => ({ event: nameOf(event), by }));
  return {
    kind: 'violation',
    required: acceptances.map((set) => set.map(nameOf)),
    owing,
    refused,
    message: inWords(owing, refused),
  };
}

function inWords(owing: Quiescence['owing'], refused: Quiescence['refused']): string {
  if (owing.length > 0) return owing.map(({ role, events }) => `${role} must accept ${oneOf(events)}`).join('; or ');
  const whom = [...new Set(refused.flatMap(({ by }) => by))].join(', ');
  return `one of ${whom} must move: ${oneOf(refused.map(({ event }) => event))} has to happen`;
}

function oneOf(events: readonly string[]): string {
  return events.length === 1 ? events[0]! : `one of ${someOf(events)}`;
}
