/**
 * Which components of a network communicate on which events: the static picture of a process, before anything happens.
 *
 * What a component may do is found by exploring it alone, within bounds; that two of them ever meet is not promised by a connection.
 */
import { contains, type EventId, type Process, type Terms } from './csp/index.ts';
import {
  argumentOf,
  bare,
  type Network,
  nameOf,
  networkOf,
  operandsOf,
  participantsOf,
  type Shape,
} from './network.ts';
import { alphabetsOf } from './waiting.ts';

export interface Connections {
  readonly components: readonly Connected[];
  /** Each set of at least two components that perform events together, once. */
  readonly links: readonly Link[];
}

export interface Connected {
  readonly name: string;
  /** Channels it uses by itself, towards the environment. */
  readonly alone: readonly string[];
}

export interface Link {
  /** Indices of components, increasing. */
  readonly members: readonly number[];
  /** Names of events as the operator that joins the members sees them, sorted. */
  readonly events: readonly string[];
  /** Those that are hidden outside. */
  readonly hidden: readonly string[];
}

/** Ways in which the same event may be performed by different members; beyond, the rest is left out. */
const WAYS_MAX = 256;

type Members = readonly number[];
type Ways = Map<EventId, Members[]>;

/**
 * The components of `process` and what connects them. Throws what evaluating the script throws.
 *
 * @example
 * connectionsOf(terms, system).links; // [{ members: [0, 1], events: ['picks.0.0', 'puts.0.0'], hidden: [] }]
 */
export function connectionsOf(terms: Terms, process: Process): Connections {
  const network = networkOf(process);
  const found: { readonly event: EventId; readonly members: Members; readonly hidden: boolean }[] = [];
  const open = waysOf(terms, network, process, (event, members) => found.push({ event, members, hidden: true }));
  for (const [event, ways] of open) for (const members of ways) found.push({ event, members, hidden: false });

  const byMembers = Map.groupBy(found, ({ members }) => members.join(' '));
  const names = (events: Iterable<EventId>) => [...new Set(events)].map((event) => terms.alphabet.nameOf(event)).sort();
  const all = [...byMembers.values()].map((together) => ({
    members: together[0]!.members,
    events: names(together.map(({ event }) => event)),
    hidden: names(together.flatMap(({ event, hidden }) => (hidden ? [event] : []))),
  }));
  return {
    components: network.components.map((component, index) => ({
      name: nameOf(terms, component),
      alone: channelsOf(all.filter(({ members }) => `${members}` === `${index}`).flatMap(({ events }) => events)),
    })),
    links: all.filter(({ members }) => members.length > 1),
  };
}

/** Channels of events by name, each once: `offer` of `offer.buyer.3`. */
export function channelsOf(events: readonly string[]): string[] {
  return [...new Set(events.map((event) => event.split('.', 1)[0]!))];
}

function waysOf(
  terms: Terms,
  { shape, components }: Network,
  process: Process,
  onHidden: (event: EventId, members: Members) => void,
): Ways {
  const alphabets = alphabetsOf(terms, components);
  const visit = (part: Shape, term: Process): Ways => {
    if (part.kind === 'component') return new Map(alphabets[part.index]!.map((event) => [event, [[part.index]]]));
    const inner = bare(term);
    if (part.kind === 'around') return outside(inner, visit(part.argument, argumentOf(inner)!), onHidden);
    const operands = operandsOf(inner)!;
    return joined(
      inner,
      part.operands.map((operand, i) => visit(operand, operands[i]!)),
    );
  };
  return visit(shape, process);
}

function outside(operator: Process, ways: Ways, onHidden: (event: EventId, members: Members) => void): Ways {
  const shown: Ways = new Map();
  for (const [event, members] of ways) {
    if (operator.kind === 'hide' || operator.kind === 'project') {
      if (contains(operator.events, event) === (operator.kind === 'project')) shown.set(event, members);
      else for (const one of members) onHidden(event, one);
    } else if (operator.kind === 'rename') {
      const images = operator.relation.flatMap(([from, to]) => (from === event ? [to] : []));
      for (const image of images.length === 0 ? [event] : images)
        shown.set(image, distinct([...(shown.get(image) ?? []), ...members]));
    } else shown.set(event, members);
  }
  return shown;
}

function joined(parallel: Process, operands: readonly Ways[]): Ways {
  const ways: Ways = new Map();
  for (const event of new Set(operands.flatMap((operand) => [...operand.keys()]))) {
    const together = participantsOf(parallel, event);
    const found =
      together === undefined
        ? operands.flatMap((operand) => operand.get(event) ?? [])
        : together.reduce<Members[]>(
            (sets, i) =>
              sets
                .flatMap((set) => (operands[i]!.get(event) ?? []).map((more) => [...set, ...more]))
                .slice(0, WAYS_MAX),
            [[]],
          );
    const members = distinct(found.filter((set) => set.length > 0));
    if (members.length > 0) ways.set(event, members);
  }
  return ways;
}

function distinct(sets: readonly Members[]): Members[] {
  const sorted = sets.map((set) => [...set].sort((a, b) => a - b));
  return [...new Map(sorted.map((set) => [set.join(' '), set])).values()].slice(0, WAYS_MAX);
}
