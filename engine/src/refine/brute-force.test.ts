/**
 * The checks against their definitions: random small graphs, every trace up to a length, refusal sets enumerated one by one.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { excess, FINE_MODELS, type Observations, observationsOf } from '../../../tests/reference/observations.ts';
import { Alphabet, type EventId, TAU, TICK } from '../csp/index.ts';
import type { Lts, StateId } from '../lts/index.ts';
import {
  deadlockFree,
  deterministic,
  divergenceFree,
  type FailuresModel,
  hasTrace,
  refines,
  type Verdict,
} from './index.ts';

const alphabet = new Alphabet();
const a = alphabet.intern('a');
const b = alphabet.intern('b');
const VISIBLE: readonly EventId[] = [TICK, a, b];
const LENGTH_MAX = 5;

/** Steps by state; the last state is what is left after tick. */
type Graph = readonly (readonly (readonly [event: EventId, target: number])[])[];

function graphs(stateCount: number): fc.Arbitrary<Graph> {
  const step = fc.oneof(
    fc.tuple(fc.constantFrom(TAU, a, a, b), fc.nat(stateCount - 1)),
    fc.tuple(fc.constantFrom(TAU, a, b), fc.nat(stateCount - 1)),
    fc.constant([TICK, stateCount] as [EventId, number]),
  );
  const steps = fc.uniqueArray(step, { maxLength: 3, selector: String });
  return fc.array(steps, { minLength: stateCount, maxLength: stateCount }).map((states) => [...states, []]);
}

function ltsOf(graph: Graph): Lts {
  return {
    alphabet,
    initial: 0 as StateId,
    stateCount: graph.length,
    successors(state, into) {
      into.clear();
      for (const [event, target] of graph[state]!) into.push(event, target);
    },
    describe: String,
  };
}

const closure = (graph: Graph, states: Iterable<number>): number[] => {
  const closed = new Set(states);
  for (const state of closed) for (const [event, target] of graph[state]!) if (event === TAU) closed.add(target);
  return [...closed];
};

const after = (graph: Graph, trace: readonly EventId[]): number[] =>
  trace.reduce<number[]>(
    (states, event) =>
      closure(
        graph,
        states.flatMap((state) => graph[state]!.filter(([e]) => e === event).map(([, target]) => target)),
      ),
    closure(graph, [0]),
  );

function* tracesUpTo(length: number): Iterable<readonly EventId[]> {
  let layer: readonly EventId[][] = [[]];
  for (let i = 0; i <= length; i++) {
    yield* layer;
    layer = layer.flatMap((trace) => VISIBLE.map((event) => [...trace, event]));
  }
}

const REFUSALS: readonly (readonly EventId[])[] = Array.from({ length: 2 ** VISIBLE.length }, (_, bits) =>
  VISIBLE.filter((_, i) => (bits >> i) & 1),
);

/** A state refuses a set if it is stable and offers none of it; a state that may tick refuses everything else. */
const refusesAt = (graph: Graph, state: number, set: readonly EventId[]): boolean => {
  const events = graph[state]!.map(([event]) => event);
  if (events.includes(TICK)) return !set.includes(TICK);
  return !events.includes(TAU) && !events.some((event) => set.includes(event));
};

const isTrace = (graph: Graph, trace: readonly EventId[]): boolean => after(graph, trace).length > 0;
const isFailure = (graph: Graph, trace: readonly EventId[], set: readonly EventId[]): boolean =>
  after(graph, trace).some((state) => refusesAt(graph, state, set));
const divergesAfter = (graph: Graph, trace: readonly EventId[]): boolean =>
  after(graph, trace).some((state) => longTaus(graph, state));

/** Can do more taus than there are states: so some state repeats. */
const longTaus = (graph: Graph, start: number): boolean => {
  let states = [start];
  for (let i = 0; i <= graph.length; i++) {
    states = [...new Set(states.flatMap((s) => graph[s]!.filter(([e]) => e === TAU).map(([, t]) => t)))];
  }
  return states.length > 0;
};
const diverged = (graph: Graph, trace: readonly EventId[]): boolean =>
  [...trace.keys(), trace.length].some((length) => divergesAfter(graph, trace.slice(0, length)));

