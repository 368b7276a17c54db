import type { Suspension } from './operation.ts';
import type { Process } from './process.ts';

/**
 * A process written as a class. `execute` may be a generator (`*execute`) or async.
 *
 * @example
 * class Doubler extends AtomicProcess<void> {
 *   readonly #input: Channel<number>;
 *   readonly #output: Channel<number>;
 *   constructor(input: Channel<number>, output: Channel<number>) {
 *     super('doubler');
 *     this.#input = input;
 *     this.#output = output;
 *   }
 *   *execute() {
 *     for (;;) yield* this.#output.send(2 * (yield* this.#input.receive()));
 *   }
 * }
 */
export abstract class AtomicProcess<R = unknown> {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }

  abstract execute(context: Process<R>): Iterator<Suspension, R, unknown> | Promise<R>;
}
