/**
 * Conformance: whether what happened is a trace of what was specified, and whether each refusal was really called for.
 *
 * By subset construction over the transition system itself, not by the table of the monitor that enforced it: a second witness.
 */
import { contains, type EventId, type EventSet, eventSet, TAU, TICK } from '../csp/index.ts';
import { LimitReached, type Limits, type Lts, type StateId, Transitions } from '../lts/index.ts';
import type { Leaf, Mode, RefusalReason } from './leaf.ts';
import type { LogLine } from './read.ts';

/** The specification as the audit needs it. */
export interface Behavior {
  /** The process that the whole conversation must follow. */
  readonly lts: Lts;
  /** Who performs an event, when that is known: then speaking for somebody else is a violation, and expected sets are checked. */
  readonly performerOf?: (event: EventId) => string;
}

export interface Violation {
  /** Line of the file, from 1. */
  readonly line: number;
  readonly kind:
    | 'not a trace' // an accepted event that the specification cannot do there
    | 'not yours' // accepted from a role that does not perform it
    | 'refused though possible'
    | 'wrong reason' // of a refusal
    | 'wrong expected set'
    | 'wrong ending'
    | 'wrong quarantine' // of somebody who had given no cause, or none although it was due
    | 'delivered though unlawful' // which the platform observed, as it was told to, or did without being told to
    | 'after the end'; // accepted after the log was closed
  readonly role?: string;
  readonly event?: string;
  /** What was possible there. */
  readonly expected: readonly string[];
  readonly message: string;
}

export type Conformance =
  | { readonly kind: 'conforms'; readonly accepted: number; readonly refused: number; readonly ending: string }
  /** `unlawful`: events that were delivered all the same, where the platform only observed; the rest of such a log is judged too. */
  | {
      readonly kind: 'violated';
      readonly accepted: number;
      readonly refused: number;
      readonly unlawful: number;
      readonly violation: Violation;
    }
  | { readonly kind: 'unknown'; readonly spent: 'states' | 'time' | 'memory'; readonly line: number };

/** Follows the leaves of a log through the specification, up to the first violation; past those that were observed and said to be ones. */
export function conformanceOf(lines: readonly LogLine[], behavior: Behavior, limits: Limits = {}): Conformance {
  const run = new Run(behavior, limits);
  for (const { line, leaf } of lines) {
    if (leaf === undefined) continue;
    try {
      const violation = run.hidden(leaf) ?? run.take(line, leaf);
      if (violation !== undefined) return run.violated(violation);
    } catch (error) {
      if (error instanceof LimitReached) return { kind: 'unknown', spent: error.spent, line };
      throw error;
    }
  }
  const violation = run.hidden();
  if (violation !== undefined) return run.violated(violation);
  if (run.observed !== undefined) return run.violated(run.observed);
  return { kind: 'conforms', accepted: run.accepted, refused: run.refused, ending: run.ending };
}

class Run {
  accepted = 0;
  refused = 0;
  unlawful = 0;
  ending = 'open';
  /** The first event that was delivered although it was unlawful. */
  observed: Violation | undefined;
  #mode: Mode = 'block';
  /** The leaf before. */
  #before: Leaf | undefined;
  readonly #behavior: Behavior;
  readonly #places: Places;
  /** Crashed, or in quarantine. */
  readonly #out = new Set<string>();
  /** The next leaf must put the role of this one in quarantine. */
  #due: Violation | undefined;
  #roles: readonly string[] = [];
  #place: Place;

  constructor(behavior: Behavior, limits: Limits) {
    this.#behavior = behavior;
    this.#places = new Places(behavior.lts, limits);
    this.#place = new Set();
  }

  violated(violation: Violation): Conformance {
    const { accepted, refused, unlawful } = this;
    return { kind: 'violated', accepted, refused, unlawful, violation };
  }

  take(line: number, leaf: Leaf): Violation | undefined {
    const violation = this.#taken(line, leaf);
    this.#before = leaf;
    return violation;
  }

  /** What is wrong when `next` follows: one commit has the refusal and the quarantine. */
  hidden(next?: Leaf): Violation | undefined {
    const due = this.#due;
    this.#due = undefined;
    return next?.kind === 'quarantined' && next.role === due?.role ? undefined : due;
  }

