/**
 * The independent witness: does a counterexample hold by the firing rules alone?
 *
 * It knows terms and `transitions`, nothing of transition systems, normal forms or searches, so a mistake there cannot hide here. It is slow and plain on
 * purpose: sets of terms, followed event by event.
 */
import { type EventId, type EventSet, type Process, TAU, type Terms, TICK, transitions } from '../csp/index.ts';
import type { Counterexample, Model, Step } from './verdict.ts';

/** What was checked, and of which processes. */
export type Claim =
  | {
      readonly check: 'refinement';
      readonly model: Model;
      readonly specification: Process;
      readonly implementation: Process;
    }
  | {
      readonly check: 'deadlock free' | 'divergence free' | 'deterministic';
      readonly model: Model;
      readonly process: Process;
    }
  | {
      readonly check: 'has trace';
      readonly model: Model;
      readonly process: Process;
      readonly expected: readonly EventId[];
    };

/**
 * Whether `counterexample` really refutes `claim`: its steps are steps of the process, its trace is their visible part, and what it says about the end is so.
 *
 * Follows all states that agree with the trace, so it takes time in proportion to them; throws what `transitions` throws.
 *
 * @example
 * const verdict = refines('T', compile(terms, specification), compile(terms, system));
 * if (verdict.kind === 'fails') replay(terms, { check: 'refinement', model: 'T', specification, implementation: system }, verdict.counterexample); // true
 */
export function replay(terms: Terms, claim: Claim, counterexample: Counterexample): boolean {
  const process = claim.check === 'refinement' ? claim.implementation : claim.process;
  const events = counterexample.steps.map(({ event }) => event);
  const performed = events.filter((event) => event !== TAU);
  const told = counterexample.kind === 'trace' ? [...counterexample.trace, counterexample.event] : counterexample.trace;
  if (performed.length !== told.length || performed.some((event, i) => event !== told[i])) return false;
  const ends = exactly(terms, process, events);
  return ends.length > 0 && isViolation(terms, claim, counterexample, ends);
}

function isViolation(terms: Terms, claim: Claim, found: Counterexample, ends: readonly Process[]): boolean {
  switch (found.kind) {
    case 'trace':
      return (
        claim.check === 'refinement' &&
        specificationAt(terms, claim.specification, claim.model, found.trace).kind === 'settled' &&
        after(terms, claim.specification, [...found.trace, found.event]).length === 0
      );
    case 'refusal':
      return ends.some((end) => accepts(terms, end, found.accepted)) && forbids(terms, claim, found);
    case 'deadlock':
      return (
        claim.check === 'deadlock free' &&
        ends.some((end) => end.kind !== 'omega' && transitions(terms, end).length === 0)
      );
    case 'divergence':
      return (
        isTaus(found.loop) && forbidsDivergence(terms, claim, found.trace) && ends.some((end) => diverges(terms, end))
      );
    case 'nondeterminism': {
      const { event } = found;
      const states = after(terms, process(claim), found.trace);
      return (
        claim.check === 'deterministic' &&
        states.some((state) => transitions(terms, state).some((step) => step.event === event)) &&
        states.some((state) => refuses(terms, state, event))
      );
    }
    case 'missing trace':
      return (
        claim.check === 'has trace' &&
        isNext(claim.expected, found.trace, found.event) &&
        after(terms, claim.process, [...found.trace, found.event]).length === 0
      );
  }
}

function process(claim: Claim): Process {
  return claim.check === 'refinement' ? claim.implementation : claim.process;
}

/** Whether the claim rules out that the process settles on `accepted` after the trace. */
function forbids(terms: Terms, claim: Claim, found: Counterexample & { kind: 'refusal' }): boolean {
  if (claim.model === 'T') return false;
  if (claim.check === 'has trace') {
    const event = claim.expected[found.trace.length];
    return event !== undefined && isNext(claim.expected, found.trace, event) && !found.accepted.includes(event);
  }
  if (claim.check !== 'refinement') return false;
  const specification = specificationAt(terms, claim.specification, claim.model, found.trace);
  if (specification.kind !== 'settled') return false;
  return !specification.states.some((state) =>
    acceptancesOf(terms, state).some((acceptance) => isWithin(acceptance, found.accepted)),
  );
}

