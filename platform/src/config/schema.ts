/**
 * The configuration: every key there is, with its meaning, its type and its default. What has no effect yet stands apart, in `without-effect.ts`.
 */
import { z } from 'zod';
import { described } from './described.ts';
import { AI_INTEGRATION, BLOCKCHAIN, enableGrafana, QUANTUM, SECURITY, SYSTEM } from './without-effect.ts';

const DATABASE_SCHEMES = ['postgresql', 'postgres', 'mysql', 'mariadb', 'cockroachdb'];

const count = z.int().min(1);
const seconds = z.number().min(0.01).max(86_400);
/** Requests a minute; 0: no limit. */
const perMinute = z.int().min(0);

/** What names a database there is no store for is refused, without repeating its password. */
const databaseUrl = z.string().check((check) => {
  if (check.value === 'sqlite') return;
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(check.value)?.[1]?.toLowerCase();
  if (scheme !== undefined && DATABASE_SCHEMES.includes(scheme) && URL.canParse(check.value)) return;
  check.issues.push({
    code: 'custom',
    input: undefined,
    params: { code: 'CSP-CFG-004' },
    message: `${scheme === undefined ? 'This value' : `A ${scheme} database`} is not available: write sqlite, or the URL of a database (${DATABASE_SCHEMES.join(', ')})`,
  });
});

