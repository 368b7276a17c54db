/**
 * The assembly: which modules make the product, in the order in which they start, and what each gets from the configuration. Nothing is found by
 * scanning; whoever wants another product passes another list. Leaving out any module but the store and the gateway leaves a working server.
 */
import { cache } from '@enhanced-csp/cache';
import { conversations } from '@enhanced-csp/conversations';
import { gateway } from '@enhanced-csp/gateway';
import type { Configuration, Module, SwitchedOff } from '@enhanced-csp/platform';
import { storage } from '@enhanced-csp/storage';
import { telemetry } from '@enhanced-csp/telemetry';
import { VERSION } from './version.ts';

export const MODULES: readonly Module[] = [storage, cache, conversations, telemetry, gateway];

export interface Assembly {
  readonly modules: readonly Module[];
  readonly switchedOff: readonly SwitchedOff[];
}

/** `modules` without those that the configuration switches off by `<name>.enabled`. */
export function switched(modules: readonly Module[], values: Configuration): Assembly {
  const sections: Readonly<Record<string, unknown>> = values;
  const isOff = ({ name }: Module) => (sections[name] as { enabled?: boolean } | undefined)?.enabled === false;
  return {
    modules: modules.filter((module) => !isOff(module)),
    switchedOff: [
      ...modules.filter(isOff).map(({ name, paths = [] }) => ({ paths, key: `${name}.enabled` })),
      ...(values.monitoring.enable_prometheus ? [] : [{ paths: ['/metrics'], key: 'monitoring.enable_prometheus' }]),
    ],
  };
}

/** For each module by its name. */
export function moduleConfiguration(values: Configuration, dataFolder: string): Readonly<Record<string, unknown>> {
  const { limits, rate, database, redis, cors, headers, websocket } = values;
  const limit = (perMinute: number) => ({ perMinute, burst: rate.burst });
  return {
    storage: {
      folder: dataFolder,
      queueMax: database.queue_max,
      url: database.url,
      pool: {
        size: database.pool_size,
        overflow: database.max_overflow,
        timeoutMs: database.pool_timeout * 1000,
        recycleMs: database.pool_recycle * 1000,
      },
      replicas: database.replicas.split(' ').filter((url) => url !== ''),
      slowMs: database.slow_seconds * 1000,
      replicaLagMaxMs: database.replica_lag_max * 1000,
      experimental: database.experimental,
    },
    cache: {
      entriesMax: values.cache.entries,
      bytesMax: values.cache.memory_mb * 1024 * 1024,
      ttlMs: values.cache.ttl_seconds * 1000,
      ...(redis.url !== undefined && {
        redis: {
          url: redis.url,
          connections: redis.max_connections,
          timeoutMs: redis.timeout_seconds * 1000,
          healthCheckMs: redis.health_check_interval * 1000,
          retryOnTimeout: redis.retry_on_timeout,
          prefix: redis.prefix,
        },
      }),
    },
    telemetry: {
      folder: dataFolder,
      prometheus: values.monitoring.enable_prometheus,
      keepDays: values.monitoring.metrics_retention_days,
      sampleMs: values.telemetry.sample_seconds * 1000,
      thresholds: {
        cpu: values.alerts.cpu_percent,
        memory: values.alerts.memory_percent,
        error_rate: values.alerts.error_rate,
      },
    },
    conversations: {
      version: VERSION,
      stateCountMax: limits.states,
      verificationTimeoutMs: limits.verification_seconds * 1000,
      verificationQueueMax: limits.verification_queue,
      channelTimeoutSeconds: limits.channel_seconds,
    },
    gateway: {
      name: values.name,
      version: VERSION,
      host: values.host,
      port: values.port,
      debug: values.debug,
      bodyBytesMax: limits.body_bytes,
      runningMax: limits.requests,
      origins: cors.origins,
      hstsSeconds: headers.hsts_seconds,
      contentSecurityPolicy: headers.content_security_policy,
      rate: {
        read: limit(rate.read_per_minute),
        write: limit(rate.write_per_minute),
        verify: limit(rate.verify_per_minute),
      },
      graphql: { aliasesMax: limits.graphql_aliases, rootFieldsMax: limits.graphql_root_fields },
      anonymous: { perMinute: rate.anonymous_per_minute, burst: rate.anonymous_burst },
      pingMs: Math.round(websocket.ping_interval * 1000),
      pongMs: Math.round(websocket.ping_timeout * 1000),
      closeMs: Math.round(websocket.close_timeout * 1000),
      frameBytesMax: websocket.max_size,
      windowMessages: websocket.max_queue,
      drainMs: limits.drain_seconds * 1000,
    },
  };
}
