/**
 * Networks that take the place of others: what is left and right of `;`, `/\`, `[|A|>`, and what a choice or a prefix leads to.
 *
 * A place in a network holds one format at a time: a sequential process or a composition, with components of its own. When control passes on, the
 * components of the old format fall asleep, all of them, and those of the new one wake up in the states that it begins with. So each format keeps small, packed
 * components, and the rules stay rules: a component that wakes or falls asleep takes part by an event that every state of it offers.
 *
 *   format    of P                     passes on                        to
 *   P ; Q     those of P               by P's tick, seen as tau         Q
 *   P [|A|> Q those of P               by P's events of A               Q
 *   P /\ Q    those of P, and Q's taus by what is visible of Q          what it leads to
 *   else      a sequential process     by a step to a composition       that composition
 *
 * A process met again, or a later state of one, is the format that is there already: a loop through such operators is a loop of formats. A recursion that nests is
 * not compilable. Roscoe, Understanding Concurrent Systems, section 8.6, where a supercombinator switches its format.
 *
 * First the formats are found (`discovery.ts`), then they become components and rules (`assembly.ts`).
 */
import { type Process, type Terms, transitions } from '../../csp/index.ts';
import { LimitReached, type Limits } from '../lts.ts';
import { Watch } from '../watch.ts';
import { Assembly, type Switching } from './assembly.ts';
import { isNetwork } from './composition.ts';
import { Discovery } from './discovery.ts';

/** What has no more states than this is one component, whatever is inside. */
const WHOLE_STATE_MAX = 2_000;

/**
 * The network of `process` with its formats; undefined where one would gain nothing: no sequential process in it is large, or none becomes a network.
 * Throws `NotCompilable`, and `LimitReached`.
 */
export function switching(
  terms: Terms,
  process: Process,
  leaves: readonly Process[],
  limits: Limits & { readonly wholeStateMax?: number },
): Switching | undefined {
  const watch = new Watch(limits.stopped === undefined ? {} : { stopped: limits.stopped }, 'compile');
  const wholeStateMax = limits.wholeStateMax ?? WHOLE_STATE_MAX;
  if (!leaves.some((leaf) => outgrows(terms, leaf, wholeStateMax, watch))) return undefined;
  const root = new Discovery(terms, limits, wholeStateMax, watch).of(process);
  return root && new Assembly(root).network();
}

/** Whether `process` has more states than one component should, some of them networks. */
function outgrows(terms: Terms, process: Process, stateCountMax: number, watch: Watch): boolean {
  const found = new Set([process]);
  let splits = isNetwork(process);
  try {
    for (const state of found) {
      for (const { target } of transitions(terms, state, watch.spend)) {
        if (found.has(target)) continue;
        found.add(target);
        splits ||= isNetwork(target);
      }
      if (found.size > stateCountMax && splits) return true;
      if (found.size > WHOLE_STATE_MAX) return false;
    }
  } catch (fault) {
    if (fault instanceof LimitReached) throw fault;
    // What cannot be evaluated is left to the exploration.
  }
  return false;
}
