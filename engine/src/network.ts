/**
 * A process seen as its components, and a step as what each of them does.
 *
 * The components are the operands of the outermost parallel operators, looked for through hiding, renaming and calls. Who takes part in a step is
 * proved by the firing rules of those operators, so that a component that performs an event and comes back to where it was counts too.
 */
import {
  contains,
  type EventId,
  operatorOf,
  type Process,
  type Span,
  show,
  TAU,
  type Terms,
  TICK,
  transitions,
} from './csp/index.ts';

/** The static operators of a process, with its components numbered from left to right. */
export type Shape =
  | { readonly kind: 'component'; readonly index: number }
  | { readonly kind: 'around'; readonly argument: Shape }
  | { readonly kind: 'parallel'; readonly operands: readonly Shape[] };

export interface Network {
  readonly shape: Shape;
  readonly components: readonly Process[];
}

/** What one component does in a step: `event` by its own name for it. */
export interface Share {
  readonly component: number;
  readonly event: EventId;
}

export interface Proof {
  readonly shares: readonly Share[];
  /** For a tau: the event that was hidden, or the tick that only neighbors see. */
  readonly hidden: EventId | undefined;
}

/** Operators looked through; what is nested deeper is one component. */
const NESTING_MAX = 400;

/**
 * The components of `process`. One that is no parallel composition is its own only component. Throws what evaluating the bodies of calls throws.
 *
 * @example
 * networkOf(system).components.map((component) => nameOf(terms, component)); // ['PHILOSOPHER(0)', 'FORK(0)']
 */
export function networkOf(process: Process): Network {
  const components: Process[] = [];
  const open = new Set<Process>();
  const component = (term: Process): Shape => ({ kind: 'component', index: components.push(term) - 1 });

  const shapeOf = (term: Process, depth: number): Shape => {
    if (depth > NESTING_MAX) return component(term);
    switch (term.kind) {
      case 'hide':
      case 'project':
      case 'rename':
      case 'prioritize':
        return { kind: 'around', argument: shapeOf(term.process, depth + 1) };
      case 'compress':
        return shapeOf(term.process, depth + 1);
      case 'interleave':
      case 'generalizedParallel':
      case 'alphabetizedParallel':
        return { kind: 'parallel', operands: operandsOf(term)!.map((operand) => shapeOf(operand, depth + 1)) };
      case 'call': {
        if (open.has(term)) return component(term);
        open.add(term);
        const before = components.length;
        const shape = shapeOf(term.unfold(), depth + 1);
        open.delete(term);
        // A name says more than what it stands for, unless that has parts.
        if (components.length - before > 1) return shape;
        components.length = before;
        return component(term);
      }
      default:
        return component(term);
    }
  };

  const shape = shapeOf(process, 0);
  return { shape, components };
}

/** The terms of the components of `process`, a later state of the network of this shape. */
export function componentsAt(shape: Shape, process: Process): Process[] {
  const found: Process[] = [];
  const visit = (part: Shape, term: Process): void => {
    if (part.kind === 'component') {
      found[part.index] = term;
      return;
    }
    const inner = bare(term);
    if (inner.kind === 'omega') {
      for (const index of indicesOf(part)) found[index] = inner;
    } else if (part.kind === 'around') visit(part.argument, argumentOf(inner)!);
    else {
      const operands = operandsOf(inner)!;
      for (const [i, operand] of part.operands.entries()) visit(operand, operands[i]!);
    }
  };
  visit(shape, process);
  return found;
}

/** Why `from` can do `event` and become `to`; undefined when it cannot. */
export function proofOf(terms: Terms, shape: Shape, from: Process, event: EventId, to: Process): Proof | undefined {
  if (shape.kind === 'component') {
    if (!transitions(terms, from).some((step) => step.event === event && step.target === to)) return undefined;
    return {
      shares: [{ component: shape.index, event }],
      hidden: event === TAU ? hiddenWithin(terms, from, to) : undefined,
    };
  }
  const before = bare(from);
  return shape.kind === 'around'
    ? proofAround(terms, shape.argument, before, event, to)
    : proofInParallel(terms, shape.operands, before, event, bare(to));
}

function proofAround(terms: Terms, shape: Shape, before: Process, event: EventId, to: Process): Proof | undefined {
  const argument = argumentOf(before);
  if (argument === undefined) return undefined;
  // Tick goes through, and leaves nothing around what it leads to.
  const target = event === TICK ? to : argumentOf(bare(to));
  if (target === undefined) return undefined;
  for (const inner of innerEventsOf(terms, before, event)) {
    const proof = proofOf(terms, shape, argument, inner, target);
    if (proof !== undefined) return event === TAU && inner !== TAU ? { shares: proof.shares, hidden: inner } : proof;
  }
  return undefined;
}

