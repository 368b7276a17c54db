/**
 * The local view of a process: what is left of it for somebody who sees some of its events only.
 *
 * Made from a normal form, so that whoever holds the table of a protocol can make the table of one role without the script. The normal form is unfolded into a
 * transition system that is equal to it in T and F (a node may settle on each of its minimal acceptances), the other events are hidden, and the result is
 * normalized again. Roscoe, Understanding Concurrent Systems, section 8.4 and 16.1.
 */
import { type Alphabet, type EventId, TAU, TICK } from '../csp/index.ts';
import type { Limits, Lts, StateId, Transitions } from './lts.ts';
import type { NodeId, NormalForm } from './normal-form.ts';
import { normalize } from './normalize.ts';

/**
 * The normal form of `form` with every event hidden that `sees` does not want (tick is always seen).
 *
 * Takes time and space exponential in the nodes at worst. What it says of divergence is not meant: others who talk for ever diverge for whoever does not hear them,
 * and a node that was divergent requires nothing.
 *
 * @throws LimitReached at `stateCountMax` nodes
 * @example
 * const seller = project(protocol.normalForm, (event) => roles.takesPart('seller', event));
 * const local = monitorOf(seller); // what the seller may say and hear, by itself
 */
export function project(form: NormalForm, sees: (event: EventId) => boolean, limits: Limits = {}): NormalForm {
  return normalize(new Unfolded(form, sees), limits);
}

/** States: the nodes, unstable; then, for each node and each of its minimal acceptances, a state that offers just that. */
class Unfolded implements Lts {
  readonly alphabet: Alphabet;
  readonly initial: StateId;
  readonly stateCount: number;
  readonly #form: NormalForm;
  readonly #sees: (event: EventId) => boolean;
  /** The first settled state of each node. */
  readonly #settled: readonly number[];
  /** The node and the acceptance of each settled state, by its number less that of nodes. */
  readonly #acceptances: { readonly node: NodeId; readonly offered: readonly EventId[] }[] = [];

  constructor(form: NormalForm, sees: (event: EventId) => boolean) {
    this.#form = form;
    this.#sees = sees;
    this.alphabet = form.alphabet;
    this.initial = form.initial as StateId;
    const settled: number[] = [];
    for (let node = 0; node < form.nodeCount; node++) {
      settled.push(form.nodeCount + this.#acceptances.length);
      for (const offered of form.acceptances(node)) this.#acceptances.push({ node, offered });
    }
    this.#settled = settled;
    this.stateCount = form.nodeCount + this.#acceptances.length;
  }

  successors(state: StateId, into: Transitions): void {
    into.clear();
    const form = this.#form;
    if (state >= form.nodeCount) {
      const { node, offered } = this.#acceptances[state - form.nodeCount]!;
      for (const event of offered) this.#push(into, node, event);
      return;
    }
    const count = form.acceptances(state).length;
    // Without a stable state it never settles; the loop says so.
    if (count === 0) into.push(TAU, state);
    for (let i = 0; i < count; i++) into.push(TAU, this.#settled[state]! + i);
    for (const event of form.initials(state)) this.#push(into, state, event);
  }

  describe(state: StateId): string {
    return state < this.#form.nodeCount
      ? `node ${state}`
      : `node ${this.#acceptances[state - this.#form.nodeCount]!.node}, settled`;
  }

  #push(into: Transitions, node: NodeId, event: EventId): void {
    into.push(event === TICK || this.#sees(event) ? event : TAU, this.#form.after(node, event));
  }
}