function forbidsDivergence(terms: Terms, claim: Claim, trace: readonly EventId[]): boolean {
  switch (claim.check) {
    case 'divergence free':
      return true;
    case 'deadlock free':
    case 'deterministic':
      return claim.model === 'FD';
    case 'has trace':
      return (
        claim.model === 'FD' &&
        trace.every((event, i) => event === claim.expected[i]) &&
        trace.length < claim.expected.length
      );
    case 'refinement':
      return claim.model === 'FD' && specificationAt(terms, claim.specification, 'FD', trace).kind !== 'divergent';
  }
}

/** The states of the specification after the trace; in FD it may have diverged on the way, and then it forbids nothing. */
function specificationAt(
  terms: Terms,
  specification: Process,
  model: Model,
  trace: readonly EventId[],
): { readonly kind: 'settled'; readonly states: readonly Process[] } | { readonly kind: 'divergent' } {
  if (model === 'FD') {
    for (let length = 0; length <= trace.length; length++) {
      if (after(terms, specification, trace.slice(0, length)).some((state) => diverges(terms, state)))
        return { kind: 'divergent' };
    }
  }
  return { kind: 'settled', states: after(terms, specification, trace) };
}

/** The states reached by exactly these events, taus included. */
function exactly(terms: Terms, start: Process, events: readonly EventId[]): readonly Process[] {
  let states = [start];
  for (const event of events) states = distinct(states.flatMap((state) => targets(terms, state, event)));
  return states;
}

/** The states reached by this trace, with taus before, between and after. */
function after(terms: Terms, start: Process, trace: readonly EventId[]): readonly Process[] {
  let states = closure(terms, [start]);
  for (const event of trace) states = closure(terms, distinct(states.flatMap((state) => targets(terms, state, event))));
  return states;
}

function closure(terms: Terms, states: readonly Process[]): Process[] {
  const closed = new Set(states);
  for (const state of closed) for (const target of targets(terms, state, TAU)) closed.add(target);
  return [...closed];
}

function targets(terms: Terms, state: Process, event: EventId): Process[] {
  return transitions(terms, state)
    .filter((step) => step.event === event)
    .map((step) => step.target);
}

function distinct(states: readonly Process[]): Process[] {
  return [...new Set(states)];
}

/** What a state may settle on: nothing if it is unstable, termination whenever it offers it. */
function acceptancesOf(terms: Terms, state: Process): readonly EventSet[] {
  const events = transitions(terms, state).map(({ event }) => event);
  if (events.includes(TICK)) return [[TICK]];
  return events.includes(TAU) ? [] : [distinctEvents(events)];
}

function accepts(terms: Terms, state: Process, accepted: EventSet): boolean {
  return acceptancesOf(terms, state).some(
    (acceptance) => isWithin(acceptance, accepted) && isWithin(accepted, acceptance),
  );
}

function refuses(terms: Terms, state: Process, event: EventId): boolean {
  return acceptancesOf(terms, state).some((acceptance) => !acceptance.includes(event));
}

function distinctEvents(events: readonly EventId[]): EventSet {
  return [...new Set(events)].sort((a, b) => a - b);
}

function isWithin(small: EventSet, large: EventSet): boolean {
  return small.every((event) => large.includes(event));
}

function isTaus(loop: readonly Step[]): boolean {
  return loop.length > 0 && loop.every(({ event }) => event === TAU);
}

function isNext(expected: readonly EventId[], trace: readonly EventId[], event: EventId): boolean {
  return trace.every((performed, i) => performed === expected[i]) && expected[trace.length] === event;
}

/** Whether a cycle of taus can be reached by taus: peel off states without a tau to what is left; a cycle never peels. */
function diverges(terms: Terms, start: Process): boolean {
  const states = closure(terms, [start]);
  const sources = new Map<Process, Process[]>(states.map((state) => [state, []]));
  const left = new Map<Process, number>();
  for (const state of states) {
    const next = targets(terms, state, TAU);
    left.set(state, next.length);
    for (const target of next) sources.get(target)!.push(state);
  }
  const peeled = states.filter((state) => left.get(state) === 0);
  for (const state of peeled) {
    for (const source of sources.get(state)!) {
      const remaining = left.get(source)! - 1;
      left.set(source, remaining);
      if (remaining === 0) peeled.push(source);
    }
  }
  return peeled.length < states.length;
}
