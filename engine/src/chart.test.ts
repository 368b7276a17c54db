import { expect, test } from 'vitest';
import { type Chart, chartOf, drawChart } from './chart.ts';
import { Alphabet, type EventId, eventSet, Terms } from './csp/index.ts';

function twoHands() {
  const terms = new Terms(new Alphabet());
  const [a, b, c] = ['a', 'b', 'c'].map((name) => terms.alphabet.intern(name)) as [EventId, EventId, EventId];
  const left = terms.call('LEFT', () => terms.prefix(a, terms.prefix(b, terms.stop)), { name: 'LEFT' });
  const right = terms.call('RIGHT', () => terms.prefix(b, terms.prefix(c, terms.stop)), { name: 'RIGHT' });
  return { terms, a, b, c, system: terms.generalizedParallel([left, right], eventSet([b])) };
}

test('who took part is read off the components that moved', () => {
  const { terms, a, b, c, system } = twoHands();
  const chart: Chart = chartOf(terms, system, [a, b, c]);
  expect(chart).toEqual({
    lanes: [{ name: 'LEFT' }, { name: 'RIGHT' }],
    rows: [
      { event: 'a', participants: [0] },
      { event: 'b', participants: [0, 1] },
      { event: 'c', participants: [1] },
    ],
  });
  expect(drawChart(chart)).toBe(
    [' LEFT   RIGHT', '   ●      │     a', '   ●──────●     b', '   │      ●     c'].join('\n'),
  );
});

test('a behavior that the process does not have is refused', () => {
  const { terms, b, system } = twoHands();
  expect(() => chartOf(terms, system, [b])).toThrow(RangeError);
});

test('one event may lead to several terms: the path that goes on is found', () => {
  const { terms, a, b, c } = twoHands();
  const choice = terms.externalChoice([
    terms.prefix(a, terms.prefix(b, terms.stop)),
    terms.prefix(a, terms.prefix(c, terms.stop)),
  ]);
  expect(chartOf(terms, choice, [a, c]).rows.map((row) => row.event)).toEqual(['a', 'c']);
});

test('many lanes are numbered', () => {
  const lanes = Array.from({ length: 12 }, (_, i) => ({ name: `PHILOSOPHER(${i})` }));
  const [legend, , head, row] = drawChart({ lanes, rows: [{ event: 'picks.0.1', participants: [0, 11] }] }).split('\n');
  expect(legend).toContain('12 PHILOSOPHER(11)');
  expect(head!.trim().split(/ +/)).toEqual(lanes.map((_, i) => `${i + 1}`));
  expect(row).toMatch(/^ *●[─┼]*● +picks\.0\.1$/);
});
