/**
 * Process terms: what a process *is*, before anything is asked about what it does.
 *
 * A term is plain data, hash-consed by `Terms`: two terms of the same shape in one `Terms` are the same object, with the same `id`.
 * So the states of a finite process are finitely many objects, and a set of states is a set of numbers.
 * Recursion goes through `call`, the only lazy term: it is identified by its key and unfolds to its body on demand.
 *
 * Names follow Roscoe, Understanding Concurrent Systems (2010). Firing rules and laws stand in one file an operator.
 */
import type { EventId, EventSet } from './events.ts';

/** Where in a script a term was written. Lines and columns count from 1. */
export interface Span {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** One branch of a prefix: communicate `event`, then behave as `next`. */
export interface Branch {
  readonly event: EventId;
  readonly next: Process;
}

/** One component of an alphabetized parallel: `process` may only perform, and must agree on, the events of `alphabet`. */
export interface Component {
  readonly process: Process;
  readonly alphabet: EventSet;
}

/** A renaming relation: sorted pairs (from, to). An event with no pair keeps its name; several pairs offer a choice. */
export type RenamingRelation = readonly (readonly [from: EventId, to: EventId])[];

/** Compressions that preserve meaning; the checker may apply them, the semantics ignores them. */
export type Compression =
  | 'explicate'
  | 'lazyenumerate'
  | 'sbisim'
  | 'dbisim'
  | 'wbisim'
  | 'diamond'
  | 'tau_loop_factor'
  | 'normal'
  | 'model_compress';

interface Term<Kind extends string> {
  readonly kind: Kind;
  /** Dense, unique within one `Terms`. */
  readonly id: number;
}

export type Stop = Term<'stop'>;
export type Skip = Term<'skip'>;
/** What is left after tick: no behavior, but not a deadlock. Written Ω in the books; no syntax denotes it. */
export type Omega = Term<'omega'>;
export type Div = Term<'div'>;
export type Chaos = Term<'chaos'> & { readonly events: EventSet };
export type Run = Term<'run'> & { readonly events: EventSet };
/** `?x:A -> P(x)`; `a -> P` is the case of one branch. Two branches may carry the same event. */
export type Prefix = Term<'prefix'> & { readonly branches: readonly Branch[] };
export type ExternalChoice = Term<'externalChoice'> & { readonly branches: readonly Process[] };
export type InternalChoice = Term<'internalChoice'> & { readonly branches: readonly Process[] };
/** `P [> Q`. */
export type SlidingChoice = Term<'slidingChoice'> & { readonly left: Process; readonly right: Process };
/** `P /\ Q`. */
export type Interrupt = Term<'interrupt'> & { readonly left: Process; readonly right: Process };
/** `P [|A|> Q`: an event of A hands control to Q. */
export type Exception = Term<'exception'> & {
  readonly left: Process;
  readonly events: EventSet;
  readonly right: Process;
};
/** `P ; Q`. */
export type Sequential = Term<'sequential'> & { readonly left: Process; readonly right: Process };
export type Interleave = Term<'interleave'> & { readonly components: readonly Process[] };
/** `P [|A|] Q`, n-ary: all components agree on every event of `events`. */
export type GeneralizedParallel = Term<'generalizedParallel'> & {
  readonly components: readonly Process[];
  readonly events: EventSet;
};
/** `P [A || B] Q`, n-ary. */
export type AlphabetizedParallel = Term<'alphabetizedParallel'> & { readonly components: readonly Component[] };
/** `P \ A`. */
export type Hide = Term<'hide'> & { readonly process: Process; readonly events: EventSet };
/** `P |\ A`: hide everything but A. */
export type Project = Term<'project'> & { readonly process: Process; readonly events: EventSet };
/** `P [[ a <- b ]]`. */
export type Rename = Term<'rename'> & { readonly process: Process; readonly relation: RenamingRelation };
/** `P [+A+] Q`: events of A are performed together and leave the choice open. */
export type SynchronizingChoice = Term<'synchronizingChoice'> & {
  readonly branches: readonly Process[];
  readonly events: EventSet;
};
/** `P /+A+\ Q`. */
export type SynchronizingInterrupt = Term<'synchronizingInterrupt'> & {
  readonly left: Process;
  readonly events: EventSet;
  readonly right: Process;
};
/** `prioritise(P, <A0, A1, ...>)`: an event of a set is blocked while an earlier set (or tau, tick at level 0) has one. */
export type Prioritize = Term<'prioritize'> & { readonly process: Process; readonly order: readonly EventSet[] };
/**
 * `prioritisepo(P, E, O, M)`: an event is blocked while one above it is possible. `above` is the order, transitively closed, pairs (above, below), sorted;
 * tau and tick may stand above.
 */
export type PartialPriority = Term<'partialPriority'> & { readonly process: Process; readonly above: RenamingRelation };
/** `chase(P)`: taus are followed greedily. Not semantics preserving. */
export type Chase = Term<'chase'> & { readonly process: Process };
export type Compress = Term<'compress'> & { readonly process: Process; readonly by: Compression };
/** A named or anonymous process, evaluated when first needed. `name` is for people: `PHIL(3)`. */
export type Call = Term<'call'> & {
  readonly key: string;
  readonly name: string | undefined;
  readonly span: Span | undefined;
  /** The body, the same object each time. May throw what evaluating the script throws. */
  unfold(): Process;
};

export type Process =
  | Stop
  | Skip
  | Omega
  | Div
  | Chaos
  | Run
  | Prefix
  | ExternalChoice
  | InternalChoice
  | SlidingChoice
  | Interrupt
  | Exception
  | Sequential
  | Interleave
  | GeneralizedParallel
  | AlphabetizedParallel
  | Hide
  | Project
  | Rename
  | SynchronizingChoice
  | SynchronizingInterrupt
  | Prioritize
  | PartialPriority
  | Chase
  | Compress
  | Call;

export type ProcessKind = Process['kind'];

/** One step: perform `event` (possibly `TAU` or `TICK`) and become `target`. */
export interface Transition {
  readonly event: EventId;
  readonly target: Process;
}
