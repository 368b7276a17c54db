/**
 * Networks that take the place of others: what is left and right of `;`, `/\`, `[|A|>`, and what a choice or a prefix leads to.
 *
 * A place in a network holds one format at a time: a sequential process or a composition, with components of its own. When control passes on, the
 * components of the old format fall asleep, all of them, and those of the new one wake up in the states that it begins with. So each format keeps small, packed
 * components, and the rules stay rules: a component that wakes or falls asleep takes part by an event that every state of it offers.
 *
 *   format    of P                     passes on                        to
 *   P ; Q     those of P               by P's tick, seen as tau         Q
 *   P [|A|> Q those of P               by P's events of A               Q
 *   P /\ Q    those of P, and Q's taus by what is visible of Q          what it leads to
 *   else      a sequential process     by a step to a composition       that composition
 *
 * A process met again, or a later state of one, is the format that is there already: a loop through such operators is a loop of formats. A recursion that nests is
 * not compilable. Roscoe, Understanding Concurrent Systems, section 8.6, where a supercombinator switches its format.
 */
import {
  contains,
  type EventId,
  type EventSet,
  type Process,
  TAU,
  type Terms,
  TICK,
  transitions,
} from '../csp/index.ts';
import { type Component, TERMINATED, withTermination } from './component.ts';
import { Rows } from './compress/reduction.ts';
import { type Exit, type Leaf, leafOf } from './leaf.ts';
import { LimitReached, type Limits } from './lts.ts';
import { imagesOf, NESTING_MAX, rulesFrom, type Unary, unfolded } from './network.ts';
import { NotCompilable } from './not-compilable.ts';
import { type Agreement, type Part, type Rule, RuleMaker, type Rules, type Way } from './rules.ts';
import { Watch } from './watch.ts';

/** What has no more states than this is one component, whatever is inside. */
export const WHOLE_STATE_MAX = 2_000;
/** A sequential process between networks. */
const LEAF_STATE_MAX = 50_000;
/** More would mean that they are made one by one, by a recursion or by data. */
const FORMAT_COUNT_MAX = 400;

interface Place {
  /** The format that the place is a part of. */
  readonly parent: Format | undefined;
  /** Those it may hold; the first at first. */
  readonly formats: Format[];
}

interface Format {
  readonly place: Place;
  /** The process it begins as, and what that unfolds to. */
  readonly names: Set<Process>;
  /** Absent while it is being made. */
  shape: Shape | undefined;
}

/** A component that a format has for itself. */
interface Cell {
  readonly leaf: Leaf;
  /** Where each exit leads. */
  readonly after: Entry[];
}

type Shape =
  | { readonly kind: 'leaf'; readonly cell: Cell }
  | {
      readonly kind: 'parallel';
      readonly operator: Process;
      readonly parts: readonly Place[];
      readonly agreed: Agreement;
      /** What a part may perform, if not all that it can. */
      readonly permitted: ((part: number) => EventSet) | undefined;
    }
  | { readonly kind: 'map'; readonly operator: Unary; readonly part: Place }
  | { readonly kind: 'interrupt'; readonly left: Place; readonly right: Cell }
  | {
      readonly kind: 'handover';
      readonly operator: Process & { readonly kind: 'sequential' | 'exception' };
      readonly left: Place;
      readonly next: { entry: Entry | undefined };
    };

/** A format in a later state: which cells are awake, in which state, which formats are there, and which of those have terminated as a whole. */
interface Later {
  readonly cells: Map<Cell, number>;
  readonly formats: Format[];
  readonly terminated: Set<Format>;
}

/** A format as it begins, or in a later state. */
interface Entry {
  readonly format: Format;
  readonly at: Later | undefined;
}

/** What a rule changes besides the moves of its participants: `from` gives way to `to`, or one cell falls asleep. */
type Switch = { readonly from: Format; readonly to: Entry } | { readonly sleeps: Cell };

export interface Switching {
  readonly components: readonly Component[];
  readonly rules: readonly Rule[];
}

/**
 * The network of `process` with its formats; undefined where one would gain nothing: no sequential process in it is large, or none becomes a network.
 * Throws `NotCompilable`, and `LimitReached`.
 */
