/**
 * Composites of runtime processes against the firing rules: all maximal traces found by running every interleaving are the maximal traces of the
 * transition system of the same composite written in CSPM.
 */
import { load } from '@enhanced-csp/engine';
import { TAU, TICK } from '@enhanced-csp/engine/csp';
import { type StateId, Transitions, termLts } from '@enhanced-csp/engine/lts';
import { type Composite, CSPEngine, choice, compose, composite, explore } from '@enhanced-csp/engine/runtime';
import { describe, expect, test } from 'vitest';

const { sequential, parallel, alphabetized, interleave, hide, rename, interrupt } = composite;

let made = 0;
/** Performs the letters of a word. */
const word = (letters: string): Composite =>
  composite.process(`p${made++}`, [...new Set(letters)], function* (perform) {
    for (const letter of letters) yield* perform(letter);
  });

/** Performs one of the letters. */
const either = (letters: string): Composite =>
  composite.process(`p${made++}`, [...letters], function* (perform) {
    yield* choice(Object.fromEntries([...letters].map((letter) => [letter, perform(letter)])));
  });

const TABLE: readonly (readonly [csp: string, system: () => Composite])[] = [
  ['a -> b -> SKIP', () => word('ab')],
  ['(a -> SKIP) ; (b -> SKIP) ; (a -> SKIP)', () => sequential(word('a'), word('b'), word('a'))],
  ['(a -> b -> SKIP) ||| (c -> SKIP)', () => interleave(word('ab'), word('c'))],
  ['(a -> SKIP) ||| (a -> SKIP)', () => interleave(word('a'), word('a'))],
  ['(a -> c -> SKIP) [|{c}|] (b -> c -> SKIP)', () => parallel(word('ac'), 'c', word('bc'))],
  ['(a -> b -> SKIP) [|{a, b}|] (b -> a -> SKIP)', () => parallel(word('ab'), 'ab', word('ba'))],
  ['(a -> SKIP) [|{c}|] (c -> SKIP)', () => parallel(word('a'), 'c', word('c'))],
  ['(a -> b -> SKIP) [{a, b} || {b, c}] (b -> c -> SKIP)', () => alphabetized(word('ab'), 'ab', 'bc', word('bc'))],
  ['(a -> b -> SKIP) [{a} || {b}] (b -> a -> SKIP)', () => alphabetized(word('ab'), 'a', 'b', word('ba'))],
  ['(a -> b -> SKIP) [] (c -> SKIP)', () => composite.choice(word('ab'), word('c'))],
  ['(a -> b -> SKIP) [] (a -> c -> SKIP)', () => composite.choice(word('ab'), word('ac'))],
  [
    '((a -> b -> SKIP) [] (c -> SKIP)) [|{a, c}|] (c -> SKIP)',
    () => parallel(composite.choice(word('ab'), word('c')), 'ac', word('c')),
  ],
  ['((a -> b -> SKIP) \\ {a}) [] (c -> SKIP)', () => composite.choice(hide(word('ab'), 'a'), word('c'))],
  ['((a -> SKIP) ||| (b -> SKIP)) [] (c -> SKIP)', () => composite.choice(interleave(word('a'), word('b')), word('c'))],
  ['(a -> b -> SKIP) \\ {a}', () => hide(word('ab'), 'a')],
  ['((a -> b -> SKIP) [|{a}|] (a -> c -> SKIP)) \\ {a}', () => hide(parallel(word('ab'), 'a', word('ac')), 'a')],
  ['((a -> SKIP) \\ {a}) [|{a}|] (a -> SKIP)', () => parallel(hide(word('a'), 'a'), 'a', word('a'))],
  ['(a -> b -> SKIP)[[a <- c]]', () => rename(word('ab'), { a: 'c' })],
  ['(a -> b -> SKIP)[[a <- b, b <- a]]', () => rename(word('ab'), { a: 'b', b: 'a' })],
  [
    '((a -> SKIP) [|{a, b}|] (b -> SKIP))[[a <- c, b <- c]]',
    () => rename(parallel(word('a'), 'ab', word('b')), { a: 'c', b: 'c' }),
  ],
  [
    '((a -> SKIP) [] (b -> SKIP))[[b <- a]] [|{a}|] (a -> c -> SKIP)',
    () => parallel(rename(either('ab'), { b: 'a' }), 'a', word('ac')),
  ],
  ['(a -> b -> SKIP) /\\ (c -> SKIP)', () => interrupt(word('ab'), word('c'))],
  ['((a -> b -> SKIP) /\\ (c -> SKIP)) ; (d -> SKIP)', () => sequential(interrupt(word('ab'), word('c')), word('d'))],
  [
    '(((a -> SKIP) ||| (b -> SKIP)) [|{a}|] (a -> SKIP)) ; (c -> SKIP)',
    () => sequential(parallel(interleave(word('a'), word('b')), 'a', word('a')), word('c')),
  ],
  [
    '((a -> SKIP) ||| (a -> SKIP)) [|{a}|] (a -> b -> SKIP)',
    () => parallel(interleave(word('a'), word('a')), 'a', word('ab')),
  ],
];

