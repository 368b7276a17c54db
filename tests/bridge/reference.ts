/** Traces by the definition: all the terms a process may have become, one event at a time. Shares nothing with the normal form but the firing rules. */
import { type EventId, type Process, TAU, type Terms, TICK, transitions } from '@enhanced-csp/engine/csp';

/** A process after a trace: every term it may be. Empty: not a trace. */
export class After {
  readonly #terms: Terms;
  readonly #states: ReadonlySet<Process>;

  constructor(terms: Terms, states: Iterable<Process>) {
    this.#terms = terms;
    this.#states = closed(terms, states);
  }

  get isTrace(): boolean {
    return this.#states.size > 0;
  }

  next(eventName: string): After {
    const event = this.#terms.alphabet.find(eventName);
    return new After(this.#terms, event === undefined ? [] : this.#step(event));
  }

  mayTick(): boolean {
    return this.#step(TICK).length > 0;
  }

  /** Names of the visible events that may come next. */
  initials(): Set<string> {
    const names = new Set<string>();
    for (const state of this.#states)
      for (const { event } of transitions(this.#terms, state))
        if (event !== TAU && event !== TICK) names.add(this.#terms.alphabet.nameOf(event));
    return names;
  }

  #step(event: EventId): Process[] {
    const targets: Process[] = [];
    for (const state of this.#states)
      for (const transition of transitions(this.#terms, state))
        if (transition.event === event) targets.push(transition.target);
    return targets;
  }
}

function closed(terms: Terms, states: Iterable<Process>): Set<Process> {
  const reached = new Set(states);
  for (const state of reached)
    for (const { event, target } of transitions(terms, state)) if (event === TAU) reached.add(target);
  return reached;
}

export function afterTrace(terms: Terms, process: Process, trace: readonly string[]): After {
  return trace.reduce((after, event) => after.next(event), new After(terms, [process]));
}

export function isTrace(terms: Terms, process: Process, trace: readonly string[]): boolean {
  return afterTrace(terms, process, trace).isTrace;
}
