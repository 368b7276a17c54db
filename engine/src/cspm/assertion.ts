/** Assertions of a script, ready to be checked: processes are evaluated when asked for, and asking may throw `EvaluationFault`. */
import type { EventId, Process, Span } from '../csp/index.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { AssertedProperty, SemanticModel } from './syntax.ts';

export type Assertion = {
  readonly span: Span;
  readonly text: string;
  readonly negated: boolean;
  /** Asked for by `:[partial order reduce]`, which may save states and changes no verdict. `tau priority` is part of the processes already. */
  readonly partialOrderReduce: boolean;
} & (
  | {
      readonly form: 'refinement';
      readonly model: SemanticModel;
      specification(): Process;
      implementation(): Process;
    }
  | {
      readonly form: 'property';
      readonly property: AssertedProperty;
      readonly model: SemanticModel;
      process(): Process;
    }
  | {
      readonly form: 'has trace';
      readonly model: SemanticModel;
      process(): Process;
      trace(): readonly EventId[];
    }
);

/** Evaluation went wrong at a place in the script: a value outside its channel, no clause that matches, a bound exceeded. */
export class EvaluationFault extends Error {
  readonly diagnostic: Diagnostic;
  constructor(diagnostic: Diagnostic) {
    super(`${diagnostic.span.file}:${diagnostic.span.line}:${diagnostic.span.column}: ${diagnostic.message}`);
    this.name = 'EvaluationFault';
    this.diagnostic = diagnostic;
  }
}
