/**
 * A normal form as plain data: made where a script is checked, stored with the verdict, and enforced elsewhere.
 * So what runs is the very table that was verified, and the server never evaluates a script to run it.
 */
import { Alphabet, type EventId, eventSet, TICK } from '../csp/index.ts';
import { type NormalForm, REFUSED } from './normal-form.ts';

export interface BehaviorTable {
  /** Names of the visible events; a transition speaks of them by index. */
  readonly events: readonly string[];
  readonly initial: number;
  /** For each node, pairs: event, next node, event, next node, … Tick is -1. */
  readonly nodes: readonly (readonly number[])[];
  /** For each node its minimal acceptances, as indices of events, tick -1. Absent in tables made before they were kept: nothing is known to be required. */
  readonly acceptances?: readonly (readonly (readonly number[])[])[];
}

const TICK_INDEX = -1;

/** Transitions of a table; larger ones are not made. */
export const TRANSITION_COUNT_MAX = 500_000;

/** The table of a normal form; `undefined` when it has too many transitions. */
export function tableOf(normalForm: NormalForm): BehaviorTable | undefined {
  const indexOf = new Map<EventId, number>();
  const events: string[] = [];
  const nodes: number[][] = [];
  const acceptances: number[][][] = [];
  let transitions = 0;
  for (let node = 0; node < normalForm.nodeCount; node++) {
    const row: number[] = [];
    for (const event of normalForm.initials(node)) {
      if (++transitions > TRANSITION_COUNT_MAX) return undefined;
      let index = event === TICK ? TICK_INDEX : indexOf.get(event);
      if (index === undefined) {
        index = events.push(normalForm.alphabet.nameOf(event)) - 1;
        indexOf.set(event, index);
      }
      row.push(index, normalForm.after(node, event));
    }
    nodes.push(row);
    // What is accepted is possible, so every event has its index by now.
    const indexed = (event: EventId): number => (event === TICK ? TICK_INDEX : indexOf.get(event)!);
    acceptances.push(normalForm.acceptances(node).map((set) => set.map(indexed)));
  }
  return { events, initial: normalForm.initial, nodes, acceptances };
}

/** The normal form of a table; of divergence, which no verified protocol has, it says nothing. */
export function normalFormOf(table: BehaviorTable): NormalForm {
  const alphabet = new Alphabet();
  const ids = table.events.map((name) => alphabet.intern(name));
  const rows = table.nodes.map((row) => {
    const after = new Map<EventId, number>();
    for (let i = 0; i < row.length; i += 2) after.set(row[i] === TICK_INDEX ? TICK : ids[row[i]!]!, row[i + 1]!);
    return after;
  });
  const acceptances = (table.acceptances ?? []).map((sets) =>
    sets.map((set) => eventSet(set.map((index) => (index === TICK_INDEX ? TICK : ids[index]!)))),
  );
  const initials = rows.map((after) => [...after.keys()].sort((a, b) => a - b));
  return {
    alphabet,
    initial: table.initial,
    nodeCount: rows.length,
    after: (node, event) => rows[node]?.get(event) ?? REFUSED,
    initials: (node) => initials[node] ?? [],
    acceptances: (node) => acceptances[node] ?? [],
    divergent: () => false,
  };
}
