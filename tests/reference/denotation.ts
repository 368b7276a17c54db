/**
 * What a process means, from the structure of its term: traces, stable failures and divergences by the equations of the books, to a bounded length of trace.
 *
 * Nothing here knows a firing rule. Roscoe, The Theory and Practice of Concurrency, sections 8.1 and 8.3; Understanding Concurrent Systems, chapters 10 and 11
 * (tick as a signal, distributed termination). The set of divergences is not closed under extension, so that failures beyond them can be compared too.
 *
 * Notation: Σ is the visible events, a trace is a list of them and perhaps a final ✓, X ranges over sets of refused events, ✓ included.
 */
import {
  contains,
  type EventId,
  type EventSet,
  type Process,
  type RenamingRelation,
  TICK,
} from '@enhanced-csp/engine/csp';

/** A set of events as bits: event e is bit `e - TICK`, so ✓ is bit 0. */
export type Refused = number;

export interface AfterTrace {
  readonly trace: readonly EventId[];
  /** All X with (trace, X) a failure. */
  readonly refusals: ReadonlySet<Refused>;
  readonly diverges: boolean;
}

/** Exactly the traces of the process, up to the bound, by their text. */
export type Denotation = ReadonlyMap<string, AfterTrace>;

const bit = (event: EventId): Refused => 1 << (event - TICK);
const bits = (events: Iterable<EventId>): Refused => [...events].reduce((set, event) => set | bit(event), 0);
const TICK_BIT = bit(TICK);

export class Equations {
  readonly #sigma: EventSet;
  readonly #all: ReadonlySet<Refused>;
  readonly #withoutTick: ReadonlySet<Refused>;
  readonly #memo = new Map<string, Denotation>();

  /** `sigma`: every visible event there is. */
  constructor(sigma: EventSet) {
    this.#sigma = sigma;
    const full = bits([TICK, ...sigma]);
    this.#all = new Set(subsets(full));
    this.#withoutTick = new Set(subsets(full & ~TICK_BIT));
  }

