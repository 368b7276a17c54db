/**
 * The report of a check, as `csp check --json` prints it: a contract, kept stable.
 */
import type { Severity } from './cspm/index.ts';

export interface Report {
  readonly file: string;
  readonly diagnostics: readonly ReportedDiagnostic[];
  readonly assertions: readonly ReportedAssertion[];
  /** What `print` asks for; absent when the script prints nothing. */
  readonly prints?: readonly ReportedPrint[];
}

/** A value printed as CSPM, or the reason why there is none. */
export interface ReportedPrint {
  readonly line: number;
  readonly expression: string;
  readonly value?: string;
  readonly reason?: string;
}

export interface ReportedDiagnostic {
  readonly severity: Severity;
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly fix?: string;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** A stretch of a script. Lines and columns count from 1; the end is exclusive. */
export interface ReportedPlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
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
  readonly place?: ReportedPlace;
  /** What was asked for and did not change how it was decided: a hint, a compression that the model does not allow. */
  readonly notes?: readonly string[];
  /** On request. */
  readonly shrunk?: ReportedShrunk;
}

export interface ReportedCounterexample {
  readonly kind: 'trace' | 'refusal' | 'revival' | 'deadlock' | 'divergence' | 'nondeterminism' | 'missing trace';
  /** Visible events by name. */
  readonly trace: readonly string[];
  /** The event that breaks it, for `trace`, `revival`, `nondeterminism`, `missing trace`. */
  readonly event?: string;
  /** In R and RD: what was seen to be refused before each event of the trace; null where that does not matter. An empty set: it was stable. */
  readonly refused?: readonly (readonly string[] | null)[];
  /** What the implementation settles on, and the sets of which the specification requires one; for `revival` its sets with the event. */
  readonly accepted?: readonly string[];
  readonly required?: readonly (readonly string[])[];
  /** The behavior step by step, taus included. */
  readonly steps: readonly ReportedStep[];
  readonly loop?: readonly ReportedStep[];
  /** What the specification could do after the trace, for `trace`. */
  readonly allowed?: readonly string[];
  /** For `nondeterminism`: a run that accepts the event after the trace, and one that comes to refuse it. */
  readonly accepting?: readonly ReportedStep[];
  readonly refusing?: readonly ReportedStep[];
  /** The same behavior, `refusing` if that is there, component by component, from left to right as the script composes them. */
  readonly components?: readonly ReportedComponent[];
  /** What components offer at the end, and cannot do. */
  readonly blocked?: readonly ReportedBlock[];
  /** Indices of components, each of which waits for the next, and the last for the first. */
  readonly ring?: readonly number[];
}

/** What a counterexample needs of the data of its script, and the counterexample it then has. */
export interface ReportedShrunk {
  /** What was made smaller, in the order of the script. */
  readonly numbers: readonly ReportedNumber[];
  /** Checks that it took. */
  readonly checks: number;
  /** Whether none of the numbers can be made smaller alone; otherwise the limits ended the search before that was known. */
  readonly complete: boolean;
  /** The script with these numbers. */
  readonly source: string;
  readonly assertion: ReportedAssertion;
}

export interface ReportedNumber {
  /** The constant, or what has the type: `channel c`. */
  readonly name: string;
  /** As written: `5`, `{0..5}`. */
  readonly given: string;
  readonly least: string;
  readonly place: ReportedPlace;
}

export interface ReportedStep {
  readonly event: string;
  readonly from: string;
  readonly to: string;
  /** For a tau: the event that was hidden; `✓` when a component terminated. Absent when a component decided by itself. */
  readonly hidden?: string;
  /** Indices of the components that took part, increasing. */
  readonly participants?: readonly number[];
}

export interface ReportedComponent {
  readonly name: string;
  /** What it did itself, by its own names of the events, taus included. */
  readonly trace: readonly string[];
  /** Where it stands at the end, in words. */
  readonly state: string;
  /** What it could do next if nobody hindered it. */
  readonly offers: readonly string[];
  readonly terminated: boolean;
  /** The last definition it went through, and where that is written. */
  readonly within?: string;
  readonly place?: ReportedPlace;
}

export interface ReportedBlock {
  readonly event: string;
  readonly offeredBy: readonly number[];
  /** Those who do it at other times. None: nobody who would have to take part ever does. */
  readonly refusedBy: readonly number[];
}
