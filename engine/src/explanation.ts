/**
 * A counterexample, explained: who took part in each step and what was hidden in it, each component's own view, and what it comes from.
 *
 * All of it is derived from the terms by the firing rules, after the verdict; none of it can change the verdict. What is not found within bounds is left out.
 */
import { type EventId, type Process, type Span, show, TAU, type Terms, TICK, transitions } from './csp/index.ts';
import type { Assertion } from './cspm/index.ts';
import {
  componentsAt,
  definitionOf,
  type Network,
  nameOf,
  networkOf,
  type Proof,
  placeOf,
  proofOf,
  termInWords,
} from './network.ts';
import type { Counterexample, Step } from './refine/index.ts';
import type {
  ReportedBlock,
  ReportedComponent,
  ReportedCounterexample,
  ReportedPlace,
  ReportedStep,
} from './report.ts';
import { BESIDE, retrace, runOf } from './retrace.ts';
import { alphabetsOf, blockedAt, ringOf } from './waiting.ts';

/** Beyond so many components nobody reads them one by one. */
const COMPONENTS_MAX = 500;

/** Components asked who waits for whom; a larger ring is not looked for. */
const RING_COMPONENTS_MAX = 200;

/** `counterexample` with events by name, and with the explanation that is found. Throws what evaluating the script throws. */
export function explained(
  terms: Terms,
  assertion: Assertion,
  counterexample: Counterexample,
  stopped: () => boolean = () => false,
): ReportedCounterexample {
  const story = new Story(terms, subjectOf(assertion), stopped);
  const name = (event: EventId): string => terms.alphabet.nameOf(event);
  const ending = endingOf(terms, counterexample);
  const run = story.retraced(counterexample.steps, ending);
  // Where taus fan out too much to find that very run, a shortest one with the same events and the same end is told instead.
  const instead =
    run === undefined && counterexample.kind !== 'divergence'
      ? story.shortest(
          counterexample.steps.map((step) => step.event).filter((event) => event !== TAU),
          ending,
        )
      : undefined;
  const loop = counterexample.kind === 'divergence' ? story.looped(run, counterexample.loop) : undefined;
  const events = counterexample.steps.map((step) => step.event);
  const outcomes = counterexample.kind === 'nondeterminism' ? story.outcomes(counterexample) : undefined;
  const passed: Run | undefined = outcomes?.refused ?? instead ?? (run && { terms: run, events });
  // A revival is about the state before its last event.
  const whole: Run | undefined = passed && counterexample.kind === 'revival' ? withoutLast(passed) : passed;
  return {
    kind: counterexample.kind,
    trace: counterexample.trace.map(name),
    ...('event' in counterexample && { event: name(counterexample.event) }),
    ...(counterexample.refused && { refused: counterexample.refused.map((set) => set?.map(name) ?? null) }),
    ...((counterexample.kind === 'refusal' || counterexample.kind === 'revival') && {
      accepted: counterexample.accepted.map(name),
      required: counterexample.required.map((set) => set.map(name)),
    }),
    steps: instead === undefined ? story.steps(counterexample.steps, run) : story.told(instead),
    ...(counterexample.kind === 'divergence' && { loop: story.steps(counterexample.loop, loop) }),
    ...(assertion.form === 'refinement' &&
      counterexample.kind === 'trace' &&
      allowedBy(terms, assertion, counterexample)),
    ...outcomes?.reported,
    ...(whole &&
      story.components(loop === undefined ? whole : closed(whole, loop, counterexample), counterexample.kind)),
  };
}

/** The process whose behavior the counterexample of an assertion is. */
export function subjectOf(assertion: Assertion): Process {
  return assertion.form === 'refinement' ? assertion.implementation() : assertion.process();
}

export function reportedPlace({ file, line, column, endLine, endColumn }: Span): ReportedPlace {
  return { file, line, column, endLine, endColumn };
}

