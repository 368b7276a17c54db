/**
 * A running conversation: the session that enforces its protocol, and the audit log that remembers every attempt.
 *
 * Invariants:
 *   - an attempt is judged, logged and committed as one: it is answered when its leaf is durable;
 *   - what is in the log is all there is: after a restart the session is made anew by performing the log again.
 *
 * Silence is watched where somebody has asked for it: after so long without an event, who should have moved is told, and in quarantine put there.
 */
import { type Entry, type Leaf, LogWriter, payloadHash, toBase64 } from '@enhanced-csp/engine/audit';
import { type BehaviorTable, LimitReached, normalFormOf } from '@enhanced-csp/engine/lts';
import {
  type Attempt,
  crashEvent,
  ENVIRONMENT,
  localMonitors,
  monitorOf,
  type Quiescence,
  rolesOf,
  Session,
} from '@enhanced-csp/engine/runtime';
import { type Change, type TraceContext, timestamp } from '@enhanced-csp/platform';
import { fault } from '../fault.ts';
import { entriesOf, Journal } from '../journal.ts';
import { countEvent } from '../metrics.ts';
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

export interface LiveNeeds extends Needs {
  /** Takes a conversation whose write has failed up again, from the store. */
  takeUp(id: string): void;
}

const SALT_LENGTH = 16;

/** Nodes of the protocol as one role sees it. */
const LOCAL_NODE_COUNT_MAX = 100_000;

export class LiveConversation {
  readonly #needs: LiveNeeds;
  readonly #journal: Journal;
  readonly #session: Session;
  readonly log: LogWriter;
  #body: ConversationBody;
  /** Ends the wait for the next event. */
  #stopWaiting: (() => void) | undefined;
  /** Entries of the log that were told on its topic. */
  #told = 0;

  private constructor(body: ConversationBody, table: BehaviorTable, journal: Journal, needs: LiveNeeds) {
    const form = normalFormOf(table);
    const monitor = monitorOf(form);
    const roles = rolesOf(monitor.alphabet, body.roles);
    const { mode = 'block' } = body;
    this.#needs = needs;
    this.#body = body;
    this.#journal = journal;
    const local = mode === 'quarantine' ? localMonitors(form, roles, { stateCountMax: LOCAL_NODE_COUNT_MAX }) : {};
    this.#session = new Session({ monitor, roles, mode, local });
    this.log = new LogWriter({ id: body.conversation_id, sha256: (bytes) => needs.hash.sha256(bytes) });
  }

  /** Starts a conversation: its header is durable when this resolves. */
  static async start(
    body: ConversationBody,
    table: BehaviorTable,
    header: Entry & { kind: 'opened' },
    needs: LiveNeeds,
  ): Promise<LiveConversation> {
    const journal = await Journal.open(needs.store, streamOf(body.conversation_id));
    const conversation = opened(body, () => new LiveConversation(body, table, journal, needs));
    await conversation.#commit([header, ...conversation.#closing()], body.created_at, []);
    return conversation;
  }

  /**
   * Makes a stored conversation live again.
   *
   * @param told entries that were told already; what the log has beyond them was written, though nobody knew, and is told now. Absent: all were.
   */
  static async resume(
    body: ConversationBody,
    table: BehaviorTable,
    needs: LiveNeeds,
    told = Number.POSITIVE_INFINITY,
  ): Promise<LiveConversation> {
    const journal = await Journal.open(needs.store, streamOf(body.conversation_id));
    const conversation = opened(body, () => new LiveConversation(body, table, journal, needs));
    const untold: Leaf[] = [];
    let [accepted, refused, unlawful, ended] = [0, 0, 0, undefined as ConversationStatus | undefined];
    for await (const bytes of entriesOf(needs.store, journal.stream)) {
      const leaf = JSON.parse(new TextDecoder().decode(bytes)) as Leaf;
      conversation.log.resume(bytes);
      if (leaf.seq >= told) untold.push(leaf);
      if (leaf.kind === 'closed') ended = leaf.reason;
      if (leaf.kind === 'event') accepted++;
      if (leaf.kind === 'refusal') refused++;
      if (leaf.kind === 'unlawful') unlawful++;
      if (ended === 'stopped') continue;
      if (!conversation.#again(leaf))
        throw fault(
          'CSP-CNV-015',
          `entry ${leaf.seq} of ${body.conversation_id} says ${leaf.kind}, the protocol says otherwise`,
          {
            details: { conversation_id: body.conversation_id, sequence: leaf.seq },
          },
        );
    }
    conversation.#body = { ...body, accepted, refused, unlawful, status: ended ?? 'running' };
    for (const { v, log, seq, at, previous, ...entry } of untold) conversation.#tell(entry as Entry, seq, at);
    conversation.#told = conversation.log.size;
    conversation.#wait();
    return conversation;
  }

  /** Performs what a leaf says once more; whether the protocol agrees. */
  #again(leaf: Leaf): boolean {
    const session = this.#session;
    switch (leaf.kind) {
      case 'opened':
      case 'closed':
        return true;
      case 'quarantined':
        session.crash(leaf.role, 'in quarantine');
        return true;
      case 'event':
        // A quarantine performs the crash by itself; its leaf follows.
        if (leaf.event === crashEvent(leaf.role) && session.crashed.includes(leaf.role))
          return session.trace.at(-1) === leaf.event;
        return session.attempt(leaf.role, leaf.event).kind === 'accepted';
      case 'refusal':
        return session.attempt(leaf.role, leaf.event).kind === 'refused';
      case 'unlawful':
        return session.attempt(leaf.role, leaf.event).kind === 'unlawful';
      default:
        return leaf satisfies never;
    }
  }

