/** A process as it is stored, and what it performs. */
import type { BehaviorTable } from '@enhanced-csp/engine/lts';
import type { Examination } from '../verification/examine.ts';
import { type CompositeDefinition, leavesOf, type Part } from './composition.ts';
import type { Position } from './running-process.ts';
import type { Definition } from './script.ts';
import type { Steps } from './step.ts';
import type { Translation } from './steps.ts';

export const PROCESSES = {
  name: 'processes',
  fields: { status: 'text', name: 'text', type: 'text', verdict: 'text', created_at: 'text' },
} as const;
export const PROCESS_TABLES = { name: 'process_tables', fields: {} } as const;

/** What is performed: made when a process is verified, and stored with the verdict. */
export interface Performance {
  readonly table: BehaviorTable;
  readonly steps: Steps;
}

/** Older ones are tables alone, of atomic processes. */
export type StoredPerformance = BehaviorTable & { readonly steps?: Steps };

export type ProcessStatus = 'created' | 'verified' | 'running' | 'stopped' | 'terminated' | 'failed';

/** What a process is asked to be. */
export type Draft =
  | { readonly type: 'atomic'; readonly definition: Definition; readonly specifiedBy?: SpecifiedBy }
  | { readonly type: 'composite'; readonly definition: CompositeDefinition };

/** The same as it is kept: a composite with its channels to the outside, and with its parts as they were when it was made. */
type Defined =
  | { readonly type: 'atomic'; readonly definition: Definition }
  | {
      readonly type: 'composite';
      readonly definition: CompositeDefinition & Pick<Definition, 'inputs' | 'outputs'>;
      readonly tree: Part;
    };

export type ProcessBody = Defined & ProcessRecord;

/** The kind of a module that an atomic process was specified by, and from what. */
export interface SpecifiedBy {
  readonly kind: string;
  readonly config: unknown;
}

interface ProcessRecord {
  readonly process_id: string;
  readonly name: string;
  readonly specifiedBy?: SpecifiedBy;
  readonly status: ProcessStatus;
  readonly verdict: 'ill-formed' | 'well-formed' | 'holds' | 'fails' | 'unknown';
  readonly diagnostics: Examination['diagnostics'];
  readonly assertions: Examination['assertions'];
  /** The script that is checked and performed. */
  readonly source?: string;
  readonly translation?: Translation;
  readonly created_at: string;
  readonly updated_at: string;
  readonly started_at?: string;
  /** Why it failed. */
  readonly reason?: string;
  readonly channels: Readonly<Record<string, string>>;
  readonly position: Position;
  /** Of the runs that are over. */
  readonly cpu_milliseconds: number;
  /** Entries of its log so far. Records of older versions have none. */
  readonly logged?: number;
}

/** A process as it stands. Without a version while it runs: its figures then change from moment to moment. */
export type PresentProcess = ProcessBody & { readonly version?: number };

/** What callers say it is. */
export function typeOf({ type, specifiedBy }: Pick<ProcessBody, 'type' | 'specifiedBy'>): string {
  return specifiedBy?.kind ?? type;
}

/** Of atomic parts; an atomic process is the only one of itself. */
export function partCountOf(body: ProcessBody): number {
  return body.type === 'atomic' ? 1 : leavesOf(body.tree).length;
}
