/** The work of `csp run`, loaded when the command is called. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Cast,
  check,
  deciding,
  openProtocol,
  type Protocol,
  reported,
  withObligations,
} from '@enhanced-csp/engine';
import type { Limits } from '@enhanced-csp/engine/lts';
import { type Agent, type Played, playSession, Seeded, wanderer } from '@enhanced-csp/engine/runtime';
import type { Flags } from '../commands/run.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { saveLog } from '../log-file.ts';
import { readScript } from '../script-file.ts';
import { exitCodeOf } from './check.ts';

export async function runConversation(this: Context, { agents, seed, log, json }: Flags, file: string): Promise<void> {
  const protocol = open(readScript(file), file);
  const report = check(withObligations(protocol.source, protocol.system), { file, now: () => performance.now() });
  const undecided = exitCodeOf(report);
  if (undecided !== EXIT.ok)
    throw new CommandFailed(undecided, `${file} does not run: not every assertion holds; see csp check ${file}`);

  const cast = agents === undefined ? undefined : await castOf(agents);
  const played = play(protocol, cast, seed);
  if (!json) {
    this.print(this.paint.faint(`${report.assertions.length} assertions hold; ${protocol.system}, seed ${seed}`));
    for (const attempt of played.attempts)
      this.print(
        attempt.kind === 'accepted'
          ? `${this.paint.good('✓')} ${attempt.event}`
          : `${this.paint.bad('✗')} ${attempt.event}  ${this.paint.faint(`by ${attempt.role}: ${attempt.message}`)}`,
      );
  }
  const saved =
    log === undefined ? undefined : saveLog(log, { ...protocol, name: file, roles: protocol.roles.names }, played);
  const { status } = played.session;
  if (json)
    this.print(JSON.stringify({ file, system: protocol.system, seed, status, attempts: played.attempts, ...saved }));
  else {
    this.print(
      this.paint.faint(
        `${status} after ${played.session.trace.length} events, ${played.milliseconds} ms of virtual time`,
      ),
    );
    if (saved) this.print(`log: ${saved.log}\nkey: ${saved.key}`);
  }
  this.end(status === 'terminated' || played.session.mayEnd ? EXIT.ok : EXIT.propertyFails);
}

function open(source: string, file: string): Protocol {
  const explore: Limits = { stateCountMax: 5_000_000 };
  const opened = openProtocol({ source }, { file, explore });
  if (opened.kind === 'open') return opened.protocol;
  const errors = opened.diagnostics.filter((d) => d.severity === 'error').map(reported);
  throw new CommandFailed(
    EXIT.invalidInput,
    errors.map((d) => `${d.file}:${d.line}:${d.column}: ${d.code} ${d.message}`).join('\n'),
  );
}

function play({ monitor, roles }: Protocol, cast: Cast | undefined, seed: number): Played {
  const chance = new Seeded(seed);
  const agents: Record<string, Agent> = {};
  for (const role of roles.names) {
    const decide = cast?.[role];
    if (cast !== undefined && decide === undefined) throw new CommandFailed(EXIT.invalidInput, `nobody plays ${role}`);
    agents[role] = decide === undefined ? wanderer(chance) : deciding(decide);
  }
  return playSession({ monitor, roles, agents, seed });
}

async function castOf(reference: string): Promise<Cast> {
  const [path = '', name = 'agents'] = reference.split('#');
  const module = (await import(pathToFileURL(resolve(path)).href).catch((cause: unknown) => {
    throw new CommandFailed(EXIT.notFound, `cannot load ${path}: ${(cause as Error).message}`, { cause });
  })) as Record<string, unknown>;
  const cast = module[name];
  if (typeof cast !== 'object' || cast === null)
    throw new CommandFailed(
      EXIT.invalidInput,
      `${path} exports no ${name}; it exports ${Object.keys(module).join(', ')}`,
    );
  return cast as Cast;
}
