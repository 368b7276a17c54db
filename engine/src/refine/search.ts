/**
 * The search under every check: the implementation, in step with a specification if there is one, explored layer by layer.
 *
 * Layer k holds what k visible events lead to, so the first violation met has a shortest visible trace. Within a layer taus are followed depth first.
 * A cycle of taus lies within one layer, since all its states are tau-reachable from each other: a tau back to the current path is a divergence, and no
 * other search is needed to find it.
 *
 * A pair (state, node) is one integer. Nearly always a state is met with one node only; that pair has the state's own number, the others are interned
 * aside. So a look-up is one array access, and a search without specification costs nothing extra.
 *
 * Invariants:
 *   - a parent was visited before its child; following parents gives a run with the fewest visible events;
 *   - the order of visits, hence every result, depends on the transition systems alone.
 */
import { type EventId, type EventSet, TAU, TICK } from '../csp/index.ts';
import {
  grown,
  grownBytes,
  LimitReached,
  type Limits,
  type Lts,
  type NodeId,
  type NormalForm,
  REFUSED,
  type StateId,
  Transitions,
  Watch,
} from '../lts/index.ts';
import { PairTable } from './pair-table.ts';
import { runAlong } from './run-along.ts';
import type { Counterexample, Effort, Step, Verdict } from './verdict.ts';

export interface Goal {
  /** Every visible event must be one of the specification's. */
  readonly specification?: NormalForm;
  /** What a stable state accepts must include an acceptance of the specification. */
  readonly refusals?: boolean;
  /** A divergence is a violation, except below a divergence of the specification, where everything is allowed. */
  readonly divergence?: boolean;
  /** A state that can do nothing, and has not terminated, is a violation. */
  readonly deadlock?: boolean;
}

/** What went wrong, and the pairs that lead there. */
type Violation =
  | { readonly kind: 'trace'; readonly at: number; readonly event: EventId }
  | {
      readonly kind: 'refusal';
      readonly at: number;
      readonly accepted: EventSet;
      readonly required: readonly EventSet[];
    }
  | { readonly kind: 'deadlock'; readonly at: number }
  | { readonly kind: 'divergence'; readonly at: number; readonly loop: readonly number[] };

/** Searches `lts` for the first violation of `goal`. A limit reached is `unknown`. */
export function search(lts: Lts, goal: Goal, limits: Limits): Verdict {
  const effort = { states: 0, transitions: 0 };
  try {
    const run = new Search(lts, goal, limits, effort);
    const violation = run.run();
    if (violation === undefined) return { kind: 'holds', ...effort };
    return { kind: 'fails', ...effort, counterexample: run.explain(violation) };
  } catch (fault) {
    if (fault instanceof LimitReached) return { kind: 'unknown', ...effort, spent: fault.spent };
    throw fault;
  }
}

/** Numbers of pairs from here on are entries of the pair table; below it they are states. */
const ASIDE = 2 ** 30;
const NO_PARENT = -1;

const NEW = 0;
const KNOWN = 1;
const ON_PATH = 2;
const DONE = 3;

class Search {
  readonly #lts: Lts;
  readonly #specification: NormalForm | undefined;
  readonly #refusals: boolean;
  readonly #divergence: boolean;
  readonly #deadlock: boolean;
  readonly #watch: Watch;
  readonly #effort: { -readonly [K in keyof Effort]: Effort[K] };
  readonly #steps = new Transitions();

  /** By state: the node it was first met with (only if there is a specification), the parent of that pair, and how far it is. */
  #nodeOf: Int32Array;
  #parentOf = new Int32Array(1024);
  #colorOf = new Uint8Array(1024);
  readonly #aside = new PairTable();

  /** Pairs of the next layer. */
  #next = new Int32Array(1024);
  #nextLength = 0;
  /** Pairs to be visited in this layer; `~pair` marks the end of what was pushed by that pair. */
  #stack = new Int32Array(1024);
  #stackLength = 0;
  readonly #terminated = new Set<number>();
  #known = 0;

  /** Stamp of the last state that offered the event. */
  #offered = new Int32Array(64);
  #stamp = 0;

  constructor(lts: Lts, goal: Goal, limits: Limits, effort: Effort) {
    this.#lts = lts;
    this.#specification = goal.specification;
    this.#refusals = goal.refusals === true;
    this.#divergence = goal.divergence === true;
    this.#deadlock = goal.deadlock === true;
    this.#watch = new Watch(limits, 'refine');
    this.#effort = effort;
    this.#nodeOf = new Int32Array(goal.specification === undefined ? 0 : 1024);
  }

  run(): Violation | undefined {
    this.#reserve();
    const initial = this.#pairOf(this.#lts.initial, this.#specification?.initial ?? 0);
    this.#meet(initial, NO_PARENT);
    while (this.#nextLength > 0) {
      const layer = this.#next;
      const length = this.#nextLength;
      this.#next = new Int32Array(Math.max(1024, length));
      this.#nextLength = 0;
      for (let i = 0; i < length; i++) {
        const violation = this.#visitAll(layer[i]!);
        if (violation !== undefined) return violation;
      }
    }
    return undefined;
  }

