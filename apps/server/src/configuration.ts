/** Reads the sources of the configuration from the machine; what they mean is the platform's business. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import {
  type ConfigurationDiagnostic,
  type ConfigurationSources,
  Fault,
  type InvalidConfiguration,
  type LoadedConfiguration,
  loadConfiguration,
} from '@enhanced-csp/platform';

/** Read when it is there and no other file is named. */
export const CONFIGURATION_FILE = 'csp.yaml';

export interface ConfigurationOptions {
  /** Where `.env`, `.env.local` and `csp.yaml` are looked for. Default: the working folder. */
  readonly folder?: string;
  /** The configuration file, relative to `folder`. It must exist. */
  readonly file?: string | undefined;
  /** By key: `{ port: 0, 'log.level': 'warn' }`. */
  readonly flags?: ConfigurationSources['flags'];
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** @throws Fault `CSP-CFG-005` when a file that was named cannot be read. */
export async function readConfiguration(
  options: ConfigurationOptions = {},
): Promise<LoadedConfiguration | InvalidConfiguration> {
  const { folder = process.cwd(), flags, env = process.env } = options;
  const envLocal = readVariables(join(folder, '.env.local'));
  const envFile = readVariables(join(folder, '.env'));
  const lines = {
    ...(envLocal === undefined ? {} : { envLocal: envLocal.lines }),
    ...(envFile === undefined ? {} : { envFile: envFile.lines }),
  };
  const path = options.file ?? CONFIGURATION_FILE;
  const text =
    options.file !== undefined || existsSync(resolve(folder, path)) ? readText(resolve(folder, path)) : undefined;
  return loadConfiguration({
    env,
    ...(flags === undefined ? {} : { flags }),
    ...(envLocal === undefined ? {} : { envLocal: envLocal.variables }),
    ...(envFile === undefined ? {} : { envFile: envFile.variables }),
    lines,
    ...(text === undefined ? {} : { file: { path, text } }),
  });
}

/** @throws Fault with the first error in words and all of them in `details.diagnostics`. */
export function refuseInvalid(configuration: LoadedConfiguration | InvalidConfiguration): LoadedConfiguration {
  if (configuration.kind === 'loaded') return configuration;
  const errors = configuration.diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors as [ConfigurationDiagnostic];
  throw new Fault(first.code, 'invalid', errors.map(({ place, message }) => `${place}: ${message}`).join('\n'), {
    details: { diagnostics: configuration.diagnostics },
  });
}

interface Variables {
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The last line that sets each, counted from 1. */
  readonly lines: Readonly<Record<string, number>>;
}

function readVariables(file: string): Variables | undefined {
  if (!existsSync(file)) return undefined;
  const text = readText(file);
  const lines: Record<string, number> = {};
  for (const [index, line] of text.split('\n').entries()) {
    const name = /^\s*(?:export\s+)?([\w.-]+)\s*=/.exec(line)?.[1];
    if (name !== undefined) lines[name] = index + 1;
  }
  return { variables: parseEnv(text), lines };
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Fault('CSP-CFG-005', 'not found', `The file ${file} cannot be read: ${(cause as Error).message}.`, {
      details: { file },
      cause,
    });
  }
}
