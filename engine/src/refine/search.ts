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
 * As long as no tau is met, and no state with a second node, pairs are visited in the order of their numbers. Then nothing has to be noted about them: what is below the
 * state being visited is done, what is known besides waits, and parents are found again (`discovery.ts`).
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
import { Antichain, type Pruning } from './antichain.ts';
import { Discovery } from './discovery.ts';
import { PairTable } from './pair-table.ts';
import { runAlong, stepOf } from './run-along.ts';
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
  /** When pairs are left out that a smaller node of the specification makes superfluous. Default: `explosion`. */
  readonly pruning?: Pruning;
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

/** Pairs cannot be visited in the order of their numbers any more. */
const OUT_OF_ORDER = 'out of order';

/** Room for so many pairs at first: most questions asked of small processes end with fewer. */
const FIRST = 64;

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
  readonly #pruning: Pruning;
  #antichain: Antichain | undefined;
  readonly #watch: Watch;
  readonly #effort: { -readonly [K in keyof Effort]: Effort[K] };
  readonly #steps = new Transitions();

  /** By state: the node it was first met with (only if there is a specification). */
  #nodeOf: Int32Array;
  /** The parents of states below this are found again. */
  #inOrderCount = 0;
  readonly #discovery: Discovery;
  /** The parents of the other states' pairs, and how far the pair of each state is. */
  #parentOf = new Int32Array(0);
  #colorOf = new Uint8Array(0);
  readonly #aside = new PairTable();

  /** Pairs of the next layer. */
  #next = new Int32Array(FIRST);
  #nextLength = 0;
  /** Pairs to be visited in this layer; `~pair` marks the end of what was pushed by that pair. */
  #stack = new Int32Array(FIRST);
  #stackLength = 0;
  readonly #terminated = new Set<number>();
  #known = 0;
  /** Grows with the visible events behind what is being visited. */
  #layer = 0;

  /** Stamp of the last state that offered the event. */
  #offered = new Int32Array(64);
  #stamp = 0;

  constructor(lts: Lts, goal: Goal, limits: Limits, effort: Effort) {
    this.#lts = lts;
    this.#specification = goal.specification;
    this.#refusals = goal.refusals === true;
    this.#divergence = goal.divergence === true;
    this.#deadlock = goal.deadlock === true;
    this.#pruning = goal.pruning ?? 'explosion';
    this.#watch = new Watch(limits, 'refine');
    this.#effort = effort;
    this.#discovery = new Discovery(lts);
    this.#nodeOf = new Int32Array(goal.specification === undefined ? 0 : FIRST);
  }

  run(): Violation | undefined {
    const violation = this.#runInOrder();
    if (violation !== undefined) return violation;
    while (this.#nextLength > 0) {
      const layer = this.#next;
      const length = this.#nextLength;
      this.#next = new Int32Array(Math.max(FIRST, length));
      this.#nextLength = 0;
      this.#layer++;
      const violation = this.#visitLayer(layer, length);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  #visitLayer(layer: Int32Array, length: number): Violation | undefined {
    for (let i = 0; i < length; i++) {
      const violation = this.#visitAll(layer[i]!);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  /** Visits pairs in the order of their numbers; when that ends, what is left of this layer is visited, and the next is prepared. */
  #runInOrder(): Violation | undefined {
    let layerEnd = 1;
    let visited = 0;
    if (this.#lts.initial !== 0) {
      this.#reserve();
      if (this.#pruning === 'always') this.#prune();
      this.#meet(this.#pairOf(this.#lts.initial, this.#specification?.initial ?? 0), NO_PARENT);
      return undefined;
    }
    if (this.#specification !== undefined) this.#nodeOf[0] = this.#specification.initial;
    this.#known = 1;
    for (; visited < this.#known; visited++) {
      if (visited === layerEnd) layerEnd = this.#known;
      this.#discovery.beforeVisit(visited, this.#known);
      const found = this.#visitInOrder(visited);
      if (found === OUT_OF_ORDER) return this.#leaveOrder(visited, layerEnd);
      if (found === undefined) continue;
      this.#inOrderCount = this.#known;
      return found;
    }
    return undefined;
  }

  /** From here on everything is noted. */
  #leaveOrder(visited: number, layerEnd: number): Violation | undefined {
    const known = this.#known;
    this.#inOrderCount = visited;
    // What still waits may yet be met by a tau from this layer, and gets another parent then.
    this.#parentOf = this.#discovery.parentsOf(visited, known);
    this.#reserve();
    this.#colorOf.fill(DONE, 0, visited).fill(KNOWN, visited, known);
    const numbers = (from: number, to: number): Int32Array<ArrayBuffer> =>
      Int32Array.from({ length: to - from }, (_, i) => from + i);
    this.#next = numbers(layerEnd, known);
    this.#nextLength = this.#next.length;
    if (this.#pruning === 'always') this.#prune();
    return this.#visitLayer(numbers(visited, layerEnd), layerEnd - visited);
  }

  /** As `#visit`, for a state whose pair has its number, as have all pairs known; nothing is changed when that ends here. */
  #visitInOrder(state: number): Violation | typeof OUT_OF_ORDER | undefined {
    const steps = this.#steps;
    const specification = this.#specification;
    const before = this.#known;
    const node = specification === undefined ? 0 : this.#nodeOf[state]!;
    if (specification !== undefined && this.#divergence && specification.divergent(node)) return OUT_OF_ORDER;
    this.#watch.check(before, this.#effort.transitions);
    this.#lts.successors(state as StateId, steps);
    if (specification !== undefined && this.#lts.stateCount > this.#nodeOf.length) {
      this.#nodeOf = grown(this.#nodeOf, this.#lts.stateCount);
    }
    const { events, targets, length: count } = steps;
    const nodeOf = this.#nodeOf;
    let known = before;
    let ticks = false;
    for (let i = 0; i < count; i++) {
      const event = events[i]! as EventId;
      const target = targets[i]!;
      if (event === TAU || target > known) return OUT_OF_ORDER;
      if (event === TICK) {
        ticks = true;
        this.#terminated.add(target);
      }
      if (specification === undefined) {
        if (target === known) known++;
        continue;
      }
      const after = specification.after(node, event);
      if (after === REFUSED) {
        this.#effort.states++;
        this.#effort.transitions += count;
        return { kind: 'trace', at: state, event };
      }
      if (target === known) nodeOf[known++] = after;
      else if (nodeOf[target] !== after) return OUT_OF_ORDER;
    }
    this.#effort.states++;
    this.#effort.transitions += count;
    this.#known = known;
    return this.#judge(state, node, count, true, ticks);
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
    if (this.#antichain === undefined && this.#pruning === 'explosion' && specification?.hasExploded === true)
      this.#prune();
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
          if (color === NEW) {
            if (this.#antichain?.covers(target, node, this.#layer) === true) continue;
            this.#antichain?.add(target, node, this.#layer);
            this.#known++;
          }
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
      if (this.#antichain?.covers(target, after, this.#layer + 1) === true) continue;
      const next = this.#pairOf(target, after);
      if (this.#color(next) !== NEW) continue;
      this.#meet(next, pair);
    }
    if (stable) this.#paint(pair, DONE);
    return this.#judge(pair, node, count, stable, ticks);
  }

  /** What a state whose steps were just computed does wrong as a whole. */
  #judge(pair: number, node: NodeId, count: number, stable: boolean, ticks: boolean): Violation | undefined {
    if (count === 0 && this.#deadlock && !this.#terminated.has(this.#stateAt(pair)))
      return { kind: 'deadlock', at: pair };
    if (this.#refusals && (stable || ticks) && !this.#settlesOnEnough(node, ticks)) {
      return {
        kind: 'refusal',
        at: pair,
        accepted: ticks ? [TICK] : initialsOf(this.#steps),
        required: this.#specification!.acceptances(node),
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

  /** From now on pairs are left out; those known so far are entered as if they were all of the next layer. */
  #prune(): void {
    const specification = this.#specification;
    if (specification?.includes === undefined) return;
    this.#antichain = new Antichain((large, small) => specification.includes!(large, small));
    for (let state = 0; state < this.#colorOf.length; state++)
      if (this.#colorOf[state] !== NEW) this.#antichain.add(state, this.#nodeOf[state]!, this.#layer + 1);
    for (let pair = 0; pair < this.#aside.count; pair++)
      this.#antichain.add(this.#aside.firstAt(pair), this.#aside.secondAt(pair), this.#layer + 1);
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
    this.#antichain?.add(this.#stateAt(pair), this.#nodeAt(pair), this.#layer + 1);
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
    if (pair < ASIDE) this.#parentOf[pair - this.#inOrderCount] = parent;
    else this.#aside.parentOf[pair - ASIDE] = parent;
  }

  #parent(pair: number): number {
    if (pair >= ASIDE) return this.#aside.parentOf[pair - ASIDE]!;
    if (pair >= this.#inOrderCount) return this.#parentOf[pair - this.#inOrderCount]!;
    return this.#discovery.parentsOf(pair, pair + 1)[0]!;
  }

  /** Room for every state the transition system has made known. */
  #reserve(): void {
    const count = this.#lts.stateCount;
    if (count - this.#inOrderCount > this.#parentOf.length) {
      this.#parentOf = grown(this.#parentOf, count - this.#inOrderCount);
    }
    if (count <= this.#colorOf.length) return;
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
    return stepOf(this.#lts, by, source, target);
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
      return stepOf(this.#lts, event, source, this.#steps.targetAt(i));
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
