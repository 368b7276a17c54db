/**
 * Puts the configuration together from its sources. Earlier in this list wins: flags, environment, `.env.local`, `.env`, configuration file, defaults.
 *
 * Sources are texts and records; whoever calls reads the files. Nothing is thrown for what people wrote: each mistake becomes a diagnostic with
 * its place.
 */
import type { z } from 'zod';
import { nearest } from '../nearest.ts';
import { type ConfigurationKey, configurationKeys } from './keys.ts';
import { Configuration } from './schema.ts';

export interface ConfigurationSources {
  /** By key: `{ 'log.level': 'warn', port: 0 }`. */
  readonly flags?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** The environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The variables of the file `.env.local`. */
  readonly envLocal?: Readonly<Record<string, string | undefined>>;
  /** The variables of the file `.env`. */
  readonly envFile?: Readonly<Record<string, string | undefined>>;
  /** The YAML file. */
  readonly file?: { readonly path: string; readonly text: string };
}

export interface ConfigurationDiagnostic {
  readonly severity: 'error' | 'warning';
  /** `CSP-CFG-001` to `-005`. */
  readonly code: string;
  readonly message: string;
  /** `config.yaml:3:5`, `CSP_PORT in .env`, `--port`. */
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
  /** With the password masked, if it has one. */
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
  /** One key, or undefined when there is no such key. */
  explain(path: string): Explanation | undefined;
  /** All keys, with secrets masked. */
  explainAll(): readonly Explanation[];
}

export interface InvalidConfiguration {
  readonly kind: 'invalid';
  readonly diagnostics: readonly ConfigurationDiagnostic[];
}

interface Setting {
  readonly path: string;
  readonly value: unknown;
  readonly origin: Origin;
  readonly at?: { readonly line: number; readonly column: number };
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
  const file = sources.file === undefined ? undefined : await readFile(sources.file);
  // Strongest first.
  const read = [
    readFlags(sources.flags ?? {}),
    readVariables(sources.env ?? {}, 'environment', 'warning'),
    readVariables(sources.envLocal ?? {}, '.env.local', 'error'),
    readVariables(sources.envFile ?? {}, '.env', 'error'),
    ...(file === undefined ? [] : [file]),
  ];
  const diagnostics = read.flatMap((one) => one.diagnostics);
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
    return { ...key, value: key.secret ? masked(value) : value, origin, overridden };
  };
  return {
    kind: 'loaded',
    values,
    diagnostics,
    explain(path) {
      const key = configurationKeys().find((one) => one.path === path);
      return key === undefined ? undefined : explain(key);
    },
    explainAll: () => configurationKeys().map(explain),
  };
}

interface Read {
  readonly settings: readonly Setting[];
  readonly diagnostics: readonly ConfigurationDiagnostic[];
}

