/** `GET /api/analytics/performance`: stored samples over a period, put together as coarsely as asked for. */
import { Fault } from '@enhanced-csp/platform';
import { z } from 'zod';
import { type History, HOUR_MS, HOURS, MINUTE_MS, MINUTES } from './history.ts';
import { type Bucket, rebucketed, type Span } from './sample.ts';

const POINTS_MAX = 1500;
const DURATION = /^([1-9]\d{0,4})(m|h|d)$/;

const duration = z
  .string()
  .regex(DURATION, 'a number with m, h or d: 30m, 24h, 7d')
  .meta({ description: 'A number with m, h or d: 30m, 24h, 7d.' });

const span = z.object({ average: z.number(), max: z.number() }).nullable();

export const PerformanceInput = z.strictObject({
  period: duration.default('24h'),
  granularity: duration.default('1h'),
});

export const PerformanceOutput = z.object({
  period: z.string(),
  granularity: z.string(),
  /** Only times of which there are samples. */
  points: z.array(
    z.object({
      at: z.string(),
      samples: z.int(),
      cpu_usage: span,
      memory_usage: span,
      event_loop_lag_ms: span,
      processes_active: span,
      requests: z.int(),
      error_rate: z.number().nullable(),
      response_time_ms: z.number().nullable(),
    }),
  ),
});

/** @throws Fault `CSP-TEL-001` */
export async function performanceOf(
  history: History,
  { period, granularity }: z.output<typeof PerformanceInput>,
  now: number,
): Promise<z.input<typeof PerformanceOutput>> {
  const periodMs = milliseconds(period);
  const widthMs = milliseconds(granularity);
  if (widthMs > periodMs || periodMs / widthMs > POINTS_MAX)
    throw new Fault(
      'CSP-TEL-001',
      'invalid',
      `${period} by ${granularity} is ${widthMs > periodMs ? 'less than one point' : `more than ${POINTS_MAX} points`}.`,
    );
  // Hours do for whole hours, unless minutes are asked for or would fall between them.
  const tier = widthMs % HOUR_MS === 0 ? HOURS : MINUTES;
  const from = Math.floor((now - periodMs) / tier.widthMs) * tier.widthMs;
  const buckets = rebucketed(await history.read(tier, from), widthMs);
  return { period, granularity, points: buckets.map(pointOf) };
}

function pointOf(bucket: Bucket): z.input<typeof PerformanceOutput>['points'][number] {
  const { requests, errors, responseSeconds } = bucket;
  return {
    at: new Date(bucket.at).toISOString(),
    samples: bucket.samples,
    cpu_usage: shown(bucket.cpuPercent),
    memory_usage: shown(bucket.memoryPercent),
    event_loop_lag_ms: shown(bucket.lagMs),
    processes_active: shown(bucket.processesActive),
    requests,
    error_rate: requests === 0 ? null : errors / requests,
    response_time_ms: requests === 0 ? null : (1000 * responseSeconds) / requests,
  };
}

function shown({ sum, max, count }: Span): { average: number; max: number } | null {
  return count === 0 ? null : { average: sum / count, max };
}

function milliseconds(text: string): number {
  const [, count, unit] = DURATION.exec(text) as unknown as [string, string, 'm' | 'h' | 'd'];
  return Number(count) * { m: MINUTE_MS, h: HOUR_MS, d: 24 * HOUR_MS }[unit];
}
