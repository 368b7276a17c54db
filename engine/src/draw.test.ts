import { describe, expect, test } from 'vitest';
import { type Connections, connectionsOf } from './connections.ts';
import type { Process, Terms } from './csp/index.ts';
import { parseExpression } from './cspm/index.ts';
import { draw } from './draw.ts';
import { layeredLayout } from './layered-layout.ts';
import { load } from './load.ts';
import { stateGraph } from './state-graph.ts';

function processOf(source: string, name = 'SYSTEM'): { readonly terms: Terms; readonly process: Process } {
  const evaluation = load(source, { file: 'script.csp' }).evaluation!;
  const { expression } = parseExpression(name, { file: 'PROCESS' });
  return { terms: evaluation.terms, process: evaluation.process(expression!) };
}

function connections(source: string): Connections {
  const { terms, process } = processOf(source);
  return connectionsOf(terms, process);
}

const TABLE = `
  channel picks, puts : {0..4}.{0..4}
  channel eats : {0..4}
  FORK(j) = picks?i:{j, (j + 4) % 5}!j -> puts.i.j -> FORK(j)
  PHIL(i) = picks.i.i -> picks.i.(i + 1) % 5 -> eats.i -> puts.i.(i + 1) % 5 -> puts.i.i -> PHIL(i)
  SYSTEM = (||| i : {0..4} @ PHIL(i)) [|{|picks, puts|}|] (||| j : {0..4} @ FORK(j))`;

describe('connections', () => {
  test('philosophers: each with the two forks beside him, and with nobody else', () => {
    const { components, links } = connections(TABLE);
    expect(components.map(({ name }) => name)).toEqual(
      [0, 1, 2, 3, 4].map((i) => `PHIL(${i})`).concat([0, 1, 2, 3, 4].map((j) => `FORK(${j})`)),
    );
    const expected = [0, 1, 2, 3, 4].flatMap((i) => [i, (i + 1) % 5].map((j) => `${i},${5 + j}`));
    expect(links.map(({ members }) => `${members}`).sort()).toEqual(expected.sort());
    expect(links.find(({ members }) => `${members}` === '0,6')?.events).toEqual(['picks.0.1', 'puts.0.1']);
    expect(components[0]?.alone).toEqual(['eats']);
  });

  test('what is hidden is known to be; what is renamed has the name at the place where it joins', () => {
    const { links } = connections(`
      channel a, b, c
      P = a -> P
      Q = b -> c -> Q
      SYSTEM = (P[[a <- b]] [|{b, c}|] Q) \\ {b}`);
    // P never does c, so Q's c never happens: there is no connection by it.
    expect(links).toEqual([{ members: [0, 1], events: ['b'], hidden: ['b'] }]);
  });

  test('all whose alphabet has an event meet in it', () => {
    const { links } = connections(`
      channel a, b
      P = a -> b -> P
      SYSTEM = || i : {0..2} @ [if i == 0 then {a} else {a, b}] P`);
    expect(links.map(({ members, events }) => ({ members, events }))).toEqual([
      { members: [0, 1, 2], events: ['a'] },
      { members: [1, 2], events: ['b'] },
    ]);
  });
});

describe('states', () => {
  const source = `
    channel a, b
    channel m : {0..2}
    SYSTEM = a -> (b -> SYSTEM [] m?x -> STOP) [] b -> SKIP`;

  test('all of a small process, with what each state is', () => {
    const { terms, process } = processOf(source);
    const { states, edges } = stateGraph(terms, process, 80);
    expect(states.map(({ kind, depth }) => [kind, depth])).toEqual([
      ['alive', 0],
      ['alive', 1],
      ['alive', 1],
      ['stuck', 2],
      ['terminated', 2],
    ]);
    expect(edges).toEqual([
      { from: 0, to: 1, labels: ['a'] },
      { from: 0, to: 2, labels: ['b'] },
      { from: 1, to: 0, labels: ['b'] },
      { from: 1, to: 3, labels: ['m.0', 'm.1', 'm.2'] },
      { from: 2, to: 4, labels: ['✓'] },
    ]);
  });

  test('of an endless one as many as asked for, and it is said that there are more', () => {
    const { terms, process } = processOf('channel up\nC(n) = up -> C(n + 1)\nSYSTEM = C(0)');
    const { states } = stateGraph(terms, process, 5);
    expect(states.map(({ kind }) => kind)).toEqual(['alive', 'alive', 'alive', 'alive', 'open']);
    const svg = draw(terms, process, { as: 'lts', format: 'svg', title: 'C', stateCountMax: 5 });
    expect(svg).toContain('1 with steps that are not shown');
  });
});

