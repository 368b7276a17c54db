export { type CompileOptions, compile } from './compile.ts';
export { HierarchicalLts } from './hierarchical-lts.ts';
export type { Question, Reduced } from './hierarchy/hierarchy.ts';
export { LimitReached, type Limits, type Lts, type Progress, type StateId, Transitions } from './lts.ts';
export { isSubset, type NodeId, type NormalForm, REFUSED } from './normal-form.ts';
export { normalize, normalizeLazily } from './normalize.ts';
export { termLts } from './term-lts.ts';
export { allocate, grown, grownBytes, Watch } from './watch.ts';
