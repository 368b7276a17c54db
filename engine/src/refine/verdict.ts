/**
 * Verdicts: a failed check is a result, not an error; and a check that ran out of means never holds.
 */
import type { EventId, EventSet } from '../csp/index.ts';

/**
 * Traces, stable failures, failures-divergences; stable revivals and refusal testing, which see more of what happens after a refusal, and both with
 * divergences. The checks of one process ask nothing that failures do not tell: their verdict in V and R is that in F, in VD and RD that in FD.
 */
export type Model = FailuresModel | FineModel;
export type FailuresModel = 'T' | 'F' | 'FD';
export type FineModel = 'V' | 'VD' | 'R' | 'RD';

export function isFine(model: Model): model is FineModel {
  return model === 'V' || model === 'VD' || model === 'R' || model === 'RD';
}

/** Whether a divergence counts, and allows everything below it. */
export function seesDivergence(model: Model): boolean {
  return model.endsWith('D');
}

/** The model in which a question about failures has the same answer. */
export function failuresIn(model: Model): FailuresModel {
  if (!isFine(model)) return model;
  return seesDivergence(model) ? 'FD' : 'F';
}

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
 * its taus, state by state, so that it can be replayed; for `trace` and `revival` the last step is the event that the specification cannot do.
 */
export type Counterexample = {
  readonly trace: readonly EventId[];
  readonly steps: readonly Step[];
  /** Refusal testing only: what was seen to be refused before each event of `trace`, where that matters. */
  readonly refused?: readonly (EventSet | undefined)[];
} & (
  | { readonly kind: 'trace'; readonly event: EventId } // the specification cannot do `event` after `trace`
  | { readonly kind: 'refusal'; readonly accepted: EventSet; readonly required: readonly EventSet[] } // settles on too little
  // Settles on `accepted` and then does `event`; whenever the specification offers no more than that, it does not offer `event`. V and R.
  | {
      readonly kind: 'revival';
      readonly accepted: EventSet;
      readonly event: EventId;
      readonly required: readonly EventSet[];
    }
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
