export type { Counterexample, Effort, Model, Step, Verdict } from './verdict.ts';
