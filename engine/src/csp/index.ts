export { inEventOrder } from './event-order.ts';
export { Alphabet, contains, type EventId, type EventSet, eventSet, NO_EVENTS, TAU, TICK, without } from './events.ts';
export { ALL_MODELS, type Instance, type Law, type Model } from './law.ts';
export { LimitReached, type Spend } from './limit.ts';
export { OPERATORS, type Operator, operatorOf } from './operators/index.ts';
export { type Equation, equations, show } from './print.ts';
export type * from './process.ts';
export { Terms, unionOf } from './terms.ts';
export { transitions, UnboundedNesting } from './transitions.ts';
