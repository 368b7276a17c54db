/**
 * The rules of a network as one array of integers, indexed by lead participant: what the kernel runs for each state.
 *
 * Each rule is led by the component that offers its event in the smallest part of its states; only while the lead is in such a state is the rule
 * looked at, and then its other participants are asked by one table access each.
 *
 * A state is a tuple of component states packed in 32-bit words. A move of a component from s to t is the xor of two packed fields, so moves compose by xor,
 * in any order, and a rule's effect needs no unpacking.
 */
import type { Component } from './component.ts';
import { NotCompilable, type Part, type Rule } from './network.ts';

/** Where the state of a component is in the packed words. */
export interface Field {
  readonly word: number;
  readonly shift: number;
  readonly mask: number;
}

/**
 * An entry of `code`: result, word, xor, number of partners, then for each partner its component and the base of its row in `offers`.
 */
export const ENTRY_SIZE = 4;
export const PARTNER_SIZE = 2;

export interface Program {
  readonly components: readonly Component[];
  readonly wordCount: number;
  readonly fields: readonly Field[];
  readonly initial: Int32Array;
  /** Components that lead a rule, in order. */
  readonly leads: Int32Array;
  /** By component: the index of its state 0 in `starts`. */
  readonly bases: Int32Array;
  /** The entries led by component c in state s: `code[starts[bases[c] + s]]` up to `code[starts[bases[c] + s + 1]]`. */
  readonly starts: Int32Array;
  readonly code: Int32Array;
  /** By partner row and state: an index into `moves`, or 0 when the partner does not offer the event. */
  readonly offers: Int32Array;
  /** A count n, then n pairs of word and xor. Index 0 is unused. */
  readonly moves: Int32Array;
  /** Whether two entries may yield the same event and target, so that successors must be compared. */
  readonly mayRepeat: boolean;
}

/** A partner's row is a table over all its states; beyond this many numbers in total, there is no program. */
const OFFER_COUNT_MAX = 1 << 24;

export function programOf(components: readonly Component[], rules: readonly Rule[]): Program {
  const { fields, wordCount } = pack(components);
  const offerings = components.map((component) => new Offering(component));
  const rows = new PartnerRows(components, fields);
  const ledBy = components.map(() => new Map<number, Led[]>());
  const leadOf = new Map<string, number>();
  let leadsDiffer = false;
  for (const { parts, result } of rules) {
    let lead = parts[0]!;
    for (const part of parts) {
      if (offerings[part.component]!.share(part) < offerings[lead.component]!.share(lead)) lead = part;
    }
    const partners = parts.filter((part) => part !== lead);
    const key = keyOf(result, parts);
    leadsDiffer ||= (leadOf.get(key) ?? lead.component) !== lead.component;
    leadOf.set(key, lead.component);
    const led: Led = { result, partners, key };
    const byEvent = ledBy[lead.component]!;
    const known = byEvent.get(lead.event);
    if (known === undefined) byEvent.set(lead.event, [led]);
    else known.push(led);
  }
  const writer = new Writer(components, fields, ledBy, rows);
  const written = writer.write();
  return {
    components,
    wordCount,
    fields,
    initial: new Int32Array(wordCount),
    leads: Int32Array.from([...components.keys()].filter((i) => ledBy[i]!.size > 0)),
    ...written,
    offers: rows.offers(),
    moves: rows.moves(),
    mayRepeat: writer.mayRepeat || leadsDiffer || loopsMayMeet(rules, offerings),
  };
}

interface Led {
  readonly result: number;
  readonly partners: readonly Part[];
  /** Result and participants: two rules with different keys change different components, unless one of them loops. */
  readonly key: string;
}

function keyOf(result: number, parts: readonly Part[]): string {
  const components = parts.map(({ component }) => component).sort((a, b) => a - b);
  return `${result}:${components.join()}`;
}

/** Two rules with one result may meet in one target although their participants differ, if a participant may stay where it is. */
function loopsMayMeet(rules: readonly Rule[], offerings: readonly Offering[]): boolean {
  const keysOf = new Map<number, { keys: Set<string>; loops: boolean }>();
  for (const { parts, result } of rules) {
    const of = keysOf.get(result) ?? { keys: new Set(), loops: false };
    keysOf.set(result, of);
    of.keys.add(keyOf(result, parts));
    of.loops ||= parts.some((part) => offerings[part.component]!.loops(part));
    if (of.loops && of.keys.size > 1) return true;
  }
  return false;
}

/** Component states need no bits when there is one only. Fields do not straddle words. */
function pack(components: readonly Component[]): { fields: Field[]; wordCount: number } {
  const fields: Field[] = [];
  const used: number[] = [0];
  for (const { graph } of components) {
    const bits = graph.stateCount <= 1 ? 0 : 32 - Math.clz32(graph.stateCount - 1);
    let word = used.findIndex((width) => width + bits <= 32);
    if (word < 0) word = used.push(0) - 1;
    fields.push({ word, shift: used[word]! & 31, mask: bits === 32 ? -1 : (1 << bits) - 1 });
    used[word]! += bits;
  }
  return { fields, wordCount: used.length };
}

