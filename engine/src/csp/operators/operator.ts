/**
 * What an operator of the algebra is: one row, from which explorer, printer, documents and law tests read.
 *
 * The rows are listed in `index.ts`; a new kind of term does not compile until it has one.
 */
import type { EventId, EventSet } from '../events.ts';
import type { Law } from '../law.ts';
import type { Process, Transition } from '../process.ts';
import type { Terms } from '../terms.ts';

/** The transitions of an argument: the premises of a firing rule. */
export type Step = (process: Process) => readonly Transition[];

/** How strongly an operator binds, loosest first: the order of CSPM. */
export const Precedence = {
  hide: 1,
  interleave: 2,
  parallel: 3,
  internalChoice: 4,
  externalChoice: 5,
  interrupt: 6,
  sliding: 7,
  sequential: 8,
  prefix: 9,
  rename: 10,
  atom: 11,
} as const;

/** Prints the parts of a term. */
export interface Printer {
  /** The process, in parentheses when it binds more loosely than `atLeast`. */
  process(process: Process, atLeast: number): string;
  event(event: EventId): string;
  events(events: EventSet): string;
}

export interface Operator<P extends Process> {
  readonly kind: P['kind'];
  /** CSPM, with `P`, `Q` for processes and `A`, `B` for sets of events. */
  readonly notation: string;
  readonly precedence: number;
  /** The firing rules, one a line: premises `=>` conclusion. */
  readonly rules: readonly string[];
  /** The arguments whose first steps the rules look at. */
  running(process: P): readonly Process[];
  /** The conclusions of the firing rules; may repeat itself, the caller removes duplicates. Asks `step` for running arguments only. */
  fire(process: P, step: Step, terms: Terms): Iterable<Transition>;
  /** The term in CSPM. */
  show(process: P, printer: Printer): string;
  readonly laws: readonly Law[];
}
