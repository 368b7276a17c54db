/**
 * Local monitors: what each role may say and hear, by itself.
 *
 * A role's monitor is the projection of the conversation onto the events the role performs or receives. Where there is no global order of events, each place runs
 * its own and needs nobody else; together they admit every conversation of the protocol, and others too unless the protocol is realizable (`realizability`). Where
 * there is one, they tell a fault from a lost race: what is refused now, but was possible for all that its performer could know, is no fault of it.
 */
import { type Limits, type NormalForm, project } from '../lts/index.ts';
import { type Monitor, monitorOf } from './monitor.ts';
import type { Roles } from './roles.ts';

/**
 * The monitor of each role.
 *
 * @throws LimitReached when a role has more nodes than `stateCountMax`: a projection may be exponentially larger than the protocol
 * @example
 * const local = localMonitors(protocol.normalForm, protocol.roles);
 * const atSeller = new Session({ monitor: local.seller, roles }); // the seller's place checks what it sends and what reaches it
 * atSeller.attempt('buyer', 'offer.buyer.seller.3');
 */
export function localMonitors(form: NormalForm, roles: Roles, limits: Limits = {}): Readonly<Record<string, Monitor>> {
  return Object.fromEntries(
    roles.names.map((role) => [role, monitorOf(project(form, (event) => roles.takesPart(role, event), limits))]),
  );
}
