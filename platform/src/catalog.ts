/**
 * The catalog: what the started modules offer, as one view. The gateway serves it, the store makes its tables from it, and neither knows a
 * module by name.
 */
import type { AgentKind } from './agent-kind.ts';
import type { Collection } from './capabilities.ts';
import type { ErrorTable, Health } from './module.ts';
import type { Operation, Stream } from './operation.ts';
import type { Page, PlainDocument } from './page.ts';
import type { Panel } from './panel.ts';
import type { Policy } from './policy.ts';
import type { ProcessKind } from './process-kind.ts';

export interface Catalog {
  /** Declared by the modules; complete before the first of them starts. */
  collections(): readonly Collection[];
  /** The codes of all modules and of the platform. */
  errors(): ErrorTable;
  /** Of the modules started so far, in the order of the assembly. */
  operations(): readonly Operation[];
  streams(): readonly Stream[];
  pages(): readonly Page[];
  documents?(): readonly PlainDocument[];
  /** By name, that of the module first: `greeter.polite`. */
  agents(): ReadonlyMap<string, AgentKind>;
  processKinds(): ReadonlyMap<string, ProcessKind>;
  policies(): ReadonlyMap<string, Policy>;
  panels(): ReadonlyMap<string, Panel>;
  /** What this installation could serve and does not, by its configuration. */
  switchedOff?(): readonly SwitchedOff[];
  health(): Promise<PlatformHealth>;
}

export interface SwitchedOff {
  /** What the paths begin with: `/api/processes`, `/metrics`. */
  readonly paths: readonly string[];
  /** The configuration key that is false. */
  readonly key: string;
}

export interface PlatformHealth {
  /** All modules are healthy. */
  readonly healthy: boolean;
  readonly modules: Readonly<Record<string, Health>>;
}
