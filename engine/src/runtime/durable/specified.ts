/**
 * A process of the specification, run durably. Its whole state is one number, so a checkpoint costs nothing, and what the specification leaves open is
 * drawn once and written down.
 */
import type { Process as Term, Terms } from '../../csp/index.ts';
import { timeout } from '../choice.ts';
import { CHOOSE, DRAW, END, type Move, type Row, SEND, STOP, tabulate } from '../compiled/index.ts';
import type { Suspension } from '../operation.ts';
import type { DurableChannel } from './channel.ts';
import type { DurableSteps } from './network.ts';
import type { DurableGuard, DurableProcess } from './process.ts';

export type DurableWires = Readonly<Record<string, DurableChannel<unknown>>>;

export interface DurableWiring {
  readonly sends?: DurableWires;
  readonly receives?: DurableWires;
  /** Names of events that nobody else takes part in. */
  readonly alone?: readonly string[];
}

export type DurableSpecification =
  | { readonly kind: 'specified'; readonly body: DurableSteps<void, number>; readonly stateCount: number }
  | { readonly kind: 'refused'; readonly message: string };

/** Between two checkpoints: as much is replayed at most. */
const OPERATIONS_MAX = 256;

/**
 * The body of a durable process from its specification, usually one component of a parallel composition.
 *
 * @example
 * const copy = specified(terms, COPY, { receives: { in: input }, sends: { out: output } });
 * if (copy.kind === 'specified') durable.process('copy', copy.body);
 */
export function specified(
  terms: Terms,
  process: Term,
  wiring: DurableWiring,
  options: { readonly stateCountMax?: number } = {},
): DurableSpecification {
  const { sends = {}, receives = {}, alone = [] } = wiring;
  const directions = { sends: Object.keys(sends), receives: Object.keys(receives), alone };
  const table = tabulate(terms, process, directions, options.stateCountMax ?? 100_000);
  if (table.kind === 'refused') return table;
  const { rows, initial } = table;
  return {
    kind: 'specified',
    stateCount: rows.length,
    *body(self, from = initial) {
      let state = from;
      let checkpointed = self.operations;
      for (;;) {
        const row = rows[state]!;
        if (row.kind === END) return;
        if (row.kind === STOP) yield* self.stop();
        const move = row.kind === DRAW ? undefined : yield* perform(self, row, sends, receives);
        state = yield* drawn(self, move?.targets ?? row.targets);
        if (self.operations - checkpointed < OPERATIONS_MAX || self.replaying) continue;
        yield* self.checkpoint(state);
        checkpointed = self.operations;
      }
    },
  };
}

type Steps<T> = Generator<Suspension, T, unknown>;

function* drawn<T>(self: DurableProcess, items: readonly T[]): Steps<T> {
  return items.length === 1 ? items[0]! : items[Math.floor((yield* self.random()) * items.length)]!;
}

function* perform(self: DurableProcess, row: Row, sends: DurableWires, receives: DurableWires): Steps<Move> {
  const alone = row.moves.length > 0;
  // As in the compiled tier: what it performs alone is as likely as an offer, and performed when nobody takes the offer at this instant.
  if (row.ports.length === 0 || (alone && row.kind === CHOOSE && (yield* self.random()) < 0.5))
    return yield* drawn(self, row.moves);
  const guards: Record<string, DurableGuard> = alone ? { alone: timeout(0) } : {};
  row.ports.forEach((port, at) => {
    guards[at] = port.sending
      ? self.send(sends[port.channel]!, port.moves.keys().next().value)
      : self.receive(receives[port.channel]!, port.acceptsAll ? {} : { filter: (value) => port.moves.has(value) });
  });
  const chosen = yield* self.choice(guards);
  if (chosen.guard === 'alone') return yield* drawn(self, row.moves);
  const port = row.ports[Number(chosen.guard)]!;
  return row.kind === SEND || port.sending ? port.moves.values().next().value! : port.moves.get(chosen.value)!;
}
