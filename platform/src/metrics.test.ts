import fc from 'fast-check';
import { expect, test } from 'vitest';
import { metricsInMemory } from './metrics.ts';

test('counters add, gauges keep the last value, each for its own labels', () => {
  const metrics = metricsInMemory();
  const requests = metrics.counter({ name: 'requests_total', help: 'Requests.', labels: ['method', 'status'] });
  requests.add(1, 'GET', '200');
  requests.add(2, 'GET', '200');
  requests.add(1, 'POST', '200');
  const size = metrics.gauge({ name: 'size', help: 'Size.' });
  size.set(3);
  size.set(2);
  expect(metrics.read().map(({ name, series }) => [name, series])).toEqual([
    [
      'requests_total',
      [
        { labels: ['GET', '200'], value: 3 },
        { labels: ['POST', '200'], value: 1 },
      ],
    ],
    ['size', [{ labels: [], value: 2 }]],
  ]);
});

test('a histogram counts what is at most as large as each bound', () => {
  const bounds = [0.1, 1, 10];
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 20, noNaN: true })), (values) => {
      const metrics = metricsInMemory();
      const histogram = metrics.histogram({ name: 'x', help: 'X.', bounds });
      for (const value of values) histogram.observe(value);
      const [series] = metrics.read()[0]!.series;
      if (values.length === 0) expect(series).toBeUndefined();
      else {
        const atMost = [...bounds, Infinity].map((bound) => values.filter((value) => value <= bound).length);
        expect(series?.buckets).toEqual(atMost);
        expect(series?.value).toBeCloseTo(values.reduce((sum, value) => sum + value, 0));
      }
    }),
    { seed: 5, numRuns: 100 },
  );
});

test('the number of series is bounded, and nothing is lost', () => {
  const metrics = metricsInMemory();
  const counter = metrics.counter({ name: 'x_total', help: 'X.', labels: ['id'] });
  for (let id = 0; id < 5000; id++) counter.add(1, `id${id}`);
  const { series } = metrics.read()[0]!;
  expect(series.length).toBeLessThanOrEqual(1001);
  expect(series.reduce((sum, { value }) => sum + value, 0)).toBe(5000);
  expect(series.find(({ labels }) => labels[0] === 'other')?.value).toBe(4000);
});

test('a metric is declared once, or the same again', () => {
  const metrics = metricsInMemory();
  metrics.counter({ name: 'x_total', help: 'X.' }).add(1);
  metrics.counter({ name: 'x_total', help: 'X.' }).add(1);
  expect(metrics.read()[0]?.series).toEqual([{ labels: [], value: 2 }]);
  expect(() => metrics.gauge({ name: 'x_total', help: 'X.' })).toThrow(/declared twice/);
});
