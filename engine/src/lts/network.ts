/**
 * The static part of a process: parallel compositions, hidings and renamings over components, evaluated once to rules.
 *
 * A rule says which components take part, each by which of its events, and which event results: a supercombinator without formats. What happens inside a
 * component, operators with a changing shape included (`;`, `[]`, `/\`), is left to the firing rules.
 * Roscoe, Understanding Concurrent Systems, section 8.6; Gibson-Robinson et al., FDR3 (TACAS 2014).
 */
import {
  type Call,
  contains,
  type EventId,
  type Hide,
  type Process,
  type Project,
  type Rename,
  TAU,
  TICK,
} from '../csp/index.ts';
import { type Component, TERMINATED, TERMINATION } from './component.ts';

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

/** The shape of a network. `agreed(event)` tells which components must perform an event together; none: it never happens. */
type Shape =
  | { readonly kind: 'component'; readonly process: Process }
  | {
      readonly kind: 'parallel';
      readonly parts: readonly Shape[];
      /** `undefined`: the event needs no agreement. */
      readonly agreed: (event: EventId) => readonly number[] | undefined;
    }
  | { readonly kind: 'map'; readonly shape: Shape; readonly images: (event: EventId) => readonly EventId[] };

export interface Network {
  /** The processes of the components, in order of appearance. */
  readonly processes: readonly Process[];
  /**
   * The components with, at the end, one more for each parallel composition that can terminate; and the rules.
   * `components` are the explored `processes`, with their `TERMINATED` loops.
   */
  rules(components: readonly Component[]): {
    readonly components: readonly Component[];
    readonly rules: readonly Rule[];
  };
}

const RULE_COUNT_MAX = 1_000_000;

/** Calls unfolded within each other on the way to a component; `P(n) = P(n + 1)` would go on for ever. */
export const NESTING_MAX = 1000;

/** This process cannot be made into a network of explicit components; nothing is wrong with it, it has to be explored as terms. */
export class NotCompilable extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options);
    this.name = 'NotCompilable';
  }
}

/** Splits a process into components and what is static around them. Throws `NotCompilable` when a call on the way cannot be unfolded. With `compressing`, what a compression is around is one component. */
export function networkOf(process: Process, compressing = false): Network {
  const shape = shapeOf(process, new Set(), compressing);
  const processes = [...componentsOf(shape)];
  return { processes, rules: (components) => new RuleMaker(components).of(shape) };
}

function* componentsOf(shape: Shape): Iterable<Process> {
  switch (shape.kind) {
    case 'component':
      yield shape.process;
      break;
    case 'parallel':
      for (const part of shape.parts) yield* componentsOf(part);
      break;
    case 'map':
      yield* componentsOf(shape.shape);
  }
}

/** `calls`: those being unfolded, since a recursion through static operators has no finite shape. */
function shapeOf(process: Process, calls: ReadonlySet<Process>, compressing: boolean): Shape {
  switch (process.kind) {
    case 'call': {
      if (calls.has(process) || calls.size > NESTING_MAX) return { kind: 'component', process };
      const shape = shapeOf(unfolded(process), new Set(calls).add(process), compressing);
      return shape.kind === 'component' && shape.process.kind !== 'compress' ? { kind: 'component', process } : shape;
    }
    case 'compress':
      if (compressing && process.by !== 'lazyenumerate') return { kind: 'component', process };
      return shapeOf(process.process, calls, compressing);
    case 'interleave':
      return parallel(process.components, calls, compressing, () => undefined);
    case 'generalizedParallel': {
      const everybody = [...process.components.keys()];
      return parallel(process.components, calls, compressing, (event) =>
        contains(process.events, event) ? everybody : undefined,
      );
    }
    case 'alphabetizedParallel': {
      const { components } = process;
      const agreed = (event: EventId): number[] =>
        [...components.keys()].filter((i) => contains(components[i]!.alphabet, event));
      // An event outside a component's own alphabet never happens, whoever else has it: a renaming to nothing.
      const restricted = components.map(({ process: part, alphabet }): Shape => {
        const images = (event: EventId): readonly EventId[] => (contains(alphabet, event) ? [event] : []);
        return { kind: 'map', shape: shapeOf(part, calls, compressing), images };
      });
      return { kind: 'parallel', parts: restricted, agreed };
    }
    case 'hide':
    case 'project':
    case 'rename':
      return { kind: 'map', shape: shapeOf(process.process, calls, compressing), images: imagesOf(process) };
    default:
      return { kind: 'component', process };
  }
}

/** The body of a call. */
export function unfolded(call: Call): Process {
  try {
    return call.unfold();
  } catch (cause) {
    throw new NotCompilable(`${call.name ?? 'a process'} cannot be unfolded`, { cause });
  }
}

