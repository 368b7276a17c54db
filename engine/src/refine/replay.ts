/**
 * The independent witness: does a counterexample hold by the firing rules alone?
 *
 * It knows terms and `transitions`, nothing of transition systems, normal forms or searches, so a mistake there cannot hide here. It is plain on purpose.
 */
import {
  type EventId,
  type EventSet,
  type Process,
  TAU,
  type Terms,
  TICK,
  type Transition,
  transitions,
} from '../csp/index.ts';
import { type Limits, Watch } from '../lts/index.ts';
import { Likeness } from './likeness.ts';
import { type Counterexample, isFine, type Model, type Step, seesDivergence } from './verdict.ts';

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
 * Whether `counterexample` really refutes `claim`: its trace is the visible part of its steps, the process has such a run, and what it says about the end is so.
 *
 * The specification is followed in all states that agree with the trace, so it takes time in proportion to them. Throws
 * `LimitReached` when `limits.stopped` says so, and what `transitions` throws.
 *
 * @example
 * const verdict = refines('T', compile(terms, specification), compile(terms, system));
 * if (verdict.kind === 'fails') replay(terms, { check: 'refinement', model: 'T', specification, implementation: system }, verdict.counterexample); // true
 */
export function replay(terms: Terms, claim: Claim, counterexample: Counterexample, limits: Limits = {}): boolean {
  const rules = rulesOf(terms, limits);
  const process = claim.check === 'refinement' ? claim.implementation : claim.process;
  const performed = counterexample.steps.map(({ event }) => event).filter((event) => event !== TAU);
  const { kind, trace, refused = [] } = counterexample;
  const told = kind === 'trace' || kind === 'revival' ? [...trace, counterexample.event] : trace;
  if (performed.length !== told.length || performed.some((event, i) => event !== told[i])) return false;
  if (refused.some((set) => set !== undefined) && claim.model !== 'R' && claim.model !== 'RD') return false;
  const seenAt = (state: Process, position: number): boolean => {
    if (kind === 'revival' && position === trace.length)
      return accepts(rules, state, counterexample.accepted) && !counterexample.accepted.includes(TICK);
    const set = refused[position];
    return set === undefined || settlesWithout(rules, state, set);
  };
  return isViolation(rules, claim, counterexample, (holds) =>
    reaches(rules, process, counterexample.steps, seenAt, holds),
  );
}

/** The firing rules, kept within the limits of the check. */
interface Rules {
  readonly terms: Terms;
  steps(state: Process): readonly Transition[];
}

function rulesOf(terms: Terms, limits: Limits): Rules {
  const watch = new Watch({ ...(limits.stopped && { stopped: limits.stopped }) }, 'refine');
  return {
    terms,
    steps(state) {
      watch.spend(1);
      return transitions(terms, state, watch.spend);
    },
  };
}

/** Whether the steps lead to a state of which `holds` is true. */
type Ending = (holds: (end: Process) => boolean) => boolean;

const ANY = (): boolean => true;

function isViolation(rules: Rules, claim: Claim, found: Counterexample, ends: Ending): boolean {
  switch (found.kind) {
    case 'trace':
      return (
        claim.check === 'refinement' &&
        ends(ANY) &&
        isRuledOut(rules, claim, found, (states) => states.every((state) => !offers(rules, state, found.event)))
      );
    case 'revival':
      return (
        claim.check === 'refinement' &&
        isFine(claim.model) &&
        found.accepted.includes(found.event) &&
        ends(ANY) &&
        isRuledOut(rules, claim, found, (states) =>
          states.every(
            (state) =>
              !settlesWithout(rules, state, []) ||
              !offers(rules, state, found.event) ||
              !acceptancesOf(rules, state).some((acceptance) => isWithin(acceptance, found.accepted)),
          ),
        )
      );
    case 'refusal':
      return ends((end) => accepts(rules, end, found.accepted)) && forbids(rules, claim, found);
    case 'deadlock':
      return claim.check === 'deadlock free' && ends((end) => end.kind !== 'omega' && rules.steps(end).length === 0);
    case 'divergence':
      return isTaus(found.loop) && forbidsDivergence(rules, claim, found) && ends((end) => diverges(rules, end));
    case 'nondeterminism': {
      const { event } = found;
      const states = after(rules, process(claim), found.trace);
      return (
        claim.check === 'deterministic' &&
        ends(ANY) &&
        states.some((state) => rules.steps(state).some((step) => step.event === event)) &&
        states.some((state) => refuses(rules, state, event))
      );
    }
    case 'missing trace':
      return (
        claim.check === 'has trace' &&
        ends(ANY) &&
        isNext(claim.expected, found.trace, found.event) &&
        after(rules, claim.process, [...found.trace, found.event]).length === 0
      );
  }
}

