/** The components of a process and their channels as a picture: SVG, DOT or text. */
import { type Connections, channelsOf, type Link } from './connections.ts';
import { quoted } from './draw-states.ts';
import type { Point, Size } from './layered-layout.ts';
import { type Box, escaped, LINE_HEIGHT, label, linesOf, px, svg, textWidth } from './svg.ts';

const BOX_HEIGHT = 48;
const LABEL_LINES_MAX = 4;

/** Components up to which the best order round the circle is looked for; beyond, neighbors are put side by side and left so. */
const IMPROVED_MAX = 40;

/** Counts of a network, in words. */
export function networkInWords({ components, links }: Connections): string {
  const channels = new Set(links.flatMap(({ events }) => channelsOf(events)));
  return `${counted(components.length, 'component')}, ${counted(links.length, 'connection')} by ${counted(channels.size, 'channel')}`;
}

/**
 * The network as SVG: components on an ellipse, those that talk to each other side by side; one that talks to all others in the middle. Connections that
 * are hidden outside are dashed.
 *
 * @example
 * networkAsSvg('TABLE', connectionsOf(terms, table));
 */
export function networkAsSvg(title: string, connections: Connections): string {
  const { components, links } = connections;
  const width = Math.max(
    96,
    ...components.flatMap(({ name, alone }) => [textWidth(name, 8.4) + 28, textWidth(ownWords(alone), 6) + 20]),
  );
  const labels = links.map((link) => linesOf(channelsOf(link.events), LABEL_LINES_MAX));
  const largest = {
    width: Math.max(0, ...labels.flat().map((line) => textWidth(line) + 6)),
    height: Math.max(0, ...labels.map((lines) => lines.length * LINE_HEIGHT)),
  };
  const places = placesOf(connections, width, largest);
  const boxes = places.map(({ x, y }): Box => ({ x: x - width / 2, y: y - BOX_HEIGHT / 2, width, height: BOX_HEIGHT }));

  const taken = [...boxes];
  const labelAt: Point[] = [];
  // Two at a time first: they have less choice of where to stand.
  for (const [i, link] of [...links.entries()].sort(([, a], [, b]) => a.members.length - b.members.length)) {
    const size = {
      width: Math.max(...labels[i]!.map((line) => textWidth(line))) + 10,
      height: labels[i]!.length * LINE_HEIGHT + 4,
    };
    labelAt[i] = spotFor(link, places, size, taken);
    taken.push(around(labelAt[i], size));
  }
  const drawn = [
    ...links.map((link, i) => drawLink(link, places, labelAt[i]!)),
    ...links.map((link, i) => label(labels[i]!, labelAt[i]!.x, labelAt[i]!.y, 'event', aboutLink(link, components))),
    ...components.map((component, i) => drawComponent(component, places[i]!, boxes[i]!)),
  ];
  const left = Math.min(...taken.map(({ x }) => x));
  const top = Math.min(...taken.map(({ y }) => y));
  const size = {
    width: Math.max(...taken.map((box) => box.x + box.width)) - left,
    height: Math.max(...taken.map((box) => box.y + box.height)) - top,
  };
  const description = `${networkInWords(connections)}. ${links.map((link) => `${aboutLink(link, components)}.`).join(' ')}`;
  return svg(size, `The network of ${title}`, description, [
    `<g transform="translate(${px(-left)} ${px(-top)})">`,
    ...drawn,
    '</g>',
  ]);
}

function drawComponent({ name, alone }: Connections['components'][number], { x, y }: Point, box: Box): string {
  const own = ownWords(alone);
  return (
    `<g><title>${escaped(alone.length === 0 ? name : `${name}, by itself: ${alone.join(', ')}`)}</title>` +
    `<rect class="node" x="${px(box.x)}" y="${px(box.y)}" width="${px(box.width)}" height="${px(box.height)}" rx="9"/>` +
    `<text class="name" x="${px(x)}" y="${px(own === '' ? y : y - 8)}">${escaped(name)}</text>` +
    (own === '' ? '' : `<text class="quiet" x="${px(x)}" y="${px(y + 11)}">${escaped(own)}</text>`) +
    '</g>'
  );
}

