/**
 * Puts the configuration together from its sources. Earlier in this list wins: flags, environment, `.env.local`, `.env`, configuration file, defaults.
 *
 * Sources are texts and records; whoever calls reads the files. Nothing is thrown for what people wrote: each mistake becomes a diagnostic with
 * its place.
 */
import type { z } from 'zod';
import { type ConfigurationKey, configurationKeys, keyNamed } from './keys.ts';
import { Configuration } from './schema.ts';
import { type Read, readFlags, readVariables, type Setting } from './sources.ts';
import { readYaml } from './yaml-file.ts';

export interface ConfigurationSources {
  /** By key: `{ 'log.level': 'warn', port: 0 }`. */
  readonly flags?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** The environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The variables of the file `.env.local`. */
  readonly envLocal?: Readonly<Record<string, string | undefined>>;
  /** The variables of the file `.env`. */
  readonly envFile?: Readonly<Record<string, string | undefined>>;
  /** Where their variables are set, so that diagnostics can say the line. */
  readonly lines?: {
    readonly envLocal?: Readonly<Record<string, number>>;
    readonly envFile?: Readonly<Record<string, number>>;
  };
  /** The YAML file. */
  readonly file?: { readonly path: string; readonly text: string };
}

export interface ConfigurationDiagnostic {
  readonly severity: 'error' | 'warning';
  /** `CSP-CFG-001` to `-005`, `-007`. */
  readonly code: string;
  readonly message: string;
  /** `config.yaml:3:5`, `.env:2:1`, `CSP_PORT`, `--port`. */
  readonly place: string;
  readonly line?: number;
  readonly column?: number;
  /** The known name that was probably meant. */
  readonly nearest?: string;
}

/** Where a value comes from. */
export interface Origin {
  readonly kind: 'flag' | 'environment' | '.env.local' | '.env' | 'file' | 'default';
  /** As in a diagnostic. */
  readonly place: string;
}

export interface Explanation extends ConfigurationKey {
  /** With what is secret in it masked. */
  readonly value: unknown;
  readonly origin: Origin;
  /** Sources that also set the key and lost, strongest first. */
  readonly overridden: readonly Origin[];
}

export interface LoadedConfiguration {
  readonly kind: 'loaded';
  readonly values: Configuration;
  /** Warnings only. */
  readonly diagnostics: readonly ConfigurationDiagnostic[];
  /** One key, by any of its names, or undefined when there is no such key. */
  explain(path: string): Explanation | undefined;
  /** All keys, with secrets masked. */
  explainAll(): readonly Explanation[];
}

export interface InvalidConfiguration {
  readonly kind: 'invalid';
  readonly diagnostics: readonly ConfigurationDiagnostic[];
}

/**
 * ```ts
 * const loaded = await loadConfiguration({ env: { CSP_PORT: '9000' }, flags: { 'log.level': 'warn' } });
 * if (loaded.kind === 'loaded') loaded.values.port;              // 9000
 * ```
 */
export async function loadConfiguration(
  sources: ConfigurationSources,
): Promise<LoadedConfiguration | InvalidConfiguration> {
  const file = sources.file === undefined ? undefined : await readYaml(sources.file);
  // Strongest first.
  const read = [
    readFlags(sources.flags ?? {}),
    readVariables(sources.env ?? {}, 'environment'),
    readVariables(sources.envLocal ?? {}, '.env.local', sources.lines?.envLocal),
    readVariables(sources.envFile ?? {}, '.env', sources.lines?.envFile),
    ...(file === undefined ? [] : [file]),
  ];
  const diagnostics = read.flatMap((one) => [...one.diagnostics, ...setTwice(one), ...withoutEffect(one)]);
  const settings = read.flatMap((one) => one.settings);
  const winners = new Map<string, Setting>();
  for (const setting of settings) if (!winners.has(setting.path)) winners.set(setting.path, setting);

  const parsed = Configuration.safeParse(nested(winners.values()));
  if (!parsed.success) diagnostics.push(...parsed.error.issues.map((issue) => valueDiagnostic(issue, winners)));
  if (!parsed.success || diagnostics.some(({ severity }) => severity === 'error'))
    return { kind: 'invalid', diagnostics };

  const values = parsed.data;
  const explain = (key: ConfigurationKey): Explanation => {
    const [origin = { kind: 'default', place: 'default' } as const, ...overridden] = settings
      .filter(({ path }) => path === key.path)
      .map((setting) => setting.origin);
    const value = valueAt(values, key.path);
    return { ...key, value: shown(value, key), origin, overridden };
  };
  return {
    kind: 'loaded',
    values,
    diagnostics,
    explain(path) {
      const key = keyNamed(path);
      return key === undefined ? undefined : explain(key);
    },
    explainAll: () => configurationKeys().map(explain),
  };
}

/** One source names a key twice, by different names: which one is meant cannot be known. */
function setTwice({ settings }: Read): readonly ConfigurationDiagnostic[] {
  return settings.flatMap(({ path, name, origin, at }, index) => {
    const before = settings.slice(0, index).find((one) => one.path === path);
    if (before === undefined) return [];
    const message = `${name} and ${before.name} are names of one key, set at ${before.origin.place} as well: keep one.`;
    return [{ severity: 'error', code: 'CSP-CFG-002', message, place: origin.place, ...at }];
  });
}

/** Of the environment of the process, variables without our prefix may be meant for others: no notice. */
function withoutEffect({ settings }: Read): readonly ConfigurationDiagnostic[] {
  return settings.flatMap(({ path, name, value, origin, at }) => {
    const reason = keyNamed(path)?.withoutEffect;
    if (reason === undefined || value === false) return [];
    if (origin.kind === 'environment' && !name.startsWith('CSP_')) return [];
    const message = `${name} has no effect: ${reason}.`;
    return [{ severity: 'warning', code: 'CSP-CFG-007', message, place: origin.place, ...at }];
  });
}

function valueDiagnostic(issue: z.core.$ZodIssue, winners: ReadonlyMap<string, Setting>): ConfigurationDiagnostic {
  const path = issue.path.join('.');
  // Within a list, the place is that of the list.
  const setting = [...winners.values()].find((one) => path === one.path || path.startsWith(`${one.path}.`));
  const params = issue.code === 'custom' ? (issue.params as { code?: string } | undefined) : undefined;
  return {
    severity: 'error',
    code: params?.code ?? 'CSP-CFG-002',
    message: `${setting?.path === path ? setting.name : path}: ${issue.message}.`,
    place: setting?.origin.place ?? path,
    ...(setting?.at ?? {}),
  };
}

function nested(settings: Iterable<Setting>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const { path, value } of settings) {
    const steps = path.split('.');
    const last = steps.pop() as string;
    let section = root;
    for (const step of steps) section = (section[step] ??= {}) as Record<string, unknown>;
    section[last] = value;
  }
  return root;
}

function valueAt(values: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], values);
}

function shown(value: unknown, { secret }: ConfigurationKey): unknown {
  if (secret === 'whole') return value === undefined ? undefined : '****';
  return secret ? masked(value) : value;
}

/** What is secret in URLs, hidden: the password, wherever it stands. */
export function masked(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^/:@\s]*):\S*@/gi, '$1:****@')
    .replace(/([?&][^=&\s]*(?:password|secret|token)[^=&\s]*)=[^&\s]*/gi, '$1=****');
}
