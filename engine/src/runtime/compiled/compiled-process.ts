/**
 * The compiled tier: a process of the specification, run as a state machine on the channels of a network.
 *
 * No generator and no evaluated text: one object walks the table and performs the same offers as the other tiers, so all three meet on one channel. In
 * steady state it allocates nothing, choices excepted. Where the specification leaves the decision to the process, the seed decides.
 *
 * Its whole state is one number, so a snapshot costs nothing and a restart goes on where it was.
 */
import type { Process as Term, Terms } from '../../csp/index.ts';
import type { Channel } from '../channel.ts';
import { choice, type Guard, timeout } from '../choice.ts';
import { MisuseError } from '../errors.ts';
import type { OfferTerms } from '../offer.ts';
import type { Operation, Suspension } from '../operation.ts';
import type { Process } from '../process.ts';
import { Seeded } from '../seeded.ts';
import type { Enforcement } from './enforcement.ts';
import { CHOOSE, DRAW, END, type Move, type Port, RECEIVE, type Row, SEND, STOP, tabulate } from './table.ts';

/** CSPM names and the channels they stand for. `offer.buyer.seller` stands for all events that begin with it; the fields behind it are the value. */
export type Wires = Readonly<Record<string, Channel<unknown>>>;

export interface Wiring {
  readonly sends?: Wires;
  readonly receives?: Wires;
  /** Names of events that nobody else takes part in. */
  readonly alone?: readonly string[];
}

export interface RunOptions {
  /** For the decisions that the specification leaves to the process. Absent: 0. */
  readonly seed?: number;
  readonly enforcement?: Enforcement;
  /** Names received from senders that are not compiled: their events are enforced when they are received. Those of compiled senders are when sent. */
  readonly observes?: readonly string[];
  /** A state of an earlier run, to go on from. */
  readonly from?: number;
  /** Told of each state that is reached by an event. */
  readonly onState?: (state: number) => void;
}

export type Compilation =
  | { readonly kind: 'compiled'; readonly process: CompiledProcess }
  | {
      readonly kind: 'refused';
      readonly reason: 'too many states' | 'unbound event' | 'diverges';
      readonly message: string;
    };

/**
 * Compiles one process of the specification, usually one component of a parallel composition.
 *
 * @example
 * const compilation = compileProcess(terms, copy, { receives: { in: input }, sends: { out: output } });
 * if (compilation.kind === 'compiled') network.spawn('copy', compilation.process.body());
 */
export function compileProcess(
  terms: Terms,
  process: Term,
  wiring: Wiring,
  options: { readonly stateCountMax?: number } = {},
): Compilation {
  const { sends = {}, receives = {}, alone = [] } = wiring;
  const names = [...Object.keys(sends), ...Object.keys(receives), ...alone];
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw new RangeError(`${twice} is wired twice; an event has one direction for a process`);
  const directions = { sends: Object.keys(sends), receives: Object.keys(receives), alone };
  const table = tabulate(terms, process, directions, options.stateCountMax ?? 100_000);
  if (table.kind === 'refused') return table;
  return { kind: 'compiled', process: new CompiledProcess(table.rows, table.initial, sends, receives) };
}

export class CompiledProcess {
  readonly #rows: readonly Row[];
  readonly #initial: number;
  readonly #sends: Wires;
  readonly #receives: Wires;

  constructor(rows: readonly Row[], initial: number, sends: Wires, receives: Wires) {
    this.#rows = rows;
    this.#initial = initial;
    this.#sends = sends;
    this.#receives = receives;
  }

  get stateCount(): number {
    return this.#rows.length;
  }

