export type { DurableChannel } from './channel.ts';
export { EffectError, FencedError, NonDeterminismError, NotJsonError, VersionError } from './errors.ts';
export type { Batch, Deed, Entry, Head, Journal, Place } from './journal.ts';
export { MemoryJournal } from './memory-journal.ts';
export {
  type DurableBody,
  DurableNetwork,
  type DurableOptions,
  type DurableProcessOptions,
  type DurableSteps,
} from './network.ts';
export type { DurableOperation } from './operation.ts';
export type { DurableGuard, DurableProcess, DurableReceiveOptions, DurablyChosen } from './process.ts';
export { type DurableSpecification, type DurableWires, type DurableWiring, specified } from './specified.ts';
