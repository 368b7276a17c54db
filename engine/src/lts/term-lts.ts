/**
 * The plain transition system of a process: its states are terms, its steps are the firing rules of the algebra.
 *
 * It is the meaning that every faster transition system has to agree with, and what a small process is monitored and audited by.
 */
import { type Alphabet, type Process, show, type Terms, transitions } from '../csp/index.ts';
import { LimitReached, type Limits, type Lts, type StateId, type Transitions } from './lts.ts';
import { Watch } from './watch.ts';

/** A store of larger terms than this would end the process before it ends the exploration. */
const BYTE_COUNT_MAX = 2_500_000_000;

/**
 * The transition system of `process` by the operational semantics, explored as it is asked about.
 *
 * Asking for successors may throw what evaluating the script throws, `UnboundedNesting` as `transitions` does, and `LimitReached` when the terms fill the memory or
 * `limits.stopped` says so: the steps of one large term may take longer than there is time.
 *
 * @example
 * const lts = termLts(terms, terms.prefix(a, terms.stop));
 * const steps = new Transitions();
 * lts.successors(lts.initial, steps); // one step: a, to the state of STOP
 */
export function termLts(terms: Terms, process: Process, limits: Limits = {}): Lts {
  return new TermLts(terms, process, limits);
}

class TermLts implements Lts {
  readonly alphabet: Alphabet;
  readonly initial: StateId;
  readonly #terms: Terms;
  readonly #watch: Watch;
  readonly #processes: Process[] = [];
  readonly #stateOfTerm = new Map<number, StateId>();
  /** The steps of states already asked about: event and target in turn. */
  readonly #steps: (Int32Array | undefined)[] = [];

  constructor(terms: Terms, process: Process, limits: Limits) {
    this.alphabet = terms.alphabet;
    this.#terms = terms;
    this.#watch = new Watch(limits.stopped === undefined ? {} : { stopped: limits.stopped }, 'explore');
    this.initial = this.#stateOf(process);
  }

  get stateCount(): number {
    return this.#processes.length;
  }

  successors(state: StateId, into: Transitions): void {
    const steps = (this.#steps[state] ??= this.#compute(state));
    into.clear();
    for (let i = 0; i < steps.length; i += 2) into.push(steps[i]!, steps[i + 1]!);
  }

  describe(state: StateId): string {
    return show(this.#terms, this.#processes[state]!);
  }

  #compute(state: StateId): Int32Array {
    const steps = transitions(this.#terms, this.#processes[state]!, (units) => {
      if (this.#terms.byteCount > BYTE_COUNT_MAX) throw new LimitReached('memory');
      this.#watch.spend(units);
    });
    const packed = new Int32Array(steps.length * 2);
    for (const [i, { event, target }] of steps.entries()) {
      packed[2 * i] = event;
      packed[2 * i + 1] = this.#stateOf(target);
    }
    return packed;
  }

  #stateOf(process: Process): StateId {
    const known = this.#stateOfTerm.get(process.id);
    if (known !== undefined) return known;
    const state = this.#processes.length as StateId;
    this.#processes.push(process);
    this.#steps.push(undefined);
    this.#stateOfTerm.set(process.id, state);
    return state;
  }
}
