import type { Clock } from './capabilities.ts';

let latest = Number.NaN;
let text = '';

/**
 * Now, in ISO 8601. Writing a date costs more than judging an event, and many happen within one millisecond.
 *
 * ```ts
 * timestamp({ now: () => 0 });                                   // '1970-01-01T00:00:00.000Z'
 * ```
 */
export function timestamp(clock: Pick<Clock, 'now'>): string {
  const now = clock.now();
  if (now !== latest) {
    text = new Date(now).toISOString();
    latest = now;
  }
  return text;
}
