/** Telemetry as a module: samples while it runs, answers what is asked about them, and publishes alerts. */
import { defineModule, defineOperation } from '@enhanced-csp/platform';
import { z } from 'zod';
import { openAlerts } from './alerts.ts';
import { PerformanceInput, PerformanceOutput, performanceOf } from './analytics.ts';
import { TELEMETRY_ERRORS } from './errors.ts';
import { HOUR_MS, openHistory, SAMPLES } from './history.ts';
import { type HostFigures, openHost } from './host.ts';
import { type ProcessFigures, processFigures } from './processes.ts';
import { PROMETHEUS_TYPE, prometheusText } from './prometheus.ts';
import { requestTotals } from './requests.ts';

const unavailable = z.object({ status: z.literal('unavailable'), reason: z.string() });
const processes = z.object({ active: z.int(), total: z.int(), success_rate: z.number().nullable() });

const MetricsOutput = z.object({
  system: z.object({
    cpu_usage: z.number(),
    memory_usage: z.number(),
    disk_usage: z.number().nullable(),
    uptime: z.int(),
    event_loop_lag_ms: z.number(),
  }),
  requests: z.object({ total: z.int(), errors: z.int(), average_response_ms: z.number().nullable() }),
  processes: z.union([processes, unavailable]),
  quantum: unavailable,
  blockchain: unavailable,
  alerts: z.array(z.string()),
});

const alertNotification = z.object({
  alert: z.string(),
  state: z.enum(['firing', 'resolved']),
  value: z.number(),
  threshold: z.number(),
});

