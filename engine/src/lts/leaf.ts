/**
 * A leaf of a network: a sequential process, explored by the firing rules to an explicit graph and reduced.
 *
 * Where the process becomes a network of its own, the exploration may stop: such a step is an exit, and what is behind it is compiled apart.
 */
import { type EventId, type Process, show, type Terms, TICK, transitions } from '../csp/index.ts';
import { bisimulation } from './bisimulation.ts';
import type { Component } from './component.ts';
import { quotient, Rows } from './compress/reduction.ts';
import { LimitReached, type Limits } from './lts.ts';
import { NotCompilable } from './not-compilable.ts';
import { represent } from './representative.ts';
import { Watch } from './watch.ts';

/** A step out of a leaf: `event` to `target`. The graph has it as a step by `by` to its state `asleep`. */
export interface Exit {
  readonly event: EventId;
  readonly target: Process;
  readonly by: EventId;
}

export interface Leaf {
  readonly component: Component;
  readonly exits: readonly Exit[];
  /** The state that the component is in when something else has taken its place; there is one if there are exits. */
  readonly asleep: number | undefined;
  /** The state of a term that was met. */
  stateOf(process: Process): number | undefined;
}

/** Steps by these are exits: no events of any alphabet. */
const EXIT_MIN = 2 ** 28;

/** Labels of states that may not be taken for others. */
const TERMINATED = 1;
const ASLEEP = 2;

const wholeOf = new WeakMap<Terms, Map<Process, Leaf>>();

/** `leafOf` without exits, remembered: many assertions are about the same components. */
export function wholeLeafOf(terms: Terms, process: Process, limits: Limits): Leaf {
  let known = wholeOf.get(terms);
  if (known === undefined) wholeOf.set(terms, (known = new Map()));
  let leaf = known.get(process);
  if (leaf === undefined) known.set(process, (leaf = leafOf(terms, process, limits)));
  else new Watch(limits, 'compile').check(leaf.component.graph.stateCount, 0);
  return leaf;
}

/**
 * Explores `process`. `leaves` says which steps are exits. Throws `LimitReached`, and `NotCompilable` when a state cannot be evaluated: its context may
 * never let it get there.
 */
export function leafOf(
  terms: Terms,
  process: Process,
  limits: Limits,
  leaves: (event: EventId, target: Process) => boolean = () => false,
): Leaf {
  const watch = new Watch(limits, 'compile');
  const found: Process[] = [process];
  const numberOf = new Map<Process, number>([[process, 0]]);
  const terminated = new Set<Process>(process.kind === 'omega' ? [process] : []);
  const exits: Exit[] = [];
  const exitBy = new Map<string, EventId>();
  const rows: { event: EventId; target: Process; by: EventId | undefined }[][] = [];
  let stepCount = 0;
  for (const state of found) {
    watch.check(found.length, stepCount);
    const row: (typeof rows)[number] = [];
    for (const { event, target } of stepsOf(terms, state, watch)) {
      if (leaves(event, target)) {
        const key = `${event} ${target.id}`;
        let by = exitBy.get(key);
        if (by === undefined) {
          by = (EXIT_MIN + exits.length) as EventId;
          exitBy.set(key, by);
          exits.push({ event, target, by });
        }
        row.push({ event, target, by });
        continue;
      }
      if (event === TICK) terminated.add(target);
      if (!numberOf.has(target)) {
        numberOf.set(target, found.length);
        found.push(target);
      }
      row.push({ event, target, by: undefined });
    }
    stepCount += row.length;
    rows.push(row);
  }

  const written = new Rows();
  for (const row of rows) {
    for (const { event, target, by } of row) {
      if (by === undefined) written.add(event, numberOf.get(target)!);
      else written.add(by, found.length);
    }
    written.end();
  }
  const hasExits = exits.length > 0;
  if (hasExits) written.end();
  const labels = new Int32Array(found.length + (hasExits ? 1 : 0));
  for (const [i, state] of found.entries()) labels[i] = terminated.has(state) ? TERMINATED : 0;
  if (hasExits) labels[found.length] = ASLEEP;
  const whole = { graph: written.graph(), labels };
  const { blockCount, blockOf } = bisimulation(whole.graph, whole.labels);
  const reduced = quotient(whole, { blockCount, blockOf });
  const members = Array.from({ length: blockCount }, (): Process[] => []);
  for (const [i, state] of found.entries()) members[blockOf[i]!]!.push(state);
  const named = members.map((states) => (states.length === 0 ? undefined : represent(terms, states)));
  const omega = reduced.labels.indexOf(TERMINATED);
  return {
    component: {
      graph: reduced.graph,
      omega: omega < 0 ? undefined : omega,
      describe: (state) => (named[state] === undefined ? '' : show(terms, named[state])),
    },
    exits,
    asleep: hasExits ? blockOf[found.length]! : undefined,
    stateOf: (state) => {
      const number = numberOf.get(state);
      return number === undefined ? undefined : blockOf[number]!;
    },
  };
}

function stepsOf(terms: Terms, state: Process, watch: Watch): ReturnType<typeof transitions> {
  try {
    return transitions(terms, state, watch.spend);
  } catch (cause) {
    if (cause instanceof LimitReached) throw cause;
    throw new NotCompilable(`${show(terms, state)} cannot be evaluated`, { cause });
  }
}
