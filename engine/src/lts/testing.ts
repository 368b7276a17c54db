/** For tests: transition systems explored, and compared by strong bisimulation. */
import { TICK } from '../csp/index.ts';
import { bisimulation } from './bisimulation.ts';
import { type Lts, Transitions } from './lts.ts';

export interface Explored {
  readonly steps: readonly (readonly (readonly [event: number, target: number])[])[];
  readonly omegas: ReadonlySet<number>;
}

/** All reachable states, numbered in order of discovery, and their steps; undefined when there are too many. */
export function explore(lts: Lts, stateCountMax = 3000): Explored | undefined {
  const into = new Transitions();
  const steps: [number, number][][] = [];
  const omegas = new Set<number>();
  const found = new Map([[lts.initial, 0]]);
  for (const state of found.keys()) {
    if (found.size > stateCountMax) return undefined;
    lts.successors(state, into);
    const row: [number, number][] = [];
    for (let i = 0; i < into.length; i++) {
      const target = found.get(into.targetAt(i)) ?? found.size;
      found.set(into.targetAt(i), target);
      if (into.eventAt(i) === TICK) omegas.add(target);
      row.push([into.eventAt(i), target]);
    }
    if (new Set(row.map(String)).size !== row.length) throw new Error(`state ${state} has a step twice`);
    steps.push(row);
  }
  return { steps, omegas };
}

/** Whether the initial states of two graphs are strongly bisimilar, by refining one partition of both. */
export function bisimilar(left: Explored, right: Explored): boolean {
  const shift = left.steps.length;
  const all = [
    ...left.steps,
    ...right.steps.map((row) => row.map(([event, target]) => [event, target + shift] as const)),
  ];
  const offsets = [0];
  for (const row of all) offsets.push(offsets.at(-1)! + row.length);
  const graph = {
    stateCount: all.length,
    offsets: Int32Array.from(offsets),
    events: Int32Array.from(all.flatMap((row) => row.map(([event]) => event))),
    targets: Int32Array.from(all.flatMap((row) => row.map(([, target]) => target))),
  };
  const isOmega = (state: number): boolean =>
    state < shift ? left.omegas.has(state) : right.omegas.has(state - shift);
  const { blockOf } = bisimulation(
    graph,
    Int32Array.from(all, (_, state) => (isOmega(state) ? 1 : 0)),
  );
  return blockOf[0] === blockOf[shift];
}
