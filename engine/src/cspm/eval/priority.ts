/**
 * `prioritisepo(P, E, O, M)`: from the script's sets to the order of the operator.
 *
 * Every event of the order and of M is in E. Tau and tick stand above the events of E that are not in M; nothing stands above an event of M.
 */
import { contains, type EventId, type EventSet, type Process, type Span, TAU, TICK } from '../../csp/index.ts';
import { fault } from './codes.ts';
import type { Machine } from './machine.ts';

export interface PriorityOrder {
  readonly prioritized: EventSet;
  readonly above: readonly (readonly [above: EventId, below: EventId])[];
  readonly maximal: EventSet;
}

export function prioritizedBy({ terms }: Machine, process: Process, order: PriorityOrder, span: Span): Process {
  const { prioritized, above, maximal } = order;
  const nameOf = (event: EventId): string => terms.alphabet.nameOf(event);
  const missing = [...above.flat(), ...maximal].find((event) => !contains(prioritized, event));
  if (missing !== undefined) {
    throw fault(
      'badArgument',
      span,
      `${nameOf(missing)} is in the order but not among the prioritised events. Add it to the second argument.`,
    );
  }
  const topped = above.find(([, below]) => contains(maximal, below));
  if (topped !== undefined) {
    const [high, low] = topped.map(nameOf);
    throw fault('badArgument', span, `${high} is above ${low}, which is given as maximal. Leave one of the two out.`);
  }
  const waiting = prioritized.filter((event) => !contains(maximal, event));
  const internal = waiting.flatMap((low) => [TAU, TICK].map((high) => [high, low] as const));
  try {
    return terms.partialPriority(process, [...above, ...internal]);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw fault('badArgument', span, 'This order goes in a circle: an event is above itself. Take a pair out.');
  }
}
