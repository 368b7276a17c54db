/**
 * The store of terms: every constructor of the algebra, hash-consed.
 *
 * Why a store: a state of a process is identified by its term, so equality must be cheap and memory must be given back with the script.
 * Invariant: two terms of one store are equal exactly when they are the same object.
 *
 * @example
 * const terms = new Terms(new Alphabet());
 * const a = terms.alphabet.intern('a');
 * const clock = terms.call('CLOCK', () => terms.prefix(a, clock), { name: 'CLOCK' });
 */
import { type Alphabet, type EventId, type EventSet, eventSet } from './events.ts';
import type { Branch, Call, Component, Compression, Process, RenamingRelation, Span } from './process.ts';

/** What a term takes besides its operands. */
const TERM_BYTES = 160;

type Shape<P extends Process> = P extends Process ? Omit<P, 'id'> : never;

export class Terms {
  readonly alphabet: Alphabet;
  readonly stop: Process;
  readonly skip: Process;
  readonly omega: Process;
  readonly div: Process;
  readonly #terms: Process[] = [];
  readonly #byKey = new Map<string, Process>();
  #byteCount = 0;
  /** Sets and relations by content, and the number of each by identity: keys stay short however large the sets are. */
  readonly #sets = new Map<string, EventSet | RenamingRelation>();
  readonly #setNumbers = new WeakMap<EventSet | RenamingRelation, number>();

  constructor(alphabet: Alphabet) {
    this.alphabet = alphabet;
    this.stop = this.#intern('stop', { kind: 'stop' });
    this.skip = this.#intern('skip', { kind: 'skip' });
    this.omega = this.#intern('omega', { kind: 'omega' });
    this.div = this.#intern('div', { kind: 'div' });
  }

  /** Number of terms made so far; ids are dense below it. */
  get size(): number {
    return this.#terms.length;
  }

  /** Bytes that the terms take, their steps included: roughly, as on a machine of 64 bits. */
  get byteCount(): number {
    return this.#byteCount;
  }

  /** The term with this id. */
  term(id: number): Process {
    const term = this.#terms[id];
    if (term === undefined) throw new RangeError(`no term has id ${id}`);
    return term;
  }

  /** `CHAOS(A)`: may at any time accept any event of A, or refuse all of them. Never diverges. */
  chaos(events: EventSet): Process {
    const set = this.#canonical(events);
    return this.#intern(`chaos ${this.#number(set)}`, { kind: 'chaos', events: set });
  }

  /** `RUN(A)`: always accepts every event of A. */
  run(events: EventSet): Process {
    const set = this.#canonical(events);
    return this.#intern(`run ${this.#number(set)}`, { kind: 'run', events: set });
  }

  /** `a -> P`. */
  prefix(event: EventId, next: Process): Process {
    return this.prefixChoice([{ event, next }]);
  }

  /** `?x:A -> P(x)`, given branch by branch. No branches: `STOP`. */
  prefixChoice(branches: readonly Branch[]): Process {
    if (branches.length === 0) return this.stop;
    return this.#intern(`prefix ${branches.map((b) => `${b.event}:${b.next.id}`)}`, { kind: 'prefix', branches });
  }

  /** `P [] Q`, n-ary. No branches: `STOP`, the unit. */
  externalChoice(branches: readonly Process[]): Process {
    if (branches.length === 0) return this.stop;
    if (branches.length === 1) return branches[0]!;
    return this.#intern(`[] ${ids(branches)}`, { kind: 'externalChoice', branches });
  }

  /** `P |~| Q`, n-ary. Needs at least one branch: internal choice has no unit. */
  internalChoice(branches: readonly Process[]): Process {
    if (branches.length === 0) throw new RangeError('internal choice over an empty set of processes');
    if (branches.length === 1) return branches[0]!;
    return this.#intern(`|~| ${ids(branches)}`, { kind: 'internalChoice', branches });
  }