  #taken(line: number, leaf: Leaf): Violation | undefined {
    switch (leaf.kind) {
      case 'opened':
        this.#place = this.#places.initial();
        this.#mode = leaf.mode ?? 'block';
        this.#roles = leaf.protocol.roles;
        return undefined;
      case 'event':
        return this.#event(line, leaf.role, leaf.event);
      case 'refusal':
        return this.#refusal(line, leaf);
      case 'unlawful':
        return this.#unlawful(line, leaf);
      case 'quarantined':
        return this.#quarantined(line, leaf);
      case 'closed':
        return this.#closed(line, leaf.reason);
      default:
        return leaf satisfies never;
    }
  }

  #event(line: number, role: string, name: string): Violation | undefined {
    const event = this.#find(name);
    const violation = (kind: Violation['kind'], message: string): Violation => ({
      line,
      kind,
      role,
      event: name,
      expected: this.#names(this.#possible()),
      message,
    });
    if (this.ending !== 'open')
      return violation('after the end', `${name} was accepted after the conversation was closed`);
    const next = event === undefined ? undefined : this.#places.after(this.#place, event);
    if (event === undefined || next === undefined)
      return violation('not a trace', `${name} was accepted from ${role}, but the specification cannot do it there`);
    const performer = this.#behavior.performerOf?.(event);
    if (performer !== undefined && performer !== role)
      return violation('not yours', `${name} was accepted from ${role}, but ${performer} performs it`);
    const isCrash = name === `crash.${role}`;
    const allowed = isCrash && this.#before?.kind === 'quarantined' && this.#before.role === role;
    if (this.#out.has(role) && !allowed)
      return violation('not yours', `${name} was accepted from ${role}, who had crashed or was in quarantine`);
    this.#place = next;
    this.accepted++;
    if (isCrash) this.#out.add(role);
    return undefined;
  }

  #refusal(line: number, leaf: Leaf & { kind: 'refusal' }): Violation | undefined {
    const violation = this.#uncalledFor(line, leaf);
    if (violation !== undefined) return violation;
    this.refused++;
    const { role, event, reason } = leaf;
    // Of what is only out of turn, a role may not have known.
    const isSure =
      this.ending === 'open' && this.#possible().length > 0 && (reason === 'unknown event' || reason === 'not yours');
    if (this.#mode === 'quarantine' && isSure && this.#roles.includes(role)) {
      const message = `${role} was not put in quarantine for ${event} (${reason}), which it could know not to be possible`;
      this.#due = { line, kind: 'wrong quarantine', role, event, expected: this.#names(this.#possible()), message };
    }
    return undefined;
  }

  #unlawful(line: number, leaf: Leaf & { kind: 'unlawful' }): Violation | undefined {
    const violation = this.#uncalledFor(line, leaf);
    if (violation !== undefined) return violation;
    const { role, event, reason } = leaf;
    const only =
      this.#mode === 'observe' ? 'which was only observed' : `although the conversation was in mode ${this.#mode}`;
    const found: Violation = {
      line,
      kind: 'delivered though unlawful',
      role,
      event,
      expected: this.#names(this.#possible()),
      message: `${event} was delivered from ${role} (${reason}), ${only}`,
    };
    if (this.#mode !== 'observe') return found;
    this.unlawful++;
    this.observed ??= found;
    return undefined;
  }

  #quarantined(line: number, { role, reason }: Leaf & { kind: 'quarantined' }): Violation | undefined {
    const possible = this.#possible();
    const owes = this.#behavior.performerOf === undefined || this.#owesAlone(role);
    const before = this.#before;
    const isItsFault = before?.kind === 'refusal' && before.role === role && FAULTS.includes(before.reason);
    const goesOn = this.ending === 'open' && possible.length > 0;
    const called = this.#mode === 'quarantine' && goesOn && (reason === 'silent' ? owes : isItsFault);
    const already = this.#out.has(role);
    this.#out.add(role);
    if (called && !already) return undefined;
    const message = already
      ? `${role} was put in quarantine, but was out already`
      : `${role} was put in quarantine (${reason}), for which there is no cause in the log`;
    return { line, kind: 'wrong quarantine', role, expected: this.#names(possible), message };
  }

  /** Whether `role`, and no other by itself, must move wherever the specification may have settled. */
  #owesAlone(role: string): boolean {
    const settled = this.#places.settled(this.#place);
    const owing = (other: string): boolean =>
      settled.length > 0 && settled.every((events) => events.some((event) => this.#performs(other, event)));
    return owing(role) && !this.#roles.some((other) => other !== role && owing(other));
  }

  /** A crash is nobody's duty. */
  #performs(role: string, event: EventId): boolean {
    return (
      event !== TICK &&
      this.#behavior.performerOf?.(event) === role &&
      this.#behavior.lts.alphabet.nameOf(event) !== `crash.${role}`
    );
  }

  /** Whether that cannot be the reason. What was not met yet may be an event of the protocol, or of somebody else. */
  #isWrong(reason: RefusalReason, role: string, event: EventId | undefined): boolean {
    if (this.ending === 'stopped') return reason !== 'over';
    if (this.#out.has(role)) return reason !== 'crashed';
    if (reason === 'crashed') return true;
    if (reason === 'over' && this.ending === 'open' && this.#possible().length > 0) return true;
    const performer = event === undefined ? undefined : this.#behavior.performerOf?.(event);
    return performer !== undefined && reason !== 'unknown event' && (performer !== role) !== (reason === 'not yours');
  }

  /** Why an event that is said to be unlawful is none, or is told wrongly. */
  #uncalledFor(line: number, leaf: Leaf & { kind: 'refusal' | 'unlawful' }): Violation | undefined {
    const { role, event: name } = leaf;
    const event = this.#find(name);
    const possible = this.#possible();
    const gone = this.#out.has(role);
    const violation = (kind: Violation['kind'], message: string): Violation => ({
      line,
      kind,
      role,
      event: name,
      expected: this.#names(possible),
      message,
    });
    const performer = event === undefined ? undefined : this.#behavior.performerOf?.(event);
    const stopped = this.ending === 'stopped' && leaf.reason === 'over';
    const belongs = performer === undefined || performer === role;
    if (event !== undefined && contains(possible, event) && belongs && !gone && !stopped)
      return violation(
        'refused though possible',
        `${name} was ${leaf.kind === 'refusal' ? 'refused to' : 'called unlawful of'} ${role} (${leaf.reason}), but the specification allows it there`,
      );
    if (this.#isWrong(leaf.reason, role, event))
      return violation('wrong reason', `${name} was not possible for ${role}, but not because of: ${leaf.reason}`);
    if (this.#behavior.performerOf !== undefined) {
      const own = gone || stopped ? [] : possible.filter((id) => this.#behavior.performerOf?.(id) === role);
      const expected = this.#names(own);
      if (!sameSet(expected, leaf.expected))
        return violation(
          'wrong expected set',
          `${role} was told to expect {${leaf.expected.join(', ')}}, but could have performed {${expected.join(', ')}}`,
        );
    }
    return undefined;
  }

  #closed(line: number, reason: (Leaf & { kind: 'closed' })['reason']): Violation | undefined {
    const possible = this.#possible();
    const tick = this.#places.canTick(this.#place);
    const right = reason === 'stopped' || (possible.length === 0 && tick === (reason === 'terminated'));
    const already = this.ending !== 'open';
    this.ending = reason;
    if (right && !already) return undefined;
    const message = already ? 'closed a second time' : `closed as ${reason}, which the specification is not there`;
    return { line, kind: 'wrong ending', expected: this.#names(possible), message };
  }

  #possible(): EventSet {
    return this.#places.initials(this.#place);
  }

  #find(name: string): EventId | undefined {
    const event = this.#behavior.lts.alphabet.find(name);
    return event === TAU || event === TICK ? undefined : event;
  }

  #names(events: EventSet): string[] {
    return events.map((event) => this.#behavior.lts.alphabet.nameOf(event));
  }
}

