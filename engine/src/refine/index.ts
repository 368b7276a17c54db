export type { Pruning } from './antichain.ts';
export { deterministic } from './deterministic.ts';
export { hasTrace } from './has-trace.ts';
export { type Asked, leastCounterexample } from './least-trace.ts';
export { deadlockFree, divergenceFree } from './properties.ts';
export { refines } from './refines.ts';
export { type Claim, replay } from './replay.ts';
export {
  type Counterexample,
  type Effort,
  type FailuresModel,
  type FineModel,
  failuresIn,
  isFine,
  type Model,
  type Step,
  seesDivergence,
  type Verdict,
} from './verdict.ts';
