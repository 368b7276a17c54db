/** The conversations of the platform: their records, and the live ones. */
import type { Leaf, NoteSigner } from '@enhanced-csp/engine/audit';
import {
  type Catalog,
  type ListQuery,
  type Log,
  listPage,
  nearest,
  type Signer,
  type Stored,
  timestamp,
} from '@enhanced-csp/platform';
import { fault, isPassing, RETRY_MS } from '../fault.ts';
import { entriesOf } from '../journal.ts';
import type { Protocols } from '../protocols/protocols.ts';
import {
  CONVERSATIONS,
  type ConversationBody,
  type Mode,
  PAYLOADS,
  type Payload,
  payloadId,
  streamOf,
} from './conversation.ts';
import type { Answer, LiveConversation, LiveNeeds } from './live-conversation.ts';
import type { Player, Seats } from './seats.ts';

const LISTING = { operation: 'conversations.list', collection: CONVERSATIONS, orderBy: '-created' } as const;

/** Live conversations kept in memory; beyond, the one longest unused is left to the store. */
const LIVE_COUNT_MAX = 1000;

/** Of those that are waited for and must stay, as many are met when there is room to be made. */
const WAITING_MET_MAX = 16;

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

type ConversationsNeeds = LiveNeeds & {
  readonly signer: Signer;
  readonly protocols: Protocols;
  readonly catalog: Catalog;
  readonly log: Log;
};

export class Conversations {
  readonly #needs: ConversationsNeeds;
  /** In order of their latest use. */
  readonly #live = new Map<string, Promise<LiveConversation>>();
  /** Of the conversations in which agents of this process take part. */
  readonly #seats = new Map<string, Seats | 'being taken'>();
  #closed = false;
  /** Some are being left to the store. */
  #leaving = false;

  constructor(needs: Omit<ConversationsNeeds, 'takeUp'>) {
    this.#needs = { ...needs, takeUp: (id) => void this.#takeUp(id) };
  }

