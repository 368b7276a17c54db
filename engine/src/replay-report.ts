/**
 * Reported counterexamples, held against a script again: in another process, later, or by somebody who does not trust who reported them.
 *
 * Nothing is searched and no transition system is built: the firing rules alone decide, as in `refine/replay.ts`.
 */
import { claimOf } from './claim.ts';
import { type EventId, TAU, type Terms, TICK, UnboundedNesting } from './csp/index.ts';
import { EvaluationFault } from './cspm/index.ts';
import { type LoadOptions, load } from './load.ts';
import { LimitReached, type Limits } from './lts/index.ts';
import { type Counterexample, replay, type Step } from './refine/index.ts';
import type { ReportedAssertion, ReportedCounterexample, ReportedStep } from './report.ts';

export interface Replayed {
  readonly line: number;
  readonly text: string;
  readonly verdict: 'valid' | 'not valid' | 'unknown';
  readonly reason?: string;
}

/**
 * Whether each counterexample in `assertions` refutes the assertion of the same text in the script. One entry for each of them that has a counterexample;
 * undefined when the script is wrong.
 *
 * @example
 * const report = check(source, options);
 * replayReport(source, report.assertions, options)?.every(({ verdict }) => verdict === 'valid'); // true
 */
export function replayReport(
  source: string,
  assertions: readonly Pick<ReportedAssertion, 'line' | 'text' | 'counterexample'>[],
  options: LoadOptions & { readonly within?: Limits },
): readonly Replayed[] | undefined {
  const { evaluation } = load(source, { ...options, until: 'eval' });
  if (evaluation === undefined) return undefined;
  return assertions.flatMap(({ line, text, counterexample }): Replayed[] => {
    if (counterexample === undefined) return [];
    const same = evaluation.assertions.filter((assertion) => assertion.text === text);
    const assertion = same.find(({ span }) => span.line === line) ?? same[0];
    if (assertion === undefined)
      return [{ line, text, verdict: 'not valid', reason: 'the script has no such assertion' }];
    try {
      const valid = replay(
        evaluation.terms,
        claimOf(assertion),
        counterexampleOf(evaluation.terms, counterexample),
        options.within,
      );
      return [{ line, text, ...(valid ? { verdict: 'valid' } : REFUTED) }];
    } catch (error) {
      if (error instanceof LimitReached) return [{ line, text, verdict: 'unknown', reason: error.message }];
      if (error instanceof EvaluationFault || error instanceof UnboundedNesting)
        return [{ line, text, verdict: 'not valid', reason: error.message }];
      throw error;
    }
  });
}

const REFUTED = { verdict: 'not valid', reason: 'the firing rules do not allow it, or it breaks nothing' } as const;

function counterexampleOf(terms: Terms, found: ReportedCounterexample): Counterexample {
  const id = (name: string): EventId => (name === 'τ' ? TAU : name === '✓' ? TICK : terms.alphabet.intern(name));
  const set = (names: readonly string[]): EventId[] => names.map(id).sort((a, b) => a - b);
  const steps = (list: readonly ReportedStep[]): Step[] =>
    list.map(({ event, from, to }) => ({ event: id(event), from, to }));
  const told = {
    trace: found.trace.map(id),
    steps: steps(found.steps),
    ...(found.refused && { refused: found.refused.map((names) => (names === null ? undefined : set(names))) }),
  };
  switch (found.kind) {
    case 'deadlock':
      return { ...told, kind: found.kind };
    case 'refusal':
      return {
        ...told,
        kind: found.kind,
        accepted: set(found.accepted ?? []),
        required: (found.required ?? []).map(set),
      };
    case 'revival':
      return {
        ...told,
        kind: found.kind,
        event: id(found.event ?? ''),
        accepted: set(found.accepted ?? []),
        required: (found.required ?? []).map(set),
      };
    case 'divergence':
      return { ...told, kind: found.kind, loop: steps(found.loop ?? []) };
    default:
      return { ...told, kind: found.kind, event: id(found.event ?? '') };
  }
}
