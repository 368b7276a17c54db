/** What a long check is doing, in one line: phase, states and how many a second, memory, and the assertion. */
import type { Progress } from '@enhanced-csp/engine/lts';

/** A line for each report of progress that is worth showing, `undefined` for the others. The rate is that of the present phase of the present assertion. */
export function progressLines(
  now: () => number,
  intervalMs = 100,
): (text: string, progress: Progress) => string | undefined {
  let shown = Number.NEGATIVE_INFINITY;
  let since = { text: '', phase: '', states: 0, milliseconds: 0 };
  return (text, { phase, states, byteCount }) => {
    const milliseconds = now();
    if (since.text !== text || since.phase !== phase || states < since.states) {
      since = { text, phase, states, milliseconds };
    }
    if (milliseconds - shown < intervalMs) return undefined;
    shown = milliseconds;
    const elapsed = milliseconds - since.milliseconds;
    const rate = elapsed < intervalMs ? [] : [`${round((1000 * (states - since.states)) / elapsed)}/s`];
    const memory = byteCount === undefined ? [] : [`${Math.round(byteCount / 2 ** 20)} MB`];
    return [phase, `${states.toLocaleString('en')} states`, ...rate, ...memory, text].join('  ');
  };
}

/** Two digits say enough of a rate: 1.6M, 240k, 85. */
function round(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)}M`;
  return rate >= 1e3 ? `${Math.round(rate / 1e3)}k` : rate.toFixed(0);
}
