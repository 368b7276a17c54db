export { compile } from './compile.ts';
export { LimitReached, type Limits, type Lts, type Progress, type StateId, Transitions } from './lts.ts';
export { isSubset, type NodeId, type NormalForm, REFUSED } from './normal-form.ts';
export { normalize, normalizeLazily } from './normalize.ts';
export { termLts } from './term-lts.ts';
export { allocate, grown, grownBytes, Watch } from './watch.ts';
