/**
 * Laws of the algebra, as data: equations between processes, each with the models in which it holds.
 *
 * They are the oracle of the checkers: a law is tested on random processes in every model it claims, and refuted in every model where it must fail.
 */
import type { EventId, EventSet } from './events.ts';
import type { Process } from './process.ts';
import type { Terms } from './terms.ts';

/** Traces, stable failures, failures-divergences. */
export type Model = 'T' | 'F' | 'FD';

export const ALL_MODELS: readonly Model[] = ['T', 'F', 'FD'];

/** What the letters of a law stand for. */
export interface Instance {
  readonly terms: Terms;
  readonly P: Process;
  readonly Q: Process;
  readonly R: Process;
  readonly A: EventSet;
  readonly B: EventSet;
  readonly C: EventSet;
  /** Σ: every event that the processes and the sets may mention. */
  readonly sigma: EventSet;
  /** Two different events. */
  readonly a: EventId;
  readonly b: EventId;
}

export interface Law {
  /** `[]-symmetry`: operator and property, unique among all laws. */
  readonly name: string;
  /** The equation as the books write it, side condition included. */
  readonly equation: string;
  readonly models: readonly Model[];
  /** Models in which some instance refutes it, when that is instructive. */
  readonly failsIn?: readonly Model[];
  /** The side condition. */
  readonly provided?: (instance: Instance) => boolean;
  readonly left: (instance: Instance) => Process;
  readonly right: (instance: Instance) => Process;
}
