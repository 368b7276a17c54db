/**
 * `check`: load a script, decide its assertions, report.
 *
 * A failed assertion is a result. An assertion that ran out of means is `unknown`, never `holds`. Every counterexample is replayed by an
 * independent checker before it is reported; one that does not replay is a defect of the checker and is thrown.
 */

import { claimOf } from './claim.ts';
import { type Process, type Terms, UnboundedNesting } from './csp/index.ts';
import { type Assertion, type Diagnostic, EvaluationFault, type Print } from './cspm/index.ts';
import { explained, reportedPlace } from './explanation.ts';
import { type Loaded, type LoadOptions, load } from './load.ts';
import { coarseCompressions, compile, LimitReached, type Limits, type Lts, type Progress } from './lts/index.ts';
import {
  type Claim,
  type Counterexample,
  deadlockFree,
  deterministic,
  divergenceFree,
  failuresIn,
  hasTrace,
  isFine,
  leastCounterexample,
  refines,
  replay,
  type Verdict,
} from './refine/index.ts';
import type { Report, ReportedAssertion, ReportedDiagnostic, ReportedPrint } from './report.ts';

export interface CheckOptions extends LoadOptions {
  /** Milliseconds, from any fixed point; the engine has no clock of its own. */
  readonly now: () => number;
  /** For the whole script. Assertions not decided by then are `unknown`. */
  readonly timeoutMs?: number;
  /** Index of the one assertion to decide; the report then has no other. */
  readonly only?: number;
  /** For each assertion. */
  readonly stateCountMax?: number;
  /** Bytes in use, as the host measures them (say, the resident set), for progress and for `byteCountMax`: an assertion that needs more is `unknown`. */
  readonly byteCount?: () => number;
  readonly byteCountMax?: number;
  /** Whether, of the shortest counterexamples, the one with the least trace is told. It takes a second search, of normal forms; V and R are left as found. */
  readonly leastTrace?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (assertion: { readonly index: number; readonly text: string }, progress: Progress) => void;
  /** Called with each value that the script prints, before the first assertion is decided. */
  readonly onPrinted?: (print: ReportedPrint) => void;
  /** Called as each assertion is decided. */
  readonly onDecided?: (assertion: ReportedAssertion) => void;
}

/**
 * Checks every assertion of a CSPM script.
 *
 * @example
 * const report = check('channel a\nP = a -> P\nassert P :[deadlock free [F]]', { file: 'clock.csp', now: () => performance.now() });
 * report.assertions[0]?.verdict; // 'holds'
 */
export function check(source: string, options: CheckOptions): Report {
  const stopped = deadline(options);
  const loaded = load(source, { ...options, stopped });
  const diagnostics = [...loaded.diagnostics];
  const { evaluation } = loaded;
  if (evaluation === undefined) return report(options.file, diagnostics, [], []);
  diagnostics.push(...firstSteps(loaded));

  const prints = options.only === undefined ? evaluation.prints.map(printed) : [];
  for (const print of prints) options.onPrinted?.(print);
  const assertions = evaluation.assertions.flatMap((assertion, index) => {
    if (options.only !== undefined && options.only !== index) return [];
    const started = options.now();
    const limits: Limits = {
      stopped,
      ...(options.stateCountMax !== undefined && { stateCountMax: options.stateCountMax }),
      ...(options.byteCount && { byteCount: options.byteCount }),
      ...(options.byteCountMax !== undefined && { byteCountMax: options.byteCountMax }),
      ...(options.onProgress && {
        onProgress: (progress) => options.onProgress?.({ index, text: assertion.text }, progress),
      }),
    };
    const decided = decide(assertion, evaluation.terms, limits, options.leastTrace === true);
    const reported: ReportedAssertion = {
      line: assertion.span.line,
      text: assertion.text,
      negated: assertion.negated,
      ...decided,
      milliseconds: Math.round((options.now() - started) * 1000) / 1000,
      place: reportedPlace(assertion.span),
    };
    options.onDecided?.(reported);
    return reported;
  });
  return report(options.file, diagnostics, assertions, prints);
}

type Decided = Pick<ReportedAssertion, 'verdict' | 'states' | 'transitions' | 'reason' | 'counterexample' | 'notes'>;

function decide(assertion: Assertion, terms: Terms, limits: Limits, leastTrace: boolean): Decided {
  try {
    const claim = claimOf(assertion);
    const decided = decideClaim(claim, terms, limits);
    const told = leastTrace ? withLeastTrace(decided, claim, terms, limits) : decided;
    const verdict = replayed(told, (found) => replay(terms, claim, found, limits));
    const notes = notesOn(assertion, claim);
    const effort = {
      states: verdict.states,
      transitions: verdict.transitions,
      ...(notes.length > 0 && { notes }),
    };
    if (verdict.kind === 'unknown') return { verdict: 'unknown', ...effort, reason: spent(verdict.spent) };
    const holds = (verdict.kind === 'holds') !== assertion.negated;
    return {
      verdict: holds ? 'holds' : 'fails',
      ...effort,
      ...(verdict.kind === 'fails' && {
        counterexample: explained(terms, assertion, verdict.counterexample, limits.stopped),
      }),
    };
  } catch (error) {
    if (error instanceof LimitReached)
      return { verdict: 'unknown', states: 0, transitions: 0, reason: spent(error.spent) };
    if (error instanceof EvaluationFault || error instanceof UnboundedNesting)
      return { verdict: 'error', states: 0, transitions: 0, reason: error.message };
    throw error;
  }
}

