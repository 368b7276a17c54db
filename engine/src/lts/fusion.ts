/**
 * Fusion: components that talk to each other much are multiplied ahead into one.
 *
 * Of the pairs of states that two components could be in, their own agreements leave only some: a philosopher who holds his fork and a fork that is free do not
 * go together. One fused component then needs fewer bits than the two, has fewer partners to ask, and its inner agreements have become moves of its own.
 * The states of the network stay the same, one for one; nothing is reduced here.
 */
import type { EventId } from '../csp/index.ts';
import type { Graph } from './bisimulation.ts';
import type { Component } from './component.ts';
import type { Part, Rule } from './network.ts';

/** Larger components would make the program too large for the cache of the processor. */
const STATE_COUNT_MAX = 600;
const STEP_COUNT_MAX = 6_000;
/** An event on which so many agree says nothing about who belongs together. */
const PARTICIPANT_COUNT_MAX = 6;

/** A network of so few bits has few states, and is explored before its fusion would pay. */
const BITS_MIN = 12;
/** With so many rules, looking for pairs would take longer than it saves. */
const RULE_COUNT_MAX = 20_000;

export interface Fusible {
  readonly components: readonly Component[];
  readonly rules: readonly Rule[];
}

/** Fuses where it is worth while: not in small networks, nor in those with very many rules. */
export function fuseIfLarge(network: Fusible): Fusible {
  const bitCount = network.components.reduce((sum, component) => sum + bits(component), 0);
  return bitCount < BITS_MIN || network.rules.length > RULE_COUNT_MAX ? network : fuse(network);
}

/** Fuses pairs that share a rule while that saves bits, the most saving first. */
export function fuse(network: Fusible): Fusible {
  // Equal processes share a component, but here a component is one place in the network.
  let fused: Fusible = { ...network, components: network.components.map((component) => ({ ...component })) };
  const rejected = new Set<string>();
  const known = new Map<string, Fused | undefined>();
  const identity = identities();
  for (;;) {
    let best: { fused: Fused; left: number; right: number; saved: number } | undefined;
    for (const [left, right] of neighbors(fused.rules)) {
      const [a, b] = [fused.components[left]!, fused.components[right]!];
      const key = `${identity(a)} ${identity(b)}`;
      if (rejected.has(key)) continue;
      const both = known.get(key) ?? product(a, b, labelsOf(fused.rules, left, right));
      known.set(key, both);
      const saved = both === undefined ? 0 : bits(a) + bits(b) - bits(both.component);
      if (both === undefined || saved <= 0) rejected.add(key);
      else if (best === undefined || saved > best.saved) best = { fused: both, left, right, saved };
    }
    if (best === undefined) return fused;
    fused = replace(fused, best.left, best.right, best.fused);
  }
}

/** A number for each component, the same for the same object. */
function identities(): (component: Component) => number {
  const numbers = new Map<Component, number>();
  return (component) => {
    const number = numbers.get(component) ?? numbers.size;
    numbers.set(component, number);
    return number;
  };
}

/** Bits that the field of a component takes. */
function bits({ graph }: Component): number {
  return graph.stateCount <= 1 ? 0 : 32 - Math.clz32(graph.stateCount - 1);
}

/** The pairs of components that take part in one rule, in order. */
function neighbors(rules: readonly Rule[]): (readonly [number, number])[] {
  const pairs = new Map<string, readonly [number, number]>();
  for (const { parts } of rules) {
    if (parts.length > PARTICIPANT_COUNT_MAX) continue;
    for (const { component: left } of parts) {
      for (const { component: right } of parts) if (left < right) pairs.set(`${left} ${right}`, [left, right]);
    }
  }
  return [...pairs.values()].sort((x, y) => x[0] - y[0] || x[1] - y[1]);
}

/** What the two do in some rule: an event of the left, of the right, or of both together. Each becomes an event of the fused component. */
interface Label {
  readonly left: EventId | undefined;
  readonly right: EventId | undefined;
}

type Labels = ReadonlyMap<string, Label & { readonly event: EventId }>;

