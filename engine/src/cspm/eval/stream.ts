/**
 * Sequences that are produced as they are read: `<1..>`, a tail, `<x> ^ f(xs)`, a comprehension.
 *
 * A stream is a list of cells, each made once. `whole` reads it to the end, within the bound on elements, and interns it.
 */
import type { Span } from '../../csp/index.ts';
import { CELL_CALLS } from './budget.ts';
import { fault } from './codes.ts';
import type { Sequence, Value } from './value.ts';
import type { Values } from './values.ts';

export interface Cell {
  readonly head: Value;
  readonly tail: Sequence | Stream;
}

export class Stream {
  readonly kind = 'stream';
  readonly span: Span;
  readonly #values: Values;
  #next: (() => Cell | Sequence | Stream | undefined) | undefined;
  #cell: Cell | undefined;
  #whole: Sequence | undefined;

  /** `next` gives the first cell, nothing for an empty sequence, or a sequence to read instead. */
  constructor(values: Values, span: Span, next: () => Cell | Sequence | Stream | undefined) {
    values.budget.step(span, CELL_CALLS);
    this.#values = values;
    this.span = span;
    this.#next = next;
  }

  /** Head and tail; nothing when empty. */
  uncons(): Cell | undefined {
    if (this.#next === undefined) return this.#cell;
    // A stream may say "read that one instead", and so may that one: follow the chain in a loop, so that it needs no stack.
    const chain: Stream[] = [];
    let cell: Cell | undefined;
    for (let at: Stream = this; ; ) {
      if (at.#next === undefined) {
        cell = at.#cell;
        break;
      }
      chain.push(at);
      this.#values.budget.step(this.span, CELL_CALLS);
      const step = at.#next();
      if (step instanceof Stream) {
        at = step;
        continue;
      }
      cell = step !== undefined && 'items' in step ? cellAt(this.#values, this.span, step.items, 0) : step;
      break;
    }
    for (const stream of chain) {
      stream.#cell = cell;
      stream.#next = undefined;
    }
    return cell;
  }

  whole(): Sequence {
    if (this.#whole === undefined) {
      const items: Value[] = [];
      const max = this.#values.budget.limits.elementCountMax;
      for (const item of elementsOf(this)) {
        if (items.length >= max) {
          throw fault(
            'setSize',
            this.span,
            `All elements of this sequence are needed here, and there are more than ${max}. Take a finite part of it.`,
          );
        }
        items.push(item);
      }
      this.#whole = this.#values.sequence(items);
    }
    return this.#whole;
  }
}

/** The elements from `from` on, not yet interned. */
export function view(values: Values, span: Span, items: readonly Value[], from = 0): Stream {
  return new Stream(values, span, () => cellAt(values, span, items, from));
}

function cellAt(values: Values, span: Span, items: readonly Value[], at: number): Cell | undefined {
  if (at >= items.length) return undefined;
  return { head: items[at]!, tail: view(values, span, items, at + 1) };
}

/** Head and tail of any sequence. */
export function uncons(values: Values, span: Span, sequence: Sequence | Stream): Cell | undefined {
  return sequence.kind === 'stream' ? sequence.uncons() : cellAt(values, span, sequence.items, 0);
}

/** The elements in order, each produced when it is reached. */
export function* elementsOf(sequence: Sequence | Stream): Generator<Value> {
  let rest: Sequence | Stream = sequence;
  while (rest.kind === 'stream') {
    const cell: Cell | undefined = rest.uncons();
    if (cell === undefined) return;
    yield cell.head;
    rest = cell.tail;
  }
  yield* rest.items;
}

/** `left ^ right`, reading `right` only when `left` is used up. */
export function concatenate(
  values: Values,
  span: Span,
  left: Sequence | Stream,
  right: () => Sequence | Stream,
): Stream {
  // Both closures stay alive until the cell is read.
  values.budget.step(span, CELL_CALLS * 3);
  return new Stream(values, span, () => {
    const cell = uncons(values, span, left);
    if (cell === undefined) return right();
    return { head: cell.head, tail: concatenate(values, span, cell.tail, right) };
  });
}

/** A stream of what an iterator yields. The iterator is read once, in order. */
export function streamOf(values: Values, span: Span, iterator: Iterator<Value>): Stream {
  return new Stream(values, span, () => {
    const step = iterator.next();
    if (step.done) return undefined;
    return { head: step.value, tail: streamOf(values, span, iterator) };
  });
}
