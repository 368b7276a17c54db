export { LimitReached, type Limits, type Lts, type Progress, type StateId, Transitions } from './lts.ts';
export { type NodeId, type NormalForm, REFUSED } from './normal-form.ts';
export { normalize, normalizeLazily } from './normalize.ts';
export { termLts } from './term-lts.ts';