function readFlags(flags: NonNullable<ConfigurationSources['flags']>): Read {
  const settings: Setting[] = [];
  const diagnostics: ConfigurationDiagnostic[] = [];
  for (const [path, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const key = configurationKeys().find((one) => one.path === path);
    const place = `--${path}`;
    if (key === undefined) diagnostics.push(unknownKey(path, place, 'error', keyPaths()));
    else
      settings.push({
        path,
        value: typeof value === 'string' ? fromText(value, key) : value,
        origin: { kind: 'flag', place },
      });
  }
  return { settings, diagnostics };
}

/** Variables that do not begin with CSP_ belong to others. In the environment of a process an unknown one is a warning: others may use the prefix. */
function readVariables(
  variables: Readonly<Record<string, string | undefined>>,
  kind: 'environment' | '.env.local' | '.env',
  severity: 'error' | 'warning',
): Read {
  const settings: Setting[] = [];
  const diagnostics: ConfigurationDiagnostic[] = [];
  const byName = new Map(configurationKeys().map((key) => [key.env, key]));
  for (const [name, text] of Object.entries(variables)) {
    if (!name.startsWith('CSP_') || text === undefined) continue;
    const key = byName.get(name);
    const place = kind === 'environment' ? name : `${name} in ${kind}`;
    // Set to nothing is not set: `CSP_PORT= csp start`.
    if (key === undefined) diagnostics.push(unknownKey(name, place, severity, byName.keys()));
    else if (text !== '') settings.push({ path: key.path, value: fromText(text, key), origin: { kind, place } });
  }
  return { settings, diagnostics };
}

async function readFile({ path, text }: { readonly path: string; readonly text: string }): Promise<Read> {
  // Only those who have a file wait for the parser to load.
  const { isMap, isScalar, LineCounter, parseDocument } = await import('yaml');
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, strict: true });
  const settings: Setting[] = [];
  const diagnostics: ConfigurationDiagnostic[] = [];
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const placeOf = ({ line, column }: { line: number; column: number }) => `${path}:${line}:${column}`;

  for (const error of document.errors) {
    const where = at(error.pos[0]);
    diagnostics.push({
      severity: 'error',
      code: 'CSP-CFG-003',
      message: `${firstLine(error.message)}.`,
      place: placeOf(where),
      ...where,
    });
  }
  if (diagnostics.length > 0) return { settings, diagnostics };

  const visit = (node: unknown, prefix: readonly string[]) => {
    if (!isMap(node)) return;
    for (const pair of node.items) {
      const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
      const where = at((isScalar(pair.key) ? pair.key.range?.[0] : undefined) ?? 0);
      const key = [...prefix, name].join('.');
      const known = keyPaths();
      if (known.some((one) => one.startsWith(`${key}.`))) {
        if (isMap(pair.value)) visit(pair.value, [...prefix, name]);
        else if (!isScalar(pair.value) || pair.value.value !== null)
          diagnostics.push({
            severity: 'error',
            code: 'CSP-CFG-002',
            message: `${key} is a section: expected keys below it.`,
            place: placeOf(where),
            ...where,
          });
      } else if (known.includes(key)) {
        const value = pair.value as {
          toJS?(document: unknown): unknown;
          range?: readonly [number, ...number[]];
        } | null;
        const offset = value?.range?.[0];
        const valueAt = offset === undefined ? where : at(offset);
        settings.push({
          path: key,
          value: value?.toJS?.(document) ?? null,
          origin: { kind: 'file', place: placeOf(valueAt) },
          at: valueAt,
        });
      } else {
        const siblings = known.filter((one) => one.split('.').length === prefix.length + 1 || prefix.length === 0);
        diagnostics.push({
          ...unknownKey(key, placeOf(where), 'error', [...siblings, ...known, ...sections()]),
          ...where,
        });
      }
    }
  };
  const root = document.contents;
  if (isMap(root)) visit(root, []);
  else if (root !== null && !(isScalar(root) && root.value === null))
    diagnostics.push({
      severity: 'error',
      code: 'CSP-CFG-003',
      message: 'Expected keys and values, as in `port: 8000`.',
      place: `${path}:1:1`,
      line: 1,
      column: 1,
    });
  return { settings, diagnostics };
}

function keyPaths(): readonly string[] {
  return configurationKeys().map(({ path }) => path);
}

function sections(): ReadonlySet<string> {
  return new Set(keyPaths().flatMap((path) => (path.includes('.') ? [path.slice(0, path.lastIndexOf('.'))] : [])));
}

function unknownKey(
  name: string,
  place: string,
  severity: 'error' | 'warning',
  known: Iterable<string>,
): ConfigurationDiagnostic {
  const near = nearest(name, known);
  return {
    severity,
    code: 'CSP-CFG-001',
    message: `There is no key ${name}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    place,
    ...(near === undefined ? {} : { nearest: near }),
  };
}

function valueDiagnostic(issue: z.core.$ZodIssue, winners: ReadonlyMap<string, Setting>): ConfigurationDiagnostic {
  const path = issue.path.join('.');
  const setting = winners.get(path);
  const params = issue.code === 'custom' ? (issue.params as { code?: string } | undefined) : undefined;
  return {
    severity: 'error',
    code: params?.code ?? 'CSP-CFG-002',
    message: `${path}: ${issue.message}.`,
    place: setting?.origin.place ?? path,
    ...(setting?.at ?? {}),
  };
}

/** Text as the key wants it; what does not fit stays text, so that the schema can say what is wrong with it. */
function fromText(text: string, key: ConfigurationKey): unknown {
  if (key.type === 'number' && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (key.type === 'boolean' && /^(true|false|1|0)$/i.test(text)) return /^(true|1)$/i.test(text);
  // LOG_LEVEL=INFO is how many write it.
  return key.path.startsWith('log.') || key.path === 'environment' ? text.toLowerCase() : text;
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

/** The passwords of URLs, hidden. */
export function masked(value: unknown): unknown {
  return typeof value === 'string'
    ? value.replace(/\b([a-z][a-z0-9+.-]*:\/\/[^/:@\s]*):[^@\s]*@/gi, '$1:****@')
    : value;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').replace(/[.:]$/, '');
}
