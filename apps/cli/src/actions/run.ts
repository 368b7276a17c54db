/** The work of `csp run`, loaded when the command is called. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Cast, check, deciding, type Protocol, withObligations } from '@enhanced-csp/engine';
import { type Agent, localMonitors, type Played, playSession, Seeded, wanderer } from '@enhanced-csp/engine/runtime';
import type { Flags } from '../commands/run.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { saveLog } from '../log-file.ts';
import { openedProtocol } from '../open-protocol.ts';
import { readScript } from '../script-file.ts';
import { exitCodeOf } from './check.ts';

export async function runConversation(
  this: Context,
  { agents, seed, mode, log, json }: Flags,
  file: string,
): Promise<void> {
  const protocol = openedProtocol(readScript(file), file);
  const report = check(withObligations(protocol.source, protocol.system), { file, now: () => performance.now() });
  const undecided = exitCodeOf(report);
  if (undecided !== EXIT.ok)
    throw new CommandFailed(undecided, `${file} does not run: not every assertion holds; see csp check ${file}`);

  const cast = agents === undefined ? undefined : await castOf(agents);
  const played = play(protocol, cast, { seed, mode });
  if (!json) {
    this.print(this.paint.faint(`${report.assertions.length} assertions hold; ${protocol.system}, seed ${seed}`));
    for (const attempt of played.attempts) {
      const { good, bad, faint } = this.paint;
      const mark = { accepted: good('✓'), refused: bad('✗'), unlawful: bad('!') }[attempt.kind];
      const why = attempt.kind === 'accepted' ? '' : `  ${faint(`by ${attempt.role}: ${attempt.message}`)}`;
      this.print(`${mark} ${attempt.event}${why}`);
      if (attempt.kind === 'refused' && attempt.quarantine !== undefined)
        this.print(`  ${bad(`${attempt.role} is in quarantine`)}`);
    }
    if (played.quiescence?.kind === 'violation')
      this.print(this.paint.bad(`nothing moves: ${played.quiescence.message}`));
  }
  const saved =
    log === undefined ? undefined : saveLog(log, { ...protocol, name: file, roles: protocol.roles.names }, played);
  const { status } = played.session;
  const { quiescence } = played;
  const deviated = played.attempts.some(({ kind }) => kind === 'unlawful');
  if (json)
    this.print(
      JSON.stringify({
        file,
        system: protocol.system,
        seed,
        mode,
        status,
        attempts: played.attempts,
        ...(quiescence && { quiescence }),
        ...saved,
      }),
    );
  else {
    this.print(
      this.paint.faint(
        `${status} after ${played.session.trace.length} events, ${played.milliseconds} ms of virtual time`,
      ),
    );
    if (saved) this.print(`log: ${saved.log}\nkey: ${saved.key}`);
  }
  this.end((status === 'terminated' || played.session.mayEnd) && !deviated ? EXIT.ok : EXIT.propertyFails);
}

function play(
  { monitor, roles, normalForm }: Protocol,
  cast: Cast | undefined,
  { seed, mode }: Pick<Flags, 'seed' | 'mode'>,
): Played {
  const chance = new Seeded(seed);
  const agents: Record<string, Agent> = {};
  for (const role of roles.names) {
    const decide = cast?.[role];
    if (cast !== undefined && decide === undefined) throw new CommandFailed(EXIT.invalidInput, `nobody plays ${role}`);
    agents[role] = decide === undefined ? wanderer(chance) : deciding(decide);
  }
  const local = mode === 'quarantine' ? localMonitors(normalForm, roles) : {};
  return playSession({ monitor, roles, agents, seed, mode, local });
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
