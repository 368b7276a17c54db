export type { DurableChannel } from './channel.ts';
export type { EventOf } from './enforcement.ts';
export {
  EffectError,
  FencedError,
  NonDeterminismError,
  NotJsonError,
  SpecificationError,
  VersionError,
} from './errors.ts';
export type { Batch, Deed, Entry, Followed, Head, Journal, Place, Sent } from './journal.ts';
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