const HIDDEN: readonly EventId[] = [TAU];

function parallel(
  processes: readonly Process[],
  calls: ReadonlySet<Process>,
  compressing: boolean,
  agreed: (event: EventId) => readonly number[] | undefined,
): Shape {
  return { kind: 'parallel', parts: processes.map((part) => shapeOf(part, calls, compressing)), agreed };
}

/** The operators that only change what a process's visible events are called. */
export type Unary = Hide | Project | Rename;

/** What a visible event is seen as from outside; `TAU` when it is hidden. */
export function imagesOf(process: Unary): (event: EventId) => readonly EventId[] {
  switch (process.kind) {
    case 'hide':
      return (event) => (contains(process.events, event) ? HIDDEN : [event]);
    case 'project':
      return (event) => (contains(process.events, event) ? [event] : HIDDEN);
    case 'rename': {
      const images = new Map<EventId, EventId[]>();
      for (const [from, to] of process.relation) {
        const known = images.get(from);
        if (known === undefined) images.set(from, [to]);
        else known.push(to);
      }
      return (event) => images.get(event) ?? [event];
    }
  }
}

/** Rules by result, `TAU`, `TICK` and `TERMINATED` included. */
type Rules = Map<EventId, (readonly Part[])[]>;

class RuleMaker {
  readonly #components: Component[];
  #next = 0;
  #count = 0;

  constructor(components: readonly Component[]) {
    this.#components = [...components];
  }

  of(shape: Shape): { components: readonly Component[]; rules: readonly Rule[] } {
    const made = this.#make(shape);
    const rules: Rule[] = [];
    for (const [result, all] of made) {
      if (result !== TERMINATED) for (const parts of all) rules.push({ parts, result });
    }
    return { components: this.#components, rules };
  }

  /** Visits components in the order of `componentsOf`, which is the order of `#components`. */
  #make(shape: Shape): Rules {
    switch (shape.kind) {
      case 'component':
        return this.#ofComponent(this.#next++);
      case 'map': {
        const rules: Rules = new Map();
        for (const [event, all] of this.#make(shape.shape)) {
          const images = event === TAU || event === TICK || event === TERMINATED ? [event] : shape.images(event);
          for (const image of images) for (const parts of all) this.#add(rules, image, parts);
        }
        return rules;
      }
      case 'parallel':
        return this.#ofParallel(
          shape.parts.map((part) => this.#make(part)),
          shape.agreed,
        );
    }
  }

  #ofComponent(component: number): Rules {
    const rules: Rules = new Map();
    for (const event of new Set(this.#components[component]!.graph.events)) {
      this.#add(rules, event as EventId, [{ component, event: event as EventId }]);
    }
    return rules;
  }

  #ofParallel(parts: readonly Rules[], agreed: (event: EventId) => readonly number[] | undefined): Rules {
    const rules: Rules = new Map();
    const visible = new Set<EventId>();
    for (const part of parts) {
      for (const [event, all] of part) {
        if (event === TERMINATED) continue;
        if (event === TAU || event === TICK) for (const way of all) this.#add(rules, TAU, way);
        else visible.add(event);
      }
    }
    for (const event of visible) {
      const together = agreed(event);
      if (together === undefined) {
        for (const part of parts) for (const way of part.get(event) ?? []) this.#add(rules, event, way);
      } else
        this.#addProduct(
          rules,
          event,
          together.map((i) => parts[i]!.get(event) ?? []),
          [],
        );
    }
    if (parts.every((part) => part.has(TERMINATED))) {
      const whole = this.#components.push(TERMINATION) - 1;
      const all = parts.map((part) => part.get(TERMINATED)!);
      this.#addProduct(rules, TICK, all, [{ component: whole, event: TICK }]);
      this.#add(rules, TERMINATED, [{ component: whole, event: TERMINATED }]);
    }
    return rules;
  }

  #addProduct(
    rules: Rules,
    event: EventId,
    ways: readonly (readonly (readonly Part[])[])[],
    parts: readonly Part[],
  ): void {
    const [first, ...others] = ways;
    if (first === undefined) this.#add(rules, event, parts);
    else for (const way of first) this.#addProduct(rules, event, others, [...parts, ...way]);
  }

  #add(rules: Rules, event: EventId, parts: readonly Part[]): void {
    if (++this.#count > RULE_COUNT_MAX) throw new NotCompilable(`more than ${RULE_COUNT_MAX} rules`);
    const known = rules.get(event);
    if (known === undefined) rules.set(event, [parts]);
    else known.push(parts);
  }
}