/** What the script asks for, and what did not change how it was decided. */
function notesOn(assertion: Assertion, claim: Claim): readonly string[] {
  const notes = assertion.partialOrderReduce
    ? ['partial order reduction is a hint that changes no verdict; it was not used']
    : [];
  if (claim.check !== 'refinement' || !isFine(claim.model)) return notes;
  const { specification, implementation, model } = claim;
  const coarse = new Set([specification, implementation].flatMap(coarseCompressions));
  const lost = [...coarse].map((by) => `${by} loses what ${model} sees, so this was decided without it`);
  return [...notes, ...lost];
}

function decideClaim(claim: Claim, terms: Terms, limits: Limits): Verdict {
  const fine = claim.check === 'refinement' && isFine(claim.model);
  const lts = (process: Process): Lts => compile(terms, process, { ...limits, fine });
  // What is not about failures has no answer in T.
  const [asked, model] = [failuresIn(claim.model), failuresIn(claim.model) === 'FD' ? 'FD' : 'F'] as const;
  switch (claim.check) {
    case 'refinement':
      return refines(claim.model, lts(claim.specification), lts(claim.implementation), limits);
    case 'deadlock free':
      return deadlockFree(model, lts(claim.process), limits);
    case 'divergence free':
      return divergenceFree(lts(claim.process), limits);
    case 'deterministic':
      return deterministic(model, lts(claim.process), limits);
    case 'has trace':
      return hasTrace(asked, lts(claim.process), claim.expected, limits);
  }
}

/** Where the second search runs out of means, the counterexample that was found stays. */
function withLeastTrace(verdict: Verdict, claim: Claim, terms: Terms, limits: Limits): Verdict {
  if (verdict.kind !== 'fails') return verdict;
  const lts = (process: Process): Lts => compile(terms, process, { ...limits, compress: false });
  const model = claim.check === 'divergence free' ? 'FD' : failuresIn(claim.model);
  try {
    const asked =
      claim.check === 'refinement'
        ? { model, specification: lts(claim.specification), process: lts(claim.implementation) }
        : { model, process: lts(claim.process) };
    return { ...verdict, counterexample: leastCounterexample(asked, verdict.counterexample, limits) };
  } catch (fault) {
    if (fault instanceof LimitReached) return verdict;
    throw fault;
  }
}

/** What a counterexample claims must hold by the firing rules alone. */
function replayed(verdict: Verdict, valid: (counterexample: Counterexample) => boolean): Verdict {
  if (verdict.kind === 'fails' && !valid(verdict.counterexample))
    throw new Error(`defect: a ${verdict.counterexample.kind} counterexample does not replay`);
  return verdict;
}

/**
 * The first step of every process that the script defines without parameters: a value outside its channel shows here, without exploring.
 * A constant mistake is then found also when no assertion mentions the process.
 */
function firstSteps({ evaluation }: Loaded): Diagnostic[] {
  if (evaluation === undefined) return [];
  const found = new Map<string, Diagnostic>();
  for (const name of evaluation.definitions) {
    try {
      const process = evaluation.definition(name);
      if (process.kind === 'call') process.unfold();
    } catch (error) {
      if (error instanceof LimitReached) break;
      if (!(error instanceof EvaluationFault)) throw error;
      found.set(
        `${error.diagnostic.span.line}:${error.diagnostic.span.column}:${error.diagnostic.message}`,
        error.diagnostic,
      );
    }
  }
  return [...found.values()];
}

function printed({ expression, span, text }: Print): ReportedPrint {
  const about = { line: span.line, expression };
  try {
    return { ...about, value: text() };
  } catch (error) {
    if (error instanceof LimitReached) return { ...about, reason: spent(error.spent) };
    if (!(error instanceof EvaluationFault)) throw error;
    return { ...about, reason: error.message };
  }
}

function deadline({ now, timeoutMs, signal, stopped }: CheckOptions): () => boolean {
  const end = timeoutMs === undefined ? Number.POSITIVE_INFINITY : now() + timeoutMs;
  return () => signal?.aborted === true || stopped?.() === true || now() >= end;
}

const spent = (what: 'states' | 'time' | 'memory'): string => `stopped: the limit on ${what} was reached`;

function report(
  file: string,
  diagnostics: readonly Diagnostic[],
  assertions: readonly ReportedAssertion[],
  prints: readonly ReportedPrint[],
): Report {
  return { file, diagnostics: diagnostics.map(reported), assertions, ...(prints.length > 0 && { prints }) };
}

/** A diagnostic as reports print it: place in plain numbers, the fix as the text that would repair it. */
export function reported(diagnostic: Diagnostic): ReportedDiagnostic {
  const { severity, code, span, message, fix } = diagnostic;
  return {
    severity,
    code,
    file: span.file,
    line: span.line,
    column: span.column,
    message,
    ...(fix && { fix: fix.replacement }),
    endLine: span.endLine,
    endColumn: span.endColumn,
  };
}
