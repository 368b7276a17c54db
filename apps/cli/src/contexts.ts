/** Contexts: names for platforms, so that a command need not be told a URL each time. Kept in one file of the user. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { nearest } from '@enhanced-csp/platform';
import { CommandFailed, EXIT } from './exit-codes.ts';

export const DEFAULT_URL = 'http://127.0.0.1:8000';

export interface Contexts {
  readonly current?: string | undefined;
  /** URLs by name. */
  readonly contexts: Readonly<Record<string, string>>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** `$XDG_CONFIG_HOME/csp/contexts.json`, else below `~/.config`. */
export function contextsFile(env: Env): string {
  return join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'csp', 'contexts.json');
}

export function readContexts(env: Env): Contexts {
  const file = contextsFile(env);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { contexts: {} };
  }
  try {
    const { current, contexts } = JSON.parse(text) as Contexts;
    if (Object.values(contexts).every((url) => URL.canParse(url))) return { current, contexts };
  } catch {
    // The same sentence for what is no JSON and for what is other JSON.
  }
  throw new CommandFailed(EXIT.invalidInput, `${file} is damaged; remove it, and add the contexts again`);
}

/** @throws CommandFailed when the file cannot be written. */
export async function writeContexts(env: Env, contexts: Contexts): Promise<void> {
  const file = contextsFile(env);
  const { makeFolder } = await import('@enhanced-csp/storage');
  try {
    makeFolder(dirname(file));
    writeFileSync(`${file}.new`, `${JSON.stringify(contexts, null, 2)}\n`);
    renameSync(`${file}.new`, file);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new CommandFailed(EXIT.denied, `cannot write ${file}: ${reason}. XDG_CONFIG_HOME names another folder.`, {
      cause,
    });
  }
}

/** Which platform a command is about: `--url`, else `--context`, else the context in use, else the address a platform has by default. */
export function urlOf(
  flags: { readonly url?: string | undefined; readonly context?: string | undefined },
  env: Env,
): string {
  if (flags.url !== undefined) return flags.url;
  const { current, contexts } = readContexts(env);
  const name = flags.context ?? current;
  return name === undefined ? DEFAULT_URL : contextNamed(name, contexts);
}

export function contextNamed(name: string, contexts: Contexts['contexts']): string {
  const url = contexts[name];
  if (url !== undefined) return url;
  const near = nearest(name, Object.keys(contexts));
  throw new CommandFailed(
    EXIT.notFound,
    `no context ${name}${near === undefined ? '' : `; did you mean ${near}?`}; csp context list has those there are`,
  );
}
