import { expect, test } from 'vitest';
import { heaviest } from './heaviest.ts';

const frame = (functionName: string, lineNumber = 0) => ({ functionName, url: 'file:///a.js', lineNumber });

test('own time, summed over samples and threads, without idle time', () => {
  const nodes = [
    { id: 1, callFrame: frame('(idle)') },
    { id: 2, callFrame: frame('f', 4) },
    { id: 3, callFrame: frame('g') },
    // The same function called from elsewhere is the same function.
    { id: 4, callFrame: frame('f', 4) },
  ];
  const one = { nodes, samples: [1, 2, 3, 4], timeDeltas: [1000, 10, 30, 20] };
  const thread = { nodes, samples: [2], timeDeltas: [40] };
  expect(heaviest([one, thread], 5)).toEqual([
    { name: 'f', file: 'file:///a.js', line: 5, weight: 70, part: 0.7 },
    { name: 'g', file: 'file:///a.js', line: 1, weight: 30, part: 0.3 },
  ]);
  expect(heaviest([one], 1).map(({ name }) => name)).toEqual(['f']);
});

test('own allocations of a tree', () => {
  const leaf = { callFrame: frame('leaf'), selfSize: 300, children: [] };
  const head = {
    callFrame: frame('(root)'),
    selfSize: 0,
    children: [{ callFrame: frame('top'), selfSize: 100, children: [leaf, leaf] }],
  };
  expect(heaviest([{ head }], 2)).toMatchObject([
    { name: 'leaf', weight: 600, part: 600 / 700 },
    { name: 'top', weight: 100 },
  ]);
});
