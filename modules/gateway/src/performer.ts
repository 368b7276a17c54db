/** Performs operations for those who do not come by their route: counted, read by their schemas, run. */
import type { Call, Operation } from '@enhanced-csp/platform';
import { type InputReader, inputReader, type Sources } from './input.ts';

/** Throws what the operation throws, or a fault of the gateway. */
export type Perform = (operation: Operation, sources: Sources, call: Call) => Promise<unknown>;

/** @param admit counts an operation by its rate class; throws when there are too many. */
export function performer(admit: (operation: Operation, call: Call) => void): Perform {
  const readers = new Map<Operation, InputReader>();
  return async (operation, sources, call) => {
    admit(operation, call);
    let read = readers.get(operation);
    if (read === undefined) readers.set(operation, (read = inputReader(operation)));
    return operation.output.parse(await operation.run(read(sources), call));
  };
}
