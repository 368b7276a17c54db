/**
 * The sequence chart of a conversation, as inline SVG: lanes are roles, arrows are accepted events, red arrows unlawful ones that were only observed, red
 * marks are refused attempts with what was expected.
 * A function of the log; no script, readable by screen readers through its table.
 */
import type { Leaf } from '@enhanced-csp/engine/audit';
import { type Html, html } from '@enhanced-csp/platform';

const LANE_WIDTH = 190;
const ROW_HEIGHT = 34;
const HEAD_HEIGHT = 44;
/** Of one character of the font, in pixels. */
const CHARACTER_WIDTH = 7.3;
const EXPECTED_SHOWN = 3;
/** From a lane to a label beside it. */
const BESIDE = 12;

type Attempted = Leaf & { kind: 'event' | 'refusal' | 'unlawful' };

/** `roles` in the order of the lanes; the environment gets one when something is performed by it. */
export function sequenceChart(roles: readonly string[], leaves: readonly Leaf[]): Html {
  const attempts = leaves.filter(
    (leaf) => leaf.kind === 'event' || leaf.kind === 'refusal' || leaf.kind === 'unlawful',
  );
  const others = [...new Set(attempts.map(({ role }) => role))].filter((role) => !roles.includes(role));
  const lanes = [...roles, ...others];
  const x = (lane: number): number => LANE_WIDTH / 2 + lane * LANE_WIDTH;
  const margin = Math.max(0, ...attempts.map((leaf) => (leaf.kind === 'event' ? 0 : longest(sideText(leaf)))));
  const reach = attempts.map((leaf) => x(lanes.indexOf(leaf.role)) + BESIDE + leaf.event.length * CHARACTER_WIDTH);
  const width = Math.ceil(Math.max(lanes.length * LANE_WIDTH + margin * CHARACTER_WIDTH, ...reach));
  const height = HEAD_HEIGHT + (attempts.length + 1) * ROW_HEIGHT;
  const bottom = height - ROW_HEIGHT / 2;
  return html`<svg role="img" aria-label="Sequence chart: ${attempts.length} attempts of ${lanes.length} roles" viewBox="0 0 ${width} ${height}" width="${width}" font-family="ui-monospace, monospace" font-size="12">
<defs>${['accent', 'bad'].map((color) => html`<marker id="head-${color}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="var(--${color})"/></marker>`)}</defs>
${lanes.map((role, lane) => html`<text x="${x(lane)}" y="20" text-anchor="middle" font-weight="600" fill="var(--ink)">${role}</text><line x1="${x(lane)}" y1="${HEAD_HEIGHT - 14}" x2="${x(lane)}" y2="${bottom}" stroke="var(--line)"/>`)}
${attempts.map((leaf, row) => drawn(leaf, HEAD_HEIGHT + row * ROW_HEIGHT + ROW_HEIGHT / 2, lanes, x))}
</svg>`;
}

function drawn(leaf: Attempted, y: number, lanes: readonly string[], x: (lane: number) => number): Html {
  const from = lanes.indexOf(leaf.role);
  const side = x(lanes.length - 1) + LANE_WIDTH / 4;
  if (leaf.kind === 'event') return delivered(leaf.event, from, y, lanes, x, 'accent');
  const [first, second] = sideText(leaf);
  const beside = html`<line x1="${x(from) + 10}" y1="${y}" x2="${side - 8}" y2="${y}" stroke="var(--bad)" stroke-dasharray="2 4"/><text x="${side}" y="${y - 1}" fill="var(--bad)">${first}</text><text x="${side}" y="${y + 13}" fill="var(--quiet)">${second}</text>`;
  if (leaf.kind === 'unlawful') return html`${delivered(leaf.event, from, y, lanes, x, 'bad')}${beside}`;
  const cross = `M${x(from) - 6} ${y - 6} ${x(from) + 6} ${y + 6} M${x(from) + 6} ${y - 6} ${x(from) - 6} ${y + 6}`;
  return html`<path d="${cross}" stroke="var(--bad)" stroke-width="2" fill="none"/>${beside}`;
}

/** An arrow to who received it; a dot for what was performed alone. */
function delivered(
  event: string,
  from: number,
  y: number,
  lanes: readonly string[],
  x: (lane: number) => number,
  color: 'accent' | 'bad',
): Html {
  const [, , receiver] = event.split('.');
  const to = receiver === undefined ? -1 : lanes.indexOf(receiver);
  const ink = color === 'bad' ? 'bad' : 'ink';
  if (to < 0 || to === from) {
    const label = html`<text x="${x(from) + BESIDE}" y="${y - 6}" fill="var(--${ink})">${event}</text>`;
    return html`<circle cx="${x(from)}" cy="${y}" r="5" fill="var(--${color})"/>${color === 'accent' && label}`;
  }
  const middle = (x(from) + x(to)) / 2;
  return html`<line x1="${x(from)}" y1="${y}" x2="${x(to)}" y2="${y}" stroke="var(--${color})" stroke-width="1.5" marker-end="url(#head-${color})"/><text x="${middle}" y="${y - 6}" text-anchor="middle" fill="var(--${ink})">${event}</text>`;
}

/** Two lines beside the chart: what was wrong with it, and what could have been. */
function sideText({ kind, event, reason, expected }: Exclude<Attempted, { kind: 'event' }>): [string, string] {
  const outcome = kind === 'refusal' ? 'refused' : 'delivered though unlawful';
  return [`${event} ${outcome}: ${reason}`, expectedInstead(expected).slice(2)];
}

function longest(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => line.length));
}

export function expectedInstead(expected: readonly string[]): string {
  if (expected.length === 0) return '; nothing was expected of it';
  const shown = expected.slice(0, EXPECTED_SHOWN).join(', ');
  const rest = expected.length - EXPECTED_SHOWN;
  const more = rest > 0 ? ` or ${rest} other${rest === 1 ? '' : 's'}` : '';
  return `; expected ${shown}${more}`;
}