/** Channels a component uses by itself, as they fit into its box. */
function ownWords(alone: readonly string[]): string {
  return alone.length <= 3 ? alone.join(', ') : `${alone.slice(0, 3).join(', ')}, …`;
}

function drawLink({ members, events, hidden }: Link, places: readonly Point[], middle: Point): string {
  const look = hidden.length === events.length ? 'line unseen' : 'line';
  const ends = members.map((member) => places[member]!);
  if (ends.length === 2) {
    const [from, to] = ends as [Point, Point];
    return `<path class="${look}" d="M${at(from)} Q${at(bend(from, to, middle))} ${at(to)}"/>`;
  }
  return ends.map((end) => `<path class="${look}" d="M${at(middle)} L${at(end)}"/>`).join('');
}

/** The control point with which a curve from one point to another passes `middle`. */
function bend(from: Point, to: Point, middle: Point): Point {
  return { x: 2 * middle.x - (from.x + to.x) / 2, y: 2 * middle.y - (from.y + to.y) / 2 };
}

function at({ x, y }: Point): string {
  return `${px(x)} ${px(y)}`;
}

function aboutLink({ members, events, hidden }: Link, components: Connections['components']): string {
  const names = members.map((member) => components[member]!.name);
  const who = `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
  const unseen =
    hidden.length === 0
      ? ''
      : hidden.length === events.length
        ? ', hidden'
        : `, of which hidden: ${linesOf(hidden, 6).join(', ')}`;
  return `${who}: ${linesOf(events, 12).join(', ')}${unseen}`;
}

/** The middle of the members, or the nearest place round it that is free. */
function spotFor({ members }: Link, places: readonly Point[], size: Size, taken: readonly Box[]): Point {
  const ends = members.map((member) => places[member]!);
  const middle = { x: mean(ends.map(({ x }) => x)), y: mean(ends.map(({ y }) => y)) };
  const [first, last] = [ends[0]!, ends.at(-1)!];
  // Along the line between two; round about for more.
  const candidates = [middle];
  if (ends.length === 2)
    for (const t of [0.42, 0.58, 0.34, 0.66, 0.27, 0.73])
      candidates.push({ x: first.x + t * (last.x - first.x), y: first.y + t * (last.y - first.y) });
  for (let radius = 24; radius <= 240; radius += 24)
    for (let turn = 0; turn < 12; turn++) {
      const angle = (turn * Math.PI) / 6 + Math.PI / 2;
      candidates.push({ x: middle.x + radius * Math.cos(angle), y: middle.y + radius * Math.sin(angle) });
    }
  return candidates.find((point) => taken.every((box) => !overlap(box, around(point, size)))) ?? middle;
}

function around({ x, y }: Point, { width, height }: Size): Box {
  return { x: x - width / 2, y: y - height / 2, width, height };
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** Centers of the boxes. */
function placesOf({ components, links }: Connections, boxWidth: number, label: Size): readonly Point[] {
  const near = weights(links, components.length);
  const center = hubOf(near);
  const ring = improved(
    sideBySide(near).filter((i) => i !== center),
    near,
  );
  const places: Point[] = [];
  if (center >= 0) places[center] = { x: 0, y: 0 };
  const step = boxWidth + label.width + (links.some(({ members }) => members.length > 2) ? 60 : 30);
  if (ring.length <= 2) {
    for (const [i, index] of ring.entries()) places[index] = { x: i * step, y: 0 };
    return places;
  }
  const radius = Math.max(step / (2 * Math.sin(Math.PI / ring.length)), center >= 0 ? step : 0);
  const flat = Math.max(
    0.62,
    Math.min(1, (BOX_HEIGHT + label.height + 44) / (2 * Math.sin(Math.PI / ring.length)) / radius),
  );
  for (const [i, index] of ring.entries()) {
    const angle = (2 * Math.PI * i) / ring.length - Math.PI / 2;
    places[index] = { x: radius * Math.cos(angle), y: radius * flat * Math.sin(angle) };
  }
  return places;
}

/** How much two components have to do with each other: links of few count more. */
function weights(links: readonly Link[], count: number): readonly (readonly number[])[] {
  const near = Array.from({ length: count }, () => new Array<number>(count).fill(0));
  for (const { members } of links)
    for (const a of members) for (const b of members) if (a !== b) near[a]![b]! += 1 / (members.length - 1);
  return near;
}

/** Every component after the one it has most to do with, as far as that goes. */
function sideBySide(near: readonly (readonly number[])[]): number[] {
  const ring: number[] = [];
  const left = new Set(near.keys());
  for (let here = 0; left.size > 0; ) {
    ring.push(here);
    left.delete(here);
    const weight = near[here]!;
    here = [...left].reduce((best, one) => (best < 0 || weight[one]! > weight[best]! ? one : best), -1);
  }
  return ring;
}

/** The component that has to do with clearly more others than any other one has; it stands in the middle. */
function hubOf(near: readonly (readonly number[])[]): number {
  const degrees = near.map((row) => row.filter((weight) => weight > 0).length);
  const [most = 0, second = 0] = [...degrees].sort((a, b) => b - a);
  return most >= 4 && most >= 1.5 * second ? degrees.indexOf(most) : -1;
}

/** Exchanges two as long as that brings neighbors nearer. */
function improved(ring: number[], near: readonly (readonly number[])[]): number[] {
  const { length } = ring;
  if (length > IMPROVED_MAX) return ring;
  const cost = (): number => {
    let sum = 0;
    for (let i = 0; i < length; i++)
      for (let j = i + 1; j < length; j++) sum += near[ring[i]!]![ring[j]!]! * Math.min(j - i, length - j + i);
    return sum;
  };
  let best = cost();
  for (let better = true; better; ) {
    better = false;
    for (let i = 0; i < length; i++)
      for (let j = i + 1; j < length; j++) {
        [ring[i], ring[j]] = [ring[j]!, ring[i]!];
        const now = cost();
        if (now < best - 1e-9) {
          best = now;
          better = true;
        } else [ring[i], ring[j]] = [ring[j]!, ring[i]!];
      }
  }
  return ring;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The network in the language of Graphviz. */
export function networkAsDot(title: string, { components, links }: Connections): string {
  return [
    `graph ${quoted(title)} {`,
    '  layout=neato; overlap=false; splines=true; node [shape=box, style=rounded]; edge [fontname="monospace"];',
    ...components.map(({ name }, i) => `  c${i} [label=${quoted(name)}];`),
    ...links.flatMap(({ members, events, hidden }, i) => {
      const text = quoted(channelsOf(events).join('\n'));
      const look = hidden.length === events.length ? ', style=dashed' : '';
      if (members.length === 2) return [`  c${members[0]} -- c${members[1]} [label=${text}${look}];`];
      return [
        `  l${i} [shape=plaintext, label=${text}];`,
        ...members.map((member) => `  c${member} -- l${i} [${look.slice(2)}];`),
      ];
    }),
    '}',
    '',
  ].join('\n');
}

/** The network line by line: components, then who communicates on what. */
export function networkAsText(title: string, connections: Connections): string {
  const { components, links } = connections;
  return [
    `${title}: ${networkInWords(connections)}`,
    ...components.map(({ name, alone }) => `  ${name}${alone.length === 0 ? '' : `  by itself: ${alone.join(', ')}`}`),
    ...links.map((link) => `  ${aboutLink(link, components)}`),
    '',
  ].join('\n');
}
