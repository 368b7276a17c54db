/**
 * Processes made from all behaviors of another: its determinization, and the watchdogs of a specification.
 *
 * Each follows the specification in all its states at once (the subset construction), step by step, so that an endless specification is no
 * obstacle. Goldsmith, Moffat, Roscoe, Whitworth and Zakiuddin, Watchdog transformations for property-oriented model-checking (2003).
 */
import {
  type Branch,
  contains,
  type EventId,
  type EventSet,
  eventSet,
  type Process,
  type Span,
  show,
  TAU,
  TICK,
  transitions,
} from '../../csp/index.ts';
import { fault } from './codes.ts';
import type { Machine } from './machine.ts';

/** Terms made while following taus, before any event. More come of an endless chain of taus, or of too many states to follow at once. */
const TERMS_MAX = 200_000;

/** Where a specification may be after some trace. */
interface Place {
  /** Closed under tau, in order of discovery. */
  readonly states: readonly Process[];
  /** The states after each event, tick included, in order of the event's number. */
  readonly after: ReadonlyMap<EventId, readonly Process[]>;
}

function placeOf({ terms, budget }: Machine, from: readonly Process[], span: Span): Place {
  const states = new Set(from);
  const after = new Map<EventId, Set<Process>>();
  const before = terms.size;
  for (const state of states) {
    budget.step(span);
    if (terms.size - before > TERMS_MAX) {
      throw fault(
        'steps',
        span,
        'Too many states of this process are possible at once. Check that its internal steps end.',
      );
    }
    for (const { event, target } of transitions(terms, state)) {
      if (event === TAU) states.add(target);
      else after.set(event, (after.get(event) ?? new Set()).add(target));
    }
  }
  const ordered = [...after].sort(([a], [b]) => a - b);
  return { states: [...states], after: new Map(ordered.map(([event, targets]) => [event, byId(targets)])) };
}

function byId(processes: Iterable<Process>): readonly Process[] {
  return [...processes].sort((a, b) => a.id - b.id);
}

function keyOf(processes: readonly Process[]): string {
  return processes.map(({ id }) => id).join(' ');
}

/** `deter(P)`: the traces of P, and never a refusal of what P could do next, nor a divergence. */
export function determinized(machine: Machine, process: Process, span: Span): Process {
  const { terms, budget } = machine;
  const name = `deter(${show(terms, process, 60)})`;
  const at = (states: readonly Process[]): Process =>
    terms.call(
      `deter ${keyOf(states)}`,
      () =>
        budget.demand(span, () => {
          const { after } = placeOf(machine, states, span);
          const branches = [...after]
            .filter(([event]) => event !== TICK)
            .map(([event, targets]) => ({ event, next: at(targets) }));
          const offered = terms.prefixChoice(branches);
          return after.has(TICK) ? terms.externalChoice([offered, terms.skip]) : offered;
        }),
      { name, span },
    );
  return at([process]);
}

export interface Watch {
  readonly specification: Process;
  /** What the watched process does, and the watchdog sees. */
  readonly events: EventSet;
  /** Performed when the watched process has done what the specification forbids. */
  readonly bark: EventId;
}

/**
 * `trace_watchdog(P, A, bark)`: follows every event of A, and after the first that P forbids it barks and stops. For an implementation Q over A that
 * does not terminate, `P [T= Q` exactly when `Q [|A|] trace_watchdog(P, A, bark)` never barks.
 */
export function traceWatchdog(machine: Machine, watch: Watch, span: Span): Process {
  const { terms, budget } = machine;
  checkBark(machine, watch, span);
  const about = { name: 'trace_watchdog', span };
  const key = keyOfWatch('trace_watchdog', watch);
  const at = (states: readonly Process[]): Process =>
    terms.call(
      `${key} ${keyOf(states)}`,
      () => budget.demand(span, () => terms.prefixChoice(followed(machine, placeOf(machine, states, span), watch, at))),
      about,
    );
  return at([watch.specification]);
}

/**
 * `failure_watchdog(P, A, bark)`: a trace watchdog that may at any time turn into a test, an offer of events of which P can never refuse all there; when
 * one is accepted it leaves the process alone. For an implementation Q over A that does not terminate, `P [F= Q` exactly when
 * `Q [|A|] failure_watchdog(P, A, bark)` never barks and is deadlock free in F.
 */
export function failureWatchdog(machine: Machine, watch: Watch, span: Span): Process {
  const { terms, budget } = machine;
  checkBark(machine, watch, span);
  const about = { name: 'failure_watchdog', span };
  const key = keyOfWatch('failure_watchdog', watch);
  const at = (states: readonly Process[]): Process => {
    const self: Process = terms.call(
      `${key} ${keyOf(states)}`,
      () =>
        budget.demand(span, () => {
          const place = placeOf(machine, states, span);
          const tests = testOf(machine, [], acceptancesOf(machine, place, watch.events));
          const waits = terms.internalChoice(tests === undefined ? [self] : [self, tests]);
          // The tau to itself keeps it unstable: only a test can deadlock.
          return terms.slidingChoice(terms.prefixChoice(followed(machine, place, watch, at)), waits);
        }),
      about,
    );
    return self;
  };
  return at([watch.specification]);
}

function keyOfWatch(name: string, { events, bark }: Watch): string {
  return `${name} ${bark} {${events.join(' ')}}`;
}

function checkBark({ terms }: Machine, { events, bark }: Watch, span: Span): void {
  if (!contains(events, bark)) return;
  const name = terms.alphabet.nameOf(bark);
  throw fault('badArgument', span, `${name} is watched, so it cannot be the alarm. Give an event outside the set.`);
}

function followed(
  { terms }: Machine,
  place: Place,
  { events, bark }: Watch,
  at: (states: readonly Process[]) => Process,
): Branch[] {
  const barking = terms.prefix(bark, terms.stop);
  return events.map((event) => {
    const targets = place.after.get(event);
    return { event, next: targets === undefined ? barking : at(targets) };
  });
}

/**
 * What each stable state offers, where that lies within the watched events: the others, and those that terminate, are stable states of no watched
 * process. Only the least sets count.
 */
function acceptancesOf({ terms }: Machine, { states }: Place, events: EventSet): readonly EventSet[] {
  const offers = new Map<string, EventSet>();
  for (const state of states) {
    const initials = transitions(terms, state).map(({ event }) => event);
    if (!initials.every((event) => contains(events, event))) continue;
    const offered = eventSet(initials);
    offers.set(offered.join(' '), offered);
  }
  const all = [...offers.values()].sort((a, b) => a.length - b.length);
  return all.filter((set, i) => !all.slice(0, i).some((less) => less.every((event) => contains(set, event))));
}

/**
 * Chooses, tau by tau, one event of each acceptance that is not hit yet, and then offers what was chosen. None when there is an acceptance with nothing
 * to choose: the specification may refuse everything.
 */
function testOf({ terms }: Machine, chosen: EventSet, acceptances: readonly EventSet[]): Process | undefined {
  if (acceptances.some((offered) => offered.length === 0)) return undefined;
  const test = (picked: EventSet): Process => {
    const open = acceptances.find((offered) => !offered.some((event) => contains(picked, event)));
    if (open === undefined) return terms.prefixChoice(picked.map((event) => ({ event, next: terms.div })));
    return terms.call(`failure_watchdog test [${picked}] of ${acceptances.join(' | ')}`, () =>
      terms.internalChoice(open.map((event) => test(eventSet([...picked, event])))),
    );
  };
  return test(chosen);
}
