/** `csp run FILE`: verifies the conversation of a script, then holds it, in virtual time, with every message checked before delivery. */
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
import { buildCommand } from '@stricli/core';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { natural } from '../flags.ts';
import { saveLog } from '../log-file.ts';
import { readScript } from '../script-file.ts';
import { exitCodeOf } from './check.ts';

interface Flags {
  readonly agents: string | undefined;
  readonly seed: number;
  readonly log: string | undefined;
  readonly json: boolean;
}

export const runCommand = buildCommand<Flags, [string], Context>({
  docs: {
    brief: 'Hold the conversation of a script, enforced',
    fullDescription: [
      'FILE says which process is the conversation and who takes part: --@ conversation DEAL roles buyer, seller, broker',
      'It is verified first; what fails does not run. Without --agents every role wanders through what it may do, by chance.',
      '',
      '  csp run models/negotiation.csp --seed 7',
      '  csp run models/negotiation.csp --agents models/negotiation.agents.ts --log deal.log',
      '  csp run models/negotiation.csp --agents models/negotiation.agents.ts#withRogue',
      '',
      'Exit status: 0 the conversation ended as it may, 1 it fails verification or got stuck, 3 no such file, 5 the script is wrong.',
    ].join('\n'),
  },
  parameters: {
    positional: { kind: 'tuple', parameters: [{ brief: 'The script', parse: String, placeholder: 'FILE' }] },
    flags: {
      agents: {
        kind: 'parsed',
        parse: String,
        optional: true,
        brief: 'Module with the agents; #NAME picks another export than `agents`',
      },
      seed: { kind: 'parsed', parse: natural, default: '1', brief: 'The same seed gives the same run' },
      log: { kind: 'parsed', parse: String, optional: true, brief: 'Write the log for csp audit' },
      json: { kind: 'boolean', default: false, brief: 'Print one JSON document' },
    },
  },
  async func({ agents, seed, log, json }, file) {
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
  },
});

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