  /** `P [> Q`: P's initials are offered until an internal step withdraws them in favor of Q. */
  slidingChoice(left: Process, right: Process): Process {
    return this.#intern(`[> ${left.id} ${right.id}`, { kind: 'slidingChoice', left, right });
  }

  /** `P /\ Q`. */
  interrupt(left: Process, right: Process): Process {
    return this.#intern(`/\\ ${left.id} ${right.id}`, { kind: 'interrupt', left, right });
  }

  /** `P [|A|> Q`. */
  exception(left: Process, events: EventSet, right: Process): Process {
    const set = this.#canonical(events);
    const key = `[|> ${left.id} ${right.id} ${this.#number(set)}`;
    return this.#intern(key, { kind: 'exception', left, events: set, right });
  }

  /** `P ; Q`. */
  sequential(left: Process, right: Process): Process {
    return this.#intern(`; ${left.id} ${right.id}`, { kind: 'sequential', left, right });
  }

  /** `P ||| Q`, n-ary. No components: `SKIP`, the unit. */
  interleave(components: readonly Process[]): Process {
    if (components.length === 0) return this.skip;
    return this.#intern(`||| ${ids(components)}`, { kind: 'interleave', components });
  }

  /** `P [|A|] Q`, n-ary. No components: `SKIP`. */
  generalizedParallel(components: readonly Process[], events: EventSet): Process {
    if (components.length === 0) return this.skip;
    const set = this.#canonical(events);
    const key = `[||] ${ids(components)} ${this.#number(set)}`;
    return this.#intern(key, { kind: 'generalizedParallel', components, events: set });
  }

