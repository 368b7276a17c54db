/**
 * Which groups of processes a supervisor may restart together from the beginning, without anybody else noticing: those that share no event with the
 * others. Decided on the specification, for groups by name.
 *
 * What a component may perform is found by exploring it alone, to the end; a component that cannot be explored is a refusal, never a closed group. So a
 * group that is called closed is; one that is called open shares an event that both sides may perform, whether or not the rest ever lets them.
 */
import { contains, type EventId, type Process, TAU, type Terms, TICK } from './csp/index.ts';
import { type Diagnostic, EvaluationFault } from './cspm/index.ts';
import { load } from './load.ts';
import { compile, LimitReached, type StateId, Transitions } from './lts/index.ts';
import { argumentOf, bare, nameOf, networkOf, operandsOf, participantsOf, type Shape } from './network.ts';

export interface RestartGroupsOptions {
  /** The process whose components are grouped. */
  readonly system: string;
  /** By name of the supervisor: names of components, or of definitions for all components made of them. */
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly file?: string;
  /** States of one component. Absent: 100000. */
  readonly stateCountMax?: number;
}

export type RestartVerdict =
  | { readonly kind: 'closed'; readonly members: readonly string[] }
  /** `inside` would begin anew in the middle of what it has begun with `outside`. */
  | {
      readonly kind: 'open';
      readonly members: readonly string[];
      readonly event: string;
      readonly inside: string;
      readonly outside: string;
      /** The smallest closed group around it. */
      readonly closure: readonly string[];
    };

export type RestartGroups =
  | {
      readonly kind: 'judged';
      readonly components: readonly string[];
      /** Each component is in exactly one; every closed group is a union of them. */
      readonly smallest: readonly (readonly string[])[];
      readonly groups: Readonly<Record<string, RestartVerdict>>;
    }
  | { readonly kind: 'refused'; readonly message: string; readonly diagnostics: readonly Diagnostic[] };

/**
 * Judges groups of components of a script. Never throws for what the script says.
 *
 * @example
 * const report = restartGroups(source, { system: 'SYSTEM', groups: { front: ['CLIENT'], back: ['SERVER', 'STORE'] } });
 * if (report.kind === 'judged') report.groups.front; // { kind: 'open', event: 'ask.1', inside: 'CLIENT', outside: 'SERVER', … }
 */
export function restartGroups(source: string, options: RestartGroupsOptions): RestartGroups {
  const { system, groups, file = 'script.csp', stateCountMax = 100_000 } = options;
  const { evaluation, diagnostics } = load(source, { file });
  const refused = (message: string): RestartGroups => ({ kind: 'refused', message, diagnostics });
  if (evaluation === undefined) return refused(diagnostics[0]?.message ?? 'the script cannot be evaluated');
  if (!evaluation.definitions.includes(system)) return refused(`the script defines no process ${system}`);
  try {
    const span = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    const process = evaluation.process({ kind: 'name', span, name: { parts: [system], span } });
    return judge(evaluation.terms, process, groups, stateCountMax, refused);
  } catch (error) {
    if (error instanceof EvaluationFault || error instanceof LimitReached) return refused(error.message);
    throw error;
  }
}

function judge(
  terms: Terms,
  process: Process,
  groups: RestartGroupsOptions['groups'],
  stateCountMax: number,
  refused: (message: string) => RestartGroups,
): RestartGroups {
  const { shape, components } = networkOf(process);
  const performed = new Map<Process, readonly EventId[]>();
  for (const component of components)
    if (!performed.has(component)) performed.set(component, eventsOf(terms, component, stateCountMax));
  const shared = new Sharing(components.length);
  share(shape, process, (index) => performed.get(components[index]!)!, shared);

  const names = named(components.map((component) => nameOf(terms, component)));
  const inWords = (indices: readonly number[]): string[] => indices.map((index) => names[index]!);
  const verdicts: Record<string, RestartVerdict> = {};
  for (const [group, wanted] of Object.entries(groups)) {
    const members = new Set<number>();
    for (const name of wanted) {
      const found = names.flatMap((one, index) => (one === name || isOf(one, name) ? [index] : []));
      if (found.length === 0)
        return refused(`group ${group}: no component is called ${name}; there are ${names.join(', ')}`);
      for (const index of found) members.add(index);
    }
    const sorted = [...members].sort((a, b) => a - b);
    const open = shared.between(members);
    verdicts[group] =
      open === undefined
        ? { kind: 'closed', members: inWords(sorted) }
        : {
            kind: 'open',
            members: inWords(sorted),
            event: terms.alphabet.nameOf(open.event),
            inside: names[open.inside]!,
            outside: names[open.outside]!,
            closure: inWords(shared.closure(sorted)),
          };
  }
  const smallest: string[][] = [];
  const left = new Set(names.keys());
  for (const index of left) {
    const group = shared.closure([index]);
    for (const member of group) left.delete(member);
    smallest.push(inWords(group));
  }
  return { kind: 'judged', components: names, smallest, groups: verdicts };
}