/** What is so of the last state of the run. */
function endingOf(terms: Terms, found: Counterexample): (end: Process) => boolean {
  const initials = (end: Process) => new Set(transitions(terms, end).map((step) => step.event));
  switch (found.kind) {
    case 'deadlock':
      return (end) => end.kind !== 'omega' && transitions(terms, end).length === 0;
    case 'refusal':
      return (end) => found.accepted.length === initials(end).size && found.accepted.every((e) => initials(end).has(e));
    default:
      return () => true;
  }
}

/** Terms of the specification looked at to say what it allows. */
const ALLOWED_TERMS_MAX = 5_000;

function allowedBy(
  terms: Terms,
  assertion: Assertion & { readonly form: 'refinement' },
  { trace, refused = [] }: Counterexample,
): Pick<ReportedCounterexample, 'allowed'> {
  let states = new Set([assertion.specification()]);
  const allowed = new Set<EventId>();
  for (let at = 0; at <= trace.length; at++) {
    const next = new Set<Process>();
    for (const state of states) {
      if (states.size > ALLOWED_TERMS_MAX) return {};
      const steps = transitions(terms, state);
      const unseen = refused[at];
      const agrees =
        unseen === undefined || steps.every(({ event }) => event !== TAU && event !== TICK && !unseen.includes(event));
      for (const { event, target } of steps) {
        if (event === TAU) states.add(target);
        else if (!agrees) continue;
        else if (at === trace.length) allowed.add(event);
        else if (event === trace[at]) next.add(target);
      }
    }
    states = next;
  }
  return { allowed: [...allowed].map((event) => terms.alphabet.nameOf(event)).sort() };
}

/** Terms one after the other, and the events between them. */
interface Run {
  readonly terms: readonly Process[];
  readonly events: readonly EventId[];
}

function withoutLast({ terms, events }: Run): Run {
  return { terms: terms.slice(0, -1), events: events.slice(0, -1) };
}

/** A run and the loop it ends in. */
function closed(run: Run, loop: readonly Process[], found: Counterexample): Run {
  const events = found.kind === 'divergence' ? found.loop.map((step) => step.event) : [];
  return { terms: [...run.terms, ...loop.slice(1)], events: [...run.events, ...events] };
}

/** Runs of one process, told by its components. */
class Story {
  readonly #terms: Terms;
  readonly #process: Process;
  readonly #network: Network;
  readonly #stopped: () => boolean;

  constructor(terms: Terms, process: Process, stopped: () => boolean) {
    this.#stopped = stopped;
    this.#terms = terms;
    this.#process = process;
    this.#network = networkOf(process);
  }

