/**
 * The assembly: which modules make the product, in the order in which they start, and what each gets from the configuration. Nothing is found by
 * scanning; whoever wants another product passes another list. Leaving out any module but the store and the gateway leaves a working server.
 */
import { conversations } from '@enhanced-csp/conversations';
import { gateway } from '@enhanced-csp/gateway';
import type { Configuration, Module } from '@enhanced-csp/platform';
import { storage } from '@enhanced-csp/storage';
import { telemetry } from '@enhanced-csp/telemetry';
import { VERSION } from './version.ts';

export const MODULES: readonly Module[] = [storage, conversations, telemetry, gateway];

/** For each module by its name. */
export function moduleConfiguration(values: Configuration, dataFolder: string): Readonly<Record<string, unknown>> {
  const { limits, rate, database, cors, headers } = values;
  const limit = (perMinute: number) => ({ perMinute, burst: rate.burst });
  return {
    storage: {
      folder: dataFolder,
      queueMax: database.queue_max,
      url: database.url,
      connectionsMax: database.pool_max,
      experimental: database.experimental,
    },
    telemetry: {
      folder: dataFolder,
      sampleMs: values.telemetry.sample_seconds * 1000,
      thresholds: {
        cpu: values.alerts.cpu_percent,
        memory: values.alerts.memory_percent,
        error_rate: values.alerts.error_rate,
      },
    },
    conversations: {
      stateCountMax: limits.states,
      verificationTimeoutMs: limits.verification_seconds * 1000,
      verificationQueueMax: limits.verification_queue,
    },
    gateway: {
      name: values.name,
      version: VERSION,
      host: values.host,
      port: values.port,
      debug: values.debug,
      bodyBytesMax: limits.body_bytes,
      runningMax: limits.requests,
      origins: cors.origins.split(' ').filter((origin) => origin !== ''),
      hstsSeconds: headers.hsts_seconds,
      contentSecurityPolicy: headers.content_security_policy,
      rate: {
        read: limit(rate.read_per_minute),
        write: limit(rate.write_per_minute),
        verify: limit(rate.verify_per_minute),
      },
      drainMs: limits.drain_seconds * 1000,
    },
  };
}