export function switching(
  terms: Terms,
  process: Process,
  leaves: readonly Process[],
  limits: Limits & { readonly wholeStateMax?: number },
): Switching | undefined {
  const watch = new Watch(limits.stopped === undefined ? {} : { stopped: limits.stopped }, 'compile');
  const wholeStateMax = limits.wholeStateMax ?? WHOLE_STATE_MAX;
  if (!leaves.some((leaf) => outgrows(terms, leaf, wholeStateMax, watch))) return undefined;
  return new Formats(terms, limits, wholeStateMax, watch).of(process);
}

/** Whether `process` has more states than one component should, some of them networks. */
function outgrows(terms: Terms, process: Process, stateCountMax: number, watch: Watch): boolean {
  const found = new Set([process]);
  let splits = isNetwork(process);
  try {
    for (const state of found) {
      for (const { target } of transitions(terms, state, watch.spend)) {
        if (found.has(target)) continue;
        found.add(target);
        splits ||= isNetwork(target);
      }
      if (found.size > stateCountMax && splits) return true;
      if (found.size > WHOLE_STATE_MAX) return false;
    }
  } catch (fault) {
    if (fault instanceof LimitReached) throw fault;
    // What cannot be evaluated is left to the exploration.
  }
  return false;
}

/** Whether a process is a composition at the moment, looked at from outside. */
function isNetwork(process: Process): boolean {
  let part = process;
  for (let depth = 0; depth < NESTING_MAX; depth++) {
    switch (part.kind) {
      case 'interleave':
      case 'generalizedParallel':
      case 'alphabetizedParallel':
        return part.components.length > 1;
      case 'hide':
      case 'project':
      case 'rename':
      case 'compress':
        part = part.process;
        break;
      case 'sequential':
      case 'exception':
      case 'interrupt':
        part = part.left;
        break;
      case 'call':
        part = unfolded(part);
        break;
      default:
        return false;
    }
  }
  return false;
}

class Formats {
  readonly #terms: Terms;
  readonly #limits: Limits;
  readonly #wholeStateMax: number;
  readonly #watch: Watch;
  /** Steps whose target has still to find its format. */
  readonly #pending: { readonly place: Place; readonly process: Process; readonly then: (entry: Entry) => void }[] = [];
  #count = 0;
  #switches = false;

  constructor(terms: Terms, limits: Limits, wholeStateMax: number, watch: Watch) {
    this.#wholeStateMax = wholeStateMax;
    this.#terms = terms;
    this.#limits = limits;
    this.#watch = watch;
  }

  of(process: Process): Switching | undefined {
    const root: Place = { parent: undefined, formats: [] };
    this.#create(root, process, true);
    for (const { place, process, then } of this.#pending) {
      this.#watch.check(this.#count, 0);
      then(this.#enter(place, process));
    }
    return this.#switches ? new Assembled(root).network() : undefined;
  }

  #later(place: Place, process: Process, then: (entry: Entry) => void): void {
    this.#switches = true;
    this.#pending.push({ place, process, then });
  }

  #enter(place: Place, process: Process): Entry {
    for (const format of place.formats) {
      const entry = entryAt(process, format);
      if (entry !== undefined) return entry;
    }
    return { format: this.#create(place, process, false), at: undefined };
  }

  /** `isStatic`: nothing around it starts or stops it, so its parts are components however small. */
  #create(place: Place, process: Process, isStatic: boolean): Format {
    if (++this.#count > FORMAT_COUNT_MAX) throw new NotCompilable(`more than ${FORMAT_COUNT_MAX} formats`);
    const format: Format = { place, names: new Set(), shape: undefined };
    place.formats.push(format);
    let part = process;
    while (part.kind === 'call' || part.kind === 'compress') {
      this.#name(format, part);
      const inner = part.kind === 'call' ? unfolded(part) : part.process;
      if (format.names.has(inner)) break;
      part = inner;
    }
    this.#name(format, part);
    format.shape = this.#shapeOf(format, part, isStatic);
    return format;
  }

