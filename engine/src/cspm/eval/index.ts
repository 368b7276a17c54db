export type { EvaluationLimits } from './budget.ts';
export { EVALUATION_CODES } from './codes.ts';
export { type EvaluateOptions, type Evaluation, evaluate, type Print } from './evaluate.ts';