/** `FORK` stands for `FORK(0)`, and for the second of two that are called `FORK`. */
function isOf(component: string, definition: string): boolean {
  return component.startsWith(`${definition}(`) || component.startsWith(`${definition}#`);
}

/** Components of one name are told apart by a number. */
function named(names: readonly string[]): string[] {
  const count = new Map<string, number>();
  return names.map((name) => {
    const times = (count.get(name) ?? 0) + 1;
    count.set(name, times);
    return times === 1 ? name : `${name}#${times}`;
  });
}

/** Who performs an event together with whom: one event for each two. */
class Sharing {
  readonly #with: Map<number, EventId>[];

  constructor(count: number) {
    this.#with = Array.from({ length: count }, () => new Map());
  }

  add(one: number, other: number, event: EventId): void {
    if (!this.#with[one]!.has(other)) this.#with[one]!.set(other, event);
    if (!this.#with[other]!.has(one)) this.#with[other]!.set(one, event);
  }

  between(
    members: ReadonlySet<number>,
  ): { readonly inside: number; readonly outside: number; readonly event: EventId } | undefined {
    for (const inside of members)
      for (const [outside, event] of this.#with[inside]!) if (!members.has(outside)) return { inside, outside, event };
    return undefined;
  }

  closure(members: readonly number[]): number[] {
    const group = new Set(members);
    for (const member of group) for (const other of this.#with[member]!.keys()) group.add(other);
    return [...group].sort((a, b) => a - b);
  }
}

/** By event as it is seen outside: the components that may perform it. */
type Performers = Map<EventId, Set<number>>;

function share(
  shape: Shape,
  term: Process,
  eventsOf: (component: number) => readonly EventId[],
  shared: Sharing,
): Performers {
  if (shape.kind === 'component') return new Map(eventsOf(shape.index).map((event) => [event, new Set([shape.index])]));
  const inner = bare(term);
  if (shape.kind === 'around') return seenAround(inner, share(shape.argument, argumentOf(inner)!, eventsOf, shared));
  const terms = operandsOf(inner)!;
  const operands = shape.operands.map((operand, i) => share(operand, terms[i]!, eventsOf, shared));
  const all: Performers = new Map();
  for (const operand of operands) for (const [event, performers] of operand) add(all, event, performers);
  for (const event of all.keys()) {
    const together = (participantsOf(inner, event) ?? []).map((i) => operands[i]!.get(event) ?? new Set<number>());
    for (const [i, ones] of together.entries())
      for (const others of together.slice(i + 1))
        for (const one of ones) for (const other of others) shared.add(one, other, event);
  }
  return all;
}

/** What hiding and renaming let through, under the name outside. */
function seenAround(operator: Process, performers: Performers): Performers {
  const seen: Performers = new Map();
  for (const [event, by] of performers) {
    if (operator.kind === 'hide' || operator.kind === 'project') {
      if (contains(operator.events, event) === (operator.kind === 'project')) add(seen, event, by);
    } else if (operator.kind === 'rename') {
      const images = operator.relation.flatMap(([from, to]) => (from === event ? [to] : []));
      for (const image of images.length === 0 ? [event] : images) add(seen, image, by);
    } else add(seen, event, by);
  }
  return seen;
}

function add(performers: Performers, event: EventId, by: ReadonlySet<number>): void {
  const known = performers.get(event) ?? new Set();
  for (const index of by) known.add(index);
  performers.set(event, known);
}

/** All visible events of a component left alone. */
function eventsOf(terms: Terms, component: Process, stateCountMax: number): readonly EventId[] {
  const lts = compile(terms, component, { stateCountMax });
  const transitions = new Transitions();
  const events = new Set<EventId>();
  for (let state = 0; state < lts.stateCount; state++) {
    if (lts.stateCount > stateCountMax) throw new LimitReached('states');
    lts.successors(state as StateId, transitions);
    for (let i = 0; i < transitions.length; i++) events.add(transitions.eventAt(i));
  }
  events.delete(TAU);
  events.delete(TICK);
  return [...events];
}
