/**
 * Hierarchical compression: a network explored after its pieces were made small.
 *
 * First every component by itself, with what is hidden hidden there; then, unless that is enough, pairs are joined and reduced until one piece is left. Which reduction
 * is sound depends on what is asked, so a hierarchy is made for a question.
 */
import { type Alphabet, type EventId, TAU, TICK } from '../../csp/index.ts';
import type { Component } from '../component.ts';
import { diamondKeeping, type Kept } from '../compress/diamond.ts';
import { andThen } from '../compress/reduction.ts';
import { sbisim } from '../compress/sbisim.ts';
import { dbisim } from '../compress/weak.ts';
import type { Limits, Lts } from '../lts.ts';
import { NarrowLts } from '../narrow-lts.ts';
import type { Part, Rule } from '../network.ts';
import { programOf } from '../program.ts';
import { Watch } from '../watch.ts';
import { WideLts } from '../wide-lts.ts';
import { Assembly } from './assembly.ts';
import type { Piece } from './piece.ts';
import { ANYHOW, type Ending, type Firing, type Item, initialsOf, unfoldTogether } from './unfold.ts';

/** A product of two pieces may have so many states before it is reduced. */
const PRODUCT_STATE_MAX = 5_000;

export interface Question extends Kept {
  /** Whether it matters which visible events happen. */
  readonly events: boolean;
}

export interface NetworkParts {
  readonly alphabet: Alphabet;
  readonly components: readonly Component[];
  readonly rules: readonly Rule[];
}

/** A step of the network's components, in words. */
export interface ToldStep {
  readonly event: EventId;
  readonly from: string;
  readonly to: string;
}

/** What a run ends in: after its last step anything; in a stable state; or where tick is offered. */
export type RunEnd = 'any' | 'stable' | 'tick';

/** A network of pieces. Its states are told by the numbers of the pieces' states, which `unfolded` reads. */
export interface Reduced extends Lts {
  /** The run of the components behind a run of the pieces. */
  unfolded(steps: readonly ToldStep[], end: RunEnd): readonly ToldStep[];
}

const BETWEEN = ' ∥ ';

/** Two networks of pieces for a question, each made when it is asked for: every component reduced by itself, and joined into one. */
export class Hierarchy {
  readonly #network: NetworkParts;
  readonly #rules: readonly Rule[];
  readonly #assembly: Assembly;

  constructor(network: NetworkParts, question: Question) {
    const visible = (result: EventId): EventId => (question.events || result === TICK ? result : TAU);
    this.#network = network;
    this.#rules = network.rules.map(({ parts, result }) => ({ parts, result: visible(result) }));
    this.#assembly = new Assembly(
      network.components,
      this.#rules,
      andThen(sbisim, andThen(diamondKeeping(question), dbisim)),
    );
  }

  /** Each component by itself. */
  apart(): Reduced {
    return this.#reduced();
  }

  /** As one piece, or undefined when some piece on the way would be too large. Throws `LimitReached`. */
  joined(limits: Limits): Reduced | undefined {
    const watch = new Watch({ ...limits, stateCountMax: Number.POSITIVE_INFINITY }, 'compile');
    const stateCountMax = Math.min(limits.stateCountMax ?? PRODUCT_STATE_MAX, PRODUCT_STATE_MAX);
    let states = 0;
    for (let left = this.#assembly.pieces.length; left > 1; left--) {
      const joined = this.#assembly.joinNext(stateCountMax);
      if (joined === undefined) return undefined;
      states += joined.whole.stateCount;
      watch.check(states, 0);
    }
    return this.#reduced();
  }

  #reduced(): Reduced {
    const { pieces, rules } = compacted(this.#assembly);
    const components = pieces.map(({ graph }): Component => ({ graph, omega: undefined, describe: String }));
    const program = programOf(components, rules);
    const { alphabet } = this.#network;
    const lts = program.wordCount <= 2 ? new NarrowLts(alphabet, program) : new WideLts(alphabet, program);
    const unfolded = (steps: readonly ToldStep[], end: RunEnd): readonly ToldStep[] => {
      const items = steps.map((step) => itemOf(pieces, rules, step));
      const last = steps.length === 0 ? pieces.map(() => 0) : tupleOf(steps.at(-1)!.to);
      const { between, at } = unfoldTogether(pieces, items, endingsOf(pieces, rules, last, end));
      const visible = steps.filter(({ event }) => event !== TAU).map(({ event }) => event);
      return this.#told(between, at, visible);
    };
    return Object.assign(lts, { unfolded });
  }

  #told(between: readonly (readonly Firing[])[], at: readonly Firing[], visible: readonly EventId[]): ToldStep[] {
    const { components, rules } = this.#network;
    const resultsOf = new Map<string, EventId[]>();
    for (const { parts, result } of rules) {
      const known = resultsOf.get(keyOf(parts));
      if (known === undefined) resultsOf.set(keyOf(parts), [result]);
      else known.push(result);
    }
    const local = components.map(() => 0);
    const words = components.map((component) => component.describe(0));
    const steps: ToldStep[] = [];
    const perform = (firing: Firing, wanted: EventId): void => {
      const results = resultsOf.get(keyOf(firing)) ?? [];
      const event = results.includes(wanted) ? wanted : results[0];
      if (event === undefined) throw new Error('defect: a step by no rule');
      const from = words.filter((word) => word !== '').join(BETWEEN);
      for (const { component, target } of firing) {
        local[component] = target;
        words[component] = components[component]!.describe(target);
      }
      steps.push({ event, from, to: words.filter((word) => word !== '').join(BETWEEN) });
    };
    for (const [i, firings] of between.entries()) {
      for (const firing of firings) perform(firing, TAU);
      if (i < at.length) perform(at[i]!, visible[i]!);
    }
    return steps;
  }
}

