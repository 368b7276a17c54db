/** An explicit component, seen as a transition system. */
import type { Alphabet } from '../csp/index.ts';
import type { Component } from './component.ts';
import type { Lts, StateId, Transitions } from './lts.ts';

export class GraphLts implements Lts {
  readonly alphabet: Alphabet;
  readonly initial = 0 as StateId;
  readonly #component: Component;

  constructor(alphabet: Alphabet, component: Component) {
    this.alphabet = alphabet;
    this.#component = component;
  }

  get stateCount(): number {
    return this.#component.graph.stateCount;
  }

  successors(state: StateId, into: Transitions): void {
    const { offsets, events, targets } = this.#component.graph;
    into.clear();
    for (let i = offsets[state]!; i < offsets[state + 1]!; i++) into.push(events[i]!, targets[i]!);
  }

  describe(state: StateId): string {
    return this.#component.describe(state);
  }
}
