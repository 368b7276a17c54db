/** `csp call OPERATION`: any operation of a running platform, those of modules of others too, as its OpenAPI document describes it. */
import { nearest } from '@enhanced-csp/platform';
import { buildCommand, buildRouteMap, type RouteMap } from '@stricli/core';
import type { Context } from '../context.ts';
import { urlOf } from '../contexts.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { webAddress } from '../flags.ts';
import { tableOf } from '../readable.ts';
import { commandOf, type DescribedOperation, remoteFlags } from './operations.ts';

interface Flags {
  readonly url: string | undefined;
  readonly context: string | undefined;
  readonly json: boolean;
  readonly list: boolean;
}

export const callCommand = buildCommand<Flags, [string?], Context>({
  docs: {
    brief: 'Perform any operation of a running platform, those of modules of others too',
    fullDescription: [
      '  csp call --list',
      '  csp call greetings.create --name Ada',
      '  csp call greetings.create --help',
      '',
      'OPERATION is one that the OpenAPI document of the platform lists. Its fields are flags, those of its path come after its name: its own --help tells, from that document.',
      'Exit status: 2 a field that is missing or that it does not have, 3 no such operation, 5 refused as invalid, 6 nobody answers.',
    ].join('\n'),
  },
  parameters: {
    flags: { ...remoteFlags, list: { kind: 'boolean', default: false, brief: 'Print the operations there are' } },
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: String,
          placeholder: 'OPERATION',
          optional: true,
          brief: 'Which one; then what it takes',
          proposeCompletions: proposed,
        },
      ],
    },
  },
  async func({ list, json, ...target }) {
    if (!list) throw new CommandFailed(EXIT.usage, 'name the operation; those there are: csp call --list');
    const operations = await operationsAt(urlOf(target, this.env));
    if (json) this.print(JSON.stringify({ operations }));
    else
      this.print(
        tableOf(
          operations.map(({ id, route, summary }) => ({ operation: id, route, summary })),
          this.paint,
        ),
      );
  },
});

/**
 * The commands for `csp call OPERATION …`, when `args` are those: what the operation takes is known only by asking the platform.
 *
 * @throws CommandFailed when nobody answers, or there is no such operation.
 */
export async function calledOperation(
  args: readonly string[],
  env: Context['env'],
): Promise<{ readonly routes: RouteMap<Context>; readonly args: readonly string[] } | undefined> {
  if (args[0] !== 'call') return undefined;
  const { target, place } = read(args);
  const id = args[place];
  if (id === undefined) return undefined;
  const operations = await operationsAt(urlOf(target, env));
  const operation = operations.find((one) => one.id === id);
  if (operation === undefined) {
    const near = nearest(
      id,
      operations.map((one) => one.id),
    );
    throw new CommandFailed(
      EXIT.notFound,
      `no operation ${id}${near === undefined ? '' : `; did you mean ${near}?`} (those there are: csp call --list)`,
    );
  }
  const named = buildRouteMap<string, Context>({
    routes: { [id]: commandOf(operation, `call ${id}`) },
    docs: { brief: callCommand.brief },
  });
  return {
    routes: buildRouteMap<string, Context>({ routes: { call: named }, docs: { brief: callCommand.brief } }),
    args: ['call', id, ...args.toSpliced(place, 1).slice(1)],
  };
}

/** Which platform is meant, and where the operation stands: before its flags are known, those of the platform are read. */
function read(args: readonly string[]): { target: { url?: string; context?: string }; place: number } {
  const target: { url?: string; context?: string } = {};
  let place = args.length;
  for (let at = 1; at < args.length; at++) {
    const [, name, inline] = /^--(url|context)(?:=(.*))?$/.exec(args[at] as string) ?? [];
    if (name !== undefined) {
      const value = inline ?? args[++at] ?? '';
      if (name === 'context') target.context = value;
      else target.url = address(value);
    } else if (place === args.length && !args[at]?.startsWith('-')) place = at;
  }
  return { target, place };
}

function address(text: string): string {
  try {
    return webAddress(text);
  } catch (cause) {
    throw new CommandFailed(EXIT.usage, `--url: ${(cause as Error).message}`, { cause });
  }
}

async function operationsAt(url: string): Promise<readonly DescribedOperation[]> {
  const { operationsOfPlatform } = await import('../actions/platform-documents.ts');
  return operationsOfPlatform(url);
}

async function proposed(this: Context): Promise<readonly string[]> {
  return (await operationsAt(urlOf({}, this.env)).catch(() => [])).map(({ id }) => id);
}
