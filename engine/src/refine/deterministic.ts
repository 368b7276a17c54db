/**
 * Determinism: after no trace may an event be both accepted and refused.
 *
 * In `FD` by Lazić's method: a process is deterministic exactly when it refines, in F, a deterministic process made out of itself by always following its
 * first choice; no subset construction is needed. A divergence is nondeterminism, and is reported as what it is.
 * In `F`, where divergence is not looked at, from the definition on the normal form: every acceptance after a trace must be all that is possible.
 *
 * Lazić, A Semantic Study of Data Independence (1999), section 5.4; Roscoe, Understanding Concurrent Systems, section 10.5.
 */
import { type Alphabet, type EventId, type EventSet, TAU, TICK } from '../csp/index.ts';
import {
  isSubset,
  LimitReached,
  type Limits,
  type Lts,
  type NodeId,
  type NormalForm,
  normalizeLazily,
  REFUSED,
  type StateId,
  Transitions,
} from '../lts/index.ts';
import { runAlong } from './run-along.ts';
import { initialsOf, search } from './search.ts';
import type { Counterexample, Verdict } from './verdict.ts';

/**
 * Whether `process` is deterministic. The counterexample is a `nondeterminism` (the event that may be accepted and may be refused after the trace), or in `FD` a `divergence`.
 *
 * @example
 * deterministic('FD', compile(terms, terms.internalChoice([terms.prefix(a, stop), stop]))); // fails: a, at once
 */
export function deterministic(model: 'F' | 'FD', process: Lts, limits: Limits = {}): Verdict {
  const lts = process.uncompressed ?? process;
  return model === 'FD' ? byRepresentative(lts, limits) : byNormalForm(lts, limits);
}

function byRepresentative(lts: Lts, limits: Limits): Verdict {
  const specification = new Representative(lts);
  const verdict = search(lts, { specification, refusals: true, divergence: true }, limits);
  if (verdict.kind !== 'fails') return verdict;
  const found = verdict.counterexample;
  if (found.kind !== 'trace' && found.kind !== 'refusal') return verdict;
  const event = found.kind === 'trace' ? found.event : found.required.flat().find((e) => !found.accepted.includes(e))!;
  const steps = found.kind === 'trace' ? found.steps.slice(0, -1) : found.steps;
  return { ...verdict, counterexample: { kind: 'nondeterminism', trace: found.trace, steps, event } };
}

/** The node of a process whose first taus go round for ever. It demands nothing: the search finds that divergence in the process itself. */
const LOOPING = -2;

/** The first-choice part of a process: stable states only, one after each event. */
class Representative implements NormalForm {
  readonly alphabet: Alphabet;
  readonly initial: NodeId;
  readonly #lts: Lts;
  readonly #steps = new Transitions();

  constructor(lts: Lts) {
    this.alphabet = lts.alphabet;
    this.#lts = lts;
    this.initial = this.#settle(lts.initial);
  }

  get nodeCount(): number {
    return this.#lts.stateCount;
  }

  /** Follows first taus to a stable state. */
  #settle(start: StateId): NodeId {
    const passed = new Set<StateId>();
    for (let state = start; !passed.has(state); ) {
      passed.add(state);
      this.#lts.successors(state, this.#steps);
      let next: StateId | undefined;
      for (let i = this.#steps.length - 1; i >= 0; i--) {
        if (this.#steps.eventAt(i) === TAU) next = this.#steps.targetAt(i);
      }
      if (next === undefined) return state;
      state = next;
    }
    return LOOPING;
  }

  #initials(node: NodeId): EventSet {
    if (node === LOOPING) return [];
    this.#lts.successors(node as StateId, this.#steps);
    return initialsOf(this.#steps);
  }

  initials(node: NodeId): EventSet {
    return this.#initials(node);
  }

  /** All of the initials: with tick among others that is more than the state can promise, so the comparison fails, as it must. */
  acceptances(node: NodeId): readonly EventSet[] {
    return [this.#initials(node)];
  }

  divergent(): boolean {
    return false;
  }

  after(node: NodeId, event: EventId): NodeId {
    if (node === LOOPING) return LOOPING;
    this.#lts.successors(node as StateId, this.#steps);
    for (let i = 0; i < this.#steps.length; i++) {
      if (this.#steps.eventAt(i) === event) return this.#settle(this.#steps.targetAt(i));
    }
    return REFUSED;
  }
}

function byNormalForm(lts: Lts, limits: Limits): Verdict {
  const effort = { states: 0, transitions: 0 };
  try {
    const form = normalizeLazily(lts, limits);
    const cameFrom: { readonly node: NodeId; readonly event: EventId }[] = [];
    const found = [form.initial];
    const known = new Set(found);
    for (const node of found) {
      effort.states++;
      const initials = form.initials(node);
      const refusing = form.acceptances(node).find((acceptance) => !isSubset(initials, acceptance));
      if (refusing !== undefined) {
        const event = initials.find((e) => !refusing.includes(e))!;
        return { kind: 'fails', ...effort, counterexample: nondeterminismAfter(lts, traceTo(cameFrom, node), event) };
      }
      for (const event of initials) {
        effort.transitions++;
        const next = form.after(node, event);
        if (known.has(next)) continue;
        known.add(next);
        found.push(next);
        cameFrom[next] = { node, event };
      }
    }
    return { kind: 'holds', ...effort };
  } catch (fault) {
    if (fault instanceof LimitReached) return { kind: 'unknown', ...effort, spent: fault.spent };
    throw fault;
  }
}

function traceTo(
  cameFrom: readonly ({ readonly node: NodeId; readonly event: EventId } | undefined)[],
  node: NodeId,
): EventId[] {
  const trace: EventId[] = [];
  for (let step = cameFrom[node]; step !== undefined; step = cameFrom[step.node]) trace.push(step.event);
  return trace.reverse();
}

/** The run to a state that refuses `event`: settled without it, or free to terminate. */
export function nondeterminismAfter(lts: Lts, trace: readonly EventId[], event: EventId): Counterexample {
  const refuses = (steps: Transitions): boolean => {
    const initials = initialsOf(steps);
    return initials.includes(TICK) ? event !== TICK : !initials.includes(TAU) && !initials.includes(event);
  };
  const steps = runAlong(lts, trace, refuses);
  if (steps === undefined) throw new Error('defect: an acceptance that no state has');
  return { kind: 'nondeterminism', trace, steps, event };
}