/** The least number of visible events after which refinement is seen to fail; undefined if that is more than LENGTH_MAX. */
function shortestViolation(model: FailuresModel, specification: Graph, implementation: Graph): number | undefined {
  for (const trace of tracesUpTo(LENGTH_MAX + 1)) {
    if (model === 'FD') {
      if (diverged(specification, trace)) continue;
      if (divergesAfter(implementation, trace)) return trace.length;
    }
    if (!isTrace(implementation, trace)) continue;
    if (!isTrace(specification, trace)) return trace.length;
    if (model === 'T') continue;
    if (REFUSALS.some((set) => isFailure(implementation, trace, set) && !isFailure(specification, trace, set)))
      return trace.length;
  }
  return undefined;
}

function lengthOf(verdict: Verdict): number | undefined {
  if (verdict.kind !== 'fails') return undefined;
  const { counterexample } = verdict;
  const extra = counterexample.kind === 'trace' ? 1 : 0;
  return counterexample.trace.length + extra;
}

/** `expected` and `verdict` agree as far as traces of LENGTH_MAX can tell. */
function expectSame(verdict: Verdict, expected: number | undefined): void {
  const found = lengthOf(verdict);
  if (expected === undefined) expect(found === undefined || found > LENGTH_MAX).toBe(true);
  else expect(found).toBe(expected);
}

const pairs = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
  .chain(([m, n]) => fc.tuple(graphs(m), graphs(n)));

for (const model of ['T', 'F', 'FD'] as const) {
  test(`refinement in ${model} is what the definition says, with a shortest counterexample`, () => {
    const seen = { holds: 0, fails: 0 };
    fc.assert(
      fc.property(pairs, ([specification, implementation]) => {
        const verdict = refines(model, ltsOf(specification), ltsOf(implementation));
        if (verdict.kind !== 'unknown') seen[verdict.kind]++;
        const expected = shortestViolation(model, specification, implementation);
        const found = lengthOf(verdict);
        if (expected === undefined || expected > LENGTH_MAX)
          expect(found === undefined || found >= LENGTH_MAX).toBe(true);
        else if (verdict.kind === 'fails' && verdict.counterexample.kind === 'trace') {
          // A trace violation of n + 1 events is met in the same layer as refusals and divergences after n.
          expect(found! - expected).toBeLessThanOrEqual(model === 'T' ? 0 : 1);
          expect(found).toBeGreaterThanOrEqual(expected);
        } else expect(found! - expected).toBeLessThanOrEqual(0);
      }),
      { seed: 7, numRuns: 300 },
    );
    expect(Math.min(seen.holds, seen.fails)).toBeGreaterThan(20);
  });
}

const observed = (graph: Graph, length: number): Observations =>
  observationsOf(
    {
      initial: '0',
      edges: new Map(graph.map((steps, state) => [`${state}`, steps.map(([event, to]) => ({ event, to: `${to}` }))])),
    },
    [a, b],
    length,
  );

test('refinement in V, VD, R and RD is what the definitions say, with a shortest counterexample', () => {
  const length = 3;
  const seen = { holds: 0, fails: 0, unknown: 0 };
  fc.assert(
    fc.property(pairs, ([specification, implementation]) => {
      const [all, some] = [observed(specification, length), observed(implementation, length)];
      for (const model of FINE_MODELS) {
        const verdict = refines(model, ltsOf(specification), ltsOf(implementation));
        seen[verdict.kind]++;
        const shortest = Math.min(...excess(model, all, some));
        const found = verdict.kind === 'fails' ? verdict.counterexample.trace.length : Number.POSITIVE_INFINITY;
        // An event too many after as many events as were written down is not seen any more.
        if (shortest < length || found < length) expect(found, model).toBe(shortest);
      }
    }),
    { seed: 8, numRuns: 250 },
  );
  expect(Math.min(seen.holds, seen.fails)).toBeGreaterThan(100);
});

test('a pair that an event leads to, and a tau as well, belongs to the layer of the tau', () => {
  // RUN({b}) against b -> STOP [> STOP: it may refuse b at once, and it stops after b too.
  const specification: Graph = [[[b, 0]]];
  const implementation: Graph = [
    [
      [b, 1],
      [TAU, 1],
    ],
    [],
  ];
  for (const model of FINE_MODELS) {
    const verdict = refines(model, ltsOf(specification), ltsOf(implementation));
    expect(verdict.kind === 'fails' && verdict.counterexample.trace, model).toEqual([]);
  }
});

