/**
 * Rules of a network, made from the inside out: those of a component, of what is renamed, of what is side by side.
 *
 * A rule says which components take part, each by which of its events, and which event results: a supercombinator. Roscoe, Understanding Concurrent Systems,
 * section 8.6; Gibson-Robinson et al., FDR3 (TACAS 2014).
 */
import { type EventId, TAU, TICK } from '../csp/index.ts';
import { type Component, TERMINATED, TERMINATION } from './component.ts';
import { NotCompilable } from './not-compilable.ts';

/** Component `component` performs `event`. */
export interface Part {
  readonly component: number;
  readonly event: EventId;
}

/** All `parts` together, seen from outside as `result`. */
export interface Rule {
  readonly parts: readonly Part[];
  readonly result: EventId;
}

/** The participants of a rule, and what else it changes: `Switch` is for those who know what. */
export interface Way<Switch> {
  readonly parts: readonly Part[];
  readonly switches: readonly Switch[];
}

/** Rules by result, `TAU`, `TICK` and `TERMINATED` included. */
export type Rules<Switch> = ReadonlyMap<EventId, readonly Way<Switch>[]>;

/** `agreed(event)`: which parts must perform an event together; none: it never happens; `undefined`: the event needs no agreement. */
export type Agreement = (event: EventId) => readonly number[] | undefined;

const RULE_COUNT_MAX = 1_000_000;

export class RuleMaker<Switch = never> {
  /** Those given, and one more for each parallel composition that can terminate. */
  readonly components: Component[];
  #count = 0;

  constructor(components: readonly Component[]) {
    this.components = [...components];
  }

  ofComponent(component: number): Rules<Switch> {
    const made = new Making<Switch>(this.#spend);
    for (const event of new Set(this.components[component]!.graph.events))
      made.add(event as EventId, { parts: [{ component, event: event as EventId }], switches: [] });
    return made.rules;
  }

  /** Visible events seen as their images. */
  mapped(rules: Rules<Switch>, images: (event: EventId) => readonly EventId[]): Rules<Switch> {
    return this.changed(rules, (event, way, add) => {
      const seen = event === TAU || event === TICK || event === TERMINATED ? [event] : images(event);
      for (const image of seen) add(image, way);
    });
  }

  /** Each rule replaced by those that `change` adds for it. */
  changed(
    rules: Rules<Switch>,
    change: (event: EventId, way: Way<Switch>, add: (event: EventId, way: Way<Switch>) => void) => void,
  ): Rules<Switch> {
    const made = new Making<Switch>(this.#spend);
    for (const [event, ways] of rules)
      for (const way of ways) change(event, way, (image, changed) => made.add(image, changed));
    return made.rules;
  }

  /** The rules of several, one of which is there at a time. */
  either(all: readonly Rules<Switch>[]): Rules<Switch> {
    if (all.length === 1) return all[0]!;
    const made = new Making<Switch>(this.#spend);
    for (const rules of all) for (const [event, ways] of rules) for (const way of ways) made.add(event, way);
    return made.rules;
  }

  /** What is side by side. If all parts can terminate, a component is added that knows whether the whole has. */
  parallel(parts: readonly Rules<Switch>[], agreed: Agreement): Rules<Switch> {
    const made = new Making<Switch>(this.#spend);
    const visible = new Set<EventId>();
    for (const part of parts) {
      for (const [event, all] of part) {
        if (event === TERMINATED) continue;
        if (event === TAU || event === TICK) for (const way of all) made.add(TAU, way);
        else visible.add(event);
      }
    }
    for (const event of visible) {
      const together = agreed(event);
      if (together === undefined) {
        for (const part of parts) for (const way of part.get(event) ?? []) made.add(event, way);
      } else {
        const ways = together.map((i) => parts[i]!.get(event) ?? []);
        made.addProduct(event, ways, { parts: [], switches: [] });
      }
    }
    if (parts.every((part) => part.has(TERMINATED))) {
      const whole = this.components.push(TERMINATION) - 1;
      const all = parts.map((part) => part.get(TERMINATED)!);
      made.addProduct(TICK, all, { parts: [{ component: whole, event: TICK }], switches: [] });
      made.add(TERMINATED, { parts: [{ component: whole, event: TERMINATED }], switches: [] });
    }
    return made.rules;
  }

  readonly #spend = (): void => {
    if (++this.#count > RULE_COUNT_MAX) throw new NotCompilable(`more than ${RULE_COUNT_MAX} rules`);
  };
}

class Making<Switch> {
  readonly rules = new Map<EventId, Way<Switch>[]>();
  readonly #spend: () => void;

  constructor(spend: () => void) {
    this.#spend = spend;
  }

  add(event: EventId, way: Way<Switch>): void {
    this.#spend();
    const known = this.rules.get(event);
    if (known === undefined) this.rules.set(event, [way]);
    else known.push(way);
  }

  addProduct(event: EventId, ways: readonly (readonly Way<Switch>[])[], so: Way<Switch>): void {
    const [first, ...others] = ways;
    if (first === undefined) this.add(event, so);
    else
      for (const { parts, switches } of first)
        this.addProduct(event, others, {
          parts: [...so.parts, ...parts],
          switches: [...so.switches, ...switches],
        });
  }
}
