/** The table of a process, linked: each state knows the states it may lead to, so that running it looks nothing up. Shared by all its runs. */
import type { EventId } from '../../csp/index.ts';
import type { OfferTerms } from '../offer.ts';
import type { Port, Row } from './table.ts';

/** One event at one state, and what it leads to. */
export interface Action {
  readonly event: EventId;
  readonly value: unknown;
  readonly targets: readonly Step[];
  /** The target, when there is one only. */
  readonly next: Step | null;
}

/** What is done at one state. */
export interface Step {
  readonly state: number;
  readonly kind: number;
  readonly row: Row;
  /** Of `DRAW`. */
  readonly targets: readonly Step[];
  /** Performed alone: of `ALONE` and `CHOOSE`. */
  readonly alone: readonly Action[];
  /** Of `SEND`, `RECEIVE` and `CHOOSE`. */
  readonly gates: readonly Gate[];
  /** The first of the gates; null when there is none. */
  readonly gate: Gate | null;
}

/** One guard. */
export interface Gate {
  readonly port: Port;
  /** Number of the wire, the same at all states. */
  readonly wire: number;
  /** The only action; null when there are several. */
  readonly only: Action | null;
  readonly value: unknown;
  readonly actions: ReadonlyMap<unknown, Action>;
  /** A receive that does not accept every value lets the others wait. */
  readonly terms: OfferTerms | undefined;
}

export interface Wire {
  readonly sending: boolean;
  readonly channel: string;
}

export class Program {
  readonly steps: readonly Step[];
  readonly wires: readonly Wire[];

  constructor(rows: readonly Row[]) {
    const wires: Wire[] = [];
    const steps = rows.map((row, state) => ({
      state,
      kind: row.kind,
      row,
      targets: [] as Step[],
      alone: [] as Action[],
      gates: [] as Gate[],
      gate: null as Gate | null,
    }));
    const actionOf = ({ event, value, targets }: Row['moves'][number]): Action => {
      const linked = targets.map((target) => steps[target]!);
      return { event, value, targets: linked, next: linked.length === 1 ? linked[0]! : null };
    };
    const wireOf = ({ sending, channel }: Port): number => {
      const known = wires.findIndex((wire) => wire.sending === sending && wire.channel === channel);
      return known >= 0 ? known : wires.push({ sending, channel }) - 1;
    };
    for (const [state, step] of steps.entries()) {
      const { targets, moves, ports } = rows[state]!;
      step.targets.push(...targets.map((target) => steps[target]!));
      step.alone.push(...moves.map(actionOf));
      for (const port of ports) {
        const actions = new Map([...port.moves].map(([value, move]) => [value, actionOf(move)]));
        const only = actions.size === 1 ? [...actions.values()][0]! : null;
        const terms = port.sending || port.acceptsAll ? undefined : { filter: (value: unknown) => actions.has(value) };
        step.gates.push({ port, wire: wireOf(port), only, value: only?.value, actions, terms });
      }
      step.gate = step.gates[0] ?? null;
    }
    this.steps = steps;
    this.wires = wires;
  }
}

/** What happens at the gate with `value`; undefined when nothing does. */
export function actionAt(gate: Gate, value: unknown): Action | undefined {
  const { only } = gate;
  if (only === null) return gate.actions.get(value);
  return gate.value === value ? only : undefined;
}
