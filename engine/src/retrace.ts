/**
 * The terms that a behavior passes through, found again by the firing rules.
 *
 * A counterexample tells events, and states in words; several terms may share both. The run is looked for depth first, the states it names first.
 */
import { type EventId, type Process, show, TAU, type Terms, transitions } from './csp/index.ts';

export interface Told {
  readonly event: EventId;
  /** The state after the step in words, as `show` gives it, if known. */
  readonly to?: string;
}

/** Terms looked at before the search gives up. */
const TRIED_MAX = 20_000;

/**
 * The terms of a run of `process` with these events, one more than it has events, whose last `holds`; undefined when there is none, or it is not found
 * within 20,000 terms, or `stopped` says so first.
 */
export function retrace(
  terms: Terms,
  process: Process,
  told: readonly Told[],
  holds: (end: Process) => boolean = () => true,
  stopped: () => boolean = () => false,
  wordsOf: (state: Process) => string = (state) => show(terms, state),
): readonly Process[] | undefined {
  const tried = Array.from({ length: told.length + 1 }, () => new Set<Process>());
  const path: Process[] = [process];
  const choices: Process[][] = [];
  let count = 0;
  while (path.length > 0) {
    const at = path.length - 1;
    const state = path[at]!;
    if (choices[at] === undefined) {
      if (++count > TRIED_MAX || stopped()) return undefined;
      const step = told[at];
      if (step === undefined && holds(state)) return path;
      choices[at] = step === undefined ? [] : targetsOf(terms, state, step, wordsOf).reverse();
    }
    const next = choices[at].pop();
    if (next === undefined) {
      choices.length = at;
      path.pop();
    } else if (!tried[at + 1]!.has(next)) {
      tried[at + 1]!.add(next);
      path.push(next);
    }
  }
  return undefined;
}

/** The targets of a step, those that look most as told first. */
function targetsOf(terms: Terms, state: Process, { event, to }: Told, wordsOf: (state: Process) => string): Process[] {
  const found = transitions(terms, state).flatMap((step) => (step.event === event ? [step.target] : []));
  if (found.length < 2 || to === undefined) return found;
  const likeness = new Map(found.map((target) => [target, likenessOf(wordsOf(target), to)]));
  return found.sort((a, b) => likeness.get(b)! - likeness.get(a)!);
}

/** In how many components two states of a network agree, by their words. */
function likenessOf(one: string, other: string): number {
  const [left, right] = [one.split(BESIDE), other.split(BESIDE)];
  return left.length === right.length ? left.filter((part, i) => part === right[i]).length : 0;
}

/** What stands between the components of a network where a state is told in words. */
export const BESIDE = ' ∥ ';

export interface Passed {
  readonly event: EventId;
  readonly from: Process;
  readonly to: Process;
}

/**
 * A shortest run with these visible events, and taus where they come, to a state of which `holds` is true; undefined when there is none within 20,000 terms.
 */
export function runOf(
  terms: Terms,
  process: Process,
  trace: readonly EventId[],
  holds: (end: Process) => boolean,
  stopped: () => boolean = () => false,
): readonly Passed[] | undefined {
  interface Place {
    readonly state: Process;
    readonly at: number;
    readonly before: Place | undefined;
    readonly event: EventId;
  }
  const known = Array.from({ length: trace.length + 1 }, () => new Set<Process>());
  const queue: Place[] = [];
  const add = (place: Place): void => {
    if (known[place.at]!.has(place.state)) return;
    known[place.at]!.add(place.state);
    queue.push(place);
  };
  add({ state: process, at: 0, before: undefined, event: TAU });
  for (const place of queue) {
    if (queue.length > TRIED_MAX || stopped()) return undefined;
    if (place.at === trace.length && holds(place.state)) {
      const run: Passed[] = [];
      for (let last = place; last.before !== undefined; last = last.before)
        run.push({ event: last.event, from: last.before.state, to: last.state });
      return run.reverse();
    }
    for (const { event, target } of transitions(terms, place.state)) {
      if (event === TAU) add({ state: target, at: place.at, before: place, event });
      else if (event === trace[place.at]) add({ state: target, at: place.at + 1, before: place, event });
    }
  }
  return undefined;
}
