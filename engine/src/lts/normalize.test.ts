import { expect, test } from 'vitest';
import { Alphabet, type EventId, type Process, Terms, TICK } from '../csp/index.ts';
import { LimitReached, type NormalForm, normalize, normalizeLazily, REFUSED, termLts } from './index.ts';

const terms = new Terms(new Alphabet());
const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [EventId, EventId, EventId];
const { stop, skip, div } = terms;
const normal = (process: Process): NormalForm => normalize(termLts(terms, process));

test('a deterministic clock has one node', () => {
  const clock = terms.call('clock', () => terms.prefix(a, terms.prefix(a, clock)));
  const form = normal(clock);
  expect(form.nodeCount).toBe(1);
  expect(form.after(form.initial, a)).toBe(form.initial);
  expect(form.after(form.initial, b)).toBe(REFUSED);
  expect(form.acceptances(form.initial)).toEqual([[a]]);
});

test('internal choice keeps each minimal acceptance, external choice only the union', () => {
  const left = terms.prefix(a, stop);
  const right = terms.prefix(b, stop);
  const inner = normal(terms.internalChoice([left, right, terms.externalChoice([left, right])]));
  expect(inner.initials(inner.initial)).toEqual([a, b]);
  expect(inner.acceptances(inner.initial)).toEqual([[a], [b]]);
  const outer = normal(terms.externalChoice([left, right]));
  expect(outer.acceptances(outer.initial)).toEqual([[a, b]]);
});

test('tick: accepted by itself, then nothing is required', () => {
  const form = normal(terms.externalChoice([skip, terms.prefix(a, stop)]));
  expect(form.initials(form.initial)).toEqual([TICK, a]);
  expect(form.acceptances(form.initial)).toEqual([[TICK]]);
  const over = form.after(form.initial, TICK);
  expect(form.initials(over)).toEqual([]);
  expect(form.acceptances(over)).toEqual([[]]);
  expect(form.divergent(over)).toBe(false);
});

test('an unstable state that offers tick may still terminate', () => {
  const form = normal(terms.slidingChoice(skip, terms.prefix(a, stop)));
  expect(form.acceptances(form.initial)).toEqual([[TICK], [a]]);
});

test('divergence: a cycle of taus, and whatever reaches one by taus', () => {
  expect(normal(div).divergent(0)).toBe(true);
  expect(normal(div).acceptances(0)).toEqual([]);
  const worker = terms.call('worker', () => terms.prefix(a, worker));
  expect(normal(terms.hide(worker, [a])).divergent(0)).toBe(true);
  const later = normal(terms.prefix(b, terms.internalChoice([stop, div])));
  expect(later.divergent(later.initial)).toBe(false);
  expect(later.divergent(later.after(later.initial, b))).toBe(true);
  expect(later.acceptances(later.after(later.initial, b))).toEqual([[]]);
});

test('equal behavior in different words has one normal form', () => {
  const one = normal(terms.prefix(a, terms.internalChoice([terms.prefix(b, stop), terms.prefix(c, stop)])));
  const other = normal(
    terms.externalChoice([terms.prefix(a, terms.prefix(b, stop)), terms.prefix(a, terms.prefix(c, stop))]),
  );
  expect(other.nodeCount).toBe(one.nodeCount);
  expect(one.nodeCount).toBe(3);
});

test('the n-th event from the end: 2^n nodes, and a limit says so', () => {
  // Ends n events after some a, chosen internally: a classic for which subset construction needs 2^n sets.
  const tail = (n: number): Process =>
    n === 0 ? stop : terms.prefixChoice([a, b].map((event) => ({ event, next: tail(n - 1) })));
  const guess = terms.call('guess', () =>
    terms.prefixChoice([
      { event: a, next: guess },
      { event: b, next: guess },
      { event: a, next: tail(6) },
    ]),
  );
  expect(normal(guess).nodeCount).toBe(2 ** 7);
  expect(() => normalize(termLts(terms, guess), { stateCountMax: 100 })).toThrow(LimitReached);
  expect(() => normalize(termLts(terms, guess), { stopped: () => true })).toThrow(LimitReached);
});

test('lazily: only what is asked about is made', () => {
  const up = (n: number): Process => terms.call(`up ${n}`, () => terms.prefix(a, up(n + 1)));
  const form = normalizeLazily(termLts(terms, up(0)));
  let node = form.initial;
  for (let i = 0; i < 50; i++) node = form.after(node, a);
  expect(form.nodeCount).toBe(51);
});
