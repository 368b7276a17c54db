/**
 * Who waits for whom: what the components of a network offer at one moment, and which of their partners refuse it.
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
  type Transition,
  transitions,
  UnboundedNesting,
} from './csp/index.ts';
import { EvaluationFault } from './cspm/index.ts';
import { argumentOf, bare, type Network, operandsOf, participantsOf, type Shape } from './network.ts';

/** An event that some components offer and that cannot happen. */
export interface Blocked {
  readonly event: EventId;
  readonly offeredBy: readonly number[];
  /** Components that sometimes do it, and not now. None: no partner ever does, or the operator forbids it. */
  readonly refusedBy: readonly number[];
}

/** Terms of one component explored to know what it may ever do. */
const TERMS_MAX = 2_000;

/** The visible events each component may ever perform when left alone; of a component with more than 2,000 terms, those found in as many. */
export function alphabetsOf(terms: Terms, components: readonly Process[]): readonly EventSet[] {
  const known = new Map<Process, EventSet>();
  return components.map((component) => {
    const alphabet = known.get(component) ?? alphabetOf(terms, component);
    known.set(component, alphabet);
    return alphabet;
  });
}

function alphabetOf(terms: Terms, component: Process): EventSet {
  const events = new Set<EventId>();
  const found = new Set([component]);
  for (const term of found) {
    for (const { event, target } of stepsAlone(terms, term)) {
      if (event !== TAU && event !== TICK) events.add(event);
      if (found.size < TERMS_MAX) found.add(target);
    }
  }
  return eventSet(events);
}

/** What a component does alone may go wrong in a state that its partners never let it reach: then it ends there. */
function stepsAlone(terms: Terms, term: Process): readonly Transition[] {
  try {
    return transitions(terms, term);
  } catch (fault) {
    if (fault instanceof EvaluationFault || fault instanceof UnboundedNesting) return [];
    throw fault;
  }
}

type ByEvent = Map<EventId, number[]>;

/** What a part of the network can do now, and could do at other times; by whom. */
interface View {
  readonly offers: ByEvent;
  readonly could: ByEvent;
}

/** The events that components of `network` offer in its state `process`, and that cannot happen there. Names are those at the operator that blocks. */
export function blockedAt(
  terms: Terms,
  network: Network,
  process: Process,
  alphabets: readonly EventSet[],
): readonly Blocked[] {
  const blocked: Blocked[] = [];

  const view = (shape: Shape, term: Process): View => {
    if (shape.kind === 'component') {
      const by = (events: Iterable<EventId>): ByEvent => new Map([...events].map((event) => [event, [shape.index]]));
      const initials = transitions(terms, term).map((step) => step.event);
      return {
        offers: by(initials.filter((event) => event !== TAU && event !== TICK)),
        could: by(alphabets[shape.index]!),
      };
    }
    const inner = bare(term);
    if (shape.kind === 'around') {
      const argument = argumentOf(inner);
      if (argument === undefined) return { offers: new Map(), could: new Map() };
      const { offers, could } = view(shape.argument, argument);
      return { offers: shown(inner, offers), could: shown(inner, could) };
    }
    const operands = operandsOf(inner);
    if (operands === undefined) return { offers: new Map(), could: new Map() };
    return agreed(
      inner,
      shape.operands.map((operand, i) => view(operand, operands[i]!)),
    );
  };

  const agreed = (parallel: Process, views: readonly View[]): View => {
    const offers: ByEvent = new Map();
    for (const event of new Set(views.flatMap((one) => [...one.offers.keys()]))) {
      const members = participantsOf(parallel, event);
      const offering = [...views.keys()].filter((i) => views[i]!.offers.has(event));
      const outside = offering.filter((i) => members?.includes(i) === false);
      const refusing = (members ?? []).filter((i) => !offering.includes(i));
      const offeredBy = offering.filter((i) => !outside.includes(i)).flatMap((i) => views[i]!.offers.get(event)!);
      for (const i of outside) blocked.push({ event, offeredBy: views[i]!.offers.get(event)!, refusedBy: [] });
      if (offeredBy.length === 0) continue;
      if (refusing.length === 0) offers.set(event, offeredBy);
      else blocked.push({ event, offeredBy, refusedBy: refusing.flatMap((i) => views[i]!.could.get(event) ?? []) });
    }
    const could: ByEvent = new Map();
    for (const one of views)
      for (const [event, by] of one.could) could.set(event, [...(could.get(event) ?? []), ...by]);
    return { offers, could };
  };

  view(network.shape, process);
  return blocked;
}

/** Events as a unary operator shows them outside; those that it hides are gone. */
function shown(operator: Process, events: ByEvent): ByEvent {
  const outside: ByEvent = new Map();
  const add = (event: EventId, by: readonly number[]) =>
    outside.set(event, [...new Set([...(outside.get(event) ?? []), ...by])]);
  for (const [event, by] of events) {
    if (operator.kind === 'hide' || operator.kind === 'project') {
      if (contains(operator.events, event) === (operator.kind === 'project')) add(event, by);
    } else if (operator.kind === 'rename') {
      const images = operator.relation.flatMap(([from, to]) => (from === event ? [to] : []));
      for (const image of images.length === 0 ? [event] : images) add(image, by);
    } else add(event, by);
  }
  return outside;
}

/** A shortest ring of components in which each offers only what the next refuses, or part of that; undefined when there is none. */
export function ringOf(blocked: readonly Blocked[], componentCount: number): readonly number[] | undefined {
  const waitsFor = Array.from({ length: componentCount }, () => new Set<number>());
  for (const { offeredBy, refusedBy } of blocked)
    for (const by of offeredBy) for (const other of refusedBy) if (other !== by) waitsFor[by]!.add(other);
  let shortest: readonly number[] | undefined;
  for (const start of waitsFor.keys()) {
    const ring = shortestRing(waitsFor, start);
    if (ring !== undefined && ring.length < (shortest?.length ?? Number.POSITIVE_INFINITY)) shortest = ring;
  }
  return shortest;
}

function shortestRing(waitsFor: readonly ReadonlySet<number>[], start: number): readonly number[] | undefined {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const at of queue) {
    for (const next of waitsFor[at]!) {
      if (next === start) {
        const ring = [at];
        for (let last = at; last !== start; ring.push(last)) last = cameFrom.get(last)!;
        return ring.reverse();
      }
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, at);
      queue.push(next);
    }
  }
  return undefined;
}
