/** The work of `csp config`, loaded when the command is called. */
import {
  type ConfigurationDiagnostic,
  configurationKeys,
  type Explanation,
  keyNamed,
  type LoadedConfiguration,
  nearest,
} from '@enhanced-csp/platform';
import { readConfiguration, refuseInvalid } from '@enhanced-csp/server';
import type { Flags, PrintFlags } from '../commands/config.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';

const read = ({ env }: Context, { config }: Flags) => readConfiguration({ file: config, env });

async function loaded(context: Context, flags: Flags): Promise<LoadedConfiguration> {
  return refuseInvalid(await read(context, flags));
}

export async function print(this: Context, flags: PrintFlags): Promise<void> {
  const all = (await loaded(this, flags)).explainAll();
  const shown = all.filter(({ origin }) => flags.effective || origin.kind !== 'default');
  if (flags.json) {
    this.print(JSON.stringify({ keys: shown.map(stated) }));
    return;
  }
  if (shown.length === 0) this.say('nothing is set; --effective prints the defaults');
  const width = Math.max(...shown.map(({ path }) => path.length));
  for (const { path, value, origin } of shown)
    this.print(`${path.padEnd(width)}  ${written(value)}  ${this.paint.faint(origin.place)}`);
}

export async function check(this: Context, flags: Flags): Promise<void> {
  const { kind, diagnostics } = await read(this, flags);
  if (flags.json) this.print(JSON.stringify({ valid: kind === 'loaded', diagnostics }));
  else {
    for (const diagnostic of diagnostics) this.print(sentence(diagnostic, this));
    if (kind === 'loaded') this.print(this.paint.good('a server would start with it'));
  }
  this.end(kind === 'loaded' ? EXIT.ok : EXIT.invalidInput);
}

export async function explain(this: Context, flags: Flags, name: string): Promise<void> {
  const key = keyNamed(name) ?? configurationKeys().find(({ env }) => env === name);
  if (key === undefined) throw unknown(name);
  const explanation = (await loaded(this, flags)).explain(key.path) as Explanation;
  if (flags.json) {
    this.print(JSON.stringify(stated(explanation)));
    return;
  }
  const { path, value, description, env, aliases, origin, overridden, withoutEffect, values } = explanation;
  const { strong, faint } = this.paint;
  this.print(`${strong(path)} = ${written(value)}`);
  this.print(`  ${description}`);
  if (values !== undefined) this.print(`  one of ${values.join(', ')}`);
  if (withoutEffect !== undefined) this.print(`  ${this.paint.doubtful('no effect')}: ${withoutEffect}`);
  this.print(`  ${faint('set by')}    ${origin.place}`);
  for (const { place } of overridden) this.print(`  ${faint('lost')}      ${place}`);
  this.print(`  ${faint('variable')}  ${env}${aliases.map((alias) => `; also ${alias}`).join('')}`);
}

/** What programs get: nothing of it depends on how the schema is written. */
function stated({ path, value, description, env, aliases, origin, overridden, withoutEffect }: Explanation) {
  return {
    key: path,
    value: value ?? null,
    origin,
    overridden,
    description,
    variable: env,
    ...(aliases.length === 0 ? {} : { aliases }),
    ...(withoutEffect === undefined ? {} : { without_effect: withoutEffect }),
  };
}

function sentence({ severity, code, place, message }: ConfigurationDiagnostic, { paint }: Context): string {
  const mark = severity === 'error' ? paint.bad('✗') : paint.doubtful('!');
  return `${mark} ${place}: ${message} ${paint.faint(code)}`;
}

function written(value: unknown): string {
  if (value === undefined) return '-';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function unknown(name: string): CommandFailed {
  const names = configurationKeys().flatMap(({ path, aliases, env }) => [path, env, ...aliases]);
  const near = nearest(name, names);
  return new CommandFailed(EXIT.notFound, `no key ${name}${near === undefined ? '' : `; did you mean ${near}?`}`);
}
