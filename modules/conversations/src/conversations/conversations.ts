/** The conversations of the platform: their records, and the live ones. */
import type { Leaf, NoteSigner } from '@enhanced-csp/engine/audit';
import { type ListQuery, listPage, type Signer, type Stored } from '@enhanced-csp/platform';
import { fault } from '../fault.ts';
import { entriesOf } from '../journal.ts';
import type { Protocols } from '../protocols/protocols.ts';
import {
  CONVERSATIONS,
  type ConversationBody,
  type Mode,
  type Needs,
  PAYLOADS,
  type Payload,
  payloadId,
  streamOf,
} from './conversation.ts';
import type { Answer, LiveConversation } from './live-conversation.ts';

const LISTING = { operation: 'conversations.list', collection: CONVERSATIONS, orderBy: '-created' } as const;

/** Live conversations kept in memory; beyond, the one longest unused is left to the store. */
const LIVE_COUNT_MAX = 1000;

/** Conversations looked at together. */
const PAGE = 500;

/** One line of the log, with what was said where that is still kept. */
export interface LoggedEntry {
  readonly leaf: Leaf;
  readonly payload?: unknown;
}

export interface ExportedLog {
  readonly size: number;
  readonly root: string;
  /** The key of the checkpoint, as auditors are told it. */
  readonly key: string;
  readonly file: Uint8Array;
}

export class Conversations {
  readonly #needs: Needs & { readonly signer: Signer; readonly protocols: Protocols };
  readonly #live = new Map<string, Promise<LiveConversation>>();

  constructor(needs: Needs & { readonly signer: Signer; readonly protocols: Protocols }) {
    this.#needs = needs;
  }