function labelKey({ left, right }: Label): string {
  return `${left ?? ''} ${right ?? ''}`;
}

function labelIn(parts: readonly Part[], left: number, right: number): Label | undefined {
  const eventOf = (component: number): EventId | undefined => parts.find((part) => part.component === component)?.event;
  const label = { left: eventOf(left), right: eventOf(right) };
  return label.left === undefined && label.right === undefined ? undefined : label;
}

function labelsOf(rules: readonly Rule[], left: number, right: number): Labels {
  const labels = new Map<string, Label & { readonly event: EventId }>();
  for (const { parts } of rules) {
    const label = labelIn(parts, left, right);
    if (label === undefined || labels.has(labelKey(label))) continue;
    labels.set(labelKey(label), { ...label, event: labels.size as EventId });
  }
  return labels;
}

interface Fused {
  readonly component: Component;
  readonly labels: Labels;
}

/** The reachable product of two components, as far as they decide it themselves; undefined when it is too large, or too large to save a bit. */
function product(left: Component, right: Component, labels: Labels): Fused | undefined {
  const [leftSteps, rightSteps] = [stepsOf(left.graph), stepsOf(right.graph)];
  const stateCountMax = Math.min(STATE_COUNT_MAX, 2 ** (bits(left) + bits(right) - 1));
  const index = new Map<number, number>([[0, 0]]);
  const pairs: [left: number, right: number][] = [[0, 0]];
  const offsets = [0];
  const events: number[] = [];
  const targets: number[] = [];
  for (const [a, b] of pairs) {
    for (const { left: byLeft, right: byRight, event } of labels.values()) {
      const toLeft = byLeft === undefined ? [a] : leftSteps[a]!.get(byLeft);
      const toRight = byRight === undefined ? [b] : rightSteps[b]!.get(byRight);
      if (toLeft === undefined || toRight === undefined) continue;
      for (const nextLeft of toLeft) {
        for (const nextRight of toRight) {
          const key = nextLeft * right.graph.stateCount + nextRight;
          let target = index.get(key);
          if (target === undefined) {
            target = pairs.push([nextLeft, nextRight]) - 1;
            index.set(key, target);
          }
          events.push(event);
          targets.push(target);
        }
      }
    }
    offsets.push(events.length);
    if (pairs.length > stateCountMax || events.length > STEP_COUNT_MAX) return undefined;
  }
  const graph: Graph = {
    stateCount: pairs.length,
    offsets: Int32Array.from(offsets),
    events: Int32Array.from(events),
    targets: Int32Array.from(targets),
  };
  const describe = (state: number): string => {
    const [a, b] = pairs[state]!;
    return [left.describe(a), right.describe(b)].filter((text) => text !== '').join(' ∥ ');
  };
  return { component: { graph, omega: undefined, describe }, labels };
}

/** By state and event: the targets. */
function stepsOf({ stateCount, offsets, events, targets }: Graph): ReadonlyMap<number, readonly number[]>[] {
  return Array.from({ length: stateCount }, (_, state) => {
    const steps = new Map<number, number[]>();
    for (let i = offsets[state]!; i < offsets[state + 1]!; i++) {
      const known = steps.get(events[i]!);
      if (known === undefined) steps.set(events[i]!, [targets[i]!]);
      else known.push(targets[i]!);
    }
    return steps;
  });
}

/** The network with the fused component in the place of `left`, and without `right`. */
function replace({ components, rules }: Fusible, left: number, right: number, { component, labels }: Fused): Fusible {
  const place = (index: number): number => (index > right ? index - 1 : index);
  return {
    components: components.with(left, component).toSpliced(right, 1),
    rules: rules.map(({ parts, result }) => {
      const label = labelIn(parts, left, right);
      const others = parts
        .filter((part) => part.component !== left && part.component !== right)
        .map((part) => ({ component: place(part.component), event: part.event }));
      if (label === undefined) return { parts: others, result };
      return { parts: [...others, { component: left, event: labels.get(labelKey(label))!.event }], result };
    }),
  };
}
