/**
 * Refinement in the models that see what happens after a refusal: stable revivals (V) and refusal testing (R), without and with divergences.
 *
 * V: traces, deadlocks, and revivals (s, X, a): after s a stable state refuses X, and then does a all the same.
 * R: refusal traces ⟨X0, a1, X1, …, an, Xn⟩, each Xi a set seen to be refused by a stable state, or • where nothing was seen.
 * VD, RD: moreover after what the process may diverge; below a divergence the specification allows everything.
 * As everywhere here, a state that offers ✓ may settle on nothing else: it refuses all of Σ, and only ✓ follows.
 *
 * Observations are closed under seeing less, so it is enough to follow what sees most: of each stable state of the implementation, that it refuses everything
 * it does not offer. What is left of a node of the specification after that is again a node (`RefusalForm`). In R the search goes on from there; in V a
 * refusal counts for one event only, and the search goes on from the whole node.
 *
 * Pairs are visited layer by layer as in `search.ts`, taus breadth first within a layer, so counterexamples have a shortest visible trace.
 *
 * Phillips, Refusal testing (1987); Mukkaram, A refusal testing model for CSP (1993); Roscoe, Revivals, stuckness and the hierarchy of CSP models (2009);
 * Understanding Concurrent Systems, chapters 11 and 12.
 */
import { type EventId, type EventSet, TAU, TICK } from '../csp/index.ts';
import {
  Divergence,
  grown,
  HierarchicalLts,
  IntSequences,
  LimitReached,
  type Limits,
  type Lts,
  type NodeId,
  normalizeLazily,
  REFUSED,
  type RefusalForm,
  type StateId,
  Transitions,
  Watch,
} from '../lts/index.ts';
import { PairTable } from './pair-table.ts';
import { divergenceOf } from './retrace.ts';
import { initialsOf } from './search.ts';
import {
  type Counterexample,
  type Effort,
  type FineModel,
  type Step,
  seesDivergence,
  type Verdict,
} from './verdict.ts';
import { type Seen, weakest } from './weakest-refusals.ts';

/** As `refines`, in the models V, VD, R and RD. A process that was reduced to what F or FD see is looked at as it was before. */
export function refinesFinely(model: FineModel, left: Lts, right: Lts, limits: Limits): Verdict {
  const [specification, implementation] = [unreduced(left), unreduced(right)];
  const effort = { states: 0, transitions: 0 };
  try {
    const form = normalizeLazily(specification, limits);
    let run = new Search(model, form, implementation, limits, effort);
    let violation = run.run();
    if (violation === undefined) return { kind: 'holds', ...effort };
    if (implementation.uncompressed !== undefined) {
      run = new Search(model, form, implementation.uncompressed, limits, { states: 0, transitions: 0 });
      violation = run.run();
      if (violation === undefined) throw new Error('defect: a compressed process does what the process does not');
    }
    return { kind: 'fails', ...effort, counterexample: run.explain(violation) };
  } catch (fault) {
    if (fault instanceof LimitReached) return { kind: 'unknown', ...effort, spent: fault.spent };
    throw fault;
  }
}

function unreduced(lts: Lts): Lts {
  if (lts instanceof HierarchicalLts) return lts.uncompressedComponents();
  return lts.uncompressed !== undefined && lts.keepsEveryModel !== true ? lts.uncompressed : lts;
}

type Violation =
  | { readonly kind: 'trace' | 'revival'; readonly at: number; readonly event: EventId }
  | { readonly kind: 'refusal' | 'divergence'; readonly at: number };

const NO_PARENT = -1;
/** A refusal that was not looked for yet. */
const LATER = -2;
const KNOWN = 1;

