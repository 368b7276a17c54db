/**
 * The buffers of the language. For each pair of the relation a buffer takes the first event and later gives the second, in order.
 *
 * `BUFFER` takes no more when it is full; `WEAK_BUFFER` also signals, over and over, that it is full, and `SIGNAL_BUFFER` that it is full or empty.
 * FDR manual, "Built-in definitions".
 */
import type { Branch, EventId, Process, Span } from '../../csp/index.ts';
import { fault } from './codes.ts';
import type { Machine } from './machine.ts';

export interface Buffer {
  readonly name: 'BUFFER' | 'WEAK_BUFFER' | 'SIGNAL_BUFFER';
  readonly capacity: number;
  readonly whenFull: EventId | undefined;
  readonly whenEmpty: EventId | undefined;
  readonly pairs: readonly (readonly [taken: EventId, given: EventId])[];
}

export function buffer(
  { terms }: Machine,
  { name, capacity, whenFull, whenEmpty, pairs }: Buffer,
  span: Span,
): Process {
  if (capacity < 1) {
    throw fault('badArgument', span, `A buffer holds at least one event, and the capacity here is ${capacity}.`);
  }
  const seen = new Set<EventId>();
  for (const event of [...pairs.flat(), whenFull, whenEmpty]) {
    if (event === undefined) continue;
    if (seen.has(event)) {
      throw fault(
        'ambiguousEvent',
        span,
        `${terms.alphabet.nameOf(event)} stands in two places of this buffer; each event may stand in one.`,
      );
    }
    seen.add(event);
  }
  const key = `${name} ${capacity} ${whenFull} ${whenEmpty} ${pairs.map((pair) => pair.join('>'))}`;
  const holding = (held: readonly EventId[]): Process => {
    const body = (): Process => {
      const [first, ...rest] = held;
      const branches: Branch[] = [];
      const signal = (event: EventId | undefined): void => {
        if (event !== undefined) branches.push({ event, next: holding(held) });
      };
      if (first === undefined) signal(whenEmpty);
      else branches.push({ event: first, next: holding(rest) });
      if (held.length === capacity) signal(whenFull);
      else branches.push(...pairs.map(([taken, given]) => ({ event: taken, next: holding([...held, given]) })));
      return terms.prefixChoice(branches);
    };
    return terms.call(`${key} [${held}]`, body, { name, span });
  };
  return holding([]);
}
