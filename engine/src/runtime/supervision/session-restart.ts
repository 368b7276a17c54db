/**
 * Which processes may be restarted together without anybody else noticing.
 *
 * A process that is restarted alone meets partners in the middle of their protocol. Restarting a group from its beginning is invisible to the others
 * exactly when the group shares no event with them: then every trace of the others is as before. So the smallest closed groups are the connected
 * components of "shares an event", and every closed group is a union of them.
 */
import {
  contains,
  type EventId,
  type EventSet,
  eventSet,
  type Process,
  TAU,
  type Terms,
  TICK,
} from '../../csp/index.ts';
import { compile, type StateId, Transitions } from '../../lts/index.ts';

export interface Participant {
  readonly name: string;
  readonly alphabet: EventSet;
}

export type Closure =
  | { readonly kind: 'closed' }
  /** `inside` would begin anew in the middle of what it has begun with `outside`. */
  | { readonly kind: 'open'; readonly event: EventId; readonly inside: string; readonly outside: string };

/**
 * Whether a group is closed under restart, with an event and two processes that show it when it is not.
 *
 * @throws RangeError for a name that no participant has
 */
export function closureOf(participants: readonly Participant[], group: readonly string[]): Closure {
  const unknown = group.find((name) => !participants.some((participant) => participant.name === name));
  if (unknown !== undefined) throw new RangeError(`nobody is called ${unknown}`);
  const outsiders = participants.filter(({ name }) => !group.includes(name));
  for (const { name: inside, alphabet } of participants.filter(({ name }) => group.includes(name)))
    for (const event of alphabet)
      for (const outside of outsiders)
        if (contains(outside.alphabet, event)) return { kind: 'open', event, inside, outside: outside.name };
  return { kind: 'closed' };
}

/** The smallest closed groups: each participant is in exactly one, in the order given. */
export function smallestClosedGroups(participants: readonly Participant[]): readonly (readonly string[])[] {
  const left = new Set(participants);
  const groups: string[][] = [];
  for (const first of participants) {
    if (!left.delete(first)) continue;
    const group = new Set([first]);
    for (const member of group)
      for (const other of left)
        if (member.alphabet.some((event) => contains(other.alphabet, event))) {
          left.delete(other);
          group.add(other);
        }
    groups.push(participants.filter((participant) => group.has(participant)).map(({ name }) => name));
  }
  return groups;
}

export type Participants =
  | { readonly kind: 'participants'; readonly participants: readonly Participant[] }
  | { readonly kind: 'refused'; readonly message: string };

/**
 * The components of a parallel composition with what each shares: in an alphabetized parallel its alphabet, in a generalized one the synchronized events
 * that it can perform, in an interleaving nothing. Names, hiding and compressions around it are looked through: a hidden event is still shared inside.
 *
 * `names` go with the components in order.
 */
export function participantsOf(terms: Terms, process: Process, names: readonly string[]): Participants {
  let parallel = process;
  while (
    parallel.kind === 'call' ||
    parallel.kind === 'hide' ||
    parallel.kind === 'project' ||
    parallel.kind === 'compress'
  )
    parallel = parallel.kind === 'call' ? parallel.unfold() : parallel.process;
  let alphabets: readonly EventSet[];
  if (parallel.kind === 'alphabetizedParallel') alphabets = parallel.components.map(({ alphabet }) => alphabet);
  else if (parallel.kind === 'interleave') alphabets = parallel.components.map(() => []);
  else if (parallel.kind === 'generalizedParallel') {
    const { components, events } = parallel;
    alphabets = components.map((component) => performed(terms, component).filter((event) => contains(events, event)));
  } else
    return {
      kind: 'refused',
      message: `a ${parallel.kind} has no components that run side by side; name a parallel composition`,
    };
  if (names.length !== alphabets.length)
    return { kind: 'refused', message: `there are ${alphabets.length} components, and ${names.length} names for them` };
  return { kind: 'participants', participants: names.map((name, at) => ({ name, alphabet: alphabets[at]! })) };
}

/** All visible events of a process. */
function performed(terms: Terms, process: Process): EventSet {
  const lts = compile(terms, process);
  const transitions = new Transitions();
  const events = new Set<EventId>();
  for (let state = 0; state < lts.stateCount; state++) {
    lts.successors(state as StateId, transitions);
    for (let i = 0; i < transitions.length; i++) events.add(transitions.eventAt(i));
  }
  events.delete(TAU);
  events.delete(TICK);
  return eventSet(events);
}