function process(claim: Claim): Process {
  return claim.check === 'refinement' ? claim.implementation : claim.process;
}

/** Whether the claim rules out that the process settles on `accepted` after the trace. */
function forbids(rules: Rules, claim: Claim, found: Counterexample & { kind: 'refusal' }): boolean {
  if (claim.model === 'T') return false;
  if (claim.check === 'has trace') {
    const event = claim.expected[found.trace.length];
    return event !== undefined && isNext(claim.expected, found.trace, event) && !found.accepted.includes(event);
  }
  return isRuledOut(
    rules,
    claim,
    found,
    (states) =>
      !states.some((state) => acceptancesOf(rules, state).some((acceptance) => isWithin(acceptance, found.accepted))),
  );
}

function forbidsDivergence(rules: Rules, claim: Claim, found: Counterexample): boolean {
  const { trace } = found;
  switch (claim.check) {
    case 'divergence free':
      return true;
    case 'deadlock free':
    case 'deterministic':
      return seesDivergence(claim.model);
    case 'has trace':
      return (
        seesDivergence(claim.model) &&
        trace.every((event, i) => event === claim.expected[i]) &&
        trace.length < claim.expected.length
      );
    case 'refinement':
      return seesDivergence(claim.model) && isRuledOut(rules, claim, found, ANY);
  }
}

/**
 * Whether the specification does not diverge on the way, where divergence counts, and `breaks` holds of the states in which it may then be: those that agree
 * with the trace and with what was seen to be refused.
 */
function isRuledOut(
  rules: Rules,
  claim: Claim,
  { trace, refused = [] }: Counterexample,
  breaks: (states: readonly Process[]) => boolean,
): boolean {
  if (claim.check !== 'refinement') return false;
  let states = closure(rules, [claim.specification]);
  for (let at = 0; ; at++) {
    if (seesDivergence(claim.model) && states.some((state) => diverges(rules, state))) return false;
    const event = trace[at];
    if (event === undefined) return breaks(states);
    const set = refused[at];
    const left = set === undefined ? states : states.filter((state) => settlesWithout(rules, state, set));
    states = closure(rules, distinct(left.flatMap((state) => targets(rules, state, event))));
  }
}

/** Terms looked at to retrace the very run; beyond, its trace is witnessed instead. */
const RETRACED_MAX = 20_000;

/**
 * Whether the process has a run with these visible events to a state of which `holds` is true. Depth first, and first the very run that the steps tell,
 * guided by the states they name. Where so many taus fan out that it is not found soon, taus are taken where they come: the trace and its end are then
 * witnessed, not the order of steps that nobody sees.
 */