  #name(format: Format, process: Process): void {
    for (let around = format.place.parent; around !== undefined; around = around.place.parent) {
      if (process.kind === 'call' && around.names.has(process))
        throw new NotCompilable('a recursion nests under operators that do not end');
    }
    format.names.add(process);
  }

  #shapeOf(format: Format, process: Process, isStatic: boolean): Shape {
    if (isNetwork(process)) {
      const whole = isStatic && isFixed(process) ? undefined : this.#whole(format, process);
      const shape = whole ?? this.#splitOf(format, process, isStatic);
      if (shape !== undefined) return shape;
    }
    return this.#whole(format, process) ?? this.#sequential(format, process);
  }

  /** As one component, if it is small. */
  #whole(format: Format, process: Process): Shape | undefined {
    if (this.#wholeStateMax === 0) return undefined;
    try {
      const leaf = this.#leaf(process, this.#wholeStateMax, (_, target) => isKnown(format, target));
      return { kind: 'leaf', cell: this.#cell(format.place, leaf) };
    } catch (fault) {
      if (fault instanceof NotCompilable || (fault instanceof LimitReached && fault.spent === 'states'))
        return undefined;
      throw fault;
    }
  }

  #sequential(format: Format, process: Process): Shape {
    const leaf = this.#leaf(process, LEAF_STATE_MAX, (_, target) => isKnown(format, target) || isNetwork(target));
    // A later state of a branch is found in the branch: so that comes first.
    for (const branch of branchesOf(process)) if (isNetwork(branch)) this.#later(format.place, branch, () => {});
    return { kind: 'leaf', cell: this.#cell(format.place, leaf) };
  }

  #leaf(process: Process, stateCountMax: number, leaves: (event: EventId, target: Process) => boolean): Leaf {
    return leafOf(this.#terms, process, { ...this.#limits, stateCountMax }, leaves);
  }

  #cell(place: Place, leaf: Leaf): Cell {
    const cell: Cell = { leaf, after: [] };
    for (const [i, { target }] of leaf.exits.entries()) {
      this.#later(place, target, (entry) => {
        cell.after[i] = entry;
      });
    }
    return cell;
  }

  #splitOf(format: Format, process: Process, isStatic: boolean): Shape | undefined {
    const inner = (part: Process, staysStatic: boolean): Place => {
      const place: Place = { parent: format, formats: [] };
      this.#create(place, part, staysStatic);
      return place;
    };
    switch (process.kind) {
      case 'interleave':
      case 'generalizedParallel': {
        const { components } = process;
        const everybody = [...components.keys()];
        const agreed: Agreement = (event) =>
          process.kind === 'generalizedParallel' && contains(process.events, event) ? everybody : undefined;
        const parts = components.map((part) => inner(part, true));
        return { kind: 'parallel', operator: process, parts, agreed, permitted: undefined };
      }
      case 'alphabetizedParallel': {
        const { components } = process;
        const agreed: Agreement = (event) =>
          [...components.keys()].filter((i) => contains(components[i]!.alphabet, event));
        const parts = components.map((part) => inner(part.process, true));
        return { kind: 'parallel', operator: process, parts, agreed, permitted: (i) => components[i]!.alphabet };
      }
      case 'hide':
      case 'project':
      case 'rename':
        return { kind: 'map', operator: process, part: inner(process.process, isStatic) };
      case 'sequential':
      case 'exception': {
        const left = inner(process.left, false);
        if (isPlain(left)) return undefined;
        const next: { entry: Entry | undefined } = { entry: undefined };
        this.#later(format.place, process.right, (entry) => {
          next.entry = entry;
        });
        return { kind: 'handover', operator: process, left, next };
      }
      case 'interrupt': {
        const left = inner(process.left, false);
        if (isPlain(left)) return undefined;
        const right = this.#leaf(process.right, LEAF_STATE_MAX, (event) => event !== TAU);
        this.#later(format.place, process.right, () => {});
        return { kind: 'interrupt', left, right: this.#cell(format.place, right) };
      }
      default:
        return undefined;
    }
  }
}

/** Whether a process keeps its parts for as long as it lives. */
function isFixed({ kind }: Process): boolean {
  return kind !== 'sequential' && kind !== 'exception' && kind !== 'interrupt';
}

/** Whether a place is one component for ever. */
function isPlain({ formats }: Place): boolean {
  const [only] = formats;
  return formats.length === 1 && only!.shape?.kind === 'leaf' && only!.shape.cell.leaf.exits.length === 0;
}

/** Whether another format of the place begins as this process. */
function isKnown(format: Format, process: Process): boolean {
  return format.place.formats.some((other) => other !== format && other.names.has(process));
}

