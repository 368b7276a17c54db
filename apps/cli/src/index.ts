/**
 * Enhanced CSP as a library: the engine with the clock of this machine.
 *
 * `check` and `audit` are the verbs of the command; the runtime is the engine's, with the names of the guide.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  auditFile,
  type CheckOptions,
  check as checkWith,
  type Report,
  type ReportedShrunk,
  type ShrinkOptions,
  shrinkData as shrinkWith,
} from '@enhanced-csp/engine';
import type { AuditOptions, AuditReport } from '@enhanced-csp/engine/audit';
import { includeFrom } from './script-file.ts';

export type {
  Report,
  ReportedAssertion,
  ReportedCounterexample,
  ReportedDiagnostic,
  ReportedShrunk,
} from '@enhanced-csp/engine';
export {
  type Cast,
  conversationOf,
  type Decide,
  deciding,
  type LocalProtocol,
  load,
  localProtocols,
  openProtocol,
  type Protocol,
  type Realizability,
  type RestartGroups,
  realizability,
  restartGroups,
  type View,
} from '@enhanced-csp/engine';
export {
  type DurableChannel,
  DurableNetwork,
  type DurableProcess,
  FencedError,
  MemoryJournal,
  NonDeterminismError,
  SpecificationError,
  specified,
} from '@enhanced-csp/engine/durable';
export {
  AtomicProcess,
  type Channel,
  choice,
  DeadlockError,
  Enforcement,
  localMonitors,
  type Mode,
  Network,
  playSession,
  priority,
  type Quiescence,
  RefusedError,
  Session,
  timeout,
  type UnlawfulEvent,
  UnlawfulEventError,
} from '@enhanced-csp/engine/runtime';
export { type CachingOptions, cached, disableCaching, enableCaching, invalidate } from './caching.ts';
export { CSPEngine } from './host-engine.ts';
export { type OpenedJournal, type OpenJournalOptions, openJournal } from './journal.ts';

/**
 * Checks every assertion of a CSPM script.
 *
 * @example
 * check('channel a\nP = a -> P\nassert P :[deadlock free [F]]').assertions[0]?.verdict; // 'holds'
 */
export function check(source: string, options: Partial<CheckOptions> = {}): Report {
  return checkWith(source, { file: 'script.csp', include: includeFrom, now: () => performance.now(), ...options });
}

/**
 * The least data for which an assertion of a script fails, and its counterexample with that; undefined when it does not fail. `only` is the index of the assertion.
 *
 * @example
 * shrinkData('N = 5\nchannel c : {0..N}\nassert STOP [T= c.1 -> STOP', { only: 0 })?.numbers[0]?.least; // '1'
 */
export function shrinkData(
  source: string,
  options: Partial<ShrinkOptions> & { readonly only: number },
): ReportedShrunk | undefined {
  return shrinkWith(source, { file: 'script.csp', include: includeFrom, now: () => performance.now(), ...options });
}

/** Audits an exported log file: whole, vouched for, conforming to the protocol in its first line. */
export function audit(path: string, options: Omit<AuditOptions, 'behavior' | 'sha256'> = {}): AuditReport {
  const sha256 = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
  return auditFile(readFileSync(path), { sha256, ...options });
}
