/**
 * A running conversation: the session that enforces its protocol, and the audit log that remembers every attempt.
 *
 * Invariants:
 *   - an attempt is judged, logged and committed as one: it is answered when its leaf is durable;
 *   - what is in the log is all there is: after a restart the session is made anew by performing the log again.
 */
import { type Entry, type Leaf, LogWriter, payloadHash } from '@enhanced-csp/engine/audit';
import { type Attempt, ENVIRONMENT, monitorOf, rolesOf, Session } from '@enhanced-csp/engine/runtime';
import type { Change, TraceContext } from '@enhanced-csp/platform';
import { fault } from '../fault.ts';
import { entriesOf, Journal } from '../journal.ts';
import { countEvent } from '../metrics.ts';
import { type BehaviorTable, normalFormOf } from '../verification/behavior-table.ts';
import {
  CONVERSATIONS,
  type ConversationBody,
  type ConversationStatus,
  type Needs,
  PAYLOADS,
  type Payload,
  payloadId,
  streamOf,
} from './conversation.ts';

/** An attempt as it is answered: with its place in the log. */
export type Answer = Attempt & { readonly at: string };

const SALT_LENGTH = 16;

export class LiveConversation {
  readonly #needs: Needs;
  readonly #journal: Journal;
  readonly #session: Session;
  readonly log: LogWriter;
  #body: ConversationBody;

  private constructor(body: ConversationBody, table: BehaviorTable, journal: Journal, needs: Needs) {
    const monitor = monitorOf(normalFormOf(table));
    this.#needs = needs;
    this.#body = body;
    this.#journal = journal;
    this.#session = new Session({ monitor, roles: rolesOf(monitor.alphabet, body.roles) });
    this.log = new LogWriter({ id: body.conversation_id, sha256: (bytes) => needs.hash.sha256(bytes) });
  }

  /** Starts a conversation: its header is durable when this resolves. */
  static async start(
    body: ConversationBody,
    table: BehaviorTable,
    header: Entry & { kind: 'opened' },
    needs: Needs,
  ): Promise<LiveConversation> {
    const journal = await Journal.open(needs.store, streamOf(body.conversation_id));
    const conversation = new LiveConversation(body, table, journal, needs);
    await conversation.#commit([header, ...conversation.#closing()], body.created_at, []);
    return conversation;
  }

  /** Makes a stored conversation live again. */
  static async resume(body: ConversationBody, table: BehaviorTable, needs: Needs): Promise<LiveConversation> {
    const journal = await Journal.open(needs.store, streamOf(body.conversation_id));
    const conversation = new LiveConversation(body, table, journal, needs);
    let [accepted, refused, ended] = [0, 0, undefined as ConversationStatus | undefined];
    for await (const bytes of entriesOf(needs.store, journal.stream)) {
      const leaf = JSON.parse(new TextDecoder().decode(bytes)) as Leaf;
      conversation.log.resume(bytes);
      if (leaf.kind === 'closed') ended = leaf.reason;
      if (leaf.kind === 'event') accepted++;
      if (leaf.kind === 'refusal') refused++;
      if (leaf.kind !== 'event' && leaf.kind !== 'refusal') continue;
      if (ended === 'stopped') continue;
      const again = conversation.#session.attempt(leaf.role, leaf.event);
      if ((again.kind === 'accepted') !== (leaf.kind === 'event'))
        throw fault(
          'CSP-CNV-015',
          `entry ${leaf.seq} of ${body.conversation_id} says ${leaf.kind} of ${leaf.event}, the protocol says otherwise`,
          {
            details: { conversation_id: body.conversation_id, sequence: leaf.seq },
          },
        );
    }
    conversation.#body = { ...body, accepted, refused, status: ended ?? 'running' };
    return conversation;
  }

  get body(): ConversationBody {
    return this.#body;
  }

  get usable(): boolean {
    return !this.#journal.broken;
  }

  /** Nothing is under way. */
  get idle(): boolean {
    return this.#journal.idle;
  }

  /** Everything that is possible now, and by whom. */
  expected(): readonly { readonly event: string; readonly role: string }[] {
    return this.#body.status === 'running' ? this.#session.expected() : [];
  }

  /** Resolves when what was attempted so far is durable, or has failed. */
  quiet(): Promise<void> {
    return this.#journal.quiet();
  }

