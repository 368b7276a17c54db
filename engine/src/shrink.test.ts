/** Counterexamples with the least data, and the least trace among the shortest: against trying everything. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { recipes } from '../../tests/reference/arbitrary.ts';
import { type Behavior, behaviorOf } from '../../tests/reference/behavior.ts';
import { explore } from '../../tests/reference/graph.ts';
import { ALL_OPS } from '../../tests/reference/random-recipe.ts';
import { build } from '../../tests/reference/recipe.ts';
import { check } from './check.ts';
import { Alphabet, type EventId, inEventOrder, type Process, Terms, TICK } from './csp/index.ts';
import { compile } from './lts/index.ts';
import {
  type Asked,
  type Counterexample,
  deadlockFree,
  deterministic,
  leastCounterexample,
  refines,
  type Verdict,
} from './refine/index.ts';
import { replayReport } from './replay-report.ts';
import { shrinkData } from './shrink.ts';

const LIMITS = { stateCountMax: 2000 };
const options = { file: 'script.csp', now: () => 0 };

function shrunk(source: string, only = 0) {
  const found = shrinkData(source, { ...options, only });
  if (found === undefined) return undefined;
  const replayed = replayReport(found.source, [found.assertion], options);
  expect(replayed).toMatchObject([{ verdict: 'valid' }]);
  return found;
}

const told = (source: string, only = 0) => shrunk(source, only)?.numbers.map(({ name, least }) => `${name} = ${least}`);

test('constants and types shrink, each to the least value with which it still fails', () => {
  const source = `
    N = 5
    nametype Id = {0..7}
    datatype Message = hello.{1..4} | bye
    channel c : Id.{3, 4, 9}.Message
    channel d : {0..N}
    P = c?x?y?m -> d?z -> if z > 1 then STOP else P
    assert P :[deadlock free [F]]`;
  const found = shrunk(source);
  expect(found?.numbers.map(({ name, given, least }) => [name, given, least])).toEqual([
    ['N', '5', '2'],
    ['nametype Id', '{0..7}', '{0..0}'],
    ['hello', '{1..4}', '{1..1}'],
    ['channel c', '{3, 4, 9}', '{3}'],
  ]);
  expect(found?.complete).toBe(true);
  expect(found?.assertion.counterexample?.trace).toEqual(['c.0.3.bye', 'd.2']);
});

test('what no number can be made smaller alone is what trying all of them says', () => {
  const fails = (n: number, m: number): boolean => (n * n + m) % 5 === 3 && n + m > 3;
  const script = (n: number, m: number) =>
    `N = ${n}\nM = ${m}\nchannel c\nP = if (N * N + M) % 5 == 3 and N + M > 3 then STOP else c -> P\nassert P :[deadlock free [F]]`;
  for (const [n, m] of [
    [7, 9],
    [6, 7],
    [8, 4],
    [3, 4],
  ] as const) {
    const found = shrunk(script(n, m));
    expect(found === undefined).toBe(!fails(n, m));
    if (found === undefined) continue;
    const [, N, M] = /N = (\d+)\nM = (\d+)/.exec(found.source)!.map(Number) as [number, number, number];
    expect(fails(N, M)).toBe(true);
    for (let less = 0; less < N; less++) expect(fails(less, M), `N = ${less}`).toBe(false);
    for (let less = 0; less < M; less++) expect(fails(N, less), `M = ${less}`).toBe(false);
  }
});

test('a number is tried again when another has become smaller', () => {
  const source = 'N = 5\nM = 5\nchannel c\nP = if N >= M then STOP else c -> P\nassert P :[deadlock free [F]]';
  expect(told(source)).toEqual(['N = 0', 'M = 0']);
});

test('what is wrong, or fails in another way, is not taken', () => {
  // With 3 and 4 there is nothing to refute; below, the event is outside its channel.
  const wrong =
    'N = 6\nchannel c : {0..N}\nP = c.3 -> if N < 5 then STOP else P |~| P\nassert not c.3 -> c.3 -> STOP [T= P';
  expect(told(wrong)).toEqual(['N = 5']);
  // Below 3 it diverges, which is another story.
  expect(told('N = 5\nchannel c\nassert STOP [FD= if N > 2 then c -> STOP else DIV')).toEqual(['N = 3']);
  expect(told('N = 3\nchannel c\nassert STOP [T= c -> STOP')).toEqual(['N = 0']);
  expect(told('N = 3\nchannel c\nassert c -> STOP [T= STOP')).toBeUndefined();
});

test('a refuted denial shrinks too; limits end the search, and it says so', () => {
  const source =
    'N = 9\nchannel c : {0..9}\nP(i) = c.i -> if i == 7 then STOP else P(i + 1)\nassert not P(0) :[deadlock free [F]]';
  expect(told(source)).toEqual(['N = 0', 'channel c = {0..7}']);
  const limited = shrinkData(source, { ...options, only: 0, checkCountMax: 3 });
  expect(limited).toMatchObject({ complete: false, checks: 3 });
});

test('of the shortest traces the least is told', () => {
  const source = `channel c : {0..12}
    P = ([] x : {12, 9, 10} @ c.x -> c.2 -> STOP) |~| c.9 -> c.11 -> STOP
    assert (c?x -> STOP) [T= P`;
  const [found] = check(source, { ...options, leastTrace: true }).assertions;
  expect(found?.counterexample).toMatchObject({ trace: ['c.9'], event: 'c.2' });
  expect(['c.10', 'c.9', 'b', 'c', 'c.9.a', '✓'].sort(inEventOrder)).toEqual(['b', 'c', 'c.9', 'c.9.a', 'c.10', '✓']);
});

test('… as trying all traces of that length says', () => {
  const terms = new Terms(new Alphabet());
  const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [EventId, EventId, EventId];
  const shape = { size: 9, events: 3, ops: ALL_OPS };
  const compared = new Map<string, number>();
  const same = (asked: Asked, verdict: Verdict, processes: readonly Process[]) => {
    if (verdict.kind !== 'fails' || verdict.counterexample.trace.length > 4) return;
    const { counterexample: found } = verdict;
    const least = leastCounterexample(asked, found, {});
    const behaviors = processes.map((one) => behaviorOf(explore(terms, one))) as [Behavior, Behavior];
    const strict = asked.model === 'FD' && asked.specification !== undefined;
    const expected = tracesOf([a, b, c, TICK], found.trace.length).find((trace) =>
      isWrong(strict, found.kind, ...behaviors, trace),
    );
    expect(least.kind).toBe(found.kind);
    expect(least.trace, `${asked.model} ${found.kind}`).toEqual(expected);
    compared.set(found.kind, (compared.get(found.kind) ?? 0) + 1);
  };
  fc.assert(
    fc.property(recipes(shape), recipes(shape), (left, right) => {
      const [specification, process] = [build(terms, left), build(terms, right)];
      const [spec, impl] = [specification, process].map((one) => compile(terms, one)) as [never, never];
      for (const model of ['T', 'F', 'FD'] as const) {
        const asked = { model, specification: spec, process: impl };
        same(asked, refines(model, spec, impl, LIMITS), [specification, process]);
        if (model === 'T') continue;
        same({ model, process: impl }, deadlockFree(model, impl, LIMITS), [process, process]);
        same({ model, process: impl }, deterministic(model, impl, LIMITS), [process, process]);
      }
    }),
    { seed: 41, numRuns: 200 },
  );
  for (const kind of ['trace', 'refusal', 'divergence', 'deadlock', 'nondeterminism'])
    expect(compared.get(kind), kind).toBeGreaterThan(10);
});

/** All traces of a length, in order of their letters. */
function tracesOf(letters: readonly EventId[], length: number): readonly (readonly EventId[])[] {
  if (length === 0) return [[]];
  const shorter = tracesOf(letters, length - 1);
  return letters.flatMap((letter) => shorter.map((rest) => [letter, ...rest]));
}

function isWrong(
  strict: boolean,
  kind: Counterexample['kind'],
  specification: Behavior,
  process: Behavior,
  trace: readonly EventId[],
): boolean {
  let [spec, impl] = [specification, process];
  for (const event of trace) {
    if (strict && spec.divergent) return false;
    if (!impl.initials.includes(event) || !spec.initials.includes(event)) return false;
    [spec, impl] = [spec.after(event), impl.after(event)];
  }
  if (strict && spec.divergent) return false;
  if (kind === 'divergence') return impl.divergent;
  if (kind === 'deadlock') return trace.at(-1) !== TICK && impl.acceptances.some((accepted) => accepted.size === 0);
  if (kind === 'nondeterminism')
    return impl.initials.some((event) => impl.acceptances.some((accepted) => !accepted.has(event)));
  if (kind === 'trace') return impl.initials.some((event) => !spec.initials.includes(event));
  return impl.acceptances.some(
    (accepted) => !spec.acceptances.some((required) => [...required].every((event) => accepted.has(event))),
  );
}
