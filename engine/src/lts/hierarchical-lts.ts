/** A network of many components: explored side by side like any other, or compressed as it is built. */
import { type Alphabet, TAU } from '../csp/index.ts';
import { Hierarchy, type NetworkParts, type Question } from './hierarchy/hierarchy.ts';
import type { Lts, StateId, Transitions } from './lts.ts';

export class HierarchicalLts implements Lts {
  readonly alphabet: Alphabet;
  readonly #network: NetworkParts;
  readonly #make: () => Lts;
  readonly #uncompress: (() => Lts) | undefined;
  #plain: Lts | undefined;

  /**
   * `make` gives the network explored side by side; it is not called before somebody explores. `uncompress`, if components were compressed as the script asks,
   * gives it with components that are not.
   */
  constructor(network: NetworkParts, make: () => Lts, uncompress?: () => Lts) {
    this.alphabet = network.alphabet;
    this.#network = network;
    this.#make = make;
    this.#uncompress = uncompress;
  }

  get initial(): StateId {
    return this.plain.initial;
  }

  get stateCount(): number {
    return this.plain.stateCount;
  }

  get plain(): Lts {
    return (this.#plain ??= this.#make());
  }

  /** The network as V and R have to see it. */
  uncompressedComponents(): Lts {
    return this.#uncompress?.() ?? this.plain;
  }

  /** Whether the process has internal steps at all; without them it cannot diverge. */
  get hasTaus(): boolean {
    return this.#network.rules.some(({ result }) => result === TAU);
  }

  /** The network, to be compressed as far as the question allows. */
  hierarchy(question: Question): Hierarchy {
    return new Hierarchy(this.#network, question);
  }

  successors(state: StateId, into: Transitions): void {
    this.plain.successors(state, into);
  }

  describe(state: StateId): string {
    return this.plain.describe(state);
  }
}