describe('layout', () => {
  test('nothing covers anything else, whatever the graph', () => {
    // A fixed sequence of graphs: edges between all kinds of columns.
    let seed = 1;
    const next = (bound: number): number => {
      seed = (seed * 48271) % 2147483647;
      return seed % bound;
    };
    for (let round = 0; round < 30; round++) {
      const nodes = Array.from({ length: 2 + next(12) }, (_, i) => ({
        layer: i === 0 ? 0 : 1 + next(4),
        width: 32,
        above: 16 + next(30),
        below: 16,
      }));
      const edges = Array.from({ length: next(25) }, () => ({
        from: next(nodes.length),
        to: next(nodes.length),
        width: 20 + next(100),
        height: 15,
      }));
      const layout = layeredLayout(nodes, edges);
      const boxes = [
        ...nodes.map(({ width, above, below }, i) => {
          const { x, y } = layout.nodes[i]!;
          return { left: x - width / 2, right: x + width / 2, top: y - above, bottom: y + below };
        }),
        ...edges.flatMap(({ from, to, width, height }, i) => {
          const { x, y } = layout.edges[i]!.label;
          const box = { left: x - width / 2, right: x + width / 2, top: y - height / 2, bottom: y + height / 2 };
          return from === to ? [] : [box];
        }),
      ];
      for (const [i, a] of boxes.entries()) {
        expect(a.top).toBeGreaterThan(-0.001);
        expect(a.bottom).toBeLessThan(layout.height + 0.001);
        expect(a.left).toBeGreaterThan(-0.001);
        expect(a.right).toBeLessThan(layout.width + 0.001);
        for (const b of boxes.slice(i + 1))
          expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
      }
    }
  });

  test('a chain is a straight line', () => {
    const nodes = [0, 1, 2, 3].map((layer) => ({ layer, width: 32, above: 16, below: 16 }));
    const edges = [0, 1, 2].map((from) => ({ from, to: from + 1, width: 40, height: 15 }));
    const layout = layeredLayout(nodes, edges);
    expect(new Set([...layout.nodes, ...layout.edges.map(({ label }) => label)].map(({ y }) => y)).size).toBe(1);
    expect(layout.nodes.map(({ x }) => x)).toEqual([...layout.nodes.map(({ x }) => x)].sort((a, b) => a - b));
  });
});

describe('pictures', () => {
  const PICTURES = [
    ['network', TABLE],
    ['lts', 'channel a, b\nSYSTEM = a -> SYSTEM [] b -> (a -> STOP |~| SKIP)'],
  ] as const;

  test.each(PICTURES)('the SVG of a %s is well formed, and says what it shows', (as, source) => {
    const { terms, process } = processOf(source);
    const svg = draw(terms, process, { as, format: 'svg', title: 'A < B & "C"', stateCountMax: 80 });
    expect(svg).toMatch(/^<svg [^>]*role="img" aria-labelledby="title description">/);
    expect(svg).toContain('A &lt; B &amp; &quot;C&quot;</title>');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
    expect(unbalanced(svg)).toEqual([]);
  });

  test('the reader of tags finds what is not closed', () => {
    expect(unbalanced('<svg><g><path/></svg>')).not.toEqual([]);
  });

  test.each(PICTURES)('DOT and text of a %s have every node', (as, source) => {
    const { terms, process } = processOf(source);
    const options = { as, title: 'S', stateCountMax: 80 } as const;
    const dot = draw(terms, process, { ...options, format: 'dot' });
    const text = draw(terms, process, { ...options, format: 'text' });
    for (const name of as === 'network' ? ['PHIL(4)', 'FORK(0)'] : ['"0"', '"4"']) expect(dot).toContain(name);
    expect(dot.split('{').length).toBe(dot.split('}').length);
    expect(text).toContain(as === 'network' ? 'PHIL(0) and FORK(1): picks.0.1, puts.0.1' : 'nothing can happen');
  });

  test('the same process always gives the same picture', () => {
    const pictures = [1, 2].map(() => {
      const { terms, process } = processOf(TABLE);
      return draw(terms, process, { as: 'network', format: 'svg', title: 'TABLE', stateCountMax: 80 });
    });
    expect(pictures[0]).toBe(pictures[1]);
  });

  test('one component alone, and one state alone, have a picture too', () => {
    const { terms, process } = processOf('SYSTEM = STOP');
    for (const as of ['network', 'lts'] as const) {
      const svg = draw(terms, process, { as, format: 'svg', title: 'STOP', stateCountMax: 1 });
      expect(svg).not.toMatch(/NaN|Infinity/);
      expect(unbalanced(svg)).toEqual([]);
    }
  });
});

/** Tags that are opened and not closed in their place, read without an XML parser. */
function unbalanced(xml: string): string[] {
  const open: string[] = [];
  for (const [, close, name, self] of xml.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (close === '/') {
      if (open.pop() !== name) return [name!];
    } else if (self !== '/') open.push(name!);
  }
  return open;
}
