/** What a source says: settings by key, and what cannot be one. */
import { nearest } from '../nearest.ts';
import { type ConfigurationKey, configurationKeys, keyNamed } from './keys.ts';
import type { ConfigurationDiagnostic, ConfigurationSources, Origin } from './load.ts';

export interface Setting {
  /** Of the key, also when it was set by another name. */
  readonly path: string;
  /** The name it was set by. */
  readonly name: string;
  readonly value: unknown;
  readonly origin: Origin;
  readonly at?: Place;
}

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Read {
  readonly settings: readonly Setting[];
  readonly diagnostics: readonly ConfigurationDiagnostic[];
}

export function readFlags(flags: NonNullable<ConfigurationSources['flags']>): Read {
  const settings: Setting[] = [];
  const diagnostics: ConfigurationDiagnostic[] = [];
  for (const [name, value] of Object.entries(flags)) {
    if (value === undefined) continue;
    const key = keyNamed(name);
    const place = `--${name}`;
    if (key === undefined) diagnostics.push(unknownKey(name, place, 'error', keyNames()));
    else settings.push({ path: key.path, name, value: asWanted(value, key), origin: { kind: 'flag', place } });
  }
  return { settings, diagnostics };
}

/**
 * Variables of others are left alone: those that do not begin with CSP_ and name no key. In the environment of a process an unknown CSP_ variable is
 * a warning, since others may use the prefix.
 */
export function readVariables(
  variables: Readonly<Record<string, string | undefined>>,
  kind: 'environment' | '.env.local' | '.env',
  lines: Readonly<Record<string, number>> = {},
): Read {
  const settings: Setting[] = [];
  const diagnostics: ConfigurationDiagnostic[] = [];
  const byName = new Map(configurationKeys().map((key) => [key.env, key]));
  for (const [name, text] of Object.entries(variables)) {
    const key = byName.get(name);
    if (text === undefined || (key === undefined && !name.startsWith('CSP_'))) continue;
    const line = lines[name];
    const at = line === undefined ? undefined : { line, column: 1 };
    const place = kind === 'environment' ? name : at === undefined ? `${name} in ${kind}` : `${kind}:${at.line}:1`;
    if (key === undefined) {
      const severity = kind === 'environment' ? 'warning' : 'error';
      diagnostics.push({ ...unknownKey(name, place, severity, byName.keys()), ...at });
    }
    // Set to nothing is not set: `CSP_PORT= csp start`.
    else if (text !== '')
      settings.push({
        path: key.path,
        name,
        value: asWanted(text, key),
        origin: { kind, place },
        ...(at === undefined ? {} : { at }),
      });
  }
  return { settings, diagnostics };
}

/** Text as the key wants it; what does not fit stays text, so that the schema can say what is wrong with it. */
export function asWanted(value: unknown, key: ConfigurationKey): unknown {
  if (typeof value !== 'string') return value;
  if (key.type === 'list') return value.split(/[\s,]+/).filter((part) => part !== '');
  if (key.type === 'number' && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (key.type === 'boolean' && /^(true|false|1|0)$/i.test(value)) return /^(true|1)$/i.test(value);
  // LOG_LEVEL=INFO is how many write it.
  const meant = key.values?.find((one) => one.toLowerCase() === value.toLowerCase());
  return meant ?? value;
}

/** Of every key, and its other names. */
export function keyNames(): readonly string[] {
  return configurationKeys().flatMap(({ path, aliases }) => [path, ...aliases]);
}

export function unknownKey(
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