  retraced(steps: readonly Step[], holds: (end: Process) => boolean): readonly Process[] | undefined {
    const { shape, components } = this.#network;
    // A network is told by its components, one component by its term.
    const wordsOf = (state: Process): string =>
      components.length < 2
        ? show(this.#terms, state)
        : componentsAt(shape, state)
            .map((component) => show(this.#terms, component))
            .join(BESIDE);
    return retrace(this.#terms, this.#process, steps, holds, this.#stopped, wordsOf);
  }

  /** The loop, closed if it can be: reduced components may come back to an equivalent term instead. */
  looped(run: readonly Process[] | undefined, loop: readonly Step[]): readonly Process[] | undefined {
    const start = run?.at(-1);
    if (start === undefined) return undefined;
    return (
      retrace(this.#terms, start, loop, (end) => end === start, this.#stopped) ?? retrace(this.#terms, start, loop)
    );
  }

  /** Steps by name, with who took part if the terms of the run are known. */
  steps(steps: readonly Step[], run: readonly Process[] | undefined): readonly ReportedStep[] {
    return steps.map(({ event, from, to }, i) => ({
      event: this.#name(event),
      from,
      to,
      ...(run && this.#proved(this.#proof(run, i, event))),
    }));
  }

  /** The two runs with the same trace, of which one accepts the event and the other refuses it. */
  outcomes({ trace, event }: Counterexample & { readonly kind: 'nondeterminism' }): {
    readonly refused: Run | undefined;
    readonly reported: Pick<ReportedCounterexample, 'accepting' | 'refusing'>;
  } {
    const accepted = this.shortest([...trace, event], () => true);
    const refused = this.shortest(trace, (end) => {
      const initials = transitions(this.#terms, end).map((step) => step.event);
      return initials.includes(TICK) ? event !== TICK : !initials.includes(TAU) && !initials.includes(event);
    });
    const reported = {
      ...(accepted && { accepting: this.told(accepted) }),
      ...(refused && { refusing: this.told(refused) }),
    };
    return { refused, reported };
  }

  shortest(trace: readonly EventId[], holds: (end: Process) => boolean): Run | undefined {
    const passed = runOf(this.#terms, this.#process, trace, holds, this.#stopped);
    return (
      passed && { terms: [this.#process, ...passed.map(({ to }) => to)], events: passed.map(({ event }) => event) }
    );
  }

  told({ terms, events }: Run): readonly ReportedStep[] {
    const describe = (state: Process) => show(this.#terms, state);
    const steps = events.map((event, i) => ({ event, from: describe(terms[i]!), to: describe(terms[i + 1]!) }));
    return this.steps(steps, terms);
  }

  /** Each component's own view of a run, and what it waits for at the end. */
  components(
    { terms: run, events }: Run,
    kind: Counterexample['kind'],
  ): Pick<ReportedCounterexample, 'components' | 'blocked' | 'ring'> {
    const { shape, components } = this.#network;
    if (components.length > COMPONENTS_MAX) return {};
    const traces: string[][] = components.map(() => []);
    const within: Process[] = [...components];
    for (const [i, event] of events.entries()) {
      const proof = this.#proof(run, i, event);
      for (const share of proof?.shares ?? [])
        traces[share.component]!.push(
          this.#ownName(share.event, proof!.shares.length === 1 ? proof!.hidden : undefined),
        );
      for (const [index, term] of componentsAt(shape, run[i + 1]!).entries())
        if (definitionOf(term) !== undefined) within[index] = term;
    }
    const ends = componentsAt(shape, run.at(-1)!);
    return {
      components: ends.map((end, i) => this.#component(components[i]!, traces[i]!, within[i]!, end)),
      ...(kind !== 'trace' && kind !== 'divergence' && this.#blocked(run.at(-1)!)),
    };
  }

  #component(start: Process, trace: readonly string[], within: Process, end: Process): ReportedComponent {
    const [place, definition] = [placeOf(within), definitionOf(within)];
    const offers = new Set(transitions(this.#terms, end).map((step) => this.#name(step.event)));
    return {
      name: nameOf(this.#terms, start),
      trace,
      state: termInWords(this.#terms, end),
      offers: [...offers],
      terminated: end.kind === 'omega',
      ...(definition !== undefined && { within: definition }),
      ...(place && { place: reportedPlace(place) }),
    };
  }

  #blocked(end: Process): Pick<ReportedCounterexample, 'blocked' | 'ring'> {
    const { components } = this.#network;
    if (components.length < 2) return {};
    const found = blockedAt(this.#terms, this.#network, end, alphabetsOf(this.#terms, components));
    const ring = components.length > RING_COMPONENTS_MAX ? undefined : ringOf(found, components.length);
    const blocked = found.map(({ event, ...who }): ReportedBlock => ({ event: this.#name(event), ...who }));
    return { blocked, ...(ring && { ring }) };
  }

  #proof(run: readonly Process[], i: number, event: EventId): Proof | undefined {
    return proofOf(this.#terms, this.#network.shape, run[i]!, event, run[i + 1]!);
  }

  #proved(proof: Proof | undefined): Pick<ReportedStep, 'hidden' | 'participants'> {
    if (proof === undefined) return {};
    const participants = proof.shares.map((share) => share.component).sort((a, b) => a - b);
    return { participants, ...(proof.hidden !== undefined && { hidden: this.#name(proof.hidden) }) };
  }

  #ownName(event: EventId, hidden: EventId | undefined): string {
    return event === TAU && hidden !== undefined ? `τ (${this.#name(hidden)})` : this.#name(event);
  }

  #name(event: EventId): string {
    return this.#terms.alphabet.nameOf(event);
  }
}