function reaches(
  rules: Rules,
  start: Process,
  steps: readonly Step[],
  seenAt: (state: Process, position: number) => boolean,
  holds: (end: Process) => boolean,
): boolean {
  let visible = 0;
  const positions = steps.map(({ event }) => (event === TAU ? -1 : visible++));
  const likeness = new Likeness(rules.terms);
  const exact = search(start, steps, RETRACED_MAX, holds, (state, step, at) => {
    if (positions[at]! >= 0 && !seenAt(state, positions[at]!)) return [];
    const found = targets(rules, state, step.event);
    if (found.length < 2) return found.map(onwards);
    const likenessOf = likeness.to(step.to);
    const ranked = found.map((target) => ({ target, like: likenessOf(target) }));
    // What was pushed last is tried first.
    return ranked.sort((a, b) => a.like - b.like).map(({ target }) => onwards(target));
  });
  if (exact !== undefined) return exact;
  const seen = steps.filter(({ event }) => event !== TAU);
  return (
    search(
      start,
      seen,
      Number.POSITIVE_INFINITY,
      (end) => closure(rules, [end]).some(holds),
      (state, step, at) => [
        ...targets(rules, state, TAU).map(inPlace),
        ...(seenAt(state, at) ? targets(rules, state, step.event).map(onwards) : []),
      ],
    ) === true
  );
}

interface Move {
  readonly state: Process;
  /** Steps it accounts for. */
  readonly steps: 0 | 1;
}

const onwards = (state: Process): Move => ({ state, steps: 1 });
const inPlace = (state: Process): Move => ({ state, steps: 0 });

/** Depth first through pairs of state and position, each once; undefined when `triedMax` of them did not answer. */
function search(
  start: Process,
  steps: readonly Step[],
  triedMax: number,
  holds: (end: Process) => boolean,
  moves: (state: Process, step: Step, at: number) => readonly Move[],
): boolean | undefined {
  const tried = [...steps, undefined].map(() => new Set<Process>());
  const open: { readonly state: Process; readonly at: number }[] = [{ state: start, at: 0 }];
  let count = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { state, at } = next;
    if (tried[at]!.has(state)) continue;
    tried[at]!.add(state);
    if (++count > triedMax) return undefined;
    const step = steps[at];
    if (step === undefined) {
      if (holds(state)) return true;
    } else for (const move of moves(state, step, at)) open.push({ state: move.state, at: at + move.steps });
  }
  return false;
}

/** The states reached by this trace, with taus before, between and after. */
function after(rules: Rules, start: Process, trace: readonly EventId[]): readonly Process[] {
  let states = closure(rules, [start]);
  for (const event of trace) states = closure(rules, distinct(states.flatMap((state) => targets(rules, state, event))));
  return states;
}

function closure(rules: Rules, states: readonly Process[]): Process[] {
  const closed = new Set(states);
  for (const state of closed) for (const target of targets(rules, state, TAU)) closed.add(target);
  return [...closed];
}

function targets(rules: Rules, state: Process, event: EventId): Process[] {
  return rules
    .steps(state)
    .filter((step) => step.event === event)
    .map((step) => step.target);
}

function distinct(states: readonly Process[]): Process[] {
  return [...new Set(states)];
}

/** What a state may settle on: nothing if it is unstable, termination whenever it offers it. */
function acceptancesOf(rules: Rules, state: Process): readonly EventSet[] {
  const events = rules.steps(state).map(({ event }) => event);
  if (events.includes(TICK)) return [[TICK]];
  return events.includes(TAU) ? [] : [distinctEvents(events)];
}

function accepts(rules: Rules, state: Process, accepted: EventSet): boolean {
  return acceptancesOf(rules, state).some(
    (acceptance) => isWithin(acceptance, accepted) && isWithin(accepted, acceptance),
  );
}

function refuses(rules: Rules, state: Process, event: EventId): boolean {
  return acceptancesOf(rules, state).some((acceptance) => !acceptance.includes(event));
}

function offers(rules: Rules, state: Process, event: EventId): boolean {
  return rules.steps(state).some((step) => step.event === event);
}

/** Whether a state is stable, cannot terminate, and offers none of `refused`. */
function settlesWithout(rules: Rules, state: Process, refused: EventSet): boolean {
  return rules.steps(state).every(({ event }) => event !== TAU && event !== TICK && !refused.includes(event));
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
function diverges(rules: Rules, start: Process): boolean {
  const states = closure(rules, [start]);
  const sources = new Map<Process, Process[]>(states.map((state) => [state, []]));
  const left = new Map<Process, number>();
  for (const state of states) {
    const next = targets(rules, state, TAU);
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
