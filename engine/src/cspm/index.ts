export { type Assertion, EvaluationFault } from './assertion.ts';
export { type CodeMeaning, SYNTAX_CODES, type SyntaxCode } from './codes.ts';
export type { Diagnostic, Fix, Severity } from './diagnostic.ts';
export { type Dialect, withoutRepeats } from './dialect.ts';
export {
  EVALUATION_CODES,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationLimits,
  evaluate,
  type Print,
} from './eval/index.ts';
export { type IncludeLoader, type Parsed, type ParseOptions, parse, parseExpression } from './parser.ts';
export { printDeclaration, printExpression, printScript } from './print/declarations.ts';
export { printPattern } from './print/patterns.ts';
export type { StepOptions, StepTranslation } from './steps/translation.ts';
export { isStepNotation, translateSteps } from './steps.ts';
export type * as Syntax from './syntax.ts';
export type { AssertedProperty, SemanticModel } from './syntax.ts';
export { checkTypes, TYPE_CODES, type TypeCode, type TypeOptions, type TypeReport } from './types/index.ts';