  /** The body of a network process; ask for a new one for each. */
  body(options: RunOptions = {}): (self: Pick<Process, 'network'>) => Machine {
    const { from = this.#initial } = options;
    if (this.#rows[from] === undefined)
      throw new RangeError(`there is no state ${from}; the process has ${this.stateCount}, from 0`);
    return (self) => new Machine(self, this.#rows, from, this.#sends, this.#receives, options);
  }
}

type Performing = Iterator<Suspension, unknown, unknown>;
const ALONE = 'alone';
const NOTHING: ReadonlySet<string> = new Set();

/** One state prepared for one run. */
interface Cell {
  readonly kind: number;
  readonly row: Row;
  readonly channel: Channel<unknown> | null;
  readonly options: OfferTerms | undefined;
  /** Of `SEND`, and of a `RECEIVE` of one value. */
  readonly value: unknown;
  readonly move: Move | null;
  /** Of `RECEIVE`. */
  readonly moves: ReadonlyMap<unknown, Move> | null;
  readonly observed: boolean;
  /** Of `CHOOSE`: made when first needed, and kept. */
  choice: Performing | null;
}

export class Machine implements Iterator<Suspension, void, unknown> {
  state: number;
  readonly #self: Pick<Process, 'network'>;
  readonly #rows: readonly Row[];
  readonly #cells: (Cell | undefined)[];
  readonly #sends: Wires;
  readonly #receives: Wires;
  readonly #enforcement: Enforcement | null;
  readonly #onState: ((state: number) => void) | null;
  readonly #seed: number;
  /** Made when first needed: most processes never decide anything. */
  #chance: Seeded | null = null;
  readonly #observed: ReadonlySet<string>;
  #pending: Performing | null = null;

  constructor(
    self: Pick<Process, 'network'>,
    rows: readonly Row[],
    state: number,
    sends: Wires,
    receives: Wires,
    options: RunOptions,
  ) {
    this.#self = self;
    this.#rows = rows;
    this.#cells = new Array(rows.length).fill(undefined);
    this.state = state;
    this.#sends = sends;
    this.#receives = receives;
    this.#enforcement = options.enforcement ?? null;
    this.#onState = options.onState ?? null;
    this.#seed = options.seed ?? 0;
    this.#observed = options.observes === undefined ? NOTHING : new Set(options.observes);
  }

  get #random(): Seeded {
    return (this.#chance ??= new Seeded(this.#seed));
  }

  next(): IteratorResult<Suspension, void> {
    for (;;) {
      const cell = this.#cells[this.state] ?? this.#prepare(this.state);
      if (cell.kind < SEND) {
        if (cell.kind === END) return { done: true, value: undefined };
        this.#settle(cell);
        continue;
      }
      let performing = this.#pending;
      if (performing === null) {
        // What it performs alone is as likely as an offer; and when nobody takes the offer at this instant, it is performed all the same.
        if (cell.kind === CHOOSE && cell.row.moves.length > 0 && this.#random.chance(0.5)) {
          this.#performAlone(cell.row);
          continue;
        }
        performing = this.#perform(cell);
      }
      const step = performing.next();
      if (step.done !== true) {
        this.#pending = performing;
        return step as IteratorResult<Suspension, void>;
      }
      this.#pending = null;
      const move = this.#moveOf(cell, step.value);
      if (move === null) this.#performAlone(cell.row);
      else this.#arrive(move);
    }
  }

  return(): IteratorResult<Suspension, void> {
    this.#pending = null;
    return { done: true, value: undefined };
  }

  #perform(cell: Cell): Performing {
    if (cell.kind === SEND) return performingOf(cell.channel!.send(cell.value, cell.options));
    if (cell.kind === RECEIVE) return performingOf(cell.channel!.receive(cell.options));
    return (cell.choice ??= this.#choiceOf(cell.row));
  }

  /** Internal steps, and what is performed alone. */
  #settle({ kind, row }: Cell): void {
    if (kind === DRAW) this.state = this.#draw(row.targets);
    else this.#performAlone(row);
  }

  #performAlone(row: Row): void {
    const move = this.#random.pick(row.moves);
    this.#enforcement?.perform(move.event);
    this.#arrive(move);
  }

  /** Null: nobody took the offer, and there is something to do alone. */
  #moveOf(cell: Cell, value: unknown): Move | null {
    if (cell.kind === SEND) return cell.move!;
    if (cell.move !== null && value === cell.value) return cell.move;
    if (cell.kind === RECEIVE) return this.#received(cell.row.ports[0]!, cell.observed, cell.moves, value);
    const chosen = value as { readonly guard: string; readonly value: unknown };
    if (chosen.guard === ALONE) return null;
    const port = cell.row.ports[Number(chosen.guard)]!;
    if (port.sending) return port.moves.values().next().value!;
    return this.#received(port, this.#observed.has(port.channel), port.moves, chosen.value);
  }

