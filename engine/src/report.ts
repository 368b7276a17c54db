/**
 * The report of a check, as `csp check --json` prints it: a contract, kept stable.
 */
import type { Severity } from './cspm/index.ts';

export interface Report {
  readonly file: string;
  readonly diagnostics: readonly ReportedDiagnostic[];
  readonly assertions: readonly ReportedAssertion[];
}

export interface ReportedDiagnostic {
  readonly severity: Severity;
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix?: string;
}

export interface ReportedAssertion {
  readonly line: number;
  /** As written after `assert`, `not` included. */
  readonly text: string;
  readonly negated: boolean;
  /** Of the assertion as written: `assert not P` holds when P fails. `error`: the processes could not be evaluated. */
  readonly verdict: 'holds' | 'fails' | 'unknown' | 'error';
  readonly states: number;
  readonly transitions: number;
  readonly milliseconds: number;
  /** Why not: which limit was reached, or what could not be evaluated. */
  readonly reason?: string;
  readonly counterexample?: ReportedCounterexample;
}

export interface ReportedCounterexample {
  readonly kind: 'trace' | 'refusal' | 'deadlock' | 'divergence' | 'nondeterminism' | 'missing trace';
  /** Visible events by name. */
  readonly trace: readonly string[];
  /** The event that breaks it, for `trace`, `nondeterminism`, `missing trace`. */
  readonly event?: string;
  /** What the implementation settles on, and the sets of which the specification requires one. */
  readonly accepted?: readonly string[];
  readonly required?: readonly (readonly string[])[];
  /** The behavior step by step, taus included. */
  readonly steps: readonly ReportedStep[];
  readonly loop?: readonly ReportedStep[];
}

export interface ReportedStep {
  readonly event: string;
  readonly from: string;
  readonly to: string;
}