const databaseUrls = z.string().check((check) => {
  for (const url of check.value.split(' ').filter((one) => one !== ''))
    if (!/^(?:postgres|postgresql|mysql|mariadb):\/\//i.test(url) || !URL.canParse(url))
      check.issues.push({
        code: 'custom',
        input: undefined,
        message: 'Expected URLs of PostgreSQL, MariaDB or MySQL servers, separated by spaces',
      });
});

const redisUrl = z
  .string()
  .refine((url) => /^rediss?:\/\//i.test(url) && URL.canParse(url), 'Expected redis:// or rediss:// and a host');

export const Configuration = z.strictObject({
  host: described(z.string().min(1).default('127.0.0.1'), {
    description:
      'Address to listen on. There are no accounts yet, so anyone who reaches it may do everything: keep it on this machine.',
  }),
  port: described(z.int().min(0).max(65_535).default(8000), {
    description: 'Port to listen on; 0 takes any free one.',
  }),
  data_dir: described(z.string().min(1).default('csp-data'), {
    description: 'Folder of the database and of the signing key. Relative to where the server starts.',
  }),
  environment: described(z.enum(['development', 'production']).default('development'), {
    aliases: ['system.environment'],
    description: 'Sets the default of log.format: text in development, json in production.',
  }),
  debug: described(z.boolean().default(false), {
    description: 'Answers to defects carry their stack, and the default of log.level is debug.',
  }),
  name: described(z.string().min(1).max(100).default('Enhanced CSP'), {
    aliases: ['system.name'],
    description: 'Name of this installation, on its pages and in its OpenAPI document.',
  }),
  log: z
    .strictObject({
      level: described(z.enum(['debug', 'info', 'warn', 'error', 'silent']).optional(), {
        description: 'The least severe lines that are written. Default: info, with debug on: debug.',
      }),
      format: described(z.enum(['text', 'json']).optional(), {
        description: 'Lines for people or for programs. Default: text in development, json in production.',
      }),
      file: described(z.string().min(1).optional(), {
        description:
          'File the lines are appended to, instead of standard error. Opened anew on SIGHUP, for those who rotate logs.',
      }),
    })
    .prefault({}),
  database: z
    .strictObject({
      url: described(databaseUrl.default('sqlite'), {
        description:
          'The store: sqlite, in data_dir, or the URL of a server: postgresql://user:password@host:5432/name, or mysql:// or mariadb:// with the same parts.',
        secret: true,
      }),
      pool_size: described(count.default(10), {
        description: 'Connections for reads that are kept to a database server, beside the one that writes.',
      }),
      max_overflow: described(z.int().min(0).default(10), {
        description:
          'Connections for reads beyond pool_size while all of those are in use; closed when they are given back.',
      }),
      pool_timeout: described(z.number().min(0.01).default(30), {
        aliases: ['database_timeout'],
        description: 'Seconds a read may wait for a connection; beyond, 503.',
      }),
      pool_recycle: described(z.number().min(0).default(3600), {
        description: 'Seconds after which a connection for reads is replaced by another; 0: never.',
      }),
      replicas: described(databaseUrls.default(''), {
        description:
          'URLs of read replicas of database.url, separated by spaces. They answer lists and searches, as long as they are no further behind than replica_lag_max.',
        secret: true,
      }),
      replica_lag_max: described(z.number().min(0).default(10), {
        description: 'Seconds a replica may be behind; beyond, and while it is away, it is left out.',
      }),
      slow_seconds: described(z.number().min(0).default(1), {
        description:
          'Searches that take longer are told in the log, with their plan and, where one would help, the statement that makes an index; 0: never.',
      }),
      experimental: described(z.boolean().default(false), {
        description:
          'Lets in databases whose dialect is written, not executed, which is said at each start: cockroachdb://. No test has run against them.',
      }),
      queue_max: described(count.default(10_000), {
        description: 'Commits that may wait for the disk; beyond, requests are answered 503.',
      }),
    })
    .prefault({}),
  redis: z
    .strictObject({
      url: described(redisUrl.optional(), {
        description:
          'A Redis that several servers share answers through: redis://user:password@host:6379/0, rediss:// for TLS. Default: none, answers are kept in memory.',
        secret: true,
      }),
      max_connections: described(z.int().min(2).max(1000).default(2), {
        description: 'Connections to Redis: one that listens, the others for questions.',
      }),
      retry_on_timeout: described(z.boolean().default(true), {
        description: 'A question that Redis did not answer in time is asked once more before going on without it.',
      }),
      health_check_interval: described(z.number().min(0.05).max(3600).default(2), {
        description:
          'Seconds between checks of the connections. With timeout_seconds: how long a broken one may go unnoticed, and an answer be older than its invalidation.',
      }),
      timeout_seconds: described(z.number().min(0.01).max(60).default(0.5), {
        description: 'How long Redis may take to answer; beyond, the answer is made anew.',
      }),
      prefix: described(
        z
          .string()
          .regex(/^[\w.-]{1,50}$/, 'letters, digits, points and dashes')
          .default('csp'),
        {
          description: 'In front of all keys in Redis.',
        },
      ),
    })
    .prefault({}),
  cache: z
    .strictObject({
      entries: described(count.default(10_000), { description: 'Answers kept in memory at most.' }),
      memory_mb: described(count.default(64), { description: 'Memory they may take, roughly.' }),
      ttl_seconds: described(z.number().min(0.001).default(300), {
        description: 'How old an answer may be that names no time of its own.',
      }),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      sample_seconds: described(z.number().min(0.1).max(60).default(15), {
        description: 'How often the platform measures itself.',
      }),
      enabled: described(z.boolean().default(true), {
        description: 'Whether the platform measures itself. Off, /metrics and /api/metrics answer 403.',
      }),
    })
    .prefault({}),
  conversations: z
    .strictObject({
      enabled: described(z.boolean().default(true), {
        description: 'Whether protocols, conversations, processes and channels are served. Off, they answer 403.',
      }),
    })
    .prefault({}),
  monitoring: z
    .strictObject({
      enable_prometheus: described(z.boolean().default(true), {
        env: 'PROMETHEUS_ENABLED',
        description: 'Whether /metrics is served, in the text format of Prometheus.',
      }),
      enable_grafana: enableGrafana,
      metrics_retention_days: described(z.number().min(1).max(3650).default(90), {
        description: 'How long samples are kept by the hour; those by the minute go after two days, or with these.',
      }),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      cpu_percent: described(z.number().min(0).default(80), {
        aliases: ['monitoring.alert_thresholds.cpu_usage'],
        description: 'An alert begins when the processors of the machine are busier than this; above 100: never.',
      }),
      memory_percent: described(z.number().min(0).default(85), {
        aliases: ['monitoring.alert_thresholds.memory_usage'],
        description: 'An alert begins when more of the memory of the machine is used; above 100: never.',
      }),
      error_rate: described(z.number().min(0).default(0.05), {
        aliases: ['monitoring.alert_thresholds.error_rate'],
        description: 'An alert begins when a larger part of the answers is 500 and above; 1: never.',
      }),
    })
    .prefault({}),
  limits: z
    .strictObject({
      body_bytes: described(count.default(1024 * 1024), { description: 'Largest request body; beyond, 413.' }),
      states: described(count.default(2_000_000), {
        description: 'States the check of one assertion may explore; beyond, its verdict is unknown.',
      }),
      verification_seconds: described(z.number().min(0.1).default(30), {
        aliases: ['process_creation_timeout'],
        description: 'Time the check of one script may take; beyond, its verdict is unknown.',
      }),
      verification_queue: described(count.default(64), {
        description: 'Scripts that may wait to be checked; beyond, requests are answered 429.',
      }),
      channel_seconds: described(z.number().min(0.01).max(300).default(30), {
        aliases: ['channel_timeout'],
        description: 'How long a send or a receive waits for its peer when the request does not say; at most 300.',
      }),
      graphql_aliases: described(z.int().min(0).default(100), {
        description:
          'Fields with another name in the answer that one GraphQL document may have; beyond, it is refused.',
      }),
      graphql_root_fields: described(count.default(50), {
        description:
          'Fields of the root that one GraphQL document may have, each of which performs an operation; beyond, it is refused.',
      }),
      requests: described(count.default(10_000), {
        description: 'Requests that may run at the same time; beyond, 503.',
      }),
      drain_seconds: described(z.number().min(0).default(0.8), {
        description: 'How long requests that still run may go on when the server stops.',
      }),
    })
    .prefault({}),
  cors: z
    .strictObject({
      origins: described(
        z.array(z.string().regex(/^https?:\/\/[^/\s]+$/, 'an origin is written https://example.org')).default([]),
        {
          aliases: ['security.network.allowed_origins'],
          description:
            'Other sites whose pages may call this server from a browser: a list; in text, separated by spaces.',
        },
      ),
    })
    .prefault({}),
  headers: z
    .strictObject({
      hsts_seconds: described(z.int().min(0).default(0), {
        aliases: ['security.network.hsts_max_age'],
        description:
          'Strict-Transport-Security: how long browsers insist on HTTPS; 0: not sent. For servers behind TLS.',
      }),
      content_security_policy: described(z.string().min(1).optional(), {
        description: 'Content-Security-Policy of every answer. Default: nothing from other sites, in no frame.',
      }),
    })
    .prefault({}),
  rate: z
    .strictObject({
      read_per_minute: described(perMinute.default(0), {
        description: 'Reads a minute from one address; 0: no limit.',
      }),
      write_per_minute: described(perMinute.default(0), {
        description: 'Changes a minute from one address; 0: no limit.',
      }),
      verify_per_minute: described(perMinute.default(600), {
        description: 'Verifications a minute from one address; 0: no limit.',
      }),
      burst: described(count.default(60), { description: 'Requests that may come at once after a pause.' }),
      anonymous_per_minute: described(perMinute.default(60), {
        aliases: ['security.rate_limit_requests_per_minute', 'security.rate_limiting.requests_per_minute'],
        description:
          'Requests of any kind a minute from one address that is not of this machine, those for a WebSocket and those over one included; 0: no limit. There are no accounts yet, so all of them are anonymous. Health checks and /metrics are not counted.',
      }),
      anonymous_burst: described(count.default(10), {
        aliases: ['security.rate_limiting.burst_size'],
        description: 'How many of those may come at once after a pause.',
      }),
    })
    .prefault({}),
  websocket: z
    .strictObject({
      ping_interval: described(seconds.default(20), {
        description: 'Seconds between two questions to a WebSocket client whether it is still there.',
      }),
      ping_timeout: described(seconds.default(10), {
        description: 'Seconds it has to answer; then the connection is ended.',
      }),
      close_timeout: described(seconds.default(10), {
        description:
          'Seconds it has to answer a close; then the connection is dropped. When the server stops, at most half a second.',
      }),
      max_size: described(count.default(1024 * 1024), {
        description: 'Bytes of the largest message a client may send; beyond, it is closed with 1009.',
      }),
      max_queue: described(count.default(32), {
        description:
          'Messages on their way to one client, and of a subscription that acknowledges those that it has not; beyond, its subscriptions pause and resume without loss.',
      }),
    })
    .prefault({}),
  modules: described(
    z
      .array(
        z.union([
          z.string().min(1),
          z.strictObject({ from: z.string().min(1), config: z.record(z.string(), z.unknown()).optional() }),
        ]),
      )
      .default([]),
    {
      description:
        'Modules of others: packages, or paths relative to where the server starts. Each a name, or `from` and `config`. See docs/modules.md.',
    },
  ),
  system: SYSTEM,
  security: SECURITY,
  ai_integration: AI_INTEGRATION,
  quantum: QUANTUM,
  blockchain: BLOCKCHAIN,
});

export type Configuration = z.output<typeof Configuration>;