  #received(port: Port, observed: boolean, moves: ReadonlyMap<unknown, Move> | null, value: unknown): Move {
    const move = moves!.get(value);
    if (move === undefined)
      throw new MisuseError(`${port.channel} carried ${String(value)}, which the process has no event for`);
    if (observed) this.#enforcement?.perform(move.event);
    return move;
  }

  #arrive({ targets }: Move): void {
    this.state = targets.length === 1 ? targets[0]! : this.#draw(targets);
    if (this.#onState !== null) this.#onState(this.state);
  }

  #draw(targets: readonly number[]): number {
    return targets.length === 1 ? targets[0]! : targets[this.#random.below(targets.length)]!;
  }

  #prepare(state: number): Cell {
    const row = this.#rows[state]!;
    if (row.kind === STOP) return (this.#cells[state] = this.#stopped(row));
    const port = row.ports.length === 1 ? row.ports[0]! : undefined;
    // What is observed is looked up, so that it is enforced in one place.
    const looked = port === undefined || port.moves.size > 1 || (!port.sending && this.#observed.has(port.channel));
    const only = looked ? undefined : port.moves.values().next().value!;
    const cell: Cell = {
      kind: row.kind,
      row,
      channel: port === undefined ? null : this.#channelOf(port),
      options: port === undefined ? undefined : this.#optionsOf(port),
      value: only?.value,
      move: only ?? null,
      moves: port === undefined || port.sending ? null : port.moves,
      observed: port !== undefined && this.#observed.has(port.channel),
      choice: null,
    };
    this.#cells[state] = cell;
    return cell;
  }

  /** STOP waits for ever on a channel that nobody else has: it is part of every deadlock, and of its report. */
  #stopped(row: Row): Cell {
    const channel = this.#self.network.channel<unknown>('STOP');
    const none = { options: undefined, value: undefined, move: null, moves: null, observed: false, choice: null };
    return { ...none, kind: RECEIVE, row, channel };
  }

  #channelOf(port: Port): Channel<unknown> {
    return (port.sending ? this.#sends : this.#receives)[port.channel]!;
  }

  /** A send is enforced at the moment of delivery. A receive that does not accept every value lets the others wait. */
  #optionsOf(port: Port): OfferTerms | undefined {
    const { moves } = port;
    if (!port.sending) return port.acceptsAll ? undefined : { filter: (value) => moves.has(value) };
    const enforcement = this.#enforcement;
    if (enforcement === null) return undefined;
    const { event } = moves.values().next().value!;
    return { commit: () => enforcement.perform(event) };
  }

  #choiceOf({ ports, moves }: Row): Performing {
    const guards: Record<string, Guard> = moves.length > 0 ? { [ALONE]: timeout(0) } : {};
    ports.forEach((port, index) => {
      const channel = this.#channelOf(port);
      guards[index] = port.sending
        ? channel.send(port.moves.keys().next().value, this.#optionsOf(port))
        : channel.receive(this.#optionsOf(port));
    });
    return choice(guards) as unknown as Performing;
  }
}

function performingOf(operation: Operation<unknown>): Performing {
  return operation[Symbol.iterator]();
}
