/** The audit of an exported log file against the specification that its own first line carries. */
import { type AuditOptions, type AuditReport, auditLog, type Behavior, readLog } from './audit/index.ts';
import { EvaluationFault } from './cspm/index.ts';
import { load } from './load.ts';
import { compile, LimitReached } from './lts/index.ts';
import { ENVIRONMENT, rolesOf } from './runtime/index.ts';

/**
 * Reads a log, evaluates the protocol in its header, and audits one against the other. Never throws for the content of the file.
 *
 * The process is explored lazily by its firing rules, along the log only: neither the monitor nor its table has a part in it.
 *
 * @example
 * const report = auditFile(readFileSync('deal.log'), { sha256 });
 * report.passed;
 */
export function auditFile(file: Uint8Array, options: Omit<AuditOptions, 'behavior'>): AuditReport {
  const log = readLog(file, options);
  if (log.protocol === undefined) return auditLog(log, options);
  const behavior = behaviorOf(log.protocol, options);
  if (typeof behavior !== 'string') return auditLog(log, { ...options, behavior });
  const report = auditLog(log, options);
  return { ...report, conformance: { kind: 'not judged', reason: behavior }, passed: false };
}

/** The behavior of the logged protocol, or why there is none. */
function behaviorOf(
  protocol: {
    readonly name: string;
    readonly source: string;
    readonly system: string;
    readonly roles: readonly string[];
  },
  { limits }: Pick<AuditOptions, 'limits'>,
): Behavior | string {
  const { evaluation, diagnostics } = load(protocol.source, { file: `${protocol.name}.csp` });
  if (evaluation === undefined) return `the protocol in the header is ill-formed: ${diagnostics[0]?.message ?? ''}`;
  if (!evaluation.definitions.includes(protocol.system))
    return `the protocol in the header has no process ${protocol.system}`;
  try {
    const span = { file: protocol.name, line: 1, column: 1, endLine: 1, endColumn: 1 };
    const process = evaluation.process({ kind: 'name', span, name: { parts: [protocol.system], span } });
    const roles = rolesOf(evaluation.terms.alphabet, protocol.roles);
    return {
      lts: compile(evaluation.terms, process, limits),
      performerOf: (event) => roles.performerOf(event) ?? ENVIRONMENT,
    };
  } catch (error) {
    if (error instanceof EvaluationFault || error instanceof LimitReached || error instanceof RangeError)
      return error.message;
    throw error;
  }
}
