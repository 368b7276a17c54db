/**
 * Verdicts: a failed check is a result, not an error; and a check that ran out of means never holds.
 */
import type { EventId, EventSet } from '../csp/index.ts';

export type Model = 'T' | 'F' | 'FD';

export interface Effort {
  /** Pairs (implementation state, specification node) or, for properties of one process, its states. */
  readonly states: number;
  readonly transitions: number;
}

export type Verdict = Effort &
  (
    | { readonly kind: 'holds' }
    | { readonly kind: 'fails'; readonly counterexample: Counterexample }
    | { readonly kind: 'unknown'; readonly spent: 'states' | 'time' | 'memory' }
  );

/**
 * Why a check fails. `trace` is visible events (and a final tick), shortest of its kind; `steps` is the same behavior of the implementation with
 * its taus, state by state, so that it can be replayed; for `trace` the last step is the event that the specification cannot do.
 */
export type Counterexample = {
  readonly trace: readonly EventId[];
  readonly steps: readonly Step[];
} & (
  | { readonly kind: 'trace'; readonly event: EventId } // the specification cannot do `event` after `trace`
  | { readonly kind: 'refusal'; readonly accepted: EventSet; readonly required: readonly EventSet[] } // settles on too little
  | { readonly kind: 'deadlock' }
  | { readonly kind: 'divergence'; readonly loop: readonly Step[] }
  | { readonly kind: 'nondeterminism'; readonly event: EventId } // after `trace` it may accept `event` and may refuse it
  | { readonly kind: 'missing trace'; readonly event: EventId } // has trace: `event` cannot follow `trace`
);

export interface Step {
  readonly event: EventId;
  /** State before the step, in words. */
  readonly from: string;
  readonly to: string;
}