  /** `P [A || B] Q`, n-ary. No components: `SKIP`. */
  alphabetizedParallel(components: readonly Component[]): Process {
    if (components.length === 0) return this.skip;
    const canonical = components.map(({ process, alphabet }) => ({ process, alphabet: this.#canonical(alphabet) }));
    const key = canonical.map(({ process, alphabet }) => `${process.id}:${this.#number(alphabet)}`).join(' ');
    return this.#intern(`[|||] ${key}`, { kind: 'alphabetizedParallel', components: canonical });
  }

  /** `P \ A`. */
  hide(process: Process, events: EventSet): Process {
    const set = this.#canonical(events);
    return this.#intern(`\\ ${process.id} ${this.#number(set)}`, { kind: 'hide', process, events: set });
  }

  /** `P |\ A`. */
  project(process: Process, events: EventSet): Process {
    const set = this.#canonical(events);
    return this.#intern(`|\\ ${process.id} ${this.#number(set)}`, { kind: 'project', process, events: set });
  }

  /** `P [[ from <- to, ... ]]`. */
  rename(process: Process, pairs: Iterable<readonly [from: EventId, to: EventId]>): Process {
    const relation = this.#setNumbers.has(pairs as RenamingRelation)
      ? (pairs as RenamingRelation)
      : this.#canonical(relationOf(pairs));
    return this.#intern(`[[ ${process.id} ${this.#number(relation)}`, { kind: 'rename', process, relation });
  }

  /** `P [+A+] Q`, n-ary. */
  synchronizingChoice(branches: readonly Process[], events: EventSet): Process {
    if (branches.length === 0) return this.stop;
    const set = this.#canonical(events);
    const key = `[+] ${ids(branches)} ${this.#number(set)}`;
    return this.#intern(key, { kind: 'synchronizingChoice', branches, events: set });
  }

  /** `P /+A+\ Q`. */
  synchronizingInterrupt(left: Process, events: EventSet, right: Process): Process {
    const set = this.#canonical(events);
    const key = `/+\\ ${left.id} ${right.id} ${this.#number(set)}`;
    return this.#intern(key, { kind: 'synchronizingInterrupt', left, events: set, right });
  }

  /** `prioritise(P, order)`. */
  prioritize(process: Process, order: readonly EventSet[]): Process {
    const canonical = order.map((events) => this.#canonical(events));
    const key = `pri ${process.id} ${canonical.map((set) => this.#number(set))}`;
    return this.#intern(key, { kind: 'prioritize', process, order: canonical });
  }

  /** `prioritisepo(P, …)` with the pairs (above, below) of the order. Throws when the order, transitively closed, puts an event above itself. */
  partialPriority(process: Process, above: Iterable<readonly [above: EventId, below: EventId]>): Process {
    const order = this.#setNumbers.has(above as RenamingRelation)
      ? (above as RenamingRelation)
      : this.#canonical(relationOf(transitiveClosure(above)));
    return this.#intern(`pripo ${process.id} ${this.#number(order)}`, {
      kind: 'partialPriority',
      process,
      above: order,
    });
  }

  /** `chase(P)`. */
  chase(process: Process): Process {
    return this.#intern(`chase ${process.id}`, { kind: 'chase', process });
  }

  /** A compression wrapped around a process; the same meaning, fewer states. */
  compress(process: Process, by: Compression): Process {
    return this.#intern(`${by} ${process.id}`, { kind: 'compress', process, by });
  }

  /**
   * The process called `key`, defined by `body`: the same term for the same key, whatever `body` is passed later.
   * The key must determine the behavior: a definition's name with its arguments, or a place in the script with the values it captures.
   */
  call(key: string, body: () => Process, about: { name?: string; span?: Span } = {}): Call {
    const internKey = `call ${key}`;
    const known = this.#byKey.get(internKey);
    if (known !== undefined) return known as Call;
    let unfolded: Process | undefined;
    const unfold = (): Process => (unfolded ??= body());
    return this.#intern(internKey, { kind: 'call', key, name: about.name, span: about.span, unfold }) as Call;
  }

  /** The one copy of a set, or relation, with this content. Firing rules pass on what they found in a term, so this is nearly always a look-up by identity. */
  #canonical<Set extends EventSet | RenamingRelation>(set: Set): Set {
    if (this.#setNumbers.has(set)) return set;
    const text = set.join(' ');
    const known = this.#sets.get(text);
    if (known !== undefined) return known as Set;
    // A copy, so that a caller who goes on writing to his array changes no term.
    const canonical = set.slice() as unknown as Set;
    this.#setNumbers.set(canonical, this.#sets.size);
    this.#sets.set(text, canonical);
    return canonical;
  }

  #number(canonical: EventSet | RenamingRelation): number {
    return this.#setNumbers.get(canonical)!;
  }

  #intern(key: string, shape: Shape<Process>): Process {
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const term = { ...shape, id: this.#terms.length } as Process;
    this.#terms.push(term);
    // An operand is some characters of the key, and a place in a list.
    this.#byteCount += TERM_BYTES + 2 * key.length;
    this.#byKey.set(key, term);
    return term;
  }
}

/** All events that `sets` mention, as one set. */
export function unionOf(sets: Iterable<EventSet>): EventSet {
  const events: EventId[] = [];
  for (const set of sets) for (const event of set) events.push(event);
  return eventSet(events);
}

/** The least transitive relation with these pairs. Throws when it is not an order. */
function transitiveClosure(pairs: Iterable<readonly [above: EventId, below: EventId]>): [EventId, EventId][] {
  const below = new Map<EventId, EventId[]>();
  for (const [high, low] of pairs) {
    const found = below.get(high);
    if (found === undefined) below.set(high, [low]);
    else found.push(low);
  }
  const closed: [EventId, EventId][] = [];
  for (const high of below.keys()) {
    const reached = new Set(below.get(high));
    for (const event of reached) for (const next of below.get(event) ?? []) reached.add(next);
    if (reached.has(high)) throw new RangeError('this order puts an event above itself');
    for (const low of reached) closed.push([high, low]);
  }
  return closed;
}

/** Pairs sorted, each once. */
function relationOf(pairs: Iterable<readonly [from: EventId, to: EventId]>): RenamingRelation {
  const unique = new Map([...pairs].map((pair) => [`${pair}`, pair] as const));
  return [...unique.values()].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

function ids(terms: readonly Process[]): string {
  return terms.map((t) => t.id).join(' ');
}
