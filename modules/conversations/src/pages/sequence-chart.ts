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

/** `roles` in the order of the lanes; the environment gets one when something is performed by it. */
export function sequenceChart(roles: readonly string[], leaves: readonly Leaf[]): Html {
  const attempts = leaves.filter(
    (leaf) => leaf.kind === 'event' || leaf.kind === 'refusal' || leaf.kind === 'unlawful',
  );
  const others = [...new Set(attempts.map(({ role }) => role))].filter((role) => !roles.includes(role));
  const lanes = [...roles, ...others];
  const x = (lane: number): number => LANE_WIDTH / 2 + lane * LANE_WIDTH;
  const margin = Math.max(0, ...attempts.map((leaf) => (leaf.kind === 'refusal' ? longest(refusalText(leaf)) : 0)));
  const width = Math.ceil(lanes.length * LANE_WIDTH + margin * CHARACTER_WIDTH);
  const height = HEAD_HEIGHT + (attempts.length + 1) * ROW_HEIGHT;
  const bottom = height - ROW_HEIGHT / 2;
  return html`<svg role="img" aria-label="Sequence chart: ${attempts.length} attempts of ${lanes.length} roles" viewBox="0 0 ${width} ${height}" width="${width}" style="max-width:100%;height:auto" font-family="ui-monospace, monospace" font-size="12">
<defs>${['accent', 'bad'].map((color) => html`<marker id="head-${color}" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path d="M0 0 8 4 0 8z" fill="var(--${color})"/></marker>`)}</defs>
${lanes.map((role, lane) => html`<text x="${x(lane)}" y="20" text-anchor="middle" font-weight="600" fill="var(--ink)">${role}</text><line x1="${x(lane)}" y1="${HEAD_HEIGHT - 14}" x2="${x(lane)}" y2="${bottom}" stroke="var(--line)"/>`)}
${attempts.map((leaf, row) => drawn(leaf, HEAD_HEIGHT + row * ROW_HEIGHT + ROW_HEIGHT / 2, lanes, x))}
</svg>`;
}

function drawn(
  leaf: Leaf & { kind: 'event' | 'refusal' | 'unlawful' },
  y: number,
  lanes: readonly string[],
  x: (lane: number) => number,
): Html {
  const from = lanes.indexOf(leaf.role);
  const [, , receiver] = leaf.event.split('.');
  const to = receiver === undefined ? -1 : lanes.indexOf(receiver);
  const side = x(lanes.length - 1) + LANE_WIDTH / 4;
  if (leaf.kind === 'refusal') {
    const cross = `M${x(from) - 6} ${y - 6} ${x(from) + 6} ${y + 6} M${x(from) + 6} ${y - 6} ${x(from) - 6} ${y + 6}`;
    const [first, second] = refusalText(leaf);
    return html`<path d="${cross}" stroke="var(--bad)" stroke-width="2" fill="none"/><line x1="${x(from) + 10}" y1="${y}" x2="${side - 8}" y2="${y}" stroke="var(--bad)" stroke-dasharray="2 4"/><text x="${side}" y="${y - 1}" fill="var(--bad)">${first}</text><text x="${side}" y="${y + 13}" fill="var(--quiet)">${second}</text>`;
  }
  const [color, ink] = leaf.kind === 'unlawful' ? ['bad', 'bad'] : ['accent', 'ink'];
  const label = leaf.kind === 'unlawful' ? `${leaf.event}: ${leaf.reason}` : leaf.event;
  if (to < 0 || to === from)
    return html`<circle cx="${x(from)}" cy="${y}" r="5" fill="var(--${color})"/><text x="${x(from) + 12}" y="${y - 6}" fill="var(--${ink})">${label}</text>`;
  const middle = (x(from) + x(to)) / 2;
  return html`<line x1="${x(from)}" y1="${y}" x2="${x(to)}" y2="${y}" stroke="var(--${color})" stroke-width="1.5" marker-end="url(#head-${color})"/><text x="${middle}" y="${y - 6}" text-anchor="middle" fill="var(--${ink})">${label}</text>`;
}

/** Two lines beside the chart: what was refused and why, what could have been. */
function refusalText({ event, reason, expected }: Leaf & { kind: 'refusal' }): [string, string] {
  return [`${event} refused: ${reason}`, expectedInstead(expected).slice(2)];
}

function longest(lines: readonly string[]): number {
  return Math.max(...lines.map((line) => line.length));
}

export function expectedInstead(expected: readonly string[]): string {
  if (expected.length === 0) return '; nothing was expected of it';
  const shown = expected.slice(0, EXPECTED_SHOWN).join(', ');
  const more = expected.length > EXPECTED_SHOWN ? ` or ${expected.length - EXPECTED_SHOWN} others` : '';
  return `; expected ${shown}${more}`;
}
