/**
 * The configuration: every key there is, with its meaning, its type and its default. A key stands here when it has an effect, and not before.
 */
import { z } from 'zod';

/** What a key says about itself beside its type; the name of its environment variable follows from its path unless given. */
interface KeyMeta {
  readonly description: string;
  readonly env?: string;
  /** A URL whose password is never printed. */
  readonly secret?: boolean;
}

const described = <Schema extends z.ZodType>(schema: Schema, meta: KeyMeta): Schema => schema.meta({ ...meta });

const DATABASE_SCHEMES = ['postgresql', 'postgres', 'mysql', 'mariadb', 'cockroachdb'];

const count = z.int().min(1);
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
    description: 'Sets the default of log.format: text in development, json in production.',
  }),
  debug: described(z.boolean().default(false), {
    description: 'Answers to defects carry their stack, and the default of log.level is debug.',
  }),
  name: described(z.string().min(1).max(100).default('Enhanced CSP'), {
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
    })
    .prefault({}),
  database: z
    .strictObject({
      url: described(databaseUrl.default('sqlite'), {
        description:
          'The store: sqlite, in data_dir, or the URL of a server: postgresql://user:password@host:5432/name, or mysql:// or mariadb:// with the same parts.',
        secret: true,
      }),
      pool_max: described(count.default(10), {
        description: 'Connections for reads to a database server, beside the one that writes.',
      }),
      experimental: described(z.boolean().default(false), {
        description: 'Lets in databases no test has run against: cockroachdb://.',
      }),
      queue_max: described(count.default(10_000), {
        description: 'Commits that may wait for the disk; beyond, requests are answered 503.',
      }),
    })
    .prefault({}),
  telemetry: z
    .strictObject({
      sample_seconds: described(z.number().min(0.1).max(60).default(15), {
        description: 'How often the platform measures itself.',
      }),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      cpu_percent: described(z.number().min(0).default(80), {
        description: 'An alert begins when the processors of the machine are busier than this; above 100: never.',
      }),
      memory_percent: described(z.number().min(0).default(85), {
        description: 'An alert begins when more of the memory of the machine is used; above 100: never.',
      }),
      error_rate: described(z.number().min(0).default(0.05), {
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
        description: 'Time the check of one script may take; beyond, its verdict is unknown.',
      }),
      verification_queue: described(count.default(64), {
        description: 'Scripts that may wait to be checked; beyond, requests are answered 429.',
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
        z
          .string()
          .regex(/^(https?:\/\/[^/\s]+( +|$))*$/, 'origins: https://example.org')
          .default(''),
        {
          description:
            'Other sites whose pages may call this server from a browser, separated by spaces. Default: none.',
        },
      ),
    })
    .prefault({}),
  headers: z
    .strictObject({
      hsts_seconds: described(z.int().min(0).default(0), {
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
    })
    .prefault({}),
});

export type Configuration = z.output<typeof Configuration>;