  /** Visits `root` and what it reaches by taus. */
  #visitAll(root: number): Violation | undefined {
    if (this.#color(root) !== KNOWN) return undefined;
    const violation = this.#visit(root);
    if (violation !== undefined) return violation;
    while (this.#stackLength > 0) {
      const top = this.#stack[--this.#stackLength]!;
      if (top < 0) {
        this.#paint(~top, DONE);
        continue;
      }
      if (this.#color(top) !== KNOWN) continue;
      const violation = this.#visit(top);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  #visit(pair: number): Violation | undefined {
    const steps = this.#steps;
    const specification = this.#specification;
    const node = specification === undefined ? 0 : this.#nodeAt(pair);
    this.#effort.states++;
    this.#watch.check(this.#known, this.#effort.transitions);
    if (specification !== undefined && this.#divergence && specification.divergent(node)) {
      this.#paint(pair, DONE);
      return undefined;
    }
    this.#lts.successors(this.#stateAt(pair), steps);
    this.#reserve();
    // Nothing below makes states known, so these arrays stay as they are.
    const { events, targets, length: count } = steps;
    const colorOf = this.#colorOf;
    const nodeOf = this.#nodeOf;
    this.#effort.transitions += count;
    let stable = true;
    let ticks = false;
    for (let i = 0; i < count; i++) {
      const event = events[i]! as EventId;
      const target = targets[i]!;
      if (event === TAU) {
        if (stable) {
          stable = false;
          this.#paint(pair, ON_PATH);
          this.#push(~pair);
        }
        const next = this.#pairOf(target, node);
        const color = this.#color(next);
        if (color <= KNOWN) {
          if (color === NEW) this.#known++;
          this.#paint(next, KNOWN);
          this.#setParent(next, pair);
          this.#push(next);
        } else if (color === ON_PATH && this.#divergence) {
          return { kind: 'divergence', at: next, loop: this.#pathFrom(next) };
        }
        continue;
      }
      if (event === TICK) {
        ticks = true;
        this.#terminated.add(target);
      }
      if (specification === undefined) {
        if (colorOf[target] === NEW) this.#meet(target, pair);
        continue;
      }
      const after = specification.after(node, event);
      if (after === REFUSED) return { kind: 'trace', at: pair, event };
      if (colorOf[target] !== NEW && nodeOf[target] === after) continue;
      const next = this.#pairOf(target, after);
      if (this.#color(next) === NEW) this.#meet(next, pair);
    }
    if (stable) this.#paint(pair, DONE);
    if (count === 0 && this.#deadlock && !this.#terminated.has(this.#stateAt(pair)))
      return { kind: 'deadlock', at: pair };
    if (this.#refusals && (stable || ticks) && !this.#settlesOnEnough(node, ticks)) {
      return {
        kind: 'refusal',
        at: pair,
        accepted: ticks ? [TICK] : initialsOf(steps),
        required: specification!.acceptances(node),
      };
    }
    return undefined;
  }

  /** Whether some acceptance of `node` is within the initials of the state whose steps were just computed; within {✓} if it may tick. */
  #settlesOnEnough(node: NodeId, ticks: boolean): boolean {
    const acceptances = this.#specification!.acceptances(node);
    if (acceptances.length > 0 && acceptances[0]!.length === 0) return true;
    const stamp = ++this.#stamp;
    if (this.#offered.length < this.#lts.alphabet.size) this.#offered = grown(this.#offered, this.#lts.alphabet.size);
    const offered = this.#offered;
    if (ticks) offered[TICK] = stamp;
    else for (let i = 0; i < this.#steps.length; i++) offered[this.#steps.events[i]!] = stamp;
    for (let k = 0; k < acceptances.length; k++) {
      const acceptance = acceptances[k]!;
      let i = 0;
      while (i < acceptance.length && offered[acceptance[i]!] === stamp) i++;
      if (i === acceptance.length) return true;
    }
    return false;
  }

  #pairOf(state: number, node: number): number {
    if (this.#specification === undefined || this.#colorOf[state] === NEW) {
      if (this.#specification !== undefined) this.#nodeOf[state] = node;
      return state;
    }
    if (this.#nodeOf[state] === node) return state;
    return ASIDE + this.#aside.intern(state, node);
  }

  #meet(pair: number, parent: number): void {
    this.#paint(pair, KNOWN);
    this.#setParent(pair, parent);
    this.#known++;
    if (this.#nextLength === this.#next.length) this.#next = grown(this.#next, this.#nextLength + 1);
    this.#next[this.#nextLength++] = pair;
  }

  #push(entry: number): void {
    if (this.#stackLength === this.#stack.length) this.#stack = grown(this.#stack, this.#stackLength + 1);
    this.#stack[this.#stackLength++] = entry;
  }

  #stateAt(pair: number): StateId {
    return (pair < ASIDE ? pair : this.#aside.firstAt(pair - ASIDE)) as StateId;
  }

  #nodeAt(pair: number): NodeId {
    return pair < ASIDE ? this.#nodeOf[pair]! : this.#aside.secondAt(pair - ASIDE);
  }

  #color(pair: number): number {
    return pair < ASIDE ? this.#colorOf[pair]! : this.#aside.colorOf[pair - ASIDE]!;
  }

  #paint(pair: number, color: number): void {
    if (pair < ASIDE) this.#colorOf[pair] = color;
    else this.#aside.colorOf[pair - ASIDE] = color;
  }

  #setParent(pair: number, parent: number): void {
    if (pair < ASIDE) this.#parentOf[pair] = parent;
    else this.#aside.parentOf[pair - ASIDE] = parent;
  }

  #parent(pair: number): number {
    return pair < ASIDE ? this.#parentOf[pair]! : this.#aside.parentOf[pair - ASIDE]!;
  }

  /** Room for every state the transition system has made known. */
  #reserve(): void {
    const count = this.#lts.stateCount;
    if (count <= this.#colorOf.length) return;
    this.#parentOf = grown(this.#parentOf, count);
    this.#colorOf = grownBytes(this.#colorOf, count);
    if (this.#specification !== undefined) this.#nodeOf = grown(this.#nodeOf, count);
  }

  /** The pairs of the current path from `pair` on: those whose mark is still on the stack. */
  #pathFrom(pair: number): number[] {
    const path: number[] = [];
    for (let i = this.#stackLength - 1; i >= 0; i--) {
      const entry = this.#stack[i]!;
      if (entry >= 0) continue;
      path.push(~entry);
      if (~entry === pair) break;
    }
    return path.reverse();
  }

  explain(violation: Violation): Counterexample {
    const run: number[] = [];
    for (let pair = violation.at; pair !== NO_PARENT; pair = this.#parent(pair)) run.push(pair);
    run.reverse();
    const found = this.#stepsAlong(run);
    const trace = found.map(({ event }) => event).filter((event) => event !== TAU);
    // Taus were followed depth first, so a run with taus may be needlessly long: a breadth-first one along the same trace is short.
    const end = this.#stateAt(violation.at);
    const steps =
      found.length === trace.length ? found : (runAlong(this.#lts, trace, (_, state) => state === end) ?? found);
    switch (violation.kind) {
      case 'trace':
        return {
          kind: 'trace',
          trace,
          steps: [...steps, this.#stepBy(violation.at, violation.event)],
          event: violation.event,
        };
      case 'refusal':
        return { kind: 'refusal', trace, steps, accepted: violation.accepted, required: violation.required };
      case 'deadlock':
        return { kind: 'deadlock', trace, steps };
      case 'divergence':
        return { kind: 'divergence', trace, steps, loop: this.#stepsAlong([...violation.loop, violation.at]) };
    }
  }

  #stepsAlong(run: readonly number[]): Step[] {
    const steps: Step[] = [];
    for (let i = 1; i < run.length; i++) steps.push(this.#stepBetween(run[i - 1]!, run[i]!));
    return steps;
  }

  /** A tau if there is one: then the child is in its parent's layer, and that is how it was met. Otherwise the first event that leads there. */
  #stepBetween(from: number, to: number): Step {
    const source = this.#stateAt(from);
    const target = this.#stateAt(to);
    let by: EventId | undefined;
    this.#lts.successors(source, this.#steps);
    for (let i = 0; i < this.#steps.length; i++) {
      const event = this.#steps.eventAt(i);
      if (this.#steps.targetAt(i) !== target || (by !== undefined && event !== TAU)) continue;
      if (this.#nodeAfter(from, event) === this.#nodeAfter(to, TAU)) by = event;
    }
    if (by === undefined) throw new Error('defect: a parent without a step to its child');
    return { event: by, from: this.#lts.describe(source), to: this.#lts.describe(target) };
  }

  #nodeAfter(pair: number, event: EventId): NodeId {
    if (this.#specification === undefined) return 0;
    const node = this.#nodeAt(pair);
    return event === TAU ? node : this.#specification.after(node, event);
  }

  #stepBy(from: number, event: EventId): Step {
    const source = this.#stateAt(from);
    this.#lts.successors(source, this.#steps);
    for (let i = 0; i < this.#steps.length; i++) {
      if (this.#steps.eventAt(i) !== event) continue;
      return { event, from: this.#lts.describe(source), to: this.#lts.describe(this.#steps.targetAt(i)) };
    }
    throw new Error('defect: a state without the step that was seen');
  }
}

/** The events of `steps` as a set. */
export function initialsOf(steps: Transitions): EventSet {
  const events = new Set<EventId>();
  for (let i = 0; i < steps.length; i++) events.add(steps.eventAt(i));
  return [...events].sort((a, b) => a - b);
}