export const telemetry = defineModule({
  name: 'telemetry',
  needs: ['clock', 'catalog', 'log', 'metrics', 'notifications', 'store'],
  collections: [SAMPLES],
  paths: ['/api/metrics', '/api/analytics', '/metrics'],
  config: z.strictObject({
    /** Whether `/metrics` is served. */
    prometheus: z.boolean().default(true),
    /** How long buckets are kept. */
    keepDays: z.number().min(1).default(90),
    /** Whose file system `disk_usage` is of. */
    folder: z.string().default('.'),
    sampleMs: z.int().min(10).default(15_000),
    /** Percent, percent, and a part of the answers. */
    thresholds: z
      .strictObject({
        cpu: z.number().default(80),
        memory: z.number().default(85),
        error_rate: z.number().default(0.05),
      })
      .prefault({}),
  }),
  errors: TELEMETRY_ERRORS,
  async start(
    { clock, catalog, log, metrics, notifications, store },
    { folder, sampleMs, thresholds, prometheus, keepDays },
  ) {
    const startedAt = clock.monotonic();
    const host = openHost(folder);
    const history = openHistory(store, keepDays * 24 * HOUR_MS);
    const alerts = openAlerts(thresholds);
    const active = metrics.gauge({ name: 'csp_processes_active', help: 'Processes that run now.' });
    const lag = metrics.gauge({
      name: 'csp_event_loop_lag_seconds',
      help: 'How late the event loop was in the latest sample, on average.',
    });
    const resident = metrics.gauge({ name: 'process_resident_memory_bytes', help: 'Memory of this program.' });
    const cpuSeconds = metrics.counter({
      name: 'process_cpu_seconds_total',
      help: 'Processor time this program has used.',
    });
    let cpuCounted = 0;
    const cpu = metrics.gauge({ name: 'csp_cpu_usage_percent', help: 'Processors of this machine that are busy.' });
    const memory = metrics.gauge({ name: 'csp_memory_usage_percent', help: 'Memory of this machine that is used.' });
    const firing = metrics.gauge({
      name: 'csp_alert_firing',
      help: '1 while the alert is on.',
      labels: ['alert'],
    });
    for (const alert of Object.keys(thresholds)) firing.set(0, alert);

    /** Of the latest sample; before the first one, measured when they are asked for. */
    let figures: HostFigures | undefined;
    let counted: ProcessFigures | undefined;
    let before = requestTotals(metrics);

    async function sample(): Promise<void> {
      figures = await host.read();
      counted = await processFigures(catalog);
      cpu.set(figures.cpuPercent);
      memory.set(figures.memoryPercent);
      lag.set(figures.lag.meanMs / 1000);
      const now = requestTotals(metrics);
      const requests = now.requests - before.requests;
      const errors = now.errors - before.errors;
      await history.add({
        at: clock.now(),
        cpuPercent: figures.cpuPercent,
        memoryPercent: figures.memoryPercent,
        lagMs: figures.lag.meanMs,
        lagMaxMs: figures.lag.maxMs,
        processesActive: counted?.active,
        requests,
        errors,
        responseSeconds: now.seconds - before.seconds,
      });
      before = now;
      notifications.publish('system_metrics', {
        cpu_usage: figures.cpuPercent,
        memory_usage: figures.memoryPercent,
        event_loop_lag_ms: figures.lag.meanMs,
        requests,
      });
      const changes = alerts.evaluate({
        cpu: figures.cpuPercent,
        memory: figures.memoryPercent,
        // A quiet time says that nothing is wrong now.
        error_rate: requests === 0 ? 0 : errors / requests,
      });
      for (const change of changes) {
        firing.set(change.state === 'firing' ? 1 : 0, change.alert);
        log.warn({ ...change }, `alert ${change.alert} ${change.state}`);
        notifications.publish('system_alerts', change);
      }
    }

    let stopped = false;
    let cancel = () => {};
    let running = Promise.resolve();
    const schedule = () => {
      cancel = clock.after(sampleMs, () => {
        running = sample()
          .catch((fault: unknown) => log.error({ cause: String(fault) }, 'a sample could not be taken'))
          .then(() => {
            if (!stopped) schedule();
          });
      });
    };
    schedule();

    return {
      operations: [
        defineOperation({
          id: 'metrics.read',
          summary: 'What the platform measures now',
          description: 'Figures of the latest sample; counts of requests and processes of this moment.',
          route: 'GET /metrics',
          input: z.strictObject({}),
          output: MetricsOutput,
          errors: [],
          permission: 'metrics:read',
          rateClass: 'read',
          idempotent: true,
          examples: [{ name: 'the API reference', input: {} }],
          async run() {
            const { requests, errors, seconds } = requestTotals(metrics);
            const now = await processFigures(catalog);
            figures ??= await host.read();
            return {
              system: {
                cpu_usage: figures.cpuPercent,
                memory_usage: figures.memoryPercent,
                disk_usage: figures.diskPercent ?? null,
                uptime: Math.floor((clock.monotonic() - startedAt) / 1000),
                event_loop_lag_ms: figures.lag.meanMs,
              },
              requests: {
                total: requests,
                errors,
                average_response_ms: requests === 0 ? null : (1000 * seconds) / requests,
              },
              processes:
                now === undefined
                  ? { status: 'unavailable' as const, reason: 'no module of this server has processes' }
                  : { active: now.active, total: now.total, success_rate: now.successRate ?? null },
              quantum: { status: 'unavailable' as const, reason: 'no module of this server measures entanglement' },
              blockchain: { status: 'unavailable' as const, reason: 'no module of this server has a ledger' },
              alerts: [...alerts.firing()],
            };
          },
        }),
        defineOperation({
          id: 'analytics.performance',
          summary: 'Performance over a period',
          description: `From stored samples: kept for 48 hours by the minute, and for ${keepDays} days by the hour.`,
          route: 'GET /analytics/performance',
          input: PerformanceInput,
          output: PerformanceOutput,
          errors: ['CSP-TEL-001'],
          permission: 'metrics:read',
          rateClass: 'read',
          idempotent: true,
          examples: [
            {
              name: 'the API reference',
              input: { period: '24h', granularity: '1h' },
              output: { period: '24h', granularity: '1h' },
            },
          ],
          run: (input) => performanceOf(history, input, clock.now()),
        }),
      ],
      streams: [
        {
          topic: 'system_metrics',
          summary: 'Each sample',
          notification: z.object({
            cpu_usage: z.number(),
            memory_usage: z.number(),
            event_loop_lag_ms: z.number(),
            requests: z.int(),
          }),
          permission: 'metrics:read',
        },
        {
          topic: 'system_alerts',
          summary: 'Alerts that begin and end',
          notification: alertNotification,
          permission: 'metrics:read',
        },
      ],
      documents: !prometheus
        ? []
        : [
            {
              path: '/metrics',
              type: PROMETHEUS_TYPE,
              async render() {
                const now = await processFigures(catalog);
                if (now !== undefined) active.set(now.active);
                resident.set(process.memoryUsage.rss());
                const { user, system } = process.cpuUsage();
                const used = (user + system) / 1e6;
                cpuSeconds.add(used - cpuCounted);
                cpuCounted = used;
                return prometheusText(metrics.read());
              },
            },
          ],
      async health() {
        const names = alerts.firing();
        return { healthy: true, detail: names.length === 0 ? 'no alert' : `alerts: ${names.join(', ')}` };
      },
      async stop() {
        stopped = true;
        cancel();
        await running;
        host.close();
      },
    };
  },
});