  /**
   * The traces of length at most `length` and what the process may refuse after them.
   *
   * Traces that hiding, or the `;` after a tick, makes shorter come from longer ones of the parts: ask for more than is compared. A process without
   * recursion, `RUN` and `CHAOS` is complete with a bound above its size.
   */
  of(process: Process, length: number): Denotation {
    const key = `${process.id} ${length}`;
    const known = this.#memo.get(key);
    if (known !== undefined) return known;
    const meaning = cut(this.#equation(process, length), length);
    this.#memo.set(key, meaning);
    return meaning;
  }

  #equation(process: Process, length: number): Denotation {
    const of = (part: Process) => this.of(part, length);
    switch (process.kind) {
      case 'stop':
        return meaning([[[], this.#all, false]]);
      case 'skip':
        return meaning([
          [[], this.#withoutTick, false],
          [[TICK], this.#all, false],
        ]);
      case 'omega':
        return meaning([[[], this.#all, false]]);
      case 'div':
        return meaning([[[], new Set(), true]]);
      case 'run':
        return this.#run(
          process.events,
          length,
          (offered) => new Set(subsets(bits([TICK, ...this.#sigma]) & ~bits(offered))),
        );
      case 'chaos':
        return this.#run(process.events, length, () => this.#all);
      case 'prefix':
        return this.#prefix(process, length);
      case 'call':
        return of(process.unfold());
      case 'compress':
        return of(process.process);
      case 'internalChoice':
        return union(process.branches.map(of));
      case 'externalChoice':
        return process.branches.map(of).reduce((P, Q) => this.#externalChoice(P, Q));
      case 'slidingChoice':
        return this.#slidingChoice(of(process.left), of(process.right));
      case 'interrupt':
        return this.#synchronizingInterrupt(of(process.left), [], of(process.right));
      case 'synchronizingInterrupt':
        return this.#synchronizingInterrupt(of(process.left), process.events, of(process.right));
      case 'synchronizingChoice':
        return process.branches.map(of).reduce((P, Q) => this.#synchronizingChoice(P, process.events, Q));
      case 'exception':
        return this.#exception(of(process.left), process.events, of(process.right));
      case 'sequential':
        return this.#sequential(of(process.left), of(process.right));
      case 'interleave':
        return process.components.map(of).reduce((P, Q) => this.#parallel(P, this.#sigma, [], this.#sigma, Q, length));
      case 'generalizedParallel':
        return process.components
          .map(of)
          .reduce((P, Q) => this.#parallel(P, this.#sigma, process.events, this.#sigma, Q, length));
      case 'alphabetizedParallel': {
        let meaning = this.#equation({ kind: 'skip', id: -1 }, length);
        let alphabet: EventSet = [];
        for (const component of process.components) {
          const shared = alphabet.filter((event) => contains(component.alphabet, event));
          meaning = this.#parallel(meaning, alphabet, shared, component.alphabet, of(component.process), length);
          alphabet = this.#sigma.filter((event) => contains(alphabet, event) || contains(component.alphabet, event));
        }
        return meaning;
      }
      case 'hide':
        return this.#hide(of(process.process), process.events);
      case 'project':
        return this.#hide(
          of(process.process),
          this.#sigma.filter((event) => !contains(process.events, event)),
        );
      case 'rename':
        return this.#rename(of(process.process), process.relation);
      case 'prioritize':
      case 'partialPriority':
      case 'chase':
        throw new Error(`${process.kind} has no denotation: it distinguishes equivalent processes`);
      default:
        return process satisfies never;
    }
  }

  /** All traces over `events`, with the given refusals after each. */
  #run(events: EventSet, length: number, refusals: (offered: EventSet) => ReadonlySet<Refused>): Denotation {
    const rows: Row[] = [[[], refusals(events), false]];
    for (const [trace] of rows) {
      if (trace.length < length) for (const event of events) rows.push([[...trace, event], refusals(events), false]);
    }
    return meaning(rows);
  }

  /** failures(?x:A -> P(x)) = {(<>, X) | X ∩ A = {}} ∪ {(<a>^s, X) | a ∈ A, (s, X) ∈ failures(P(a))} */
  #prefix(process: Extract<Process, { kind: 'prefix' }>, length: number): Denotation {
    const offered = bits(process.branches.map(({ event }) => event));
    const rows: Row[] = [[[], new Set([...this.#all].filter((X) => (X & offered) === 0)), false]];
    if (length > 0) {
      for (const { event, next } of process.branches) {
        for (const { trace, refusals, diverges } of this.of(next, length - 1).values()) {
          rows.push([[event, ...trace], refusals, diverges]);
        }
      }
    }
    return meaning(rows);
  }

  /**
   * failures(P [] Q) = {(<>, X) | (<>, X) ∈ failures(P) ∩ failures(Q)} ∪ {(s, X) | (s, X) ∈ failures(P) ∪ failures(Q), s ≠ <>}
   *                  ∪ {(<>, X) | X ⊆ Σ, <✓> ∈ traces(P) ∪ traces(Q)}
   */
  #externalChoice(P: Denotation, Q: Denotation): Denotation {
    const atFirst: Row = [
      [],
      either(
        both(P.get('')!.refusals, Q.get('')!.refusals),
        has(P, [TICK]) || has(Q, [TICK]) ? this.#withoutTick : none,
      ),
      P.get('')!.diverges || Q.get('')!.diverges,
    ];
    return meaning([atFirst, ...later(P), ...later(Q)]);
  }

  /** P [> Q = (P |~| STOP) [] Q */
  #slidingChoice(P: Denotation, Q: Denotation): Denotation {
    return this.#externalChoice(union([P, meaning([[[], this.#all, false]])]), Q);
  }

  /**
   * P ; Q: failures {(s, X) | s ∈ Σ*, (s, X ∪ {✓}) ∈ failures(P)} ∪ {(s^t, X) | s^<✓> ∈ traces(P), (t, X) ∈ failures(Q)}
   */
  #sequential(P: Denotation, Q: Denotation): Denotation {
    const rows: Row[] = [];
    for (const { trace, refusals, diverges } of P.values()) {
      if (ends(trace)) {
        for (const next of Q.values())
          rows.push([[...trace.slice(0, -1), ...next.trace], next.refusals, next.diverges]);
      } else {
        rows.push([trace, new Set([...this.#all].filter((X) => refusals.has(X | TICK_BIT))), diverges]);
      }
    }
    return meaning(rows);
  }

  /** P [|A|> Q: P until its first event of A, then Q. */
  #exception(P: Denotation, A: EventSet, Q: Denotation): Denotation {
    const rows: Row[] = [];
    for (const { trace, refusals, diverges } of P.values()) {
      const thrown = trace.findIndex((event) => contains(A, event));
      if (thrown < 0) rows.push([trace, refusals, diverges]);
      else if (thrown === trace.length - 1) {
        for (const next of Q.values()) rows.push([[...trace, ...next.trace], next.refusals, next.diverges]);
      }
    }
    return meaning(rows);
  }

  /**
   * Parallel, P within alphabet A, Q within B, together on the events of `shared`. An event that is in neither alphabet is refused; so is one of `shared` that
   * either refuses, and one of A (of B) alone that its owner refuses, of both when both may do it alone. ✓ needs both. `shared` is the intersection of A and B in
   * the alphabetized form; the generalized form has A = B = Σ.
   *
   * failures {(u, Y ∪ Z) | Y, Z agree outside shared ∪ {✓}, (s, Y) ∈ failures(P), (t, Z) ∈ failures(Q), u ∈ s || t}
   */
  #parallel(P: Denotation, A: EventSet, shared: EventSet, B: EventSet, Q: Denotation, length: number): Denotation {
    const inA = bits(A);
    const inB = bits(B);
    const joint = bits(shared) | TICK_BIT;
    const [aloneA, aloneB] = [inA & ~joint & ~inB, inB & ~joint & ~inA];
    const free = inA & inB & ~joint;
    const foreign = bits(this.#sigma) & ~inA & ~inB;
    const rows: Row[] = [];

    const merge = (done: readonly EventId[], s: readonly EventId[], t: readonly EventId[]) => {
      const left = P.get(text(s));
      const right = Q.get(text(t));
      if (left === undefined || right === undefined) return;
      const refusals = new Set<Refused>();
      for (const Y of left.refusals) {
        for (const Z of right.refusals) {
          const refused = ((Y | Z) & joint) | (Y & aloneA) | (Z & aloneB) | (Y & Z & free);
          for (const other of subsets(foreign)) refusals.add(refused | other);
        }
      }
      rows.push([done, refusals, left.diverges || right.diverges]);
      if (done.length === length) return;
      for (const event of this.#sigma) {
        const canA = contains(A, event);
        const canB = contains(B, event);
        if (contains(shared, event)) merge([...done, event], [...s, event], [...t, event]);
        else {
          if (canA) merge([...done, event], [...s, event], t);
          if (canB) merge([...done, event], s, [...t, event]);
        }
      }
      if (has(P, [...s, TICK]) && has(Q, [...t, TICK])) rows.push([[...done, TICK], this.#all, false]);
    };
    merge([], [], []);
    return meaning(rows);
  }

  /**
   * P [+A+] Q: while only events of A have happened both agree on them; the first other event, or ✓, is one side's and decides.
   */
  #synchronizingChoice(P: Denotation, A: EventSet, Q: Denotation): Denotation {
    const inA = bits(A);
    const rows: Row[] = [];
    for (const [one, other] of [
      [P, Q],
      [Q, P],
    ] as const) {
      for (const { trace, refusals, diverges } of one.values()) {
        const decided = trace.findIndex((event) => !contains(A, event));
        if (decided >= 0) {
          if (has(other, trace.slice(0, decided))) rows.push([trace, refusals, diverges]);
          continue;
        }
        const beside = other.get(text(trace));
        if (beside === undefined) continue;
        const refused = new Set<Refused>();
        for (const Y of refusals) for (const Z of beside.refusals) refused.add(((Y | Z) & inA) | (Y & Z & ~inA));
        const ticks = has(one, [...trace, TICK]) ? this.#withoutTick : none;
        rows.push([trace, either(refused, ticks), diverges || beside.diverges]);
      }
    }
    return meaning(rows);
  }

  /**
   * P /+A+\ Q, and P /\ Q with A = {}: after s of P, Q has done s's events of A. Then P goes on, or terminates, or Q takes over with an event outside A.
   */
  #synchronizingInterrupt(P: Denotation, A: EventSet, Q: Denotation): Denotation {
    const inA = bits(A);
    const rows: Row[] = [];
    for (const { trace, refusals, diverges } of P.values()) {
      const before = ends(trace) ? trace.slice(0, -1) : trace;
      const agreed = before.filter((event) => contains(A, event));
      const beside = Q.get(text(agreed));
      if (beside === undefined) continue;
      if (ends(trace)) {
        rows.push([trace, refusals, diverges], [before, this.#withoutTick, false]);
        continue;
      }
      const refused = new Set<Refused>();
      for (const Y of refusals) for (const Z of beside.refusals) refused.add(((Y | Z) & inA) | (Y & Z & ~inA));
      rows.push([trace, refused, diverges || beside.diverges]);
      for (const next of Q.values()) {
        const first = next.trace[agreed.length];
        if (first === undefined || contains(A, first) || text(next.trace.slice(0, agreed.length)) !== text(agreed))
          continue;
        rows.push([[...trace, ...next.trace.slice(agreed.length)], next.refusals, next.diverges]);
        if (first === TICK) rows.push([trace, this.#withoutTick, false]);
      }
    }
    return meaning(rows);
  }

  /** failures(P \ A) = {(s \ A, X) | (s, X ∪ A) ∈ failures(P)} */
  #hide(P: Denotation, A: EventSet): Denotation {
    const hidden = bits(A);
    const rows: Row[] = [];
    for (const { trace, refusals, diverges } of P.values()) {
      rows.push([
        trace.filter((event) => !contains(A, event)),
        new Set([...this.#all].filter((X) => refusals.has(X | hidden))),
        diverges,
      ]);
    }
    return meaning(rows);
  }

  /** failures(P[[R]]) = {(s', X) | s R s', (s, R^-1(X)) ∈ failures(P)} */
  #rename(P: Denotation, relation: RenamingRelation): Denotation {
    const images = (event: EventId): readonly EventId[] => {
      const to = relation.filter(([from]) => from === event).map(([, image]) => image);
      return to.length === 0 || event === TICK ? [event] : to;
    };
    const inverse = (X: Refused): Refused =>
      bits([TICK, ...this.#sigma].filter((event) => images(event).some((image) => X & bit(image))));
    const rows: Row[] = [];
    for (const { trace, refusals, diverges } of P.values()) {
      const refused = new Set([...this.#all].filter((X) => refusals.has(inverse(X))));
      let renamed: (readonly EventId[])[] = [[]];
      for (const event of trace) renamed = renamed.flatMap((s) => images(event).map((image) => [...s, image]));
      for (const s of renamed) rows.push([s, refused, diverges]);
    }
    return meaning(rows);
  }
}

type Row = readonly [trace: readonly EventId[], refusals: ReadonlySet<Refused>, diverges: boolean];

const none: ReadonlySet<Refused> = new Set();

/** Rows as a denotation; what several rows say of one trace is all possible. */
function meaning(rows: readonly Row[]): Denotation {
  const found = new Map<string, AfterTrace>();
  for (const [trace, refusals, diverges] of rows) {
    const known = found.get(text(trace));
    found.set(text(trace), {
      trace,
      refusals: known === undefined ? refusals : either(known.refusals, refusals),
      diverges: diverges || (known?.diverges ?? false),
    });
  }
  return found;
}

function union(parts: readonly Denotation[]): Denotation {
  return meaning(
    parts.flatMap((part) => [...part.values()].map((row): Row => [row.trace, row.refusals, row.diverges])),
  );
}

function later(P: Denotation): Row[] {
  return [...P.values()]
    .filter(({ trace }) => trace.length > 0)
    .map(({ trace, refusals, diverges }): Row => [trace, refusals, diverges]);
}

function cut(P: Denotation, length: number): Denotation {
  return new Map([...P].filter(([, { trace }]) => trace.length <= length));
}

function has(P: Denotation, trace: readonly EventId[]): boolean {
  return P.has(text(trace));
}

const text = (trace: readonly EventId[]): string => trace.join(' ');
const ends = (trace: readonly EventId[]): boolean => trace.at(-1) === TICK;

function either(one: ReadonlySet<Refused>, other: ReadonlySet<Refused>): ReadonlySet<Refused> {
  return new Set([...one, ...other]);
}

function both(one: ReadonlySet<Refused>, other: ReadonlySet<Refused>): ReadonlySet<Refused> {
  return new Set([...one].filter((X) => other.has(X)));
}

/** All subsets of a set of bits, the empty one included. */
function* subsets(full: Refused): Iterable<Refused> {
  for (let subset = full; ; subset = (subset - 1) & full) {
    yield subset;
    if (subset === 0) return;
  }
}
