/**
 * Formats as one network: a component for each cell, rules for each format, and in the rules that pass control on, who falls asleep and who wakes up in which state.
 */
import { contains, type EventId, TAU, TICK } from '../../csp/index.ts';
import { type Component, TERMINATED, withTermination } from '../component.ts';
import type { Exit } from '../leaf.ts';
import { imagesOf, rulesFrom } from '../network.ts';
import { type Part, type Rule, RuleMaker, type Rules, type Way } from '../rules.ts';
import { beginningOf, type Cell, cellsOf, type Entry, type Format, type Place, placesOf } from './format.ts';
import { ASLEEP, changeable, ExtraSteps } from './sleep.ts';

/** What a rule changes besides the moves of its participants: `from` gives way to `to`, or one cell falls asleep. */
type Switch = { readonly from: Format; readonly to: Entry } | { readonly sleeps: Cell };

export interface Switching {
  readonly components: readonly Component[];
  readonly rules: readonly Rule[];
}

/** The formats that can be reached, as components and rules. */
export class Assembly {
  readonly #root: Place;
  readonly #reached = new Set<Format>();
  readonly #cells: Cell[] = [];
  readonly #indexOf = new Map<Cell, number>();
  /** The component that knows whether the composition of a format has terminated. */
  readonly #terminationOf = new Map<Format, number>();
  readonly #maker: RuleMaker<Switch>;
  /** By component: what is asked of it besides its own events, by the state it leads to and the event it goes with. */
  readonly #extra: ExtraSteps[] = [];

  constructor(root: Place) {
    this.#root = root;
    this.#reach({ format: root.formats[0]!, at: undefined });
    for (const format of this.#reached) for (const cell of cellsOf(format)) this.#addCell(cell);
    this.#maker = new RuleMaker(this.#cells.map(({ leaf }) => withTermination(leaf.component)));
  }

  network(): Switching {
    const made = this.#ofPlace(this.#root);
    for (const _ of this.#maker.components) this.#extra.push(new ExtraSteps());
    const rules = rulesFrom(made, (way) => this.#partsOf(way));
    const start = this.#statesAt({ format: this.#root.formats[0]!, at: undefined });
    const components = this.#maker.components.map((component, i) => {
      const cell = this.#cells[i];
      return changeable(
        component,
        cell === undefined ? 0 : cell.leaf.asleep,
        cell === undefined ? 0 : (start.get(i) ?? ASLEEP),
        this.#extra[i]!.all,
      );
    });
    return { components, rules };
  }

  #addCell(cell: Cell): void {
    this.#indexOf.set(cell, this.#cells.push(cell) - 1);
  }

  #reach({ format, at }: Entry): void {
    const met = at === undefined ? beginningOf(format) : at.formats;
    for (const one of met) {
      if (this.#reached.has(one)) continue;
      this.#reached.add(one);
      for (const cell of cellsOf(one)) for (const entry of cell.after) this.#reach(entry);
      if (one.shape!.kind === 'handover') this.#reach(one.shape!.next.entry!);
    }
  }

  #ofPlace({ formats }: Place): Rules<Switch> {
    return this.#maker.either(
      formats.filter((format) => this.#reached.has(format)).map((format) => this.#ofFormat(format)),
    );
  }

  #ofFormat(format: Format): Rules<Switch> {
    const shape = format.shape!;
    switch (shape.kind) {
      case 'leaf':
        return this.#ofCell(shape.cell, format);
      case 'map':
        return this.#maker.mapped(this.#ofPlace(shape.part), imagesOf(shape.operator));
      case 'parallel': {
        const { permitted } = shape;
        const parts = shape.parts.map((part, i) => {
          const rules = this.#ofPlace(part);
          if (permitted === undefined) return rules;
          return this.#maker.mapped(rules, (event) => (contains(permitted(i), event) ? [event] : []));
        });
        const before = this.#maker.components.length;
        const rules = this.#maker.parallel(parts, shape.agreed);
        if (this.#maker.components.length > before) this.#terminationOf.set(format, before);
        return rules;
      }
      case 'handover': {
        const to = shape.next.entry!;
        const passes = (event: EventId): boolean =>
          shape.operator.kind === 'sequential' ? event === TICK : contains(shape.operator.events, event);
        const isSequential = shape.operator.kind === 'sequential';
        return this.#maker.changed(this.#ofPlace(shape.left), (event, way, add) => {
          if (event === TERMINATED && isSequential) return;
          if (event >= 0 && passes(event)) {
            add(event === TICK ? TAU : event, { ...way, switches: [...way.switches, { from: format, to }] });
          } else add(event, way);
        });
      }
      case 'interrupt': {
        const left = this.#maker.changed(this.#ofPlace(shape.left), (event, way, add) => {
          add(event, event === TICK ? { ...way, switches: [...way.switches, { sleeps: shape.right }] } : way);
        });
        return this.#maker.either([left, this.#ofCell(shape.right, format)]);
      }
    }
  }

  #ofCell(cell: Cell, format: Format): Rules<Switch> {
    const exitOf = new Map<EventId, { exit: Exit; to: Entry }>(
      cell.leaf.exits.map((exit, i) => [exit.by, { exit, to: cell.after[i]! }]),
    );
    return this.#maker.changed(this.#maker.ofComponent(this.#indexOf.get(cell)!), (event, way, add) => {
      const found = exitOf.get(event);
      if (found === undefined) add(event, way);
      else add(found.exit.event, { ...way, switches: [{ from: format, to: found.to }] });
    });
  }

  /** The participants of a rule, and after them whoever wakes up or falls asleep. */
  #partsOf({ parts, switches }: Way<Switch>): readonly Part[] {
    if (switches.length === 0) return parts;
    const changes = new Map<number, number>();
    // From the inside out: what is around takes the place of what was decided inside.
    for (const change of switches) {
      if ('sleeps' in change) changes.set(this.#indexOf.get(change.sleeps)!, ASLEEP);
      else {
        for (const index of this.#componentsOf(change.from)) changes.set(index, ASLEEP);
        for (const [index, state] of this.#statesAt(change.to)) changes.set(index, state);
      }
    }
    const found: Part[] = parts.map(({ component, event }) => {
      const state = changes.get(component);
      changes.delete(component);
      return state === undefined ? { component, event } : this.#asked(component, event, state);
    });
    for (const [component, state] of changes) found.push(this.#asked(component, undefined, state));
    return found;
  }

  #asked(component: number, along: EventId | undefined, to: number): Part {
    return { component, event: this.#extra[component]!.eventOf(along, to) };
  }

  /** All components of a format and of what it is made of. */
  #componentsOf(format: Format): readonly number[] {
    const found: number[] = [];
    const visit = (one: Format): void => {
      if (!this.#reached.has(one)) return;
      for (const cell of cellsOf(one)) found.push(this.#indexOf.get(cell)!);
      const termination = this.#terminationOf.get(one);
      if (termination !== undefined) found.push(termination);
      for (const place of placesOf(one)) for (const inner of place.formats) visit(inner);
    };
    visit(format);
    return found;
  }

  /** The components that are awake where `entry` leads to, and their states. */
  #statesAt({ format, at }: Entry): ReadonlyMap<number, number> {
    const states = new Map<number, number>();
    for (const one of at === undefined ? beginningOf(format) : at.formats) {
      for (const cell of cellsOf(one)) states.set(this.#indexOf.get(cell)!, at?.cells.get(cell) ?? 0);
      const termination = this.#terminationOf.get(one);
      if (termination !== undefined) states.set(termination, at?.terminated.has(one) === true ? 1 : 0);
    }
    return states;
  }
}
