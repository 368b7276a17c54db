/** Performs one operation on a platform and prints its answer: as JSON, as the text it is (a log), or as a table where there is a list. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { callRoute } from '@enhanced-csp/client';
import { fetchFrom } from '../client.ts';
import type { DescribedOperation, Flags } from '../commands/operations.ts';
import type { Context } from '../context.ts';
import { urlOf } from '../contexts.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { flagName } from '../flags.ts';
import { readable, tableOf } from '../readable.ts';

type Answer = Readonly<Record<string, unknown>>;

const POLL_MS = 500;

export async function callOperation(
  context: Context,
  { id, route, fields, text }: DescribedOperation,
  flags: Flags,
  args: readonly string[],
): Promise<void> {
  const { url, context: named, json, follow, input: whole, ...given } = flags;
  const path = fields.filter((field) => field.in === 'path');
  const input: Record<string, unknown> = whole === undefined ? {} : bodyOf(String(whole));
  for (const [index, { name }] of path.entries()) input[name] = args[index];
  for (const { name, type } of fields) {
    const value = given[flagName(name)];
    if (value !== undefined)
      input[name] = type === 'number' ? value : parsedValue(name, String(value), type === 'string');
  }
  const missing = fields.filter(({ name, required }) => required && input[name] === undefined).map(({ name }) => name);
  if (missing.length > 0)
    throw new CommandFailed(
      EXIT.usage,
      `${id} needs ${missing.map((name) => `--${name.replaceAll('_', '-')}`).join(', ')}`,
    );

  const target = urlOf({ url: url as string | undefined, context: named as string | undefined }, context.env);
  const platform = { url: target, fetch: fetchFrom(target) };
  const call = async (more: object = {}) => (await callRoute(platform, route, { ...input, ...more })) as Answer;
  if (follow === true) return followed(context, call, json === true);
  if (text !== undefined && json !== true) {
    const answer = (await callRoute(platform, route, input, { accept: text })) as string;
    context.print(answer.replace(/\n$/, ''));
    return;
  }
  const answer = await call();
  context.print(json === true ? JSON.stringify(answer) : readable(answer, context.paint));
}

/** Entries as they come, each from where the last answer ended; one line each. */
async function followed(context: Context, call: (more?: object) => Promise<Answer>, json: boolean): Promise<void> {
  for (let from: unknown; ; ) {
    const answer = await call(from === undefined ? {} : { from });
    const entries = Object.values(answer).find(Array.isArray) ?? [];
    for (const entry of entries)
      context.print(json ? JSON.stringify(entry) : tableOf([entry], context.paint, { heads: false }));
    from = answer.next;
    if (entries.length === 0) await sleep(POLL_MS);
  }
}

function bodyOf(text: string): Record<string, unknown> {
  const value = parsedValue('input', text, false);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new CommandFailed(EXIT.usage, '--input: expected one JSON object');
  return { ...value };
}

/** `@FILE` is what the file says; what is no text is JSON. */
function parsedValue(name: string, text: string, isText: boolean): unknown {
  const content = text.startsWith('@') ? fileText(text.slice(1)) : text;
  if (isText) return content;
  try {
    return JSON.parse(content);
  } catch (cause) {
    throw new CommandFailed(EXIT.usage, `--${name}: expected JSON: ${(cause as Error).message}`, { cause });
  }
}

function fileText(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8');
  } catch (cause) {
    throw new CommandFailed(EXIT.notFound, `cannot read ${path}: ${(cause as NodeJS.ErrnoException).code}`, { cause });
  }
}