  /** Starts a conversation of a verified protocol; of any other, it faults with the reason. */
  async start(draft: {
    protocol_id: string;
    name?: string | undefined;
    mode?: Mode | undefined;
    patience_seconds?: number | undefined;
  }): Promise<LiveConversation> {
    const { protocols, random, clock } = this.#needs;
    const { mode = 'block', patience_seconds } = draft;
    const { protocol, table } = await protocols.verified(draft.protocol_id);
    const at = new Date(clock.now()).toISOString();
    const body: ConversationBody = {
      conversation_id: random.id('conv'),
      ...(draft.name !== undefined && { name: draft.name }),
      protocol_id: protocol.protocol_id,
      protocol: protocol.name,
      system: protocol.system ?? '',
      roles: protocol.roles,
      status: 'running',
      mode,
      accepted: 0,
      refused: 0,
      unlawful: 0,
      ...(patience_seconds !== undefined && { patience_seconds }),
      created_at: at,
      updated_at: at,
    };
    const { name, source, roles } = protocol;
    const header = {
      kind: 'opened' as const,
      protocol: { name, source, system: body.system, roles },
      // Logs say nothing of the mode that all had before there were others.
      ...(mode !== 'block' && { mode }),
    };
    const { LiveConversation } = await import('./live-conversation.ts');
    const conversation = await LiveConversation.start(body, table, header, this.#needs);
    this.#keep(body.conversation_id, Promise.resolve(conversation));
    return conversation;
  }

  async get(id: string): Promise<LiveConversation> {
    const known = this.#live.get(id);
    if (known !== undefined) {
      const conversation = await known;
      if (conversation.usable) return conversation;
      await conversation.quiet();
      if (this.#live.get(id) === known) this.#live.delete(id);
    }
    let opening = this.#live.get(id);
    if (opening === undefined) {
      opening = this.#resume(id);
      opening.catch(() => this.#live.delete(id));
    }
    this.#keep(id, opening);
    return opening;
  }

  list(query: ListQuery) {
    return listPage<ConversationBody>(this.#needs.store, LISTING, query);
  }

  async attempt(id: string, attempt: { role: string; event: string; payload?: unknown }): Promise<Answer> {
    return (await this.get(id)).attempt(attempt.role, attempt.event, attempt.payload);
  }

  /** Entries of the log from sequence number `from` on, with payloads. */
  async entries(id: string, range: { from: number; limit: number }): Promise<LoggedEntry[]> {
    await this.get(id);
    const { store } = this.#needs;
    const slice = await store.read(streamOf(id), range);
    return Promise.all(
      slice.map(async (bytes): Promise<LoggedEntry> => {
        const leaf = leafIn(bytes);
        const said = leaf.kind === 'event' || leaf.kind === 'unlawful' ? leaf.payload : undefined;
        if (said === undefined) return { leaf };
        const stored = await store.get<Payload>(PAYLOADS.name, payloadId(id, leaf.seq));
        return stored === undefined ? { leaf } : { leaf, payload: stored.body.payload };
      }),
    );
  }

  /** The accepted events, in order. */
  async trace(id: string): Promise<(Leaf & { kind: 'event' })[]> {
    await this.get(id);
    const trace: (Leaf & { kind: 'event' })[] = [];
    for await (const bytes of entriesOf(this.#needs.store, streamOf(id))) {
      const leaf = leafIn(bytes);
      if (leaf.kind === 'event') trace.push(leaf);
    }
    return trace;
  }

  /** The log as a file that can be audited offline, with a checkpoint over all of it. */
  async exported(id: string): Promise<ExportedLog> {
    const { formatKey, logFile, toBase64 } = await import('@enhanced-csp/engine/audit');
    const conversation = await this.get(id);
    const leaves: Uint8Array[] = [];
    for await (const bytes of entriesOf(this.#needs.store, streamOf(id))) leaves.push(bytes);
    const size = leaves.length;
    const { signer, sha256 } = this.#signing();
    return {
      size,
      root: toBase64(conversation.log.root(size)),
      key: formatKey(sha256, signer),
      file: logFile(leaves, conversation.log.checkpoint(signer, size), sha256),
    };
  }

  /** The receipt of one entry: a proof, to be kept, that the log has it. */
  async receipt(id: string, sequence: number) {
    const { formatKey } = await import('@enhanced-csp/engine/audit');
    const conversation = await this.get(id);
    const size = await this.#needs.store.length(streamOf(id));
    const [leaf] = sequence < size ? await this.#needs.store.read(streamOf(id), { from: sequence, limit: 1 }) : [];
    if (leaf === undefined)
      throw fault('CSP-CNV-019', `the log of ${id} has ${size} entries, none with number ${sequence}`);
    const { signer, sha256 } = this.#signing();
    return {
      receipt: conversation.log.receipt(sequence, signer, size),
      leaf: new TextDecoder().decode(leaf),
      key: formatKey(sha256, signer),
    };
  }

  /** Makes those live again whose silence has to be noticed. */
  async watchSilence(): Promise<void> {
    for (let offset = 0; ; offset += PAGE) {
      const { records } = await this.list({ status: 'running', limit: PAGE, offset });
      for (const { body } of records) if (body.patience_seconds !== undefined) await this.get(body.conversation_id);
      if (records.length < PAGE) return;
    }
  }

  /** Resolves when every attempt is durable; from then on silence is nobody's fault. */
  async close(): Promise<void> {
    const conversations = await Promise.allSettled(this.#live.values());
    await Promise.all(conversations.map(async (one) => one.status === 'fulfilled' && one.value.close()));
  }

  async #resume(id: string): Promise<LiveConversation> {
    const stored: Stored<ConversationBody> | undefined = await this.#needs.store.get(CONVERSATIONS.name, id);
    if (stored === undefined) throw fault('CSP-CNV-002', `there is no conversation ${id}`);
    const { table } = await this.#needs.protocols.verified(stored.body.protocol_id);
    const { LiveConversation } = await import('./live-conversation.ts');
    return LiveConversation.resume(stored.body, table, this.#needs);
  }

  #keep(id: string, conversation: Promise<LiveConversation>): void {
    this.#live.delete(id);
    this.#live.set(id, conversation);
    if (this.#live.size > LIVE_COUNT_MAX) void this.#leaveOldest();
  }

  async #leaveOldest(): Promise<void> {
    const [oldest] = this.#live;
    if (oldest === undefined) return;
    const [id, opening] = oldest;
    const conversation = await opening.catch(() => undefined);
    await conversation?.quiet();
    // Used again in the meantime: then it is not the oldest any more.
    const [first] = this.#live;
    if (first?.[0] === id && conversation?.idle !== false) this.#live.delete(id);
  }

  #signing(): { signer: NoteSigner; sha256: (bytes: Uint8Array) => Uint8Array } {
    const { signer, hash } = this.#needs;
    return { signer, sha256: (bytes) => hash.sha256(bytes) };
  }
}

function leafIn(bytes: Uint8Array): Leaf {
  return JSON.parse(new TextDecoder().decode(bytes)) as Leaf;
}
