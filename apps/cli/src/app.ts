/** The command tree. Each command is loaded when it is called, so that `csp --help` costs nothing. */
import { Fault } from '@enhanced-csp/platform';
import { buildApplication, buildRouteMap, run as runApplication, text_en } from '@stricli/core';
import { auditCommand } from './commands/audit.ts';
import { checkCommand } from './commands/check.ts';
import { dbCommand } from './commands/db.ts';
import { doctorCommand } from './commands/doctor.ts';
import { drawCommand } from './commands/draw.ts';
import { evalCommand } from './commands/eval.ts';
import { explainCommand } from './commands/explain.ts';
import { initCommand } from './commands/init.ts';
import { replayCommand } from './commands/replay.ts';
import { runCommand } from './commands/run.ts';
import { startCommand } from './commands/start.ts';
import { statusCommand } from './commands/status.ts';
import { contextOf } from './context.ts';
import { CommandFailed, EXIT, exitCodeOfError } from './exit-codes.ts';
import { VERSION } from './version.ts';

const routes = buildRouteMap({
  routes: {
    init: initCommand,
    start: startCommand,
    check: checkCommand,
    explain: explainCommand,
    replay: replayCommand,
    draw: drawCommand,
    eval: evalCommand,
    run: runCommand,
    audit: auditCommand,
    status: statusCommand,
    db: dbCommand,
    doctor: doctorCommand,
  },
  docs: { brief: 'Conversations between agents: specified, verified, enforced, audited.' },
});

const application = buildApplication(routes, {
  name: 'csp',
  versionInfo: { currentVersion: VERSION },
  scanner: { caseStyle: 'allow-kebab-for-camel' },
  documentation: { caseStyle: 'convert-camel-to-kebab', useAliasInUsageLine: false },
  determineExitCode: exitCodeOfError,
  localization: {
    text: {
      ...text_en,
      exceptionWhileRunningCommand: (error) =>
        error instanceof CommandFailed || error instanceof Fault
          ? `csp: ${error.message}`
          : `csp: a defect in csp itself, please report it\n${error instanceof Error ? error.stack : String(error)}`,
    },
  },
});

/** Runs the command that `args` name, and leaves its exit status in `host.exitCode`. */
export async function run(args: readonly string[], host: NodeJS.Process): Promise<void> {
  await runApplication(application, args, contextOf(host));
  // The framework has negative codes for its own findings: all of them are mistakes in how the command was called.
  if (typeof host.exitCode === 'number' && host.exitCode < 0) host.exitCode = EXIT.usage;
}