/** What a choice leads to, as it begins. */
function branchesOf(process: Process): readonly Process[] {
  switch (process.kind) {
    case 'externalChoice':
    case 'synchronizingChoice':
      return process.branches;
    case 'slidingChoice':
    case 'interrupt':
    case 'synchronizingInterrupt':
      return [process.left, process.right];
    default:
      return [];
  }
}

/** `process` as a state of `format`, if it is one. */
function entryAt(process: Process, format: Format): Entry | undefined {
  if (format.names.has(process)) return { format, at: undefined };
  const at: Later = { cells: new Map(), formats: [], terminated: new Set() };
  return isStateOf(process, format, at, 0) ? { format, at } : undefined;
}

/** Whether `process` is a state of `format`; then `at` is what it is in that state. */
function isStateOf(process: Process, format: Format, at: Later, depth: number): boolean {
  const { shape } = format;
  if (shape === undefined || depth > NESTING_MAX) return false;
  if (shape.kind === 'leaf') {
    const state = shape.cell.leaf.stateOf(process);
    if (state !== undefined) {
      at.cells.set(shape.cell, state);
      at.formats.push(format);
      return true;
    }
  }
  if (process.kind === 'call' || process.kind === 'compress') {
    const inner = process.kind === 'call' ? unfolded(process) : process.process;
    return isStateOf(inner, format, at, depth + 1);
  }
  const within = (part: Process | undefined, { formats }: Place): boolean =>
    part !== undefined && formats.some((other) => isStateOf(part, other, at, depth + 1));
  const hasTerminated = process.kind === 'omega';
  let found = false;
  if (shape.kind === 'parallel') {
    const operands = hasTerminated ? shape.parts.map(() => process) : operandsOf(process, shape.operator);
    found = operands?.every((part, i) => within(part, shape.parts[i]!)) === true;
    if (hasTerminated) at.terminated.add(format);
  } else if (shape.kind === 'map') {
    found = within(hasTerminated ? process : argumentOf(process, shape.operator), shape.part);
  } else if (shape.kind === 'handover') {
    found = within(leftOf(process, shape.operator), shape.left);
  } else if (shape.kind === 'interrupt' && process.kind === 'interrupt') {
    const state = shape.right.leaf.stateOf(process.right);
    if (state !== undefined) at.cells.set(shape.right, state);
    found = state !== undefined && within(process.left, shape.left);
  }
  if (found) at.formats.push(format);
  return found;
}

/** The operands of `process`, if it is the same parallel operator. Sets of one store are equal when they are the same. */
function operandsOf(process: Process, like: Process): readonly Process[] | undefined {
  if (process.kind === 'interleave' && like.kind === 'interleave')
    return process.components.length === like.components.length ? process.components : undefined;
  if (process.kind === 'generalizedParallel' && like.kind === 'generalizedParallel')
    return process.components.length === like.components.length && process.events === like.events
      ? process.components
      : undefined;
  if (process.kind === 'alphabetizedParallel' && like.kind === 'alphabetizedParallel') {
    const same =
      process.components.length === like.components.length &&
      process.components.every(({ alphabet }, i) => alphabet === like.components[i]!.alphabet);
    return same ? process.components.map((component) => component.process) : undefined;
  }
  return undefined;
}

function argumentOf(process: Process, like: Unary): Process | undefined {
  if (process.kind === 'rename' && like.kind === 'rename')
    return process.relation === like.relation ? process.process : undefined;
  if (process.kind === 'hide' && like.kind === 'hide')
    return process.events === like.events ? process.process : undefined;
  if (process.kind === 'project' && like.kind === 'project')
    return process.events === like.events ? process.process : undefined;
  return undefined;
}

function leftOf(process: Process, like: Process): Process | undefined {
  if (process.kind === 'sequential' && like.kind === 'sequential')
    return process.right === like.right ? process.left : undefined;
  if (process.kind === 'exception' && like.kind === 'exception')
    return process.right === like.right && process.events === like.events ? process.left : undefined;
  return undefined;
}

/** Where a cell, or the termination of a composition, is when its format is not there. */
const ASLEEP = -1;

