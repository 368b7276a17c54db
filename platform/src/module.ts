/**
 * The module contract: what a plug declares, and what it gives when started.
 *
 * The order of the first five files of every module is the same: README.md, module.ts, protocol.csp, index.ts, errors.ts.
 */
import type { z } from 'zod';
import type { AgentKind } from './agent-kind.ts';
import type { Capabilities, Collection } from './capabilities.ts';
import type { FaultKind } from './fault.ts';
import type { Operation, Stream } from './operation.ts';
import type { Page, PlainDocument } from './page.ts';
import type { Panel } from './panel.ts';
import type { Policy } from './policy.ts';
import type { ProcessKind } from './process-kind.ts';
import type { ProtocolDeclaration } from './protocol.ts';

export type ErrorTable = Readonly<
  Record<string, { readonly kind: FaultKind; readonly title: string; readonly next: string }>
>;

export interface Started {
  readonly operations?: readonly Operation[];
  readonly streams?: readonly Stream[];
  readonly pages?: readonly Page[];
  readonly documents?: readonly PlainDocument[];
  /** By their names here; everywhere else the name of the module stands before it: `greeter.polite`. So are kinds of processes, policies and panels. */
  readonly agents?: Readonly<Record<string, AgentKind>>;
  readonly processKinds?: Readonly<Record<string, ProcessKind>>;
  readonly policies?: Readonly<Record<string, Policy>>;
  readonly panels?: Readonly<Record<string, Panel>>;
  /** The capabilities promised by `Module.provides`, for the modules after this one. */
  readonly provides?: Partial<Capabilities>;
  /** Where it can be reached, if it listens: `http://127.0.0.1:8000`. */
  readonly url?: string;
  /** Called once, when all modules are started and the catalog is complete. */
  ready?(): void;
  /** Answers quickly; used by `/health` and `csp doctor`. */
  health?(): Promise<Health>;
  /** Ends everything that was started; waits for what was acknowledged. */
  stop(): Promise<void>;
}

export interface Health {
  readonly healthy: boolean;
  readonly detail: string;
}

export interface Module<Need extends keyof Capabilities = keyof Capabilities, Config extends z.ZodType = z.ZodType> {
  readonly name: string;
  /**
   * How it may interact, as CSP: what the capability `protocol` monitors. `csp check protocol.csp`, and the tests, say whether its assertions hold.
   */
  readonly protocol?: ProtocolDeclaration;
  readonly needs: readonly Need[];
  /** Capabilities that exist once it is started. */
  readonly provides?: readonly (keyof Capabilities)[];
  readonly collections?: readonly Collection[];
  /** What its paths begin with, `/api/processes`: whoever asks for one while the module is switched off is told so. */
  readonly paths?: readonly string[];
  readonly config: Config;
  readonly errors: ErrorTable;
  start(capabilities: Pick<Capabilities, Need>, config: z.output<Config>): Promise<Started>;
}

/** Keeps the types of needs and configuration together; the declaration itself is plain data. */
export function defineModule<Need extends keyof Capabilities, Config extends z.ZodType>(
  module: Module<Need, Config>,
): Module<Need, Config> {
  return module;
}
