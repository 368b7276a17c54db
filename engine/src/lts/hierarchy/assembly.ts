/**
 * A network that is being put together: pieces, and the rules between them.
 *
 * Joining two pieces rewrites the rules they have a part in, and no others. Which two: those whose product is smallest, of pieces that do something together.
 * Roscoe et al., Hierarchical Compression for Model-Checking CSP (TACAS 1995); Lang, Compositional Verification using SVL Scripts (TACAS 2002) for the order.
 */
import { type EventId, TICK } from '../../csp/index.ts';
import type { Component } from '../component.ts';
import type { Reduction } from '../compress/reduction.ts';
import type { Part, Rule } from '../network.ts';
import { join, type Labelling, type Piece, pieceOf } from './piece.ts';

/** Labels are numbered from here on: no event of any alphabet. */
const LABEL_MIN = 2 ** 28;

export class Assembly {
  /** Joined pieces leave a gap. */
  readonly pieces: (Piece | undefined)[] = [];
  readonly #rules = new Map<number, Rule>();
  readonly #rulesOf: Set<number>[] = [];
  readonly #reduce: Reduction;
  #nextRule = 0;
  #nextLabel = LABEL_MIN;

  constructor(components: readonly Component[], rules: readonly Rule[], reduce: Reduction) {
    this.#reduce = reduce;
    for (const _ of components) this.#rulesOf.push(new Set());
    for (const rule of rules) this.#add(rule);
    for (const [index, component] of components.entries()) {
      const own = [...this.#rulesOf[index]!].map((rule) => this.#rules.get(rule)!);
      const ticks = own.some(({ parts, result }) => result === TICK && parts.some((p) => isTickOf(p, index)));
      const { labelling, rules } = this.#labelled(index, undefined);
      this.pieces.push(pieceOf(index, component, labelling, ticks, this.#reduce));
      this.#replace(index, undefined, rules);
    }
  }

  get rules(): readonly Rule[] {
    return [...this.#rules.values()];
  }

  /** Joins the two pieces with the smallest product into the place of the first; undefined when there are none, or when it would be too large. */
  joinNext(stateCountMax: number): Piece | undefined {
    const pair = this.#smallestPair();
    if (pair === undefined) return undefined;
    const [left, right] = pair;
    const { labelling, rules } = this.#labelled(left, right);
    const joined = join(this.pieces[left]!, this.pieces[right]!, labelling, stateCountMax, this.#reduce);
    if (joined === undefined) return undefined;
    this.pieces[left] = joined;
    this.pieces[right] = undefined;
    this.#replace(left, right, rules);
    return joined;
  }

  #smallestPair(): readonly [number, number] | undefined {
    let best: readonly [number, number] | undefined;
    let least = Number.POSITIVE_INFINITY;
    const consider = (one: number, other: number): void => {
      const [left, right] = one < other ? [one, other] : [other, one];
      const size = this.pieces[left]!.graph.stateCount * this.pieces[right]!.graph.stateCount;
      if (
        size > least ||
        (size === least && best !== undefined && (best[0] < left || (best[0] === left && best[1] <= right)))
      )
        return;
      least = size;
      best = [left, right];
    };
    for (const { parts } of this.#rules.values()) {
      for (let i = 1; i < parts.length; i++) consider(parts[i - 1]!.component, parts[i]!.component);
    }
    if (best !== undefined) return best;
    // Pieces that have nothing to do with each other.
    const left = [...this.pieces.keys()].filter((i) => this.pieces[i] !== undefined);
    left.sort((x, y) => this.pieces[x]!.graph.stateCount - this.pieces[y]!.graph.stateCount || x - y);
    if (left.length > 1) consider(left[0]!, left[1]!);
    return best;
  }

  /** What one piece, or two, do: by label, and the rules that take the place of theirs. */
  #labelled(left: number, right: number | undefined): { labelling: Labelling; rules: readonly Rule[] } {
    const touched = new Set([...this.#rulesOf[left]!, ...(right === undefined ? [] : this.#rulesOf[right]!)]);
    const ways = new Map<string, { left: EventId | undefined; right: EventId | undefined; outer: Map<string, Rule> }>();
    for (const index of touched) {
      const { parts, result } = this.#rules.get(index)!;
      const byLeft = parts.find(({ component }) => component === left)?.event;
      const byRight = right === undefined ? undefined : parts.find(({ component }) => component === right)?.event;
      const others = parts.filter(({ component }) => component !== left && component !== right);
      const key = `${byLeft} ${byRight}`;
      const way = ways.get(key) ?? { left: byLeft, right: byRight, outer: new Map<string, Rule>() };
      ways.set(key, way);
      way.outer.set(
        `${result}|${others
          .map((p) => `${p.component} ${p.event}`)
          .sort()
          .join()}`,
        { parts: others, result },
      );
    }
    const known = new Map<string, EventId>();
    const labels = new Map<EventId | undefined, Map<EventId | undefined, EventId[]>>();
    const rules = new Map<string, Rule>();
    for (const way of ways.values()) {
      const shared = [...way.outer].filter(([, { parts }]) => parts.length > 0).sort(([x], [y]) => (x < y ? -1 : 1));
      const own = [...way.outer.values()].filter(({ parts }) => parts.length === 0).map(({ result }) => result);
      const all: EventId[] = [...own];
      for (const result of own) rules.set(`${result}`, { parts: [{ component: left, event: result }], result });
      if (shared.length > 0) {
        const key = shared.map(([outer]) => outer).join(';');
        const label = known.get(key) ?? (this.#nextLabel++ as EventId);
        known.set(key, label);
        all.push(label);
        for (const [outer, { parts, result }] of shared)
          rules.set(`${label} ${outer}`, { parts: [...parts, { component: left, event: label }], result });
      }
      const byRight = labels.get(way.left) ?? new Map<EventId | undefined, EventId[]>();
      labels.set(way.left, byRight);
      byRight.set(way.right, all);
    }
    return { labelling: { labels }, rules: [...rules.values()] };
  }

  #replace(left: number, right: number | undefined, rules: readonly Rule[]): void {
    for (const index of [...this.#rulesOf[left]!, ...(right === undefined ? [] : this.#rulesOf[right]!)]) {
      for (const { component } of this.#rules.get(index)?.parts ?? []) this.#rulesOf[component]!.delete(index);
      this.#rules.delete(index);
    }
    for (const rule of rules) this.#add(rule);
  }

  #add(rule: Rule): void {
    const index = this.#nextRule++;
    this.#rules.set(index, rule);
    for (const { component } of rule.parts) this.#rulesOf[component]!.add(index);
  }
}

function isTickOf(part: Part, component: number): boolean {
  return part.component === component && part.event === TICK;
}
