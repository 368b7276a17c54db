/** The compiled tier: a process of the specification made ready to run on the channels of a network. */
import type { Process as Term, Terms } from '../../csp/index.ts';
import type { Channel } from '../channel.ts';
import type { Process } from '../process.ts';
import { Machine, type RunOptions } from './machine.ts';
import { Program } from './program.ts';
import { tabulate } from './table.ts';

/** CSPM names and the channels they stand for. `offer.buyer.seller` stands for all events that begin with it; the fields behind it are the value. */
export type Wires = Readonly<Record<string, Channel<unknown>>>;

export interface Wiring {
  readonly sends?: Wires;
  readonly receives?: Wires;
  /** Names of events that nobody else takes part in. */
  readonly alone?: readonly string[];
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
  return { kind: 'compiled', process: new CompiledProcess(new Program(table.rows), table.initial, wiring) };
}

/** A process of the specification on the channels it is wired to. */
export class CompiledProcess {
  readonly #program: Program;
  readonly #initial: number;
  /** By number of wire. */
  readonly #channels: readonly Channel<unknown>[];

  constructor(program: Program, initial: number, wiring: Wiring) {
    this.#program = program;
    this.#initial = initial;
    this.#channels = program.wires.map(({ sending, channel }) => {
      const found = (sending ? wiring.sends : wiring.receives)?.[channel];
      if (found === undefined)
        throw new RangeError(
          `the process ${sending ? 'sends' : 'receives'} on ${channel}, and no channel is given for it`,
        );
      return found;
    });
  }

  get stateCount(): number {
    return this.#program.steps.length;
  }

  /**
   * The same process on other channels, under the same names: the table is shared, so that a thousand alike cost a table and a thousand numbers.
   *
   * @throws RangeError when a channel is missing
   * @example
   * const stations = links.map((link, i) => station.on({ receives: { in: link }, sends: { out: links[i + 1] } }));
   */
  on(wiring: Pick<Wiring, 'sends' | 'receives'>): CompiledProcess {
    return new CompiledProcess(this.#program, this.#initial, wiring);
  }

  /** The body of a network process; ask for a new one for each. */
  body(options: RunOptions = {}): (self: Process) => Machine {
    const { from = this.#initial } = options;
    if (this.#program.steps[from] === undefined)
      throw new RangeError(`there is no state ${from}; the process has ${this.stateCount}, from 0`);
    return (self) => new Machine(self, this.#program, from, this.#channels, options);
  }
}