test('deadlock: a reachable state without steps that tick did not lead to', () => {
  fc.assert(
    fc.property(graphs(4), (graph) => {
      let expected: number | undefined;
      for (const trace of tracesUpTo(LENGTH_MAX)) {
        if (expected !== undefined) break;
        if (after(graph, trace).some((state) => state < graph.length - 1 && graph[state]!.length === 0))
          expected = trace.length;
      }
      expectSame(deadlockFree('F', ltsOf(graph)), expected);
    }),
    { seed: 11, numRuns: 300 },
  );
});

test('divergence: a reachable state with endless taus', () => {
  fc.assert(
    fc.property(graphs(4), (graph) => {
      let expected: number | undefined;
      for (const trace of tracesUpTo(LENGTH_MAX)) {
        if (expected === undefined && divergesAfter(graph, trace)) expected = trace.length;
      }
      expectSame(divergenceFree(ltsOf(graph)), expected);
    }),
    { seed: 12, numRuns: 300 },
  );
});

for (const model of ['F', 'FD'] as const) {
  test(`determinism in ${model}: no event is both accepted and refused after a trace`, () => {
    const seen = { holds: 0, fails: 0, unknown: 0 };
    fc.assert(
      fc.property(graphs(3), (graph) => {
        let shortest: number | undefined;
        for (const trace of tracesUpTo(LENGTH_MAX)) {
          if (shortest !== undefined) break;
          const violated =
            (model === 'FD' && divergesAfter(graph, trace)) ||
            VISIBLE.some((event) => isTrace(graph, [...trace, event]) && isFailure(graph, trace, [event]));
          if (violated) shortest = trace.length;
        }
        const verdict = deterministic(model, ltsOf(graph));
        seen[verdict.kind]++;
        expect(verdict.kind).toBe(shortest === undefined ? 'holds' : 'fails');
        if (verdict.kind !== 'fails') return;
        const { counterexample } = verdict;
        expect(counterexample.trace.length).toBe(shortest);
        if (counterexample.kind === 'divergence') expect(divergesAfter(graph, counterexample.trace)).toBe(true);
        else if (counterexample.kind === 'nondeterminism') {
          expect(isTrace(graph, [...counterexample.trace, counterexample.event])).toBe(true);
          expect(isFailure(graph, counterexample.trace, [counterexample.event])).toBe(true);
        } else throw new Error(`unexpected ${counterexample.kind}`);
      }),
      { seed: 13, numRuns: 400 },
    );
    expect(Math.min(seen.holds, seen.fails)).toBeGreaterThan(20);
  });
}

for (const model of ['T', 'F', 'FD'] as const) {
  test(`has trace in ${model}`, () => {
    const seen = { holds: 0, fails: 0, unknown: 0 };
    fc.assert(
      fc.property(graphs(3), fc.array(fc.constantFrom(a, b), { maxLength: 3 }), (graph, trace) => {
        const prefixes = [...trace.keys()].map((length) => trace.slice(0, length));
        const refused = prefixes.some((prefix, i) => isFailure(graph, prefix, [trace[i]!]));
        const divergent = prefixes.some((prefix) => divergesAfter(graph, prefix));
        const expected = isTrace(graph, trace) && !(model !== 'T' && refused) && !(model === 'FD' && divergent);
        const verdict = hasTrace(model, ltsOf(graph), trace);
        seen[verdict.kind]++;
        expect(verdict.kind).toBe(expected ? 'holds' : 'fails');
        const wrong = prefixes.findIndex(
          (prefix, i) =>
            !isTrace(graph, [...prefix, trace[i]!]) ||
            (model !== 'T' && isFailure(graph, prefix, [trace[i]!])) ||
            (model === 'FD' && divergesAfter(graph, prefix)),
        );
        if (verdict.kind === 'fails') expect(verdict.counterexample.trace.length).toBe(wrong);
      }),
      { seed: 14, numRuns: 400 },
    );
    expect(Math.min(seen.holds, seen.fails)).toBeGreaterThan(20);
  });
}