class Search {
  readonly #remembers: boolean;
  readonly #strict: boolean;
  readonly #form: RefusalForm;
  readonly #lts: Lts;
  readonly #limits: Limits;
  readonly #watch: Watch;
  readonly #effort: { -readonly [K in keyof Effort]: Effort[K] };
  readonly #divergence: Divergence;
  readonly #steps = new Transitions();
  /** Pairs (state, node); the parent of each, and by which event it was met. */
  readonly #pairs = new PairTable();
  #byOf = new Int32Array(1024);
  #known = 0;
  #layer: number[] = [];
  /** Visible steps out of this layer: target, node, pair, event of each. They are met when it is complete, since a tau may still lead to the same pair. */
  #onwards: number[] = [];
  /** Sets of events that stable states accept; and what is left of a node when a state refuses all else, by pairs of node and set. */
  readonly #accepted = new IntSequences();
  readonly #settled = new PairTable();
  #settledOn = new Int32Array(1024).fill(LATER);

  constructor(model: FineModel, form: RefusalForm, implementation: Lts, limits: Limits, effort: Effort) {
    this.#remembers = model === 'R' || model === 'RD';
    this.#strict = seesDivergence(model);
    this.#form = form;
    this.#lts = implementation;
    this.#limits = limits;
    this.#watch = new Watch(limits, 'refine');
    this.#effort = effort;
    this.#divergence = new Divergence(this.#lts, this.#watch);
  }

  run(): Violation | undefined {
    this.#meet(this.#lts.initial, this.#form.initial, NO_PARENT, TAU);
    while (this.#layer.length > 0) {
      for (const pair of this.#layer) {
        const violation = this.#visit(pair);
        if (violation !== undefined) return violation;
      }
      const onwards = this.#onwards;
      this.#onwards = [];
      this.#layer = [];
      for (let i = 0; i < onwards.length; i += 4)
        this.#meet(onwards[i]! as StateId, onwards[i + 1]! as NodeId, onwards[i + 2]!, onwards[i + 3]! as EventId);
    }
    return undefined;
  }

