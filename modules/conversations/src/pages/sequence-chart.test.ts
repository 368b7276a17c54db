import type { Leaf } from '@enhanced-csp/engine/audit';
import { expect, test } from 'vitest';
import { expectedInstead, sequenceChart } from './sequence-chart.ts';

const place = { v: 1, log: 'conv_1', at: '2026-01-01T00:00:00Z' } as const;
const leaves: readonly Leaf[] = [
  { ...place, seq: 1, kind: 'event', role: 'buyer', event: 'offer.buyer.seller.3' },
  {
    ...place,
    seq: 2,
    kind: 'refusal',
    role: 'seller',
    event: 'pay.<seller>',
    reason: 'not yours',
    expected: ['take.seller'],
  },
  { ...place, seq: 3, kind: 'event', role: 'seller', event: 'timeout.seller' },
  { ...place, seq: 4, kind: 'closed', reason: 'stopped' },
];
const chart = sequenceChart(['buyer', 'seller'], leaves).text;

test('an accepted message is an arrow from its performer to its receiver', () => {
  const [, from, to] = /<line x1="(\d+)" y1="\d+" x2="(\d+)" y2="\d+" stroke="var\(--accent\)"/.exec(chart)!;
  expect(Number(from)).toBeLessThan(Number(to));
  expect(chart.match(/marker-end/g)).toHaveLength(1);
});

test('an event performed alone is a dot, a refusal a red cross with what was expected', () => {
  expect(chart.match(/<circle/g)).toHaveLength(1);
  expect(chart).toMatch(/refused: not yours<\/text>.*expected take.seller/);
});

test('what was only observed is a red arrow that says what is wrong', () => {
  const observed: Leaf = {
    ...place,
    seq: 1,
    kind: 'unlawful',
    role: 'seller',
    event: 'bill.seller.buyer',
    reason: 'not now',
    expected: [],
  };
  const { text } = sequenceChart(['buyer', 'seller'], [observed]);
  expect(text).toMatch(/stroke="var\(--bad\)" stroke-width="1.5" marker-end="url\(#head-bad\)"/);
  expect(text).toContain('bill.seller.buyer delivered though unlawful: not now');
});

test('a long name beside the last lane is within the picture', () => {
  const alone: Leaf = { ...place, seq: 1, kind: 'event', role: 'seller', event: `timeout.seller.${'x'.repeat(60)}` };
  const [, width, at] = /viewBox="0 0 (\d+) .*<text x="(\d+)" y="\d+" fill="var\(--ink\)">timeout/s.exec(
    sequenceChart(['buyer', 'seller'], [alone]).text,
  )!;
  expect(Number(width) - Number(at)).toBeGreaterThan(75 * 7);
});

test('what agents say cannot become markup', () => {
  expect(chart).not.toContain('<seller>');
  expect(chart).toContain('pay.&lt;seller&gt;');
});

test('whoever is no role gets a lane too', () => {
  const environment: Leaf = { ...place, seq: 1, kind: 'event', role: 'environment', event: 'night' };
  expect(sequenceChart(['buyer'], [environment]).text).toContain('>environment</text>');
});

test('no inline style: the content security policy of the pages ignores it', () => {
  expect(chart).not.toContain('style=');
});

test('long expected sets are cut, with their number', () => {
  expect(expectedInstead(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('; expected a, b, c or 3 others');
  expect(expectedInstead(['a', 'b', 'c', 'd'])).toBe('; expected a, b, c or 1 other');
});