function moveOf(field: Field, from: number, to: number): number {
  return (from ^ to) << field.shift;
}

/** How often a component offers each event, and by which of them it may stay where it is. */
class Offering {
  readonly #states = new Map<number, number>();
  readonly #looping = new Set<number>();
  readonly #stateCount: number;

  constructor({ graph }: Component) {
    this.#stateCount = graph.stateCount;
    for (let state = 0; state < graph.stateCount; state++) {
      for (let i = graph.offsets[state]!; i < graph.offsets[state + 1]!; i++) {
        const event = graph.events[i]!;
        if (graph.targets[i] === state) this.#looping.add(event);
        if (i === graph.offsets[state] || graph.events[i - 1] !== event) {
          this.#states.set(event, (this.#states.get(event) ?? 0) + 1);
        }
      }
    }
  }

  share({ event }: Part): number {
    return (this.#states.get(event) ?? 0) / this.#stateCount;
  }

  loops({ event }: Part): boolean {
    return this.#looping.has(event);
  }
}

/** The rows of partners, made on demand: one for each component and event that some rule does not lead. */
class PartnerRows {
  readonly #components: readonly Component[];
  readonly #fields: readonly Field[];
  readonly #baseOf = new Map<string, number>();
  readonly #rows: Int32Array[] = [];
  readonly #moves: number[] = [0];
  #length = 0;

  constructor(components: readonly Component[], fields: readonly Field[]) {
    this.#components = components;
    this.#fields = fields;
  }

  base({ component, event }: Part): number {
    const key = `${component} ${event}`;
    const known = this.#baseOf.get(key);
    if (known !== undefined) return known;
    const base = this.#length;
    const { graph } = this.#components[component]!;
    const field = this.#fields[component]!;
    const row = new Int32Array(graph.stateCount);
    this.#length += row.length;
    if (this.#length > OFFER_COUNT_MAX) throw new NotCompilable('the tables of the network would be too large');
    for (let state = 0; state < graph.stateCount; state++) {
      const [first, end] = stepsBy(component, this.#components, state, event);
      if (first === end) continue;
      row[state] = this.#moves.length;
      this.#moves.push(end - first);
      for (let i = first; i < end; i++) this.#moves.push(field.word, moveOf(field, state, graph.targets[i]!));
    }
    this.#rows.push(row);
    this.#baseOf.set(key, base);
    return base;
  }

  offers(): Int32Array {
    const offers = new Int32Array(this.#length);
    let at = 0;
    for (const row of this.#rows) {
      offers.set(row, at);
      at += row.length;
    }
    return offers;
  }

  moves(): Int32Array {
    return Int32Array.from(this.#moves);
  }
}

/** The range of the steps of a state by one event: rows are sorted by event. */
function stepsBy(component: number, components: readonly Component[], state: number, event: number): [number, number] {
  const { offsets, events } = components[component]!.graph;
  let low = offsets[state]!;
  let high = offsets[state + 1]!;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (events[middle]! < event) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < offsets[state + 1]! && events[end] === event) end++;
  return [low, end];
}

class Writer {
  mayRepeat = false;
  readonly #components: readonly Component[];
  readonly #fields: readonly Field[];
  readonly #ledBy: readonly ReadonlyMap<number, readonly Led[]>[];
  readonly #rows: PartnerRows;
  readonly #code: number[] = [];

  constructor(
    components: readonly Component[],
    fields: readonly Field[],
    ledBy: readonly ReadonlyMap<number, readonly Led[]>[],
    rows: PartnerRows,
  ) {
    this.#components = components;
    this.#fields = fields;
    this.#ledBy = ledBy;
    this.#rows = rows;
  }

  write(): Pick<Program, 'bases' | 'starts' | 'code'> {
    const bases: number[] = [];
    const starts: number[] = [];
    for (const [component, { graph }] of this.#components.entries()) {
      bases.push(starts.length);
      for (let state = 0; state < graph.stateCount; state++) {
        starts.push(this.#code.length);
        this.#writeState(component, state);
      }
      starts.push(this.#code.length);
    }
    return { bases: Int32Array.from(bases), starts: Int32Array.from(starts), code: Int32Array.from(this.#code) };
  }

  #writeState(component: number, state: number): void {
    const { offsets, events, targets } = this.#components[component]!.graph;
    const field = this.#fields[component]!;
    const written = new Map<string, number>();
    for (let i = offsets[state]!; i < offsets[state + 1]!; i++) {
      for (const led of this.#ledBy[component]!.get(events[i]!) ?? []) {
        const move = moveOf(field, state, targets[i]!);
        const key = `${led.key} ${move}`;
        if (written.has(key)) {
          if (led.partners.length === 0) continue;
          this.mayRepeat = true;
        }
        written.set(key, 1);
        this.#code.push(led.result, field.word, move, led.partners.length);
        for (const partner of led.partners) this.#code.push(partner.component, this.#rows.base(partner));
      }
    }
  }
}