describe('every interleaving of a composite does what the firing rules say', () => {
  test.each(TABLE)('%s', (csp, system) => {
    const { outcomes, complete } = explore(
      (network) => {
        const happened: string[] = [];
        const whole = compose(network, 'system', system(), (event) => happened.push(event));
        return () => `${happened.join('')} ${whole.status}`;
      },
      { schedules: 'all', schedulesMax: 200_000 },
    );
    expect(complete).toBe(true);
    const found = outcomes.map(({ kind, observed }) => {
      expect(observed!.endsWith('done')).toBe(kind === 'terminated');
      return `${observed!.split(' ')[0]} ${kind}`;
    });
    expect([...new Set(found)].sort()).toEqual([...maximalTraces(csp)].sort());
  });
});

/** Every way through the transition system to its end, taus left out. */
function maximalTraces(csp: string): Set<string> {
  const { diagnostics, evaluation } = load(`channel a, b, c, d\nSYSTEM = ${csp}\nassert SYSTEM :[deadlock free [F]]`, {
    file: 'model.csp',
  });
  const assertion = evaluation?.assertions[0];
  if (evaluation === undefined || assertion?.form !== 'property') throw new Error(JSON.stringify(diagnostics));
  const lts = termLts(evaluation.terms, assertion.process());
  const traces = new Set<string>();
  const walk = (state: StateId, trace: string) => {
    const next = new Transitions();
    lts.successors(state, next);
    if (next.length === 0) traces.add(`${trace} deadlock`);
    for (let i = 0; i < next.length; i++) {
      const event = next.eventAt(i);
      if (event === TICK) traces.add(`${trace} terminated`);
      else walk(next.targetAt(i), event === TAU ? trace : trace + lts.alphabet.nameOf(event));
    }
  };
  walk(lts.initial, '');
  return traces;
}

test('the engine runs composites, and gives their trace', async () => {
  const engine = new CSPEngine();
  const { composite: operators } = engine;
  const system = engine.compose('system', operators.sequential(word('ab'), operators.hide(word('cd'), ['c'])));
  expect(await engine.run(system)).toEqual(['a', 'b', 'd']);
  await engine.stop();
});

test('a process that fails fails its composite; one that performs what is not its own is told so', async () => {
  const engine = new CSPEngine();
  const stranger = composite.process('stranger', ['a'], function* (perform) {
    yield* perform('b');
  });
  const system = engine.compose('system', composite.interleave(word('a'), stranger));
  await expect(engine.run(system)).rejects.toThrow(/stranger.*performs b, which is not in its alphabet \{a\}/);
  await engine.stop();
});