  /**
   * Attempts an event on behalf of a role: judged before anything is delivered, answered when the judgement is durable.
   *
   * @throws Fault `CSP-CNV-007` for a role the conversation does not have: that is no attempt of a participant, and not in the log.
   */
  async attempt(role: string, event: string, payload?: unknown, trace?: TraceContext): Promise<Answer> {
    const { roles, status } = this.#body;
    if (role !== ENVIRONMENT && !roles.includes(role))
      throw fault('CSP-CNV-007', `the conversation has no role ${role}; its roles are ${roles.join(', ')}`, {
        details: { roles },
      });
    if (this.#journal.broken) throw fault('CSP-CNV-016', 'the conversation is being recovered after a failed write');
    const sequence = this.log.size;
    const judged: Attempt =
      status === 'stopped'
        ? stoppedAttempt(role, event, sequence)
        : { ...this.#session.attempt(role, event), sequence };
    const at = this.#now();
    const secret = payload === undefined ? undefined : this.#seal(payload);
    const hash = secret === undefined ? {} : { payload: secret.hash };
    const entry: Entry =
      judged.kind === 'accepted'
        ? { kind: 'event', role, event, ...hash }
        : { kind: 'refusal', role, event, reason: judged.reason, expected: judged.expected, ...hash };
    const closing = judged.kind === 'accepted' ? this.#closing() : [];
    // A refused payload was never delivered, and is not kept: its hash suffices as evidence.
    const changes: Change[] =
      secret === undefined || judged.kind === 'refused' ? [] : [this.#payloadChange(sequence, secret.stored)];
    const { conversation_id, protocol } = this.#body;
    const span = this.#needs.tracer.start({
      name: `${judged.kind} ${event.split('.')[0]}`,
      kind: 'internal',
      parent: trace,
      attributes: {
        'csp.conversation_id': conversation_id,
        'csp.protocol': protocol,
        'csp.role': role,
        'csp.event': event,
        'csp.sequence': sequence,
      },
    });
    try {
      await this.#commit([entry, ...closing], at, changes);
      countEvent(this.#needs.metrics, 'conversation', judged.kind);
      span.end({}, judged.kind === 'refused' ? judged.reason : undefined);
    } catch (cause) {
      span.end({}, String(cause));
      throw cause;
    }
    return { ...judged, at };
  }

  /** Ends the conversation from outside. */
  async stop(): Promise<void> {
    if (this.#body.status !== 'running') throw fault('CSP-CNV-014', `the conversation is ${this.#body.status}`);
    await this.#commit([{ kind: 'closed', reason: 'stopped' }], this.#now(), []);
  }

  /** The entry that ends the log, when the protocol has come to its end. */
  #closing(): readonly Entry[] {
    const { status } = this.#session;
    return status === 'running' ? [] : [{ kind: 'closed', reason: status }];
  }

  async #commit(entries: readonly Entry[], at: string, changes: readonly Change[]): Promise<void> {
    const { store, notifications } = this.#needs;
    const first = this.log.size;
    const leaves = entries.map((entry) => this.log.append(entry, at));
    this.#body = bodyAfter(this.#body, entries, at);
    const { conversation_id, status, protocol, protocol_id, name = null, created_at } = this.#body;
    const record: Change = {
      change: 'put',
      collection: CONVERSATIONS.name,
      id: conversation_id,
      fields: { status, protocol, protocol_id, name, created_at },
      body: this.#body,
    };
    await this.#journal.settle(store.commit([this.#journal.take(...leaves), record, ...changes]));
    for (const [index, entry] of entries.entries()) {
      const told = entry.kind === 'opened' ? { kind: entry.kind, protocol: entry.protocol.name } : entry;
      notifications.publish(`conversation.${conversation_id}`, {
        conversation_id,
        sequence: first + index,
        at,
        ...told,
      });
    }
  }

  #seal(payload: unknown): { hash: string; stored: Payload } {
    const salt = this.#needs.random.bytes(SALT_LENGTH);
    const hash = payloadHash((bytes) => this.#needs.hash.sha256(bytes), salt, payload);
    return { hash, stored: { salt: Buffer.from(salt).toString('base64'), payload } };
  }

  #payloadChange(sequence: number, body: Payload): Change {
    const conversation = this.#body.conversation_id;
    return {
      change: 'put',
      collection: PAYLOADS.name,
      id: payloadId(conversation, sequence),
      fields: { conversation },
      body,
    };
  }

  #now(): string {
    return new Date(this.#needs.clock.now()).toISOString();
  }
}

function bodyAfter(body: ConversationBody, entries: readonly Entry[], at: string): ConversationBody {
  let { accepted, refused, status } = body;
  for (const entry of entries) {
    if (entry.kind === 'event') accepted++;
    else if (entry.kind === 'refusal') refused++;
    else if (entry.kind === 'closed') status = entry.reason;
  }
  return { ...body, accepted, refused, status, updated_at: at };
}

function stoppedAttempt(role: string, event: string, sequence: number): Attempt {
  const message = `the conversation was stopped: nobody may perform anything, ${event} neither`;
  return { kind: 'refused', role, event, sequence, reason: 'over', message, expected: [] };
}