/** What a role can be put in quarantine for: the end, and being out already, are nobody's fault. */
const FAULTS: readonly string[] = ['unknown event', 'not yours', 'not now'];

/** Where the specification may be after a trace: a set of states, closed under tau. */
type Place = ReadonlySet<StateId>;

interface Step {
  readonly event: EventId;
  readonly target: StateId;
}

class Places {
  readonly #lts: Lts;
  readonly #limits: Limits;
  readonly #steps = new Map<StateId, readonly Step[]>();
  readonly #transitions = new Transitions();

  constructor(lts: Lts, limits: Limits) {
    this.#lts = lts;
    this.#limits = limits;
  }

  initial(): Place {
    return this.#closure([this.#lts.initial]);
  }

  /** The place after a visible event; `undefined` when no state can do it. */
  after(place: Place, event: EventId): Place | undefined {
    const targets: StateId[] = [];
    for (const state of place)
      for (const step of this.#stepsOf(state)) if (step.event === event) targets.push(step.target);
    return targets.length === 0 ? undefined : this.#closure(targets);
  }

  /** The visible events that some state can do. */
  initials(place: Place): EventSet {
    const events: EventId[] = [];
    for (const state of place)
      for (const { event } of this.#stepsOf(state)) if (event !== TAU && event !== TICK) events.push(event);
    return eventSet(events);
  }

  canTick(place: Place): boolean {
    for (const state of place) if (this.#stepsOf(state).some((step) => step.event === TICK)) return true;
    return false;
  }

  /** What it offers in each state that it may settle on; one that may end settles on that. */
  settled(place: Place): readonly (readonly EventId[])[] {
    const offered: (readonly EventId[])[] = [];
    for (const state of place) {
      const events = this.#stepsOf(state).map(({ event }) => event);
      if (events.includes(TICK)) offered.push([TICK]);
      else if (!events.includes(TAU)) offered.push(events);
    }
    return offered;
  }

  #closure(states: readonly StateId[]): Place {
    const closed = new Set(states);
    // A set iterates over what is added while iterating.
    for (const state of closed)
      for (const { event, target } of this.#stepsOf(state)) if (event === TAU) closed.add(target);
    return closed;
  }

  #stepsOf(state: StateId): readonly Step[] {
    const known = this.#steps.get(state);
    if (known !== undefined) return known;
    if (this.#steps.size >= (this.#limits.stateCountMax ?? Number.POSITIVE_INFINITY)) throw new LimitReached('states');
    if (this.#steps.size % 1024 === 0 && this.#limits.stopped?.() === true) throw new LimitReached('time');
    this.#lts.successors(state, this.#transitions);
    const steps: Step[] = [];
    for (let i = 0; i < this.#transitions.length; i++)
      steps.push({ event: this.#transitions.eventAt(i), target: this.#transitions.targetAt(i) });
    this.#steps.set(state, steps);
    return steps;
  }
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const set = new Set(a);
  return set.size === b.length && b.every((name) => set.has(name)) && new Set(b).size === b.length;
}
