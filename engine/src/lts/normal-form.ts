/**
 * The normal form of a process: deterministic, without tau, each node labelled with what may be refused there.
 *
 * It is the specification side of refinement, the table of the monitor, and the oracle of an audit.
 * Roscoe, Understanding Concurrent Systems, section 8.4 and chapter 16.
 */
import { type Alphabet, type EventId, type EventSet, eventSet, TICK } from '../csp/index.ts';

/** A node of the normal form; dense from 0. */
export type NodeId = number;
/** No transition: the event is refused there by every trace of the process. */
export const REFUSED = -1;

export interface NormalForm {
  readonly alphabet: Alphabet;
  readonly initial: NodeId;
  readonly nodeCount: number;
  /** The node after `event` (`TICK` included), or `REFUSED`. */
  after(node: NodeId, event: EventId): NodeId;
  /** The events (`TICK` included) possible at a node, in increasing order. */
  initials(node: NodeId): EventSet;
  /** Minimal acceptances: the process may settle on offering exactly one of these. Empty for a node with no stable state. */
  acceptances(node: NodeId): readonly EventSet[];
  /** Whether the process may diverge after a trace that leads here. */
  divergent(node: NodeId): boolean;
  /** Whether all that may follow `small` may follow `large`: it is a subset of the same states. Only where the states of a node are known. */
  includes?(large: NodeId, small: NodeId): boolean;
  /** Whether there are more nodes by now than states they are made of. */
  readonly hasExploded?: boolean;
}

/** A normal form that can also be asked what is left of a node once something was seen to be refused there. */
export interface RefusalForm extends NormalForm {
  /**
   * The states of `node` that are stable, do not offer tick, and refuse all of `refused` (sorted), or `REFUSED` when there is none. Again a node:
   * what comes after it comes after that refusal.
   */
  refusing(node: NodeId, refused: EventSet): NodeId;
  /** The least of the acceptances at `node` that have `event`, whatever smaller ones there are without it. */
  acceptancesWith(node: NodeId, event: EventId): readonly EventSet[];
}

/** The visible events that some trace of the process has. */
export function visibleEvents(form: NormalForm): EventSet {
  const events = new Set<EventId>();
  for (let node = 0; node < form.nodeCount; node++) for (const event of form.initials(node)) events.add(event);
  events.delete(TICK);
  return eventSet(events);
}

/** Whether every event of `small` is in `large`; both sorted. */
export function isSubset(small: EventSet, large: EventSet): boolean {
  let at = 0;
  for (const event of small) {
    while (at < large.length && large[at]! < event) at++;
    if (large[at] !== event) return false;
  }
  return true;
}
