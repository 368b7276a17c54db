/** The kernel and its plain twin are compared state by state: events and targets, as far as both are asked. */
import { expect, test } from 'vitest';
import { Alphabet, type EventId } from '../csp/index.ts';
import type { Component } from './component.ts';
import { type StateId, Transitions } from './lts.ts';
import { NarrowLts } from './narrow-lts.ts';
import type { Rule } from './network.ts';
import { type Program, programOf } from './program.ts';

/** A component of so many states with steps by a few events, drawn from `chance`. */
function component(stateCount: number, eventCount: number, chance: () => number): Component {
  const offsets = [0];
  const events: number[] = [];
  const targets: number[] = [];
  for (let state = 0; state < stateCount; state++) {
    for (let event = 2; event < 2 + eventCount; event++) {
      if (event > 2 && chance() < 0.4) continue;
      events.push(event);
      // By the first event every state is reached.
      targets.push(event === 2 ? (state + 1) % stateCount : Math.floor(chance() * stateCount));
    }
    offsets.push(events.length);
  }
  const graph = {
    stateCount,
    offsets: Int32Array.from(offsets),
    events: Int32Array.from(events),
    targets: Int32Array.from(targets),
  };
  return { graph, omega: undefined, describe: String };
}

/** A ring in which neighbors agree on one event and do the others alone. */
function ring(sizes: readonly number[], seed: number): Program {
  let state = seed;
  const chance = (): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
  const eventCount = 4;
  const components = sizes.map((size) => component(size, eventCount, chance));
  const rules = sizes.flatMap((_, i): Rule[] => [
    { parts: [{ component: i, event: 2 as EventId }], result: (2 + i) as EventId },
    { parts: [{ component: i, event: 3 as EventId }], result: (2 + i) as EventId },
    {
      parts: [
        { component: i, event: 4 as EventId },
        { component: (i + 1) % sizes.length, event: 5 as EventId },
      ],
      result: (20 + i) as EventId,
    },
  ]);
  return programOf(components, rules);
}

const alphabet = new Alphabet();

test.each([
  { sizes: [3, 4], bits: 'few' },
  { sizes: [6, 7, 9, 5, 8], bits: 'some' },
  { sizes: [30, 32, 31, 32, 29], bits: '25: hashes are exact' },
  { sizes: [32, 32, 32, 32, 50], bits: '26: hashes are exact, tries are few' },
  { sizes: [60, 64, 63, 33, 17], bits: '29: words decide' },
  { sizes: [64, 64, 33, 64, 200], bits: '32: words decide, and are negative' },
])('the kernel numbers states as its twin does: $sizes, bits: $bits', ({ sizes }) => {
  for (const kernelFrom of [0, 1000]) {
    const program = ring(sizes, 7 + kernelFrom);
    expect(program.wordCount).toBe(1);
    const kernel = new NarrowLts(alphabet, program, kernelFrom);
    const twin = new NarrowLts(alphabet, program, Number.POSITIVE_INFINITY);
    const [found, expected] = [new Transitions(), new Transitions()];
    let differences = 0;
    const compare = (state: StateId): void => {
      kernel.successors(state, found);
      twin.successors(state, expected);
      if (found.length !== expected.length) differences++;
      for (let i = 0; i < expected.length; i++) {
        if (found.events[i] !== expected.events[i] || found.targets[i] !== expected.targets[i]) differences++;
      }
    };
    for (let state = 0; state < twin.stateCount && state < 20_000; state++) compare(state as StateId);
    for (let state = Math.min(twin.stateCount, 20_000) - 1; state >= 0; state -= 97) compare(state as StateId);
    expect(differences).toBe(0);
    expect(kernel.describe((twin.stateCount - 1) as StateId)).toBe(twin.describe((twin.stateCount - 1) as StateId));
    expect(kernel.kernelByteCount > 0).toBe(twin.stateCount > kernelFrom);
    expect(twin.kernelByteCount).toBe(0);
  }
});
