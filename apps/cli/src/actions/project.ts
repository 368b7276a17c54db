/** The work of `csp project`, loaded when the command is called. */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  type LocalProtocol,
  localProtocols,
  type Protocol,
  type Realizability,
  realizability,
} from '@enhanced-csp/engine';
import { equations, TICK } from '@enhanced-csp/engine/csp';
import { LimitReached } from '@enhanced-csp/engine/lts';
import type { Flags } from '../commands/project.ts';
import type { Context } from '../context.ts';
import { CommandFailed, EXIT } from '../exit-codes.ts';
import { openedProtocol } from '../open-protocol.ts';
import { readScript } from '../script-file.ts';

export function projectProtocol(
  this: Context,
  { notices, output, maxStates, json }: Flags,
  file: string,
  role?: string,
): void {
  const protocol = openedProtocol(readScript(file), file);
  if (role !== undefined && !protocol.roles.names.includes(role))
    throw new CommandFailed(
      EXIT.notFound,
      `${file} has no role ${role}; its roles are ${protocol.roles.names.join(', ')}`,
    );
  const options = { notices, stateCountMax: maxStates };
  const locals = localOf(protocol, options);
  const wanted = locals.find((local) => local.role === role);
  if (wanted !== undefined) {
    const script = scriptOf(protocol, wanted, file);
    if (output !== undefined) writeFileSync(output, script);
    if (json)
      this.print(JSON.stringify({ file, ...summaryOf(wanted), ...(output === undefined ? { script } : { output }) }));
    else if (output === undefined) this.print(script.trimEnd());
    else this.print(`${output}: ${situations(wanted)} situations; compare it with the whole: csp check ${output}`);
    this.end(EXIT.ok);
    return;
  }
  const verdict = realizability(protocol, options);
  if (json) this.print(JSON.stringify({ file, system: protocol.system, ...verdict, roles: locals.map(summaryOf) }));
  else {
    for (const line of inWords(verdict, notices)) this.print(line);
    for (const local of locals) this.print(this.paint.faint(described(local)));
  }
  this.end({ realizable: EXIT.ok, unrealizable: EXIT.propertyFails, unknown: EXIT.timedOut }[verdict.kind]);
}

function localOf(protocol: Protocol, options: { notices: boolean; stateCountMax: number }): readonly LocalProtocol[] {
  try {
    return localProtocols(protocol, options);
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    throw new CommandFailed(
      EXIT.timedOut,
      `what one role sees has more than ${options.stateCountMax} situations; try a larger --max-states`,
    );
  }
}

function summaryOf(local: LocalProtocol) {
  const { role, sees, mixed } = local;
  return { role, situations: situations(local), events: sees.length, ...(mixed && { mixed }) };
}

function described(local: LocalProtocol): string {
  const { role, sees, mixed } = local;
  const choice =
    mixed === undefined ? '' : `; may have to offer ${mixed.performs} and ${mixed.receives} at the same time`;
  return `  ${role}: ${situations(local)} situations, ${sees.length} events${choice}`;
}

/** What comes after the end is none. */
function situations({ form }: LocalProtocol): number {
  const reached = new Set([form.initial]);
  for (const node of reached)
    for (const event of form.initials(node)) if (event !== TICK) reached.add(form.after(node, event));
  return reached.size;
}

function inWords(verdict: Realizability, notices: boolean): readonly string[] {
  if (verdict.kind === 'realizable')
    return ['realizable: roles that see only their own events keep to the protocol, each by itself'];
  if (verdict.kind === 'unknown') return [`undecided: the limit on ${verdict.spent} was reached`];
  const { trace, event, mistaken } = verdict;
  const after = trace.length === 0 ? 'at the beginning' : `after ${trace.join(', ')}`;
  return [
    `not realizable: ${after}, ${event ?? 'an end'} can follow, which the protocol has not there`,
    ...mistaken.map(
      ({ role, saw, took }) =>
        `  ${role} has seen ${saw.length === 0 ? 'nothing' : saw.join(', ')}, as in ${took.length === 0 ? 'the beginning' : took.join(', ')}`,
    ),
    ...(notices ? [] : ['  Do all roles notice what one does alone, such as a timeout? Then say so: --notices']),
  ];
}

/** The local protocol in CSPM, on top of the script it comes from, with assertions that say what it is. */
function scriptOf({ system, terms }: Protocol, { role, process, sees }: LocalProtocol, file: string): string {
  const name = `AT_${role}`;
  const bodies = equations(terms, process, { countMax: Number.POSITIVE_INFINITY, lengthMax: Number.POSITIVE_INFINITY });
  const events = sees.map((event) => terms.alphabet.nameOf(event));
  return [
    `-- ${system} of ${basename(file)} as ${role} sees it: ${bodies.length} situations, from ${name}(0).`,
    `include "${basename(file)}"`,
    '',
    ...bodies.map(({ name: call, body }) => `${call} = ${body}`),
    '',
    `seen_${role} = {${events.join(', ')}}`,
    `assert ${system} |\\ seen_${role} [T= ${name}(0)`,
    `assert ${name}(0) [T= ${system} |\\ seen_${role}`,
    '',
  ].join('\n');
}
