/**
 * The static part of a process: parallel compositions, hidings and renamings over components, evaluated once to rules.
 *
 * What happens inside a component is left to the firing rules. Operators that start and stop networks (`;`, `[]`, `/\` above a parallel composition) are
 * inside a component, too, while that is small; else see `formats/`.
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
} from '../csp/index.ts';
import { type Component, TERMINATED } from './component.ts';
import { NotCompilable } from './not-compilable.ts';
import { type Agreement, type Part, type Rule, RuleMaker, type Rules, type Way } from './rules.ts';

export { NotCompilable } from './not-compilable.ts';
export type { Part, Rule } from './rules.ts';

/** The shape of a network. */
type Shape =
  | { readonly kind: 'component'; readonly process: Process }
  | {
      readonly kind: 'parallel';
      readonly parts: readonly Shape[];
      readonly agreed: Agreement;
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

/** Calls unfolded within each other on the way to a component; `P(n) = P(n + 1)` would go on for ever. */
export const NESTING_MAX = 1000;

/** Splits a process into components and what is static around them. Throws `NotCompilable` when a call on the way cannot be unfolded. With `compressing`, what a compression is around is one component. */
export function networkOf(process: Process, compressing = false): Network {
  const shape = shapeOf(process, new Set(), compressing);
  const processes = [...componentsOf(shape)];
  return { processes, rules: (components) => rulesOf(shape, components) };
}

function rulesOf(shape: Shape, given: readonly Component[]): ReturnType<Network['rules']> {
  const maker = new RuleMaker(given);
  let next = 0;
  /** Visits components in the order of `componentsOf`, which is the order of `given`. */
  const make = (part: Shape): Rules<never> => {
    switch (part.kind) {
      case 'component':
        return maker.ofComponent(next++);
      case 'map':
        return maker.mapped(make(part.shape), part.images);
      case 'parallel':
        return maker.parallel(part.parts.map(make), part.agreed);
    }
  };
  return { components: maker.components, rules: rulesFrom(make(shape), ({ parts }) => parts) };
}

/** The rules of a whole network. */
export function rulesFrom<Switch>(made: Rules<Switch>, partsOf: (way: Way<Switch>) => readonly Part[]): Rule[] {
  const rules: Rule[] = [];
  for (const [result, ways] of made)
    if (result !== TERMINATED) for (const way of ways) rules.push({ parts: partsOf(way), result });
  return rules;
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
  agreed: Agreement,
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
