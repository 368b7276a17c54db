/** Performs operations for those who do not come by their route: counted, read by their schemas, run. */
import type { Call, Operation, PolicyRequest } from '@enhanced-csp/platform';
import { type InputReader, inputReader, type Sources } from './input.ts';
import type { Guard } from './policies.ts';

/** Throws what the operation throws, or a fault of the gateway. */
export type Perform = (
  operation: Operation,
  sources: Sources,
  call: Call,
  surface: PolicyRequest['surface'],
) => Promise<unknown>;

/** @param admit counts an operation by its rate class; throws when there are too many. */
export function performer(admit: (operation: Operation, call: Call) => void, guard: Guard | undefined): Perform {
  const readers = new Map<Operation, InputReader>();
  return async (operation, sources, call, surface) => {
    admit(operation, call);
    let read = readers.get(operation);
    if (read === undefined) readers.set(operation, (read = inputReader(operation)));
    const input = read(sources);
    guard?.perform(operation, input, call, surface);
    return operation.output.parse(await operation.run(input, call));
  };
}
