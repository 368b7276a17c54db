/** Pictures as SVG text: escaped, accessible, and in colors that follow the reader's light or dark setting. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const STYLE = `
  svg { --paper: #ffffff; --ink: #1c2430; --quiet: #5b6675; --line: #8793a3; --fill: #eef3fa; --edge: #3b6ea8; --bad: #b3261e; --bad-fill: #fdeceb; --good: #1f7a4d; --good-fill: #e9f6ef; }
  @media (prefers-color-scheme: dark) { svg { --paper: #12161c; --ink: #e6ebf2; --quiet: #9aa6b5; --line: #6d7a8b; --fill: #1d2733; --edge: #7fb0e6; --bad: #ff8a80; --bad-fill: #3a1d1c; --good: #7bd3a4; --good-fill: #16301f; } }
  .paper { fill: var(--paper); }
  text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: var(--ink); text-anchor: middle; dominant-baseline: central; }
  .event { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
  .quiet { fill: var(--quiet); font-size: 11px; }
  .name { font-weight: 600; }
  .node { fill: var(--fill); stroke: var(--edge); stroke-width: 1.5; }
  .line { fill: none; stroke: var(--line); stroke-width: 1.4; }
  .unseen { stroke-dasharray: 5 4; }
  .arrow { fill: var(--line); }
  .stuck { fill: var(--bad-fill); stroke: var(--bad); stroke-width: 2; }
  .terminated { fill: var(--good-fill); stroke: var(--good); }
  .open { stroke-dasharray: 3 3; }`;

/** Room around a picture. */
export const MARGIN = 24;

/** A whole picture. `title` and `description` are what a screen reader says. */
export function svg(
  size: { readonly width: number; readonly height: number },
  title: string,
  description: string,
  content: readonly string[],
): string {
  const [width, height] = [Math.ceil(size.width) + 2 * MARGIN, Math.ceil(size.height) + 2 * MARGIN];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="${-MARGIN} ${-MARGIN} ${width} ${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escaped(title)}</title>`,
    `<desc id="description">${escaped(description)}</desc>`,
    `<style>${STYLE}\n</style>`,
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"><path class="arrow" d="M0 0.8 L8 4 L0 7.2 z"/></marker></defs>',
    `<rect class="paper" x="${-MARGIN}" y="${-MARGIN}" width="${width}" height="${height}"/>`,
    ...content,
    '</svg>',
    '',
  ].join('\n');
}

export function escaped(text: string): string {
  // A picture is XML, in which control characters cannot even be escaped.
  return text
    .replace(/[^\P{Cc}\t\n]/gu, '�')
    .replace(/[&<>"]/g, (character) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[character]!);
}

/** Pixels a text in the style's monospaced font takes. */
export function textWidth(text: string, perCharacter = 7.25): number {
  return [...text].length * perCharacter;
}

/** A coordinate as SVG text: tenths of a pixel. */
export function px(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Lines of text centered at a point, over a patch of paper so that lines behind do not cross the letters. */
export function label(lines: readonly string[], x: number, y: number, look = 'event', about = ''): string {
  const height = lines.length * LINE_HEIGHT;
  const width = Math.max(...lines.map((line) => textWidth(line))) + 6;
  const texts = lines.map(
    (line, i) =>
      `<text class="${look}" x="${px(x)}" y="${px(y + (i - (lines.length - 1) / 2) * LINE_HEIGHT)}">${escaped(line)}</text>`,
  );
  const patch = `<rect class="paper" x="${px(x - width / 2)}" y="${px(y - height / 2)}" width="${px(width)}" height="${px(height)}"/>`;
  return `<g>${about === '' ? '' : `<title>${escaped(about)}</title>`}${patch}${texts.join('')}</g>`;
}

export const LINE_HEIGHT = 15;

/** At most `max` of the names as lines; the last one says how many more there are. */
export function linesOf(names: readonly string[], max: number): string[] {
  return names.length <= max ? [...names] : [...names.slice(0, max - 1), `+ ${names.length - max + 1} more`];
}
