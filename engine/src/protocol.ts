/**
 * A protocol, ready to be enforced and audited: a script, the process that is the whole conversation, its roles, and the tables made of them.
 *
 * What must hold before a conversation may start is written as assertions of CSPM, so that the same checker decides it and the same report
 * shows it: the conversation never gets stuck, and never diverges.
 */

import { conversationOf } from './conversation.ts';
import type { Process, Span, Terms } from './csp/index.ts';
import type { Diagnostic, Evaluation } from './cspm/index.ts';
import { type LoadOptions, load } from './load.ts';
import { compile, type Limits, type Lts, type NormalForm, normalize, visibleEvents } from './lts/index.ts';
import { ENVIRONMENT, type Monitor, monitorOf, type Roles, rolesOf } from './runtime/index.ts';

export interface ProtocolDefinition {
  /** CSPM. */
  readonly source: string;
  /** Name of the process that is the whole conversation. Default: what the script's `--@ conversation` line says. */
  readonly system?: string;
  readonly roles?: readonly string[];
}

export interface Protocol {
  readonly source: string;
  readonly system: string;
  readonly roles: Roles;
  readonly terms: Terms;
  readonly process: Process;
  /** The behavior, for audits. */
  readonly lts: Lts;
  readonly normalForm: NormalForm;
  readonly monitor: Monitor;
}

export type Opened =
  | { readonly kind: 'open'; readonly protocol: Protocol; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'ill-formed'; readonly diagnostics: readonly Diagnostic[] };

/**
 * Opens a protocol: loads the script and makes the tables of the conversation. Verifies nothing; see `withObligations`.
 *
 * Throws `LimitReached` when the conversation has more states than the limits allow, and `EvaluationFault` for what goes wrong in states that
 * only exploring reaches.
 *
 * @example
 * const opened = openProtocol({ source }, { file: 'negotiation.csp' });
 * if (opened.kind === 'open') new Session(opened.protocol);
 */
export function openProtocol(
  definition: ProtocolDefinition,
  options: LoadOptions & { readonly explore?: Limits },
): Opened {
  const { evaluation, diagnostics } = load(definition.source, options);
  if (evaluation === undefined) return { kind: 'ill-formed', diagnostics };
  const refuse = (wrong: Diagnostic): Opened => ({ kind: 'ill-formed', diagnostics: [...diagnostics, wrong] });
  const parts = partsOf(definition, evaluation, options.file);
  if ('severity' in parts) return refuse(parts);
  const { system, roles: roleNames } = parts;
  const span = placeOf(options.file);

  const process = evaluation.process({ kind: 'name', span, name: { parts: [system], span } });
  const lts = compile(evaluation.terms, process, options.explore);
  const normalForm = normalize(lts, options.explore);
  const monitor = monitorOf(normalForm);
  const roles = rolesOf(evaluation.terms.alphabet, roleNames);
  const silent = roleNames.filter(
    (role) => !visibleEvents(normalForm).some((event) => roles.performerOf(event) === role),
  );
  if (silent.length > 0)
    return refuse({
      severity: 'error',
      code: 'CSP-PRO-003',
      span,
      message: `no event of ${system} is performed by ${silent.join(', ')}: an event names its channel, then who performs it, then who receives it`,
    });
  const protocol = {
    source: definition.source,
    system,
    roles,
    terms: evaluation.terms,
    process,
    lts,
    normalForm,
    monitor,
  };
  return { kind: 'open', protocol, diagnostics };
}

/** Which process is the conversation, and who takes part: as given, or as the script says itself; or what is wrong with that. */
export function partsOf(
  definition: ProtocolDefinition,
  evaluation: Evaluation,
  file: string,
): { readonly system: string; readonly roles: readonly string[] } | Diagnostic {
  const declared = conversationOf(definition.source);
  const wrong = (code: string, message: string): Diagnostic => ({
    severity: 'error',
    code,
    span: placeOf(file, declared?.line),
    message,
  });
  const system = definition.system ?? declared?.system;
  const roles = definition.roles ?? declared?.roles;
  if (system === undefined || roles === undefined)
    return wrong(
      'CSP-PRO-001',
      'which process is the conversation, and who takes part? Name them, or write a line like: --@ conversation DEAL roles buyer, seller',
    );
  if (!evaluation.definitions.includes(system))
    return wrong('CSP-PRO-002', `the script defines no process ${system} without parameters`);
  const odd = roles.find((role, i) => role === ENVIRONMENT || roles.indexOf(role) !== i);
  if (odd !== undefined)
    return wrong(
      'CSP-PRO-004',
      `no role can be called ${odd}: ${odd === ENVIRONMENT ? 'it performs what no role does' : 'another one is'}`,
    );
  return { system, roles };
}

function placeOf(file: string, line = 1): Span {
  return { file, line, column: 1, endLine: line, endColumn: 1 };
}

/** What every conversation must be: it never gets stuck, and it never goes on without anybody seeing anything. */
export const OBLIGATIONS: readonly string[] = [':[deadlock free [F]]', ':[divergence free]'];

/**
 * The source with obligations added as assertions about `system`, where it does not state them itself, on lines after its own: `check` then decides
 * them with the rest.
 */
export function withObligations(source: string, system: string, obligations = OBLIGATIONS): string {
  const stated = source.split(/\r?\n/).map((line) => line.replace(/\s+/g, ''));
  const missing = obligations
    .map((property) => `assert ${system} ${property}`)
    .filter((assertion) => !stated.includes(assertion.replace(/\s+/g, '')));
  return [source.trimEnd(), ...missing, ''].join('\n');
}