  #visit(at: number): Violation | undefined {
    const state = this.#pairs.firstAt(at) as StateId;
    const node = this.#pairs.secondAt(at);
    this.#effort.states++;
    this.#watch.check(this.#known, this.#effort.transitions);
    if (this.#strict) {
      if (this.#form.divergent(node)) return undefined;
      if (this.#divergence.of(state)) return { kind: 'divergence', at };
    }
    this.#lts.successors(state, this.#steps);
    const { length } = this.#steps;
    this.#effort.transitions += length;
    const initials = initialsOf(this.#steps);
    const settles = isSettled(initials);
    const settled = settles ? this.#settle(node, initials) : node;
    if (settled === REFUSED) return { kind: 'refusal', at };
    for (let i = 0; i < length; i++) {
      const event = this.#steps.eventAt(i);
      const target = this.#steps.targetAt(i);
      if (event === TAU) {
        this.#meet(target, node, at, event);
        continue;
      }
      const after = this.#form.after(settled, event);
      if (after === REFUSED) {
        const everAllowed = settles && this.#form.after(node, event) !== REFUSED;
        return { kind: everAllowed ? 'revival' : 'trace', at, event };
      }
      this.#onwards.push(target, this.#remembers ? after : this.#form.after(node, event), at, event);
    }
    return undefined;
  }

  /** The node of the states of `node` that settle on no more than `accepted`, or `REFUSED`. */
  #settle(node: NodeId, accepted: EventSet): NodeId {
    const set = this.#accepted.intern(Int32Array.from(accepted), accepted.length);
    const place = this.#settled.intern(node, set);
    if (place >= this.#settledOn.length) {
      const { length } = this.#settledOn;
      this.#settledOn = grown(this.#settledOn, place + 1).fill(LATER, length);
    }
    if (this.#settledOn[place] === LATER) {
      this.#settledOn[place] = this.#form.refusing(node, refusedBy(this.#form, node, accepted));
    }
    return this.#settledOn[place]!;
  }

  #meet(state: StateId, node: NodeId, parent: number, by: EventId): void {
    const pair = this.#pairs.intern(state, node);
    if (this.#pairs.colorOf[pair] === KNOWN) return;
    this.#pairs.colorOf[pair] = KNOWN;
    this.#pairs.parentOf[pair] = parent;
    if (pair >= this.#byOf.length) this.#byOf = grown(this.#byOf, pair + 1);
    this.#byOf[pair] = by;
    this.#known++;
    this.#layer.push(pair);
  }

  explain(violation: Violation): Counterexample {
    const { at, kind } = violation;
    const event = 'event' in violation ? violation.event : undefined;
    const state = this.#pairs.firstAt(at) as StateId;
    const accepted = this.#initials(state);
    const { trace, steps, seen } = this.#runTo(at);
    const { node, refused } = weakest(this.#form, { trace, seen, strict: this.#strict }, (end) =>
      this.#isViolation(kind, end, accepted, event),
    );
    const told = { trace, steps, ...(refused.some((set) => set !== undefined) && { refused }) };
    switch (kind) {
      case 'trace':
        return { ...told, kind, steps: [...steps, this.#stepBy(state, event!)], event: event! };
      case 'revival': {
        const required = this.#form.acceptancesWith(node, event!);
        return { ...told, kind, steps: [...steps, this.#stepBy(state, event!)], accepted, event: event!, required };
      }
      case 'refusal':
        return { ...told, kind, accepted, required: this.#form.acceptances(node) };
      case 'divergence': {
        const found = divergenceOf(this.#lts, state, this.#limits);
        if (found === undefined) throw new Error('defect: a divergence without a loop');
        return { ...told, kind, steps: [...steps, ...found.steps], loop: found.loop };
      }
    }
  }

  /** The run that met a pair, and what was seen before each of its visible events. */
  #runTo(end: number): { readonly trace: EventId[]; readonly steps: Step[]; readonly seen: Seen[] } {
    const trace: EventId[] = [];
    const steps: Step[] = [];
    const seen: Seen[] = [];
    for (let to = end; ; ) {
      const from = this.#pairs.parentOf[to]!;
      if (from === NO_PARENT) return { trace: trace.reverse(), steps: steps.reverse(), seen: seen.reverse() };
      const event = this.#byOf[to]! as EventId;
      const state = this.#pairs.firstAt(from) as StateId;
      steps.push(this.#stepTo(state, event, this.#pairs.firstAt(to) as StateId));
      if (event !== TAU) {
        trace.push(event);
        const initials = this.#initials(state);
        const isSeen = this.#remembers && isSettled(initials);
        seen.push(isSeen ? refusedBy(this.#form, this.#pairs.secondAt(from), initials) : undefined);
      }
      to = from;
    }
  }

  /** Whether the end of the run is wrong when all that is known of the specification is that it is somewhere in `node`. */
  #isViolation(kind: Violation['kind'], node: NodeId, accepted: EventSet, event: EventId | undefined): boolean {
    if (kind === 'divergence') return true;
    if (kind === 'trace') return this.#form.after(node, event!) === REFUSED;
    const settled = this.#form.refusing(node, refusedBy(this.#form, node, accepted));
    return settled === REFUSED
      ? kind === 'refusal'
      : kind === 'revival' && this.#form.after(settled, event!) === REFUSED;
  }

  #initials(state: StateId): EventSet {
    this.#lts.successors(state, this.#steps);
    return initialsOf(this.#steps);
  }

  #stepTo(from: StateId, event: EventId, to: StateId): Step {
    return { event, from: this.#lts.describe(from), to: this.#lts.describe(to) };
  }

  #stepBy(from: StateId, event: EventId): Step {
    this.#lts.successors(from, this.#steps);
    const at = this.#steps.events.subarray(0, this.#steps.length).indexOf(event);
    if (at < 0) throw new Error('defect: a state without the step that was seen');
    return this.#stepTo(from, event, this.#steps.targetAt(at));
  }
}

/** Whether a state with these initials refuses what it does not offer. */
function isSettled(initials: EventSet): boolean {
  return !initials.includes(TAU) && !initials.includes(TICK);
}

/** Of what is possible at `node`, what a state that accepts no more than `accepted` refuses. */
function refusedBy(form: RefusalForm, node: NodeId, accepted: EventSet): EventSet {
  const offered = new Set(accepted);
  return form.initials(node).filter((event) => !offered.has(event));
}
