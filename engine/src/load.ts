/**
 * From text to processes: parse, check types, evaluate. The first phase that finds an error ends it.
 */
import {
  checkTypes,
  type Diagnostic,
  type Dialect,
  type Evaluation,
  type EvaluationLimits,
  evaluate,
  type IncludeLoader,
  parse,
  type Syntax,
  withoutRepeats,
} from './cspm/index.ts';

export type Phase = 'parse' | 'types' | 'eval';

export interface LoadOptions {
  /** Name shown in diagnostics. */
  readonly file: string;
  /** Finds what `include "path"` names; without it, including is an error. */
  readonly include?: IncludeLoader;
  /** Stops after this phase. Default: `eval`. */
  readonly until?: Phase;
  readonly limits?: EvaluationLimits;
  /** Asked now and then while the script is evaluated: true ends it. */
  readonly stopped?: () => boolean;
  /** `fdr2`: what scripts from before the type checker do is a warning where its meaning is still clear. Default: `fdr4`. */
  readonly dialect?: Dialect;
}

export interface Loaded {
  readonly script: Syntax.Script;
  readonly diagnostics: readonly Diagnostic[];
  /** Absent when a phase found an error, or was not asked for. */
  readonly evaluation: Evaluation | undefined;
}

/**
 * Loads a CSPM script. Never throws for what the script says: look at `diagnostics`.
 *
 * @example
 * const { evaluation } = load('channel a\nP = a -> P', { file: 'clock.csp' });
 * evaluation?.definitions; // ['P']
 */
export function load(source: string, options: LoadOptions): Loaded {
  const { until = 'eval', dialect = 'fdr4' } = options;
  const parsed = parse(source, { file: options.file, ...(options.include && { include: options.include }) });
  const diagnostics = [...parsed.diagnostics];
  const failed = () => diagnostics.some((d) => d.severity === 'error');
  if (until === 'parse' || failed()) return { script: parsed.script, diagnostics, evaluation: undefined };

  let { script } = parsed;
  if (dialect === 'fdr2') {
    const once = withoutRepeats(script);
    script = once.script;
    diagnostics.push(...once.diagnostics);
  }
  diagnostics.push(...checkTypes(script, { dialect }).diagnostics);
  if (until === 'types' || failed()) return { script, diagnostics, evaluation: undefined };

  const evaluation = evaluate(script, {
    ...(options.limits && { limits: options.limits }),
    ...(options.stopped && { stopped: options.stopped }),
  });
  diagnostics.push(...evaluation.diagnostics);
  return { script, diagnostics, evaluation: failed() ? undefined : evaluation };
}