/** The formats that can be reached, as components and rules. */
class Assembled {
  readonly #root: Place;
  readonly #reached = new Set<Format>();
  readonly #cells: Cell[] = [];
  readonly #indexOf = new Map<Cell, number>();
  /** The component that knows whether the composition of a format has terminated. */
  readonly #terminationOf = new Map<Format, number>();
  readonly #maker: RuleMaker<Switch>;
  /** By component: what is asked of it besides its own events, by the state it leads to and the event it goes with. */
  readonly #extra: Map<string, Extra>[] = [];

  constructor(root: Place) {
    this.#root = root;
    this.#reach({ format: root.formats[0]!, at: undefined });
    for (const format of this.#reached) for (const cell of cellsOf(format)) this.#addCell(cell);
    this.#maker = new RuleMaker(this.#cells.map(({ leaf }) => withTermination(leaf.component)));
  }

  network(): Switching {
    const made = this.#ofPlace(this.#root);
    for (const _ of this.#maker.components) this.#extra.push(new Map());
    const rules = rulesFrom(made, (way) => this.#partsOf(way));
    const start = this.#statesAt({ format: this.#root.formats[0]!, at: undefined });
    const components = this.#maker.components.map((component, i) => {
      const cell = this.#cells[i];
      return changeable(
        component,
        cell === undefined ? 0 : cell.leaf.asleep,
        cell === undefined ? 0 : (start.get(i) ?? ASLEEP),
        [...this.#extra[i]!.values()],
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
    const extra = this.#extra[component]!;
    const key = `${along ?? ''} ${to}`;
    let known = extra.get(key);
    if (known === undefined) extra.set(key, (known = { event: (EXTRA_MIN + extra.size) as EventId, along, to }));
    return { component, event: known.event };
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

/** A format as it begins: itself, and the first of each place in it. */
function beginningOf(format: Format): readonly Format[] {
  return [format, ...placesOf(format).flatMap(({ formats }) => beginningOf(formats[0]!))];
}

function cellsOf({ shape }: Format): readonly Cell[] {
  return shape!.kind === 'leaf' ? [shape!.cell] : shape!.kind === 'interrupt' ? [shape!.right] : [];
}

function placesOf({ shape }: Format): readonly Place[] {
  switch (shape!.kind) {
    case 'leaf':
      return [];
    case 'parallel':
      return shape!.parts;
    case 'map':
      return [shape!.part];
    case 'handover':
    case 'interrupt':
      return [shape!.left];
  }
}

/** A step that a component is made to take: from wherever it is, or along with one of its own events, to a state. */
interface Extra {
  readonly event: EventId;
  readonly along: EventId | undefined;
  readonly to: number;
}

/** Extra steps are numbered from here on: no events of any alphabet. */
const EXTRA_MIN = 2 ** 29;

/**
 * The component with a state `asleep`, if it has none and needs one, and with the `extra` steps. `start` becomes state 0. What has terminated as a whole, and
 * has no sleep of its own, sleeps where it begins.
 */
function changeable(
  component: Component,
  asleep: number | undefined,
  start: number,
  extra: readonly Extra[],
): Component {
  const { graph, omega, describe } = component;
  const needsSleep = start === ASLEEP || extra.some(({ to }) => to === ASLEEP);
  const stateCount = graph.stateCount + (asleep === undefined && needsSleep ? 1 : 0);
  const sleep = asleep ?? graph.stateCount;
  const first = start === ASLEEP ? sleep : start;
  /** The first state and state 0 change places. */
  const place = (state: number): number => (state === first ? 0 : state === 0 ? first : state);
  const rows = new Rows();
  for (let at = 0; at < stateCount; at++) {
    const state = place(at);
    const events = new Set<number>();
    if (state < graph.stateCount) {
      for (let i = graph.offsets[state]!; i < graph.offsets[state + 1]!; i++) {
        events.add(graph.events[i]!);
        rows.add(graph.events[i]!, place(graph.targets[i]!));
      }
    }
    for (const { event, along, to } of extra)
      if (along === undefined || events.has(along)) rows.add(event, place(to === ASLEEP ? sleep : to));
    rows.end();
  }
  return {
    graph: rows.graph(),
    omega: omega === undefined ? undefined : place(omega),
    describe: (at) => (place(at) === sleep ? '' : describe(place(at))),
  };
}
