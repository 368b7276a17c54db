export { Alphabet, contains, type EventId, type EventSet, eventSet, NO_EVENTS, TAU, TICK } from './events.ts';
export type * from './process.ts';
export { Terms, unionOf } from './terms.ts';
