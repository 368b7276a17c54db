/** What a load came to, for people and for programs: the same figures. */
import type { RecordableHistogram } from 'node:perf_hooks';
import type { Context } from './context.ts';
import type { Load } from './load.ts';

/** Which setting bounds what, by the code of the refusal. */
export const SETTING_OF: Readonly<Record<string, string>> = {
  'CSP-GTW-008': 'rate.write_per_minute and rate.burst; from another machine rate.anonymous_per_minute as well',
  'CSP-GTW-021': 'limits.requests',
  'CSP-STO-004': 'database.queue_max',
  'CSP-CNV-011': 'buffer_size of the channel',
};

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Milliseconds; undefined when nothing was measured. */
export function percentilesOf(latency: RecordableHistogram): Percentiles | undefined {
  if (latency.count === 0) return undefined;
  const at = (percentile: number) => latency.percentile(percentile) / 1000;
  return { p50: at(50), p90: at(90), p99: at(99), max: latency.max / 1000 };
}

export function percentileLine(percentiles: Percentiles | undefined): string {
  if (percentiles === undefined) return 'nothing measured';
  return Object.entries(percentiles)
    .map(([name, milliseconds]) => `${name} ${milliseconds.toFixed(2)} ms`)
    .join('  ');
}

/** One document; three decimals say enough of a measurement. */
export function figuresJson(figures: object): string {
  return JSON.stringify(figures, (_, value: unknown) =>
    typeof value === 'number' ? Math.round(value * 1000) / 1000 : value,
  );
}

/** A second; 0 when there was no time. */
export function rateOf(count: number, milliseconds: number): number {
  return milliseconds === 0 ? 0 : (1000 * count) / milliseconds;
}

export function refusalsOf({ refusals }: Load) {
  return [...refusals.values()].map((refusal) => ({
    ...refusal,
    ...(SETTING_OF[refusal.code] !== undefined && { setting: SETTING_OF[refusal.code] }),
  }));
}

export function sayRefusals({ say, paint }: Context, load: Load): void {
  for (const { status, code, title, count, setting } of refusalsOf(load))
    say(
      `${paint.bad('✗')} ${amount(count)} refused: ${[status, code, title].filter((part) => part !== '').join(' ')}${setting === undefined ? '' : `\n    bounded by ${setting}`}`,
    );
  if (load.broken.length > 0)
    say(`${paint.bad('✗')} ${amount(load.broken.length)} without an answer: ${[...new Set(load.broken)].join('; ')}`);
}

export function amount(count: number): string {
  return Math.round(count).toLocaleString('en');
}

/** How busy this process is: of one core, over the time since it was begun. */
export function clientMeter(): () => { readonly busy: number; readonly cpu_milliseconds: number } {
  const cpu = process.cpuUsage();
  const begun = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    const cpu_milliseconds = (user + system) / 1000;
    return { busy: cpu_milliseconds / (performance.now() - begun), cpu_milliseconds };
  };
}

/** Whether the address is of this machine, as it is written. */
export function isHere(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);
}

export function clientLine(busy: number, url: string): string {
  const share = `this client was busy ${Math.round(100 * busy)} % of a core`;
  return isHere(url) ? `${share}, of a machine it shares with the platform` : share;
}

const PROGRESS_MS = 250;

/** Says how a load goes, a few times a second. */
export function progressOf(context: Context): (load: Load) => void {
  let shown = performance.now();
  let before = 0;
  return ({ accepted, latency, refusals, milliseconds }) => {
    const now = performance.now();
    if (now - shown < PROGRESS_MS) return;
    const rate = rateOf(accepted - before, now - shown);
    const refused = [...refusals.values()].reduce((sum, { count }) => sum + count, 0);
    [shown, before] = [now, accepted];
    const parts = [`${(milliseconds / 1000).toFixed(1)} s`, `${amount(accepted)} accepted`, `${amount(rate)}/s`];
    if (latency.count > 0) parts.push(`p99 ${(latency.percentile(99) / 1000).toFixed(1)} ms`);
    if (refused > 0) parts.push(`${amount(refused)} refused`);
    context.progress(parts.join('  '));
  };
}