/** The events of the argument that a unary operator shows as `event`. */
function innerEventsOf(terms: Terms, process: Process, event: EventId): EventId[] {
  if (event === TICK) return [TICK];
  switch (process.kind) {
    case 'hide':
    case 'project': {
      const hides = (inner: EventId) =>
        inner !== TAU && inner !== TICK && contains(process.events, inner) === (process.kind === 'hide');
      if (event !== TAU) return hides(event) ? [] : [event];
      const offered = new Set(transitions(terms, process.process).map((step) => step.event));
      return [...[...offered].filter(hides), TAU];
    }
    case 'rename': {
      if (event === TAU) return [TAU];
      const sources = process.relation.flatMap(([from, to]) => (to === event ? [from] : []));
      return process.relation.some(([from]) => from === event) ? sources : [...sources, event];
    }
    default:
      return [event];
  }
}

function proofInParallel(
  terms: Terms,
  shapes: readonly Shape[],
  before: Process,
  event: EventId,
  after: Process,
): Proof | undefined {
  const from = operandsOf(before);
  if (from === undefined) return undefined;
  if (event === TICK) {
    const shares = shapes.flatMap((shape) => indicesOf(shape).map((component) => ({ component, event })));
    return from.every((operand) => operand.kind === 'omega') ? { shares, hidden: undefined } : undefined;
  }
  const to = operandsOf(after);
  if (to === undefined || to.length !== from.length) return undefined;
  const others = (members: ReadonlySet<number>) => from.every((operand, i) => members.has(i) || operand === to[i]);

  const together = participantsOf(before, event);
  if (together !== undefined) {
    if (together.length === 0 || !others(new Set(together))) return undefined;
    const shares: Share[] = [];
    for (const i of together) {
      const proof = proofOf(terms, shapes[i]!, from[i]!, event, to[i]!);
      if (proof === undefined) return undefined;
      shares.push(...proof.shares);
    }
    return { shares, hidden: undefined };
  }
  for (const [i, shape] of shapes.entries()) {
    if (!others(new Set([i]))) continue;
    const proof = proofOf(terms, shape, from[i]!, event, to[i]!);
    if (proof !== undefined) return proof;
    if (event !== TAU) continue;
    const ended = proofOf(terms, shape, from[i]!, TICK, to[i]!);
    if (ended !== undefined) return { shares: ended.shares, hidden: TICK };
  }
  return undefined;
}

/** The operands that must perform `event` together; undefined when one does it alone. */
export function participantsOf(parallel: Process, event: EventId): number[] | undefined {
  if (event === TAU || event === TICK) return undefined;
  if (parallel.kind === 'alphabetizedParallel')
    return parallel.components.flatMap(({ alphabet }, i) => (contains(alphabet, event) ? [i] : []));
  if (parallel.kind === 'generalizedParallel' && contains(parallel.events, event))
    return [...parallel.components.keys()];
  return undefined;
}

/**
 * The event that became a tau inside a component, under operators that are not static. Each premise is tried by itself: if the rules draw the
 * step from it, that step is where the tau comes from.
 */
function hiddenWithin(terms: Terms, from: Process, to: Process, depth = 0): EventId | undefined {
  if (depth > NESTING_MAX) return undefined;
  const { running, fire } = operatorOf(from);
  for (const operand of running(from)) {
    for (const premise of transitions(terms, operand)) {
      const drawn = [...fire(from, (argument) => (argument === operand ? [premise] : []), terms)];
      if (!drawn.some((step) => step.event === TAU && step.target === to)) continue;
      if (premise.event !== TAU) return premise.event;
      // A call may stand for its own tau: then there is nothing behind it.
      return operand === from ? undefined : hiddenWithin(terms, operand, premise.target, depth + 1);
    }
  }
  return undefined;
}

/** The process under calls and compressions, which are gone after the first step. */
export function bare(process: Process): Process {
  let term = process;
  for (let nesting = 0; nesting < NESTING_MAX; nesting++) {
    if (term.kind === 'call') term = term.unfold();
    else if (term.kind === 'compress') term = term.process;
    else break;
  }
  return term;
}

export function operandsOf(process: Process): readonly Process[] | undefined {
  switch (process.kind) {
    case 'interleave':
    case 'generalizedParallel':
      return process.components;
    case 'alphabetizedParallel':
      return process.components.map((component) => component.process);
    default:
      return undefined;
  }
}

export function argumentOf(process: Process): Process | undefined {
  switch (process.kind) {
    case 'hide':
    case 'project':
    case 'rename':
    case 'prioritize':
      return process.process;
    default:
      return undefined;
  }
}

/** The numbers of the components within a shape, increasing. */
export function indicesOf(shape: Shape): number[] {
  if (shape.kind === 'component') return [shape.index];
  return shape.kind === 'around' ? indicesOf(shape.argument) : shape.operands.flatMap(indicesOf);
}

/** Characters of the name of a component that the script does not name. */
const NAME_LENGTH_MAX = 24;

/** The name of a component: of its definition, or else the beginning of the term. */
export function nameOf(terms: Terms, component: Process): string {
  return definitionOf(component) ?? show(terms, component, NAME_LENGTH_MAX);
}

export function definitionOf(component: Process): string | undefined {
  return component.kind === 'call' ? component.name : undefined;
}

/** The term in words; what the script does not name is written out instead of being left out. */
export function termInWords(terms: Terms, process: Process): string {
  return show(terms, definitionOf(process) === undefined ? bare(process) : process);
}

export function placeOf(component: Process): Span | undefined {
  return component.kind === 'call' ? component.span : undefined;
}