  /** Starts a conversation of a verified protocol; of any other, it faults with the reason. */
  async start(draft: {
    readonly protocol_id: string;
    readonly name?: string | undefined;
    readonly mode?: Mode | undefined;
    readonly patience_seconds?: number | undefined;
    readonly agents?: Readonly<Record<string, string>> | undefined;
  }): Promise<LiveConversation> {
    const { protocols, random, clock } = this.#needs;
    const { mode = 'block', patience_seconds } = draft;
    const { protocol, table } = await protocols.verified(draft.protocol_id);
    for (const [role, name] of Object.entries(draft.agents ?? {})) this.#refuseUnfit(role, name, protocol);
    const at = timestamp(clock);
    const body: ConversationBody = {
      conversation_id: random.id('conv'),
      ...(draft.name !== undefined && { name: draft.name }),
      protocol_id: protocol.protocol_id,
      protocol: protocol.name,
      system: protocol.system ?? '',
      roles: protocol.roles,
      ...(draft.agents !== undefined && { agents: draft.agents }),
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
    void this.#seat(body);
    return conversation;
  }

  /** After a restart: silence is noticed again in what still runs, and agents of this process take part again. */
  async resume(): Promise<void> {
    // By cursor: conversations end while others are seated, and an offset would leave some out.
    for (let after: string | undefined = ''; after !== undefined && !this.#closed; ) {
      const { records, page } = await this.list({ status: 'running', limit: PAGE, offset: 0, ...(after && { after }) });
      for (const { body } of records) {
        if (this.#closed) return;
        if (body.patience_seconds !== undefined)
          await this.get(body.conversation_id).catch((cause) => this.#left(body.conversation_id, cause));
        await this.#seat(body);
      }
      after = page.next_cursor;
    }
  }

  async get(id: string): Promise<LiveConversation> {
    const known = this.#live.get(id);
    let told: number | undefined;
    if (known !== undefined) {
      const conversation = await known;
      if (conversation.usable) {
        if (this.#live.get(id) === known) this.#keep(id, known);
        return conversation;
      }
      await conversation.close();
      if (this.#live.get(id) === known) this.#live.delete(id);
      ({ told } = conversation);
    }
    let opening = this.#live.get(id);
    if (opening === undefined) {
      opening = this.#resume(id, told);
      opening.catch(() => {
        this.#live.delete(id);
        // Until it is taken up, it is known what was told of it.
        if (known !== undefined) this.#live.set(id, known);
      });
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

  /** Resolves when every attempt is durable; from then on silence is nobody's fault. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const seats of this.#seats.values()) if (seats !== 'being taken') seats.leave();
    const conversations = await Promise.allSettled(this.#live.values());
    await Promise.all(conversations.map(async (one) => one.status === 'fulfilled' && one.value.close()));
  }

  /** One that cannot be taken up must not keep the others from it; whoever asks for it is told why. */
  #left(conversation_id: string, cause: unknown): void {
    this.#needs.log.error({ conversation_id, cause: String(cause) }, 'a conversation could not be taken up');
  }

  async #takeUp(id: string): Promise<void> {
    for (const { clock } = this.#needs; !this.#closed; await new Promise<void>((wake) => clock.after(RETRY_MS, wake)))
      try {
        await this.get(id);
        return;
      } catch (cause) {
        if (!isPassing(cause)) return this.#left(id, cause);
      }
  }

  /** A role without its agent stays open to remote ones: so it is after a restart without the module that brought it. */
  async #seat(body: ConversationBody): Promise<void> {
    const { catalog, log } = this.#needs;
    const { conversation_id } = body;
    const players = new Map<string, Player>();
    for (const [role, name] of Object.entries(body.agents ?? {})) {
      const agent = catalog.agents().get(name);
      if (agent === undefined) log.warn({ conversation_id, role, agent: name }, 'there is no such agent any more');
      else players.set(role, { name, agent });
    }
    if (players.size === 0 || this.#seats.has(conversation_id)) return;
    this.#seats.set(conversation_id, 'being taken');
    const over = () => void this.#seats.delete(conversation_id);
    try {
      const { takeSeats } = await import('./seats.ts');
      const needs = { ...this.#needs, conversation: (id: string) => this.get(id) };
      const seats = await takeSeats(body, players, needs, over);
      if (this.#closed) seats.leave();
      else if (this.#seats.has(conversation_id)) this.#seats.set(conversation_id, seats);
    } catch (cause) {
      over();
      log.error({ conversation_id, cause: String(cause) }, 'the agents of a conversation could not take part');
    }
  }

  /** @throws Fault when the protocol has no such role, there is no such agent, or it does not play this. */
  #refuseUnfit(
    role: string,
    name: string,
    protocol: { readonly name: string; readonly roles: readonly string[] },
  ): void {
    const known = this.#needs.catalog.agents();
    if (!protocol.roles.includes(role))
      throw fault(
        'CSP-CNV-007',
        `the protocol ${protocol.name} has no role ${role}; its roles are ${protocol.roles.join(', ')}`,
        {
          details: { roles: protocol.roles },
        },
      );
    const agent = known.get(name);
    if (agent === undefined) {
      const near = nearest(name, known.keys());
      const there = known.size === 0 ? 'no module brings one' : `there are ${[...known.keys()].join(', ')}`;
      throw fault('CSP-CNV-021', `there is no agent ${name}; ${near === undefined ? there : `did you mean ${near}?`}`, {
        details: { role, agents: [...known.keys()] },
      });
    }
    const { roles, protocols } = agent;
    if (roles?.includes(role) === false)
      throw fault('CSP-CNV-022', `${name} does not play ${role}; it plays ${roles.join(', ')}`, {
        details: { role, roles },
      });
    if (protocols?.includes(protocol.name) === false)
      throw fault(
        'CSP-CNV-022',
        `${name} does not know the protocol ${protocol.name}; it knows ${protocols.join(', ')}`,
        {
          details: { role, protocols },
        },
      );
  }

  async #resume(id: string, told: number | undefined): Promise<LiveConversation> {
    const stored: Stored<ConversationBody> | undefined = await this.#needs.store.get(CONVERSATIONS.name, id);
    if (stored === undefined) throw fault('CSP-CNV-002', `there is no conversation ${id}`);
    const { table } = await this.#needs.protocols.verified(stored.body.protocol_id);
    const { LiveConversation } = await import('./live-conversation.ts');
    return LiveConversation.resume(stored.body, table, this.#needs, told);
  }

  #keep(id: string, conversation: Promise<LiveConversation>): void {
    this.#live.delete(id);
    this.#live.set(id, conversation);
    if (this.#live.size > LIVE_COUNT_MAX && !this.#leaving) void this.#leaveOldest();
  }

  async #leaveOldest(): Promise<void> {
    this.#leaving = true;
    for (let met = 0; this.#live.size > LIVE_COUNT_MAX && met < WAITING_MET_MAX; ) {
      const [oldest] = this.#live;
      if (oldest === undefined) break;
      const [id, opening] = oldest;
      const conversation = await opening.catch(() => undefined);
      await conversation?.quiet();
      // Used again in the meantime: then it is not the oldest any more.
      const [first] = this.#live;
      if (first?.[0] !== id) continue;
      this.#live.delete(id);
      if (conversation?.idle !== false) continue;
      // One that is waited for goes behind the others, or it would keep them all.
      this.#live.set(id, opening);
      met++;
    }
    this.#leaving = false;
  }

  #signing(): { signer: NoteSigner; sha256: (bytes: Uint8Array) => Uint8Array } {
    const { signer, hash } = this.#needs;
    return { signer, sha256: (bytes) => hash.sha256(bytes) };
  }
}

function leafIn(bytes: Uint8Array): Leaf {
  return JSON.parse(new TextDecoder().decode(bytes)) as Leaf;
}
