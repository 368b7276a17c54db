/**
 * A piece of a network: some of its components as one, as far as the others can tell.
 *
 * Its events are labels. What the others have a part in is named by what they have to do for it, so two ways that mean the same to them are one label; what
 * nobody else has a part in is the resulting event itself, and a tau if that is hidden. Then it is reduced. The graph from before the reduction is kept: a
 * trace of the piece is retraced there.
 */
import { type EventId, TICK } from '../../csp/index.ts';
import type { Graph } from '../bisimulation.ts';
import type { Component } from '../component.ts';
import { type Reduction, Rows } from '../compress/reduction.ts';
import type { Part } from '../network.ts';

/** A step of a piece: by which labels of its children. A component has one child, itself, and its events. */
export interface Way {
  readonly parts: readonly Part[];
}

export interface Piece {
  readonly graph: Graph;
  readonly labels: Int32Array;
  readonly children: readonly Piece[] | number;
  /** Before the reduction: steps in compressed rows, with the way of each. */
  readonly whole: Graph;
  readonly ways: readonly Way[];
  readonly wayOf: Int32Array;
  /** Where there are two children: their states in each state of `whole`, in turn. */
  readonly pairs: Int32Array | undefined;
}

/** What the children do together, and what it is to others. */
export interface Labelling {
  /** By what the first child does, `undefined` for nothing, then by what the second does. */
  readonly labels: ReadonlyMap<EventId | undefined, ReadonlyMap<EventId | undefined, readonly EventId[]>>;
}

/** A component as a piece. `ticks`: its tick is that of the whole network. */
export function pieceOf(
  index: number,
  component: Component,
  labelling: Labelling,
  ticks: boolean,
  reduce: Reduction,
): Piece {
  const { graph } = component;
  const steps = new Steps();
  for (let state = 0; state < graph.stateCount; state++) {
    for (let i = graph.offsets[state]!; i < graph.offsets[state + 1]!; i++) {
      const event = graph.events[i]! as EventId;
      for (const label of labelling.labels.get(event)?.get(undefined) ?? [])
        steps.add(label, graph.targets[i]!, [{ component: 0, event }]);
    }
    steps.end();
  }
  const labels = new Int32Array(graph.stateCount);
  if (ticks) {
    for (const [i, event] of graph.events.entries()) if (event === TICK) labels[graph.targets[i]!] = 1;
  }
  return steps.piece(index, labels, reduce);
}

/** The reachable product of two pieces, reduced; undefined when it has more than `stateCountMax` states. */
export function join(
  left: Piece,
  right: Piece,
  { labels }: Labelling,
  stateCountMax: number,
  reduce: Reduction,
): Piece | undefined {
  const width = right.graph.stateCount;
  const numberOf = new Map<number, number>([[0, 0]]);
  const numbered = (a: number, b: number): number => {
    const key = a * width + b;
    const known = numberOf.get(key) ?? numberOf.size;
    numberOf.set(key, known);
    return known;
  };
  const alone = labels.get(undefined);
  const steps = new Steps();
  const marks: number[] = [];
  const pairs: number[] = [];
  for (const key of numberOf.keys()) {
    if (numberOf.size > stateCountMax) return undefined;
    const [a, b] = [Math.floor(key / width), key % width];
    marks.push(left.labels[a]! | right.labels[b]!);
    pairs.push(a, b);
    for (let i = left.graph.offsets[a]!; i < left.graph.offsets[a + 1]!; i++) {
      const [event, target] = [left.graph.events[i]! as EventId, left.graph.targets[i]!];
      const together = labels.get(event);
      if (together === undefined) continue;
      for (const label of together.get(undefined) ?? [])
        steps.add(label, numbered(target, b), [{ component: 0, event }]);
      for (let k = right.graph.offsets[b]!; k < right.graph.offsets[b + 1]!; k++) {
        const partner = right.graph.events[k]! as EventId;
        for (const label of together.get(partner) ?? []) {
          steps.add(label, numbered(target, right.graph.targets[k]!), [
            { component: 0, event },
            { component: 1, event: partner },
          ]);
        }
      }
    }
    for (let k = right.graph.offsets[b]!; k < right.graph.offsets[b + 1]!; k++) {
      const [event, target] = [right.graph.events[k]! as EventId, right.graph.targets[k]!];
      for (const label of alone?.get(event) ?? []) steps.add(label, numbered(a, target), [{ component: 1, event }]);
    }
    steps.end();
  }
  return steps.piece([left, right], Int32Array.from(marks), reduce, Int32Array.from(pairs));
}

class Steps {
  readonly #rows = new Rows();
  readonly #offsets: number[] = [0];
  readonly #events: number[] = [];
  readonly #targets: number[] = [];
  readonly #wayOf: number[] = [];
  readonly #ways: Way[] = [];
  readonly #known = new Map<string, number>();

  add(label: number, target: number, parts: readonly Part[]): void {
    const key = parts.map(({ component, event }) => `${component} ${event}`).join();
    const way = this.#known.get(key) ?? this.#ways.push({ parts }) - 1;
    this.#known.set(key, way);
    this.#rows.add(label, target);
    this.#events.push(label);
    this.#targets.push(target);
    this.#wayOf.push(way);
  }

  end(): void {
    this.#rows.end();
    this.#offsets.push(this.#events.length);
  }

  piece(children: Piece['children'], labels: Int32Array, reduce: Reduction, pairs?: Int32Array): Piece {
    const reduced = reduce({ graph: this.#rows.graph(), labels });
    return {
      graph: reduced.graph,
      labels: reduced.labels,
      children,
      whole: {
        stateCount: labels.length,
        offsets: Int32Array.from(this.#offsets),
        events: Int32Array.from(this.#events),
        targets: Int32Array.from(this.#targets),
      },
      ways: this.#ways,
      wayOf: Int32Array.from(this.#wayOf),
      pairs,
    };
  }
}
