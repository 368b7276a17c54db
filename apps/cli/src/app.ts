/** The command tree. Each command is loaded when it is called, so that `csp --help` costs nothing. */
import { Problem } from '@enhanced-csp/client';
import { Fault } from '@enhanced-csp/platform';
import {
  type Application,
  buildApplication,
  buildRouteMap,
  proposeCompletions,
  type RouteMap,
  run as runApplication,
  text_en,
} from '@stricli/core';
import { auditCommand } from './commands/audit.ts';
import { benchCommand } from './commands/bench.ts';
import { callCommand, calledOperation } from './commands/call.ts';
import { checkCommand } from './commands/check.ts';
import { completionCommand } from './commands/completion.ts';
import { configCommand } from './commands/config.ts';
import { contextCommand } from './commands/context.ts';
import { dbCommand } from './commands/db.ts';
import { doctorCommand } from './commands/doctor.ts';
import { graphqlCommand, openapiCommand } from './commands/documents.ts';
import { drawCommand } from './commands/draw.ts';
import { evalCommand } from './commands/eval.ts';
import { explainCommand } from './commands/explain.ts';
import { initCommand } from './commands/init.ts';
import { operationCommands } from './commands/operations.ts';
import { profileCommand } from './commands/profile.ts';
import { projectCommand } from './commands/project.ts';
import { replayCommand } from './commands/replay.ts';
import { runCommand } from './commands/run.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { restartCommand, stopCommand } from './commands/stop.ts';
import { topCommand } from './commands/top.ts';
import { watchCommand } from './commands/watch.ts';
import { type Context, contextOf } from './context.ts';
import { CommandFailed, EXIT, exitCodeOfError } from './exit-codes.ts';
import { nextStep } from './next-step.ts';
import { VERSION } from './version.ts';

const routes = buildRouteMap({
  routes: {
    init: initCommand,
    start: startCommand,
    stop: stopCommand,
    restart: restartCommand,
    status: statusCommand,
    top: topCommand,
    check: checkCommand,
    explain: explainCommand,
    replay: replayCommand,
    draw: drawCommand,
    eval: evalCommand,
    run: runCommand,
    project: projectCommand,
    audit: auditCommand,
    ...operationCommands(),
    call: callCommand,
    watch: watchCommand,
    config: configCommand,
    context: contextCommand,
    db: dbCommand,
    doctor: doctorCommand,
    profile: profileCommand,
    bench: benchCommand,
    openapi: openapiCommand,
    graphql: graphqlCommand,
    completion: completionCommand,
  },
  aliases: { protocol: 'protocols', conversation: 'conversations', process: 'processes', channel: 'channels' } as never,
  docs: { brief: 'Conversations between agents: specified, verified, enforced, audited.' },
});

/** @param failed is told what ended a command, for whoever knows its next step: the framework keeps it to itself. */
const built = (tree: RouteMap<Context>, failed: (error: unknown) => void = () => {}): Application<Context> =>
  buildApplication(tree, {
    name: 'csp',
    versionInfo: { currentVersion: VERSION },
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { caseStyle: 'convert-camel-to-kebab', useAliasInUsageLine: false },
    determineExitCode: exitCodeOfError,
    localization: {
      text: {
        ...text_en,
        exceptionWhileRunningCommand: (error) => {
          failed(error);
          return told(error);
        },
      },
    },
  });

export const application = built(routes);

/** Runs the command that `args` name, and leaves its exit status in `host.exitCode`. */
export async function run(args: readonly string[], host: NodeJS.Process): Promise<void> {
  if (args[0] === '__complete') return complete(args.slice(1), host);
  let ended: unknown;
  try {
    const called = await calledOperation(args, host.env);
    const watched = built(called?.routes ?? routes, (error) => {
      ended = error;
    });
    await runApplication(watched, called?.args ?? args, contextOf(host));
  } catch (error) {
    ended = error;
    host.stderr.write(`${told(error)}\n`);
    host.exitCode = exitCodeOfError(error);
  }
  const next = await nextStep(ended);
  if (next !== undefined) host.stderr.write(`  next: ${next}\n`);
  // The framework has negative codes for its own findings: all of them are mistakes in how the command was called.
  if (typeof host.exitCode === 'number' && host.exitCode < 0) host.exitCode = EXIT.usage;
}

/** What the scripts of `csp completion` ask: proposals for the last of `words`, one a line. */
async function complete(words: readonly string[], host: NodeJS.Process): Promise<void> {
  const called = await calledOperation(words, host.env).catch(() => undefined);
  const proposals = await proposeCompletions(
    called === undefined ? application : built(called.routes),
    called?.args ?? words,
    contextOf(host),
  );
  for (const { completion } of proposals) host.stdout.write(`${completion}\n`);
}

function told(error: unknown): string {
  return error instanceof CommandFailed || error instanceof Fault || error instanceof Problem
    ? `csp: ${sentence(error)}`
    : `csp: a defect in csp itself, please report it\n${error instanceof Error ? error.stack : String(error)}`;
}

/** What is wrong, with its code, and each place of it. */
function sentence(error: CommandFailed | Fault | Problem): string {
  if (error instanceof CommandFailed) return error.message;
  const code = error.code === '' || error.message.startsWith(error.code) ? '' : `${error.code} `;
  const { errors } = error instanceof Problem ? (error.document as { errors?: unknown }) : {};
  const places = Array.isArray(errors)
    ? errors.map(({ pointer, detail }) => `\n  ${pointer || 'input'}: ${detail}`)
    : [];
  return `${code}${error.message}${places.join('')}`;
}