  get body(): ConversationBody {
    return this.#body;
  }

  get told(): number {
    return this.#told;
  }

  get usable(): boolean {
    return !this.#journal.broken;
  }

  /** Nothing is under way, and nobody waits for it to go on. */
  get idle(): boolean {
    return this.#journal.idle && this.#stopWaiting === undefined;
  }

  /** Roles of which each alone has to move for the protocol to go on. */
  owing(): Quiescence['owing'] {
    return this.#body.status === 'running' ? this.#session.quiescence().owing : [];
  }

  /** Waits for what is under way, and for nothing else any more. */
  async close(): Promise<void> {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    await this.quiet();
  }

  /** Everything that is possible now, and by whom. */
  expected(): readonly { readonly event: string; readonly role: string }[] {
    return this.#body.status === 'running' ? this.#session.expected() : [];
  }

  /** What a role may perform now. */
  async may(role: string): Promise<readonly string[]> {
    // What is judged and not durable yet nobody has heard.
    while (!this.#journal.idle) await this.quiet();
    return this.#body.status === 'running' ? this.#session.may(role) : [];
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
    const at = this.#now();
    // What may fail comes first: what was judged must get its place in the log.
    const secret = payload === undefined ? undefined : this.#seal(payload);
    const judged: Attempt =
      status === 'stopped'
        ? stoppedAttempt(role, event, sequence)
        : { ...this.#session.attempt(role, event), sequence };
    const hash = secret === undefined ? {} : { payload: secret.hash };
    const entries = [...entriesOfAttempt(judged, hash), ...(hasMoved(judged) ? this.#closing() : [])];
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
      await this.#commit(entries, at, changes);
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

  /** Begins to wait for the next event. */
  #wait(): void {
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    const { patience_seconds, status } = this.#body;
    if (patience_seconds === undefined || status !== 'running') return;
    this.#stopWaiting = this.#needs.clock.after(patience_seconds * 1000, () => {
      this.#stopWaiting = undefined;
      // A write that fails has it taken up again, and wait anew.
      this.#silence().catch(() => undefined);
    });
  }

  /** Nothing has happened for as long as was agreed. */
  async #silence(): Promise<void> {
    const quiescence = this.#session.quiescence();
    if (quiescence.kind === 'allowed' || this.#body.status !== 'running' || this.#journal.broken) return;
    const { conversation_id } = this.#body;
    const { owing, message } = quiescence;
    const [only] = owing;
    const at = this.#now();
    this.#needs.notifications.publish(this.#journal.stream, {
      conversation_id,
      sequence: this.log.size,
      at,
      kind: 'silent',
      owing,
      message,
    });
    countEvent(this.#needs.metrics, 'conversation', 'silent');
    if (this.#session.mode !== 'quarantine' || only === undefined || owing.length > 1 || only.role === ENVIRONMENT)
      return;
    if (this.#session.crashed.includes(only.role)) return; // Out already, and the protocol knows no way around it.
    const crash = this.#session.crash(only.role, 'in quarantine: silent');
    const performed: Entry[] = crash === undefined ? [] : [{ kind: 'event', role: crash.role, event: crash.event }];
    const quarantined: Entry = { kind: 'quarantined', role: only.role, reason: 'silent' };
    await this.#commit([quarantined, ...performed, ...this.#closing()], at, []);
    countEvent(this.#needs.metrics, 'conversation', 'quarantined');
  }

  /** The entry that ends the log, when the protocol has come to its end. */
  #closing(): readonly Entry[] {
    const { status } = this.#session;
    return status === 'running' ? [] : [{ kind: 'closed', reason: status }];
  }

  async #commit(entries: readonly Entry[], at: string, changes: readonly Change[]): Promise<void> {
    const { store } = this.#needs;
    const first = this.log.size;
    const leaves = entries.map((entry) => this.log.append(entry, at));
    this.#body = bodyAfter(this.#body, entries, at);
    const { conversation_id, status, protocol, protocol_id, name = null, created_at } = this.#body;
    // An attempt that is refused is no event.
    if (entries.some(({ kind }) => kind !== 'refusal')) this.#wait();
    const record: Change = {
      change: 'put',
      collection: CONVERSATIONS.name,
      id: conversation_id,
      fields: { status, protocol, protocol_id, name, created_at },
      body: this.#body,
    };
    try {
      await this.#journal.settle(store.commit([this.#journal.take(...leaves), record, ...changes]));
    } catch (cause) {
      // Where the platform itself waits or plays, perhaps nobody else asks again.
      const { patience_seconds, agents } = this.#body;
      if (this.#told > 0 && (patience_seconds !== undefined || agents !== undefined))
        this.#needs.takeUp(conversation_id);
      throw cause;
    }
    for (const [index, entry] of entries.entries()) this.#tell(entry, first + index, at);
    this.#told = first + entries.length;
  }

  #tell(entry: Entry, sequence: number, at: string): void {
    const { conversation_id } = this.#body;
    const told = entry.kind === 'opened' ? { kind: entry.kind, protocol: entry.protocol.name } : entry;
    this.#needs.notifications.publish(this.#journal.stream, { conversation_id, sequence, at, ...told });
  }

  #seal(payload: unknown): { hash: string; stored: Payload } {
    const salt = this.#needs.random.bytes(SALT_LENGTH);
    const hash = payloadHash((bytes) => this.#needs.hash.sha256(bytes), salt, payload);
    return { hash, stored: { salt: toBase64(salt), payload } };
  }

  #payloadChange(sequence: number, body: Payload): Change {
    const conversation = this.#body.conversation_id;
    return {
      change: 'put',
      collection: PAYLOADS.name,
      id: payloadId(conversation, sequence),
      fields: {},
      body,
    };
  }

  #now(): string {
    return timestamp(this.#needs.clock);
  }
}

function bodyAfter(body: ConversationBody, entries: readonly Entry[], at: string): ConversationBody {
  let { accepted, refused, unlawful = 0, status } = body;
  for (const entry of entries) {
    if (entry.kind === 'event') accepted++;
    else if (entry.kind === 'refusal') refused++;
    else if (entry.kind === 'unlawful') unlawful++;
    else if (entry.kind === 'closed') status = entry.reason;
  }
  return { ...body, accepted, refused, unlawful, status, updated_at: at };
}

/** What an attempt comes to in the log: itself, and what a quarantine adds. */
function entriesOfAttempt(judged: Attempt, hash: { readonly payload?: string }): Entry[] {
  const { role, event } = judged;
  if (judged.kind === 'accepted') return [{ kind: 'event', role, event, ...hash }];
  const { reason, expected } = judged;
  const what = { role, event, reason, expected, ...hash };
  if (judged.kind === 'unlawful') return [{ kind: 'unlawful', ...what }];
  const { quarantine } = judged;
  return [
    { kind: 'refusal', ...what },
    ...(quarantine === undefined ? [] : [{ kind: 'quarantined', role, reason: 'unlawful' } as const]),
    ...(quarantine?.crash === undefined ? [] : [{ kind: 'event', role, event: quarantine.crash } as const]),
  ];
}

/** Whether the protocol is somewhere else since. */
function hasMoved(judged: Attempt): boolean {
  return judged.kind === 'accepted' || (judged.kind === 'refused' && judged.quarantine?.crash !== undefined);
}

function opened<T>({ conversation_id }: ConversationBody, open: () => T): T {
  try {
    return open();
  } catch (error) {
    if (!(error instanceof LimitReached)) throw error;
    const message = `a role of ${conversation_id} sees more than ${LOCAL_NODE_COUNT_MAX} situations of the protocol`;
    throw fault('CSP-CNV-020', message, { cause: error });
  }
}

function stoppedAttempt(role: string, event: string, sequence: number): Attempt {
  const message = `the conversation was stopped: nobody may perform anything, ${event} neither`;
  return { kind: 'refused', role, event, sequence, reason: 'over', message, expected: [] };
}
