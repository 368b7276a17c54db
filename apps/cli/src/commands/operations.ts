/** One command for each operation of the interface, from its description: `processes.start` is `csp processes start PROCESS_ID`. */
import { ROUTES } from '@enhanced-csp/client';
import { DESCRIBED } from '@enhanced-csp/client/described';
import { buildCommand, buildRouteMap, type Command, type RouteMap } from '@stricli/core';
import type { Context } from '../context.ts';
import { flagName, webAddress } from '../flags.ts';

type Id = keyof typeof DESCRIBED;
type Field = (typeof DESCRIBED)[Id]['fields'][number];

/** What a command must know of an operation. */
export interface DescribedOperation {
  readonly id: string;
  /** `POST /api/processes` */
  readonly route: string;
  readonly summary: string;
  readonly fields: readonly Field[];
  readonly example?: Readonly<Record<string, unknown>> | undefined;
  /** The media type of the text it also answers with: that is printed, where nobody asks for JSON. */
  readonly text?: string | undefined;
}

export type Flags = Readonly<Record<string, string | number | boolean | undefined>>;

export const remoteFlags = {
  url: { kind: 'parsed', parse: webAddress, optional: true, brief: 'Where the platform listens' },
  context: { kind: 'parsed', parse: String, optional: true, brief: 'A name given by csp context add' },
  json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
} as const;

/** Flags of every operation: a field of the same name is given by `--input`. */
const RESERVED = new Set([...Object.keys(remoteFlags), 'input', 'follow', 'help', 'helpAll', 'version']);

/** By group; a group of one operation is that command. */
export function operationCommands(): Readonly<Record<string, Command<Context> | RouteMap<Context>>> {
  const groups = Map.groupBy(Object.keys(DESCRIBED) as Id[], (id) => id.split('.')[0] as string);
  return Object.fromEntries(
    [...groups].map(([group, ids]) => [
      group,
      ids.length === 1 ? commandOf(operationOf(ids[0] as Id), group) : groupOf(group, ids),
    ]),
  );
}

function groupOf(group: string, ids: readonly Id[]): RouteMap<Context> {
  return buildRouteMap({
    routes: Object.fromEntries(
      ids.map((id) => [id.split('.')[1] as string, commandOf(operationOf(id), id.replace('.', ' '))]),
    ),
    docs: { brief: `The ${group} of a running platform` },
  });
}

function operationOf(id: Id): DescribedOperation {
  return { id, route: ROUTES[id], ...DESCRIBED[id] };
}

/** @param words by which it is called, after `csp` */
export function commandOf(operation: DescribedOperation, words: string): Command<Context> {
  const { summary, fields, example } = operation;
  const path = fields.filter((field) => field.in === 'path');
  const others = fields.filter((field) => field.in !== 'path');
  const flags = others.filter(({ name }) => !RESERVED.has(flagName(name)));
  const followed = fields.some(({ name, type }) => name === 'from' && type === 'number');
  return buildCommand<Flags, string[], Context>({
    docs: {
      brief: summary,
      fullDescription: [...examples(words, path, others, example), '', `${summary}.`, ...reading(others)].join('\n'),
    },
    parameters: {
      positional: {
        kind: 'tuple',
        parameters: path.map(({ name, description }) => ({
          parse: String,
          placeholder: name.toUpperCase(),
          brief: description ?? `Which one`,
        })),
      } as never,
      flags: {
        ...Object.fromEntries(flags.map((field) => [flagName(field.name), flagOf(field)])),
        ...(flags.length < others.length || others.some((field) => field.in === 'body')
          ? {
              input: {
                kind: 'parsed',
                parse: String,
                optional: true,
                brief: 'The whole body: JSON, @FILE, or @- for standard input',
              },
            }
          : {}),
        ...(followed
          ? { follow: { kind: 'boolean', default: false, brief: 'Go on with what comes, until interrupted' } }
          : {}),
        ...remoteFlags,
      } as never,
      ...(followed ? { aliases: { f: 'follow' } as never } : {}),
    },
    loader: async () => {
      const { callOperation } = await import('../actions/call-operation.ts');
      return function (this: Context, flags: Flags, ...args: string[]) {
        return callOperation(this, operation, flags, args);
      };
    },
  });
}

/** Of fields whose names say enough, or whose parts are many. */
const UNDESCRIBED: Readonly<Record<Field['type'], string>> = {
  string: 'Text',
  number: 'A number',
  boolean: 'Whether',
  json: 'JSON; csp openapi print has its parts',
};

function flagOf({ type, values, description, required }: Field) {
  const brief = `${description?.replace(/\.$/, '') ?? (values === undefined ? UNDESCRIBED[type] : 'One of these')}${required ? ' (needed)' : ''}`;
  if (values !== undefined) return { kind: 'enum', values, optional: true, brief };
  if (type === 'boolean') return { kind: 'boolean', optional: true, brief };
  if (type === 'number') return { kind: 'parsed', parse: numeric, optional: true, brief };
  return { kind: 'parsed', parse: String, optional: true, brief, ...(type === 'json' ? { placeholder: 'json' } : {}) };
}

function numeric(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) throw new RangeError(`expected a number, got '${text}'`);
  return value;
}

/** What the interface shows of a body, where it does; else what is needed, without its values. */
function examples(
  words: string,
  path: readonly Field[],
  others: readonly Field[],
  example: DescribedOperation['example'] = {},
): readonly string[] {
  const named = ['csp', words, ...path.map(({ name }) => name.toUpperCase())].join(' ');
  const needed = others
    .filter(({ name, required }) => name in example || required)
    .map((field) => `--${kebab(field.name)} ${field.name in example ? word(example[field.name]) : sample(field)}`);
  const full = [named, ...needed].join(' ');
  return [`  ${full}`, `  ${full} --json`, `  ${full} --context production`];
}

function reading(others: readonly Field[]): readonly string[] {
  const readable = others.some(({ type, in: from }) => from === 'body' && (type === 'json' || type === 'string'));
  return readable ? ['A value @FILE is read from the file, @- from standard input.'] : [];
}

function sample({ type, values }: Field): string {
  if (values !== undefined) return values[0] as string;
  return { number: '1', boolean: 'true', json: "'{…}'", string: 'TEXT' }[type];
}

/** As a shell takes it. What has several lines is read from a file. */
function word(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.includes('\n')) return '@FILE';
  return /^[\w.:/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function kebab(name: string): string {
  return name.replaceAll('_', '-');
}
