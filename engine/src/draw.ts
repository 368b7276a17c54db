/** Pictures of processes: what talks to what, and what can happen. */
import { connectionsOf } from './connections.ts';
import type { Process, Terms } from './csp/index.ts';
import { networkAsDot, networkAsSvg, networkAsText } from './draw-network.ts';
import { statesAsDot, statesAsSvg, statesAsText } from './draw-states.ts';
import { networkOf } from './network.ts';
import { stateGraph } from './state-graph.ts';

export interface DrawOptions {
  /** `network`: components and channels. `lts`: states and transitions. */
  readonly as: 'network' | 'lts';
  readonly format: 'svg' | 'dot' | 'text';
  /** What the picture is called. */
  readonly title: string;
  /** States drawn; what has more is shown to have more. */
  readonly stateCountMax: number;
}

/**
 * A picture of `process` as text of the format asked for. Throws what evaluating the script throws.
 *
 * @example
 * draw(terms, clock, { as: 'lts', format: 'dot', title: 'CLOCK', stateCountMax: 80 });
 */
export function draw(terms: Terms, process: Process, { as, format, title, stateCountMax }: DrawOptions): string {
  if (as === 'network') {
    const connections = connectionsOf(terms, process);
    return { svg: networkAsSvg, dot: networkAsDot, text: networkAsText }[format](title, connections);
  }
  const graph = stateGraph(terms, process, stateCountMax);
  return { svg: statesAsSvg, dot: statesAsDot, text: statesAsText }[format](title, graph);
}

/** Whether `process` has at least two components. */
export function isNetwork(process: Process): boolean {
  return networkOf(process).components.length > 1;
}
