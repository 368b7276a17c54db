/** The protocols that were defined: ill-formed ones too, with what is wrong with them. */

import type { BehaviorTable } from '@enhanced-csp/engine/lts';
import {
  type Change,
  type Clock,
  type ListQuery,
  listPage,
  type Notifications,
  type Plan,
  type Random,
  type Store,
  type Stored,
  timestamp,
} from '@enhanced-csp/platform';
import { fault } from '../fault.ts';
import type { Examination, Job } from '../verification/examine.ts';
import type { Verifier } from '../verification/verifier.ts';

export type ProtocolStatus = 'ill-formed' | 'defined' | 'verified' | 'refuted' | 'unknown';

export interface Verification {
  readonly verdict: 'holds' | 'fails' | 'unknown';
  readonly reason?: string;
  readonly assertions: Examination['assertions'];
  readonly verified_at: string;
}

export interface ProtocolBody {
  readonly protocol_id: string;
  readonly name: string;
  readonly source: string;
  readonly system?: string;
  readonly roles: readonly string[];
  readonly status: ProtocolStatus;
  readonly diagnostics: Examination['diagnostics'];
  readonly created_at: string;
  readonly updated_at: string;
  readonly verification?: Verification;
}

export interface ProtocolDraft {
  readonly name: string;
  readonly source: string;
  readonly system?: string | undefined;
  readonly roles?: readonly string[] | undefined;
}

export const PROTOCOLS = {
  name: 'protocols',
  fields: { status: 'text', name: 'text', created_at: 'text' },
} as const;
const LISTING = { operation: 'protocols.list', collection: PROTOCOLS, orderBy: '-created' } as const;
export const PROTOCOL_TABLES = { name: 'protocol_tables', fields: {} } as const;

export interface ProtocolLimits {
  readonly timeoutMs: number;
  readonly stateCountMax: number;
}

interface Needs {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly notifications: Notifications;
  readonly verifier: Verifier;
  readonly limits: ProtocolLimits;
}

export class Protocols {
  readonly #needs: Needs;

  constructor(needs: Needs) {
    this.#needs = needs;
  }

  /** Stores a protocol with its diagnostics. Nothing is verified yet. */
  async define(draft: ProtocolDraft): Promise<ProtocolBody> {
    return this.#perform(await this.planDefine(draft));
  }

  async planDefine(draft: ProtocolDraft): Promise<Plan<ProtocolBody>> {
    const examination = await this.#needs.verifier.examine(this.#job(draft, 'load'));
    const at = this.#now();
    const body: ProtocolBody = {
      protocol_id: this.#needs.random.id('prot'),
      name: draft.name,
      source: draft.source,
      ...(examination.system !== undefined && { system: examination.system }),
      roles: examination.roles,
      status: examination.wellFormed ? 'defined' : 'ill-formed',
      diagnostics: examination.diagnostics,
      created_at: at,
      updated_at: at,
    };
    return this.#saving(body, 0);
  }

  async get(id: string): Promise<Stored<ProtocolBody>> {
    const stored = await this.#needs.store.get<ProtocolBody>(PROTOCOLS.name, id);
    if (stored === undefined) throw fault('CSP-CNV-001', `there is no protocol ${id}`);
    return stored;
  }

  list(query: ListQuery) {
    return listPage<ProtocolBody>(this.#needs.store, LISTING, query);
  }

  /** Decides every assertion of the script and the obligations of every conversation. The verdict is stored with the table that was verified. */
  async verify(id: string): Promise<ProtocolBody> {
    const { body, version } = await this.get(id);
    // Both are for ever: the script does not change, and neither does what it means.
    if (body.status === 'ill-formed' || body.status === 'verified' || body.status === 'refuted') return body;
    const examination = await this.#needs.verifier.examine(this.#job(body, 'verify'));
    const { verdict, assertions, reason, table } = examination;
    const at = this.#now();
    const verified: ProtocolBody = {
      ...body,
      diagnostics: examination.diagnostics,
      status: statusOf(examination),
      updated_at: at,
      verification: { verdict, assertions, verified_at: at, ...(reason !== undefined && { reason }) },
    };
    return this.#perform(this.#saving(verified, version, table));
  }

  /** The table that was verified; faults for any protocol that is not. */
  async verified(id: string): Promise<{ protocol: ProtocolBody; table: BehaviorTable }> {
    const { body } = await this.get(id);
    const stored =
      body.status === 'verified' ? await this.#needs.store.get<BehaviorTable>(PROTOCOL_TABLES.name, id) : undefined;
    if (stored !== undefined) return { protocol: body, table: stored.body };
    throw fault('CSP-CNV-005', `the protocol ${body.name} is ${body.status}${whyNot(body)}`, {
      details: { protocol_id: id, status: body.status, ...problemsOf(body) },
    });
  }

  async #perform({ changes, output, committed }: Plan<ProtocolBody>): Promise<ProtocolBody> {
    await this.#needs.store.commit(changes);
    committed?.();
    return output;
  }

  #saving(body: ProtocolBody, version: number, table?: BehaviorTable): Plan<ProtocolBody> {
    const { protocol_id: id, status, name, created_at, updated_at } = body;
    const fields = { status, name, created_at };
    const record: Change = { change: 'put', collection: PROTOCOLS.name, id, fields, body, ifVersion: version };
    const changes: Change[] = [record];
    if (table !== undefined)
      changes.push({ change: 'put', collection: PROTOCOL_TABLES.name, id, fields: {}, body: table });
    return {
      changes,
      output: body,
      committed: () =>
        this.#needs.notifications.publish('protocol_events', { protocol_id: id, name, status, at: updated_at }),
    };
  }

  #job(draft: ProtocolDraft, until: Job['until']): Job {
    const { timeoutMs, stateCountMax } = this.#needs.limits;
    return {
      file: `${draft.name}.csp`,
      source: draft.source,
      ...(draft.system !== undefined && { system: draft.system }),
      ...(draft.roles !== undefined && draft.roles.length > 0 && { roles: draft.roles }),
      until,
      timeoutMs,
      stateCountMax,
    };
  }

  #now(): string {
    return timestamp(this.#needs.clock);
  }
}

function statusOf({ verdict, wellFormed }: Examination): ProtocolStatus {
  if (!wellFormed) return 'ill-formed';
  return verdict === 'holds' ? 'verified' : verdict === 'fails' ? 'refuted' : 'unknown';
}

function whyNot({ status, diagnostics, verification }: ProtocolBody): string {
  if (status === 'defined') return ', that is not verified yet';
  const [first] = diagnostics.filter(({ severity }) => severity === 'error');
  if (status === 'ill-formed') return first === undefined ? '' : `: line ${first.line}: ${first.message}`;
  const failing = verification?.assertions.find(({ verdict }) => verdict !== 'holds');
  return failing === undefined ? `: ${verification?.reason ?? ''}` : `: ${failing.text} ${failing.verdict}`;
}

function problemsOf({ diagnostics, verification }: ProtocolBody) {
  const open = verification?.assertions.filter(({ verdict }) => verdict !== 'holds') ?? [];
  return { ...(diagnostics.length > 0 && { diagnostics }), ...(open.length > 0 && { assertions: open }) };
}