function compacted(assembly: Assembly): { pieces: readonly Piece[]; rules: readonly Rule[] } {
  const pieces: Piece[] = [];
  const place = assembly.pieces.map((piece) => (piece === undefined ? -1 : pieces.push(piece) - 1));
  const rules = assembly.rules.map(({ parts, result }) => ({
    result,
    parts: parts.map(({ component, event }) => ({ component: place[component]!, event })),
  }));
  return { pieces, rules };
}

function tupleOf(words: string): number[] {
  return words.split(BETWEEN).map(Number);
}

/** The rule by which the pieces took a step. */
function itemOf(pieces: readonly Piece[], rules: readonly Rule[], { event, from, to }: ToldStep): Item {
  const [source, target] = [tupleOf(from), tupleOf(to)];
  const moved = source.flatMap((state, i) => (state === target[i] ? [] : [i]));
  const rule = rules.find(
    ({ parts, result }) =>
      result === event &&
      moved.every((piece) => parts.some(({ component }) => component === piece)) &&
      parts.every((part) => hasStep(pieces[part.component]!, source[part.component]!, part, target[part.component]!)),
  );
  if (rule === undefined) throw new Error('defect: a step of pieces by no rule');
  return { parts: rule.parts, silent: event === TAU };
}

function hasStep({ graph }: Piece, from: number, { event }: Part, to: number | undefined): boolean {
  for (let i = graph.offsets[from]!; i < graph.offsets[from + 1]!; i++) {
    if (graph.events[i] === event && (to === undefined || graph.targets[i] === to)) return true;
  }
  return false;
}

function endingsOf(
  pieces: readonly Piece[],
  rules: readonly Rule[],
  last: readonly number[],
  end: RunEnd,
): (i: number) => Ending {
  if (end === 'any') return () => ANYHOW;
  if (end === 'stable') return (i) => ({ kind: 'stable', offered: initialsOf(pieces[i]!.graph, last[i]!) });
  const tick = rules.find(
    ({ parts, result }) =>
      result === TICK &&
      parts.every((part) => hasStep(pieces[part.component]!, last[part.component]!, part, undefined)),
  );
  return (i) => {
    const part = tick?.parts.find(({ component }) => component === i);
    return part === undefined ? ANYHOW : { kind: 'offers', event: part.event };
  };
}

function keyOf(parts: readonly Part[]): string {
  return parts
    .map(({ component, event }) => `${component} ${event}`)
    .sort()
    .join();
}
